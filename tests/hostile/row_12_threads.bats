#!/usr/bin/env bats
# Row 12: threads of every kind are sampled, and nothing is left of those that ended.
# Alone: hundreds of threads are asked for their shares.

load hostile

@test "row 12: short threads, many at once, clone() alone; timers of the dead are deleted" {
    as_bare "$PROGRAMS/crowd" "${HOSTILE_THREADS:-2000}"
    grep -qx 'timers of the dead: none' bare.out
    for clock in cpu perf; do
        [ -d "$clock.1" ] || continue
        [ "$(fact lost "$clock.1")" -eq 0 ]
        "$PROFINJECT" folded "$clock.1" >stacks
        # Ticks that threads are scheduled by as well favour some moments of 10 ms: half is
        # asked for here, equality where threads live long. One made by clone() alone, while all
        # others sleep, is nobody's to find where the servant is outside.
        run awk -v n="${HOSTILE_THREADS:-2000}" -v outside="$([ "$FORM$clock" != recordcpu ] || echo 1)" '
            /raw_thread/ { raw += $NF } /burn_short/ { short += $NF } /burn_crowd/ { crowd += $NF }
            END { print raw, short, crowd
                  exit !((raw > 0 || outside) && short > n * 0.0001e9 && crowd > n / 10 * 0.005e9) }' stacks
        echo "$clock: $output"
        [ "$status" -eq 0 ]
    done
}

@test "row 12: where timers run out it is said, and the target runs" {
    as_bare bash -c "ulimit -i 3; exec '$PROGRAMS/crowd' 500"
    grep -q 'threads were not sampled.*ulimit -i' cpu.1/messages
}

@test "row 12: threads made before the library's constructor are sampled" {
    HOSTILE_PRELOAD="$PROGRAMS/threads_preload_other.so"
    as_bare /usr/bin/python3 -S -c 'import ctypes; ctypes.CDLL(None).early_join()'
    run -0 "$PROFINJECT" folded cpu.1
    echo "$output" | awk '/burn_early/ { ns += $NF } END { print ns; exit !(ns > 0.25e9 && ns < 0.4e9) }'
}

# Each burns 10 ms, two or three ticks: some are hit more often than others, but all
# together as often as they should.
@test "row 12: many threads alive at once are sampled in proportion, none is refused" {
    count=${HOSTILE_ALIVE:-300}
    injected cpu "$PWD/alive" "$PROGRAMS/many_alive" "$count" >got.out
    [ "$(cat got.out)" = "$count threads" ]
    [ "$(fact lost alive)" -eq 0 ]
    [ "$(fact threads alive)" -gt "$count" ]
    [ ! -s alive/messages ]
    "$PROFINJECT" folded alive >stacks
    run -0 awk -v n="$count" '/burn_one/ { ns += $NF } END { print ns; exit !(ns > n * 5e6 && ns < n * 15e6) }' stacks
}
