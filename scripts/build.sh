#!/usr/bin/env bash
# Builds the shared and the static library with the name that programs look for. Called by `make build`.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
OUT=${OUT:-target/release}
source scripts/version.sh
"$CARGO" rustc --locked --release --lib --crate-type cdylib,staticlib --features capi,sim -- \
  -C "link-arg=$SONAME_FLAG" --print "native-static-libs=$OUT/native-static-libs"
# So that programs that are linked here also start here.
ln -sf "$BUILT_FILE" "$OUT/$SONAME"
