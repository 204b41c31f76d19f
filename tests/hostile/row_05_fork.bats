#!/usr/bin/env bats
# Row 5: forks from several threads and in a loop, while sampled and allocating.
# Alone: on a busy machine a killed child is asked for less.

load hostile

# storms THREADS FORKS: as bare, nobody hangs, every child is in the recording.
storms() {
    as_bare timeout -s KILL 100 "$PROGRAMS/fork_storm" "$1" "$2"
    [ "$(cat got.out)" = "$2 children" ]
    for recording in cpu.1 perf.1; do
        [ -d "$recording" ] || continue
        # Besides them: the parent and timeout.
        [ "$(fact processes "$recording")" -eq $(($2 + 2)) ] ||
            { fact processes "$recording"; ls "$recording"; return 1; }
        [ "$(fact chunks_damaged "$recording")" -eq 0 ]
    done
}

@test "row 5: a loop of forks" { storms 1 200; }
@test "row 5: forks from four threads at once" { storms 4 200; }

# lives WAY SECONDS: as bare, and the child's samples are there, none lost.
lives() {
    as_bare "$PROGRAMS/fork_child" "$1" "$2"
    for recording in cpu.1 perf.1; do
        [ -d "$recording" ] || continue
        "$PROFINJECT" info --json "$recording" >info.json
        jq -e --argjson s "$2" '.lost == 0 and .samples >= 25 * $s and .sampled_ns >= 0.5e9 * $s' info.json || { cat info.json; return 1; }
    done
}

@test "row 5: a child that computes and calls nothing" { lives compute 0.5; }
@test "row 5: a child that allocates" { lives allocate 0.2; }
@test "row 5: a child's child" { lives nested 0.2; }
@test "row 5: a child that changes its root and its user" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    lives users 0.2
}
@test "row 5: a child that is killed: what it was seen at is there" {
    seconds=0.1
    if busy; then seconds=1; fi
    lives killed $seconds
}

@test "row 5: a child of a moment is counted, one that only execs is not" {
    injected cpu "$PWD/moment" "$PROGRAMS/fork_storm" 1 2
    [ "$(fact processes moment)" -eq 3 ]
    injected cpu "$PWD/exec" "$PROGRAMS/fork_child" exec 0
    [ "$(find exec -name '*.pinj' | wc -l)" -eq 2 ]
    [ -f exec/true.*.pinj ]
}
