/*
 * Allocates in four functions, in threads that free each other's blocks, and prints the
 * truth: heap_sites THREADS SCALE
 *
 *   keep    blocks that are never freed
 *   hold    blocks that are all live at once, then freed by the next thread: the peak
 *   churn   blocks freed at once: temporary
 *   grow    one block per thread, made larger and larger by realloc, then freed
 *   trade   blocks that any thread frees, whichever finds them, at the same time; some are
 *           left
 *
 * One line each: FUNCTION allocations bytes live-blocks live-bytes peak-bytes temporary
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline, noclone))
#define THREADS_MAX 64
#define KEPT 1000
#define HELD 4000
#define CHURNED 20000
#define GROWN 500
#define TRADED 10000
#define COUNTERS 1024 /* where they lie; less than all that is held */

struct truth {
    unsigned long count, bytes, live_count, live_bytes, peak, temporary;
};

enum { KEEP, HOLD, CHURN, GROW, TRADE, FUNCTIONS };

static int threads, scale;
static pthread_barrier_t barrier;
static char **held[THREADS_MAX], **kept[THREADS_MAX];
static struct truth truth[THREADS_MAX][FUNCTIONS];
static _Atomic(size_t *) counters[COUNTERS]; /* blocks that say how large they are */

static void count(struct truth *of, size_t size)
{
    of->count++;
    of->bytes += size;
}

NOINLINE static char *keep(size_t size)
{
    char *block = malloc(size);
    block[0] = 1;
    return block;
}

NOINLINE static char *hold(size_t size)
{
    char *block = calloc(1, size);
    block[0] = 1;
    return block;
}

NOINLINE static void churn(size_t size)
{
    volatile char *block = malloc(size);
    block[0] = 1;
    free((char *)block);
}

NOINLINE static char *grow(char *block, size_t size)
{
    char *larger = realloc(block, size);
    larger[size - 1] = 1;
    return larger;
}

NOINLINE static size_t *trade(size_t size)
{
    size_t *block = malloc(size);
    *block = size;
    return block;
}

static void fill(int me, struct truth *of)
{
    for (int i = 0; i < KEPT * scale; i++) {
        size_t size = 100 + (size_t)i % 900;
        kept[me][i] = keep(size);
        count(&of[KEEP], size);
    }
    for (int i = 0; i < HELD * scale; i++) {
        size_t size = 16 + (size_t)(i * 7919) % 3000;
        held[me][i] = hold(size);
        count(&of[HOLD], size);
    }
    of[KEEP].live_count = of[KEEP].count;
    of[KEEP].live_bytes = of[KEEP].peak = of[KEEP].bytes;
    of[HOLD].peak = of[HOLD].bytes;
}

static void spend(struct truth *of)
{
    char *block = NULL;
    for (int i = 0; i < CHURNED * scale; i++) {
        size_t size = 1 + (size_t)i % 512;
        churn(size);
        count(&of[CHURN], size);
        of[CHURN].temporary++;
    }
    for (int i = 1; i <= GROWN; i++) {
        block = grow(block, (size_t)i * 100);
        count(&of[GROW], (size_t)i * 100);
    }
    free(block);
    of[GROW].temporary = 1; /* a block made larger is not freed */
}

static void exchange(int me, struct truth *of)
{
    unsigned random = 12345u + (unsigned)me;

    for (int i = 0; i < TRADED * scale; i++) {
        random = random * 1664525u + 1013904223u;
        size_t size = sizeof(size_t) + (random >> 8) % 900;
        size_t *block = trade(size);
        count(&of[TRADE], size);
        free(atomic_exchange(&counters[(random >> 20) % COUNTERS], block));
    }
}

static void *run(void *argument)
{
    int me = (int)(size_t)argument, other = (me + 1) % threads;
    fill(me, truth[me]);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < HELD * scale; i++)
        free(held[other][i]);
    pthread_barrier_wait(&barrier);
    exchange(me, truth[me]);
    spend(truth[me]);
    return NULL;
}

static void count_traded(struct truth *of)
{
    for (int i = 0; i < COUNTERS; i++) {
        const size_t *left = counters[i];
        of->live_count += left != NULL;
        of->live_bytes += left != NULL ? *left : 0;
    }
}

static void print(void)
{
    static const char *const names[] = {"keep", "hold", "churn", "grow", "trade"};
    for (int f = 0; f < FUNCTIONS; f++) {
        struct truth sum;
        memset(&sum, 0, sizeof sum);
        for (int t = 0; t < threads; t++) {
            const struct truth *of = &truth[t][f];
            sum.count += of->count;
            sum.bytes += of->bytes;
            sum.live_count += of->live_count;
            sum.live_bytes += of->live_bytes;
            sum.peak += of->peak;
            sum.temporary += of->temporary;
        }
        printf("%s %lu %lu %lu %lu %lu %lu\n", names[f], sum.count, sum.bytes, sum.live_count,
               sum.live_bytes, sum.peak, sum.temporary);
    }
}

int main(int argc, char **argv)
{
    pthread_t others[THREADS_MAX];
    threads = argc > 1 ? atoi(argv[1]) : 1;
    scale = argc > 2 ? atoi(argv[2]) : 1;
    if (threads < 1 || threads > THREADS_MAX || scale < 1)
        return 2;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (int t = 0; t < threads; t++) {
        kept[t] = calloc((size_t)(KEPT * scale), sizeof **kept);
        held[t] = calloc((size_t)(HELD * scale), sizeof **held);
    }
    for (int t = 1; t < threads; t++)
        if (pthread_create(&others[t], NULL, run, (void *)(size_t)t) != 0)
            return 1;
    run(NULL);
    for (int t = 1; t < threads; t++)
        pthread_join(others[t], NULL);
    count_traded(&truth[0][TRADE]);
    print();
    return 0;
}
