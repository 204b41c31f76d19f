/*
 * dwarf_worker.h: one child per attempt, its answers through a pipe.
 */
#include "analyzer/symbols/dwarf_worker.h"

#include "analyzer/symbols/dwarf_symbols.h"
#include "analyzer/util/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Enough to halve 2^16 addresses down to one bad one, and an end to bad files. */
#define ATTEMPTS_MAX 32

/* A unit that keeps the child busy longer is damaged, not large. */
#define CPU_SECONDS_MAX 300

/* Longer names and paths than these are not made by any module here. */
#define TEXT_MAX (1u << 20)
#define FRAMES_MAX (1u << 16)

#define TEXT_ABSENT UINT32_MAX

/* Around the answers. A child that does not come to the first will not another time. */
#define ANSWERS_BEGIN 0x4245474eu
#define ANSWERS_END 0x444e4521u

struct job {
    const struct dwarf_files *files;
    bool inlines;
    struct strings *strings;
    unsigned attempts_left;
    int result; /* of the whole */
};

/* --- the child ------------------------------------------------------------- */

static void put_number(FILE *out, uint32_t value)
{
    (void)fwrite(&value, sizeof(value), 1, out);
}

static void put_text(FILE *out, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);

    put_number(out, text == NULL ? TEXT_ABSENT : (uint32_t)length);
    (void)fwrite(text == NULL ? "" : text, 1, length, out);
}

static void put_answers(FILE *out, const struct symbol_query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_number(out, (uint32_t)queries[i].count);
        for (size_t f = 0; f < queries[i].count; f++) {
            const struct symbol_frame *frame = &queries[i].frames[f];

            put_text(out, frame->function);
            put_text(out, frame->file);
            put_number(out, frame->line);
            put_number(out, frame->decl_line);
            put_number(out, frame->inlined);
        }
    }
    put_number(out, ANSWERS_END);
}

static void give_up(int number)
{
    (void)number;
    _exit(EXIT_FAILURE);
}

/* What libdwarf dies of is no crash of ours, and is not to look like one in the kernel's log or
 * among the core dumps, which go to a program in spite of their limit. */
static void expect_death(void)
{
    static const int deaths[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    struct rlimit cpu = {CPU_SECONDS_MAX, CPU_SECONDS_MAX}, core = {0, 0};

    (void)setrlimit(RLIMIT_CPU, &cpu);
    (void)setrlimit(RLIMIT_CORE, &core);
    for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++)
        (void)signal(deaths[i], give_up);
}

/* Nothing is freed here: the process ends. */
static _Noreturn void run_child(const struct job *job, int pipe_end, struct symbol_query *queries,
                                size_t count)
{
    struct dwarf_symbols *symbols;
    FILE *out = fdopen(pipe_end, "w");
    int silent = open("/dev/null", O_WRONLY | O_CLOEXEC);

    expect_death();
    if (silent >= 0)
        (void)dup2(silent, STDERR_FILENO); /* the allocator's last words are not for users */
    symbols = out == NULL ? NULL : dwarf_symbols_new(job->files, job->strings);
    if (symbols == NULL)
        _exit(EXIT_FAILURE);
    put_number(out, ANSWERS_BEGIN);
    (void)fflush(out);
    dwarf_symbols_resolve(symbols, job->inlines, queries, count);
    put_answers(out, queries, count);
    _exit(fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* --- the parent ------------------------------------------------------------ */

static bool get_number(FILE *in, uint32_t *value)
{
    return fread(value, sizeof(*value), 1, in) == 1;
}

static bool get_text(FILE *in, struct strings *strings, const char **text)
{
    uint32_t length;
    char *copy;
    bool whole;

    *text = NULL;
    if (!get_number(in, &length))
        return false;
    if (length == TEXT_ABSENT)
        return true;
    if (length > TEXT_MAX)
        return false;
    copy = memory_alloc(length + 1);
    whole = fread(copy, 1, length, in) == length;
    if (whole)
        *text = strings_intern(strings, copy);
    free(copy);
    return whole;
}

static bool get_frame(FILE *in, struct strings *strings, struct symbol_frame *frame)
{
    uint32_t inlined;

    if (!get_text(in, strings, &frame->function) || !get_text(in, strings, &frame->file) ||
        !get_number(in, &frame->line) || !get_number(in, &frame->decl_line) ||
        !get_number(in, &inlined))
        return false;
    frame->inlined = inlined != 0;
    return true;
}

static bool get_answers(FILE *in, struct strings *strings, struct symbol_query *queries,
                        size_t count)
{
    uint32_t value;

    for (size_t i = 0; i < count; i++) {
        if (!get_number(in, &value) || value > FRAMES_MAX)
            return false;
        if (value == 0)
            continue;
        queries[i].frames = memory_alloc(value * sizeof(*queries[i].frames));
        queries[i].count = value;
        for (size_t f = 0; f < value; f++)
            if (!get_frame(in, strings, &queries[i].frames[f]))
                return false;
    }
    return get_number(in, &value) && value == ANSWERS_END;
}

static void forget_answers(struct symbol_query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(queries[i].frames);
        queries[i].frames = NULL;
        queries[i].count = 0;
    }
}

/* How it ended does not matter: answers are whole or they are not. */
static void reap(pid_t child)
{
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* 0, PROBLEM_DATA when the child failed, PROBLEM_SYSTEM when there was none. */
static int attempt(struct job *job, struct symbol_query *queries, size_t count)
{
    int ends[2];
    uint32_t begin = 0;
    pid_t child;
    FILE *in;
    bool whole;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return PROBLEM_SYSTEM;
    (void)fflush(NULL); /* what is buffered must not be written by both */
    child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        run_child(job, ends[1], queries, count);
    }
    (void)close(ends[1]);
    in = child < 0 ? NULL : fdopen(ends[0], "r");
    if (in == NULL) {
        (void)close(ends[0]);
        if (child > 0)
            reap(child);
        return PROBLEM_SYSTEM;
    }
    if (!get_number(in, &begin) || begin != ANSWERS_BEGIN)
        job->attempts_left = 0;
    whole = begin == ANSWERS_BEGIN && get_answers(in, job->strings, queries, count);
    (void)fclose(in);
    reap(child);
    if (whole)
        return 0;
    forget_answers(queries, count);
    return PROBLEM_DATA;
}

static void resolve_by_halves(struct job *job, struct symbol_query *queries, size_t count)
{
    int result;

    if (job->attempts_left == 0 || count == 0)
        return;
    job->attempts_left--;
    result = attempt(job, queries, count);
    if (result == 0)
        return;
    job->result = result;
    if (result == PROBLEM_DATA && count > 1) {
        resolve_by_halves(job, queries, count / 2);
        resolve_by_halves(job, queries + count / 2, count - count / 2);
    }
}

int dwarf_worker_resolve(const struct dwarf_files *files, bool inlines, struct strings *strings,
                         struct symbol_query *queries, size_t count)
{
    struct job job = {files, inlines, strings, ATTEMPTS_MAX, 0};

    resolve_by_halves(&job, queries, count);
    return job.result;
}
