/*
 * dwarf_crew.h. Nothing is freed here: processes end.
 */
#include "analyzer/symbols/dwarf_crew.h"

#include "analyzer/symbols/answer_stream.h"
#include "analyzer/symbols/dwarf_symbols.h"
#include "analyzer/util/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* So many batches for each process that none waits long for the last one. */
#define BATCHES_EACH 16

/* A process more is worth its start (1 ms, and the memory of one) from here on. */
#define ADDRESSES_EACH 24

struct crew {
    const struct dwarf_task *task;
    struct dwarf_symbols *symbols;
    struct symbol_hit *hits;
    size_t *batches; /* where each begins among the hits, and the end of the last */
    size_t batch_count, batch_capacity;
    atomic_uint *next_batch; /* shared by all */
};

unsigned dwarf_crew_size(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return count < 1 ? 1 : count > DWARF_CREW_MAX ? DWARF_CREW_MAX : (unsigned)count;
}

/* --- limits ------------------------------------------------------------------- */

static void give_up(int number)
{
    (void)number;
    _exit(EXIT_FAILURE);
}

/* What libdwarf dies of is no crash of ours, and is not to look like one in the kernel's log or
 * among the core dumps, which go to a program in spite of their limit. */
static void expect_death(void)
{
    static const int deaths[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGXCPU, SIGALRM};
    struct rlimit core = {0, 0};
    int silent = open("/dev/null", O_WRONLY | O_CLOEXEC);
    sigset_t none;

    (void)setrlimit(RLIMIT_CORE, &core);
    for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++)
        (void)signal(deaths[i], give_up);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGCHLD, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (silent >= 0)
        (void)dup2(silent, STDERR_FILENO); /* the allocator's last words are not for users */
}

static void limit_time(const struct dwarf_limits *limits)
{
    struct rlimit cpu;
    struct rusage used;

    if (getrlimit(RLIMIT_CPU, &cpu) == 0 && getrusage(RUSAGE_SELF, &used) == 0) {
        /* Whole seconds, the one begun not counted. */
        cpu.rlim_cur =
            (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1 + limits->cpu_seconds;
        if (cpu.rlim_max != RLIM_INFINITY && cpu.rlim_cur > cpu.rlim_max)
            cpu.rlim_cur = cpu.rlim_max;
        (void)setrlimit(RLIMIT_CPU, &cpu);
    }
    (void)alarm(limits->wall_seconds);
}

/* Not of the address space, of which a mapped file takes as much as it likes. */
static void limit_memory(const struct dwarf_limits *limits)
{
    struct rlimit limit;
    unsigned long has = 0;
    FILE *in = fopen("/proc/self/statm", "re");

    if (in == NULL || fscanf(in, "%*u %*u %*u %*u %*u %lu", &has) != 1)
        has = 0;
    if (in != NULL)
        (void)fclose(in);
    if (has == 0 || getrlimit(RLIMIT_DATA, &limit) != 0)
        return;
    limit.rlim_cur = has * (rlim_t)sysconf(_SC_PAGESIZE) + limits->memory;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
        limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_DATA, &limit);
}

/* --- batches ------------------------------------------------------------------ */

static void add_boundary(struct crew *crew, size_t hit)
{
    crew->batches = memory_grow(crew->batches, crew->batch_count, &crew->batch_capacity,
                                sizeof(*crew->batches));
    crew->batches[crew->batch_count++] = hit;
}

/* Whole units, so that none is read twice, unless a batch must be small. */
static void make_batches(struct crew *crew, unsigned size)
{
    size_t count = crew->task->count, least = count / (size * BATCHES_EACH), begin = 0;
    bool split = crew->task->batch_max > 0;

    if (split)
        least = crew->task->batch_max;
    add_boundary(crew, 0);
    for (size_t i = 1; i < count; i++)
        if (i - begin >= least && (split || crew->hits[i].unit != crew->hits[i - 1].unit)) {
            add_boundary(crew, i);
            begin = i;
        }
    add_boundary(crew, count);
    crew->batch_count--; /* the end is no batch's beginning */
}

static void work_on(struct crew *crew, struct answer_writer *writer, struct symbol_hit *hits,
                    size_t count)
{
    uint32_t *numbers = memory_alloc(count * sizeof(*numbers));

    for (size_t i = 0; i < count; i++)
        numbers[i] = (uint32_t)hits[i].number;
    answer_write_claim(writer, numbers, count);
    free(numbers);
    limit_time(&crew->task->limits);
    dwarf_symbols_resolve(crew->symbols, crew->task->inlines, hits, count);
    for (size_t i = 0; i < count; i++)
        answer_write(writer, (uint32_t)hits[i].number, hits[i].query);
}

static _Noreturn void work(struct crew *crew, struct answer_writer *writer)
{
    unsigned batch;

    while ((batch = atomic_fetch_add(crew->next_batch, 1)) < crew->batch_count)
        work_on(crew, writer, crew->hits + crew->batches[batch],
                crew->batches[batch + 1] - crew->batches[batch]);
    answer_write_flush(writer);
    _exit(EXIT_SUCCESS);
}

/* --- processes ---------------------------------------------------------------- */

static void close_others(const int *ends, unsigned size, unsigned keep)
{
    for (unsigned i = 0; i < size; i++)
        if (i != keep)
            (void)close(ends[i]);
}

/* The first only waits, so that there is somebody for all the others to be buried by. Returns
 * when there are none. */
static void start_others(struct crew *crew, const int *ends, unsigned size)
{
    unsigned started = 0;

    for (; started < size; started++) {
        pid_t child = fork();
        struct answer_writer writer;

        if (child < 0)
            break;
        if (child > 0)
            continue;
        close_others(ends, size, started);
        answer_writer_init(&writer, ends[started]);
        work(crew, &writer);
    }
    if (started == 0)
        return;
    close_others(ends, size, size);
    (void)alarm(0);
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
    _exit(EXIT_SUCCESS);
}

void dwarf_crew_run(const struct dwarf_task *task, const int *ends, unsigned size)
{
    struct crew crew = {.task = task};
    struct answer_writer writer;
    unsigned wanted = (unsigned)(1 + task->count / ADDRESSES_EACH);

    expect_death();
    limit_memory(&task->limits);
    limit_time(&task->limits);
    crew.symbols = dwarf_symbols_new(task->files, task->strings);
    crew.next_batch = mmap(NULL, sizeof(*crew.next_batch), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (crew.symbols == NULL || crew.next_batch == MAP_FAILED)
        _exit(EXIT_FAILURE);
    crew.hits = memory_alloc(task->count * sizeof(*crew.hits));
    dwarf_symbols_find_units(crew.symbols, task->queries, task->count, crew.hits);
    answer_writer_init(&writer, ends[0]);
    answer_write_begin(&writer);
    while (size > wanted)
        (void)close(ends[--size]);
    make_batches(&crew, size);
    if (size > 1) {
        dwarf_symbols_share(crew.symbols);
        start_others(&crew, ends, size);
    }
    close_others(ends, size, 0);
    work(&crew, &writer);
}
