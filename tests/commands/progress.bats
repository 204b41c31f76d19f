#!/usr/bin/env bats
# Work over half a second says on a terminal, and only there, what it is at: also where one
# step lasts long. Slowness is made here, by functions of the C library that sleep.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROFINJECT" record --quiet -o recording -- "$PROGRAMS/spin" 0.1
    # Reading sorts; a result that is written gets its name at the end.
    cat >slow.c <<'EOF'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
static void nap(const char *name)
{
    static int napped;
    if (getenv("SLOW") && strcmp(getenv("SLOW"), name) == 0 && !napped++)
        nanosleep(&(struct timespec){1, 700000000}, NULL);
}
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    nap("qsort");
    ((void (*)(void *, size_t, size_t, int (*)(const void *, const void *)))dlsym(RTLD_NEXT, "qsort"))(
        base, count, size, compare);
}
int rename(const char *from, const char *to)
{
    nap("rename");
    return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}
EOF
    gcc -shared -fPIC -D_GNU_SOURCE -o slow.so slow.c
}

# on_terminal SLOW ARG...: what profinject puts on a terminal that is its stdout and stderr.
on_terminal() {
    local words
    printf -v words '%q ' "${@:2}"
    SLOW=$1 script -qec "env LD_PRELOAD=$BATS_FILE_TMPDIR/slow.so $PROFINJECT $words" /dev/null </dev/null
}

RECORDING=$BATS_FILE_TMPDIR/recording

@test "reading that lasts, and writing that lasts" {
    on_terminal qsort folded -o out "$RECORDING" >seen
    grep -q 'profinject: .*(1 s)' seen
    # The line is gone at the end.
    [ "$(tail -c 4 seen | od -An -c | tr -d ' ')" = '\r033[K' ]
    on_terminal rename flamegraph --no-cache -o out.svg "$RECORDING" >seen
    grep -q 'profinject: writing the output (1 s)' seen
    [ -s out.svg ]
}

@test "not on the terminal that the result goes to" {
    on_terminal rename flamegraph --no-cache "$RECORDING" >seen
    run ! grep -q 'writing the output' seen
    grep -q '</svg>' seen
}

@test "nothing where it is quick, or where no terminal is" {
    on_terminal nothing flamegraph -o out.svg "$RECORDING" >seen
    [ ! -s seen ] || busy || return 1
    SLOW=qsort LD_PRELOAD=$BATS_FILE_TMPDIR/slow.so "$PROFINJECT" folded -o out "$RECORDING" 2>seen
    [ ! -s seen ]
    [ -s out ]
}
