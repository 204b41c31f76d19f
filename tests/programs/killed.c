/*
 * killed WAY TRUTH: works until it is killed, and keeps its own truth in the file TRUTH, which
 * is mapped and outlives it: what each worker had done for certain.
 *   single   one thread
 *   threads  three of them and main
 *   forks    three children and main, which goes on making children that end at once
 *
 * A worker allocates blocks of sizes killed_size(0), (1), ..., frees the one four before, enters
 * and leaves the region "w<number>", and adds 3 to the counter "c<number>"; it notes each when
 * it is done. So a recording holds as much of each, or one more.
 */
#include "../../preload/profinject.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 4, KEPT = 4 };

struct worker {
    _Atomic int64_t pid, tid, allocs, frees, regions, counted;
    int64_t padding[2];
};

static struct worker *workers;
static volatile unsigned sink;

static size_t killed_size(int64_t number)
{
    return 20011 + (size_t)(number % 997);
}

static void burn(void)
{
    for (unsigned i = 0; i < 20000; i++)
        sink += i;
}

static void *work(void *argument)
{
    struct worker *self = argument;
    char region[8], counter[8];
    void *kept[KEPT] = {NULL};

    snprintf(region, sizeof region, "w%d", (int)(self - workers));
    snprintf(counter, sizeof counter, "c%d", (int)(self - workers));
    self->pid = getpid();
    self->tid = gettid();
    for (int64_t i = 0;; i++) {
        if (i >= KEPT) {
            free(kept[i % KEPT]);
            self->frees++;
        }
        kept[i % KEPT] = malloc(killed_size(i));
        self->allocs++;
        if (profinject_region_push) {
            profinject_region_push(region);
            profinject_region_pop();
            self->regions++;
            profinject_counter(counter, 3);
            self->counted += 3;
        }
        burn();
    }
    return NULL;
}

static void start_others(int forks)
{
    for (int i = 1; i < WORKERS; i++) {
        pthread_t thread;
        if (!forks && pthread_create(&thread, NULL, work, &workers[i]) != 0)
            exit(1);
        if (forks && fork() == 0)
            work(&workers[i]);
    }
}

static void *make_children(void *unused)
{
    (void)unused;
    for (;;) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        waitpid(child, NULL, 0);
        usleep(1000);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    int fd = argc == 3 ? open(argv[2], O_RDWR) : -1;
    workers = mmap(NULL, WORKERS * sizeof *workers, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || workers == MAP_FAILED)
        return 2;
    setpgid(0, 0); /* one signal ends all of them */
    if (strcmp(argv[1], "single") != 0)
        start_others(strcmp(argv[1], "forks") == 0);
    if (strcmp(argv[1], "forks") == 0 && pthread_create(&thread, NULL, make_children, NULL) != 0)
        return 1;
    work(&workers[0]);
}
