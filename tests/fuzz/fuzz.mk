# libFuzzer targets: `make fuzz` builds them under BUILD/fuzz, with all that they reach.

FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzzers/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZED := $(filter analyzer/trace/% analyzer/load/% analyzer/model/% analyzer/symbols/% \
	analyzer/util/% analyzer/record/dead_ring.c analyzer/record/oom.c analyzer/record/process_end.c \
	preload/contract/% preload/resources/%,$(ANALYZER_SOURCES))
FUZZ_CC = clang
FUZZ_CFLAGS = -Wno-unknown-attributes -O1 -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer

fuzz: ## fuzz targets of tests/fuzz, under BUILD/fuzz
	+$(Q)$(MAKE) BUILD=$(BUILD)/fuzz CC="$(FUZZ_CC)" CFLAGS="$(FUZZ_CFLAGS)" fuzzers

fuzzers: $(FUZZERS)

$(BUILD)/obj/fuzzed.a: $(FUZZED:%.c=$(BUILD)/obj/%.o)

$(BUILD)/fuzzers/%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/obj/fuzzed.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $< $(BUILD)/obj/fuzzed.a $(ANALYZER_LIBS)

-include $(FUZZERS:$(BUILD)/fuzzers/%=$(BUILD)/obj/tests/fuzz/fuzz_%.d)
.PHONY: fuzz fuzzers
