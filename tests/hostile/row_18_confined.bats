#!/usr/bin/env bats
# Row 18: the target runs under a seccomp filter that kills.

load hostile

@test "row 18: a filter that kills timer_create stops the profiling, not the target" {
    run -0 "$PROGRAMS/confined" /usr/bin/env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/r" \
        "$PROGRAMS/spin" 0.05
    [[ $output = *"seccomp"* ]]
    run -0 "$PROFINJECT" record -o told -- "$PROGRAMS/confined" "$PROGRAMS/spin" 0.05
    grep -q seccomp told/messages
}

@test "row 18: under a filter that kills perf_event_open it is not called" {
    run -0 "$PROGRAMS/confined" -p /usr/bin/env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/r" \
        PROFINJECT_CLOCK=perf "$PROGRAMS/spin" 0.05
    grep -q 'seccomp filter kills on perf_event_open; using cpu' r/messages
    [ "$(fact samples r)" -gt 0 ]
}

@test "row 18: a filter the target puts on itself never kills it for what we do" {
    for way in prctl seccomp tsync bare; do
        rm -rf cpu.* perf.*
        as_bare "$PROGRAMS/confine_self" "$way" || { echo "$way"; return 1; }
        [ "$(cat got.out)" = $'unshare: 0\nchild: 4' ]
        grep -q 'put a seccomp filter on itself' cpu.1/messages
        [ "$(fact samples cpu.1)" -gt 0 ]
    done
}

@test "row 18: under a filter that allows its waits and no more, they are made as ever" {
    CLOCKS="cpu perf itimer wall"
    as_bare "$PROGRAMS/wait_confined"
    [ "$(cat bare.out)" = $'begins\nwrong: 0' ]
}

# in_strict SAID WHO HOW END: as bare, and what was done before, or beside, is recorded; SAID
# threads went into strict mode, said one by one.
in_strict() {
    local said=$1 recording
    shift
    rm -rf cpu.* perf.* itimer.* wall.*
    as_bare timeout -s KILL 20 "$PROGRAMS/strict" "$@" || { echo "$*"; return 1; }
    for recording in *.1; do
        [ "$(grep -c 'went into strict seccomp mode' "$recording/messages")" -eq "$said" ]
        "$PROFINJECT" folded "$recording" >stacks || return 1
        grep -q burn_before stacks || { cat stacks; return 1; }
        ! grep -q ';work' stacks || { cat stacks; return 1; }
        [ "$(fact chunks_damaged "$recording")" -eq 0 ]
        nothing_left "$recording" strict || return 1
    done
}

@test "row 18: the only thread goes into strict mode" {
    HEAPS=${HOSTILE_HEAP:-off counters sampled exact}
    in_heap_modes in_strict 1 first prctl exit
    in_strict 1 first seccomp own
    in_strict 1 first number kill
    in_strict 1 first prctl return
}

@test "row 18: a fork child goes into strict mode, awake or not" {
    HEAPS=${HOSTILE_HEAP:-off sampled exact}
    in_heap_modes in_strict 1 child prctl exit
    in_heap_modes in_strict 1 brief seccomp kill
}

@test "row 18: one of two threads goes into strict mode, the other goes on" {
    in_heap_modes in_strict 1 thread prctl exit
    in_strict 1 thread seccomp kill
    in_strict 1 thread number return
    in_strict 1 main prctl exit
    in_strict 1 main prctl kill
    in_strict 2 all prctl exit
    in_strict 2 all seccomp own
}

@test "row 18: strict mode under the clock of the process, and where waits are looked at" {
    CLOCKS="itimer wall"
    in_strict 1 first prctl exit
    in_strict 1 thread prctl return
    in_strict 1 main prctl exit
}

@test "row 18: under record the end is told of one that went into strict mode" {
    run -7 "$PROFINJECT" record -q -o r -- "$PROGRAMS/strict" first prctl exit
    [ "$(fact exit r)" = "exit 7" ]
    nothing_left r strict
}

@test "row 18: who is refused strict mode is profiled as before" {
    for who in first child thread; do
        rm -rf cpu.* perf.*
        as_bare "$PROGRAMS/strict" "$who" refused exit
        ! grep -q strict cpu.1/messages
        "$PROFINJECT" folded cpu.1 >stacks
        grep -q burn_refused stacks || { cat stacks; return 1; }
    done
}

# sanitized KIND: the spinning program with that sanitizer, or the test is skipped.
sanitized() {
    cc "-fsanitize=$1" -g -I"$ROOT" -o "$1" "$ROOT/tests/programs/spin.c" -lm 2>cc.err ||
        skip "no $1 sanitizer: $(tail -n 1 cc.err)"
    ./"$1" 0.05 || skip "the $1 sanitizer does not run here"
}

@test "row 18: the address sanitizer finds its runtime first under record" {
    sanitized address
    run -0 --separate-stderr "$PROFINJECT" record -q -o r -- ./address 0.1
    [ -z "$stderr" ]
    [ "$(fact samples r)" -gt 0 ]
}

@test "row 18: the thread sanitizer has nothing to report" {
    sanitized thread
    run -0 --separate-stderr "$PROFINJECT" record -q -o r -- ./thread 0.1
    [ -z "$stderr" ]
    [ "$(fact samples r)" -gt 0 ]
}

@test "row 18: under gdb, strace and valgrind the target ends as bare" {
    for tool in "gdb -q -batch -ex run --args" "strace -f -o calls" "valgrind -q"; do
        command -v "${tool%% *}" >/dev/null || { echo "# no ${tool%% *} here" >&3; continue; }
        # shellcheck disable=SC2086
        run -0 injected cpu "$PWD/r.${tool%% *}" timeout 300 $tool "$PROGRAMS/spin" 0.1
        [ "$("$PROFINJECT" info --json r.* | jq .samples)" -gt 0 ]
    done
}
