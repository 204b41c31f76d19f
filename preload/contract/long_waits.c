/* Asking. Its own file because three do: servant, keeper, and a process that ends. */
#include "preload/contract/long_waits.h"

#include "preload/contract/kernel_text.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/wait_time.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 256u            /* asked at a time */
#define CLOSE_NS 20000000ull /* asking takes less */

/* Of ring->asking: somebody asks; and, above it, how many threads are about to exec. */
#define ASKING 1u
#define CLOSED 2u

/* What a signal ends: the C library, or the caller of syscall(), does not go on; what has been written, or
 * received, in part comes back so; a socket's time-out may be one that nobody saw set. */
#define LEFT_ALONE                                                                        \
    (1u << TRACE_WAIT_FUTEX | 1u << TRACE_WAIT_IO_EVENTS | 1u << TRACE_WAIT_NAME_LOOKUP | \
     1u << TRACE_WAIT_WRITE | 1u << TRACE_WAIT_SEND | 1u << TRACE_WAIT_RECEIVE |          \
     1u << TRACE_WAIT_ACCEPT | 1u << TRACE_WAIT_CONNECT)

/* The kernel goes on reading from it behind a signal: of a pipe, a terminal, a file. */
bool long_waits_reads_on(int pid, int fd)
{
    char path[64], name[8] = "";
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    return readlink(path, name, sizeof name - 1) > 0 &&
           (name[0] == '/' || strncmp(name, "pipe:", 5) == 0);
}

static bool is_left_alone(int pid, const struct ring_waiting *waiting, uint32_t kind)
{
    uint64_t object = waiting->object;
    if (kind >= TRACE_WAIT_KINDS || LEFT_ALONE >> kind & 1)
        return true;
    return kind == TRACE_WAIT_READ &&
           !(object & RING_WAIT_DESCRIPTOR && long_waits_reads_on(pid, (int)(uint32_t)object));
}

static bool is_to_be_asked(const struct ring_file *ring, int pid, const struct ring_slot *slot,
                           uint64_t least_ns)
{
    const struct ring_waiting *waiting = &slot->waiting;
    uint32_t kind = __atomic_load_n(&waiting->kind, __ATOMIC_ACQUIRE);
    uint64_t begin_ns = wait_time_begin_sigsafe(ring, slot);
    return begin_ns && libc_clock_now_sigsafe() - begin_ns >= least_ns &&
           waiting->asked != waiting->ticks && !is_left_alone(pid, waiting, kind);
}

/* One that execs without our seeing it has no handler any more: the signal would end the next program. */
bool long_waits_has_handler(int pid, int tid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/task/%d/status", pid, tid);
    const char *line = kernel_text_read(path, text, sizeof text) ? strstr(text, "\nSigCgt:") : NULL;
    return line && strtoull(line + 8, NULL, 16) >> (RING_SIGNAL - 1) & 1;
}

static bool is_closed(const struct ring_file *ring)
{
    return __atomic_load_n(&ring->asking, __ATOMIC_SEQ_CST) >= CLOSED;
}

static bool send_signal(const struct ring_file *ring, int pid, const struct ring_slot *slot)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = SI_QUEUE;
    info.si_value.sival_ptr = (void *)ring->nonce;
    return long_waits_has_handler(pid, slot->tid) && !is_closed(ring) &&
           syscall(SYS_rt_tgsigqueueinfo, pid, slot->tid, RING_SIGNAL, &info) == 0;
}

static bool ask(const struct ring_file *ring, int pid, struct ring_slot *slot)
{
    __atomic_store_n(&slot->waiting.asked, slot->waiting.ticks, __ATOMIC_RELEASE);
    return send_signal(ring, pid, slot);
}

static bool begin(struct ring_file *ring)
{
    uint32_t is = 0;
    return __atomic_compare_exchange_n(&ring->asking, &is, ASKING, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

static void end(struct ring_file *ring)
{
    __atomic_fetch_and(&ring->asking, ~ASKING, __ATOMIC_SEQ_CST);
}

uint32_t long_waits_ask(struct ring_file *ring, int pid, uint64_t least_ns)
{
    uint32_t asked = 0, count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
    if (!ring->wait_clock || !ring->nonce || !begin(ring))
        return 0;
    for (uint32_t i = 0; i < count && asked < MOST; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == RING_SLOT_LIVE &&
            is_to_be_asked(ring, pid, slot, least_ns))
            asked += ask(ring, pid, slot);
    }
    end(ring);
    return asked;
}

bool long_waits_ask_one(struct ring_file *ring, int pid, const struct ring_slot *slot)
{
    if (!ring->nonce || !begin(ring))
        return false;
    bool sent = send_signal(ring, pid, slot);
    end(ring);
    return sent;
}

uint32_t long_waits_unanswered(const struct ring_file *ring)
{
    uint32_t left = 0, count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        const struct ring_slot *slot = ring_slot_at((struct ring_file *)ring, i);
        const struct ring_waiting *waiting = &slot->waiting;
        left += __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == RING_SLOT_LIVE &&
                __atomic_load_n(&waiting->kind, __ATOMIC_ACQUIRE) && waiting->asked &&
                waiting->asked == waiting->ticks &&
                __atomic_load_n(&waiting->stack_ticks, __ATOMIC_ACQUIRE) != waiting->ticks;
    }
    return left;
}

void long_waits_close(struct ring_file *ring)
{
    uint64_t deadline = libc_clock_now_sigsafe() + CLOSE_NS;
    __atomic_add_fetch(&ring->asking, CLOSED, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&ring->asking, __ATOMIC_SEQ_CST) & ASKING &&
           libc_clock_now_sigsafe() < deadline)
        sched_yield();
}

void long_waits_open(struct ring_file *ring)
{
    __atomic_sub_fetch(&ring->asking, CLOSED, __ATOMIC_SEQ_CST);
}
