#!/usr/bin/env bats
# Long runs: what goes wrong seldom, and what needs many samples to be seen.

load ../commands/helpers

@test "threads, children and libraries coming and going: all ends well, all is readable" {
    for form in record preloaded; do
        run -0 "$form" "$PWD/$form" "$PROGRAMS/churn" "$PROGRAMS/plugin.so" 10
        [ "$output" = done ]
        [ "$(fact chunks_damaged "$form")" -eq 0 ]
        [ "$(fact samples "$form")" -ge 1000 ]
    done
}

@test "a trace takes at most 10 bytes per stack, memory counters included" {
    record recording "$PROGRAMS/cpu_split" 48 alloc >truth.json
    run -0 bash -c "'$PROFINJECT' info --json recording | jq -r '\"\(.samples) \(.bytes)\"'"
    echo "samples and bytes: $output"
    read -r samples bytes <<<"$output"
    [ "$samples" -ge 10000 ]
    [ "$bytes" -le $((samples * 10)) ]
}

@test "allocation counts stay exact in long runs" {
    for round in 1 2 3 4 5; do
        record "recording$round" "$PROGRAMS/alloc_exact" 20000 >truth.json
        "$PROFINJECT" export --format json -o profile.json "recording$round"
        run -0 python3 "$CHECKS/check_allocations.py" truth.json profile.json
    done
}
