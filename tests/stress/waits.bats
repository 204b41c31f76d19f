#!/usr/bin/env bats
# What tests/commands/waits.bats does, at length, and again and again.
# Alone: how long a thread is ready to run depends on what else runs.

load ../commands/helpers
load ../commands/waits.bash

ROUNDS=$((10 / ${STRESS_DIVISOR:-1} + 1))

@test "a thread that sleeps five seconds in read has five seconds of I/O wait and no CPU time" {
    waits_agree_everywhere wait_io_targets reader 5
    "$PROFINJECT" folded --metric io-wait --by-thread recording >io.folded
    run -0 awk '/^reader .*;wait_for_byte;.*\[off-CPU: read\]/ { ns += $NF }
        END { print ns; exit ns < 4.95e9 || ns > 5.05e9 }' io.folded
    "$PROFINJECT" folded --by-thread recording >cpu.folded
    run -0 awk '/^reader / { ns += $NF } END { print ns + 0; exit ns > 8e6 }' cpu.folded
}

@test "every known wait, again and again" {
    for round in $(seq "$ROUNDS"); do
        for scenario in convoy readers producer pool meeting joins; do
            waits_agree_everywhere wait_targets "$scenario" || { echo "round $round"; return 1; }
        done
        for scenario in sleeper hog spin; do
            waits_agree_everywhere wait_alone_targets "$scenario" || { echo "round $round"; return 1; }
        done
        for scenario in pipes socket disk locks queues; do
            waits_agree_everywhere wait_io_targets "$scenario" || { echo "round $round"; return 1; }
        done
    done
}
