#!/usr/bin/env bats
# `correlate` on a program of which it is known what each function does to which resource; figures
# against others' arithmetic, the published schema, and runs of which nothing can be said.

load helpers

setup_file() {
    load helpers
    cd "$BATS_FILE_TMPDIR" || return 1
    unset "${!PROFINJECT_@}"
    frequency=root/sys/devices/system/cpu/cpu0/cpufreq
    mkdir -p root/proc "$frequency"
    echo 0 >root/sys/devices/system/cpu/online
    echo 3000000 | tee "$frequency/scaling_cur_freq" >"$frequency/cpuinfo_max_freq"
    "$PROFINJECT" record -q -o planted --resources-root "$PWD/root" -- \
        "$PROGRAMS/planted_resources" 8 3 "$PWD/root"
    "$PROFINJECT" correlate --json planted >planted.json
    "$PROFINJECT" record -q -o brief -- "$PROGRAMS/spin" 0.3
    "$PROFINJECT" record -q --resources 0 -o without -- "$PROGRAMS/spin" 0.1
}

# here NAME: of the file's directory.
here() {
    echo "$BATS_FILE_TMPDIR/$1"
}

# first RESOURCE: the function that goes with it best.
first() {
    jq -r --arg name "$1" 'first(.series[] | select(.name == $name)) | .functions[0].function' \
        "$(here planted.json)"
}

@test "functions behind resources come first" {
    found=0
    for pair in process.rss=grow_cache process.written=write_log process.cpu=burn \
        process.calls-written=send_packets thread.voluntary=fight cpu.mhz=heat_up; do
        echo "$pair: $(first "${pair%=*}")"
        [ "$(first "${pair%=*}")" = "${pair#*=}" ] && found=$((found + 1))
    done
    # One run; the hundred are in tests/stress.
    [ "$found" -ge 4 ]
}

@test "what the machine does is read below the root that was asked for" {
    run -0 jq -e '[.series[] | select(.name == "cpu.mhz")] | length == 1 and
        (.[0] | .subject == "cpu0" and .least >= 1200 and .least < 3000 and .most <= 3000)' \
        "$(here planted.json)"
}

@test "every figure says how sure it is" {
    run -0 jq -e '[.series[].functions[].relation, .pairs[].relation, .named[].relation] |
        map(select(.insufficient == null)) | length > 20 and
        all(.[]; .cells >= 30 and .effective >= 2 and .effective <= .cells and
            .low <= .strength and .strength <= .high and .p <= .q and .q <= 1 and
            .lag_low_s <= .lag_s and .lag_s <= .lag_high_s)' "$(here planted.json)"
    # Not significant: by q, or because the interval holds 0.
    run -0 jq -e '[.series[].functions[].relation] |
        all(.[]; .significant == (.insufficient == null and .q <= 0.05 and
            (.strength | fabs) >= 0.3 and (.low > 0 or .high < 0)))' "$(here planted.json)"
}

@test "what adds up does, and what functions explain is no more than there is" {
    # shellcheck disable=SC2016 # names of jq
    run -0 jq -e '.grid.width_s as $width | .series[] | select(.name == "process.cpu") |
        .total as $total | ($total - .mean * .cells * $width | fabs) < 0.01 * $total and
        all(.functions[]; .share >= 0 and .share <= 1 and
            (.explained - .share * $total | fabs) < 1e-6 * $total)' "$(here planted.json)"
    run -0 jq -e '[.series[] | select(.name == "process.rss")][0] |
        .related == "changes" and .total > 0 and .mean > 0' "$(here planted.json)"
    # Resident memory twice over: what faults are is what it grows by.
    # shellcheck disable=SC2016 # likewise
    run -0 jq -e '[.series[].name] as $names | first(.pairs[] |
        select($names[.first] == "process.rss" and $names[.second] == "process.faults")) |
        .relation.strength > 0.9 and .relation.significant' "$(here planted.json)"
}

@test "documents are as the schema says" {
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not installed"
    "$PROFINJECT" correlate --json "$(here brief)" >brief.json
    "$PROFINJECT" correlate --json "$(here without)" >without.json
    schema=$ROOT/analyzer/reports/profinject-correlate-1.schema.json
    /usr/bin/python3 "$CHECKS/check_schema.py" "$schema" "$(here planted.json)" brief.json \
        without.json
    jq 'del(.series[0].parts)' "$(here planted.json)" >bad.json
    run -1 /usr/bin/python3 "$CHECKS/check_schema.py" "$schema" bad.json
}

@test "sentences and tables fit 80 columns" {
    run -0 env LC_ALL=C.UTF-8 "$PROFINJECT" correlate "$(here planted)"
    [[ "$output" == *"What stands out"* && "$output" == *"Memory and the rest"* ]]
    [[ "$output" == *"% of it while "* && "$output" == *"(95 %: "* ]]
    [[ "$output" == *"Resources with each other"* && "$output" == *"Related to nothing"* ]]
    run -0 python3 -c 'import sys; print(max(len(line) for line in sys.stdin.read().split("\n")))' \
        <<<"$output"
    [ "$output" -le 80 ]
}

@test "as many are called significant as are named" {
    run -0 jq -e '.significant == ([.series[].functions[].relation | select(.significant)] | length) and
        .significant > 0 and .significant <= .tested' "$(here planted.json)"
}

@test "of too little nothing is said, and why" {
    run -0 "$PROFINJECT" correlate "$(here brief)"
    [[ $output == *$'\nWhat stands out\n'*"insufficient data: the run was too short"* ]]
    [[ $output != *"pairs tested"* ]]
    [[ "$output" == *"insufficient data: the run was too short"* ]]
    run -0 "$PROFINJECT" correlate "$(here without)"
    [[ "$output" == *"insufficient data: no resources were recorded"* ]]
    run -0 jq -e '[.named[] | select(.name == "memory-GPU")][0].relation | .insufficient != null and
        .strength == null or .cells > 0' "$(here planted.json)"
}

@test "report --all has what functions explain, the first screen does not" {
    run -0 "$PROFINJECT" report --all "$(here planted)"
    [[ "$output" == *"Explained by functions"* ]]
    run -0 "$PROFINJECT" report "$(here planted)"
    [[ "$output" != *"Explained by functions"* ]]
}

@test "a part of the run, of the threads and of the stacks" {
    run -0 "$PROFINJECT" correlate --json --time 1:6 "$(here planted)"
    jq -e '.grid.cells >= 49 and .grid.cells <= 50' <<<"$output"
    run -0 bash -c "'$PROFINJECT' correlate --json --focus grow_cache '$(here planted)' |
        jq -e '[.series[].functions[].function] | index(\"burn\") == null'"
    run -2 "$PROFINJECT" correlate --metric cpu "$(here planted)"
}
