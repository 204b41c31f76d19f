#!/usr/bin/env bats
# Fork children that end at once: they cost next to nothing, and are counted all the same.

load helpers

HEAPS="off counters sampled exact"

# forked HEAP WAY N: into the recording HEAP.WAY; what the program printed into the file printed.
forked() {
    "$PROFINJECT" record --quiet --heap "$1" --output "$1.$2" -- "$PROGRAMS/brief_children" "$2" "$3" >printed
}

# holds RECORDING CONDITION: of info's facts.
holds() {
    "$PROFINJECT" info --json "$1" >info.json
    jq -e "$2" info.json || { jq -c '[.processes, .brief_children, .cpu_ns]' info.json; return 1; }
}

# What one is tick'ed in has a trace: one in forty, as it takes a hundredth of a tick.
@test "children that end at once are processes, and have no trace" {
    for heap in $HEAPS; do
        for way in at_once exit; do
            forked "$heap" "$way" 100
            holds "$heap.$way" '.processes == 101 and .brief_children >= 70 and .chunks_damaged == 0'
            [ "$(find "$heap.$way" -name '*.pinj' | wc -l)" -eq $((101 - $(fact brief_children "$heap.$way"))) ]
        done
    done
    holds sampled.at_once '.cpu_ns > ([.per_process[].cpu_ns] | add)'
    "$PROFINJECT" report --all sampled.at_once >report
    grep -E '101 processes, ' report
    grep -E 'and [0-9]+ fork children that ended at once, .* CPU in all' report
}

@test "such a child gets hardly more memory than without us" {
    "$PROGRAMS/brief_children" at_once 100 >bare
    for heap in $HEAPS; do
        forked "$heap" at_once 100
        # 16; 45 to 160 where each begins a session.
        [ "$(cat printed)" -le $(($(cat bare) + 25)) ] || { echo "$heap $(cat bare printed)"; return 1; }
    done
}

@test "a child's child is counted, too" {
    for heap in $HEAPS; do
        forked "$heap" nested 20
        holds "$heap.nested" '.processes == 41 and .brief_children >= 20'
    done
}

@test "a child that outlives its parent's trace has its own" {
    for heap in $HEAPS; do
        forked "$heap" orphan 1
        for ((i = 0; i < 100; i++)); do
            [ "$(find "$heap.orphan" -name '*.pinj' | wc -l)" -ge 2 ] && break
            sleep 0.1
        done
        holds "$heap.orphan" '.processes == 2 and .brief_children == 0'
    done
}

@test "a child that allocates has a trace, and no event is missing" {
    for heap in counters sampled exact; do
        forked "$heap" allocate 20
        holds "$heap.allocate" '.processes == 21 and .brief_children == 0'
        "$PROFINJECT" export --format json "$heap.allocate" |
            jq -e '[.processes[].threads[].memory | select(.alloc_count == 1 and .free_count == 1)] | length == 20'
    done
    "$PROFINJECT" report --json exact.allocate >report.json
    jq -e '[.heap_profile.processes[] | select(.alloc_count.value == 1 and .live_bytes.value == 0)] | length == 20' report.json
}

@test "a child that maps memory, or is in a region, has a trace" {
    for way in map regions; do
        forked sampled "$way" 10
        holds "sampled.$way" '.processes == 11 and .brief_children == 0'
    done
    "$PROFINJECT" report --json sampled.regions | jq -e '[.regions[] | select(.path == "region")][0].count == 11'
}

@test "what a fork takes is not charged to the profiler" {
    forked off at_once 1500
    run -0 "$PROFINJECT" folded --metric cpu off.at_once
    awk '{ all += $NF; if (/\[profinject\]/) own += $NF } END { print own / all; exit !(own < 0.5 * all) }' <<<"$output"
}

@test "a child that lives is sampled, in every mode of the heap" {
    for heap in $HEAPS; do
        for way in compute allocate nested; do
            "$PROFINJECT" record --quiet --heap "$heap" --output "$heap.$way" -- "$PROGRAMS/fork_child" "$way" 0.2 || [ $? -eq 3 ]
            holds "$heap.$way" '.lost == 0 and .samples >= 5 and .sampled_ns >= 150e6'
        done
    done
}

@test "a process that execs is one, however many traces it leaves" {
    # The subshell computes long enough to have a trace of its own.
    record recording bash -c '(for ((i = 0; i < 200000; i++)); do :; done; exec true); :'
    [ "$(find recording -name '*.pinj' | wc -l)" -eq 3 ]
    [ "$(fact processes recording)" -eq 2 ]
}
