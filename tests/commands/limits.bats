#!/usr/bin/env bats
# Traces that may not get larger, and what becomes of the rest; flight recorders.

load helpers

PHASES=$PROGRAMS/phases

# sizes: of all files of the trace.
sizes() {
    find recording -name '*.pinj*' -printf '%s\n' | awk '{ sum += $1 } END { print sum }'
}

# allocations PHASE: that the recording has of it.
allocations() {
    "$PROFINJECT" folded --metric alloc-count recording 2>/dev/null |
        awk -v phase="phase_$1" '$0 ~ phase { sum += $NF } END { print sum + 0 }'
}

# same_by_both_readers: the trace, and that nothing in it is damaged.
same_by_both_readers() {
    run -0 python3 "$ROOT/tests/reader/compare.py" "$PROGRAMS/tell_records" recording/*.pinj
    [ "$(fact chunks_damaged recording)" -eq 0 ]
}

@test "--rotate keeps the newest: the last phase is whole, the first is gone" {
    export PROFINJECT_MAX_SIZE=1M PROFINJECT_ROTATE=on PROFINJECT_HEAP=exact
    for form in record preloaded; do
        rm -rf recording
        "$form" recording "$PHASES" 400000 400000 20000 >out
        [ "$(cat out)" = $'a\nb\nc' ]
        [ "$(sizes)" -le 1048576 ]
        [ "$(sizes)" -ge 700000 ]
        [ "$(allocations a)" -eq 0 ]
        [ "$(allocations b)" -gt 0 ]
        [ "$(allocations b)" -lt 400000 ]
        [ "$(allocations c)" -eq 20000 ]
        [ "$(fact exit recording)" = "exit 0" ]
        [ "$(fact 'chunks_dropped > 0 and .records_dropped > .chunks_dropped' recording)" = true ]
        [ "$(fact heap_events.lost recording)" -eq 0 ]
        [ "$(fact heap_events.segments_lost recording)" -eq 0 ]
        same_by_both_readers
    done
    [ ! -s recording/messages ]
}

@test "--rotate keeps the newest events also where each file is smaller than one buffer of them" {
    export PROFINJECT_ROTATE=on PROFINJECT_HEAP=exact
    for form in record preloaded; do
        for size in 65536 200000; do
            rm -rf recording
            PROFINJECT_MAX_SIZE=$size "$form" recording "$PHASES" 100000 100000 2000 >out
            [ "$(cat out)" = $'a\nb\nc' ]
            [ "$(sizes)" -le "$size" ]
            [ "$(sizes)" -ge $((size * 6 / 10)) ]
            [ "$(allocations a)" -eq 0 ]
            [ "$(allocations b)" -gt $((size / 40)) ] # none takes as many bytes
            [ "$(allocations c)" -eq 2000 ]
            [ "$(fact heap_events.lost recording)" -eq 0 ]
            [ "$(fact heap_events.segments_lost recording)" -eq 0 ]
            [ ! -s recording/messages ]
            same_by_both_readers
        done
    done
}

@test "info and report say in one line how much was kept" {
    "$PROFINJECT" record -q -o recording --heap exact --max-size 1M --rotate -- "$PHASES" 400000 20000
    words='the last [0-9.]+ s of [0-9.]+ s \(--rotate; before it [0-9]+ chunks with [0-9]+ records were dropped\)'
    run -0 bash -c "'$PROFINJECT' info recording | grep -cE '^  kept  .*$words'"
    [ "$output" -eq 1 ]
    run -0 bash -c "COLUMNS=200 '$PROFINJECT' report recording 2>/dev/null | tr '\n' ' ' | tr -s ' '"
    [[ "$output" =~ $words ]]
    run -0 "$PROFINJECT" record -q -o whole --max-size 64M --rotate -- "$PHASES" 1000
    run -1 bash -c "'$PROFINJECT' info whole | grep '^  kept'"
}

@test "a clean copy of a trace that rotated is one file with all that was kept" {
    PROFINJECT_HEAP=exact PROFINJECT_MAX_SIZE=1M PROFINJECT_ROTATE=on record recording "$PHASES" 400000 20000 >out
    kept=$(allocations a)
    "$PROFINJECT" export --format pinj -o clean recording
    [ "$(find clean -name '*.pinj*' | wc -l)" -eq 1 ]
    rm -rf recording && mv clean recording
    [ "$(allocations a)" -eq "$kept" ]
    [ "$(allocations b)" -eq 20000 ]
}

@test "without --rotate the first is kept, the rest counted as lost, the end told, and all said once" {
    export PROFINJECT_MAX_SIZE=256K PROFINJECT_HEAP=exact
    for form in record preloaded; do
        rm -rf recording
        "$form" recording "$PHASES" 400000 20000 >out
        [ "$(cat out)" = $'a\nb' ]
        [ "$(sizes)" -le 262144 ]
        [ "$(allocations a)" -gt 0 ]
        [ "$(allocations b)" -eq 0 ]
        [ "$(fact exit recording)" = "exit 0" ]
        # Each malloc and each free is an event; a few are the program's start and end.
        "$PROFINJECT" info --json recording | jq -e '.heap_events |
            .blocks + .blocks_freed + .lost | . >= 840000 and . < 841000'
        [ "$(wc -l <recording/messages)" -eq 1 ]
        grep -q "as large as --max-size allows, 262144 bytes: what follows is counted as lost" recording/messages
        same_by_both_readers
    done
}

@test "kill -9 while it rotates, in both forms and with the keeper: the newest is there, whole" {
    run -0 timeout -k 1 300 python3 "$CHECKS/check_rotation.py" "$PROFINJECT" "$LIBRARY" "$PHASES" 6
    echo "$output"
}

@test "--rotate needs --max-size, which has a least size" {
    run -125 "$PROFINJECT" record --rotate -- true
    [ "$output" = "profinject record: --rotate needs --max-size, as in 64M" ]
    run -125 "$PROFINJECT" record --max-size 63K -- true
    [ "$output" = "profinject record: --max-size '63K': allowed: none, or bytes from 64K to 1024G (K, M, G: times 1024), as in 64M" ]
    run -0 "$PROFINJECT" record -q -o recording --max-size none -- true
}

@test "info says what the servant cost, in both forms" {
    for form in record preloaded; do
        "$form" "$form.d" "$PROGRAMS/spin" 1
        [ "$(fact 'servant_cpu_ns > 0 and .servant_cpu_ns < .wall_ns / 5' "$form.d")" = true ]
        run -0 bash -c "'$PROFINJECT' info '$form.d' | grep -E '^  servant +(in|out)side, [0-9.]+ % of one CPU'"
    done
}

@test "--force removes all files of a trace that rotated" {
    PROFINJECT_HEAP=exact PROFINJECT_MAX_SIZE=512K PROFINJECT_ROTATE=on record recording "$PHASES" 400000 >out
    [ "$(find recording -name '*.pinj.[123]' | wc -l)" -eq 3 ]
    "$PROFINJECT" record -q --force -o recording -- true
    [ "$(find recording -name '*.pinj*' | wc -l)" -eq 1 ]
}

@test "stacks without end: the memory of all is bounded, and those that are kept are whole" {
    run -0 timeout -k 1 300 python3 "$CHECKS/check_new_stacks.py" "$PROFINJECT" "$LIBRARY" "$PROGRAMS/new_stacks" 120000
    echo "$output"
}
