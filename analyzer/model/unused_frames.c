/*
 * Which frames a profile still needs. Its own file because it knows every place where a
 * stack may be referred to.
 */
#include "analyzer/model/unused_frames.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

struct used {
    const struct profile *profile;
    bool *stacks, *frames;
};

static void use(struct used *used, uint32_t stack)
{
    for (; stack != STACK_NONE && !used->stacks[stack];
         stack = used->profile->stacks[stack].parent) {
        used->stacks[stack] = true;
        used->frames[used->profile->stacks[stack].frame] = true;
    }
}

static void use_memory(struct used *used)
{
    const struct profile *profile = used->profile;

    for (size_t i = 0; i < profile->heap_site_count; i++)
        use(used, profile->heap_sites[i].stack);
    for (size_t i = 0; i < profile->mapped_site_count; i++)
        use(used, profile->mapped_sites[i].stack);
    for (size_t i = 0; i < profile->leak_count; i++)
        use(used, profile->leaks[i].stack);
}

static void use_waits(struct used *used)
{
    const struct profile *profile = used->profile;

    for (size_t i = 0; i < profile->wait_count; i++)
        use(used, profile->waits[i].stack);
    for (size_t i = 0; i < profile->single_count; i++) {
        use(used, profile->singles[i].stack);
        if (profile->singles[i].sample_ns != 0)
            use(used, profile->singles[i].sample_stack);
    }
}

/* What is known of the end is told whatever was asked for. */
static void use_ends(struct used *used)
{
    const struct profile *profile = used->profile;

    for (size_t i = 0; i < profile->process_count; i++)
        if (profile->processes[i].death.told)
            use(used, profile->processes[i].death.stack);
    for (size_t i = 0; i < profile->thread_count; i++)
        if (profile->threads[i].last.time_ns != 0)
            use(used, profile->threads[i].last.stack);
    for (size_t i = 0; i < profile->moment_count; i++)
        use(used, profile->moments[i].stack);
}

void unused_frames_hide(struct profile *profile)
{
    struct used used = {
        .profile = profile,
        .stacks = memory_alloc(profile->stack_count),
        .frames = memory_alloc(profile->frame_count),
    };
    struct frame hidden = {.function = strings_intern(profile->strings, UNUSED_FRAME),
                           .kind = FRAME_MARK};

    for (size_t i = 0; i < profile->entries.count; i++)
        use(&used, profile->entries.places[i].stack);
    for (size_t i = 0; i < profile->samples.count; i++)
        use(&used, profile->samples.items[i].place.stack);
    for (size_t i = 0; i < profile->allocations.count; i++)
        use(&used, profile->allocations.items[i].place.stack);
    for (size_t i = 0; i < profile->count_count; i++)
        use(&used, profile->counts[i].stack);
    use_memory(&used);
    use_waits(&used);
    use_ends(&used);
    for (size_t i = 0; i < profile->frame_count; i++)
        if (!used.frames[i])
            profile->frames[i] = hidden;
    free(used.stacks);
    free(used.frames);
}
