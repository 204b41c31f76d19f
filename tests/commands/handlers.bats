#!/usr/bin/env bats
# Signal handlers that allocate while the same thread does, with an allocator that bears it:
# every event is there, wherever they came, and however they left.

load helpers
load exact
load handlers

@test "exact: a handler at every instruction of an allocation" {
    stepped exact
    [ "$(truth handler)" -gt 1000 ]
    [ "$(found handler)" -eq "$(truth handler)" ]
    [ "$(found ordinary)" -eq "$(truth ordinary)" ]
    events recording
    jq -e '.doubled == 0 and .unknown == 0 and .live < 10' events
}

# What the stepped process counted itself, in blocks of known sizes.
@test "counters: a handler at every instruction of an allocation" {
    stepped counters
    [ "$(truth handler)" -gt 1000 ]
    "$PROFINJECT" export --format json -o profile.json recording
    jq -e --argjson ordinary "$(truth ordinary)" --argjson handler "$(truth handler)" \
        '[.processes[].threads[].memory] | max_by(.alloc_count) ==
         {alloc_count: ($ordinary + $handler), alloc_bytes: ($ordinary * 1000 + $handler * 2000),
          free_count: ($ordinary + $handler), free_bytes: ($ordinary * 1000 + $handler * 2000)}' profile.json
}

@test "exact: handlers leave from all over an allocation by longjmp" {
    stepped exact jump
    [ "$(truth handler)" -ge 100 ]
    [ "$(found handler)" -eq "$(truth handler)" ]
    [ "$(found after)" -eq "$(truth after)" ]
    [ "$(found ordinary)" -ge "$(truth ordinary)" ]
    [ "$(found ordinary)" -le $(($(truth ordinary) + $(left ordinary))) ]
    events recording
    jq -e '.doubled == 0 and .unknown == 0' events
}

# Samples may find a ring full; then they are counted.
@test "sampled: handlers leave from all over a sample by longjmp" {
    stepped sampled jump
    lost=$("$PROFINJECT" report --json recording | jq '[.heap_profile.processes[].lost_events] | add')
    [ "$(truth handler)" -ge 100 ]
    [ $(($(found after) + lost)) -ge "$(truth after)" ]
    [ "$(found after)" -gt 0 ]
}

@test "exact: a storm of handlers" {
    storm 0.2
}

@test "exact: a storm of handlers, some of which leave by longjmp" {
    storm 0.2 jump
}
