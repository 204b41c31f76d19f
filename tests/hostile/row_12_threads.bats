#!/usr/bin/env bats
# Row 12: threads of every kind are sampled, and nothing is left of those that ended.

load hostile

@test "row 12: short threads, many at once, clone() alone; timers of the dead are deleted" {
    as_bare "$PROGRAMS/crowd" "${HOSTILE_THREADS:-2000}"
    grep -qx 'timers of the dead: none' bare.out
    for clock in cpu perf; do
        [ -d "$clock.1" ] || continue
        [ "$(fact lost "$clock.1")" -eq 0 ]
        "$PROFINJECT" folded "$clock.1" >stacks
        # Ticks that threads are scheduled by as well favour some moments of 10 ms: half is
        # asked for here, equality where threads live long.
        run awk -v n="${HOSTILE_THREADS:-2000}" '
            /raw_thread/ { raw += $NF } /burn_short/ { short += $NF } /burn_crowd/ { crowd += $NF }
            END { print raw, short, crowd
                  exit !(raw > 0 && short > n * 0.0001e9 && crowd > n / 10 * 0.005e9) }' stacks
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
    as_bare sleep 0.8
    run -0 "$PROFINJECT" folded cpu.1
    echo "$output" | awk '/burn_early/ { ns += $NF } END { print ns; exit !(ns > 0.25e9 && ns < 0.4e9) }'
}

# all_sampled COUNT CLOCK: so many threads alive at once, and each is in the profile.
all_sampled() {
    injected "$2" "$PWD/alive.$2" "$PROGRAMS/many_alive" "$1" >got.out
    [ "$(cat got.out)" = "$1 threads" ]
    [ "$(fact lost "alive.$2")" -eq 0 ]
    "$PROFINJECT" folded --by-thread "alive.$2" | grep burn_one | cut -d';' -f1 | sort -u | wc -l >sampled
    [ "$(cat sampled)" -eq "$1" ] || [ -s "alive.$2/messages" ] || { cat sampled; return 1; }
}

@test "row 12: many threads alive at once: all are sampled, or the loss is said" {
    all_sampled "${HOSTILE_ALIVE:-300}" cpu
}
