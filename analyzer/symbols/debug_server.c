/*
 * debug_server.h: the child tells through a pipe that bytes arrive, then the path.
 */
#include "analyzer/symbols/debug_server.h"

#include "analyzer/util/memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY "libdebuginfod.so.1"
#define URLS "DEBUGINFOD_URLS"
#define TIMEOUT "DEBUGINFOD_TIMEOUT"
#define TIMEOUT_SECONDS 30

/* What the child says: that it is alive, and how it ended. */
enum word { WORD_PROGRESS = '.', WORD_FOUND = 'f', WORD_NOTHING = 'n', WORD_NO_LIBRARY = 'l' };

/* The library's interface (elfutils/debuginfod.h); not included, so that it need not be there. */
typedef void *(*begin_function)(void);
typedef int (*find_function)(void *, const unsigned char *, int, char **);
typedef int (*progress_function)(void *, long, long);
typedef void (*set_progress_function)(void *, progress_function);

/* --- the child --------------------------------------------------------------- */

static int child_pipe;

static void say(char word)
{
    if (write(child_pipe, &word, 1) != 1)
        _exit(EXIT_FAILURE); /* nobody listens */
}

/* The library calls this while it waits too: what counts is that more came. */
static int tell_progress(void *client, long done, long total)
{
    static long before;

    (void)client;
    (void)total;
    if (done > before)
        say(WORD_PROGRESS);
    before = done;
    return 0;
}

static _Noreturn void run_child(const uint8_t *build_id, size_t build_id_size)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    begin_function begin = library ? (begin_function)dlsym(library, "debuginfod_begin") : NULL;
    find_function find =
        library ? (find_function)dlsym(library, "debuginfod_find_debuginfo") : NULL;
    set_progress_function set_progress =
        library ? (set_progress_function)dlsym(library, "debuginfod_set_progressfn") : NULL;
    char *path = NULL;
    void *client;

    if (begin == NULL || find == NULL) {
        say(WORD_NO_LIBRARY);
        _exit(EXIT_SUCCESS);
    }
    client = begin();
    if (client != NULL && set_progress != NULL)
        set_progress(client, tell_progress);
    if (client == NULL || find(client, build_id, (int)build_id_size, &path) < 0 || path == NULL ||
        strlen(path) >= PATH_MAX) {
        say(WORD_NOTHING);
        _exit(EXIT_SUCCESS);
    }
    say(WORD_FOUND);
    _exit(write(child_pipe, path, strlen(path)) > 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* --- the parent -------------------------------------------------------------- */

static int timeout_ms(void)
{
    const char *text = getenv(TIMEOUT);
    long seconds = text == NULL ? 0 : strtol(text, NULL, 10);

    return (seconds > 0 && seconds < 86400 ? (int)seconds : TIMEOUT_SECONDS) * 1000;
}

/* The next byte of the child; 0 at the end of what it says, -1 when it says nothing in time. */
static int listen(int end, int patience_ms)
{
    struct pollfd ready = {.fd = end, .events = POLLIN};
    unsigned char byte;
    int events;
    ssize_t size;

    do
        events = poll(&ready, 1, patience_ms);
    while (events < 0 && errno == EINTR);
    if (events == 0)
        return -1;
    do
        size = read(end, &byte, 1);
    while (size < 0 && errno == EINTR);
    return size == 1 ? byte : 0;
}

static char *read_path(int end, int patience_ms)
{
    char *path = memory_alloc(PATH_MAX);
    size_t length = 0;
    int byte;

    while (length + 1 < PATH_MAX && (byte = listen(end, patience_ms)) > 0)
        path[length++] = (char)byte;
    return path;
}

static char *hear(struct debug_server *server, int end, struct problem *problem)
{
    int patience_ms = timeout_ms(), word;

    while ((word = listen(end, patience_ms)) == WORD_PROGRESS)
        continue;
    switch (word) {
    case WORD_FOUND:
        return read_path(end, patience_ms);
    case WORD_NO_LIBRARY:
        server->gave_up = true;
        (void)problem_set(problem, PROBLEM_NOTHING, "cannot ask debuginfod: '%s' is not installed",
                          LIBRARY);
        return NULL;
    case -1:
        server->gave_up = true;
        (void)problem_set(problem, PROBLEM_SYSTEM,
                          "debuginfod sent nothing for %d seconds: it is not asked again",
                          patience_ms / 1000);
        return NULL;
    default:
        return NULL;
    }
}

char *debug_server_find(struct debug_server *server, const uint8_t *build_id, size_t build_id_size,
                        struct problem *problem)
{
    const char *urls = getenv(URLS);
    int ends[2];
    pid_t child;
    char *path;

    problem->code = 0;
    if (server->gave_up || build_id_size == 0)
        return NULL;
    if (urls == NULL || urls[strspn(urls, " ")] == '\0') {
        server->gave_up = true;
        (void)problem_set(problem, PROBLEM_NOTHING, "cannot ask debuginfod: %s is empty", URLS);
        return NULL;
    }
    if (pipe2(ends, O_CLOEXEC) != 0)
        return NULL;
    (void)fflush(NULL);
    child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        child_pipe = ends[1];
        run_child(build_id, build_id_size);
    }
    (void)close(ends[1]);
    path = child < 0 ? NULL : hear(server, ends[0], problem);
    (void)close(ends[0]);
    if (child > 0) {
        (void)kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    return path;
}
