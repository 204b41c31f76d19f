#!/usr/bin/env bats
# The heap over time: parts of a run, who grows, what blocks are like. heap_phases says
# when each of its phases began; samples 1 KiB apart meet each of its blocks.

load helpers

# phases [MODE]: records it.
phases() {
    "$PROFINJECT" record --quiet --heap "${1:-sampled}" --heap-interval 1K --output recording -- \
        "$PROGRAMS/heap_phases" >phases
    START=$("$PROFINJECT" report --json recording | jq '.processes[0].start_monotonic_ns')
}

# second_of PHASE: when it began, from the recording's start
second_of() {
    awk -v name="$1" -v start="$START" '$1 == name { printf "%.9f", ($2 - start) / 1e9 }' phases
}

# leaves METRIC OPTION...: "FUNCTION VALUE" sorted, of the program's functions.
leaves() {
    local metric=$1
    shift
    "$PROFINJECT" folded --metric "$metric" "$@" recording | sed -n 's/.*;\([a-z_]* [0-9]*\)$/\1/p' |
        grep -E '^(keep_|pass|churn|vector|other|leak)' | sort
}

check_second_phase() {
    span=$(second_of second):$(second_of third)
    [ "$(leaves alloc-bytes --time "$span")" = $'churn 3000000\nkeep_second 1200000' ]
    [ "$(leaves alloc-count --time "$span")" = $'churn 100\nkeep_second 30' ]
    [ "$(leaves live-bytes --time "$span")" = 'keep_second 1200000' ]
    [ "$(leaves live-count --time "$span")" = 'keep_second 30' ]
    [ "$(leaves temporary-count --time "$span")" = 'churn 100' ]
    # What was there before belongs to the peak.
    [ "$(leaves peak-bytes --time "$span")" = \
        $'churn 30000\nkeep_first 1000000\nkeep_second 1200000\npass 2000000' ]
}

@test "a part of the run: allocated in it, still live at its end, the heap at its highest" {
    phases
    check_second_phase
}

@test "a part of the run, exact" {
    phases exact
    check_second_phase
}

@test "a part of the run: what is freed later is live at its end, what was freed earlier is not" {
    phases
    [ "$(leaves live-bytes --time ":$(second_of second)")" = $'keep_first 1000000\npass 2000000' ]
    [ "$(leaves live-bytes --time "$(second_of last):")" = 'keep_last 600000' ]
    # The heap is highest at once there: pass's blocks are freed.
    [[ $(leaves peak-bytes --time "$(second_of last):") == *"pass 2000000"* ]]
    [ "$(leaves live-bytes)" = $'keep_first 1000000\nkeep_last 600000\nkeep_second 1200000\nleak 1000000\nother 700000\nvector 4194304' ]
}

@test "parts of the run add up" {
    phases
    for metric in alloc-bytes alloc-count temporary-count; do
        for phase in first second third leak last end; do
            from=${to:-}
            to=$(second_of "$phase")
            "$PROFINJECT" folded --metric "$metric" --time "$from:$to" recording || true
        done >parts
        to=
        sum=$(awk '{ sum += $NF } END { printf "%d", sum }' parts)
        end=$("$PROFINJECT" folded --metric "$metric" --time "$(second_of end):" recording |
            awk '{ sum += $NF } END { printf "%d", sum }')
        whole=$("$PROFINJECT" folded --metric "$metric" recording |
            awk '{ sum += $NF } END { printf "%d", sum }')
        # Of each part every stack is rounded once.
        [ $((sum + end)) -ge $((whole - 100)) ]
        [ $((sum + end)) -le $((whole + 100)) ]
    done
}

@test "CPU time, too, is that of the part" {
    record recording "$PROGRAMS/spin" 0.6
    whole=$("$PROFINJECT" folded recording | awk '{ sum += $NF } END { print sum }')
    first=$("$PROFINJECT" folded --time :0.3 recording | awk '{ sum += $NF } END { print sum }')
    rest=$("$PROFINJECT" folded --time 0.3: recording | awk '{ sum += $NF } END { print sum }')
    # What is charged at the thread's end, of no known time, is in neither.
    jq -en "$first > 0 and $rest > 0 and $first + $rest <= $whole and $first + $rest > 0.8 * $whole"
    run -0 "$PROFINJECT" report --time 0.1:0.3 recording
    [[ $output == *"Part  0.1 s to 0.3 s: "* ]]
}

@test "a time that is none is refused" {
    for time in 3 : 5:3 a:b 1:2:3 -1:2 1:nan; do
        run -2 "$PROFINJECT" report --time="$time"
        [[ $output == *"--time '$time': allowed: A:B"* ]]
    done
}

@test "one thread's heap, one function's, all but one's" {
    phases
    [ "$(leaves alloc-bytes --thread other)" = 'other 700000' ]
    [ "$(leaves alloc-bytes --focus '^keep_(first|last)$')" = $'keep_first 1000000\nkeep_last 600000' ]
    [[ $(leaves alloc-bytes --ignore keep) != *keep* ]]
    [[ $(leaves alloc-bytes --ignore keep) == *vector* ]]
    # Small blocks of the C library may be met as well.
    "$PROFINJECT" report --json --thread other recording |
        jq -e '.heap_profile.processes[0].live_bytes.value | . >= 700000 and . < 720000'
    "$PROFINJECT" folded --by-thread --metric alloc-bytes recording >folded
    grep -qE '^other \([0-9]+\);.*;other 700000$' folded
    run -2 "$PROFINJECT" folded --thread nobody recording
    [[ $output == *"--thread 'nobody': the recording has: "*"other ("* ]]
    run -2 "$PROFINJECT" folded --process nobody recording
    [[ $output == *"--process 'nobody': the recording has: heap_phases ("* ]]
    run -2 "$PROFINJECT" folded --focus '(' recording
    [[ $output == *"--focus '('"* ]]
    run -1 "$PROFINJECT" folded --focus no_such_function recording
    [[ $output == *"no stack is left"* ]]
}

@test "who grew, and that the rest did not" {
    phases
    "$PROFINJECT" report --json recording | jq '.heap_profile.processes[0].timeline' >timeline
    # On a busy machine other phases reach into the thirds: at one end of the run.
    jq -e '[.growing[] | select(.how == "steady") | .function] == ["leak"]' timeline
    jq -e '.growing[] | select(.function == "leak") | .growth_bytes | .low > 0 and .value < 1000000' timeline
    run -0 "$PROFINJECT" report --all recording
    [[ $output == *"Live memory that grew"*"steady leak"* ]]
}

@test "the timeline's arrays add up to the totals" {
    phases
    "$PROFINJECT" report --json recording | jq '.heap_profile.processes[0]' >heap
    jq -e '.timeline | (.live_bytes | length) as $n | $n >= 256 and $n <= 513 and
        (.alloc_bytes | length) == $n and (.live_bytes_low | length) == $n' heap
    jq -e '(.timeline.alloc_bytes | add) - .alloc_bytes.value | fabs < 300' heap
    jq -e '(.timeline.alloc_count | add) - .alloc_count.value | fabs < 300' heap
    jq -e '.timeline.live_bytes[-1] == .live_bytes.value' heap
    jq -e '[.timeline.threads[].alloc_bytes | add] | max < 17.3e6 and (min >= 700000 and min < 720000)' heap
}

@test "sizes and lifetimes" {
    phases
    "$PROFINJECT" report --json recording | jq '.heap_profile.processes[0]' >heap
    # 32768: vector's first and churn; 65536: vector, keep_first, keep_second, keep_last
    jq -e '.sizes[] | select(.to_bytes == 65536) | .count.value >= 61 and .bytes.value >= 2865536 and .bytes.value < 2.9e6' heap
    jq -e '([.sizes[].count.value] | add) - .alloc_count.value | fabs <= 20' heap
    jq -e '([.lifetimes[].count.value] | add) >= 127' heap # churn, pass, vector
    jq -e '[.lifetimes[] | select(.from_ns >= 100000000) | .count.value] | add >= 20' heap # pass
    run -0 "$PROFINJECT" report --all recording
    [[ $output == *"Sizes of blocks"*"to 64 KiB"*"Lifetimes of blocks"*"still live"* ]]
}

@test "what is resized, in a sampled heap: how often, and what is copied at most" {
    phases
    "$PROFINJECT" report --json recording |
        jq '.heap_profile.functions[] | select(.function == "vector").resized' >resized
    jq -e '.resizes.value == 7 and .copied_at_most.value == 8323072 and .chains == null' resized
    run -0 "$PROFINJECT" report --all recording
    [[ $output == *"Resized by realloc"*"vector"* ]]
}

@test "what is resized, exact: chains, and what was copied of them" {
    phases exact
    "$PROFINJECT" report --json recording |
        jq '.heap_profile.functions[] | select(.function == "vector").resized' >resized
    # 32 KiB doubled seven times: 127 times that was there before.
    jq -e '.resizes.value == 7 and .copied_at_most.value == 127 * 32768' resized
    jq -e '.chains == 1 and .longest == 7 and .worst_copied == 127 * 32768' resized
    jq -e '.end_bytes == 4194304 and .largest_end_bytes == 4194304 and .moved <= 7' resized
    run -0 "$PROFINJECT" report --all recording
    [[ $output == *"Resized by realloc"*"chains"*"vector"* ]]
}

@test "sizes and lifetimes, exact" {
    phases exact
    "$PROFINJECT" report --json recording | jq '.heap_profile.processes[0]' >heap
    # churn and vector's first; the three that keep, and vector's second
    jq -e '.sizes[] | select(.to_bytes == 32768) | .count.value == 141 and .bytes.value == 4032768' heap
    jq -e '.sizes[] | select(.to_bytes == 65536) | .count.value == 61 and .bytes.value == 2865536' heap
    jq -e '([.sizes[].count.value] | add) == .alloc_count.value' heap
    jq -e '([.lifetimes[].count.value] | add) == .alloc_count.value - 112 or
        ([.lifetimes[].bytes.value] | add) == .alloc_bytes.value - .live_bytes.value' heap
    jq -e '(.timeline.alloc_bytes | add) == .alloc_bytes.value' heap
    jq -e '.live_bytes.low == .live_bytes.high' heap
}

@test "whole stacks that keep memory, and that allocate" {
    phases
    run -0 "$PROFINJECT" report --all recording
    [[ $output == *"Paths that keep memory"*"> vector"*"Memory allocated"* ]]
    [[ $output == *"Paths that allocate"*"> vector"*"> churn"*"Live memory that grew"* ]]
}

@test "nothing to show is said in words" {
    "$PROFINJECT" record --quiet --heap sampled --output recording -- "$PROGRAMS/spin" 0.05
    run -0 "$PROFINJECT" report --all recording
    [[ $output == *"Memory live at the end"*"nothing was met"* ]]
    [[ $output == *"Resized by realloc"*"nothing was met"* ]]
    [[ $output == *"Sizes of blocks"*"nothing was met"* ]]
}

@test "a flame graph's title says how the heap was sampled" {
    phases
    "$PROFINJECT" flamegraph --metric live-bytes --time 0:10 -o heap.svg recording
    grep -q 'Live bytes at the end (sampled 1.00 KiB apart): .* ±0.0 %; 0 s to 10 s<' heap.svg
}
