/*
 * `export --format pprof`: for `go tool pprof` and what else reads its files (pprof.proto). Its own
 * file as one output format.
 *
 * Two messages one behind the other are one message that has the fields of both: each part is
 * encoded alone, and the whole, of which the stacks may be millions, is never in memory.
 */
#include "analyzer/model/locations.h"
#include "analyzer/reports/export_metrics.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/text_numbers.h"
#include "analyzer/util/gzip_stream.h"
#include "analyzer/util/memory.h"

#include "analyzer/reports/pprof.pb-c.h"

#include <stdlib.h>
#include <string.h>

/* Texts of a sample's labels: thread, tid, process, pid, region. */
enum { LABEL_THREAD, LABEL_TID, LABEL_PROCESS, LABEL_PID, LABEL_REGION, LABEL_COUNT };

/* Holds no padding: key_table compares bytes. Texts by number. */
struct function_key {
    uint32_t name, file, line;
};

struct mapping_key {
    const char *path, *build_id;
};

struct writer {
    const struct profile *profile;
    struct gzip_stream *out;
    struct export_metrics metrics;
    struct locations locations;
    struct text_numbers texts;
    struct key_table *functions, *mappings;
    uint32_t function_count, mapping_count;
    int64_t label_keys[LABEL_COUNT];
    bool *used; /* by location */
    uint64_t *path;
    size_t path_capacity;
    uint8_t *packed;
    size_t packed_capacity;
};

static int64_t text_of(struct writer *writer, const char *text)
{
    return text != NULL ? text_numbers_of(&writer->texts, text) : 0;
}

static void write_part(struct writer *writer, const Pprof__Profile *part)
{
    const size_t size = pprof__profile__get_packed_size(part);

    if (size > writer->packed_capacity) {
        writer->packed_capacity = size * 2;
        writer->packed = memory_resize(writer->packed, writer->packed_capacity);
    }
    pprof__profile__pack(part, writer->packed);
    gzip_stream_write(writer->out, writer->packed, size);
}

/* The names that its users know; where it has none, ours. */
static const char *type_name(enum metric metric)
{
    switch (metric) {
    case METRIC_ALLOC_BYTES:
        return "alloc_space";
    case METRIC_ALLOC_COUNT:
        return "alloc_objects";
    case METRIC_LIVE_BYTES:
        return "inuse_space";
    case METRIC_LIVE_COUNT:
        return "inuse_objects";
    default:
        return metric_info(metric)->name;
    }
}

static void write_types(struct writer *writer)
{
    for (size_t i = 0; i < writer->metrics.count; i++) {
        const enum metric metric = writer->metrics.items[i];
        Pprof__ValueType type = PPROF__VALUE_TYPE__INIT;
        Pprof__ValueType *types = &type;
        Pprof__Profile part = PPROF__PROFILE__INIT;
        type.type = text_of(writer, type_name(metric));
        type.unit = text_of(writer, export_metrics_unit(metric));
        part.n_sample_type = 1;
        part.sample_type = &types;
        write_part(writer, &part);
    }
}

static void write_comment(struct writer *writer, const char *text)
{
    int64_t number = text_numbers_copy(&writer->texts, text);
    Pprof__Profile part = PPROF__PROFILE__INIT;

    part.n_comment = 1;
    part.comment = &number;
    write_part(writer, &part);
}

/* What figures are, what was left out, and what was lost. */
static void write_comments(struct writer *writer)
{
    const struct profile *profile = writer->profile;

    for (size_t i = 0; i < writer->metrics.count; i++) {
        const enum metric metric = writer->metrics.items[i];
        char *text = memory_printf("%s: %s", type_name(metric), metric_info(metric)->label);
        write_comment(writer, text);
        free(text);
    }
    if (profile->kept != NULL)
        write_comment(writer, profile->kept);
    if (profile->part != NULL)
        write_comment(writer, profile->part);
    for (size_t i = 0; i < profile->message_count; i++)
        write_comment(writer, profile->messages[i]);
}

static void write_times(struct writer *writer)
{
    Pprof__ValueType period = PPROF__VALUE_TYPE__INIT;
    Pprof__Profile part = PPROF__PROFILE__INIT;
    struct facts facts;

    facts_init(&facts, writer->profile);
    part.default_sample_type = text_of(writer, type_name(METRIC_CPU));
    part.duration_nanos = (int64_t)facts.wall_ns;
    if (facts.root != NULL) {
        part.time_nanos = (int64_t)facts.root->start_realtime_ns;
        part.period = (int64_t)facts.root->weight_unit_ns;
    }
    period.type = text_of(writer, type_name(METRIC_CPU));
    period.unit = text_of(writer, export_metrics_unit(METRIC_CPU));
    part.period_type = &period;
    write_part(writer, &part);
}

/* Outermost functions last, as the format wants them. */
static size_t path_of(struct writer *writer, uint32_t stack)
{
    size_t depth = 0;

    while (stack != STACK_NONE) {
        const struct located *at = &writer->locations.of_stack[stack];
        writer->path =
            memory_grow(writer->path, depth, &writer->path_capacity, sizeof(*writer->path));
        writer->path[depth++] = (uint64_t)at->location + 1;
        writer->used[at->location] = true;
        stack = at->caller;
    }
    return depth;
}

static size_t make_labels(struct writer *writer, const struct profile_place *place,
                          Pprof__Label *labels)
{
    const struct profile *profile = writer->profile;
    const struct profile_thread *thread = &profile->threads[place->thread];
    const struct profile_process *process = &profile->processes[thread->process];
    const bool in_region = place->region != REGION_NONE;

    for (int i = 0; i < LABEL_COUNT; i++) {
        pprof__label__init(&labels[i]);
        labels[i].key = writer->label_keys[i];
    }
    labels[LABEL_THREAD].str = text_of(writer, thread->name);
    labels[LABEL_TID].num = thread->tid;
    labels[LABEL_PROCESS].str = text_of(writer, process->comm);
    labels[LABEL_PID].num = process->pid;
    if (in_region)
        labels[LABEL_REGION].str = text_of(writer, profile->regions[place->region].path);
    return in_region ? LABEL_COUNT : LABEL_REGION;
}

static void write_sample(struct writer *writer, size_t entry)
{
    const struct entries *entries = &writer->profile->entries;
    int64_t values[METRIC_COUNT];
    Pprof__Label labels[LABEL_COUNT];
    Pprof__Label *label_list[LABEL_COUNT];
    Pprof__Sample sample = PPROF__SAMPLE__INIT;
    Pprof__Sample *samples = &sample;
    Pprof__Profile part = PPROF__PROFILE__INIT;
    bool any = false;

    for (size_t i = 0; i < writer->metrics.count; i++) {
        values[i] = entries_value(entries, entry, writer->metrics.items[i]);
        any = any || values[i] != 0;
    }
    if (!any)
        return;
    for (int i = 0; i < LABEL_COUNT; i++)
        label_list[i] = &labels[i];
    sample.n_label = make_labels(writer, &entries->places[entry], labels);
    sample.label = label_list;
    sample.n_value = writer->metrics.count;
    sample.value = values;
    sample.n_location_id = path_of(writer, entries->places[entry].stack);
    sample.location_id = writer->path;
    part.n_sample = 1;
    part.sample = &samples;
    write_part(writer, &part);
}

static void write_samples(struct writer *writer)
{
    static const char *const names[LABEL_COUNT] = {"thread", "tid", "process", "pid", "region"};

    for (int i = 0; i < LABEL_COUNT; i++)
        writer->label_keys[i] = text_of(writer, names[i]);
    for (size_t i = 0; i < writer->profile->entries.count; i++)
        write_sample(writer, i);
}

/* Addresses are the file's own: a mapping of all memory that begins at 0 tells its readers so. */
static uint64_t mapping_of(struct writer *writer, const char *path, const char *build_id)
{
    const struct mapping_key key = {path, build_id};
    Pprof__Mapping mapping = PPROF__MAPPING__INIT;
    Pprof__Mapping *mappings = &mapping;
    Pprof__Profile part = PPROF__PROFILE__INIT;

    if (path == NULL)
        return 0;
    mapping.id = (uint64_t)key_table_add(writer->mappings, &key, writer->mapping_count) + 1;
    if (mapping.id <= writer->mapping_count)
        return mapping.id;
    writer->mapping_count++;
    mapping.memory_limit = UINT64_MAX;
    mapping.filename = text_of(writer, path);
    mapping.build_id = text_of(writer, build_id);
    mapping.has_functions = mapping.has_filenames = true;
    mapping.has_line_numbers = mapping.has_inline_frames = true;
    part.n_mapping = 1;
    part.mapping = &mappings;
    write_part(writer, &part);
    return mapping.id;
}

/* Its readers take the first mapping for the program. */
static void write_main_mapping(struct writer *writer)
{
    const struct profile *profile = writer->profile;
    struct facts facts;

    facts_init(&facts, profile);
    for (size_t i = 0; i < profile->frame_count && facts.root != NULL; i++) {
        const struct frame *frame = &profile->frames[i];
        if (frame->module != NULL && facts.root->exe != NULL &&
            strcmp(frame->module, facts.root->exe) == 0) {
            mapping_of(writer, frame->module, frame->build_id);
            return;
        }
    }
}

static uint64_t function_of(struct writer *writer, const struct frame *frame)
{
    const struct function_key key = {(uint32_t)text_of(writer, frame->function),
                                     (uint32_t)text_of(writer, frame->file), frame->decl_line};
    Pprof__Function function = PPROF__FUNCTION__INIT;
    Pprof__Function *functions = &function;
    Pprof__Profile part = PPROF__PROFILE__INIT;

    function.id = (uint64_t)key_table_add(writer->functions, &key, writer->function_count) + 1;
    if (function.id <= writer->function_count)
        return function.id;
    writer->function_count++;
    function.name = function.system_name = key.name;
    function.filename = key.file;
    function.start_line = key.line;
    part.n_function = 1;
    part.function = &functions;
    write_part(writer, &part);
    return function.id;
}

static void write_location(struct writer *writer, uint32_t number)
{
    const struct location *items = writer->locations.items;
    const struct frame *frames = writer->profile->frames;
    const size_t count = (size_t)items[number].depth + 1;
    Pprof__Line *lines = memory_alloc(count * sizeof(*lines));
    Pprof__Line **list = memory_alloc(count * sizeof(*list));
    Pprof__Location location = PPROF__LOCATION__INIT;
    Pprof__Location *locations = &location;
    Pprof__Profile part = PPROF__PROFILE__INIT;
    const struct frame *leaf = &frames[items[number].frame];

    for (size_t i = 0, at = number; i < count; i++, at = items[at].outer) {
        const struct frame *frame = &frames[items[at].frame];
        pprof__line__init(&lines[i]);
        lines[i].function_id = function_of(writer, frame);
        lines[i].line = frame->line;
        list[i] = &lines[i];
    }
    location.id = (uint64_t)number + 1;
    location.mapping_id =
        leaf->kind != FRAME_MARK ? mapping_of(writer, leaf->module, leaf->build_id) : 0;
    location.address = leaf->address;
    location.n_line = count;
    location.line = list;
    part.n_location = 1;
    part.location = &locations;
    write_part(writer, &part);
    free(list);
    free(lines);
}

/* When all else is written: every text is known only then. */
static void write_texts(struct writer *writer)
{
    for (size_t i = 0; i < writer->texts.count; i++) {
        char *text = (char *)writer->texts.items[i];
        Pprof__Profile part = PPROF__PROFILE__INIT;
        part.n_string_table = 1;
        part.string_table = &text;
        write_part(writer, &part);
    }
}

static void writer_init(struct writer *writer, const struct profile *profile, FILE *out)
{
    *writer = (struct writer){.profile = profile,
                              .out = gzip_stream_new(out),
                              .metrics = export_metrics_of(profile, true),
                              .functions = key_table_new(sizeof(struct function_key)),
                              .mappings = key_table_new(sizeof(struct mapping_key))};
    locations_init(&writer->locations, profile);
    writer->used = memory_alloc(writer->locations.count + 1);
    text_numbers_init(&writer->texts);
    text_numbers_copy(&writer->texts, "");
}

static void writer_release(struct writer *writer)
{
    gzip_stream_finish(writer->out);
    locations_release(&writer->locations);
    text_numbers_release(&writer->texts);
    key_table_free(writer->functions);
    key_table_free(writer->mappings);
    free(writer->used);
    free(writer->path);
    free(writer->packed);
}

static int write_pprof(const struct profile *profile, const struct report_options *options,
                       FILE *out, struct problem *problem)
{
    struct writer writer;

    (void)options;
    (void)problem;
    writer_init(&writer, profile, out);
    write_types(&writer);
    write_comments(&writer);
    write_times(&writer);
    write_samples(&writer);
    write_main_mapping(&writer);
    for (uint32_t i = 0; i < writer.locations.count; i++)
        if (writer.used[i])
            write_location(&writer, i);
    write_texts(&writer);
    writer_release(&writer);
    return 0;
}

const struct report report_pprof = {
    .name = "pprof", .is_binary = true, .all_metrics = true, .write = write_pprof};
