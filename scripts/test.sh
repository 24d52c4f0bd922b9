#!/usr/bin/env bash
# Every check and every test, in the order in which they fail fastest. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
MAKE=${MAKE:-make}
OUT=${OUT:-target/release}

# A thousand clients and their simulator in one process take more than many systems give at first.
ulimit -n 8192 2>/dev/null || true

# Settings of the person who runs the tests must not decide how they end.
for name in $(compgen -e | grep '^TS_' || true); do unset "$name"; done

step() { printf '\n== %s\n' "$*"; }

# A part of the Rust toolchain that a minimal installation lacks.
component() {
  if "$CARGO" "$1" --version >/dev/null 2>&1; then return 0; fi
  if [ -n "${TF_REQUIRE_TOOLS:-}" ]; then echo "cargo $1 is not installed" >&2; exit 1; fi
  echo "skipped: cargo $1 is not installed"
  return 1
}

step tools
scripts/install-test-tools.sh

step format
if component fmt; then "$CARGO" fmt --all --check; fi

step lints
if component clippy; then
  "$CARGO" clippy --locked --all-features --all-targets -- -D warnings
  for features in "" capi sim cli; do
    "$CARGO" clippy --locked --no-default-features --features "$features" -- -D warnings
  done
fi

step documentation
RUSTDOCFLAGS=-Dwarnings "$CARGO" doc --locked --no-deps --all-features --document-private-items

step tests
"$CARGO" test --locked --all-features

step demo
"$MAKE" demo
if command -v valgrind >/dev/null; then
  TS_ENVIRONMENT=SIM valgrind -q --leak-check=full --errors-for-leak-kinds=definite,possible \
    --error-exitcode=99 "$OUT/quickstart"
  echo "the demo is clean under valgrind"
elif [ -n "${TF_REQUIRE_TOOLS:-}" ]; then
  echo "valgrind is not installed" >&2
  exit 1
else
  echo "skipped: valgrind is not installed"
fi

step packages
CARGO="$CARGO" MAKE="$MAKE" OUT="$OUT" scripts/test-packages.sh

step "all passed"
