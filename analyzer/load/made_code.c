/*
 * From records with names for code to places in stacks. Its own file because time matters to no
 * other place.
 */
#include "analyzer/load/made_code.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void made_code_release(struct made_code *made)
{
    if (made->code != NULL) {
        perf_map_release(&made->map);
        jit_reader_release(&made->dump);
    }
    free(made->remembered);
}

static void begin(struct made_code *made, struct strings *strings)
{
    made->code = jit_code_new();
    perf_map_init(&made->map, made->code);
    jit_reader_init(&made->dump, made->code, strings);
}

/* Steps over what is known; false when that is all. */
static bool is_new(struct made_code *made, const struct trace_code_names *names, uint64_t *known)
{
    struct made_text *text = &made->texts[names->kind];

    *known = 0;
    if (!text->begun || text->serial != names->serial) {
        *text = (struct made_text){.serial = names->serial, .begun = true};
        if (names->kind == TRACE_CODE_MAP)
            perf_map_break(&made->map, names->offset > 0);
    } else if (names->offset > text->next && names->kind == TRACE_CODE_MAP) {
        perf_map_break(&made->map, true);
    } else if (names->offset < text->next) {
        *known = text->next - names->offset;
    }
    if (text->next >= names->next)
        return false;
    text->next = names->next;
    return true;
}

void made_code_names(struct made_code *made, struct strings *strings,
                     const struct trace_code_names *names)
{
    uint64_t known;

    if (made->code == NULL)
        begin(made, strings);
    if (!is_new(made, names, &known))
        return;
    if (names->kind == TRACE_CODE_MAP)
        perf_map_feed(&made->map, (const char *)names->bytes + known, names->size - known,
                      names->since_ns, names->written_ns);
    else /* what comes twice is the same */
        jit_reader_feed(&made->dump, names->bytes, names->size, names->offset == 0);
}

bool made_code_has(struct made_code *made, uint64_t pc)
{
    struct jit_owner owner;

    return made->code != NULL && jit_code_find(made->code, pc, UINT64_MAX, &owner);
}

uint32_t made_code_place(struct made_code *made, struct code_places *places, uint64_t pc,
                         bool *timed)
{
    struct jit_owner owner;

    *timed = false;
    if (made->code == NULL || !jit_code_find(made->code, pc, UINT64_MAX, &owner)) {
        uint32_t place = code_places_add(places, CODE_IMAGE_UNKNOWN, pc);
        places->places[place].anonymous = true;
        return place;
    }
    *timed = owner.from_ns > 0;
    if (made->image == 0)
        made->image = code_places_jit(places, made->code);
    return code_places_add_made(places, made->image, pc, owner.entry);
}

static struct timed_stack *memory_of(struct made_code *made, const struct raw_stacks *stacks,
                                     uint32_t stack)
{
    if (stack >= made->remembered_count) {
        size_t count = stacks->count + stacks->count / 2 + 1;
        made->remembered = memory_resize(made->remembered, count * sizeof(*made->remembered));
        memset(made->remembered + made->remembered_count, 0,
               (count - made->remembered_count) * sizeof(*made->remembered));
        made->remembered_count = count;
    }
    return &made->remembered[stack];
}

/* The frame of `raw` below `found`, which is its parent at that time. */
static void resolve(struct made_code *made, struct code_places *places, struct raw_stacks *stacks,
                    uint32_t stack, uint64_t time_ns, struct timed_stack *found)
{
    const struct raw_stack raw = stacks->stacks[stack];
    const struct code_place of = places->places[raw.place];
    uint32_t place = raw.place;
    struct jit_owner owner;

    if (of.image == made->image && made->image != 0 &&
        jit_code_find(made->code, of.address, time_ns, &owner)) {
        place = code_places_add_made(places, made->image, of.address, owner.entry);
        found->from_ns = owner.from_ns > found->from_ns ? owner.from_ns : found->from_ns;
        found->until_ns = owner.until_ns < found->until_ns ? owner.until_ns : found->until_ns;
    }
    found->stack = raw_stacks_add(stacks, found->stack, place, raw.guessed);
}

uint32_t made_code_stack(struct made_code *made, struct code_places *places,
                         struct raw_stacks *stacks, uint32_t stack, uint64_t time_ns)
{
    const struct timed_stack *last = memory_of(made, stacks, stack);
    uint32_t *marked, at = stack;
    size_t depth = 0;

    if (last->from_ns <= time_ns && time_ns < last->until_ns)
        return last->stack;
    for (; stacks->stacks[at].timed; at = stacks->stacks[at].parent)
        depth++;
    struct timed_stack found = {0, UINT64_MAX, at};
    marked = memory_alloc((depth + 1) * sizeof(*marked));
    at = stack;
    for (size_t i = depth; i > 0; at = stacks->stacks[at].parent)
        marked[--i] = at;
    for (size_t i = 0; i < depth; i++)
        resolve(made, places, stacks, marked[i], time_ns, &found);
    free(marked);
    *memory_of(made, stacks, stack) = found;
    return found.stack;
}
