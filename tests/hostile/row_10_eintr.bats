#!/usr/bin/env bats
# Row 10: no wait ends early because of us, and the target's own signals end it as ever.

load hostile

@test "row 10: waits of every kind at 5000 Hz" {
    export PROFINJECT_FREQUENCY=5000
    as_bare "$PROGRAMS/waits" 300
    grep -q '^poll: 0 interrupted, 0 early; own signal handled 1, interrupts$' bare.out
}

@test "row 10: time-outs of sockets end on time while our signals come" {
    as_bare "$PROGRAMS/socket_timeouts"
    grep -qx 'read: -1, Resource temporarily unavailable' bare.out
}

@test "row 10: waits of every kind, by the process's clock and where waits are looked at" {
    CLOCKS="itimer wall"
    as_bare "$PROGRAMS/waits" 100
    rm -r ./*.1
    as_bare "$PROGRAMS/socket_timeouts"
}

@test "row 10: cancelling, signals of its own and jumps end every wait as ever, under every clock" {
    CLOCKS="cpu perf itimer wall"
    as_bare "$PROGRAMS/wait_ends"
    [ "$(wc -l <bare.out)" -eq 70 ]
    run ! grep -E 'does not wait|lost' bare.out
    # All of these ways there are for it.
    grep -qx 'read; cancel: cancelled, cleaned up; at once: cancelled, cleaned up; signal: ended: EINTR; restarting: goes on, returned; jump: out' bare.out
    # Waits too short to be recorded else are as well.
    export PROFINJECT_WAIT_THRESHOLD=0
    rm -r ./*.1
    as_bare "$PROGRAMS/wait_ends"
}

@test "row 10: who waits for a signal by a mask of the call misses none" {
    CLOCKS="cpu perf itimer wall"
    export PROFINJECT_FREQUENCY=5000
    as_bare "$PROGRAMS/signal_turns" 4000
    [ "$(wc -l <bare.out)" -eq 8 ]
}

@test "row 10: mutexes of every sort return what they do, time-outs take their time, errno is kept" {
    CLOCKS="cpu perf itimer wall"
    as_bare "$PROGRAMS/wait_semantics"
    grep -qx 'waited for who dies: EOWNERDEAD' bare.out
    grep -qx 'second: EDEADLK' bare.out
    [ "$(grep -c ', on time$' bare.out)" -ge 18 ]
    run ! grep -q early bare.out
}

@test "row 10: waits between processes, in C11's words, once, at barriers, across fork and in handlers" {
    CLOCKS="cpu perf itimer wall"
    as_bare "$PROGRAMS/wait_sharing"
    grep -qx 'shared robust mutex: EOWNERDEAD' bare.out
    grep -qx 'child of the handler: 5' bare.out
}

@test "row 10: initialisers that throw are run again, with another thread waiting" {
    CLOCKS="cpu perf itimer wall"
    as_bare "$PROGRAMS/wait_once"
    grep -qx 'pthread_once: 2 runs, 1 caught, 1 passed' bare.out
}

@test "row 10: what is written and received in parts, slowly, is all of it" {
    CLOCKS=cpu
    as_bare "$PROGRAMS/wait_parts"
    [ "$(grep -c ': 1048576$' bare.out)" -eq 5 ]
    grep -qx 'recv all: 3000' bare.out
}
