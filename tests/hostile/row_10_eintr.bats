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
