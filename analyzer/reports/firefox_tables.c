/*
 * Frames and stacks for the Firefox Profiler. Its own file because threads only refer to them.
 *
 * Every table is an object of columns of equal length. Rows of stacks are the profile's, less the
 * empty one; rows of frames are locations.
 */
#include "analyzer/reports/firefox_tables.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_ADDRESS (UINT64_C(1) << 53) /* what a number holds there; kernels are above */
#define RESOURCE_LIBRARY 1

/* Keys hold no padding: key_table compares bytes. */
struct function_key {
    uint32_t name, source, library, line;
};

struct symbol_key {
    uint32_t library, name;
};

struct builder {
    struct firefox_tables *tables;
    struct key_table *libraries, *functions, *symbols;
};

static uint32_t library_of(struct builder *builder, const struct frame *frame)
{
    struct firefox_tables *tables = builder->tables;
    const struct firefox_library library = {frame->module, frame->build_id};

    if (frame->module == NULL || frame->kind == FRAME_MARK)
        return FIREFOX_NONE;
    const uint32_t number =
        key_table_add(builder->libraries, &library, (uint32_t)tables->library_count);
    if (number == tables->library_count) {
        tables->libraries = memory_grow(tables->libraries, tables->library_count,
                                        &tables->library_capacity, sizeof(library));
        tables->libraries[tables->library_count++] = library;
    }
    return number;
}

static uint32_t function_of(struct builder *builder, const struct frame *frame, uint32_t library)
{
    struct firefox_tables *tables = builder->tables;
    const struct function_key key = {
        text_numbers_of(&tables->texts, frame->function),
        frame->file != NULL ? text_numbers_of(&tables->sources, frame->file) : FIREFOX_NONE,
        library, frame->decl_line};
    const uint32_t number =
        key_table_add(builder->functions, &key, (uint32_t)tables->function_count);

    if (number == tables->function_count) {
        tables->functions = memory_grow(tables->functions, tables->function_count,
                                        &tables->function_capacity, sizeof(*tables->functions));
        tables->functions[tables->function_count++] =
            (struct firefox_function){key.name, key.source, key.library, key.line};
    }
    return number;
}

static uint32_t symbol_of(struct builder *builder, const struct frame *frame, uint32_t library)
{
    struct firefox_tables *tables = builder->tables;

    if (library == FIREFOX_NONE)
        return FIREFOX_NONE;
    const struct symbol_key key = {library, text_numbers_of(&tables->texts, frame->function)};
    const uint32_t number = key_table_add(builder->symbols, &key, (uint32_t)tables->symbol_count);
    if (number == tables->symbol_count) {
        tables->symbols = memory_grow(tables->symbols, tables->symbol_count,
                                      &tables->symbol_capacity, sizeof(*tables->symbols));
        tables->symbols[tables->symbol_count++] =
            (struct firefox_symbol){library, key.name, frame->address};
    }
    if (frame->address < tables->symbols[number].address)
        tables->symbols[number].address = frame->address;
    return number;
}

/* The symbol is that of the function into which all else is inlined. */
static void place_location(struct builder *builder, size_t number)
{
    struct firefox_tables *tables = builder->tables;
    const struct location *location = &tables->locations.items[number];
    const struct frame *frame = &tables->profile->frames[location->frame];
    const uint32_t library = library_of(builder, frame);

    tables->function_of[number] = function_of(builder, frame, library);
    tables->symbol_of[number] = location->outer != LOCATION_NONE
                                    ? tables->symbol_of[location->outer]
                                    : symbol_of(builder, frame, library);
}

void firefox_tables_init(struct firefox_tables *tables, const struct profile *profile)
{
    struct builder builder = {.tables = tables,
                              .libraries = key_table_new(sizeof(struct firefox_library)),
                              .functions = key_table_new(sizeof(struct function_key)),
                              .symbols = key_table_new(sizeof(struct symbol_key))};

    *tables = (struct firefox_tables){.profile = profile};
    locations_init(&tables->locations, profile);
    text_numbers_init(&tables->texts);
    text_numbers_init(&tables->sources);
    const size_t count = tables->locations.count + 1;
    tables->function_of = memory_alloc(count * sizeof(*tables->function_of));
    tables->symbol_of = memory_alloc(count * sizeof(*tables->symbol_of));
    for (size_t i = 0; i < tables->locations.count; i++)
        place_location(&builder, i);
    key_table_free(builder.libraries);
    key_table_free(builder.functions);
    key_table_free(builder.symbols);
}

void firefox_tables_release(struct firefox_tables *tables)
{
    locations_release(&tables->locations);
    text_numbers_release(&tables->texts);
    text_numbers_release(&tables->sources);
    free(tables->libraries);
    free(tables->functions);
    free(tables->symbols);
    free(tables->function_of);
    free(tables->symbol_of);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* The first 16 bytes of a build-id as a GUID, whose first three numbers are of the other byte
 * order, and an age of 0: what servers of symbols call it. */
static void write_debug_id(struct json *json, const char *build_id)
{
    static const unsigned char order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char text[34];

    memset(text, '0', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (size_t i = 0; i < 16 && build_id != NULL && strlen(build_id) >= 32; i++)
        for (size_t digit = 0; digit < 2; digit++) {
            const char c = build_id[(size_t)order[i] * 2 + digit];
            text[i * 2 + digit] = (char)(c >= 'a' ? c - 'a' + 'A' : c);
        }
    json_string(json, "breakpadId", text);
}

void firefox_tables_write_libraries(struct firefox_tables *tables, struct json *json)
{
    json_array_begin(json, "libs");
    for (size_t i = 0; i < tables->library_count; i++) {
        const struct firefox_library *library = &tables->libraries[i];
        json_object_begin(json, NULL);
        json_string(json, "arch", "");
        json_text(json, "name", base_name(library->path));
        json_text(json, "path", library->path);
        json_text(json, "debugName", base_name(library->path));
        json_text(json, "debugPath", library->path);
        write_debug_id(json, library->build_id);
        json_string(json, "codeId", library->build_id);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_number(struct json *json, uint32_t number)
{
    if (number != FIREFOX_NONE)
        json_uint(json, NULL, number);
    else
        json_null(json, NULL);
}

static void write_zeros(struct json *json, const char *key, size_t count)
{
    json_array_begin(json, key);
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, 0);
    json_array_end(json);
}

static void write_nulls(struct json *json, const char *key, size_t count)
{
    json_array_begin(json, key);
    for (size_t i = 0; i < count; i++)
        json_null(json, NULL);
    json_array_end(json);
}

static void write_falses(struct json *json, const char *key, size_t count)
{
    json_array_begin(json, key);
    for (size_t i = 0; i < count; i++)
        json_bool(json, NULL, false);
    json_array_end(json);
}

static void begin_table(struct json *json, const char *key, size_t length)
{
    json_object_begin(json, key);
    json_uint(json, "length", length);
}

static void write_stacks(const struct firefox_tables *tables, struct json *json)
{
    const struct profile *profile = tables->profile;

    begin_table(json, "stackTable", profile->stack_count - 1);
    json_array_begin(json, "frame");
    for (size_t i = STACK_NONE + 1; i < profile->stack_count; i++)
        json_uint(json, NULL, tables->locations.of_stack[i].location);
    json_array_end(json);
    json_array_begin(json, "prefix");
    for (size_t i = STACK_NONE + 1; i < profile->stack_count; i++)
        firefox_tables_write_stack(json, NULL, profile->stacks[i].parent);
    json_array_end(json);
    json_object_end(json);
}

void firefox_tables_write_stack(struct json *json, const char *key, uint32_t stack)
{
    if (stack != STACK_NONE)
        json_uint(json, key, stack - 1);
    else
        json_null(json, key);
}

static enum firefox_category category_of(const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_NATIVE:
        return FIREFOX_PROGRAM;
    case FRAME_INLINED:
        return FIREFOX_INLINED;
    case FRAME_KERNEL:
        return FIREFOX_KERNEL;
    case FRAME_MARK:
        break;
    }
    return profile_is_off_mark(frame->function) ? FIREFOX_WAITING : FIREFOX_OTHER;
}

static const struct frame *frame_of(const struct firefox_tables *tables, size_t location)
{
    return &tables->profile->frames[tables->locations.items[location].frame];
}

static void write_addresses(const struct firefox_tables *tables, struct json *json)
{
    json_array_begin(json, "address");
    for (size_t i = 0; i < tables->locations.count; i++) {
        const struct frame *frame = frame_of(tables, i);
        if (frame->kind == FRAME_MARK || frame->address >= LARGEST_ADDRESS)
            json_int(json, NULL, -1);
        else
            json_uint(json, NULL, frame->address);
    }
    json_array_end(json);
}

static void write_frame_places(const struct firefox_tables *tables, struct json *json)
{
    const size_t count = tables->locations.count;

    json_array_begin(json, "category");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, category_of(frame_of(tables, i)));
    json_array_end(json);
    json_array_begin(json, "line");
    for (size_t i = 0; i < count; i++) {
        const uint32_t line = frame_of(tables, i)->line;
        write_number(json, line != 0 ? line : FIREFOX_NONE);
    }
    json_array_end(json);
}

static void write_frames(const struct firefox_tables *tables, struct json *json)
{
    const size_t count = tables->locations.count;

    begin_table(json, "frameTable", count);
    write_addresses(tables, json);
    json_array_begin(json, "inlineDepth");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, tables->locations.items[i].depth);
    json_array_end(json);
    write_frame_places(tables, json);
    write_zeros(json, "subcategory", count);
    json_array_begin(json, "func");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, tables->function_of[i]);
    json_array_end(json);
    json_array_begin(json, "nativeSymbol");
    for (size_t i = 0; i < count; i++)
        write_number(json, tables->symbol_of[i]);
    json_array_end(json);
    write_zeros(json, "innerWindowID", count);
    write_nulls(json, "column", count);
    json_object_end(json);
}

/* Libraries and resources have the same numbers. */
static void write_functions(const struct firefox_tables *tables, struct json *json)
{
    const size_t count = tables->function_count;

    begin_table(json, "funcTable", count);
    json_array_begin(json, "name");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, tables->functions[i].name);
    json_array_end(json);
    write_falses(json, "isJS", count);
    write_falses(json, "relevantForJS", count);
    json_array_begin(json, "resource");
    for (size_t i = 0; i < count; i++)
        json_int(json, NULL,
                 tables->functions[i].library != FIREFOX_NONE
                     ? (int64_t)tables->functions[i].library
                     : -1);
    json_array_end(json);
    json_array_begin(json, "source");
    for (size_t i = 0; i < count; i++)
        write_number(json, tables->functions[i].source);
    json_array_end(json);
    json_array_begin(json, "lineNumber");
    for (size_t i = 0; i < count; i++)
        write_number(json,
                     tables->functions[i].line != 0 ? tables->functions[i].line : FIREFOX_NONE);
    json_array_end(json);
    write_nulls(json, "columnNumber", count);
    json_object_end(json);
}

static void write_resources(struct firefox_tables *tables, struct json *json)
{
    const size_t count = tables->library_count;

    begin_table(json, "resourceTable", count);
    json_array_begin(json, "lib");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, i);
    json_array_end(json);
    json_array_begin(json, "name");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL,
                  text_numbers_copy(&tables->texts, base_name(tables->libraries[i].path)));
    json_array_end(json);
    write_nulls(json, "host", count);
    json_array_begin(json, "type");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, RESOURCE_LIBRARY);
    json_array_end(json);
    json_object_end(json);
}

static void write_symbols(const struct firefox_tables *tables, struct json *json)
{
    const size_t count = tables->symbol_count;

    begin_table(json, "nativeSymbols", count);
    json_array_begin(json, "libIndex");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, tables->symbols[i].library);
    json_array_end(json);
    json_array_begin(json, "address");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL,
                  tables->symbols[i].address < LARGEST_ADDRESS ? tables->symbols[i].address : 0);
    json_array_end(json);
    json_array_begin(json, "name");
    for (size_t i = 0; i < count; i++)
        json_uint(json, NULL, tables->symbols[i].name);
    json_array_end(json);
    write_nulls(json, "functionSize", count);
    json_object_end(json);
}

static void write_sources(struct firefox_tables *tables, struct json *json)
{
    begin_table(json, "sources", tables->sources.count);
    write_nulls(json, "uuid", tables->sources.count);
    json_array_begin(json, "filename");
    for (size_t i = 0; i < tables->sources.count; i++)
        json_uint(json, NULL, text_numbers_copy(&tables->texts, tables->sources.items[i]));
    json_array_end(json);
    json_object_end(json);
}

void firefox_tables_write_shared(struct firefox_tables *tables, struct json *json)
{
    json_object_begin(json, "shared");
    write_stacks(tables, json);
    write_frames(tables, json);
    write_functions(tables, json);
    write_resources(tables, json);
    write_symbols(tables, json);
    write_sources(tables, json);
    json_array_begin(json, "stringArray");
    for (size_t i = 0; i < tables->texts.count; i++)
        json_string(json, NULL, tables->texts.items[i]);
    json_array_end(json);
    json_object_end(json);
}
