#!/usr/bin/env bats
# Row 5: forks from several threads and in a loop, while sampled and allocating.

load hostile

# storms THREADS FORKS: as bare, nobody hangs, every child is in the recording.
storms() {
    as_bare timeout -s KILL 100 "$PROGRAMS/fork_storm" "$1" "$2"
    [ "$(cat got.out)" = "$2 children" ]
    for recording in cpu.1 perf.1; do
        [ -d "$recording" ] || continue
        # Besides them: the parent and timeout.
        [ "$(fact processes "$recording")" -eq $(($2 + 2)) ] || { ls "$recording" | wc -l; return 1; }
        [ "$(fact chunks_damaged "$recording")" -eq 0 ]
    done
}

@test "row 5: a loop of forks" { storms 1 200; }
@test "row 5: forks from four threads at once" { storms 4 200; }
