#!/usr/bin/env bats
# Rings, slots, stack table and drain under the thread sanitizer, by a program of their own.

load hostile

@test "the lock-free parts have no data race, and the trace holds all that was pushed" {
    run -0 --separate-stderr timeout -k 1 300 "$PROGRAMS/races" trace.pinj "${RACES_SECONDS:-3}"
    echo "$stderr" | grep SUMMARY | sort | uniq -c
    [ -z "$stderr" ]
    read -r samples threads <<<"$output"
    [ "$samples" -gt 1000 ]
    [ "$(fact samples trace.pinj)" -eq "$samples" ]
    [ "$(fact threads trace.pinj)" -eq "$threads" ]
    [ "$(fact lost trace.pinj)" -eq 0 ]
}
