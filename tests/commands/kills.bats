#!/usr/bin/env bats
# Processes that are killed: all they had committed is in the recording.

load helpers

# Rings of their own: whatever else is recorded on this machine takes in those it finds.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    RINGS=$(mktemp -d /dev/shm/kills.XXXXXX)
    export XDG_RUNTIME_DIR=$RINGS
}

teardown() {
    rm -rf "$RINGS"
}

@test "kill -9 at 50 random moments: nothing that was committed is missing" {
    run -0 timeout -k 1 300 python3 "$CHECKS/check_kills.py" "$PROFINJECT" "$LIBRARY" "$PROGRAMS/killed" 50
    echo "$output"
}

# killed_at_once DIR: a recording in the bare form of a process killed when it has just begun.
killed_at_once() {
    truncate -s 256 truth
    LD_PRELOAD=$LIBRARY PROFINJECT_OUTPUT=$1 PROFINJECT_HEAP=exact "$PROGRAMS/killed" single truth &
    until [ "$(od -An -td8 -j16 -N8 truth)" -gt 100 ]; do :; done
    kill -9 $!
    wait $! || true
}

rings_of() {
    find "$(sed -n 's/^rings=//p' "$1/manifest")" -name "*$(sed -n 's/^id=//p' "$1/manifest")*"
}

@test "what reads first takes in what a killed process left, and says so, once" {
    record other true # first: it takes in all there are
    killed_at_once recording
    [ -n "$(rings_of recording)" ]
    [ "$(fact rings_left other)" -ge 1 ]
    [ "$(fact rings_left_bytes other)" -gt 100000 ]
    [[ "$("$PROFINJECT" info other)" == *"Ring files of "*" killed process"* ]]
    run -0 --separate-stderr "$PROFINJECT" info recording
    [[ "$stderr" == *"recovered from the ring files of 1 killed process"* ]]
    [ -z "$(rings_of recording)" ]
    run -0 --separate-stderr "$PROFINJECT" info recording
    [ -z "$stderr" ]
}

# amounts RECORDING: of the heap, by stack.
amounts() {
    "$PROFINJECT" folded --metric alloc-count "$1"
    "$PROFINJECT" folded --metric alloc-bytes "$1"
    "$PROFINJECT" folded --metric live-bytes "$1"
}

@test "where it may not write it reads the same in memory, and leaves the ring" {
    touch immutable
    { chattr +i immutable && chattr -i immutable; } 2>/dev/null ||
        skip "immutable files, which root may not write either, are not possible here"
    killed_at_once recording
    chattr +i recording recording/*
    run --separate-stderr amounts recording
    chattr -i recording recording/*
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"read from ring files"* ]]
    echo "$output" >in_memory
    [ -n "$(rings_of recording)" ]
    amounts recording >on_disk 2>taken_in
    grep -q "recovered from" taken_in
    [ -z "$(rings_of recording)" ]
    diff in_memory on_disk
}
