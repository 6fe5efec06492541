# ward: the few commands one types.  Meson and ninja do the work; each target says what it is for.
#
#   make start     get what is missing, build, and show ward on drawn samples (DIR=, PORT=, PORTAL_PORT=, STORE=postgresql)
#   make check     get what is missing, build, run all tests: "N passed, N failed"
#   make bench     measure, side by side with others
#   make fuzz      run every fuzz target for MINUTES= (default 1) each
#   make soak      what takes minutes, pages on a slow network; scan and serve for MINUTES= under load, watching memory
#   make install   PREFIX= (default /usr/local), DESTDIR=
#   make format, make tidy, make clean

PREFIX = /usr/local
DESTDIR =
MINUTES = 1
DIR = build/demo
PORT = 8750
PORTAL_PORT = 8780
STORE =
STAGES = plain

help:
	@sed -n 's/^#  //p' Makefile

build/build.ninja:
	CC="$${CC:-gcc}" meson setup build --prefix "$(PREFIX)"

build: build/build.ninja
	ninja -C build

start:
	tools/deps build demo $(if $(filter postgresql,$(STORE)),server)
	$(MAKE) build
	STORE="$(STORE)" tools/demo "$(DIR)" "127.0.0.1:$(PORT)" "127.0.0.1:$(PORTAL_PORT)"

check:
	tools/deps build test
	tools/check $(STAGES)

bench:
	tools/deps build bench
	$(MAKE) build
	bench/run

fuzz:
	tools/deps build fuzz
	tools/fuzz $(MINUTES)

soak: build
	tools/deps soak
	tools/check soak
	tools/soak $(MINUTES)
	tools/soak-icap

install:
	tools/deps build
	$(MAKE) build
	meson configure build --prefix "$(PREFIX)"
	DESTDIR="$(DESTDIR)" meson install -C build
	@# On this machine itself: the library is found at once, and the service has its user.
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then \
		ldconfig; \
		! command -v systemd-sysusers >/dev/null || systemd-sysusers; \
	fi

format:
	find src include tests bench examples -name '*.[ch]' -exec clang-format -i {} +

tidy:
	tools/deps build test
	tools/check sanitized deep

clean:
	rm -rf build build-sanitized build-fuzz

.PHONY: help build start check bench fuzz soak install format tidy clean
