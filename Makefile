# make demo   builds the library and runs the C quickstart on the embedded gateway
# make test   installs what the tests need and runs every test
# make build  the C library alone: target/release/libtradeforge.so and .a

CARGO ?= cargo
CC ?= cc
OUT := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)/release

.PHONY: all build demo test clean

all: build

build:
	$(CARGO) build --locked --release --lib --features capi,sim

$(OUT)/quickstart: examples/c/quickstart.c include/tradeforge.h build
	$(CC) -std=c99 -O2 -g -Wall -Wextra -Iinclude $< -o $@ -L$(OUT) -ltradeforge -Wl,-rpath,$(OUT)

demo: $(OUT)/quickstart
	TS_ENVIRONMENT=SIM $(OUT)/quickstart

test:
	CARGO='$(CARGO)' MAKE='$(MAKE)' OUT='$(OUT)' scripts/test.sh

clean:
	$(CARGO) clean
