#!/usr/bin/env bats
# Row 9: the target's signals are its own, whatever it does with them.

load hostile

@test "row 9: SIGPROF handled, ignored, timed; everything blocked, waited for, read; glibc's own uses" {
    as_bare "$PROGRAMS/own_signals"
    grep -qx 'timer: handled, interval 10000' bare.out
}

@test "row 9: profiling goes on where everything is blocked" {
    injected cpu "$PWD/recording" "$PROGRAMS/own_signals"
    "$PROFINJECT" folded recording >stacks
    run -0 awk '/masked;burn_masked/ { cpu += $NF } END { print cpu; exit cpu < 500000000 }' stacks
}

@test "row 9: the same by the process's clock and where waits are looked at" {
    CLOCKS="itimer wall"
    as_bare "$PROGRAMS/own_signals"
    grep -qx 'timer: handled, interval 10000' bare.out
}
