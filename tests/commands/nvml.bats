#!/usr/bin/env bats
# NVIDIA's cards: a double of the driver's library with known values and failures, and the real
# one where there is one. The recordings run beside each other, once for all tests.

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
    export RUNS=$BATS_FILE_TMPDIR
    mkdir -p "$RUNS/lib" "$RUNS/lacking"
    cp "$BUILD/programs/nvml_plugin.so" "$RUNS/lib/libnvidia-ml.so.1"
    cp "$BUILD/programs/plugin.so" "$RUNS/lacking/libnvidia-ml.so.1"
    local how
    for how in well crash refuse; do
        record_with "$how" lib 1.5 &
    done
    record_with hang lib 6.5 &
    record_with late lib 7.5 &
    record_with incomplete lacking 1.5 &
    wait
}

# record_with HOW LIBRARY SECONDS
record_with() {
    NVML_DOUBLE=$1 LD_LIBRARY_PATH=$RUNS/$2 timeout 60 "$BUILD/profinject" record -q \
        -o "$RUNS/$1" -- sleep "$3"
    echo $? >"$RUNS/$1.status"
    "$BUILD/profinject" report --json "$RUNS/$1" >"$RUNS/$1.json"
}

# gpu HOW: each series of a card, its last value or why there is none, as gpu.busy|SUBJECT|42
gpu() {
    jq -r '.resources[] | select(.name | startswith("gpu.")) |
        "\(.name)|\(.subject // "")|\(.unavailable // .summary.last)"' "$RUNS/$1.json" | sort
}

@test "two cards, of which one does not tell most of it, and one that is not ours" {
    [ "$(cat "$RUNS/well.status")" = 0 ]
    run -0 gpu well
    for line in 'gpu.busy|nvidia0 Double 9000|42' 'gpu.memory|nvidia0 Double 9000|4294967296' \
        'gpu.memory-total|nvidia0 Double 9000|17179869184' 'gpu.temperature|nvidia0 Double 9000|66' \
        'gpu.power|nvidia0 Double 9000|123.456' 'gpu.mhz|nvidia0 Double 9000|1755' \
        'gpu.busy|nvidia1 Second <Card>|NVML: this card does not tell it' \
        'gpu.memory|nvidia1 Second <Card>|1073741824' \
        'gpu.power|nvidia1 Second <Card>|NVML: this card does not tell it'; do
        [[ $'\n'$output$'\n' == *$'\n'"$line"$'\n'* ]] || { echo "no $line"; return 1; }
    done
    [[ $output != *nvidia2* ]]
}

@test "a driver that crashes, refuses, hangs or lacks functions harms nobody, and is told" {
    local how
    declare -A reasons=([crash]='NVML crashed' [refuse]='NVML: the driver is not loaded'
        [hang]='NVML does not answer' [incomplete]='libnvidia-ml.so.1 lacks functions that are needed')
    for how in "${!reasons[@]}"; do
        [ "$(cat "$RUNS/$how.status")" = 0 ]
        run -0 gpu "$how"
        echo "$how: $output"
        [[ $output == *"gpu.busy||${reasons[$how]}"* ]]
        [ "$(jq '[.resources[] | select(.name == "cpu.busy")][0].summary.known_seconds > 0.2' "$RUNS/$how.json")" = true ]
    done
}

@test "one that stops answering has no values from then on" {
    run -0 gpu late
    [[ $output == *'gpu.busy|nvidia0 Double 9000|NVML does not answer'* ]]
}

@test "who asks ends with the keeper" {
    # record does not wait for its last moment, and on a busy machine that takes one.
    for ((i = 0; i < 50; i++)); do pgrep -f 'profinject nvml' >/dev/null || return 0; sleep 0.1; done
    pgrep -af 'profinject nvml'
    return 1
}

@test "without the driver there is no process, and no card of NVIDIA" {
    [ ! -e /dev/nvidiactl ] && [ ! -e /dev/dxg ] || skip "there is a driver here"
    timeout 60 "$BUILD/profinject" record -q -o "$RUNS/none" -- sleep 0.5
    "$BUILD/profinject" report --json "$RUNS/none" >"$RUNS/none.json"
    run -0 gpu none
    [[ $output != *nvidia* ]]
}

@test "a real card: what NVML says is what nvidia-smi says" {
    [ -e /dev/nvidiactl ] || skip "no NVIDIA driver: /dev/nvidiactl is not there"
    command -v nvidia-smi >/dev/null || skip "nvidia-smi is not there to compare with"
    timeout 60 "$BUILD/profinject" record -q -o "$RUNS/real" -- sleep 3
    "$BUILD/profinject" report --json "$RUNS/real" >"$RUNS/real.json"
    read -r total <<<"$(nvidia-smi --query-gpu=memory.total --format=csv,noheader,nounits | head -1)"
    run -0 gpu real
    echo "$output, nvidia-smi: $total MiB"
    found=$(sed -n 's/^gpu.memory-total|nvidia0[^|]*|\([0-9]*\)$/\1/p' <<<"$output")
    # MiB, without what the driver itself keeps
    [ $((found / 1048576)) -ge $((total - 1024)) ] && [ $((found / 1048576)) -le $((total + 1024)) ]
}
