#!/usr/bin/env bats
# Storms of signals whose handlers allocate, again and again, with hardly any room for events.

load ../commands/helpers
load ../commands/exact
load ../commands/handlers

# storms COUNT [jump]
storms() {
    for _ in $(seq $(($1 / ${STRESS_DIVISOR:-1}))); do
        storm 0.3 "${2-}" --heap-buffer 256K
    done
}

@test "handlers that allocate while the same thread does" {
    storms 20
}

@test "handlers that leave by longjmp while the same thread allocates" {
    storms 20 jump
}

# Some of the threads do the keeper's work when they are cancelled.
@test "threads that are cancelled anywhere clean up with the signals they had" {
    [ "$("$PROGRAMS/chores_traps" cancel)" = 0 ]
    [ "$(timeout -s KILL 120 "$PROFINJECT" record -q -o r -- timeout -s KILL 110 "$PROGRAMS/chores_traps" cancel)" = 0 ]
}
