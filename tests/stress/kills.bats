#!/usr/bin/env bats
# Kills and damage, often.

load ../commands/helpers

share() {
    echo $(($1 / ${STRESS_DIVISOR:-1}))
}

@test "kill -9 at 1000 random moments: nothing that was committed is missing" {
    run -0 timeout -k 1 3000 python3 "$CHECKS/check_kills.py" "$PROFINJECT" "$LIBRARY" "$PROGRAMS/killed" \
        "$(share 1000)"
    echo "$output"
}

@test "10000 damaged traces: no crash, no hang, nothing outside the damage missing" {
    DAMAGES="$(share 3400)" run -0 bats -f "of sound chunks" "$ROOT/tests/commands/damage.bats"
    echo "$output"
}

@test "a trace cut anywhere in its last 64 KiB: all before the cut is there, in both forms" {
    export PROFINJECT_HEAP=exact
    for form in record preloaded; do
        "$form" "$PWD/$form" "$PROGRAMS/cpu_split" 2 alloc >truth
        timeout -k 1 1000 python3 "$CHECKS/check_cuts.py" "$PROFINJECT" "$PROGRAMS/cut_trace" "$form"/cpu_split.*.pinj >&3
    done
}
