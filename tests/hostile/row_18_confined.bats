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
