/*
 * The look itself. Its own file because everything read from /proc about another
 * thread is here.
 */
#include "preload/waiting_thread.h"

#include "preload/blocked_walk.h"
#include "preload/contract/libc_clock.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/stack_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    int tasks, memory; /* descriptors of /proc/self/task and /proc/self/mem */
    uint32_t max_depth;
    bool open;
} look;

static struct blocked_walk walk;

/* What the kernel says: `number args... sp pc`, or "running". */
struct fingerprint {
    char text[256];
};

static bool read_file(int tid, const char *name, char *text, size_t size)
{
    char path[48];
    snprintf(path, sizeof path, "%d/%s", tid, name);
    int fd = openat(look.tasks, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, text, size - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

int waiting_thread_init(uint32_t max_depth)
{
    struct fingerprint own;
    look.tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    look.memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    look.max_depth = max_depth;
    look.open = true;
    if (look.tasks < 0 || look.memory < 0)
        return -errno;
    bool told = read_file((int)syscall(SYS_gettid), "syscall", own.text, sizeof own.text);
    return told ? 0 : -EOPNOTSUPP;
}

void waiting_thread_release(void)
{
    /* Not closed: they are in the servant's own table of descriptors, which ends with
     * it; in a fork child the numbers are the target's. */
    look.open = false;
}

static bool has_registers(const struct fingerprint *seen, uint64_t *sp, uint64_t *pc)
{
    const char *last = strrchr(seen->text, ' ');
    const char *before = last;
    while (before && before > seen->text && before[-1] != ' ')
        before--;
    if (!before || before == seen->text || strncmp(seen->text, "running", 7) == 0)
        return false;
    *sp = strtoull(before, NULL, 16);
    *pc = strtoull(last + 1, NULL, 16);
    return *sp && *pc;
}

/* The node of the walk, root first; where nodes ran out, none is known. */
static uint32_t intern(struct ring_file *ring)
{
    uint32_t generation = modules_generation_sigsafe();
    uint32_t node = walk.root;
    for (uint32_t i = walk.depth; i-- > 0;) {
        node = stack_table_intern_sigsafe(ring, node, walk.codes[i], generation);
        if (!node)
            return TRACE_STACK_COMPLETE;
    }
    return node;
}

enum waiting waiting_thread_look(struct ring_file *ring, int tid, uint64_t cpu_ns, uint32_t *stack)
{
    struct fingerprint before, after;
    uint64_t sp, pc;
    if (!read_file(tid, "syscall", before.text, sizeof before.text))
        return WAITING_UNKNOWN;
    if (!has_registers(&before, &sp, &pc))
        return WAITING_READY;
    if (!modules_hold())
        return WAITING_UNKNOWN;
    blocked_walk_take(&walk, look.memory, pc, sp, look.max_depth);
    uint32_t node = intern(ring);
    modules_release();
    if (!read_file(tid, "syscall", after.text, sizeof after.text) ||
        strcmp(before.text, after.text) != 0 ||
        libc_clock_read_sigsafe(platform_thread_clock(tid)) != cpu_ns)
        return WAITING_UNKNOWN;
    *stack = node;
    return WAITING_BLOCKED;
}

uint64_t waiting_thread_delay_ns(int tid)
{
    char text[128];
    if (!look.open || !read_file(tid, "schedstat", text, sizeof text))
        return 0;
    const char *second = strchr(text, ' ');
    return second ? strtoull(second + 1, NULL, 10) : 0;
}
