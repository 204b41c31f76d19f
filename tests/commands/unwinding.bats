#!/usr/bin/env bats
# Unwinders, what they find, and what they need.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
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
