#!/usr/bin/env bats
# When samples are taken, and where: by the settings, from beside, by the program
# itself; regions and counters.

load helpers

# background OPTION=VALUE... COMMAND...: starts it profiled, sets $pid once it is
# profiled as `snapshot` sees it.
background() {
    env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=recording PROFINJECT_QUIET=on "$@" 3>&- &
    pid=$!
    for _ in {1..100}; do
        "$PROFINJECT" snapshot $pid >/dev/null 2>&1 && return
        sleep 0.02
    done
    return 1
}

# functions RECORDING: which of those that `spans` burns time in were sampled. What it
# prints at the edges of its spans may be, now and then.
functions() {
    "$PROFINJECT" folded --metric samples "$1" 2>/dev/null |
        grep -oE ';(before|first_span|between|second_span|after)\>' | tr -d ';' | sort -u | tr '\n' ' '
}

@test "the program resumes and pauses: samples inside the spans only" {
    run -0 record recording "$PROGRAMS/spans" 0.2
    [ "$output" = "$(printf 'pause 0\nresume 0\nstate 1\npause 0\nstate 0\nstart 0\nstop 0')" ]
    [ "$(functions recording)" = "first_span second_span " ]
}

@test "without the library the same program says none" {
    run -0 "$PROGRAMS/spans" 0.01
    [ "$output" = none ]
    run -0 "$PROGRAMS/regions" 0.01 2
    [ -z "$output" ]
}

@test "--start-paused: nothing until the program asks" {
    record idle "$PROGRAMS/spin" 0.1
    [ "$(fact samples idle)" -gt 0 ]
    run -0 "$PROFINJECT" record -q --start-paused -o recording -- "$PROGRAMS/spin" 0.2
    [ "$(fact samples recording)" -eq 0 ]
    run -0 "$PROFINJECT" report recording
    [[ "$output" == *"nothing was sampled: it was paused from the start, and nothing resumed it"* ]]
    # Nor in the moments before main, when the servant is there already.
    for i in {1..20}; do
        "$PROFINJECT" record -q --start-paused -o "short.$i" -- "$PROGRAMS/spin" 0.02
        [ "$(fact samples "short.$i")" -eq 0 ]
    done
    run -0 "$PROFINJECT" record -q --start-paused -o spans -- "$PROGRAMS/spans" 0.1
    [ "$(functions spans)" = "first_span second_span " ]
}

@test "pause, resume, toggle, snapshot from beside" {
    background PROFINJECT_START=paused "$PROGRAMS/spin" 3
    run -0 "$PROFINJECT" toggle $pid
    [ "$output" = "spin ($pid): sampling" ]
    computes $pid 200
    run -0 "$PROFINJECT" pause $pid
    [ "$output" = "spin ($pid): paused" ]
    run -0 "$PROFINJECT" snapshot $pid
    [ "$output" = "$PWD/recording/spin.$pid.pinj" ]
    taken=$(fact samples "$output")
    [ "$taken" -gt 0 ]
    computes $pid 200
    "$PROFINJECT" snapshot $pid >/dev/null
    run -0 fact samples recording; echo "$output, $taken before"; [ "$output" -eq "$taken" ]
    run -0 "$PROFINJECT" resume $pid
    [ "$output" = "spin ($pid): sampling" ]
    computes $pid 200
    run -0 "$PROFINJECT" toggle $pid
    [ "$output" = "spin ($pid): paused" ]
    wait $pid
    [ "$(fact samples recording)" -gt "$taken" ]
}

@test "who cannot be asked: one clear line" {
    run -1 "$PROFINJECT" pause 99999999
    [[ "$output" == "profinject pause: cannot ask '99999999': No such process" ]]
    sleep 5 3>&- &
    run -1 "$PROFINJECT" snapshot $!
    [[ "$output" == "profinject snapshot: cannot ask '$!': it is not profiled" ]]
    kill $!
    run -2 "$PROFINJECT" toggle
    [[ "$output" == *"PID is missing"* ]]
    run -2 "$PROFINJECT" resume 12x
    [[ "$output" == *"PID '12x': allowed: a process number"* ]]
    run -0 "$PROFINJECT" pause --help
}

@test "--toggle-signal pauses and resumes" {
    background PROFINJECT_START=paused PROFINJECT_TOGGLE_SIGNAL=USR2 "$PROGRAMS/spin" 2
    kill -USR2 $pid
    computes $pid 200
    kill -USR2 $pid
    sleep 0.1
    "$PROFINJECT" snapshot $pid >/dev/null
    taken=$(fact samples recording)
    [ "$taken" -gt 0 ]
    wait $pid
    run -0 fact samples recording; echo "$output, $taken before"; [ "$output" -eq "$taken" ]
}

@test "--toggle-signal leaves a program its own handler" {
    run -0 "$PROFINJECT" record -q --toggle-signal SIGUSR1 -o recording -- \
        bash -c 'trap "echo mine" USR1; kill -USR1 $$; echo end'
    [ "$output" = $'mine\nend' ]
}

@test "--delay and --duration: a span of the run, for children too" {
    run -0 "$PROFINJECT" record -q --delay 0.4 --duration 0.4 -o recording -- \
        bash -c "'$PROGRAMS/spin' 0.6; '$PROGRAMS/spin' 0.6"
    # The first child is sampled from 0.4 on, the second to 0.8: at most 0.4 s of their 1.2 s
    # in all, by their clocks; less where others run. What is, is what samples stand for.
    "$PROFINJECT" info --json recording >info.json
    jq '{samples, measured_ns, sampled_ns, paused_ns}' info.json
    jq -e '.samples > 0 and .measured_ns < 0.6e9 and .paused_ns > 0.15e9' info.json
    jq -e '.sampled_ns + .rest_ns - .measured_ns | fabs < 40e6' info.json
}

@test "--only: programs of that name, at any depth, and nothing else" {
    run -0 "$PROFINJECT" record -q --only 'spi*' -o recording -- \
        bash -c "'$PROGRAMS/spin' 0.1; (exec '$PROGRAMS/spin' 0.1); cat /dev/null; true"
    run -0 ls recording
    [ "$(grep -c '^spin\..*pinj$' <<<"$output")" -eq 2 ]
    [ "$(wc -l <<<"$output")" -eq 4 ] # and the manifest, and messages
}

@test "--only in the bare form: one recording for the tree" {
    PROFINJECT_ONLY=spin preloaded recording bash -c "'$PROGRAMS/spin' 0.1; '$PROGRAMS/spin' 0.1; true"
    [ "$(find . -name '*.pinj' | wc -l)" -eq 2 ]
    [ "$(find . -name manifest)" = ./recording/manifest ]
}

@test "a process left out has no thread and no ring file of ours" {
    run -0 "$PROFINJECT" record -q --only nobody -o recording -- \
        bash -c 'ls /proc/self/task | wc -l; grep -c "profinject.*ring" /proc/self/maps; echo $LD_PRELOAD'
    [ "${lines[0]}" = 1 ]
    [ "${lines[1]}" = 0 ]
    [[ "${lines[2]}" == *libprofinject.so* ]]
}

@test "bad values: the option, the value, what is allowed; 125" {
    for bad in "--delay x" "--delay -1" "--duration 1e3" "--duration 99999999" \
        "--toggle-signal KILL" "--toggle-signal 32" "--toggle-signal NONSENSE"; do
        # shellcheck disable=SC2086
        run -125 "$PROFINJECT" record $bad -o recording -- true
        [[ "$output" == "profinject record: ${bad% *} '${bad#* }': allowed: "* ]]
        [ ! -e recording ]
    done
    run -125 "$PROFINJECT" record --only "" -o recording -- true
    [[ "$output" == "profinject record: --only '': allowed: "* ]]
}

@test "regions: counts exact, shares as the program burns them" {
    record recording "$PROGRAMS/regions" 1 2
    "$PROFINJECT" folded recording >all
    "$PROFINJECT" folded --region request recording >request
    "$PROFINJECT" folded --region parse recording >parse
    # 2 threads x 1 s and 0.5 s of the child in request: 2.5 s.
    run -0 python3 "$CHECKS/check_share.py" 0.8 request all recording/*.pinj
    run -0 python3 "$CHECKS/check_share.py" 0.4 parse all recording/*.pinj
    ! grep -v burn_parse parse
    "$PROFINJECT" report --json recording >report.json
    jq -e '[.regions[] | {path, count}] == [{"path": "load", "count": 2},
        {"path": "request", "count": 3}, {"path": "request/parse", "count": 20}]' report.json
    jq -e 'all(.regions[]; .wall_ns >= .longest_ns and .longest_ns * .count >= .wall_ns)' report.json
    run -0 "$PROFINJECT" report --all recording
    [[ "$output" == *"request/parse"* ]]
    [[ "$output" == *"1 left that had not been entered"* ]]
}

@test "--region in every reading command; an unknown one names those there" {
    record recording "$PROGRAMS/regions" 0.2
    for command in report folded flamegraph info "export --format json"; do
        # shellcheck disable=SC2086
        run -0 "$PROFINJECT" $command --region request recording
        # shellcheck disable=SC2086
        run -0 "$PROFINJECT" $command --region request/parse recording
        # shellcheck disable=SC2086
        run -2 "$PROFINJECT" $command --region nonsense recording
        [[ "$output" == *"--region 'nonsense': the recording has: load, request, request/parse" ]]
    done
    "$PROFINJECT" export --format json --region parse recording |
        jq -e '[.processes[].stacks[].region] | unique == ["request/parse"]'
}

@test "counters: totals exact, charged to who added" {
    record recording "$PROGRAMS/regions" 0.5 2
    "$PROFINJECT" report --json recording >report.json
    jq -e '[.counters[] | [.name, .total]] | sort ==
        [["balance", -14], ["bytes", 28192], ["calls", 20]]' report.json
    "$PROFINJECT" folded --metric bytes recording >bytes
    [ "$(awk '{ sum += $NF } END { print sum }' bytes)" -eq 28192 ]
    # What load and parse add is charged to the next sample: nearly always in parse.
    [ "$(awk '/burn_parse/ { sum += $NF } END { print sum }' bytes)" -ge 20000 ]
    run -2 "$PROFINJECT" folded --metric nonsense recording
    [[ "$output" == *"allowed: "*"bytes, "* ]]
}

@test "more regions and counters than there is room for: counted, said, harmless" {
    run -0 record recording "$PROGRAMS/regions_odd"
    [ "$output" = done ]
    run -0 cat recording/messages
    [[ "$output" == *"beyond the 1023 there is room for"* ]]
    [[ "$output" == *"nested deeper than 64"* ]]
    [[ "$output" == *"5 left that had not been entered"* ]]
    [[ "$output" == *"8 additions to more than 32"* ]]
}

@test "the program writes its own reports, and sees no child" {
    run -0 record recording "$PROGRAMS/spans" 0.2 own.json own.txt
    [[ "$output" == *$'json 0\nsummary 0\nchildren 0' ]]
    jq -e '.schema == "profinject-1" and .processes[0].total_samples > 0' own.json
    grep -q first_span own.txt
    [ "$(find recording -name '*.pinj' | wc -l)" -eq 1 ]
}

@test "loaded late by python's ctypes: samples, memory unavailable" {
    command -v python3 || skip "no python3"
    PROFINJECT_OUTPUT=recording PROFINJECT_QUIET=on run -0 python3 -c "
import ctypes
library = ctypes.CDLL('$LIBRARY')
print(library.profinject_start(), library.profinject_state())
library.profinject_region_push(b'sums')
print(sum(i * i for i in range(3000000)) > 0)
library.profinject_region_pop()
print(library.profinject_stop())"
    [ "$output" = $'0 1\nTrue\n0' ]
    [ "$(fact samples recording)" -gt 0 ]
    run -0 "$PROFINJECT" report --region sums recording
    [[ "$output" == *"unavailable (not preloaded)"* ]]
}
