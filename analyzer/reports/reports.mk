# What reports need beyond C: the encoder of pprof's files, made from their description under
# BUILD/made.

BASE_CFLAGS += -I$(BUILD)/made
ANALYZER_LIBS += -lprotobuf-c
PPROF = $(BUILD)/made/analyzer/reports/pprof.pb-c
ANALYZER_OBJECTS += $(BUILD)/obj/analyzer/reports/pprof.pb-c.o

$(PPROF).c $(PPROF).h &: analyzer/reports/pprof.proto analyzer/reports/reports.mk
	$(call say,PROTO,$<)
	$(Q)protoc-c --c_out=$(BUILD)/made $<

$(BUILD)/obj/analyzer/reports/pprof.pb-c.o: $(PPROF).c
	$(call say,CC,$<)
	$(Q)$(CC) $(BASE_CFLAGS) $(DEPENDENCIES) $(CFLAGS) -c -o $@ $<

$(BUILD)/obj/tests/unit/test_exports.o $(BUILD)/obj/analyzer/reports/export_pprof.o $(BUILD)/lint/analyzer/reports/export_pprof.tidy: $(PPROF).h
