/*
 * What a worker does from fork() to its end. Its own file because it runs in another process than
 * everything else here.
 *
 * Duty is CPU time, by the thread's own clock: at the beginning of each period a worker is given
 * its share, computes until that is used up, in pieces of a panel, and sleeps until the next. What
 * it took too much is missing from the next share, so that the mean is exact.
 */
#include "analyzer/heat/worker.h"
#include "analyzer/heat/chain.h"
#include "analyzer/heat/matrix.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define CHAIN_PIECE 4096   /* steps: 0.1 ms */
#define NAP_NS 20000000ULL /* how long it takes at most to see an order */

struct worker {
    struct worker_page *page;
    struct worker_slot *slot;
    pid_t parent;
    unsigned number;
    struct matrix matrix;
    unsigned row, finished;
    double value;        /* of the chain */
    uint64_t cpu_before; /* of this thread, at the last look */
    uint64_t period_end;
    int64_t credit;                               /* CPU time of this period */
    uint64_t product_ns, chain_ns, locked_ns, ns; /* CPU time, by what it went to */
};

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

struct worker_page *worker_page_new(void)
{
    pthread_mutexattr_t shared;
    struct worker_page *page =
        mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return NULL;
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&page->lock, &shared);
    pthread_mutexattr_destroy(&shared);
    return page;
}

/* A slot has one writer. */
static void add(_Atomic uint64_t *sum, uint64_t more)
{
    atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + more,
                          memory_order_relaxed);
}

static void add_one(_Atomic uint32_t *sum)
{
    atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static uint32_t order(const _Atomic uint32_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

static bool is_over(const struct worker *w)
{
    return order(&w->page->stop) != 0 || order(&w->slot->leave) != 0 || getppid() != w->parent;
}

static void nap_until(uint64_t when)
{
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    uint64_t end = when < now + NAP_NS ? when : now + NAP_NS;
    struct timespec at = {(time_t)(end / 1000000000U), (long)(end % 1000000000U)};

    if (end > now)
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* Whether it may compute now; if not it has slept a little. */
static bool take_turn(struct worker *w)
{
    uint64_t now = clock_ns(CLOCK_MONOTONIC), period = w->page->period_ns;
    uint32_t duty = order(&w->page->duty);
    uint64_t beat = atomic_load_explicit(&w->page->beat_ns, memory_order_relaxed);

    if (duty == 0 || now > beat + WORKER_BEAT_NS) {
        w->credit = 0;
        w->period_end = 0;
        nap_until(now + NAP_NS);
        return false;
    }
    if (now >= w->period_end) {
        int64_t share = (int64_t)(period / WORKER_WHOLE * duty);
        w->credit = (w->credit < 0 ? w->credit : 0) + share;
        w->period_end = w->period_end + period > now ? w->period_end + period : now + period;
    }
    if (w->credit > 0)
        return true;
    nap_until(w->period_end);
    return false;
}

/* Books CPU time since the last call on `where` too. */
static void book(struct worker *w, uint64_t *where, bool locked)
{
    uint64_t now = clock_ns(CLOCK_THREAD_CPUTIME_ID), used = now - w->cpu_before;

    w->cpu_before = now;
    w->credit -= (int64_t)used;
    w->ns += used;
    *where += used;
    w->locked_ns += locked ? used : 0;
    add(&w->slot->cpu_ns, used);
}

static bool take_ticket(struct worker *w)
{
    int64_t left = atomic_load_explicit(&w->page->tickets, memory_order_relaxed);

    if (!w->page->counted || order(&w->slot->has_ticket) != 0)
        return true;
    while (left > 0 &&
           !atomic_compare_exchange_weak_explicit(&w->page->tickets, &left, left - 1,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
    atomic_store_explicit(&w->slot->has_ticket, left > 0, memory_order_relaxed);
    return left > 0;
}

/* False when there is no memory for what is ordered. */
static bool fit_matrices(struct worker *w)
{
    uint32_t size = order(&w->page->size);

    if (w->matrix.n == size)
        return true;
    matrix_release(&w->matrix);
    w->row = 0;
    if (matrix_init(&w->matrix, size, w->number) != 0) {
        add_one(&w->slot->no_memory);
        return false;
    }
    return true;
}

/* The end of a product: every fourth one's sum is checked, which would take 2 % of the time if it
 * were each, and a few powers are taken from it. */
static void finish_product(struct worker *w)
{
    uint64_t bits;

    w->row = 0;
    atomic_store_explicit(&w->slot->has_ticket, 0, memory_order_relaxed);
    if (w->finished++ % 4 == 0 && !matrix_is_sound(&w->matrix))
        add_one(&w->slot->wrong);
    double value = matrix_element(&w->matrix, 0, 0) / w->matrix.n;
    w->value = chain_run(value * w->value, w->matrix.n / 8);
    memcpy(&bits, &w->value, sizeof(bits));
    atomic_store_explicit(&w->slot->checksum, bits, memory_order_relaxed);
    add(&w->slot->products, 1);
}

/* A panel of the product, or a piece of the chain: whose CPU time is behind its share. */
static void compute(struct worker *w, bool locked)
{
    if (w->product_ns * 100 > w->ns * w->page->split) {
        w->value = chain_run(w->value, CHAIN_PIECE);
        book(w, &w->chain_ns, locked);
        return;
    }
    add(&w->slot->operations, matrix_product(&w->matrix, w->row));
    w->row += MATRIX_PANEL;
    if (w->row >= w->matrix.n)
        finish_product(w);
    book(w, &w->product_ns, locked);
}

static void compute_locked(struct worker *w)
{
    if (pthread_mutex_lock(&w->page->lock) == EOWNERDEAD)
        pthread_mutex_consistent(&w->page->lock);
    compute(w, true);
    pthread_mutex_unlock(&w->page->lock);
}

static void work(struct worker *w)
{
    while (!is_over(w)) {
        if (!take_turn(w))
            continue;
        if (!fit_matrices(w)) {
            nap_until(clock_ns(CLOCK_MONOTONIC) + NAP_NS);
            continue;
        }
        if (!take_ticket(w))
            return;
        if (w->locked_ns * 100 < w->ns * w->page->contend)
            compute_locked(w);
        else
            compute(w, false);
    }
}

/* The first to go when memory is short, and gone with its parent: that may have died before prctl()
 * was reached. */
static void become_worker(const struct worker *w, int cpu)
{
    sigset_t none;

    prctl(PR_SET_NAME, WORKER_NAME);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != w->parent)
        _exit(0);
    /* The terminal's go to all; the parent ends its workers in order. */
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (write(fd, "1000", 4) != 4)
            errno = 0; /* not permitted: then it is one among others */
        close(fd);
    }
    if (cpu >= 0 && cpu < CPU_SETSIZE) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        sched_setaffinity(0, sizeof(set), &set);
    }
}

void worker_run(struct worker_page *page, unsigned slot, pid_t parent, int cpu)
{
    struct worker worker = {
        .page = page, .slot = &page->slots[slot], .parent = parent, .number = slot, .value = 0.5};

    become_worker(&worker, cpu);
    worker.cpu_before = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    work(&worker);
    matrix_release(&worker.matrix);
    _exit(0);
}
