/* Looking from where the ring is drained. Its own file because the wall clock does it otherwise. */
#include "preload/contract/long_looks.h"

#include "preload/contract/kernel_text.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_waits.h"
#include "preload/contract/scheduling.h"
#include "preload/contract/syscall_kinds.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOOK_NS 900000000u  /* between looks */
#define LONG_NS 1000000000u /* a wait of so long is looked into */
#define ANSWER_TRIES 20
#define ANSWER_US 100
#define ASKED_MOST 8u /* at a time, for who does something else meanwhile */
#define TELL_NS \
    2000000000ull /* one that goes on is told of after this, then when it is twice as long */

/* It runs for that, and waits on: what it has run so is no end of the wait. */
static void await_answer(int pid, struct ring_slot *slot)
{
    struct ring_scheduling times;
    for (int i = 0; i < ANSWER_TRIES && long_looks_asks_sigsafe(slot); i++)
        usleep(ANSWER_US);
    scheduling_read(pid, slot->tid, SCHEDULING_TIMES, &times);
    slot->look.cpu_ns = times.cpu_ns;
}

/* What it waits for; and asks for its stack, where that does no harm: a socket may have a
 * time-out, which ends with a signal. */
static void look_into(struct ring_file *ring, int pid, struct ring_slot *slot)
{
    char path[64], text[256];
    struct syscall_seen seen;
    int fd;
    snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", pid, slot->tid);
    if (!kernel_text_read(path, text, sizeof text) || !syscall_kinds_parse(text, &seen))
        return;
    slot->look.kind = syscall_kinds_of(&seen);
    if (!syscall_kinds_restarts(&seen, &fd) || (fd >= 0 && !long_waits_reads_on(pid, fd)))
        return;
    __atomic_store_n(&slot->look.asked, RING_LOOK_ASKED, __ATOMIC_RELEASE);
    if (long_waits_ask_one(ring, pid, slot))
        await_answer(pid, slot);
}

static void begin(struct ring_look *look, uint64_t cpu_ns, uint64_t now_ns)
{
    *look = (struct ring_look){.cpu_ns = cpu_ns, .since_ns = now_ns, .seen_ns = now_ns};
}

/* Nanoseconds of a long wait that the trace does not have. */
static uint64_t untold_ns(const struct ring_look *look)
{
    uint64_t from = long_looks_from_ns(look);
    bool is_long = look->seen_ns - look->since_ns >= LONG_NS;
    return is_long && look->seen_ns > from ? look->seen_ns - from : 0;
}

/* It ran: of what was seen of the wait before, the rest waits to be told. */
static void end(struct ring_look *look, uint64_t cpu_ns, uint64_t now_ns)
{
    look->over = untold_ns(look) > 0;
    if (!look->over)
        begin(look, cpu_ns, now_ns);
}

/* True when it has been there for long, and nobody knows where. */
static bool look_at(int pid, struct ring_slot *slot, uint64_t now_ns)
{
    struct ring_look *look = &slot->look;
    struct ring_scheduling times;
    if (look->over)
        return false;
    bool hooked = __atomic_load_n(&slot->waiting.kind, __ATOMIC_RELAXED);
    if (hooked) {
        end(look, 0, 0);
        return false;
    }
    scheduling_read(pid, slot->tid, SCHEDULING_TIMES, &times);
    if (!look->since_ns || times.cpu_ns != look->cpu_ns) {
        end(look, times.cpu_ns, now_ns);
        return false;
    }
    look->seen_ns = now_ns;
    return now_ns - look->since_ns >= LONG_NS && !look->looked;
}

void long_looks_look(struct ring_file *ring, int pid)
{
    uint64_t now_ns = libc_clock_now_sigsafe();
    uint32_t count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE), asked = 0;
    if (!ring->wait_clock || !ring->sampling || now_ns - ring->looked_ns < LOOK_NS)
        return;
    ring->looked_ns = now_ns;
    for (uint32_t i = 0; i < count; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != RING_SLOT_LIVE ||
            !look_at(pid, slot, now_ns) || asked++ >= ASKED_MOST)
            continue;
        slot->look.looked = true;
        look_into(ring, pid, slot);
    }
}

bool long_looks_has_news(const struct ring_slot *slot, bool last)
{
    const struct ring_look *look = &slot->look;
    uint64_t untold = untold_ns(look);
    uint64_t told = look->told_ns ? look->told_ns - look->since_ns : 0;
    return untold && (last || look->over || (untold >= TELL_NS && untold >= told));
}

uint64_t long_looks_from_ns(const struct ring_look *look)
{
    return look->told_ns ? look->told_ns : look->since_ns;
}

void long_looks_told(struct ring_slot *slot, uint64_t until_ns)
{
    slot->look.told_ns = until_ns;
    if (slot->look.over)
        memset(&slot->look, 0, sizeof slot->look);
}

bool long_looks_asks_sigsafe(const struct ring_slot *slot)
{
    return __atomic_load_n(&slot->look.asked, __ATOMIC_ACQUIRE) == RING_LOOK_ASKED;
}

void long_looks_answer_sigsafe(struct ring_slot *slot, uint32_t stack)
{
    slot->look.stack = stack;
    __atomic_store_n(&slot->look.asked, RING_LOOK_ANSWERED, __ATOMIC_RELEASE);
}
