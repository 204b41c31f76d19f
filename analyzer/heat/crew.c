/*
 * Starting, replacing and ending workers. Its own file because no other one forks or waits.
 */
#include "analyzer/heat/crew.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEATHS 8 /* within DEATHS_S: enough of replacing */
#define DEATHS_S 10.0
#define GRACE_NS 300000000L

int crew_init(struct crew *crew, struct problem *problem)
{
    memset(crew, 0, sizeof(*crew));
    crew->page = worker_page_new();
    if (crew->page == NULL)
        return problem_errno(problem, "cannot share memory with workers");
    if (sched_getaffinity(0, sizeof(crew->processors), &crew->processors) == 0)
        crew->processor_count = (unsigned)CPU_COUNT(&crew->processors);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    crew->processor_most = crew->processor_count > 0 ? crew->processor_count
                           : online > 0              ? (unsigned)online
                                                     : 1;
    return 0;
}

/* Of the processors this process may use the one for a slot, in turn; -1: not known. */
static int processor_of(const struct crew *crew, unsigned slot)
{
    unsigned wanted = crew->processor_count > 0 ? slot % crew->processor_count : 0;

    for (int cpu = 0; cpu < CPU_SETSIZE && crew->processor_count > 0; cpu++)
        if (CPU_ISSET(cpu, &crew->processors) && wanted-- == 0)
            return cpu;
    return -1;
}

void crew_beat(struct crew *crew)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    atomic_store_explicit(&crew->page->beat_ns,
                          (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec,
                          memory_order_relaxed);
}

static int start(struct crew *crew, unsigned slot, struct problem *problem)
{
    pid_t parent = getpid();

    atomic_store_explicit(&crew->page->slots[slot].leave, 0, memory_order_relaxed);
    pid_t pid = fork();
    if (pid == 0)
        worker_run(crew->page, slot, parent, processor_of(crew, slot));
    if (pid < 0)
        return problem_errno(problem, "cannot start worker %u", slot + 1);
    crew->pids[slot] = pid;
    return 0;
}

/* Who is gone: asked to leave, done, or dead. */
static void reap(struct crew *crew, double now)
{
    int status;

    for (unsigned i = 0; i < WORKERS_MOST; i++) {
        if (crew->pids[i] == 0 || waitpid(crew->pids[i], &status, WNOHANG) != crew->pids[i])
            continue;
        crew->pids[i] = 0;
        /* What it had begun is to be done by another one. */
        if (atomic_exchange_explicit(&crew->page->slots[i].has_ticket, 0, memory_order_relaxed))
            atomic_fetch_add_explicit(&crew->page->tickets, 1, memory_order_relaxed);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        if (now - crew->recent_since > DEATHS_S) {
            crew->recent_since = now;
            crew->recent = 0;
        }
        crew->recent++;
        crew->died++;
        crew->last_status = status;
    }
}

int crew_keep(struct crew *crew, unsigned count, double now, struct problem *problem)
{
    int status = 0;

    reap(crew, now);
    if (crew->recent >= DEATHS)
        return problem_set(problem, PROBLEM_SYSTEM, "%u workers died within %.0f s, the last %s %d",
                           crew->recent, DEATHS_S,
                           WIFSIGNALED(crew->last_status) ? "by signal" : "with status",
                           WIFSIGNALED(crew->last_status) ? WTERMSIG(crew->last_status)
                                                          : WEXITSTATUS(crew->last_status));
    bool over = crew->page->counted &&
                atomic_load_explicit(&crew->page->tickets, memory_order_relaxed) <= 0;
    for (unsigned i = 0; i < count && !over && status == 0; i++)
        if (crew->pids[i] == 0)
            status = start(crew, i, problem);
    for (unsigned i = count; i < WORKERS_MOST; i++)
        if (crew->pids[i] != 0)
            atomic_store_explicit(&crew->page->slots[i].leave, 1, memory_order_relaxed);
    return status == 0 || crew_living(crew) > 0 ? 0 : status;
}

unsigned crew_living(const struct crew *crew)
{
    unsigned living = 0;

    for (unsigned i = 0; i < WORKERS_MOST; i++)
        living += crew->pids[i] != 0;
    return living;
}

struct crew_sums crew_sum(const struct crew *crew)
{
    struct crew_sums sums = {0};

    for (unsigned i = 0; i < WORKERS_MOST; i++) {
        const struct worker_slot *slot = &crew->page->slots[i];
        sums.operations += atomic_load_explicit(&slot->operations, memory_order_relaxed);
        sums.products += atomic_load_explicit(&slot->products, memory_order_relaxed);
        sums.cpu_ns += atomic_load_explicit(&slot->cpu_ns, memory_order_relaxed);
        sums.wrong += atomic_load_explicit(&slot->wrong, memory_order_relaxed);
        sums.no_memory += atomic_load_explicit(&slot->no_memory, memory_order_relaxed);
    }
    return sums;
}

void crew_stop(struct crew *crew)
{
    const struct timespec nap = {0, 5000000};

    atomic_store_explicit(&crew->page->duty, 0, memory_order_relaxed);
    atomic_store_explicit(&crew->page->stop, 1, memory_order_relaxed);
    for (long waited = 0; waited < GRACE_NS && crew_living(crew) > 0; waited += nap.tv_nsec) {
        reap(crew, 0);
        if (crew_living(crew) > 0)
            nanosleep(&nap, NULL);
    }
    for (unsigned i = 0; i < WORKERS_MOST; i++)
        if (crew->pids[i] != 0)
            kill(crew->pids[i], SIGKILL);
    for (unsigned i = 0; i < WORKERS_MOST; i++) {
        while (crew->pids[i] != 0 && waitpid(crew->pids[i], NULL, 0) < 0 && errno == EINTR)
            ;
        crew->pids[i] = 0;
    }
}

void crew_release(struct crew *crew)
{
    if (crew->page == NULL)
        return;
    crew_stop(crew);
    munmap(crew->page, sizeof(*crew->page));
    crew->page = NULL;
}
