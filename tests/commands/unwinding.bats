#!/usr/bin/env bats
# Unwinders, what they find, and what they need.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

has_clock() {
    "$PROFINJECT" record -q -o "try.$1" --clock "$1" -- "$PROGRAMS/spin" 0.1 >/dev/null && [ "$(fact clock "try.$1")" = "$1" ]
}

# deepest UNWINDER CLOCK MODE: bytes of stack the handler takes at most.
deepest() {
    LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$1.$2.$3" PROFINJECT_UNWINDER="$1" PROFINJECT_CLOCK="$2" \
        PROFINJECT_FREQUENCY=2000 "$PROGRAMS/handler_stack" "$3" 0.3
}

@test "the handler takes no more stack than it makes sure of" {
    needed=$(sed -n 's/#define STACK_NEEDED \([0-9]*\)u$/\1/p' "$BATS_TEST_DIRNAME/../../preload/sampler.c")
    own=$("$PROGRAMS/handler_stack" simple 0.1)
    for unwinder in auto libunwind fp; do
        for mode in simple hard counters; do
            for clock in cpu perf; do
                taken=$(deepest "$unwinder" "$clock" "$mode")
                echo "$unwinder, $clock, $mode: $taken bytes, bare $own"
                [ "$taken" -gt "$own" ] # something was there at all
                [ "$taken" -le "$needed" ]
            done
        done
    done
}

@test "a program on an alternate stack of 8 KiB gets its samples" {
    "$PROGRAMS/odd_stacks" alternate >/dev/null || skip "this processor needs larger alternate stacks"
    run -0 "$PROFINJECT" record -q -o recording -- "$PROGRAMS/odd_stacks" alternate
    "$PROFINJECT" info --json recording >info.json
    jq '{samples, lost, guessed, truncated, broken}' info.json
    jq -e '.samples > 5 and .lost <= .samples / 10' info.json
    "$PROFINJECT" folded --metric samples recording >samples.folded
    [ "$(awk '/on_signal/ { s += $NF } END { print s }' samples.folded)" -gt \
        "$(($(jq .samples info.json) / 2))" ]
}

@test "unwinder libunwind: refused by record, replaced and said otherwise, where there is none" {
    mkdir hidden
    : >hidden/libunwind.so.8
    run -125 env LD_LIBRARY_PATH="$PWD/hidden" "$PROFINJECT" record -o recording --unwinder libunwind -- true
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"--unwinder 'libunwind': cannot load libunwind.so.8"* ]]
    [ ! -e recording ]
    run -0 env LD_LIBRARY_PATH="$PWD/hidden" LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=recording \
        PROFINJECT_UNWINDER=libunwind "$PROGRAMS/recurse" 30 0.3
    [ -z "$output" ]
    run -0 "$PROFINJECT" info recording
    [[ "$output" == *"unwinder             auto"* ]]
    [[ "$output" == *"unwinder libunwind: libunwind.so.8 is not there; using auto"* ]]
}

@test "unwinder libunwind: the same functions as by our own rules" {
    for unwinder in auto libunwind; do
        run -0 "$PROFINJECT" record -q -o "$unwinder" --unwinder "$unwinder" -- "$PROGRAMS/recurse" 30 0.5
        [ "$(fact unwinder "$unwinder")" = "$unwinder" ]
        "$PROFINJECT" folded --metric samples "$unwinder" >samples.folded
        found=$(grep -E 'main;(descend;){30}burn_leaf' samples.folded | awk '{ s += $NF } END { print s }')
        all=$(awk '{ s += $NF } END { print s }' samples.folded)
        [ "$found" -gt $((all * 95 / 100)) ]
        run -0 "$PROFINJECT" info --json "$unwinder"
        echo "$output" | jq -e '.samples > 10 and .truncated + .guessed + .broken == 0'
    done
}

# The causes are those of all stacks that are not whole, each counted once.
explained() {
    jq '{samples, truncated, guessed, broken, unwinding}' info.json
    jq -e '([.unwinding.incomplete[]] | add) as $sum | [.truncated, .guessed, .broken] |
        $sum >= max and $sum <= add and $sum > 0' info.json
}

@test "incomplete stacks are explained: depth" {
    run -0 "$PROFINJECT" record -q -o recording --max-depth 100 -- "$PROGRAMS/recurse" 500 0.3
    "$PROFINJECT" info --json recording >info.json
    explained
    jq -e '.samples > 0 and .unwinding.incomplete.depth == .samples and .truncated == .samples' info.json
}

@test "incomplete stacks are explained: code outside modules, tables that lie, overwritten stacks" {
    for mode in anonymous lies overwritten; do
        for _ in {1..5}; do # until there is a handful of stacks: fewer on a busy machine
            run -0 "$PROFINJECT" record -q --force -o "$mode" -- "$PROGRAMS/broken_unwinding" "$mode"
            "$PROFINJECT" info --json "$mode" >info.json
            [ "$(jq .samples info.json)" -lt 8 ] || break
        done
        explained
        jq -e '.unwinding.troubles[0].samples > 0' info.json
    done
    # On a busy machine a tick or two fall before the loop.
    there=$("$PROFINJECT" folded --metric samples anonymous |
        awk '/;in_anonymous_memory;\[anonymous code\]/ {count += $NF} END {print count + 0}')
    "$PROFINJECT" info --json anonymous | jq -e --argjson there "$there" '
        .unwinding.troubles[0].module == null and .unwinding.incomplete.outside_modules == $there and
        $there > 0 and $there >= .samples - 2'
    "$PROFINJECT" info --json lies | jq -e '.unwinding.troubles[0].module | endswith("broken_unwinding")'
    run -0 "$PROFINJECT" info anonymous
    [[ "$output" == *"in code outside all modules"* ]]
}

@test "incomplete stacks are explained: frame pointers asked for" {
    run -0 "$PROFINJECT" record -q -o recording --unwinder fp -- "$PROGRAMS/recurse" 30 0.3
    "$PROFINJECT" info --json recording >info.json
    explained
    jq -e '.unwinding.incomplete.frame_pointers == .samples' info.json
}

@test "unwinder libunwind: its states find nearly all frames" {
    # The first stacks, some 30 frames each, come before the states: of a busy machine, which gives
    # few in a second, it takes more of them.
    for seconds in 1 2 4 8; do
        run -0 "$PROFINJECT" record -q --force -o recording --unwinder libunwind -- "$PROGRAMS/recurse" 30 $seconds
        "$PROFINJECT" info --json recording >info.json
        jq '.samples, .unwinding' info.json
        [ "$(jq '.unwinding.hard_frames | .libunwind + .tables' info.json)" -lt 1500 ] || break
    done
    jq -e '.unwinding.hard_frames | .libunwind > 10 * .tables' info.json
}

@test "programs that start and end: not a guessed frame" {
    has_clock perf || skip "clock perf is not available here"
    run -0 "$PROFINJECT" record -q -o recording --clock perf -F 10000 -- \
        bash -c 'for i in {1..100}; do /bin/true; perl -e 1; done'
    "$PROFINJECT" info --json recording >info.json
    jq '{samples, guessed, broken, truncated, unwinding}' info.json
    jq -e '.samples > 300 and .guessed + .broken + .truncated <= .samples / 1000' info.json
}

@test "stacks of threads that wait are in the totals, and apart" {
    run -0 "$PROFINJECT" record -q -o recording --clock wall -- "$PROGRAMS/waiters" 1
    "$PROFINJECT" info --json recording >info.json
    jq .unwinding.offcpu info.json
    jq -e '.unwinding.offcpu.stacks > 0 and .guessed >= .unwinding.offcpu.guessed and
        .broken >= .unwinding.offcpu.broken' info.json
    run -0 "$PROFINJECT" info recording
    [[ "$output" == *"off-CPU stacks"* ]]
}
