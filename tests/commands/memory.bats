#!/usr/bin/env bats
# What the library adds to a program's resident memory.

load helpers

# resident N [OPTION...]: KiB of a program with N threads beside the first, all of them
# sampled; profiled when there are options.
resident() {
    local threads=$1
    shift
    if [ $# -gt 0 ]; then
        "$PROFINJECT" record --force --quiet --output recording "$@" -- ./work resident "$threads"
    else
        ./work resident "$threads"
    fi
}

@test "4 MiB for one thread, 64 KiB for every further one" {
    local further=100 bare bare_all ours ours_all clock
    ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 -I"$ROOT" -o work "$ROOT/tests/bench/work.c" -lm
    bare=$(resident 0)
    bare_all=$(resident $further)
    for clock in cpu perf; do
        ours=$(resident 0 --clock $clock)
        ours_all=$(resident $further --clock $clock)
        echo "$clock: $((ours - bare)) KiB; $(((ours_all - ours - bare_all + bare) / further)) KiB a thread"
        [ $((ours - bare)) -le 4096 ]
        [ $((ours_all - ours - bare_all + bare)) -le $((64 * further)) ]
    done
}
