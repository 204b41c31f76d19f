#!/usr/bin/env bats
# The confusion matrix of what limits a program: targets by class, in many rounds.
# Alone: programs that others take the processors from are short of processors.

load ../commands/helpers

ROUNDS=${ROUNDS:-10}

@test "every target is given its class, in $ROUNDS rounds" {
    run /usr/bin/python3 "$ROOT/tests/commands/check_bottlenecks.py" "$BUILD" "$ROUNDS" 1
    echo "$output" >&3
    [ "$status" -ne 77 ] || skip "others had the processors in some rounds"
    [ "$status" -eq 0 ]
}
