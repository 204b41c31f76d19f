/*
 * Naming of places. Its own file because it alone stands between the loader and
 * the symbolizer, and decides what is shown where there is no name.
 */
#include "analyzer/load/symbol_frames.h"

#include "analyzer/load/kernel_names.h"
#include "analyzer/load/made_frames.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/progress.h"
#include "analyzer/util/template_lists.h"
#include "analyzer/util/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Missing symbols are told when they cost this share of all samples: every
 * system has stripped libraries, and most do not matter. */
#define WORTH_TELLING 0.05

/* Places of one image, as the symbolizer wants to be asked. */
struct batch {
    const struct code_image *image;
    struct symbol_query *queries; /* sorted by address once resolved */
    size_t count;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* "[libfoo.so+0x1234]", "[vdso+0x1234]", "[unknown module+0x7f1234]": where the
 * function starts, so that all of it has one name, or the address itself. */
static const char *placeholder_name(const struct code_image *image, uint64_t address,
                                    struct strings *strings)
{
    const char *name = image->path != NULL ? base_name(image->path) : "unknown module";
    bool bracketed = name[0] == '[' && strchr(name, ']') != NULL;
    char *text = memory_printf("[%.*s+0x%" PRIx64 "]",
                               (int)(bracketed ? strcspn(name, "]") - 1 : strlen(name)),
                               bracketed ? name + 1 : name, address);
    const char *interned = strings_intern(strings, text);

    free(text);
    return interned;
}

static const char *shown_name(const char *function, bool shorten, struct strings *strings)
{
    char *emptied = shorten ? template_lists_emptied(function) : NULL;
    const char *name = strings_intern(strings, shorten ? emptied : function);

    free(emptied);
    return name;
}

static void append_frame(struct symbol_frames *frames, struct code_place *place,
                         const struct frame *frame, struct profile *profile)
{
    frames->numbers =
        memory_grow(frames->numbers, frames->count, &frames->capacity, sizeof(*frames->numbers));
    frames->numbers[frames->count++] = profile_add_frame(profile, frame);
    place->frame_count++;
}

static void name_place(struct symbol_frames *frames, struct code_place *place,
                       const struct code_image *image, const struct symbol_query *query,
                       struct profile *profile)
{
    struct strings *strings = profile->strings;
    struct frame frame = {
        .module = image->path, .build_id = image->build_id_text, .address = place->address};
    size_t count = query != NULL ? query->count : 0;
    bool bounded = query != NULL && query->function_start != 0;
    uint64_t start = bounded ? query->function_start : place->address;

    place->first_frame = (uint32_t)frames->count;
    place->frame_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct symbol_frame *symbol = &query->frames[i];
        bool named = symbol->function != NULL && *symbol->function != '\0';
        frame.function = named ? shown_name(symbol->function, frames->shorten, strings)
                               : placeholder_name(image, start, strings);
        frame.file = strings_intern(strings, symbol->file);
        frame.line = symbol->line;
        frame.decl_line = symbol->decl_line;
        frame.kind = symbol->inlined && i + 1 < count ? FRAME_INLINED : FRAME_NATIVE;
        append_frame(frames, place, &frame, profile);
    }
    if (count == 0) {
        frame.function = placeholder_name(image, start, strings);
        append_frame(frames, place, &frame, profile);
    }
}

static uint64_t all_samples(const struct code_places *code)
{
    uint64_t samples = 0;

    for (size_t i = 0; i < code->place_count; i++)
        samples += code->places[i].self_samples;
    return samples;
}

static int compare_queries(const void *a, const void *b)
{
    uint64_t address_a = ((const struct symbol_query *)a)->address;
    uint64_t address_b = ((const struct symbol_query *)b)->address;

    return (address_a > address_b) - (address_a < address_b);
}

static const struct symbol_query *find_query(const struct batch *batch, uint64_t address)
{
    struct symbol_query wanted = {.address = address};

    return bsearch(&wanted, batch->queries, batch->count, sizeof(*batch->queries), compare_queries);
}

/* Samples in one image of which not all is known that might be. */
struct missing {
    uint64_t unnamed; /* no function */
    uint64_t unread;  /* a function, but debug information that is there could not be read */
    uint64_t lined;   /* source lines are known: who complains all the same misses something else */
};

static void count_missing(struct missing *missing, const struct symbol_query *query,
                          uint64_t samples)
{
    bool named = query != NULL && query->count > 0;

    missing->unnamed += named ? 0 : samples;
    missing->unread += named && !query->settled ? samples : 0;
    missing->lined += named && query->frames[0].file != NULL ? samples : 0;
}

static void tell_missing(const struct batch *batch, const char *why, const struct missing *missing,
                         uint64_t samples, struct profile *profile)
{
    double worth = WORTH_TELLING * (double)samples;
    const char *what = "no names for";
    uint64_t of = missing->unnamed;

    if (of == 0 || (double)of < worth) {
        what = "less is known of";
        of = missing->unread > 0 || (double)missing->lined < worth ? missing->unread
                                                                   : missing->lined;
    }
    if (why == NULL || of == 0)
        return;
    char *text =
        memory_printf("%s %s of all samples, in '%s': %s", what,
                      units_percent((double)of, (double)samples).text, batch->image->path, why);
    profile_add_message(profile, text);
    free(text);
}

/* Numbers of places, those of one image side by side. */
static uint32_t *places_by_image(const struct code_places *code, size_t *first)
{
    uint32_t *order = memory_alloc((code->place_count + 1) * sizeof(*order));

    for (size_t i = 0; i < code->place_count; i++)
        first[code->places[i].image + 1]++;
    for (size_t image = 0; image < code->image_count; image++)
        first[image + 1] += first[image];
    size_t *next = memory_alloc((code->image_count + 1) * sizeof(*next));
    memcpy(next, first, code->image_count * sizeof(*next));
    for (size_t i = 0; i < code->place_count; i++)
        order[next[code->places[i].image]++] = (uint32_t)i;
    free(next);
    return order;
}

struct naming {
    struct symbol_frames *frames;
    struct code_places *code;
    struct profile *profile;
    const struct sources *sources;
    struct symbolizer *symbolizer; /* NULL: none wanted */
    struct symbol_archive *collect;
    uint64_t samples;
};

/* The kernel's names end in a mark that tools for flame graphs know: its functions must
 * not look like the program's. */
static void name_kernel_place(struct naming *naming, struct code_place *place,
                              const struct code_image *image, const char *name)
{
    char *text = name != NULL ? memory_printf("%s_[k]", name) : memory_strdup(KERNEL_NAMES_IMAGE);
    const struct frame frame = {.function = strings_intern(naming->profile->strings, text),
                                .module = image->path,
                                .address = place->address,
                                .kind = FRAME_KERNEL};

    place->first_frame = (uint32_t)naming->frames->count;
    place->frame_count = 0;
    append_frame(naming->frames, place, &frame, naming->profile);
    free(text);
}

/* Names of the kernel that a recording ran under: what `record` kept or the running kernel
 * tells, else an archive. */
struct kernel {
    const struct code_image *image;
    struct kernel_symbols *symbols;
    struct symbol_store *archived; /* NULL: none, each */
};

static const char *kernel_name(const struct naming *naming, const struct kernel *kernel,
                               uint64_t address)
{
    struct strings *strings = naming->profile->strings;
    const struct kernel_symbol *symbol =
        kernel->symbols != NULL ? kernel_symbols_find(kernel->symbols, address) : NULL;
    struct symbol_query query = {.address = address};
    const char *name = NULL;

    if (symbol != NULL)
        name = strings_intern(strings, symbol->name);
    else if (kernel->archived != NULL && symbol_store_find(kernel->archived, strings, &query) &&
             query.count > 0)
        name = query.frames->function;
    free(query.frames);
    if (name != NULL) {
        struct symbol_frame frame = {.function = name};
        query = (struct symbol_query){.address = address, .frames = &frame, .count = 1};
        symbol_archive_collect(naming->collect, KERNEL_NAMES_IMAGE, kernel->image->build_id,
                               kernel->image->build_id_size, &query, 1, NULL);
    }
    return name;
}

static void name_kernel(struct naming *naming, const struct code_image *image,
                        const uint32_t *order, size_t count)
{
    const void *boot = image->build_id;
    struct kernel kernel = {.image = image};

    if (naming->symbolizer != NULL) {
        kernel.symbols = kernel_names_for(naming->sources, boot, image->build_id_size);
        kernel.archived = symbol_archive_find(&naming->sources->symbols, KERNEL_NAMES_IMAGE, boot,
                                              image->build_id_size);
    }
    for (size_t i = 0; i < count; i++) {
        struct code_place *place = &naming->code->places[order[i]];
        name_kernel_place(naming, place, image, kernel_name(naming, &kernel, place->address));
    }
    if (kernel.symbols == NULL && kernel.archived == NULL && naming->symbolizer != NULL)
        profile_add_message(naming->profile, "no names for frames of the kernel: it hides them "
                                             "(kernel.kptr_restrict), or was started anew since");
    kernel_symbols_free(kernel.symbols);
}

static void name_made(struct naming *naming, struct code_place *place,
                      const struct code_image *image)
{
    const struct frame frame =
        made_frames_name(image, place, naming->symbolizer != NULL, naming->profile->strings);

    place->first_frame = (uint32_t)naming->frames->count;
    place->frame_count = 0;
    append_frame(naming->frames, place, &frame, naming->profile);
}

/* No names rather than those of another build; an archive is told so. */
static const char *refuse(struct naming *naming, const struct batch *batch)
{
    const char *path = batch->image->path;
    char *text = memory_printf("cannot use symbols of '%s': it changed after it was recorded, and "
                               "has no build-id that would tell the builds apart",
                               path);
    const char *why = strings_intern(naming->profile->strings, text);

    symbol_archive_collect(naming->collect, path, NULL, 0, batch->queries, batch->count, why);
    free(text);
    return why;
}

/* Names the `count` places of one image whose numbers are at `order`. */
static void name_image(struct naming *naming, const struct code_image *image, const uint32_t *order,
                       size_t count)
{
    struct code_place *places = naming->code->places;
    struct batch batch = {.image = image};
    const char *why = NULL;
    struct missing missing = {.unnamed = 0};

    if (naming->symbolizer != NULL && image->path != NULL && image->jit == NULL && count > 0) {
        batch.count = count;
        batch.queries = memory_alloc(count * sizeof(*batch.queries));
        for (size_t i = 0; i < count; i++)
            batch.queries[i].address = places[order[i]].address;
        why = code_image_is_doubtful(image) ? refuse(naming, &batch)
              : image->archive != 0
                  ? symbolizer_resolve_archived(naming->symbolizer, image->path, image->archive,
                                                batch.queries, count)
                  : symbolizer_resolve(naming->symbolizer, image->path, image->build_id,
                                       image->build_id_size, batch.queries, count);
    }
    for (size_t i = 0; i < count; i++) {
        struct code_place *place = &places[order[i]];
        const struct symbol_query *query =
            batch.count > 0 ? find_query(&batch, place->address) : NULL;
        if (made_frames_are_of(image, place)) {
            name_made(naming, place, image);
            continue;
        }
        name_place(naming->frames, place, image, query, naming->profile);
        count_missing(&missing, query, place->self_samples);
    }
    tell_missing(&batch, why, &missing, naming->samples, naming->profile);
    free(batch.queries);
}

void symbol_frames_init(struct symbol_frames *frames, struct code_places *code,
                        const struct sources *sources, const struct load_options *options,
                        struct profile *profile)
{
    struct naming naming = {.frames = frames,
                            .code = code,
                            .sources = sources,
                            .profile = profile,
                            .collect = options->collect};
    size_t *first = memory_alloc((code->image_count + 1) * sizeof(*first));
    uint32_t *order = places_by_image(code, first);

    memset(frames, 0, sizeof(*frames));
    frames->shorten = options->shorten;
    naming.samples = all_samples(code);
    if (!options->no_symbols)
        naming.symbolizer =
            symbolizer_new(&(struct symbolizer_options){.inlines = !options->no_inlines,
                                                        .debug_dirs = options->debug_dirs,
                                                        .debuginfod = options->debuginfod,
                                                        .cache = !options->no_cache,
                                                        .archive = &sources->symbols,
                                                        .collect = options->collect});
    for (size_t image = 0; image < code->image_count; image++) {
        progress_step("resolving symbols of modules", image, code->image_count);
        if (code->images[image].own)
            continue;
        const struct code_image *of = &code->images[image];
        bool kernel = of->path != NULL && strcmp(of->path, KERNEL_NAMES_IMAGE) == 0;
        (kernel ? name_kernel : name_image)(&naming, of, order + first[image],
                                            first[image + 1] - first[image]);
    }
    if (naming.symbolizer != NULL)
        made_frames_tell(code, naming.samples, profile);
    symbolizer_free(naming.symbolizer);
    free(order);
    free(first);
}

void symbol_frames_release(struct symbol_frames *frames)
{
    free(frames->numbers);
}
