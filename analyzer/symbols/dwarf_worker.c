/*
 * dwarf_worker.h: rounds. Each starts the processes anew with what has no answer yet and,
 * where one of them died, with batches half as large.
 */
#include "analyzer/symbols/dwarf_worker.h"

#include "analyzer/symbols/answer_stream.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Enough to halve 2^16 addresses down to one bad one, and an end to bad files. */
#define ROUNDS_MAX 32

/* Texts may take as much together: far more than the longest names of C++ do. */
#define TEXT_ROOM (64u << 20)
#define TEXT_ROOM_EACH (4u << 10)

/*
 * Measured: 0.5 s of CPU for 10 000 addresses in all 2171 units of a kernel together, and 30 MB
 * of a process's own. What keeps one longer or grows it more is damaged, not large; what was
 * compressed is added for the file it is in, see memory_for().
 * Each round halves the times, so that a file in which every unit is bad is given up after
 * 90 s of each processor.
 */
const struct dwarf_limits dwarf_worker_limits = {
    .cpu_seconds = 30, .wall_seconds = 120, .memory = 1ul << 30};

struct job {
    struct dwarf_task task; /* of the round */
    struct answer_table table;
    size_t lost; /* given up */
    unsigned size;
};

static uint64_t size_of(const struct elf_image *image)
{
    struct stat file;

    return image != NULL && fstat(image->fd, &file) == 0 ? (uint64_t)file.st_size : 0;
}

/* Sections that are compressed are unpacked into memory; debug information seldom shrinks
 * to less than a fifth. */
static uint64_t memory_for(const struct dwarf_files *files, const struct dwarf_limits *limits)
{
    return limits->memory +
           6 * (size_of(files->image) + size_of(files->supplement) + size_of(files->package));
}

/* How it ended does not matter: answers are there or they are not. */
static void reap(pid_t child)
{
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void close_all(int ends[][2], unsigned count, int side)
{
    for (unsigned i = 0; i < count; i++)
        (void)close(ends[i][side]);
}

/* The first process, -1 when it cannot be started. Then readers have no descriptors. */
static pid_t start(struct job *job, struct answer_reader *readers)
{
    int ends[DWARF_CREW_MAX][2], writing[DWARF_CREW_MAX];
    unsigned made = 0;
    pid_t child = -1;

    while (made < job->size && pipe2(ends[made], O_CLOEXEC) == 0)
        made++;
    job->size = made;
    if (made > 0) {
        (void)fflush(NULL); /* what is buffered must not be written by both */
        child = fork();
    }
    if (child == 0) {
        close_all(ends, made, 0);
        for (unsigned i = 0; i < made; i++)
            writing[i] = ends[i][1];
        dwarf_crew_run(&job->task, writing, made);
    }
    close_all(ends, made, 1);
    if (child < 0)
        close_all(ends, made, 0);
    for (unsigned i = 0; i < made && child > 0; i++)
        answer_reader_init(&readers[i], ends[i][0], (uint16_t)(i + 1));
    return child;
}

/* Takes messages from whoever has one, until all have ended. */
static void listen_to(struct answer_reader *readers, unsigned count, struct answer_table *table)
{
    struct pollfd polls[DWARF_CREW_MAX];
    unsigned open = count;

    for (unsigned i = 0; i < count; i++)
        polls[i] = (struct pollfd){.fd = readers[i].fd, .events = POLLIN};
    while (open > 0) {
        if (poll(polls, count, -1) < 0 && errno != EINTR)
            break;
        for (unsigned i = 0; i < count; i++) {
            if (polls[i].fd < 0 || polls[i].revents == 0)
                continue;
            progress_step("reading debug information of addresses", table->answered, table->count);
            if (answer_read(&readers[i], table))
                continue;
            polls[i].fd = -1; /* which poll() passes over */
            answer_reader_release(&readers[i]);
            open--;
        }
    }
    for (unsigned i = 0; i < count; i++)
        answer_reader_release(&readers[i]);
}

/* How many a process was at work on when it died, of that process which had most. */
static size_t largest_claim(const struct answer_table *table)
{
    size_t claimed[DWARF_CREW_MAX + 1] = {0}, largest = 0;

    for (size_t i = 0; i < table->count; i++)
        if (table->owner[i] != ANSWER_NOBODY && table->owner[i] <= DWARF_CREW_MAX)
            claimed[table->owner[i]]++;
    for (size_t i = 1; i <= DWARF_CREW_MAX; i++)
        largest = claimed[i] > largest ? claimed[i] : largest;
    return largest;
}

/* Keeps what is to be tried again: all that has no answer, unless it alone killed a process. */
static void keep_unanswered(struct job *job)
{
    struct answer_table *table = &job->table;
    size_t claims[DWARF_CREW_MAX + 1] = {0}, kept = 0;

    for (size_t i = 0; i < table->count; i++)
        if (table->owner[i] <= DWARF_CREW_MAX)
            claims[table->owner[i]]++;
    for (size_t i = 0; i < table->count; i++) {
        uint16_t owner = table->owner[i];

        if (owner == ANSWER_THERE)
            continue;
        if (owner != ANSWER_NOBODY && claims[owner] == 1)
            job->lost++;
        else
            table->queries[kept++] = table->queries[i];
    }
    table->count = kept;
    memset(table->owner, 0, kept * sizeof(*table->owner));
    table->answered = 0;
}

/* Smaller batches, and less time: one that hung once does it again. */
static void narrow(struct dwarf_task *task, size_t largest)
{
    task->batch_max = largest > 1 ? largest / 2 : 1;
    if (task->limits.cpu_seconds > 2)
        task->limits.cpu_seconds /= 2;
    if (task->limits.wall_seconds > 10)
        task->limits.wall_seconds /= 2;
}

/* False when another one is of no use. */
static bool run_round(struct job *job, int *result)
{
    struct answer_reader readers[DWARF_CREW_MAX];
    size_t largest;
    pid_t child;

    job->task.queries = job->table.queries;
    job->task.count = job->table.count;
    job->table.begun = false;
    child = start(job, readers);
    if (child < 0) {
        *result = PROBLEM_SYSTEM;
        return false;
    }
    listen_to(readers, job->size, &job->table);
    reap(child);
    largest = largest_claim(&job->table);
    keep_unanswered(job);
    narrow(&job->task, largest);
    return job->table.begun;
}

int dwarf_worker_resolve(const struct dwarf_files *files, bool inlines, struct strings *strings,
                         const struct dwarf_limits *limits, struct symbol_query *queries,
                         size_t count, size_t *lost)
{
    struct job job = {
        .task = {.files = files, .inlines = inlines, .strings = strings, .limits = *limits},
        .table = {.count = count, .strings = strings}};
    int result = 0;

    job.size = limits->processes == 0 ? dwarf_crew_size() : limits->processes;
    job.size = job.size < DWARF_CREW_MAX ? job.size : DWARF_CREW_MAX;
    job.task.limits.memory = memory_for(files, &job.task.limits);
    job.table.text_left = TEXT_ROOM + count * TEXT_ROOM_EACH;
    job.table.queries = memory_alloc((count + 1) * sizeof(*job.table.queries));
    job.table.owner = memory_alloc((count + 1) * sizeof(*job.table.owner));
    for (size_t i = 0; i < count; i++)
        job.table.queries[i] = &queries[i];
    for (int round = 0; round < ROUNDS_MAX && job.table.count > 0; round++)
        if (!run_round(&job, &result))
            break;
    free(job.table.queries);
    free(job.table.owner);
    *lost = job.lost + job.table.count;
    return result == 0 && *lost > 0 ? PROBLEM_DATA : result;
}
