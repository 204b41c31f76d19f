#!/usr/bin/env bats
# Resources in reports: series whose values are known (tests/stress/resource_trace.c), and a program
# that slows a simulated machine's processors down in a rhythm of its own.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROGRAMS/resource_trace" made.pinj "$PROGRAMS/spin"
    mkdir recording && printf 'profinject-recording 1\n' >recording/manifest
    cp made.pinj recording/made.100.pinj
}

MADE=$BATS_FILE_TMPDIR/made.pinj

# number NAME SUBJECT MEMBER: of a series in report.json.
number() {
    jq -r --arg name "$1" --arg subject "$2" --arg member "$3" '.resources[] |
        select(.name == $name and (.subject // "") == $subject) | .summary[$member]' report.json
}

@test "report --all: mean, least, most, what is 0 all the time, what is unavailable and why" {
    export LC_ALL=C.UTF-8 # for grep as well: it repeats characters, not their last bytes
    "$PROFINJECT" report --all "$MADE" >all
    sed -n '/^Resources/,/^Throttled/p' all >section
    grep -E '^ +75.0 % +50.0 % +100.0 %  ▄+█+  cpu.busy$' section
    grep -E '^ +2460 MHz +1200 MHz +3000 MHz  .* cpu.mhz 1$' section
    grep -E '^ +80.0 % +50.0 % +100.0 % .* 5 cpu.core \(most: 3\)$' section
    grep -E '^ +102 KiB/s +0 B/s +10.0 MiB/s  ▁+█▁+  disk.written sda$' section
    grep -E '^ +5.95 MiB +1.00 MiB +11.0 MiB .* process.rss$' section
    grep -E '^ +100.0 % +n/a .* fast \(101\)$' section
    grep -x '  0 all the time: memory.oom-kills' section
    grep -x '  unavailable (no battery): power.battery, power.charge' section
    grep -x '  10 looks a second, which took 0.1 % of one processor' section
    [ "$(LC_ALL=C.UTF-8 wc -L <section)" -le 80 ]
    # Names are text: no control character of theirs reaches the terminal.
    run -1 grep -P '[\x00-\x08\x0b-\x1f]' section
    # Without blocks in the locale there are none; the first screen has nothing of it.
    LC_ALL=C "$PROFINJECT" report --all "$MADE" | sed -n '/^Resources/,/^Throttled/p' >plain
    run -1 grep ▁ plain
    run -0 "$PROFINJECT" report "$MADE"
    [[ $output != *Resources* && $output != *cpu.busy* ]]
}

@test "report --json, export, info: the same series, of the schemas" {
    "$PROFINJECT" report --json "$MADE" >report.json
    "$PROFINJECT" export --format json "$MADE" >export.json
    cmp <(jq -S .resources report.json) <(jq -S .resources export.json)
    [ "$(number cpu.mhz 1 mean)" = 2460.000000054 ] # the change is known to a look, less 1 us
    [ "$(number disk.written sda total)" = 1048576 ]
    [ "$(number process.rss '' last)" = 11534336 ]
    jq -e '[.resources[] | select(.unavailable == "no battery") | .summary, (.value | length)] ==
           [null, 0, null, 0]' report.json
    jq -e '.resources[] | select(.name == "cpu.busy") | .kind == "rate" and .value[0] == null and
           .time_ns[0] == 1000000000 and .value[1] == 50 and (.value | length) == 101' report.json
    jq -e '[.resources[] | select(.scope == "thread") | .tid] == [101, 102, 101, 102]' report.json
    "$PROFINJECT" info --json "$MADE" | jq -e '.resources | .looks_asked == 10 and
        (.looks_delivered | round) == 10 and .series == 20 and
        (.unavailable | length) == 2 and .lost == 0'
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not installed"
    for schema in report export; do
        name=profinject-report-1
        [ $schema = report ] || name=profinject-1
        /usr/bin/python3 - "$ROOT/analyzer/reports/$name.schema.json" $schema.json <<'PY'
import json, sys, jsonschema
schema, document = (json.load(open(path)) for path in sys.argv[1:])
resource = {**schema, "type": "object", "required": [], "properties": {"resources": schema["properties"]["resources"]}}
resource.pop("additionalProperties", None)
jsonschema.Draft202012Validator(resource).validate({"resources": document["resources"]})
assert set(document["resources"][0]) == set(schema["$defs"]["resource"]["properties"])
PY
    done
}

@test "where the machine tells nothing the section begins with the process" {
    mkdir nothing
    "$PROFINJECT" record -q -o mute --resources-root "$PWD/nothing" -- "$PROGRAMS/spin" 0.5
    "$PROFINJECT" report --all mute | grep -A 1 '^Resources' | tail -1 | grep ' spin ('
}

@test "a part: its time, its thread's series, and the machine's" {
    "$PROFINJECT" report --json --time 3:6 --thread slow "$MADE" >report.json
    [ "$(number cpu.mhz 1 most)" = 1200 ]
    [ "$(number cpu.busy '' known_seconds)" = 3 ]
    jq -e '[.resources[] | select(.scope == "thread") | .tid] == [102, 102] and
           any(.resources[]; .scope == "process")' report.json
}

@test "export --format pinj of a trace that was cut keeps its series" {
    cat "$MADE" <(head -c 200 /dev/urandom) >damaged.pinj
    "$PROFINJECT" export --format pinj -o clean.pinj damaged.pinj
    cmp <("$PROFINJECT" export --format json "$MADE" | jq .resources) \
        <("$PROFINJECT" export --format json clean.pinj | jq .resources)
}

@test "throttled-cpu: in every output, never more than cpu" {
    "$PROFINJECT" folded --metric throttled-cpu "$MADE" >throttled
    [ "$(awk '{ sum += $NF } END { printf "%.0f", sum }' throttled)" = 3000000000 ]
    join <("$PROFINJECT" folded "$MADE" | sort) <(sort throttled) >both
    [ "$(wc -l <both)" = 2 ]
    awk '$3 > $2 { exit 1 }' both
    [ "$("$PROFINJECT" flamegraph --metric throttled-cpu "$MADE" | grep -c 'Throttled CPU time')" -ge 1 ]
    "$PROFINJECT" html -o page.html "$MADE"
    python3 -c 'if True:
        import base64, gzip, re, sys
        data = re.search("id=\"data\"[^>]*>([^<]*)<", open("page.html").read()).group(1)
        assert b"throttled-cpu" in gzip.decompress(base64.b64decode(data))'
    "$PROFINJECT" export --format pprof -o - "$MADE" | gunzip | grep -qa throttled-cpu
    "$PROFINJECT" export --format json "$MADE" |
        jq -e '[.processes[].stacks[].throttled_cpu_ns] | add == 3000000000'
    "$PROFINJECT" report --all "$MADE" | sed -n '/^Throttled/,/^Run/p' | tr -s ' \n' ' ' |
        grep -E '3.00 s of 20.0 s CPU time ran throttled \(15 %\); at 2730 MHz in the mean, 1200 MHz while'
}

# throttled_of FORMAT: sum of throttled CPU time in nanoseconds that export.FORMAT has.
throttled_of() {
    case $1 in
        json) jq '[.processes[].stacks[].throttled_cpu_ns] | add' export.json ;;
        speedscope) jq '.profiles[] | select(.name | startswith("Throttled CPU time")) | .weights | add' export.speedscope ;;
        firefox) jq '[.threads[].markers.data[] | select(.type == "Throttled") | .cpu] | add * 1e6 | round' export.firefox ;;
        callgrind) awk '$1 == "events:" { for (i = 2; i <= NF; i++) if (tolower($i) ~ /throttled/) at = i }
            $1 == "summary:" || $1 == "totals:" { sum = $at } END { printf "%.0f\n", sum }' export.callgrind ;;
    esac
}

@test "export: every format has the throttled CPU time that folded has" {
    whole=$("$PROFINJECT" folded --metric throttled-cpu "$MADE" | awk '{ sum += $NF } END { printf "%.0f", sum }')
    [ "$whole" -gt 0 ]
    for format in json speedscope firefox callgrind pprof; do
        "$PROFINJECT" export --format $format -o export.$format "$MADE"
    done
    for format in json speedscope firefox callgrind; do
        run -0 throttled_of $format
        echo "$format: $output of $whole"
        [ "$output" = "$whole" ]
    done
    python3 "$BATS_TEST_DIRNAME/firefox.py" export.firefox
    zcat export.pprof | grep -aq throttled-cpu
}

@test "without frequencies throttled-cpu is an error that says how to record it" {
    record plain "$PROGRAMS/spin" 0.1
    "$PROFINJECT" export --format json plain | jq -e 'any(.metrics[]; .name == "throttled-cpu")' &&
        skip "this machine tells its processors' frequencies"
    run -1 "$PROFINJECT" folded --metric throttled-cpu plain
    [[ $output == *"no metric 'throttled-cpu' in this recording: record with --resources 10, on a machine that"* ]]
}

# tell_phases: records one round; whether each phase was throttled as much as it was, within 5 %.
tell_phases() {
    rm -rf run
    echo 3000000 | tee root/sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq >/dev/null
    "$PROFINJECT" record -q -o run --resources 50 --resources-root "$PWD/root" -- \
        "$PROGRAMS/throttled_target" "$PWD/root" 0.8 1
    for metric in cpu throttled-cpu; do
        for phase in fast slow mixed; do
            "$PROFINJECT" folded --metric $metric --focus "^${phase}_phase$" run 2>/dev/null |
                awk -v what="$phase" '{ sum += $NF } END { printf "%s %.0f\n", what, sum }'
        done >"shares.$metric"
    done
    paste shares.cpu shares.throttled-cpu >both
    cat both
    awk '{ share = $4 / $2 } $1 == "fast" && share > 0.05 || $1 == "slow" && share < 0.95 ||
         $1 == "mixed" && (share < 0.45 || share > 0.55) { bad = 1 } END { exit bad }' both
}

@test "throttled in a known rhythm: slow_phase always, fast_phase never, mixed_phase half" {
    for ((i = 0; i < $(nproc --all); i++)); do
        mkdir -p "root/sys/devices/system/cpu/cpu$i/cpufreq"
        echo 3000000 | tee root/sys/devices/system/cpu/cpu$i/cpufreq/{base_frequency,scaling_cur_freq} >/dev/null
    done
    # On a busy machine the collector may not run for half of a phase: then nobody can tell.
    for ((try = 0; try < 4; try++)); do
        tell_phases && return
    done
    return 1
}

# hot_package ROOT: package 0 is slowed down all the time, in place, until it is killed.
hot_package() {
    local file=$1/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_total_time_ms
    while sleep 0.02; do
        printf '%015d\n' "$(($(date +%s%N) / 1000000))" 1<>"$file"
    done
}

@test "of two packages only the hot one's processors are throttled, and who reads knows which they are" {
    taskset -c 0 true && taskset -c 1 true || skip "processors 0 and 1 are not both ours"
    python3 "$BATS_TEST_DIRNAME/../machines/unpack.py" "$BATS_TEST_DIRNAME/../machines/two_packages.tree" root
    hot_package root 3>&- &
    heater=$!
    for i in 0 1; do
        taskset -c $i "$PROFINJECT" record -q -o "on$i" --resources-root "$PWD/root" -- "$PROGRAMS/spin" 2.5
    done
    kill "$heater"
    for metric in cpu throttled-cpu; do
        for i in 0 1; do
            "$PROFINJECT" folded --metric $metric "on$i" 2>/dev/null |
                awk -v what="on$i" '{ sum += $NF } END { printf "%s %.0f\n", what, sum }'
        done >"shares.$metric"
    done
    paste shares.cpu shares.throttled-cpu >both
    cat both
    # Counts are looked at once a second: nothing is known of the first and the last one.
    awk '$1 == "on0" && $4 < $2 / 4 || $1 == "on1" && $4 > 0 { bad = 1 } END { exit bad }' both
    python3 "$BATS_TEST_DIRNAME/../reader/check_processors.py" on0/*.pinj root
}
