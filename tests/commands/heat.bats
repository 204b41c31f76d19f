#!/usr/bin/env bats
# `profinject heat`: set-point and failures on a simulated processor, nothing left behind, its
# figures against an independent count, and itself as a target whose profile is known.

load helpers

# heat OPTION...: a load that nothing limits but its options.
heat() {
    "$PROFINJECT" heat --sensor none "$@"
}

# workers: ids of those that live, of the heats of this test.
workers() {
    for pid in "${pids[@]}"; do
        cat "/proc/$pid/task/$pid/children" 2>/dev/null
    done
}

# gone PID...: waits until none of them is there, dead ones neither.
gone() {
    for pid in "$@"; do
        for _ in {1..100}; do
            [ -e "/proc/$pid" ] || break
            sleep 0.02
        done
        [ ! -e "/proc/$pid" ] || return 1
    done
}

# sensor DEGREES: a tree with one of the processor, and keeps writing it every 0.1 s.
sensor() {
    mkdir -p root/sys/class/hwmon/hwmon0
    echo coretemp >root/sys/class/hwmon/hwmon0/name
    echo "Package id 0" >root/sys/class/hwmon/hwmon0/temp1_label
    echo "$1" >root/sys/class/hwmon/hwmon0/temp1_input
    (while sleep 0.1; do echo "$1" >new && mv new root/sys/class/hwmon/hwmon0/temp1_input; done) 3>&- &
    writer=$!
}

teardown() {
    [ -z "${writer-}" ] || kill "$writer" || true
}

@test "wrong usage is one line and status 2" {
    for options in "--target 90" "--max 70" "--duty 101" "--duty x" "--sensor none" "--workers 0" \
        "--size 7" "--format xml" "--duration nan" "--split -1" "--vectors mmx" "word" "--unknown" "--target"; do
        # shellcheck disable=SC2086 # words
        run -2 "$PROFINJECT" heat $options
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == "profinject heat: "* ]]
    done
    run -0 "$PROFINJECT" heat --help
    [[ "$output" == *"3 critical temperature"* ]]
    awk 'length > 80' <<<"$output" | { ! grep .; }
}

@test "without a sensor there is no load, but a fixed one when asked for" {
    mkdir empty
    run -4 "$PROFINJECT" heat --sensor-root empty --log log
    [[ "$output" == "profinject heat: no sensor of the processor's temperature below 'empty/sys'"* ]]
    [ ! -e log ]
    run -4 "$PROFINJECT" heat --sensor-root empty --sensor k10temp --duty 10
    run -4 "$PROFINJECT" heat --sensor /nowhere/temp1_input --duty 10
    [[ "$output" == *"is missing: No such file or directory" ]]
    run -0 "$PROFINJECT" heat --sensor-root empty --duty 10 --duration 0.3
    [[ "$output" == *"no temperature is watched"* ]]
    [[ "$output" == *"no sensor  fixed"* || "$output" == *"no sensor  off"* ]]
}

@test "sensors that cannot be trusted at the start" {
    sensor 60000
    kill $writer
    run -4 timeout 10 "$PROFINJECT" heat --sensor-root root
    [[ "$output" == *"not written any more"* ]]
    sensor 0
    run -4 timeout 10 "$PROFINJECT" heat --sensor-root root
    kill $writer
    [[ "$output" == *"is absurd: 0 degC" ]]
    sensor 96000
    run -3 timeout 10 "$PROFINJECT" heat --sensor-root root --log log
    [[ "$output" == *"load off: 96.0 degC, critical is 95.0"* ]]
    [ "$(tail -n 1 log | cut -d , -f 12)" = 0 ] # operations
    run -3 timeout 10 "$PROFINJECT" heat --sensor-root root --duty 10 # is guarded all the same
    kill $writer
    sensor 41500
    run -0 "$PROFINJECT" heat --sensor-root root --list-sensors
    [[ "$output" == "  41.5 degC  coretemp Package id 0 "*temp1_input ]]
}

# All at the same time, as each of them mostly waits.
@test "simulated: the target is held; what breaks takes the load off and says why; no parent, no load" {
    run python3 "$CHECKS/heat_bench.py" hold:8:1.5:55:log kill stop break:removed break:frozen \
        break:constant break:nan break:jumping break:0 break:120000
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a graphics card's temperature, by the driver's library" {
    mkdir driver
    cp "$PROGRAMS/heat_nvml_plugin.so" driver/libnvidia-ml.so.1
    export LD_LIBRARY_PATH=$PWD/driver NVML_DEGREES=$PWD/degrees
    echo 48 >degrees
    run -0 "$PROFINJECT" heat --list-sensors
    [[ "$output" == *"  48.0 degC  A card for tests "*"nvml:0"* ]]
    (sleep 0.7; rm degrees) 3>&- &
    run -5 timeout 10 "$PROFINJECT" heat --sensor nvml:0 --target 52 --log log --interval 0.2
    grep -E '^0\.[0-9]*,48.000,52.000,' log
    [[ "$output" == *"load off: sensor 'nvml:0' (A card for tests) is missing"* ]]
    run -4 "$PROFINJECT" heat --sensor nvml:0
}

@test "SIGINT and SIGTERM end it in order: no worker, no zombie, status 0" {
    for signal in INT TERM HUP; do
        # In the background SIGINT is ignored from birth, unless somebody says otherwise.
        env --default-signal=INT "$PROFINJECT" heat --sensor none --duty 20 -q -w 3 --log "$signal" \
            --interval 0.1 3>&- &
        pids=($!)
        for _ in {1..100}; do [ "$(workers | wc -w)" -eq 3 ] && break || sleep 0.02; done
        left=$(workers)
        [ "$(wc -w <<<"$left")" -eq 3 ]
        kill -s "$signal" "${pids[0]}"
        wait "${pids[0]}"
        # shellcheck disable=SC2086 # words
        gone $left
        [[ "$(tail -n 1 "$signal")" == *",off,"*",0,"* ]]
    done
}

@test "a worker that dies is replaced, and told" {
    "$PROFINJECT" heat --sensor none --duty 10 --duration 1.5 --workers 2 >out 3>&- &
    pids=($!)
    for _ in {1..100}; do [ "$(workers | wc -w)" -eq 2 ] && break || sleep 0.02; done
    kill -KILL "$(workers | cut -d ' ' -f 1)"
    sleep 0.5
    [ "$(workers | wc -w)" -eq 2 ]
    wait "${pids[0]}"
    grep -x '1 worker died and was replaced' out
}

@test "GFLOP/s are 2 n^3 for each product, by a clock outside" {
    began=$(date +%s.%N)
    heat --duty 100 --products 120 --size 400 --quiet --log log --format json
    seconds=$(date +%s.%N | awk -v began="$began" '{ print $1 - began }')
    jq -es 'all(.products * 2 * 400 * 400 * 400 <= .operations and .wrong_products == 0)' log
    jq -es "last | .products == 120 and .operations == 120 * 2 * 400 * 400 * 400" log
    # From line to line: what was done meanwhile, by the time it took.
    heat --duty 50 --duration 1 --interval 0.3 --quiet --log lines --format json
    jq -es '[., .[1:]] | transpose | map(select(.[1])) | length >= 2 and all(
        (.[1].operations - .[0].operations) / (.[1].seconds - .[0].seconds) / 1e9 / .[1].gflops |
        . > 0.95 and . < 1.05)' lines
    # Its own clock begins after the program's, and ends before.
    heat --duty 100 --products 120 --size 400 | tee out
    gflops=$(sed -n 's/.*, \(.*\) GFLOP.s (.*/\1/p' out)
    inside=$(sed -n 's/.* after \(.*\) s: 120 products.*/\1/p' out)
    awk -v g="$gflops" -v s="$inside" 'BEGIN { ratio = g * s * 1e9 / (120 * 2 * 400 ^ 3)
        print ratio; exit !(ratio > 0.97 && ratio < 1.03) }'
    awk -v inside="$(jq -es 'last.seconds' log)" -v outside="$seconds" \
        'BEGIN { print inside, outside; exit !(inside <= outside && outside < inside + 0.5) }'
}

@test "a fixed duty is that share of CPU time, by the kernel's count" {
    busy && skip "the machine is busy: less CPU time may be had than asked for"
    { TIMEFORMAT='%U %S'; time heat --duty 30 --period 50 --duration 2 --workers 1 -q; } 2>used
    awk '{ used = $1 + $2; print used; exit !(used > 0.5 && used < 0.75) }' used
}

@test "its own profile: all workers are in it, the product has 95 % of the CPU time" {
    record recording "$PROFINJECT" heat --sensor none --duty 40 --duration 1.5 --workers 2 --quiet
    [ "$(fact processes recording)" -eq 3 ]
    [ "$(ls recording | grep -c heat-worker)" -eq 2 ]
    [ "$(fact lost recording)" -eq 0 ]
    "$PROFINJECT" folded --by-process recording >folded
    [ "$(grep -o '^heat-worker ([0-9]*)' folded | sort -u | wc -l)" -eq 2 ]
    awk '{ all += $NF; if (/;matrix_product/) product += $NF }
        END { print product / all; exit !(product / all >= 0.95) }' folded
    # What is not computed is slept, and that is in the profile, too; on a busy machine there is
    # always something to catch up with.
    busy || "$PROFINJECT" folded --metric offcpu recording | grep -q ';nap_until'
}

@test "as a known answer: the split of CPU time, and the lock that workers share" {
    record recording "$PROFINJECT" heat --sensor none --duty 60 --duration 1.5 --workers 2 --quiet \
        --split 70 --contend 60
    "$PROFINJECT" folded recording >folded
    grep ';chain_run' folded >chain
    grep ';compute_locked' folded >locked
    python3 "$CHECKS/check_share.py" 0.3 chain folded recording/heat-worker.*.pinj
    python3 "$CHECKS/check_share.py" 0.6 locked folded recording/heat-worker.*.pinj
    "$PROFINJECT" folded --metric lock-wait recording | grep -q ';compute_locked'
}

@test "log: the columns of CSV are the keys of JSON, nothing unknown is 0" {
    heat --duty 10 --duration 0.5 --interval 0.2 -q --log csv
    heat --duty 10 --duration 0.5 --interval 0.2 -q --log json --format json
    [ "$(head -n 1 csv)" = "$(jq -rs '.[0] | keys_unsorted | join(",")' json)" ]
    [ "$(wc -l <csv)" -ge 3 ]
    jq -es 'all(.temperature_c == null)' json
    tail -n +2 csv | cut -d , -f 2,3 | grep -vx unavailable,unavailable | { ! grep .; }
    run -1 heat --duty 10 --duration 0.5 --log /dev/full
    [[ "$output" == *"cannot write the log: No space left on device"* ]]
}

@test "memory: no more than allowed, and not at all where nothing fits" {
    heat --duty 10 --duration 0.4 --size 1000 --memory 50M --workers 4 -q --log log --interval 0.1
    [ "$(sed -n 3p log | cut -d , -f 6)" -le 2 ] # 24 MB each
    run -2 heat --duty 10 --memory 1
    [[ $output == *"--memory '1': allowed: 1M to 900000G" ]]
    run -1 heat --duty 10 --size 1000 --memory 10M
    [[ "$output" == *"matrices of 1000 x 1000 take 22.9 MiB, and no more than 10.0 MiB"* ]]
    # Less than the machine has: workers find out, and a load that was none is no success.
    run -1 bash -c 'ulimit -v 200000; exec "$@"' - \
        "$PROFINJECT" heat --sensor none --duty 20 --size 4000 --workers 1 --duration 0.5
    [[ "$output" == *"no load: no worker found memory for matrices of 4000 x 4000"* ]]
}
