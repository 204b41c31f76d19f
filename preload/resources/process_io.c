/* Telling them apart. Its own file because it takes three files of the kernel's to know one number. */
#include "preload/resources/process_io.h"

#include "preload/resources/task_stat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define THREADS_MOST 64u /* are read, 5 us each, and where children are waited for alone */

void process_io_init(struct process_io *io, struct kept_folder *folder, struct kept_file *stat,
                     int own_tid)
{
    const struct kept_file none = {-1};
    *io = (struct process_io){
        .folder = folder, .stat = stat, .its = none, .own = none, .own_tid = own_tid};
}

static bool parse(const char *text, struct io_sums *sums)
{
    return kept_file_named(text, "read_bytes:", &sums->of[IO_READ]) &&
           kept_file_named(text, "write_bytes:", &sums->of[IO_WRITTEN]) &&
           kept_file_named(text, "rchar:", &sums->of[IO_CALLS_READ]) &&
           kept_file_named(text, "wchar:", &sums->of[IO_CALLS_WRITTEN]);
}

static ssize_t read_sums(struct process_io *io, struct kept_file *file, int tid,
                         struct io_sums *sums)
{
    char path[48], text[512];
    memset(sums, 0, sizeof *sums);
    snprintf(path, sizeof path, "task/%d/io", tid);
    ssize_t status = kept_file_read(io->folder, file, tid ? path : "io", text, sizeof text);
    return status > 0 && !parse(text, sums) ? -EINVAL : status;
}

/* Between reading the one file and the other a child may have been waited for. */
static bool waited_meanwhile(struct process_io *io, uint64_t *children)
{
    struct task_stat stat;
    char text[1024];
    if (kept_file_read(io->folder, io->stat, "stat", text, sizeof text) <= 0 ||
        !task_stat_parse(text, &stat))
        return false;
    bool waited = stat.children != *children;
    *children = stat.children;
    return waited;
}

struct adding {
    struct process_io *io;
    unsigned left; /* threads to read */
    struct io_sums sums;
};

static bool add_thread(void *context, int tid)
{
    struct adding *adding = context;
    struct io_sums its;
    if (tid == adding->io->own_tid)
        return true;
    if (read_sums(adding->io, NULL, tid, &its) > 0)
        for (unsigned i = 0; i < IO_KINDS; i++)
            adding->sums.of[i] += its.of[i];
    return --adding->left > 0;
}

/* Of its own it has at least what its threads have, and what had ended before. */
static void tell_threads(struct process_io *io)
{
    struct adding threads = {.io = io, .left = THREADS_MOST};
    kept_folder_each_thread(io->folder, add_thread, &threads);
    for (unsigned i = 0; i < IO_KINDS; i++) {
        uint64_t least = threads.sums.of[i] + io->ended.of[i], *told = &io->told.of[i];
        *told = least > *told ? least : *told;
        io->ended.of[i] = *told > threads.sums.of[i] ? *told - threads.sums.of[i] : 0;
    }
}

/* Returns true when there is more than before. */
static bool note_all(struct process_io *io, const struct io_sums *its, const struct io_sums *own,
                     struct io_sums *more)
{
    bool rose = false;
    for (unsigned i = 0; i < IO_KINDS; i++) {
        uint64_t all = its->of[i] > own->of[i] ? its->of[i] - own->of[i] : 0;
        all = all > io->all.of[i] ? all : io->all.of[i];
        more->of[i] = all - io->all.of[i];
        io->all.of[i] = all;
        rose |= more->of[i] > 0;
    }
    return rose;
}

ssize_t process_io_look(struct process_io *io, uint64_t children)
{
    struct io_sums its, own = {0}, more;
    if (io->own_tid)
        read_sums(io, &io->own, io->own_tid, &own);
    ssize_t status = read_sums(io, &io->its, 0, &its);
    if (status <= 0)
        return status ? status : -ENODATA;
    bool rose = note_all(io, &its, &own, &more);
    bool waited = io->known && children != io->children;
    if (rose && !waited)
        waited = waited_meanwhile(io, &children);
    if (!io->known || waited)
        tell_threads(io);
    else
        for (unsigned i = 0; i < IO_KINDS; i++)
            io->told.of[i] += more.of[i];
    io->known = true;
    io->children = children;
    return 0;
}

void process_io_close(struct process_io *io)
{
    kept_file_close(io->folder, &io->its);
    kept_file_close(io->folder, &io->own);
}
