#!/usr/bin/env bats
# Long runs: what goes wrong seldom, and what needs many samples to be seen.

load ../commands/helpers
load ../commands/rates

# share COUNT: of it, one part in STRESS_DIVISOR.
share() {
    echo $(($1 / ${STRESS_DIVISOR:-1}))
}

@test "threads, children and libraries coming and going: all ends well, all is readable" {
    for form in record preloaded; do
        run -0 "$form" "$PWD/$form" "$PROGRAMS/churn" "$PROGRAMS/plugin.so" "$(share 10)"
        [ "$output" = done ]
        [ "$(fact chunks_damaged "$form")" -eq 0 ]
        [ "$(fact samples "$form")" -ge "$(share 1000)" ]
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
        record "recording$round" "$PROGRAMS/alloc_exact" "$(share 20000)" >truth.json
        "$PROFINJECT" export --format json -o profile.json "recording$round"
        run -0 python3 "$CHECKS/check_allocations.py" truth.json profile.json
    done
}

@test "100000 rounds of dlopen and dlclose, sampled, while threads allocate" {
    run -0 timeout -k 1 900 "$PROFINJECT" record --quiet --output recording -- "$PROGRAMS/reload" \
        "$PROGRAMS/reload_one_plugin.so" "$PROGRAMS/reload_two_plugin.so" "$(share 100000)" 50
    [ "$output" = done ]
    [ "$(fact lost recording)" -eq 0 ]
    [ "$(fact chunks_damaged recording)" -eq 0 ]
    [ "$(fact exit recording)" = "exit 0" ]
    run -0 jq -ne --argjson info "$("$PROFINJECT" info --json recording)" \
        --argjson least "$(share 1000)" '$info | .samples > $least and .guessed + .truncated + .broken <= .samples / 200'
}

@test "a million short threads, sampled and allocating" {
    run -0 timeout -k 1 1200 "$PROFINJECT" record --quiet --output recording -- \
        "$PROGRAMS/many_threads" "$(share 1000000)"
    [ "$output" = "$(share 1000000) threads" ]
    [ "$(fact threads recording)" -eq $(($(share 1000000) + 1)) ]
    [ "$(fact chunks_damaged recording)" -eq 0 ]
    [ "$(fact exit recording)" = "exit 0" ]
    [ ! -s recording/messages ]
    [ "$(fact samples recording)" -ge "$(share 1000)" ]
}

@test "ten thousand threads alive at once" {
    HOSTILE_ALIVE="$(share 10000)" run -0 bats -f "many threads alive" "$ROOT/tests/hostile/row_12_threads.bats"
}

@test "two threads at once find that they are the last: a thousand times the process ends" {
    for _ in $(seq "$(share 1000)"); do
        rm -rf recording
        PROFINJECT_CLOCK=perf run -7 record recording timeout -s KILL 20 "$PROGRAMS/strict" all seccomp own
    done
}

@test "a program throws exceptions as fast as without us" {
    # Per second of CPU time, in pairs of alternating order; the median of their ratios.
    for pair in $(seq 15); do
        if ((pair % 2)); then
            bare=$("$PROGRAMS/throw" 2)
            ours=$(record "recording$pair" "$PROGRAMS/throw" 2)
        else
            ours=$(record "recording$pair" "$PROGRAMS/throw" 2)
            bare=$("$PROGRAMS/throw" 2)
        fi
        echo "$ours $bare"
    done >rates
    run -0 bash -c "awk '{ print \$1 / \$2 }' rates | sort -n | sed -n 8p"
    echo "ratio: $output"
    run -0 jq -ne "$output >= 0.97"
}

@test "100000 forks from four threads, sampled and allocating: no child is lost" {
    run -0 timeout -k 1 1800 "$PROFINJECT" record --quiet --output recording -- \
        "$PROGRAMS/fork_storm" 4 100000
    [ "$output" = "100000 children" ]
    [ "$(find recording -name '*.pinj' | wc -l)" -eq 100001 ]
    grep -qx 'exit=exit 0' recording/manifest
}

@test "the lock-free parts for a minute under the thread sanitizer" {
    RACES_SECONDS="$(share 60)" run -0 bats "$ROOT/tests/hostile/races.bats"
}

@test "the sampled heap: 95 % intervals hold the truth in 90 % of 400 runs or more" {
    for number in $(seq "$(share 400)"); do
        "$PROFINJECT" record --quiet --heap sampled --output "r$number" -- "$PROGRAMS/heap_sites" 4 10 >truth
        "$PROFINJECT" report --json --top 1000 "r$number" >"r$number.json"
        rm -r "r$number"
    done
    run -0 python3 "$CHECKS/check_heap.py" truth 0.9 r*.json
    echo "$output"
}

@test "perf delivers 99 % of 1000 and of 5000 Hz, for 1, 4 and 32 threads" {
    for hz in 1000 5000; do
        rate perf $hz 1 4 0.99 $((1000000000 / hz))
        rate perf $hz 4 2 0.99 $((1000000000 / hz))
        rate perf $hz 32 1 0.99 $((1000000000 / hz))
    done
}

@test "cpu delivers all of the time but 2 %, for 1, 4 and 32 threads" {
    rate cpu 1000 1 4 0.98 "$(tick_ns)"
    rate cpu 1000 4 2 0.98 "$(tick_ns)"
    rate cpu 1000 32 1 0.98 "$(tick_ns)"
}

@test "under perf, too, CPU time is split over functions and threads as it was spent" {
    can_perf
    "$PROFINJECT" record -q --clock perf -o recording -- "$PROGRAMS/cpu_split" 12 >truth.json
    "$PROFINJECT" folded --metric samples --by-thread -o samples.folded recording
    "$PROFINJECT" folded --metric cpu --by-thread -o cpu.folded recording
    run -0 python3 "$CHECKS/check_split.py" truth.json samples.folded cpu.folded \
        recording/cpu_split.*.pinj
}

@test "fuzz targets, ten minutes each: nothing crashes, hangs, leaks or takes memory without end" {
    FUZZ_SECONDS=$(share 600) run -0 bats --print-output-on-failure "$BATS_TEST_DIRNAME/../fuzz.bats"
}

@test "calls that fail, every 1st to 40th, and seldom ones" {
    FAIL_READING="$(seq -s ' ' 40) 60 100 200 500 1000 2000 5000" FAIL_RECORDING=$(seq -s ' ' 40) \
        FAIL_MEMORY="$(seq -s ' ' -f every:%g 40) $(seq -s ' ' -f at:%g 60)" \
        run -0 bats --print-output-on-failure "$ROOT/tests/commands/failures.bats"
}

@test "traces that are a lot to read" {
    LIMITS_LONG=on run -0 bats "$ROOT/tests/commands/large_traces.bats"
}
