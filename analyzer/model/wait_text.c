/* Words about waits. Its own file because text, JSON and the verdict share them. */
#include "analyzer/model/wait_text.h"

#include "analyzer/model/wait_kind.h"
#include "analyzer/util/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_name(enum trace_object kind)
{
    switch (kind) {
    case TRACE_OBJECT_FILE:
        return "a file";
    case TRACE_OBJECT_PIPE:
        return "a pipe";
    case TRACE_OBJECT_SOCKET:
        return "a socket";
    case TRACE_OBJECT_TERMINAL:
        return "a terminal";
    default:
        return "a descriptor";
    }
}

char *wait_text_object(const struct profile *profile, uint32_t object)
{
    if (object == WAIT_OBJECT_NONE)
        return memory_strdup("unknown");
    const struct profile_object *found = &profile->objects[object];
    if (found->name != NULL)
        return memory_strdup(found->name);
    if (!found->has_address)
        return memory_strdup(kind_name(found->kind));
    if (found->where != NULL)
        return memory_printf("0x%" PRIx64 " (%s)", found->address, found->where);
    return memory_printf("0x%" PRIx64, found->address);
}

char *wait_text_thread(const struct profile *profile, uint32_t thread, int32_t tid)
{
    if (thread != WAIT_THREAD_NONE)
        return memory_printf("%s (%" PRId32 ")", profile->threads[thread].name,
                             profile->threads[thread].tid);
    return tid != 0 ? memory_printf("tid %" PRId32, tid) : memory_strdup("unknown");
}

char *wait_text_peer(const struct profile *profile, const struct profile_wait *wait)
{
    if (wait->kind == TRACE_WAIT_CHILD && wait->peer != 0)
        return memory_printf("pid %" PRId32, wait->peer);
    return wait_text_thread(profile, wait->peer_thread, wait->peer);
}

/* What every program calls, and none is about. */
static bool is_common(const struct frame *frame)
{
    static const char *const libraries[] = {"libc.",     "libc-",   "libpthread", "ld-linux",
                                            "libstdc++", "libc++.", "libgcc_s",   "ld-musl",
                                            "libm.",     "librt."};
    const char *slash = frame->module != NULL ? strrchr(frame->module, '/') : NULL;

    if (frame->kind == FRAME_MARK || frame->kind == FRAME_KERNEL)
        return true;
    for (size_t i = 0; slash != NULL && i < sizeof(libraries) / sizeof(*libraries); i++)
        if (strncmp(slash + 1, libraries[i], strlen(libraries[i])) == 0)
            return true;
    return false;
}

static const struct frame *frame_of(const struct profile *profile, uint32_t stack)
{
    return &profile->frames[profile->stacks[stack].frame];
}

/* The innermost frame of the program from there on; STACK_NONE: none. */
static uint32_t program_frame(const struct profile *profile, uint32_t stack)
{
    while (stack != STACK_NONE && is_common(frame_of(profile, stack)))
        stack = profile->stacks[stack].parent;
    return stack;
}

const char *wait_text_function(const struct profile *profile, uint32_t stack)
{
    uint32_t found = program_frame(profile, stack);

    while (found == STACK_NONE && stack != STACK_NONE) {
        if (frame_of(profile, stack)->kind != FRAME_MARK)
            found = stack;
        stack = profile->stacks[stack].parent;
    }
    return found != STACK_NONE ? frame_of(profile, found)->function : "unknown";
}

const char *wait_text_caller(const struct profile *profile, uint32_t stack)
{
    uint32_t found = program_frame(profile, stack);

    if (found != STACK_NONE)
        found = program_frame(profile, profile->stacks[found].parent);
    return found != STACK_NONE ? frame_of(profile, found)->function : NULL;
}

char *wait_text_call(const char *function)
{
    bool is_name = *function != '[' && strchr(function, '(') == NULL;

    return memory_printf(is_name ? "%s()" : "%s", function);
}

char *wait_text_place(const struct profile *profile, uint32_t stack)
{
    const char *caller = wait_text_caller(profile, stack);
    char *call = wait_text_call(wait_text_function(profile, stack));

    if (caller == NULL)
        return call;
    char *from = wait_text_call(caller);
    char *text = memory_printf("%s from %s", call, from);
    free(from);
    free(call);
    return text;
}

char *wait_text_kind_and_place(const struct profile *profile, const struct profile_wait *wait)
{
    char *place = wait_text_place(profile, wait->stack);
    char *text = memory_printf("%s in %s", wait_kind_name(wait->kind), place);

    free(place);
    return text;
}

char *wait_text_call_of(const struct profile *profile, const struct profile_wait *wait)
{
    return wait_text_call(wait_text_function(profile, wait->stack));
}

struct met {
    const char *function;
    double length;
};

static int compare_met(const void *a, const void *b)
{
    const struct met *left = a, *right = b;

    return strcmp(left->function, right->function);
}

/* The function with most of it, of `met` by function. */
static const char *most_of(struct met *met, size_t count, double *share)
{
    double all = 0, most = 0, sum = 0;
    const char *function = NULL;

    qsort(met, count, sizeof(*met), compare_met);
    for (size_t i = 0; i < count; i++) {
        bool is_same = i > 0 && strcmp(met[i].function, met[i - 1].function) == 0;
        sum = met[i].length + (is_same ? sum : 0);
        all += met[i].length;
        if (sum > most) {
            most = sum;
            function = met[i].function;
        }
    }
    *share = all > 0 ? most / all : 0;
    return function;
}

const char *wait_text_holder(const struct profile *profile, uint32_t object, uint32_t thread,
                             double *share)
{
    struct met *met = memory_alloc((profile->single_count + 1) * sizeof(*met));
    size_t count = 0;

    for (size_t i = 0; i < profile->single_count; i++) {
        const struct profile_single *single = &profile->singles[i];
        if (single->sample_ns == 0 || single->object != object ||
            (thread != WAIT_THREAD_NONE && single->peer_thread != thread))
            continue;
        met[count].function = wait_text_function(profile, single->sample_stack);
        met[count++].length = (double)(single->end_ns - single->begin_ns);
    }
    *share = 0;
    const char *function = count > 0 ? most_of(met, count, share) : NULL;
    free(met);
    return function;
}
