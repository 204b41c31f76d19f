#!/usr/bin/env bats
# Small, alternate and foreign stacks.

load hostile

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "row 11: threads on stacks of 16 KiB" {
    as_bare "$PROGRAMS/odd_stacks" threads
}

@test "row 11: handlers on alternate stacks of 8 KiB" {
    "$PROGRAMS/odd_stacks" alternate >/dev/null || skip "this processor needs larger alternate stacks"
    as_bare "$PROGRAMS/odd_stacks" alternate
}

@test "row 11: fibres of makecontext and swapcontext" {
    as_bare "$PROGRAMS/odd_stacks" fibres
}

@test "row 11: a stack switched by hand" {
    as_bare "$PROGRAMS/odd_stacks" hand
}

@test "row 11: split stacks" {
    gcc -O1 -D_GNU_SOURCE -fsplit-stack -o split "$BATS_TEST_DIRNAME/../programs/odd_stacks.c" -pthread ||
        skip "this compiler makes no split stacks"
    as_bare ./split own
}
