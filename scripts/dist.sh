#!/usr/bin/env bash
# Packs the library for a user without Rust: target/tradeforge-VERSION-SYSTEM.tar.gz. Called by `make dist`.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/version.sh
name=tradeforge-$VERSION-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
DESTDIR=$folder PREFIX=/$name LIBDIR=/$name/lib INCLUDEDIR=/$name/include RELOCATABLE=1 scripts/install.sh
mkdir -p "$folder/$name/examples" "$folder/$name/docs"
cp -R examples/c/. "$folder/$name/examples/"
cp packaging/README.md "$folder/$name/"
cp packaging/examples.cmake "$folder/$name/examples/CMakeLists.txt"
cp LICENSE-MIT LICENSE-APACHE CHANGELOG.md "$folder/$name/"
cp docs/*.md "$folder/$name/docs/"
# The same bytes from the same commit.
tar -C "$folder" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" \
  -c "$name" | gzip -n9 >"target/$name.tar.gz"
echo "target/$name.tar.gz"
