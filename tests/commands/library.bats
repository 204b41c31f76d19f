#!/usr/bin/env bats
# libprofinject.so as seen from the target: what it needs, what it exports, and
# whom it must not disturb.

load helpers

@test "the library needs libc and nothing else" {
    run -0 bash -c "readelf -d '$LIBRARY' | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'"
    [ "$output" = libc.so.6 ]
}

@test "the library is bound at loading, and its stack is not executable" {
    run -0 bash -c "readelf -d '$LIBRARY' | grep -E '\(FLAGS(_1)?\).*NOW'"
    run -0 bash -c "readelf -lW '$LIBRARY' | grep GNU_STACK"
    [[ "$output" != *RWE* ]]
    run -1 bash -c "readelf -d '$LIBRARY' | grep -E 'TEXTREL|RPATH|RUNPATH'"
}

@test "the library exports its hooks and profinject_*, nothing else" {
    # Everything exported besides profinject_* must be there to take the place
    # of a function of libc, or of the C++ library's new and delete. Of free there are
    # names that only some C libraries have; io_getevents is libaio's.
    libc=$(ldd "$LIBRARY" | sed -n 's/.*=> \(.*libc\.so\.6\) .*/\1/p')
    nm -D --defined-only "$libc" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u >libc.names
    nm -D --defined-only "$LIBRARY" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u >exported
    grep -q '^profinject_start$' exported
    printf '%s\n' cfree free_sized free_aligned_sized io_getevents >>libc.names
    sort -u -o libc.names libc.names
    run -0 comm -23 <(grep -vE '^profinject_|^_Z(n[wa]m|d[la]Pv)' exported) libc.names
    [ -z "$output" ]
}

@test "without libunwind the target runs and simple frames are complete" {
    # A file that is no library, found first, makes dlopen fail as absence does.
    mkdir hidden
    : >hidden/libunwind.so.8
    run -0 env LD_LIBRARY_PATH="$PWD/hidden" "$PROFINJECT" record -q -o recording -- \
        "$PROGRAMS/recurse" 500 0.5
    [ -z "$output" ]
    [ "$(fact guessed recording)" -eq 0 ]
    "$PROFINJECT" folded --metric samples recording >samples.folded
    grep -q 'main;descend;descend;' samples.folded
    run -0 bash -c "'$PROFINJECT' info recording | grep -i libunwind"
    [[ "$output" == *absent* ]]
}

@test "a second preload library before ours gets its calls, and counts stay exact" {
    env LD_PRELOAD="$PROGRAMS/preload_other.so:$LIBRARY" PROFINJECT_OUTPUT=recording \
        PROFINJECT_QUIET=on "$PROGRAMS/alloc_exact" 100 >truth.json 2>stderr
    [ "$(cat stderr)" = "preload_other: called" ]
    "$PROFINJECT" export --format json -o profile.json recording
    run -0 python3 "$CHECKS/check_allocations.py" truth.json profile.json
}

@test "a second preload library behind ours gets its calls; as an unknown allocator, no counts" {
    env LD_PRELOAD="$LIBRARY:$PROGRAMS/preload_other.so" PROFINJECT_OUTPUT=recording \
        PROFINJECT_QUIET=on "$PROGRAMS/alloc_exact" 100 >truth.json 2>stderr
    [ "$(cat stderr)" = "preload_other: called" ]
    # It has malloc without malloc_usable_size: sizes are unknown, and said to be.
    run -0 "$PROFINJECT" report recording
    [[ "$output" == *"unavailable (allocator has no malloc_usable_size)"* ]]
}

@test "a preload library that makes time stand still stops neither clock nor plan" {
    LD_PRELOAD="$PROGRAMS/time_preload_other.so" PROFINJECT_DELAY=0.2 record recording \
        "$PROGRAMS/spin" 1
    [ "$(fact wall_ns recording)" -ge 900000000 ]
    [ "$(sampled recording)" -ge 600 ]
}

@test "record keeps the LD_PRELOAD it finds" {
    env LD_PRELOAD="$PROGRAMS/preload_other.so" "$PROFINJECT" record -q -o recording -- \
        "$PROGRAMS/spin" 0.1 2>stderr
    grep -q '^preload_other: called$' stderr
    run -0 find recording -name 'spin.*.pinj'
    [ -n "$output" ]
}

@test "what the library looks for in vain is no error of the program's" {
    cat >error.c <<'C'
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
    const char *error = dlerror();
    return puts(error ? error : "none") < 0;
}
C
    cc -o error error.c
    [ "$(preloaded "$PWD/recording" ./error)" = none ]
    [ "$(PROFINJECT_ONLY=another preloaded "$PWD/none" ./error)" = none ]
}

@test "loaded by dlopen it starts nothing by itself and samples between start and stop" {
    run -0 --separate-stderr env PROFINJECT_OUTPUT="$PWD/recording" \
        "$PROGRAMS/late_load" "$LIBRARY" 0.5
    [ "$output" = "loaded 0, start 0 -> 1, stop 0 -> 0" ]
    "$PROFINJECT" folded recording >cpu.folded
    run -0 awk '/;while_on/ { seen += $NF } END { exit seen < 250e6 }' cpu.folded
    run -1 grep -E 'before_start|after_stop' cpu.folded
    # Allocations of a program that was not preloaded are unknown, not zero.
    run -1 --separate-stderr "$PROFINJECT" folded --metric memory-delta recording
    run -0 "$PROFINJECT" report recording
    [[ "$output" == *"unavailable (not preloaded)"* ]]
}

# throws_kept COMMAND...: exceptions per second of CPU time under injection are at least
# 0.97 of bare. COMMAND measures a slice of 10 ms whenever it is asked to.
throws_kept() {
    run -0 python3 "$CHECKS/check_throws.py" 0.97 "$LIBRARY" "$PWD/recordings" "$@" each 0.01
}

@test "C++ exceptions keep their speed in a C++ program" {
    throws_kept "$PROGRAMS/throw"
}

@test "C++ exceptions keep their speed in a C program that loads a C++ plugin" {
    throws_kept "$PROGRAMS/plugin_host" "$PROGRAMS/plugin.so"
}

# handler_calls LEAST: no system call from a signal to the return from it, in the file trace,
# per thread; and LEAST signals.
handler_calls() {
    run -0 awk -v least="$1" '
        /--- SIGRT/ { inside[$1] = 1; signals++; next }
        inside[$1] && /rt_sigreturn/ { inside[$1] = 0; next }
        inside[$1] { print; wrong++ }
        END { print signals " signals"; exit wrong || signals < least }' trace
}

# traced DIR PRELOADED COMMAND...: the system calls of COMMAND into the file trace.
traced() {
    strace -f -qq -o trace -A -E LD_PRELOAD="$2" -E PROFINJECT_OUTPUT="$PWD/$1" \
        -E PROFINJECT_QUIET=on "${@:3}" 2>strace.err ||
        skip "strace does not work here: $(tail -n 1 strace.err)"
}

@test "the signal handler makes no system call" {
    # A thousand signals: 4 s where it is quiet, longer on a busy machine.
    for round in {1..6}; do
        traced "$round" "$LIBRARY" "$PROGRAMS/spin" 4.5
        [ "$(grep -c -e '--- SIGRT' trace)" -lt 1000 ] || break
    done
    handler_calls 1000
}

@test "the signal handler makes no system call in code without unwind tables, and finds its callers" {
    for round in {1..10}; do
        traced "$round" "$PROGRAMS/untabled_preload_other.so:$LIBRARY" /bin/true
        "$PROFINJECT" folded --metric samples "$round" >samples.folded
        ! grep 'begin;leaf_without_table ' samples.folded ||
            ! grep 'begin;caller_without_table;burn_below ' samples.folded || break
    done
    run -0 grep '^_dl_start_user;.*;begin;leaf_without_table ' samples.folded
    run -0 grep '^_dl_start_user;.*;begin;caller_without_table;burn_below ' samples.folded
    handler_calls 2
}

@test "nothing of the profiler stays behind: ring files, descriptors" {
    record recording "$PROGRAMS/fork_tree" 0.1 >roles
    id=$(sed -n 's/^id=//p' recording/manifest)
    rings=$(sed -n 's/^rings=//p' recording/manifest)
    [ -n "$id" ] && [ -d "$rings" ]
    run -0 find "$rings" -maxdepth 1 -name "*$id*"
    [ -z "$output" ]
    # The target sees the descriptors it would see without us.
    ls -l /proc/self/fd | sed 's/.*[0-9][0-9]:[0-9][0-9] //;s/[0-9]\{3,\}/N/g' >bare
    record fds ls -l /proc/self/fd | sed 's/.*[0-9][0-9]:[0-9][0-9] //;s/[0-9]\{3,\}/N/g' >injected
    diff bare injected
}

@test "files are private: directory 0700, traces 0600" {
    (umask 000 && record recording "$PROGRAMS/spin" 0.1)
    [ "$(stat -c %a recording)" = 700 ]
    run -0 find recording -name '*.pinj' ! -perm 600
    [ -z "$output" ]
}

@test "where it cannot record, the library names the directory it would have made" {
    run -0 env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=missing/%c.%h /bin/true
    [ "$output" = "profinject: cannot make '$PWD/missing/true.$(uname -n)': No such file or directory" ]
}
