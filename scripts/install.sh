#!/usr/bin/env bash
# Installs the C library. Called by `make install` and `make dist`, which build it first.
#   OUT         where the built libraries are
#   PREFIX      where they will be found, /usr/local unless set; LIBDIR and INCLUDEDIR below it
#   DESTDIR     put in front of every path that is written, for packages
#   RELOCATABLE the pkg-config file finds its prefix by its own place
set -euo pipefail
cd "$(dirname "$0")/.."
OUT=${OUT:-target/release}
PREFIX=${PREFIX:-/usr/local}
LIBDIR=${LIBDIR:-$PREFIX/lib}
INCLUDEDIR=${INCLUDEDIR:-$PREFIX/include}
DESTDIR=${DESTDIR:-}
source scripts/version.sh

prefix=$PREFIX
[ -z "${RELOCATABLE:-}" ] || prefix=$(realpath -m --relative-to="$LIBDIR/pkgconfig" "$PREFIX" | sed 's|^|${pcfiledir}/|')

# A path of a pkg-config file, below the prefix where it is.
below() { case $1 in "$PREFIX"/*) echo "\${prefix}/${1#"$PREFIX"/}" ;; *) echo "$1" ;; esac; }

fill() {
  sed -e "s|@PREFIX@|$prefix|" -e "s|@LIBDIR@|$(below "$LIBDIR")|" -e "s|@INCLUDEDIR@|$(below "$INCLUDEDIR")|" \
    -e "s|@VERSION@|$VERSION|" -e "s|@MAJOR@|$MAJOR|" -e "s|@MINOR@|$MINOR|" \
    -e "s|@NATIVE_LIBS@|$NATIVE_LIBS|" -e "s|@NATIVE_LIBS_CMAKE@|${NATIVE_LIBS// /;}|" \
    -e "s|@SHARED_FILE@|$SHARED_FILE|" -e "s|@SONAME_PROPERTY@|$SONAME_PROPERTY|" \
    -e "s|@INCLUDE_FROM_LIB@|$(realpath -m --relative-to="$LIBDIR" "$INCLUDEDIR")|" "$1" >"$2"
  chmod 644 "$2"
}

lib=$DESTDIR$LIBDIR
install -d "$lib/pkgconfig" "$lib/cmake/TradeForge" "$DESTDIR$INCLUDEDIR"
install -m 644 include/tradeforge.h "$DESTDIR$INCLUDEDIR/"
install -m 755 "$OUT/$BUILT_FILE" "$lib/$SHARED_FILE"
for link in "${LINKS[@]}"; do ln -sf "$SHARED_FILE" "$lib/$link"; done
install -m 644 "$OUT/libtradeforge.a" "$lib/"
fill packaging/tradeforge.pc.in "$lib/pkgconfig/tradeforge.pc"
fill packaging/TradeForgeConfig.cmake.in "$lib/cmake/TradeForge/TradeForgeConfig.cmake"
fill packaging/TradeForgeConfigVersion.cmake.in "$lib/cmake/TradeForge/TradeForgeConfigVersion.cmake"
