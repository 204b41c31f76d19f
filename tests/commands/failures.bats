#!/usr/bin/env bats
# Calls into the C library that fail, or do half of what they should: every Nth of a kind.

load helpers

FAIL=$PROGRAMS/fail_preload_other.so

@test "the analyzer out of memory, files, room: what it says is right, or one line says why not" {
    "$PROFINJECT" record -q --heap exact -o recording -- "$PROGRAMS/outcome" 0
    # shellcheck disable=SC2086 # a list
    run -0 python3 "$CHECKS/check_failures.py" reading "$PROFINJECT" "$FAIL" recording ${FAIL_READING:-1 3 100}
    [ -z "$output" ]
}

@test "the library out of memory, files, room: programs end as without, what is there can be read" {
    # shellcheck disable=SC2086 # a list
    run -0 python3 "$CHECKS/check_failures.py" recording "$PROFINJECT" "$FAIL" "$LIBRARY" "$PROGRAMS/outcome" \
        ${FAIL_RECORDING:-1 2 3 7}
    [ -z "$output" ]
}

@test "malloc fails in the target, also for the library: programs end as without, one line says so" {
    # shellcheck disable=SC2086 # a list
    run -0 python3 "$CHECKS/check_failures.py" memory "$PROFINJECT" "$FAIL" "$LIBRARY" "$PROGRAMS" \
        ${FAIL_MEMORY:-every:1 every:2 at:7 at:20 at:21}
    [ -z "$output" ]
}
