#!/usr/bin/env bats
# Tables that are missing or lie, stacks that lie. Never a fault of ours; the target's own
# are the same: signal, core, address.

load hostile

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "row 13: code without tables, with rbp used for something else" {
    as_bare "$PROGRAMS/broken_unwinding" missing
}

@test "row 13: tables that lead out of the stack" {
    as_bare "$PROGRAMS/broken_unwinding" lies
}

@test "row 13: code in anonymous memory" {
    as_bare "$PROGRAMS/broken_unwinding" anonymous
}

@test "row 13: overwritten return addresses" {
    as_bare "$PROGRAMS/broken_unwinding" overwritten
}

@test "row 13: the call of a null pointer ends as bare" {
    as_bare "$PROGRAMS/broken_unwinding" null
}

@test "row 13: the call of a stray pointer ends as bare" {
    as_bare "$PROGRAMS/broken_unwinding" stray
}
