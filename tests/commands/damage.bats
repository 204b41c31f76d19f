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
    "$PROFINJECT" record -q --heap exact -o recording -- "$PROGRAMS/cpu_split" 2 alloc >truth
    survives recording/cpu_split.*.pinj alloc-count
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

# told RECORDING...: all that reports say of it, but for what is said of damage and size.
told() {
    for metric in cpu samples alloc-count live-bytes peak-bytes temporary-count; do
        echo "$metric"
        "$PROFINJECT" folded --by-thread --by-process --metric "$metric" "$@" 2>/dev/null || echo none
    done
    "$PROFINJECT" report --json "$@" 2>/dev/null | jq -S 'del(.. | .messages?, .bytes?, .trace?, .chunks?,
        .chunks_damaged?, .records_missing?, .chunks_of_unknown_content?, .recovered_records?)'
}

# sound RECORDING...: no damage, and nothing to say of it.
sound() {
    run -0 --separate-stderr "$PROFINJECT" info --json "$@"
    [ -z "$stderr" ]
    jq -e '.chunks > 0 and .chunks_damaged == 0 and .chunks_of_unknown_content == 0' <<<"$output"
}

# overwrite FILE PERCENT: a hundred bytes there.
overwrite() {
    head -c 100 /dev/zero | tr '\0' 'x' |
        dd of="$1" bs=1 seek=$(($(stat -c %s "$1") * $2 / 100)) conv=notrunc status=none
}

@test "export --format pinj: a damaged trace gives a sound one that says the same" {
    record recording "$PROGRAMS/many_threads" 2000
    trace=alone.pinj
    mv recording/*.pinj "$trace" # the recording knows how the program ended, whatever its trace lacks
    told "$trace" >whole
    overwrite "$trace" 40
    overwrite "$trace" 41
    truncate -s -10 "$trace"
    "$PROFINJECT" export --format pinj --with-args -o clean.pinj "$trace"
    sound clean.pinj
    told "$trace" >damaged
    told clean.pinj >clean
    diff damaged clean
    run -1 diff -q whole damaged
    zstd -dcq clean.pinj >/dev/null
}

@test "export --format pinj: of a recording a recording, of its processes and its end" {
    seconds=0.3
    if busy; then seconds=1; fi
    "$PROFINJECT" record -q --heap exact -o recording -- "$PROGRAMS/fork_child" killed $seconds || true
    [ "$(find recording -name '*.pinj' | wc -l)" -ge 2 ]
    # the child's, whose first chunk has the stacks that what is in the others names
    overwrite "$(find recording -name '*.pinj' -printf '%s %p\n' | sort -rn | head -n 1 | cut -d ' ' -f 2)" 60
    "$PROFINJECT" export --format=pinj --with-args --output clean recording
    sound clean
    told recording >damaged
    told clean >clean.told
    diff damaged clean.told
    [ "$(fact exit recording)" = "$(fact exit clean)" ]
    [ "$(stat -c %a clean)" = 700 ]
    run -1 --separate-stderr "$PROFINJECT" export --format pinj -o clean recording
    [[ "$stderr" == *"cannot create 'clean'"* ]]
}

@test "export --format pinj: wrong usage" {
    run -2 "$PROFINJECT" export --format pinj
    [[ "$output" == *"--output is missing"* ]]
    run -1 "$PROFINJECT" export --format pinj -o clean.pinj "$PROGRAMS/spin"
    [[ "$output" == *"not a profinject trace"* ]]
    [ ! -e clean.pinj ]
    run -2 "$PROFINJECT" export --format xml
    [[ "$output" == *"allowed: json, pprof, speedscope, firefox, callgrind, pinj"* ]]
}
