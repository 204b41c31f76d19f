#!/usr/bin/env bats
# Traces that are cut, overwritten, lack bytes or have more of them: by the sanitized analyzer.

load helpers

# survives TRACE METRIC: damaged in DAMAGES ways.
survives() {
    SANITIZED=$BUILD/sanitize/profinject
    [ -x "$SANITIZED" ] || skip "the sanitized analyzer is not built (make sanitize)"
    run -0 timeout -k 1 3000 python3 "$CHECKS/check_damage.py" "$SANITIZED" "$1" "$2" "${DAMAGES:-50}"
    echo "$output"
}

@test "damage: threads of sound chunks are known, over two epochs" {
    record recording "$PROGRAMS/many_threads" 3000
    survives recording/many_threads.*.pinj threads
}

@test "damage: samples of sound chunks count, whatever became of their stacks" {
    record recording "$PROGRAMS/cpu_split" 2 alloc
    survives recording/cpu_split.*.pinj samples
}

@test "damage: exact heap events of sound chunks count" {
    "$PROFINJECT" record -q --heap exact -o recording -- "$PROGRAMS/alloc_exact" 300 >truth
    survives recording/alloc_exact.*.pinj alloc-count
}

@test "damage: info tells how much is missing, and when" {
    record recording "$PROGRAMS/many_threads" 2000
    trace=$(echo recording/*.pinj)
    # The second chunk's frame: its header, at the first one's end, still says what it held.
    second=$((72 + $(od -An -tu4 -j32 -N4 "$trace")))
    records=$(od -An -tu4 -j$((second + 28)) -N4 "$trace")
    printf '\377\377\377\377' | dd of="$trace" bs=1 seek=$((second + 80)) conv=notrunc status=none
    run -0 --separate-stderr "$PROFINJECT" info --json recording
    jq -e --argjson records "$records" '.chunks_damaged == 1 and .records_missing == $records
        and .chunks_of_unknown_content == 0' <<<"$output"
    grep -qE "1 of [0-9]+ chunks damaged, missing from [0-9.]+ to [0-9.]+ s, $((records)) records missing" <<<"$stderr"
    # And with it the header.
    printf '\377' | dd of="$trace" bs=1 seek=$((second + 20)) conv=notrunc status=none
    run -0 --separate-stderr "$PROFINJECT" info --json recording
    jq -e '.chunks_damaged == 1 and .records_missing == 0 and .chunks_of_unknown_content == 1' <<<"$output"
    grep -qE "1 chunk of unknown content" <<<"$stderr"
}
