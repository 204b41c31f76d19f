#!/usr/bin/env bats
# The exact heap: the same figures as the truth, to the byte.

load helpers

# Four threads free each other's blocks, 1.1 million events.
@test "every figure of every function is the truth" {
    "$PROFINJECT" record --quiet --heap exact --output recording -- "$PROGRAMS/heap_sites" 4 4 >truth
    "$PROFINJECT" report --json --top 1000 recording >recording.json
    run -0 python3 "$CHECKS/check_heap.py" truth exact recording.json
}

# sum STACK: of a metric's values in folded stacks that end so.
sum() {
    awk -v stack="$1" 'substr($0, 1, length($0) - length($NF) - 1) ~ stack "$" { sum += $NF }
        END { printf "%d\n", sum }'
}

@test "every metric as folded stacks is the truth" {
    metrics=(alloc-count alloc-bytes live-count live-bytes peak-bytes temporary-count)
    "$PROFINJECT" record --quiet --heap exact --output recording -- "$PROGRAMS/heap_sites" 4 1 >truth
    for metric in "${metrics[@]}"; do
        "$PROFINJECT" folded --metric "$metric" recording >"$metric.folded"
    done
    while read -r name figures; do
        for metric in "${metrics[@]}"; do
            [ "$(sum ";$name" <"$metric.folded")" = "${figures%% *}" ]
            figures=${figures#* }
        done
    done <truth
    "$PROFINJECT" flamegraph --metric peak-bytes -o heap.svg recording
    grep -qF '>hold' heap.svg
}

# Traces whose truth is known by how they were made, clocks of threads that differ included.
@test "a made trace of 10^6 events is read exactly" {
    for heap in "4 256 10000" "1 1 100" "300 500 50000"; do
        # shellcheck disable=SC2086
        "$PROGRAMS/heap_trace" made.pinj 1000000 $heap >truth
        "$PROFINJECT" report --json --top 1000 made.pinj >made.json
        run -0 python3 "$CHECKS/check_heap.py" truth exact made.json
    done
}

@test "a made trace that is cut off, or lacks a chunk, is read as far as it goes, and says so" {
    "$PROGRAMS/heap_trace" made.pinj 1000000 >truth
    size=$(stat -c %s made.pinj)
    head -c $((size / 2)) made.pinj >cut.pinj
    run -0 "$PROFINJECT" report cut.pinj
    [[ $output == *"trace 'cut.pinj': "*"it ends inside a chunk"* ]]
    [[ $output == *", incomplete"* && $output != *", exact"* ]]
    cp made.pinj torn.pinj
    printf 'no longer' | dd of=torn.pinj bs=1 seek=$((size / 2)) conv=notrunc status=none
    "$PROFINJECT" report --json torn.pinj >torn.json 2>messages
    grep -q '1 of [0-9]* chunks damaged' messages
    jq -e '.heap_profile.processes[0].lost_segments > 0' torn.json
    run -0 "$PROFINJECT" report torn.pinj
    [[ $output == *"segments of events are missing: no figure is exact"* ]]
}

@test "memory by operator new is that of who called it" {
    "$PROFINJECT" record -q --heap exact -o recording -- "$PROGRAMS/alloc_cxx" 100 >truth
    "$PROFINJECT" folded --metric alloc-count recording >folded
    # All its forms are called there, some of which call another.
    run -0 grep -E ";one_round $(jq '[.threads[].alloc_count] | add' truth)$" folded
    run -1 grep 'operator new' folded
}
