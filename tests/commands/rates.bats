#!/usr/bin/env bats
# What clocks deliver of what was asked, on threads that all do the same.
# Alone: what clocks deliver is asked for to a percent.

load helpers
load rates

@test "perf: what was asked, for one thread and for four" {
    rate perf 1000 1 1 0.99 1000000
    rate perf 1000 4 0.5 0.985 1000000
    rate perf 5000 4 0.5 0.985 200000
}

@test "perf: not so often that the program stands still" {
    can_perf
    run -0 timeout 60 "$PROFINJECT" record -q --clock perf -F 100000 -o often -- "$PROGRAMS/spin" 0.3
    grep -qx 'clock perf: 10000 samples a second at most' often/messages
    [ "$(fact samples often)" -gt 0 ]
}

@test "cpu: all of the time, by ticks that stand for more" {
    rate cpu 1000 1 1 0.98 "$(tick_ns)"
    rate cpu 1000 4 0.5 0.96 "$(tick_ns)"
}

@test "a crowd of threads of 10 ms has its time under every clock of threads" {
    for clock in cpu perf; do
        "$PROFINJECT" record -q --clock $clock -o $clock -- "$PROGRAMS/equals" 100 0.01 >truth
        "$PROFINJECT" folded $clock >stacks
        # 1 s; what clocks alone had of it: 0.70 and 0.91.
        run -0 awk '/burn_equal|unsampled/ { sum += $NF } END { print sum; exit !(sum > 0.99e9 && sum < 1.1e9) }' stacks
    done
}
