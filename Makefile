# profinject: `make help` lists what can be made.
#
# Everything lands under BUILD. Sources are found by wildcard: a new module needs
# no line here. CFLAGS, CXXFLAGS and LDFLAGS are the user's and come last.

BUILD = build
PREFIX = /usr/local
WERROR = -Werror
V = 0
Q = $(if $(filter 1,$(V)),,@)
# First line of a recipe: what is done to what, and the directory for it.
say = @mkdir -p $(@D)$(if $(filter 1,$(V)),,; printf '  %-5s %s\n' $(1) $(2))

BASE_CFLAGS = -std=gnu11 -D_GNU_SOURCE -I. -O2 -g -Wall -Wextra $(WERROR)
LIBRARY_CFLAGS = $(BASE_CFLAGS) -fPIC -fvisibility=hidden -ftls-model=initial-exec -DPROFINJECT_BUILDING
PROGRAM_CFLAGS = -D_GNU_SOURCE -O1 -g -Wall -Wextra $(WERROR)
DEPENDENCIES = -MMD -MP

ANALYZER_LIBS = -ldwarf -lelf -llzma -lzstd -lz -liberty -lm
# The library must bring nothing but libc into its target's symbol scope: zstd is
# linked in and hidden, libunwind is opened at run time.
LIBRARY_LDFLAGS = -shared -Wl,-z,now -Wl,-z,separate-code -Wl,-z,relro -Wl,-z,nodelete -Wl,--no-undefined -Wl,--exclude-libs,ALL
LIBRARY_LIBS = -l:libzstd.a

CONTRACT_SOURCES := $(wildcard preload/contract/*.c preload/resources/*.c)
LIBRARY_SOURCES := $(wildcard preload/*.c) $(CONTRACT_SOURCES)
ANALYZER_SOURCES := $(wildcard analyzer/*/*.c) $(CONTRACT_SOURCES)
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
PROGRAM_SOURCES := $(wildcard tests/programs/*.c tests/programs/*.cc)
SOURCES := $(sort $(LIBRARY_SOURCES) $(ANALYZER_SOURCES))
FORMATTED = $(sort $(SOURCES) $(HEADERS) $(PROGRAM_SOURCES) $(wildcard tests/*/*.[ch]))
HEADERS := $(wildcard preload/*.h preload/*/*.h analyzer/*/*.h tests/unit/*.h tests/programs/*.h)
ASSETS := $(wildcard analyzer/reports/*.js analyzer/reports/*.css)
SCRIPTS := $(wildcard scripts/* .ci/run)

LIBRARY_OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/obj/pic/%.o)
ANALYZER_OBJECTS := $(ANALYZER_SOURCES:%.c=$(BUILD)/obj/%.o)
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/%)
PROGRAMS := $(patsubst %plugin,%plugin.so,$(patsubst %preload_other,%preload_other.so,\
	$(addprefix $(BUILD)/programs/,$(notdir $(basename $(PROGRAM_SOURCES)))))) \
	$(addprefix $(BUILD)/programs/,spin_nopie spin_stripped races heap_trace large_trace resource_trace sample_trace cut_trace tell_records)

all: $(BUILD)/libprofinject.so $(BUILD)/profinject ## the library and the analyzer (default)
include analyzer/reports/reports.mk analyzer/page/page.mk analyzer/commands/completion.mk tests/fuzz/fuzz.mk

$(BUILD)/libprofinject.so: $(LIBRARY_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LIBRARY_LDFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARY_LIBS)

$(BUILD)/profinject: $(ANALYZER_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(ANALYZER_LIBS)

$(BUILD)/obj/pic/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)$(CC) $(LIBRARY_CFLAGS) $(DEPENDENCIES) $(CFLAGS) -c -o $@ $<

$(BUILD)/obj/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)$(CC) $(BASE_CFLAGS) $(DEPENDENCIES) $(CFLAGS) -c -o $@ $<

$(BUILD)/obj/analyzer/reports/assets.o: $(ASSETS)

# --- tests ---------------------------------------------------------------------

# A unit test links to both sides as archives, so that it takes only what it
# names. libc stands before the library's archive: otherwise malloc would be
# taken from there and every test would run on the hooks.
$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/obj/analyzer.a $(BUILD)/obj/library.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/obj/analyzer.a -lcriterion \
		$(ANALYZER_LIBS) -lc $(BUILD)/obj/library.a $(LIBRARY_LIBS)

$(BUILD)/obj/analyzer.a: $(filter-out %/commands/main.o,$(ANALYZER_OBJECTS))
$(BUILD)/obj/library.a: $(LIBRARY_OBJECTS)
$(BUILD)/obj/%.a:
	$(Q)rm -f $@ && $(AR) rcs $@ $^

unit: $(UNIT_TESTS)
programs: $(PROGRAMS)
$(PROGRAMS): $(wildcard tests/programs/*.h)

$(BUILD)/programs/%.so: tests/programs/%.c Makefile
	$(call say,CC,$<)
	$(Q)$(CC) -std=gnu11 $(PROGRAM_CFLAGS) -fPIC -shared $(CFLAGS) -o $@ $<

$(BUILD)/programs/%.so: tests/programs/%.cc Makefile
	$(call say,CXX,$<)
	$(Q)$(CXX) -std=gnu++17 $(PROGRAM_CFLAGS) -fPIC -shared $(CXXFLAGS) -o $@ $<

$(BUILD)/programs/%: tests/programs/%.c Makefile
	$(call say,CC,$<)
	$(Q)$(CC) -std=gnu11 $(PROGRAM_CFLAGS) $(CFLAGS) -o $@ $< -lm

$(BUILD)/programs/%: tests/programs/%.cc Makefile
	$(call say,CXX,$<)
	$(Q)$(CXX) -std=gnu++17 $(PROGRAM_CFLAGS) $(CXXFLAGS) -o $@ $<

$(BUILD)/programs/spin_nopie: tests/programs/spin.c Makefile
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 $(PROGRAM_CFLAGS) $(CFLAGS) -fno-pie -no-pie -o $@ $<

$(BUILD)/programs/spin_stripped: $(BUILD)/programs/spin
	$(Q)strip -s -o $@ $<

# The lock-free parts alone under the thread sanitizer, with a program of their own:
# Criterion does not start under it.
RACES_SOURCES = tests/stress/races.c preload/bell.c preload/modules.c preload/pages.c preload/ring.c preload/stack_table.c $(CONTRACT_SOURCES)
$(BUILD)/programs/races: $(RACES_SOURCES) $(HEADERS) Makefile
	$(call say,CC,$@)
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -fsanitize=thread -o $@ $(RACES_SOURCES) $(LIBRARY_LIBS)

$(addprefix $(BUILD)/programs/,heap_trace large_trace resource_trace sample_trace): $(BUILD)/programs/%: tests/stress/%.c
$(BUILD)/programs/cut_trace $(BUILD)/programs/tell_records: $(BUILD)/programs/%: tests/reader/%.c $(BUILD)/obj/analyzer.a
$(addprefix $(BUILD)/programs/,heap_trace large_trace resource_trace sample_trace cut_trace tell_records): tests/unit/trace_maker.h Makefile
	$(call say,CC,$@)
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -o $@ $(filter %.c %.a,$^) $(ANALYZER_LIBS)

# The unit tests, and the analyzer they are linked with, run under the address and
# undefined-behaviour sanitizers; the command tests run the ordinary build.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
sanitize: ## unit tests and analyzer with sanitizers, under BUILD/sanitize
	+$(Q)$(MAKE) BUILD=$(BUILD)/sanitize CFLAGS="$(SANITIZE) $(CFLAGS)" $(BUILD)/sanitize/profinject unit

coverage: ## unit tests with gcov: lines covered, per file
	+$(Q)$(MAKE) BUILD=$(BUILD)/coverage CFLAGS="--coverage $(CFLAGS)" unit
	$(Q)sh scripts/run-tests $(BUILD)/coverage/tests
	$(Q)find $(BUILD)/coverage/obj -name '*.gcda' | xargs gcov -n 2>/dev/null | \
		sed -n "N; s/^File '\(.*\)'\nLines executed:\(.*\)/\2  \1/p" | grep -v /usr/ | sort -n

# For what clang says and links, of unit tests for what it says; the tests do not run it, and at -O0 it takes two thirds of the time.
clang: ## everything once more with clang, under BUILD/clang
	+$(Q)$(MAKE) BUILD=$(BUILD)/clang CC=clang CXX=clang++ \
		CFLAGS="-O0 -Wno-unknown-attributes $(CFLAGS)" CXXFLAGS="-O0 -Wno-unknown-attributes -fsized-deallocation $(CXXFLAGS)" all programs $(UNIT_SOURCES:%.c=$(BUILD)/clang/obj/%.o)

check: all programs $(BUILD)/obj/library.a sanitize clang fuzz lint ## every test and every check that CI runs
	$(Q)BUILD=$(BUILD) JOBS=$${JOBS-2} sh scripts/run-tests tests/hostile tests/commands tests $(BUILD)/sanitize/tests

stress: all programs fuzz ## long loops; ROW=5: one row of the matrix, PART=forks: of the others what matches
	$(Q)BUILD=$(BUILD) HOSTILE_ROUNDS=20 sh scripts/run-stress "$(ROW)" "$(PART)"

matrix: all programs ## the hostile-process matrix, 20 rounds, into tests/hostile/README.md; ROW=5: one row
	$(Q)BUILD=$(BUILD) python3 tests/hostile/matrix.py $(ROW:%=tests/hostile/row_$(shell printf %02d $(ROW))_*.bats)
bench: all programs ## compare with other profilers: 25 minutes, QUICK=1: 3
	$(Q)BUILD=$(BUILD) CC="$(CC)" CFLAGS="$(PROGRAM_CFLAGS) $(CFLAGS)" sh scripts/run-bench

# --- lint ----------------------------------------------------------------------

lint: lint-format lint-tidy lint-cppcheck lint-scripts ## the static checks alone

lint-format:
	$(Q)clang-format --dry-run -Werror $(FORMATTED)

lint-tidy: $(SOURCES:%.c=$(BUILD)/lint/%.tidy)
$(BUILD)/lint/%.tidy: %.c $(HEADERS) .clang-tidy
	$(call say,TIDY,$<)
	$(Q)clang-tidy --quiet $(TIDY_FLAGS) $< -- $(BASE_CFLAGS) 2>/dev/null && touch $@
# xxhash is inlined there, and asked by the checker about null pointers nobody passes.
$(BUILD)/lint/preload/contract/trace_chunk.tidy: TIDY_FLAGS = --checks=-clang-analyzer-core.N*

# Left to the compilers and clang-tidy, which follow out parameters between files:
# uninitialised variables. Arithmetic shifts of signed values are part of GNU C.
CPPCHECK_SUPPRESS = $(addprefix --suppress=,missingIncludeSystem uninitvar ctuuninitvar legacyUninitvar \
	shiftTooManyBitsSigned)
lint-cppcheck:
	$(call say,CHECK,cppcheck)
	@mkdir -p $(BUILD)/lint/cppcheck
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--inline-suppr $(CPPCHECK_SUPPRESS) --cppcheck-build-dir=$(BUILD)/lint/cppcheck \
		-I. preload analyzer

lint-scripts:
	$(Q)shellcheck $(SCRIPTS)

format: ## apply .clang-format
	$(Q)clang-format -i $(FORMATTED)

# --- use -----------------------------------------------------------------------

demo: all ## profile a compilation of the analyzer, end in a page for the browser
	$(Q)BUILD=$(BUILD) sh scripts/run-demo

install: all ## to DESTDIR and PREFIX
	install -D -m 755 $(BUILD)/profinject $(DESTDIR)$(PREFIX)/bin/profinject
	install -D -m 644 $(BUILD)/libprofinject.so $(DESTDIR)$(PREFIX)/lib/profinject/libprofinject.so
	install -D -m 644 preload/profinject.h $(DESTDIR)$(PREFIX)/include/profinject.h
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/profinject analyzer/reports/*.schema.json

clean: ## remove BUILD
	rm -rf $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile tests/fuzz/fuzz.mk
	@echo 'variables: BUILD PREFIX DESTDIR CC CFLAGS LDFLAGS V=1 WERROR= JOBS=1'

.PHONY: all unit programs sanitize coverage clang check stress matrix bench lint lint-format lint-tidy lint-cppcheck \
	lint-scripts format demo install clean help
.SECONDARY:
-include $(LIBRARY_OBJECTS:.o=.d) $(ANALYZER_OBJECTS:.o=.d) \
	$(UNIT_SOURCES:%.c=$(BUILD)/obj/%.d)
