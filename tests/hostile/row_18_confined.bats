#!/usr/bin/env bats
# Row 18: the target runs under a seccomp filter that kills.

load hostile

@test "row 18: a filter that kills timer_create stops the profiling, not the target" {
    run -0 "$PROGRAMS/confined" /usr/bin/env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/r" \
        "$PROGRAMS/spin" 0.05
    [[ $output = *"seccomp"* ]]
    run -0 "$PROFINJECT" record -o told -- "$PROGRAMS/confined" "$PROGRAMS/spin" 0.05
    grep -q seccomp told/messages
}

@test "row 18: under a filter that kills perf_event_open it is not called" {
    run -0 "$PROGRAMS/confined" -p /usr/bin/env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/r" \
        PROFINJECT_CLOCK=perf "$PROGRAMS/spin" 0.05
    grep -q 'seccomp filter kills on perf_event_open; using cpu' r/messages
    [ "$(fact samples r)" -gt 0 ]
}

@test "row 18: a filter the target puts on itself never kills it for what we do" {
    for way in prctl seccomp tsync; do
        rm -rf cpu.* perf.*
        as_bare "$PROGRAMS/confine_self" "$way" || { echo "$way"; return 1; }
        [ "$(cat got.out)" = $'unshare: 0\nchild: 4' ]
        grep -q 'put a seccomp filter on itself' cpu.1/messages
        [ "$(fact samples cpu.1)" -gt 0 ]
    done
}
