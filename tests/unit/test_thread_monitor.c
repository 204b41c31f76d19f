/* Looks at many threads, which are this process's. */
#include "preload/resources/thread_monitor.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

#define THREADS (2 * THREAD_MONITOR_TURN) /* every other look is at each, without descriptors */
#define LOOKS 24                          /* 12 at each: its turns come within 8 */
#define VOLUNTARY (RESOURCE_THREAD_VOLUNTARY - RESOURCE_THREAD_CPU)

static struct followed_thread table[THREAD_MONITOR_MOST];
static struct thread_monitor monitor;
static bool stop;
static int tids[THREADS];

static void *wake_often(void *tid)
{
    __atomic_store_n((int *)tid, gettid(), __ATOMIC_RELAXED);
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        usleep(1000);
    return NULL;
}

/* NULL: it was not met. The process may have others, which sleep. */
static struct followed_thread *find(size_t i)
{
    int tid = __atomic_load_n(&tids[i], __ATOMIC_RELAXED);
    for (uint32_t at = 0; at < monitor.count; at++)
        if (tid && table[at].tid == tid)
            return &table[at];
    return NULL;
}

static size_t met(void)
{
    size_t count = 0;
    for (size_t i = 0; i < THREADS; i++)
        count += find(i) != NULL;
    return count;
}

static void look(struct resource_log *log)
{
    static uint64_t moment;
    usleep(5000);
    resource_log_moment(log, ++moment * 1000000);
    thread_monitor_look(&monitor, 0, 0, !monitor.looks, false);
}

Test(thread_monitor, each_of_many_is_asked_for_all_in_turn)
{
    pthread_t threads[THREADS];
    struct kept_folder folder;
    struct resource_log *log = resource_log_new();
    for (size_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, wake_often, &tids[i]), 0);
    kept_folder_open(&folder, 0, 0);
    thread_monitor_init(&monitor, &folder, log, table, getpid(), 10000000);
    while (met() < THREADS && monitor.looks < 20) {
        monitor.some_gone = true; /* 64 are met in one look */
        look(log);
    }
    cr_assert_eq(met(), THREADS);
    for (size_t i = 0; i < THREADS; i++)
        find(i)->start_ticks = find(i)->values[VOLUNTARY] = 0;
    for (unsigned i = 0; i < LOOKS; i++)
        look(log);
    for (size_t i = 0; i < THREADS; i++) {
        cr_expect_gt(find(i)->start_ticks, 0, "thread %zu: no stat", i);
        cr_expect_gt(find(i)->values[VOLUNTARY], 0, "thread %zu: no status", i);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    thread_monitor_close(&monitor);
    kept_folder_close(&folder);
    resource_log_free(log);
}
