#!/usr/bin/env bats
# Flight recorders, for long.

load ../commands/helpers

# hour [LIBRARY]: an hour's chunks.
hour() {
    run -0 timeout -k 1 900 python3 "$ROOT/tests/stress/flight.py" "$PROFINJECT" "$PROGRAMS/phases" \
        $((3600 / ${STRESS_DIVISOR:-1})) $((64 << 20)) "$@"
    echo "$output"
}

@test "an hour's chunks in 64 MiB: bounded at every moment, memory flat, the end whole after kill -9" {
    hour
}

@test "an hour's chunks in 64 MiB, the same in the bare form" {
    hour "$LIBRARY"
}

@test "kill -9 while a trace rotates, 200 times: the newest is there, whole" {
    run -0 timeout -k 1 900 python3 "$CHECKS/check_rotation.py" "$PROFINJECT" "$LIBRARY" "$PROGRAMS/phases" \
        $((200 / ${STRESS_DIVISOR:-1}))
    echo "$output"
}

@test "stacks without end, for long: the memory of all is bounded, and those that are kept are whole" {
    run -0 timeout -k 1 1300 python3 "$CHECKS/check_new_stacks.py" "$PROFINJECT" "$LIBRARY" "$PROGRAMS/new_stacks" \
        $((2000000 / ${STRESS_DIVISOR:-1}))
    echo "$output"
}
