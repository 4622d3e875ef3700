# Huiyin. `make run` and `make test` are all that most people need; `make help` lists the rest.
# Objects go under B; ROOMS picks the rooms that are compiled (all of them by default).
B        ?= build
CC       ?= gcc
ROOMS    ?= base flow process store engine delivery server handlers main
CFLAGS   ?= -O2 -g
WARN     := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
HARDEN   := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2 -U_FORTIFY_SOURCE
PKGS     := libwebsockets libcurl sqlite3 libpcre2-8 libfyaml jansson expat libcrypto libsodium libutf8proc libqrencode libpng libpq
PKG_C     = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_L     = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -lpthread
ALL_C     = $(WARN) $(CFLAGS) -fstack-protector-strong -Iinclude -Igateway -I$(B)/gen $(PKG_C) -MMD -MP
SRC      := $(foreach r,$(filter-out main handlers,$(ROOMS)),$(wildcard gateway/$(r)/*.c)) \
            $(if $(filter handlers,$(ROOMS)),$(wildcard handlers/*.c)) \
            $(if $(filter main,$(ROOMS)),$(filter-out gateway/main.c,$(wildcard gateway/*.c)))
OBJ      := $(patsubst %.c,$(B)/obj/%.o,$(SRC))
UNIT     := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
SAN      := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
PROGRAMS := vectors talks understanding understand_flow

ifdef SANITIZE
CFLAGS += $(SAN) -O1
endif
ifdef CRASH
CFLAGS += -DHUIYIN_CRASH_POINTS
endif
ifdef TSAN
CFLAGS += -fsanitize=thread -O1
endif

.DEFAULT_GOAL := all
.PHONY: faults crash-test alloc-test tsan kill-test cluster-test fuzz bench bench-grown all run test setup setup-test help unit check-all clean
help:
	@sed -n 's/^## //p' Makefile
## make run        install what is missing, build, start on loopback with embedded SQLite
run: setup
	@$(MAKE) --no-print-directory all
	@test -e huiyin.yaml || $(B)/huiyin init
	@exec $(B)/huiyin serve

## make test       install what is missing, build, run every test (sanitized), with short campaigns
test: setup-test
	@$(MAKE) --no-print-directory -j2 all programs $(B)/bare_lws $(B)/fill_store $(B)/turns
	@$(MAKE) --no-print-directory -j2 B=build/asan SANITIZE=1 all programs units
	@$(MAKE) --no-print-directory -j2 faults B=build
	@$(MAKE) --no-print-directory -j2 B=build/crash CRASH=1 all
	@sh tests/run.sh

setup:
	@sh gateway/install/setup.sh run
setup-test:
	@sh gateway/install/setup.sh test

all: $(B)/huiyin
programs: $(addprefix $(B)/,$(PROGRAMS))
faults: $(B)/fault/alloc.so $(B)/fault/clock.so $(B)/fault/tomorrow $(B)/fault/tomorrow-alone
units: $(addprefix $(B)/unit/,$(UNIT))
$(B)/libhuiyin.a: $(OBJ)
	@rm -f $@
	@ar rcs $@ $^
$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(ALL_C) -c $< -o $@
$(B)/huiyin: $(B)/obj/gateway/main.o $(B)/libhuiyin.a
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $^ -o $@ $(PKG_L)
$(B)/%: tests/%.c $(B)/libhuiyin.a
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(ALL_C) $< -o $@ $(B)/libhuiyin.a $(PKG_L)
$(B)/%: tests/bench/%.c $(B)/libhuiyin.a
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(ALL_C) $< -o $@ $(B)/libhuiyin.a $(PKG_L)
# One cmocka program a file: tests/unit/test_x.c. `make unit T=x SANITIZE=1 B=build/asan` builds and runs one.
$(B)/unit/%: tests/unit/%.c $(B)/libhuiyin.a
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(ALL_C) -Itests -Itests/unit $< $(wildcard $(patsubst tests/unit/test_%.c,tests/unit/%_help.c,$<)) -o $@ $(B)/libhuiyin.a $(PKG_L) -lcmocka
unit: $(addprefix $(B)/unit/,$(if $(T),test_$(T),$(UNIT)))
	@for t in $^; do echo "== $$t"; $$t || exit 1; done
# What the fault tests put before a program (LD_PRELOAD).
$(B)/fault/%.so: tests/fault/%.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) -shared -fPIC -std=c11 -Wall -Wextra -Werror -O2 $< -o $@
# The program of tomorrow, whose schema is one step further: one that today's can live with, and one that it cannot.
$(B)/fault/tomorrow: LEAST = 1
$(B)/fault/tomorrow-alone: LEAST = 1 + $(words $(shell grep -o '{up_[0-9]*' gateway/store/schema.c))
$(B)/fault/tomorrow $(B)/fault/tomorrow-alone: tests/fault/tomorrow.sed gateway/store/schema.c $(B)/huiyin
	@mkdir -p $(@D)
	@echo "  LD $@"
	@sed -f $< gateway/store/schema.c >$@.c
	@$(CC) $(ALL_C) -DSCHEMA_LEAST='$(LEAST)' $@.c $(B)/obj/gateway/main.o $(B)/libhuiyin.a -o $@ $(PKG_L)
-include gateway/web/web.mk
-include $(OBJ:.o=.d) $(B)/obj/gateway/main.d $(wildcard $(B)/unit/*.d) $(wildcard $(B)/*.d)

## make kill-test  KILLS=500: kill -9 under load, then compare what was acknowledged with what is there
KILLS ?= 500
kill-test: all
	@/usr/bin/python3 tests/e2e/kill.py $(KILLS)
## make crash-test CRASHES=50: killed at every named point of the sources, so many times, on three channels
CRASHES ?= 50
crash-test:
	@$(MAKE) --no-print-directory -j2 B=build/crash CRASH=1 all
	@HUIYIN=$(CURDIR)/build/crash/huiyin /usr/bin/python3 tests/e2e/crash_points.py $(CRASHES)
## make alloc-test every allocation fails once, in five scenarios (half an hour); slow clients; clock jumps
alloc-test: all faults
	@/usr/bin/python3 tests/e2e/alloc.py 0
	@/usr/bin/python3 tests/e2e/slow.py
	@/usr/bin/python3 tests/e2e/clock.py
## make cluster-test SECONDS=300: two databases, three gateways and HAProxy in namespaces of their own (root); machines are
##                 killed, links cut, the standby promoted; then what was acknowledged is compared with what is there
cluster-test: setup-test all
	@/usr/bin/python3 tests/e2e/cluster.py $(if $(filter command,$(firstword $(origin SECONDS))),$(SECONDS),300)
## make fuzz       TIME=600: every parser and the conversation under libFuzzer, so many seconds each
TIME ?= 600
fuzz: setup-test
	@sh tests/fuzz/run.sh $(TIME)
## make bench      wrk against the gateway and against a bare server; writes build/bench.json, docs/benchmarks.md;
##                 STORE=postgres: SQLite beside PostgreSQL with one, two and three gateways
SECONDS ?= 10
STORE   ?= sqlite
bench: all $(B)/bare_lws $(B)/fill_store
	@STORE= /usr/bin/python3 tests/bench/bench.py --seconds $(SECONDS) --store $(STORE)

## make bench-grown CONTACTS=10000000: what the hot statements cost with so many contacts and cases, beside ten thousand; both
##                 stores, or STORE=postgres, STORE=sqlite; needs 4 KB of disk a contact and 20 minutes; writes docs/benchmarks.md
CONTACTS ?= 10000000
bench-grown: all $(B)/fill_store $(B)/turns
	@BUILD=$(CURDIR)/$(B) STORE= /usr/bin/python3 tests/bench/grown.py --contacts $(CONTACTS) \
		--store $(if $(filter command,$(firstword $(origin STORE))),$(STORE),both)

## make tsan       the threads under ThreadSanitizer: Twilio, web chat and several gateways end to end
tsan: setup-test
	@$(MAKE) --no-print-directory -j2 B=build/tsan TSAN=1 build/tsan/huiyin
	@rm -f build/tsan/report*; for t in twilio chat many; do HUIYIN=$(CURDIR)/build/tsan/huiyin TSAN_OPTIONS=log_path=$(CURDIR)/build/tsan/report \
		/usr/bin/python3 tests/e2e/$$t.py || exit 1; done; ! ls build/tsan/report* 2>/dev/null

## make format     clang-format over the tree
format:
	@clang-format -i $$(git ls-files '*.c' '*.h')
## make layers     the include lines point one way only
layers:
	@sh tests/layers.sh
## make clean      removes what was built (never state/ or huiyin.yaml)
clean:
	rm -rf build
