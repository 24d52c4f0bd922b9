#!/usr/bin/env bash
# Installs the library and unpacks the tarball, and uses both as a C user does: by pkg-config and by CMake, shared and
# static. Called by scripts/test.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
MAKE=${MAKE:-make}
CC=${CC:-cc}
OUT=${OUT:-target/release}
source scripts/version.sh
for tool in cmake pkg-config; do
  command -v "$tool" >/dev/null && continue
  if [ -n "${TF_REQUIRE_TOOLS:-}" ]; then echo "$tool is not installed" >&2; exit 1; fi
  echo "skipped: $tool is not installed"
  exit 0
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { echo "packages: $*" >&2; exit 1; }

# Runs a quickstart on the embedded gateway, in a folder without settings.
trade() { (cd "$folder" && TS_ENVIRONMENT=SIM "$@" | grep '^8 closed: 0 threads left' >/dev/null) || fail "$* did not end as it should"; }

# The library in a prefix, as a package of a system has it: built for one place, put into another.
check_install() {
  "$MAKE" -s install DESTDIR="$folder/root" PREFIX=/opt/forge LIBDIR=/opt/forge/lib/deep >/dev/null
  local lib=$folder/root/opt/forge/lib/deep
  [ -f "$lib/$SHARED_FILE" ] && [ ! -L "$lib/$SHARED_FILE" ] || fail "$SHARED_FILE is missing"
  for link in "${LINKS[@]}"; do [ "$(readlink "$lib/$link")" = "$SHARED_FILE" ] || fail "$link leads elsewhere"; done
  if command -v readelf >/dev/null; then
    readelf -d "$lib/$SHARED_FILE" | grep -q "SONAME.*\[$SONAME\]" || fail "the shared library does not call itself $SONAME"
  fi
  export PKG_CONFIG_PATH=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$folder/root
  [ "$(pkg-config --modversion tradeforge)" = "$VERSION" ] || fail "pkg-config tells another version"
  # shellcheck disable=SC2046
  "$CC" -std=c99 examples/c/quickstart.c -o "$folder/shared" $(pkg-config --cflags --libs tradeforge) -Wl,-rpath,"$lib"
  trade "$folder/shared"
  mkdir "$folder/static-only"
  cp "$lib/libtradeforge.a" "$folder/static-only"
  # shellcheck disable=SC2046
  "$CC" -std=c99 -DTF_STATIC examples/c/quickstart.c -o "$folder/static" $(pkg-config --cflags tradeforge) \
    -L"$folder/static-only" $(pkg-config --static --libs-only-l --libs-only-other tradeforge)
  trade "$folder/static"
  unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
  echo "packages: installed, linked by pkg-config, shared and static"
}

# What rustc says the static library needs is what the packages say.
check_native_libraries() {
  local said
  said=$(cat "$OUT/native-static-libs")
  [ "$said" = "$NATIVE_LIBS" ] || fail "the static library needs '$said', not '$NATIVE_LIBS'"
}

# The tarball by the commands of its own README, at two places.
check_tarball() {
  local tarball name
  tarball=$("$MAKE" -s dist | tail -1)
  name=$(basename "$tarball" .tar.gz)
  tar -C "$folder" -xzf "$tarball"
  mv "$folder/$name" "$folder/moved here"
  sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$folder/moved here/README.md" >"$folder/commands"
  [ "$(grep -c quickstart "$folder/commands")" -ge 3 ] || fail "the README of the tarball has no commands"
  # A folder with a space is what users have; unquoted $PWD in the README would break there.
  ln -s "$folder/moved here" "$folder/moved"
  (cd "$folder/moved" && bash -eu "$folder/commands") >"$folder/log" 2>&1 || { cat "$folder/log"; fail "the README of the tarball does not run"; }
  [ "$(grep -c '^8 closed: 0 threads left' "$folder/log")" = 2 ] || { cat "$folder/log"; fail "the quickstart of the tarball did not trade"; }
  trade "$folder/moved/build/quickstart_static"
  if command -v ldd >/dev/null && ldd "$folder/moved/build/quickstart_static" | grep -q libtradeforge; then
    fail "the static program needs the shared library"
  fi
  echo "packages: the tarball alone builds and runs by pkg-config and CMake, shared and static"
}

check_install
check_tarball
check_native_libraries
