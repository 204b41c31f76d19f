/*
 * Looking at files from outside. Its own file because both the cache, which compares, and
 * the finding of debug files, which notes, need it.
 */
#include "analyzer/symbols/file_witness.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NS_PER_S INT64_C(1000000000)

/* More than a tick of the kernel's, by which files are dated: 10 ms at 100 Hz. */
#define TICK_NS (NS_PER_S / 50)

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

static struct file_state state_of(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return (struct file_state){0};
    return (struct file_state){(uint64_t)status.st_size, status.st_ino, nanoseconds(status.st_mtim),
                               nanoseconds(status.st_ctim)};
}

static bool is_same(const struct file_state *one, const struct file_state *other)
{
    return memcmp(one, other, sizeof(*one)) == 0;
}

void file_witnesses_add(struct file_witnesses *witnesses, const char *path,
                        const struct file_state *state)
{
    witnesses->items = memory_grow(witnesses->items, witnesses->count, &witnesses->capacity,
                                   sizeof(*witnesses->items));
    witnesses->items[witnesses->count++] = (struct file_witness){memory_strdup(path), *state};
}

void file_witnesses_note(struct file_witnesses *witnesses, const char *path)
{
    for (size_t i = 0; i < witnesses->count; i++)
        if (strcmp(witnesses->items[i].path, path) == 0)
            return;
    struct file_state state = state_of(path);
    file_witnesses_add(witnesses, path, &state);
}

bool file_witnesses_hold(const struct file_witnesses *witnesses)
{
    bool hold = true;

    for (size_t i = 0; i < witnesses->count && hold; i++) {
        struct file_state now = state_of(witnesses->items[i].path);
        hold = is_same(&now, &witnesses->items[i].state);
    }
    return hold;
}

bool file_witnesses_changed_since(const struct file_witnesses *witnesses, int64_t since_ns)
{
    bool changed = false;

    for (size_t i = 0; i < witnesses->count; i++)
        changed |= witnesses->items[i].state.status_changed_ns + TICK_NS > since_ns;
    return changed;
}

bool file_witnesses_equal(const struct file_witnesses *one, const struct file_witnesses *other)
{
    bool equal = one->count == other->count;

    for (size_t i = 0; i < one->count && equal; i++)
        equal = strcmp(one->items[i].path, other->items[i].path) == 0 &&
                is_same(&one->items[i].state, &other->items[i].state);
    return equal;
}

void file_witnesses_release(struct file_witnesses *witnesses)
{
    for (size_t i = 0; i < witnesses->count; i++)
        free(witnesses->items[i].path);
    free(witnesses->items);
    memset(witnesses, 0, sizeof(*witnesses));
}
