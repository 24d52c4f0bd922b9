# make demo   builds the library and runs the C quickstart on the embedded gateway
# make test   installs what the tests need and runs every test
# make chaos  an hour of storms: everything goes wrong while a client trades; CHAOS_SECONDS=3600
# make bench  measures what docs/PERFORMANCE.md tells; the instruction counts need valgrind
# make build  the C library alone: target/release/libtradeforge.so and .a
# make install PREFIX=/usr/local DESTDIR=   header, libraries, pkg-config file and CMake package
# make dist   a tarball for users without Rust: target/tradeforge-*.tar.gz

CARGO ?= cargo
CC ?= cc
OUT := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)/release

.PHONY: all bench build chaos demo test install dist clean

all: build

build:
	CARGO='$(CARGO)' OUT='$(OUT)' scripts/build.sh

$(OUT)/quickstart: examples/c/quickstart.c include/tradeforge.h build
	$(CC) -std=c99 -O2 -g -Wall -Wextra -Iinclude $< -o $@ -L$(OUT) -ltradeforge -Wl,-rpath,$(OUT)

demo: $(OUT)/quickstart
	TS_ENVIRONMENT=SIM $(OUT)/quickstart

install: build
	OUT='$(OUT)' PREFIX='$(PREFIX)' LIBDIR='$(LIBDIR)' INCLUDEDIR='$(INCLUDEDIR)' DESTDIR='$(DESTDIR)' scripts/install.sh

dist: build
	OUT='$(OUT)' scripts/dist.sh

bench: build
	strip -o '$(OUT)/stripped' '$(OUT)/libtradeforge.so' && wc -c '$(OUT)/stripped'
	$(CARGO) bench --locked --features bench --bench streams
	CARGO='$(CARGO)' scripts/count-instructions.sh

test:
	CARGO='$(CARGO)' MAKE='$(MAKE)' OUT='$(OUT)' scripts/test.sh

CHAOS_SECONDS ?= 3600

chaos:
	TF_CHAOS_SECONDS='$(CHAOS_SECONDS)' $(CARGO) test --locked --all-features --test chaos -- --nocapture memory_is_flat

clean:
	$(CARGO) clean
