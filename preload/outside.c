/* Offering, asking, taking back. Its own file beside servant.c, which has the thread. */
#include "preload/outside.h"

#include "preload/bell.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/office.h"
#include "preload/nap.h"
#include "preload/platform.h"

#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

#define LOOK_NS 50000000ull /* how soon the keeper's death is noticed */

static struct office *office; /* found once, for fork children as well */
static char office_path[sizeof((struct recording *)NULL)->servant];
static struct ring_file *ring; /* that was offered; NULL: none, or it is ours again */

static bool find_office(const struct recording *recording, uint64_t pid_namespace)
{
    if (!recording->servant[0])
        return false;
    if (!office || strcmp(office_path, recording->servant) != 0) {
        memcpy(office_path, recording->servant, sizeof office_path);
        office = office_open(office_path);
    }
    return office && office_takes(office, pid_namespace);
}

bool outside_is_there(const struct ring_file *file, const struct recording *recording)
{
    /* Of one that is not dumpable others see nothing in /proc. */
    return prctl(PR_GET_DUMPABLE) == 1 && find_office(recording, file->pid_namespace);
}

void outside_offer(struct ring_file *file)
{
    ring = file;
    bell_use(&office->bell);
    __atomic_store_n(&file->keeper, RING_KEEPER_OFFERED, __ATOMIC_RELEASE);
    __atomic_add_fetch(&office->offered, 1, __ATOMIC_RELEASE);
}

bool outside_is_on_sigsafe(void)
{
    return ring && !nap_is_deep_sigsafe();
}

static void take(void)
{
    bell_use(&ring->bell);
    ring = NULL;
}

bool outside_is_deserted(void)
{
    return outside_is_on_sigsafe() && !office_is_open(office);
}

bool outside_take_back(void)
{
    uint32_t expected = RING_KEEPER_OFFERED;
    if (!__atomic_compare_exchange_n(&ring->keeper, &expected, RING_KEEPER_SELF, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return false;
    take();
    return true;
}

bool outside_ask(uint32_t requests, unsigned timeout_ms)
{
    uint64_t deadline = libc_clock_now_sigsafe() + timeout_ms * 1000000ull;
    __atomic_or_fetch(&ring->requests, requests, __ATOMIC_RELEASE);
    uint32_t mine = __atomic_add_fetch(&ring->asked, 1, __ATOMIC_RELEASE);
    bell_ring_sigsafe();
    for (;;) {
        uint32_t answered = __atomic_load_n(&ring->answered, __ATOMIC_ACQUIRE);
        uint64_t now = libc_clock_now_sigsafe();
        if ((int32_t)(answered - mine) >= 0)
            return !ring->keeper_failed;
        if (now >= deadline || !office_is_open(office))
            return false;
        bell_wait_word(&ring->answered, answered,
                       deadline - now < LOOK_NS ? deadline - now : LOOK_NS);
    }
}

/* Clocks of threads that live are read here only. */
static void note_cpu_times(void)
{
    uint32_t count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == RING_SLOT_LIVE)
            slot->cpu_seen_ns = libc_clock_read_sigsafe(platform_thread_clock(slot->tid));
    }
}

bool outside_end(enum trace_end kind, int status, uint64_t cpu_ns, unsigned timeout_ms)
{
    note_cpu_times();
    ring->end_cpu_ns = cpu_ns;
    ring->end_status = status;
    __atomic_store_n(&ring->end_kind, kind, __ATOMIC_RELEASE);
    return outside_ask(RING_ASK_END, timeout_ms);
}

void outside_go_on(void)
{
    __atomic_store_n(&ring->end_kind, 0, __ATOMIC_RELEASE);
}

bool outside_leave(unsigned timeout_ms)
{
    if (outside_take_back())
        return true;
    outside_ask(RING_ASK_YIELD, timeout_ms);
    if (__atomic_load_n(&ring->keeper, __ATOMIC_ACQUIRE) != RING_KEEPER_SELF)
        return false;
    take();
    return true;
}

void outside_forget(void)
{
    ring = NULL;
}
