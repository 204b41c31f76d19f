#!/usr/bin/env bats
# The exact heap over many events: none is lost, and reading them costs what it should.

load ../commands/helpers

COST=$ROOT/tests/stress/cost.py

# share COUNT: of it, one part in STRESS_DIVISOR.
share() {
    echo $(($1 / ${STRESS_DIVISOR:-1}))
}

@test "exact is the truth over 10^7 events of four threads that free each other's blocks" {
    "$PROFINJECT" record --quiet --heap exact --output recording -- \
        "$PROGRAMS/heap_sites" 4 "$(share 36)" >truth
    "$PROFINJECT" report --json --top 1000 recording >recording.json
    run -0 python3 "$CHECKS/check_heap.py" truth exact recording.json
}

# made EVENTS LIVE: a trace of so many, and what it costs: sets cpu and rss to the larger of
# report's and flamegraph's.
made() {
    local again memory
    "$PROGRAMS/heap_trace" made.pinj "$1" 4 256 "$2" >truth
    read -r cpu rss < <(python3 "$COST" "$PROFINJECT" flamegraph --metric peak-bytes -o x.svg made.pinj)
    read -r again memory < <(python3 "$COST" "$PROFINJECT" report --json --top 1000 -o made.json made.pinj)
    cpu=$((again > cpu ? again : cpu))
    rss=$((memory > rss ? memory : rss))
    echo "$1 events, $2 live: $cpu ms, $rss KiB"
    python3 "$CHECKS/check_heap.py" truth exact made.json
}

@test "reading 10^8 exact events costs as much each as 10^7, and no more memory" {
    made "$(share 10000000)" 10000
    ten=$cpu ten_rss=$rss
    made "$(share 100000000)" 10000
    [ "$cpu" -le $((15 * ten)) ]
    [ "$rss" -le $((ten_rss + 16384)) ]
}

@test "memory for reading grows with live blocks, by less than 90 bytes each" {
    made "$(share 10000000)" 1000
    few=$rss
    made "$(share 10000000)" "$(share 2000000)"
    [ $((rss - few)) -le $(($(share 2000000) * 90 / 1024 + 4096)) ]
}
