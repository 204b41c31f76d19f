#!/usr/bin/env bats
# `diff` on recordings of a real program: the same twice is no change, 5 % more work in one function
# is found. Synthetic runs have their trials in tests/unit/test_changes.c.

load ../commands/helpers

# trials RECORDINGS ROUNDS RUNS OPTION...: in 90 of 100 both.
trials() {
    run -0 python3 "$ROOT/tests/stress/diff_trials.py" "$PROFINJECT" "$PROGRAMS/planted" pool "$1" "$2" "$3" 100 \
        --heap off --waits off "${@:4}"
    echo "$output"
    jq -e '.quiet >= 90 and .found >= 90' <<<"$output"
}

@test "one recording of ten seconds a side, 10000 samples a second" {
    trials 24 130000 1 --clock perf -F 10000
}

@test "eight recordings of three seconds a side, 4000 samples a second" {
    trials 36 50000 8 --clock perf -F 4000
}
