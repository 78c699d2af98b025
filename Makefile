# ringback: `make help` lists the targets.  Everything built goes to build/.

FLAVOUR    ?= plain
B          := build/$(FLAVOUR)
prefix     ?= /usr
sysconfdir ?= /etc
bindir      = $(prefix)/bin
sbindir     = $(prefix)/sbin
mandir      = $(prefix)/share/man
docdir      = $(prefix)/share/doc/ringback
unitdir     = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
VERSION     = 0.1.0

# ---- what it is built with ------------------------------------------------
CC         ?= gcc
CXX        ?= g++
OPT        ?= -O2 -g
WARN        = -Wall -Wextra -Wpedantic -Wshadow -Wpointer-arith -Wformat=2 \
	      -Wundef -Wcast-qual -Wswitch-enum -Wconversion -Wvla
WARN_C      = $(WARN) -Wstrict-prototypes -Wmissing-prototypes \
	      -Wold-style-definition -Wwrite-strings
HARDEN      = -fstack-protector-strong -fPIE
ifneq ($(filter -O1 -O2 -O3,$(OPT)),)
HARDEN     += -D_FORTIFY_SOURCE=2
endif
ifeq ($(FLAVOUR),asan)
OPT         = -O1 -g
HARDEN      = -fPIE -fsanitize=address,undefined -fno-sanitize-recover=all \
	      -fno-omit-frame-pointer
LINKMODE    = -fsanitize=address,undefined
endif
ifeq ($(FLAVOUR),fuzz)
CC          = clang-14
CXX         = clang++-14
OPT         = -O1 -g
HARDEN      = -fsanitize=fuzzer-no-link,address,undefined \
	      -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer
LINKMODE    = -fsanitize=address,undefined
FUZZ_MAIN   = $(B)/tests/fuzz/entry.c.o -fsanitize=fuzzer
endif
LINKMODE   ?= -Wl,-z,relro,-z,now
ifdef DEVELOPER
WARN       += -Werror
endif
DAEMON_PKGS = libevent libevent_openssl hiredis uuid jansson libconfuse libical \
	      libsystemd openssl zlib
CLIENT_PKGS = libcurl jansson smartcols
TEST_PKGS   = criterion
# Asked once, when the Makefile is read: `make deps` re-reads it by a new make.
pkg         = $(shell pkg-config $(1) $(2) 2>/dev/null)
PKG_CFLAGS := $(call pkg,--cflags,$(DAEMON_PKGS) $(CLIENT_PKGS))
CPPFLAGS   += -D_GNU_SOURCE -DRINGBACK_VERSION='"$(VERSION)"' -I. -I$(B) \
	      $(PKG_CFLAGS)
CFLAGS     += -std=c11 $(OPT) $(WARN_C) $(HARDEN)
CXXFLAGS   += -std=c++17 $(OPT) $(WARN) -Wno-unused-parameter $(HARDEN)
LDFLAGS    += -pie $(LINKMODE)
DAEMON_LIBS := $(call pkg,--libs,$(DAEMON_PKGS)) -lphonenumber -lstdc++
CLIENT_LIBS := $(call pkg,--libs,$(CLIENT_PKGS)) -lcsv
TEST_LIBS   = $(DAEMON_LIBS) $(CLIENT_LIBS) $(call pkg,--libs,$(TEST_PKGS)) -lm

# ---- what there is: each folder's files, found by name ---------------------
DAEMON_C   := $(sort $(wildcard daemon/*.c daemon/*/*.c))
DAEMON_CC  := $(sort $(wildcard daemon/*/*.cc))
LUA        := $(sort $(wildcard daemon/store/lua/*.lua))
CLIENT_C   := $(sort $(wildcard client/*.c))
obj         = $(patsubst %,$(B)/%.o,$(1))
DAEMON_O   := $(call obj,$(DAEMON_C) $(DAEMON_CC)) $(B)/library_lua.o
CLIENT_O   := $(call obj,$(CLIENT_C))
# The tests link all of a program but its main.
DAEMON_PARTS = $(filter-out $(B)/daemon/main.c.o,$(DAEMON_O))
CLIENT_PARTS = $(filter-out $(B)/client/main.c.o,$(CLIENT_O))
# A folder of tests is one program: tests/unit/*.c -> build/plain/test-unit
SUITES     := unit store client api system
HARNESS_O  := $(call obj,$(sort $(wildcard tests/harness/*.c)))
# The fuzz targets of a program; what runs them is libFuzzer or replay.c.
FUZZ_BINS  := $(B)/fuzz-daemon $(B)/fuzz-client
FUZZ_MAIN  ?= $(B)/tests/fuzz/replay.c.o
SUITE_BINS := $(foreach s,$(SUITES),$(if $(wildcard tests/$(s)/*.c),$(B)/test-$(s)))
DEPFILES    = $(shell find $(B) -name '*.d' 2>/dev/null)
MANS       := $(sort $(wildcard client/*.1 daemon/*.8 conf/*.[578]))
# Builds in parallel also where nobody asked for it.
AGAIN       = $(MAKE) --no-print-directory $(if $(V),,-s) \
	      $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all help deps run check check-asan check-asterisk check-valgrind suites \
	fuzz lint format format-check \
	torture torture-checker install uninstall clean

all: $(B)/ringbackd $(B)/ringback

help:
	@echo 'make run         install what is missing, build, start a demonstration'
	@echo 'make check       build and pass all tests (check-asan: under sanitizers)'
	@echo 'make check-valgrind  a part of them under valgrind'
	@echo 'make check-asterisk  calls through a real Asterisk (ASTERISK_ROOT=folder)'
	@echo 'make torture     SECONDS=60 SEED=n MODE=single|takeover|sentinel|cluster: the contract'
	@echo '                 under kills, freezes, cuts; torture-checker: can it fail?'
	@echo 'make all         build ringbackd and ringback into $(B)'
	@echo 'make deps        install what is missing (apt-get; says what)'
	@echo 'make fuzz        every fuzz target for FUZZ_SECONDS=60 (TARGETS="conf json")'
	@echo 'make lint        static analysis, floors, shell and manual pages'
	@echo 'make format      clang-format over all C (format-check: only say where)'
	@echo 'make install     into DESTDIR=$(DESTDIR) prefix=$(prefix); and uninstall'
	@echo 'make clean       remove build/'

# ---- rules: a line a file; V=1 shows the whole commands ---------------------
quiet = $(if $(V),,@echo '  $(1) $@';)
$(B)/%.c.o: %.c Makefile
	@mkdir -p $(@D)
	$(call quiet,CC )$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.cc.o: %.cc Makefile
	@mkdir -p $(@D)
	$(call quiet,CXX)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# States and moves are written once, in states.def; this is Lua's copy.
$(B)/states.lua: daemon/policy/states.def Makefile
	@mkdir -p $(@D)
	@{ echo 'local states = { moves = {} }'; \
	  sed -n -e 's/^STATE(\([A-Z]*\), *\("[a-z]*"\)).*/states.\1 = \2 states.moves[\2] = {}/p' \
	         -e 's/^MOVE(\([A-Z]*\), *\([A-Z]*\)).*/states.moves[states.\1][states.\2] = true/p' $<; } > $@

# The function library is one text, compiled in, so that it cannot be missing.
# What is local to a file stays so: Lua allows 200 locals in one block.  It
# knows its own version and hash: a daemon asks for them.
$(B)/library.body: $(B)/states.lua $(LUA) Makefile
	@{ cat $(B)/states.lua $(firstword $(LUA)); \
	  for f in $(wordlist 2,$(words $(LUA)),$(LUA)); do \
	    echo do; cat $$f; echo end; done; } > $@

$(B)/library.lua: $(B)/library.body
	@{ echo '#!lua name=ringback1'; \
	  echo "local library_version = '$(VERSION) $$(sha256sum < $< | cut -c1-16)'"; \
	  cat $<; } > $@

define library_c
	@{ echo '#include "daemon/store/library.h"'; \
	  echo 'const char library_text[] = {'; \
	  od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; echo '0 };'; \
	  echo "const char library_hash[] = \"$$(tail -n +3 $< | sha256sum | cut -c1-16)\";"; } > $@
endef
$(B)/library_lua.c: $(B)/library.lua
	$(library_c)

$(B)/library_lua.o: $(B)/library_lua.c Makefile
	$(call quiet,CC )$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-overflow -Wno-conversion -c -o $@ $<

$(B)/ringbackd: $(DAEMON_O)
	$(call quiet,LD )$(CC) $(LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

$(B)/ringback: $(CLIENT_O)
	$(call quiet,LD )$(CC) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

define suite
$(B)/test-$(1): $(call obj,$(sort $(wildcard tests/$(1)/*.c))) $(HARNESS_O) \
		$(if $(filter client,$(1)),$$(CLIENT_PARTS),$$(DAEMON_PARTS))
	$$(call quiet,LD )$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(TEST_LIBS)
endef
$(foreach s,$(SUITES),$(eval $(call suite,$(s))))

# Preloaded by tests: no part of any program, and not built as one.
$(B)/test-system: | $(B)/clock_shift.so
$(B)/clock_shift.so: tests/preload/clock_shift.c Makefile
	@mkdir -p $(@D)
	$(call quiet,LD )$(CC) $(CPPFLAGS) -std=c11 -O2 $(WARN_C) -Wno-pedantic -fPIC -shared -o $@ $< -ldl

# For the tests with a real Asterisk.
$(B)/pbx-tool: $(call obj,tests/asterisk/tool.c) $(HARNESS_O) $(DAEMON_PARTS)
	$(call quiet,LD )$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

# Puts the daemon of a test into the sandbox of its unit.
$(B)/sandbox: $(call obj,tests/sandbox/launch.c)
	$(call quiet,LD )$(CC) $(LDFLAGS) -o $@ $^ -lseccomp

# The client's targets answer in the daemon's place: no request leaves.
FUZZ_WRAPS  = $(foreach f,ask_do ask_wait call_start call_is_done call_status \
	      call_take call_drop,-Xlinker --wrap=$(f))
define fuzz
$(B)/fuzz-$(1): $(call obj,$(sort $(wildcard tests/fuzz/$(1)/*.c)) tests/fuzz/fuzz.c) \
		$(filter %.o,$(FUZZ_MAIN)) $(2)
	$$(call quiet,LD )$$(CC) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) \
	    $(filter-out %.o,$(FUZZ_MAIN)) $(3)
endef
$(eval $(call fuzz,daemon,$$(DAEMON_PARTS),-Xlinker --wrap=access_ask \
    $$(DAEMON_LIBS) -lm))
$(eval $(call fuzz,client,$$(CLIENT_PARTS),$$(FUZZ_WRAPS) $$(CLIENT_LIBS)))

# Not a suite: it runs as long as it is told to.
$(B)/torture: $(call obj,$(sort $(wildcard tests/torture/*.c))) $(HARNESS_O) \
		$(DAEMON_PARTS)
	$(call quiet,LD )$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

# Daemons with a library that was spoilt on purpose: the checker's own test.
MUTANTS    := $(sort $(patsubst tests/torture/mutants/%.sed,%,$(wildcard tests/torture/mutants/*.sed)))
$(B)/mutants/%/library.lua: tests/torture/mutants/%.sed $(B)/library.lua
	@mkdir -p $(@D)
	@sed -f $^ > $@
	@! cmp -s $@ $(B)/library.lua || { echo '$<: changes nothing' >&2; exit 1; }
$(B)/mutants/%/library_lua.c: $(B)/mutants/%/library.lua
	$(library_c)
$(B)/mutants/%/library_lua.o: $(B)/mutants/%/library_lua.c Makefile
	$(call quiet,CC )$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-overflow -Wno-conversion -c -o $@ $<
$(B)/mutants/%/ringbackd: $(B)/mutants/%/library_lua.o $(DAEMON_O)
	$(call quiet,LD )$(CC) $(LDFLAGS) -o $@ $(filter-out $(B)/library_lua.o,$^) $(DAEMON_LIBS)
.SECONDARY: $(foreach m,$(MUTANTS),$(addprefix $(B)/mutants/$(m)/,library.lua library_lua.c library_lua.o))

-include $(DEPFILES)

# ---- run, check, lint -----------------------------------------------------------
deps:
	@sh tests/deps.sh run

run:
	@sh tests/deps.sh run
	@$(AGAIN) all
	@sh tests/demo/run.sh $(B)

check:
	@sh tests/deps.sh run check
	@$(AGAIN) all suites
	@sh tests/check.sh $(B)

# Sanitizers and valgrind need calls that the daemon does not.
suites: $(SUITE_BINS) $(FUZZ_BINS) $(B)/torture $(if $(filter plain,$(FLAVOUR)),$(B)/sandbox)

check-asan:
	@$(MAKE) --no-print-directory FLAVOUR=asan check

check-valgrind:
	@sh tests/deps.sh run check valgrind
	@$(AGAIN) all suites
	@sh tests/valgrind.sh $(B)

# Debian 12 has no Asterisk, so this is no part of check: it takes the one of
# ASTERISK_ROOT, or /usr/sbin/asterisk, or makes a folder with Debian sid's.
check-asterisk:
	@sh tests/deps.sh run check asterisk
	@$(AGAIN) all $(B)/pbx-tool
	@ASTERISK_ROOT='$(ASTERISK_ROOT)' sh tests/asterisk/run.sh $(B)

# FUZZ_SECONDS of each target, or of those named in TARGETS.
FUZZ_SECONDS ?= 60
fuzz:
	@sh tests/deps.sh run fuzz
	@$(AGAIN) FLAVOUR=fuzz build/fuzz/fuzz-daemon build/fuzz/fuzz-client
	@sh tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS) $(TARGETS)

# The same seed, the same plan of faults and loads.
torture:
	@sh tests/deps.sh run check
	@$(AGAIN) all $(B)/torture
	@SECONDS='$(SECONDS)' SEED='$(SEED)' MODE='$(MODE)' WAIT='$(WAIT)' $(B)/torture

torture-checker:
	@sh tests/deps.sh run check
	@$(AGAIN) all $(B)/torture $(foreach m,$(MUTANTS),$(B)/mutants/$(m)/ringbackd)
	@sh tests/torture/checker.sh $(B) $(MUTANTS)

lint:
	@sh tests/deps.sh run check lint
	@$(AGAIN) all
	@sh tests/lint.sh $(B)
lint: export LINT_CPPFLAGS = $(CPPFLAGS)

FORMATTED   = $(DAEMON_C) $(CLIENT_C) \
	      $(wildcard daemon/*.h daemon/*/*.h client/*.h tests/*/*.c tests/*/*.h \
	      tests/fuzz/*/*.c tests/fuzz/*/*.h)
format:
	clang-format -i $(FORMATTED)
format-check:
	clang-format --dry-run -Werror $(FORMATTED)

# ---- install: all that belongs to the system; configuration is never replaced ----
D           = $(DESTDIR)
install: all
	install -d $(D)$(sbindir) $(D)$(bindir) $(D)$(unitdir) $(D)$(sysusersdir) \
	    $(D)$(tmpfilesdir) $(D)$(docdir)/examples/kamailio $(D)$(sysconfdir)/ringback \
	    $(D)$(prefix)/lib/ringback
	install -m 755 $(B)/ringbackd $(D)$(sbindir)
	install -m 755 $(B)/ringback $(D)$(bindir)
	install -m 755 conf/alert-mail $(D)$(prefix)/lib/ringback
	install -m 644 README.md $(D)$(docdir)
	install -m 644 conf/ringback.conf.example $(D)$(docdir)/examples
	install -m 644 conf/kamailio/* $(D)$(docdir)/examples/kamailio
	for m in $(MANS); do d=$(D)$(mandir)/man$${m##*.}; \
	    install -d $$d && install -m 644 $$m $$d || exit 1; done
	for u in systemd/*.service; do \
	    sed -e 's,/usr/sbin/ringbackd,$(sbindir)/ringbackd,' \
	        -e 's,/etc/ringback,$(sysconfdir)/ringback,' $$u \
	        > $(D)$(unitdir)/$${u##*/} || exit 1; done
	install -m 644 systemd/ringback.sysusers $(D)$(sysusersdir)/ringback.conf
	install -m 644 systemd/ringback.tmpfiles $(D)$(tmpfilesdir)/ringback.conf
	test -e $(D)$(sysconfdir)/ringback/ringback-redis.conf || install -m 644 \
	    conf/ringback-redis.conf $(D)$(sysconfdir)/ringback
	@echo 'Installed$(if $(D), in $(D)). What comes next: README.md, "Use it".'

# What an administrator wrote, and what customers are owed, stays.
uninstall:
	rm -f $(D)$(sbindir)/ringbackd $(D)$(bindir)/ringback \
	    $(D)$(sysusersdir)/ringback.conf $(D)$(tmpfilesdir)/ringback.conf \
	    $(foreach u,$(wildcard systemd/*.service),$(D)$(unitdir)/$(notdir $(u))) \
	    $(foreach m,$(MANS),$(D)$(mandir)/man$(subst .,,$(suffix $(m)))/$(notdir $(m)))
	rm -rf $(D)$(docdir) $(D)$(prefix)/lib/ringback
	@echo 'Left in place: $(D)$(sysconfdir)/ringback, and what ringback made:' \
	    'the data in $(D)/var/lib/ringback-redis, its users and groups.'

clean:
	rm -rf build
