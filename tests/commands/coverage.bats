#!/usr/bin/env bats
# Sampled against measured CPU time, as info and report say it.

load helpers

@test "the time of pauses is not missing from the samples" {
    record recording "$PROGRAMS/spans" 0.2 >/dev/null
    # Three spans of five are not to be sampled.
    run -0 jq -e '.paused_ns > 0.55e9 and .measured_ns > 0.38e9 and .measured_ns < 0.5e9 and
        (.measured_ns + .paused_ns - .cpu_ns | fabs) < 0.1e9 and
        .sampled_ns > 0.8 * .measured_ns and .sampled_ns < 1.2 * .measured_ns and
        .unfair == [] and (.per_thread | length) == 1' <("$PROFINJECT" info --json recording)
    run -0 "$PROFINJECT" info recording
    [[ "$output" =~ "thread CPU time"\ +[0-9.]+" % of "[0-9]+" ms sampled".*" not while paused: " ]]
    [[ "$output" != *warning* ]]
    run -0 "$PROFINJECT" report recording
    [[ "${lines[2]}" =~ ^"CPU   "[0-9.]+" % of "[0-9]+" ms sampled".*" not while paused: " ]]
}

@test "threads sampled less than they ran are named" {
    record recording bash -c "ulimit -i 2; exec '$PROGRAMS/cpu_split' 1" >/dev/null
    run -0 jq -e '[.unfair[].name | select(test("split-"))] | length > 0' \
        <("$PROFINJECT" info --json recording)
    run -0 "$PROFINJECT" info recording
    [[ "$output" == *"warning: sampled time differs from CPU time by more than chance in"* ]]
    [[ "$output" =~ "thread split-"[0-9]" ("[0-9]+"): 0.0 % of "[0-9]+" ms sampled" ]]
    run -0 "$PROFINJECT" report recording
    [[ "$output" =~ "      thread split-"[0-9]" (" ]]
}

@test "how often the wall clock looked is said" {
    "$PROFINJECT" record -q --clock wall -o recording -- "$PROGRAMS/waiters" 0.5 >/dev/null
    run -0 jq -e '.looks_asked == 100 and .looks_delivered > 1 and .looks_delivered < 200' \
        <("$PROFINJECT" info --json recording)
    run -0 "$PROFINJECT" info recording
    [[ "$output" =~ "looks "\ +[0-9.]+" per second of 100 asked" ]]
}
