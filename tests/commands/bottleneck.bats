#!/usr/bin/env bats
# What limits a program: each class for the target that has it, in every output the same, and advice with
# what it follows from. tests/stress/bottleneck.bats prints the whole matrix.
# Alone: programs that others take the processors from are short of processors.

load helpers

# valid SCHEMA FILE...
valid() {
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not installed"
    /usr/bin/python3 "$CHECKS/check_schema.py" "$ROOT/analyzer/reports/$1.schema.json" "${@:2}"
}

# hot: a machine whose processors are slowed down, some more in every second.
hot() {
    mkdir -p "root/sys/devices/system/cpu/cpu0/thermal_throttle"
    echo 1 >root/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count
    echo 0 >root/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_total_time_ms
}

@test "every class is the verdict for its target" {
    run /usr/bin/python3 "$CHECKS/check_bottlenecks.py" "$BUILD" 0 0.6
    echo "$output"
    [ "$status" -ne 77 ] || skip "others had the processors"
    [ "$status" -eq 0 ]
}

@test "one verdict in every output, with evidence, scores and threads" {
    record recording "$PROGRAMS/bottleneck_targets" contention 1
    "$PROFINJECT" report --json recording >report.json
    "$PROFINJECT" correlate --json recording >correlate.json
    valid profinject-report-1 report.json
    valid profinject-correlate-1 correlate.json
    jq -e '.judgement.verdict == "contention" and .judgement.runner_up == "cpu"' report.json
    jq -e --slurpfile report report.json '.judgement == $report[0].judgement' correlate.json
    jq -e '.waits.why | startswith("lock-bound")' report.json
    run -0 "$PROFINJECT" report recording
    [[ $output == *"Why   lock-bound"* ]]
    run -0 "$PROFINJECT" correlate recording
    [[ $output == *"Bottleneck "*"contention"*"Scores "*"Threads by efficiency "* ]]
    # Parts of the same time: no more than there is.
    jq -e '[.judgement.classes[].share // 0] | add <= 1.000001' report.json
    # Every score is one, or says why it is not.
    jq -e '.judgement.scores | length == 3 and
        all(.[]; (.value == null) != (.unavailable == null))' report.json
}

@test "scores are those of the formulas, by the figures of the report" {
    record recording "$PROGRAMS/bottleneck_targets" disk 1
    "$PROFINJECT" report --json recording >report.json
    jq -e '(.waits.share_seconds | 100 * .on_cpu / (.on_cpu + .runnable)) as $cpu |
        .judgement.scores.cpu.value | . - $cpu | fabs < 0.001' report.json
    # Where no hook sees it there may be more of it.
    jq -e '.judgement.scores.io.value as $io | .waits.share_seconds as $s |
        $io <= 100 * $s.on_cpu / ($s.on_cpu + $s["I/O"]) + 0.001 and
        $io >= 100 * $s.on_cpu / ($s.on_cpu + $s["I/O"] + $s.other) - 0.001' report.json
}

@test "without resources, without waits: what is not known is said" {
    "$PROFINJECT" record -q --resources 0 -o bare -- "$PROGRAMS/bottleneck_targets" cpu 0.5
    "$PROFINJECT" report --json bare | jq -e '.judgement |
        (.classes[] | select(.class == "gpu") | .share == null and
            .unavailable == "recorded without resources") and .verdict == "cpu"'
    "$PROFINJECT" record -q --waits off -o blind -- "$PROGRAMS/bottleneck_targets" cpu 0.5
    "$PROFINJECT" report --json blind | jq -e '.judgement |
        .verdict == "insufficient data" and (.evidence | contains("--waits on"))'
}

@test "a hot processor is told of, with what it cost" {
    hot
    # In place of the old ones: a file that is written anew is empty for a moment.
    (for ((i = 1; i < 150; i++)); do
        printf '%d\n' "$((i * 20))" >core_throttle_total_time_ms
        printf '%d\n' "$((i / 5 + 1))" >core_throttle_count
        mv core_throttle_* root/sys/devices/system/cpu/cpu0/thermal_throttle/
        sleep 0.02
    done) &
    "$PROFINJECT" record -q --resources-root "$PWD/root" -o hot -- "$PROGRAMS/bottleneck_targets" cpu 2
    wait
    "$PROFINJECT" report --json hot | jq -e '.recommendations[] | select(.rule == "hot-processor") |
        .finding | test("slowed down for their temperature [0-9.]+ times, [0-9.]+ % of the time")'
    # And of one that is not, nothing.
    record cool "$PROGRAMS/bottleneck_targets" cpu 0.5
    "$PROFINJECT" report --json cool | jq -e 'all(.recommendations[]; .rule != "hot-processor" and
        .rule != "cpu-limit" and .rule != "busy-card" and .rule != "short-of-memory")'
}
