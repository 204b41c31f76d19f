/*
 * The progress line. Its own file because it is state of the whole process, of
 * which the analyzer has no other.
 */
#include "analyzer/util/progress.h"

#include "preload/contract/libc_clock.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define PATIENCE_NS 500000000ull /* before the first line */
#define PAUSE_NS 100000000ull    /* between lines */

static uint64_t next_ns; /* when a line may be written; 0: no work, or nobody to see it */
static bool shown;

void progress_begin(void)
{
    next_ns = isatty(STDERR_FILENO) ? libc_clock_now_sigsafe() + PATIENCE_NS : 0;
    shown = false;
}

void progress_step(const char *what, size_t done, size_t total)
{
    if (next_ns == 0 || libc_clock_now_sigsafe() < next_ns)
        return;
    fprintf(stderr, "\rprofinject: %s: %zu of %zu\033[K", what, done, total);
    fflush(stderr);
    shown = true;
    next_ns = libc_clock_now_sigsafe() + PAUSE_NS;
}

void progress_end(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    next_ns = 0;
    shown = false;
}
