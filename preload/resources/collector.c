/*
 * A look at everything. Its own file because it alone knows what a look consists of, and when it is
 * worth one.
 */
#include "preload/resources/collector.h"

#include "preload/contract/libc_clock.h"
#include "preload/contract/own_memory.h"
#include "preload/resources/kept_file.h"
#include "preload/resources/process_monitor.h"
#include "preload/resources/resource_pace.h"
#include "preload/resources/thread_monitor.h"

#include <string.h>
#include <sys/mman.h>

#define SECOND_NS 1000000000ull
#define SLOW_NS (SECOND_NS - SECOND_NS / 20) /* what changes slowly is looked at so often */

/* Between reading the process's clock and that of the thread in it that does. */
#define OWN_SLACK_NS 20000u

/* Of one processor: whose share is less does as good as nothing. */
#define SHARE_LEAST 0.02
#define BYTES_LEAST 65536.0
/* So busy a machine does something, though the process that follows it does not. */
#define MACHINE_IDLE 0.1

struct collector {
    struct collector_options options;
    struct election *election;
    struct resource_log *log;
    struct kept_folder folder;
    struct process_monitor process;
    struct thread_monitor threads;
    struct resource_pace pace;
    uint64_t next_ns, last_ns, slow_ns; /* looks */
    uint64_t quiet_ns;                  /* then, nothing had run since the moment told last */
    uint64_t cpu_ns, resident;          /* at the last look */
    double share;                       /* of a processor, before it */
    uint32_t cost_id, period_id;
    int lent;           /* descriptors, since it begun */
    bool looked, begun; /* once; since it was suspended */
    struct followed_thread table[THREAD_MONITOR_MOST];
};

struct collector *collector_new(const struct collector_options *options, struct election *election)
{
    struct collector *collector = buffer_reserve(sizeof *collector);
    struct resource_log *log = collector ? resource_log_new() : NULL;
    if (!log) {
        own_memory_forget(collector);
        if (collector)
            munmap(collector, sizeof *collector);
        return NULL;
    }
    uint64_t now_ns = libc_clock_now_sigsafe();
    collector->options = *options;
    collector->election = election;
    collector->log = log;
    collector->folder.directory = -1;
    resource_pace_init(&collector->pace, options->rate, now_ns);
    collector->next_ns = now_ns;
    election->sharing++;
    return collector;
}

void collector_free(struct collector *collector)
{
    if (!collector)
        return;
    collector_suspend(collector);
    collector->election->sharing--;
    resource_log_free(collector->log);
    own_memory_forget(collector);
    munmap(collector, sizeof *collector);
}

struct resource_log *collector_log(struct collector *collector)
{
    return collector->log;
}

static void begin(struct collector *collector, uint64_t now_ns)
{
    const struct collector_options *options = &collector->options;
    collector->lent = options->pid ? election_lend(collector->election, options->descriptors) : 0;
    kept_folder_open(&collector->folder, options->pid,
                     options->pid ? collector->lent : options->descriptors);
    collector->begun = true;
    if (collector->looked)
        return;
    process_monitor_init(&collector->process, &collector->folder, collector->log, options->own_tid,
                         now_ns);
    thread_monitor_init(&collector->threads, &collector->folder, collector->log, collector->table,
                        options->own_tid, collector->process.tick_ns);
    collector->looked = true;
}

static void note_unchanged(struct collector *collector)
{
    resource_log_all_unchanged(collector->log, TRACE_SCOPE_PROCESS);
    resource_log_all_unchanged(collector->log, TRACE_SCOPE_THREAD);
}

/* Nothing had run at the moments that were left out. */
static void begin_moment(struct collector *collector, uint64_t now_ns)
{
    if (collector->quiet_ns) {
        resource_log_moment(collector->log, collector->quiet_ns);
        note_unchanged(collector);
    }
    collector->quiet_ns = 0;
    resource_log_moment(collector->log, now_ns);
}

/* How much is other than before. */
static double process_change(struct collector *collector, uint64_t now_ns, uint64_t before_ns)
{
    const struct process_monitor *process = &collector->process;
    uint64_t passed_ns = now_ns - collector->last_ns;
    double share = passed_ns ? (double)(process->cpu_ns - before_ns) / (double)passed_ns : 0;
    double change = resource_pace_change(collector->share, share, SHARE_LEAST);
    double sizes =
        resource_pace_change((double)collector->resident, (double)process->resident, BYTES_LEAST);
    collector->share = share;
    collector->resident = process->resident;
    return sizes > change ? sizes : change;
}

static double look_at_process(struct collector *collector, uint64_t now_ns, bool ran, bool slow)
{
    struct process_monitor *process = &collector->process;
    uint64_t before_ns = collector->cpu_ns;
    collector->cpu_ns = process->cpu_ns;
    if (!ran && !slow) {
        note_unchanged(collector);
        return process_change(collector, now_ns, before_ns);
    }
    process_monitor_look(process, now_ns, slow, false);
    if (ran || !collector->threads.looks)
        thread_monitor_look(&collector->threads, process->cpu_ns, process->threads, slow, false);
    else
        resource_log_all_unchanged(collector->log, TRACE_SCOPE_THREAD);
    return process_change(collector, now_ns, before_ns);
}

/* And what all this takes. */
static double look_at_machine(struct collector *collector, struct machine *machine, bool slow)
{
    struct resource_log *log = collector->log;
    uint64_t spent_ns = collector->election->spent_ns;
    if (!collector->cost_id) {
        collector->cost_id = resource_log_add(log, RESOURCE_COLLECTOR_CPU, NULL, 0);
        collector->period_id = resource_log_add(log, RESOURCE_COLLECTOR_PERIOD, NULL, 0);
    }
    double change = machine_look(machine, slow);
    if (collector->election->more &&
        strspn(collector->options.root, "/") == strlen(collector->options.root))
        collector->election->more(collector->election->context, log);
    resource_log_put(log, collector->cost_id, (int64_t)(spent_ns - spent_ns % MONITOR_UNIT_NS));
    resource_log_put(log, collector->period_id, (int64_t)(collector->pace.period_ns / 1000000));
    return change;
}

static void look(struct collector *collector, struct machine *machine, uint64_t now_ns,
                 struct resource_found *found)
{
    const struct collector_options *options = &collector->options;
    uint64_t slack_ns = options->own_tid ? OWN_SLACK_NS : 0;
    bool slow = now_ns - collector->slow_ns >= SLOW_NS;
    found->ran = process_monitor_cpu_ns(&collector->process) > collector->cpu_ns + slack_ns;
    if (!machine && !found->ran && !slow) {
        collector->quiet_ns = now_ns;
        return;
    }
    begin_moment(collector, now_ns);
    if (slow)
        collector->slow_ns = now_ns;
    found->change = look_at_process(collector, now_ns, found->ran, slow);
    collector->last_ns = now_ns;
    if (!machine)
        return;
    double change = look_at_machine(collector, machine, slow);
    found->change = change > found->change ? change : found->change;
    found->load = machine_load(machine);
    found->ran |= found->load >= MACHINE_IDLE;
}

void collector_tick(struct collector *collector)
{
    uint64_t now_ns = libc_clock_now_sigsafe();
    struct resource_found found = {.sharing = collector->election->sharing};
    if (now_ns < collector->next_ns)
        return;
    uint64_t before_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID);
    if (!collector->begun)
        begin(collector, now_ns);
    struct machine *machine =
        election_ask(collector->election, collector, collector->options.directory,
                     collector->options.root, collector->log, now_ns);
    /* Who followed the machine before may have looked since the clock was read. */
    now_ns = libc_clock_now_sigsafe();
    look(collector, machine, now_ns, &found);
    found.cost_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID) - before_ns;
    collector->election->spent_ns += found.cost_ns;
    resource_pace_note(&collector->pace, now_ns, &found);
    /* On a grid, so that they do not drift; those that were missed are left out. */
    collector->next_ns += collector->pace.period_ns;
    if (collector->next_ns <= now_ns)
        collector->next_ns = now_ns + collector->pace.period_ns;
}

bool collector_has_machine(const struct collector *collector)
{
    return collector->election->holder == collector;
}

uint64_t collector_rest_ns(const struct collector *collector)
{
    uint64_t now_ns = libc_clock_now_sigsafe();
    return collector->next_ns > now_ns ? collector->next_ns - now_ns : 0;
}

/* What happened since the last look; of less, ticks say nothing. Sensors are slow, and the process may
 * wait for this thread, when it is its own; else they are not left at what they were a second ago. */
static void finish_machine(struct collector *collector, uint64_t now_ns, uint64_t passed_ns)
{
    uint64_t least_ns = collector->pace.asked_ns / 2;
    bool slow = collector->options.pid != 0;
    if (!collector_has_machine(collector))
        return;
    if (passed_ns >= least_ns)
        look_at_machine(collector, collector->election->machine, slow);
    else if (slow && now_ns - collector->slow_ns >= least_ns)
        machine_look_at_slow(collector->election->machine);
}

void collector_finish(struct collector *collector, bool elsewhere)
{
    if (!collector || !collector->looked)
        return;
    uint64_t now_ns = libc_clock_now_sigsafe(), passed_ns = now_ns - collector->last_ns;
    collector->folder.elsewhere = elsewhere;
    process_monitor_cpu_ns(&collector->process);
    begin_moment(collector, now_ns);
    process_monitor_look(&collector->process, now_ns, false, true);
    thread_monitor_look(&collector->threads, 0, 0, false, true);
    if (!elsewhere)
        finish_machine(collector, now_ns, passed_ns);
    collector->folder.elsewhere = false;
}

void collector_suspend(struct collector *collector)
{
    if (!collector)
        return;
    election_leave(collector->election, collector);
    if (!collector->looked)
        return;
    process_monitor_close(&collector->process);
    thread_monitor_close(&collector->threads);
    kept_folder_close(&collector->folder);
    if (collector->begun)
        election_give_back(collector->election, collector->lent);
    collector->begun = false;
}

void collector_resume(struct collector *collector, int own_tid, int directory)
{
    if (!collector)
        return;
    collector->options.own_tid = own_tid;
    collector->options.directory = directory;
    collector->process.own_tid = collector->process.io.own_tid = own_tid;
    collector->threads.own_tid = own_tid;
}
