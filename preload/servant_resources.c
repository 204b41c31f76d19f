/* Ticks of the collector. Its own file because the servant does all else when there is reason to. */
#include "preload/servant_resources.h"

#include "preload/bell.h"
#include "preload/confinement.h"
#include "preload/contract/drain_resources.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/pace.h"
#include "preload/servant_state.h"
#include "preload/turn.h"

#include <unistd.h>

#define DESCRIPTORS 512 /* in a table of our own, but under the process's limit */

void servant_resources_begin(void)
{
    if (servant.collector)
        collector_resume(servant.collector, servant.tid, servant.directory);
    else
        election_init(&servant.election);
}

static void start(void)
{
    const struct collector_options options = {.own_tid = servant.tid,
                                              .directory = servant.directory,
                                              .descriptors = DESCRIPTORS,
                                              .rate = servant.options.resources_rate,
                                              .root = servant.options.resources_root};
    servant.collector = collector_new(&options, &servant.election);
    if (servant.collector)
        servant.drain.resources = collector_log(servant.collector);
    else
        servant.options.resources_rate = 0;
}

/* What a filter may kill for is left alone. */
static bool is_on(void)
{
    return servant.options.resources_rate && !servant.failed && servant.drain_ready &&
           __atomic_load_n(&servant.options.ring->sampling, __ATOMIC_RELAXED) &&
           !confinement_any_sigsafe();
}

static uint64_t rest_ns(uint64_t now_ns)
{
    if (servant.collector)
        return collector_rest_ns(servant.collector);
    uint64_t begins_ns = servant.begun_ns + collector_delay_ns(servant.options.resources_rate);
    return begins_ns > now_ns ? begins_ns - now_ns : 0;
}

static void look(void)
{
    while (!turn_take(&servant.turn, PACE_LOOK_MAX_NS))
        ;
    if (!servant.collector)
        start();
    if (servant.collector)
        collector_tick(servant.collector);
    if (servant.collector && collector_has_machine(servant.collector))
        drain_tell_machine(&servant.drain, servant.options.resources_root);
    turn_leave(&servant.turn);
}

void servant_resources_wait(uint32_t rings, uint64_t timeout_ns)
{
    uint64_t now_ns = libc_clock_now_sigsafe(), until_ns = now_ns + timeout_ns;
    for (bool looked = true; looked;) {
        uint64_t left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
        bool on = is_on();
        uint64_t next_ns = on ? rest_ns(now_ns) : left_ns;
        bell_wait(rings, next_ns < left_ns ? next_ns : left_ns);
        now_ns = libc_clock_now_sigsafe();
        looked = on && now_ns < until_ns && bell_rings() == rings;
        if (looked)
            look();
    }
}

void servant_resources_finish(void)
{
    if (is_on())
        collector_finish(servant.collector, servant.tid != gettid());
}

void servant_resources_suspend(void)
{
    collector_suspend(servant.collector);
    election_close(&servant.election);
}

void servant_resources_end(void)
{
    servant.drain.resources = NULL;
    collector_free(servant.collector);
    servant.collector = NULL;
    election_close(&servant.election);
}
