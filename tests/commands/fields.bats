#!/usr/bin/env bats
# Every field of the source documents is there or unavailable, on this machine and on recorded ones;
# and what is collected is what /proc, vmstat, iostat and pidstat say. Tables: tests/fields/.
# Alone: compares with tools that look at other moments

bats_require_minimum_version 1.5.0
load helpers

MACHINES='laptop server gpus virtual broken'

setup_file() {
    export RUNS=$BATS_FILE_TMPDIR
    local name
    for name in here $MACHINES; do
        record_on "$name" &
    done
    wait
}

# record_on NAME: here, or with the files of that recorded machine
record_on() {
    local root=/
    if [ "$1" != here ]; then
        root=$RUNS/$1.root
        python3 "$ROOT/tests/machines/unpack.py" "$ROOT/tests/machines/$1.tree" "$root" || return 1
    fi
    timeout 60 "$PROFINJECT" record --quiet --resources-root "$root" -o "$RUNS/$1" -- \
        "$PROGRAMS/known_load" 3.5 "$RUNS/$1.written" 5 >/dev/null
    "$PROFINJECT" report --json "$RUNS/$1" >"$RUNS/$1.json"
    "$PROFINJECT" correlate --json "$RUNS/$1" >"$RUNS/$1.correlate"
}

@test "each field is there or unavailable: this machine, a laptop, a server, cards, broken sensors" {
    local name
    for name in here $MACHINES; do
        run python3 "$ROOT/tests/fields/table.py" "$RUNS/$name.json" "$RUNS/$name.correlate"
        echo "--- $name"
        echo "$output"
        [ "$status" -eq 0 ]
    done
}

@test "the table of a laptop has its sensors' values" {
    run -0 python3 "$ROOT/tests/fields/table.py" "$RUNS/laptop.json" "$RUNS/laptop.correlate"
    echo "$output"
    [[ $output =~ temperature_celsius\ +cpu.temperature\ +7[01]\ degC ]]
    [[ $output =~ frequency_mhz\ +cpu.mhz\ +4100\ MHz\ \(cpu0\) ]]
    [[ $output =~ battery\ +power.battery\ +17.7\ W\ \(BAT0\) ]]
    [[ $output =~ device_name\ +subject\ of\ gpu.busy\ +card1\ Intel\ 8086:46a8 ]]
    [[ $output =~ memory_used_bytes\ +gpu.memory\ +unavailable\ \(i915\ and\ xe\ tell ]]
}

@test "no sensor that fails is told as zero" {
    run -0 jq -r '.resources[] | select(.name == "cpu.temperature") | "\(.subject)|\(.unavailable)|\(.summary.last)"' "$RUNS/broken.json"
    echo "$output"
    [ "$(grep -c '|null|40$' <<<"$output")" = 1 ]
    [ "$(grep -vc '|null|' <<<"$output")" = 8 ]
}

@test "the trace says what machine it followed" {
    run -0 "$PROFINJECT" info "$RUNS/laptop"
    [[ $output =~ machine.cpu_model\ +12th\ Gen\ Intel ]]
    [[ $output =~ machine.cores_performance\ +4 ]]
    [[ $output =~ machine.cores_efficiency\ +4 ]]
    [[ $output =~ machine.memory\ +16384000000 ]]
    [[ $output =~ machine.gpus\ +card1\ Intel ]]
}

@test "what is collected is what /proc, vmstat, iostat and pidstat say" {
    local tool
    for tool in vmstat iostat pidstat; do
        command -v $tool >/dev/null || skip "$tool is not there (packages procps, sysstat)"
    done
    run python3 "$ROOT/tests/fields/compare.py" "$BUILD" "$BATS_TEST_TMPDIR"
    echo "$output"
    [ "$status" -eq 0 ]
}
