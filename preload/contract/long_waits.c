/* Asking. Its own file because three do: servant, keeper, and a process that ends. */
#include "preload/contract/long_waits.h"

#include "preload/contract/libc_clock.h"
#include "preload/contract/wait_time.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 256u            /* asked at a time */
#define CLOSE_NS 20000000ull /* asking takes less */

enum { FREE = 0, ASKING = 1, CLOSED = 2 };

/* What the C library, or the caller of syscall(), does not go on with behind a signal. */
#define LEFT_ALONE \
    (1u << TRACE_WAIT_FUTEX | 1u << TRACE_WAIT_IO_EVENTS | 1u << TRACE_WAIT_NAME_LOOKUP)

static bool is_to_be_asked(const struct ring_file *ring, const struct ring_slot *slot,
                           uint64_t least_ns)
{
    const struct ring_waiting *waiting = &slot->waiting;
    uint32_t kind = __atomic_load_n(&waiting->kind, __ATOMIC_ACQUIRE);
    uint64_t begin_ns = wait_time_begin_sigsafe(ring, slot);
    return kind < TRACE_WAIT_KINDS && !(LEFT_ALONE >> kind & 1) && begin_ns &&
           libc_clock_now_sigsafe() - begin_ns >= least_ns && waiting->asked != waiting->ticks;
}

static bool send_signal(const struct ring_file *ring, int pid, const struct ring_slot *slot)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = SI_QUEUE;
    info.si_value.sival_ptr = (void *)ring->nonce;
    return syscall(SYS_rt_tgsigqueueinfo, pid, slot->tid, RING_SIGNAL, &info) == 0;
}

static bool ask(const struct ring_file *ring, int pid, struct ring_slot *slot)
{
    __atomic_store_n(&slot->waiting.asked, slot->waiting.ticks, __ATOMIC_RELEASE);
    return send_signal(ring, pid, slot);
}

static bool become(struct ring_file *ring, uint32_t state)
{
    uint32_t is = FREE;
    return __atomic_compare_exchange_n(&ring->asking, &is, state, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

uint32_t long_waits_ask(struct ring_file *ring, int pid, uint64_t least_ns)
{
    uint32_t asked = 0, count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
    if (!ring->wait_clock || !ring->nonce || !become(ring, ASKING))
        return 0;
    for (uint32_t i = 0; i < count && asked < MOST; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == RING_SLOT_LIVE &&
            is_to_be_asked(ring, slot, least_ns))
            asked += ask(ring, pid, slot);
    }
    __atomic_store_n(&ring->asking, FREE, __ATOMIC_SEQ_CST);
    return asked;
}

bool long_waits_ask_one(struct ring_file *ring, int pid, const struct ring_slot *slot)
{
    if (!ring->nonce || !become(ring, ASKING))
        return false;
    bool sent = send_signal(ring, pid, slot);
    __atomic_store_n(&ring->asking, FREE, __ATOMIC_SEQ_CST);
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
    while (!become(ring, CLOSED) && libc_clock_now_sigsafe() < deadline)
        sched_yield();
}

void long_waits_open(struct ring_file *ring)
{
    __atomic_store_n(&ring->asking, FREE, __ATOMIC_RELEASE);
}
