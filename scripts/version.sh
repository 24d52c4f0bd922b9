# The version of the library and the names that its files have on this system. Sourced.
VERSION=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
ABI=$(sed -n 's/^#define TF_ABI_VERSION \([0-9]*\)u$/\1/p' include/tradeforge.h)
MAJOR=${VERSION%%.*}
MINOR=${VERSION#*.}
PATCH=${MINOR#*.}
MINOR=${MINOR%%.*}
# What the linker needs beside the static library: `rustc --print native-static-libs` says so.
case $(uname -s) in
  Darwin)
    BUILT_FILE=libtradeforge.dylib
    SHARED_FILE=libtradeforge.$ABI.$MINOR.$PATCH.dylib
    SONAME=libtradeforge.$ABI.dylib
    LINKS=("$SONAME" libtradeforge.dylib)
    SONAME_FLAG=-Wl,-install_name,@rpath/$SONAME
    SONAME_PROPERTY=
    NATIVE_LIBS='-framework Security -framework CoreFoundation -liconv -lSystem -lc -lm'
    ;;
  *)
    BUILT_FILE=libtradeforge.so
    SHARED_FILE=libtradeforge.so.$ABI.$MINOR.$PATCH
    SONAME=libtradeforge.so.$ABI
    LINKS=("$SONAME" libtradeforge.so)
    SONAME_FLAG=-Wl,-soname,$SONAME
    SONAME_PROPERTY="IMPORTED_SONAME $SONAME"
    NATIVE_LIBS='-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc'
    ;;
esac
