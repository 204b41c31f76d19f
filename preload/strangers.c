/* Two short lists: a scan's strangers, and who ended before. */
#include "preload/strangers.h"

#include "preload/contract/libc_clock.h"
#include "preload/platform.h"

#include <string.h>

#define MET_MAX 64u
#define ENDED_MAX 256u   /* of more the oldest may be taken for strangers */
#define END_NS 10000000u /* who runs longer than this after its end goes on */

struct ended {
    int tid; /* 0: nobody */
    bool met;
    uint64_t cpu_ns;
};

static int before[MET_MAX], met[MET_MAX];
static unsigned met_count, ended_next;
static struct ended ended[ENDED_MAX];

void strangers_clear(void)
{
    memset(before, 0, sizeof before);
    memset(ended, 0, sizeof ended);
    met_count = ended_next = 0;
}

void strangers_note_end(int tid, uint64_t cpu_ns)
{
    ended[ended_next++ % ENDED_MAX] = (struct ended){.tid = tid, .cpu_ns = cpu_ns};
}

static bool is_about_to_end(int tid)
{
    for (unsigned i = 0; i < ENDED_MAX; i++) {
        if (ended[i].tid != tid)
            continue;
        ended[i].met = true;
        return libc_clock_read_sigsafe(platform_thread_clock(tid)) < ended[i].cpu_ns + END_NS;
    }
    return false;
}

static bool was_met_before(int tid)
{
    for (unsigned i = 0; i < MET_MAX; i++)
        if (before[i] == tid)
            return true;
    return false;
}

bool strangers_meet(int tid, bool at_once)
{
    if (is_about_to_end(tid))
        return false;
    if (at_once || was_met_before(tid))
        return true;
    if (met_count < MET_MAX)
        met[met_count++] = tid;
    return false;
}

void strangers_scanned(void)
{
    memset(before, 0, sizeof before);
    memcpy(before, met, met_count * sizeof *met);
    met_count = 0;
    for (unsigned i = 0; i < ENDED_MAX; i++) {
        if (!ended[i].met)
            ended[i].tid = 0;
        ended[i].met = false;
    }
}
