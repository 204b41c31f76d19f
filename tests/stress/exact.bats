#!/usr/bin/env bats
# Exact heap events under storms of signals whose handlers allocate. Not among what every
# check runs: with the buffer full, handlers that follow each other without a gap can keep the
# code they interrupt waiting for room, and the first of these tests then takes its time-out.

load ../commands/helpers
load ../commands/exact

@test "handlers that allocate while the same thread does" {
    export LD_PRELOAD=$PROGRAMS/handlers_preload_other.so
    exact recording -- timeout 60 "$PROGRAMS/heap_handlers" 1 >truth
    unset LD_PRELOAD
    events recording
    read -r allocated freed <truth
    jq -e --argjson allocated "$allocated" --argjson freed "$freed" \
        '.handlers > 0 and .allocations >= $allocated and .allocations <= $allocated + 100 and
         .frees >= $freed and .frees <= $freed + 100' events
}

@test "handlers that leave by longjmp while the same thread allocates" {
    export LD_PRELOAD=$PROGRAMS/handlers_preload_other.so
    exact recording -- timeout 20 "$PROGRAMS/heap_handlers" 1 jump >truth
    unset LD_PRELOAD
    events recording
    read -r allocated _ <truth
    jq -e --argjson allocated "$allocated" '.allocations > $allocated * 0.99' events
}
