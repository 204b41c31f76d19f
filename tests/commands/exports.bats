#!/usr/bin/env bats
# `profinject export` for other programs, read by those programs: go tool pprof, speedscope,
# callgrind_annotate; and the same totals in every output there is.

load helpers

# Two recordings of the same program, with the answers that it knows.
setup_file() {
    load helpers
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROFINJECT" record -q -o one --heap exact -- "$PROGRAMS/exported" 0.15 s3cret
    "$PROFINJECT" record -q -o two --heap exact -- "$PROGRAMS/exported" 0.05 s3cret
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
}

export_as() {
    "$PROFINJECT" export --format "$1" -o "$2" "${@:3}"
}

# folded METRIC ARGUMENT...: the sum of all lines.
total() {
    "$PROFINJECT" folded --metric "$@" | awk '{ total += $NF } END { printf "%.0f\n", total }'
}

# totals METRIC ARGUMENT...: every output tells the same.
totals() {
    local out
    out=$(mktemp -d)
    run -0 python3 "$CHECKS/totals.py" "$PROFINJECT" "$1" "$out" "${@:2}"
}

need_pprof() {
    go tool pprof -help >/dev/null 2>&1 || skip 'go tool pprof is not here (golang-go)'
}

# A release of speedscope's, by npm: Debian has no package of it.
speedscope_release() {
    command -v node >/dev/null && command -v npm >/dev/null || skip 'nodejs and npm are not here'
    timeout 60 npm pack --silent speedscope@1.25.0 >/dev/null 2>&1 ||
        skip 'npm does not get speedscope: no network?'
    tar xzf speedscope-1.25.0.tgz
}

@test "totals are one in every output: CPU time, allocated and live bytes, thread time" {
    for metric in cpu alloc-bytes live-bytes wall; do totals "$metric" one; done
}

@test "and under filters" {
    totals cpu --no-inlines one
    totals cpu --focus='again|keep' one
    totals alloc-bytes --focus='again|keep' one
    totals cpu --time=0.1:0.4 one
    totals cpu --thread=exported one
}

@test "and of several recordings, merged" {
    totals cpu one two
    [ "$(total cpu one two)" -eq $(($(total cpu one) + $(total cpu two))) ]
    totals live-bytes one two
}

@test "pprof: go tool pprof tells functions, lines, inlines and what was allocated" {
    need_pprof
    export_as pprof cpu.pb.gz one
    run -0 go tool pprof -top -cum cpu.pb.gz
    [[ "$output" == *'File: exported'* ]]
    [[ "$output" == *'inlined_work (inline)'* ]]
    run -0 go tool pprof -list '^host$' cpu.pb.gz
    [[ "$output" == *'inlined_work(seconds);'* ]]
    run -0 go tool pprof -sample_index=inuse_space -top cpu.pb.gz
    grep -E '^ +1(\.[0-9]+)?MB .* keep$' <<<"$output"
    run -0 go tool pprof -proto -output again.pb.gz cpu.pb.gz
    run -0 go tool pprof -top again.pb.gz
    [[ "$output" == *burn_again* ]]
}

@test "pprof: a location has all functions at its address, and its file's build-id" {
    need_pprof
    export_as pprof cpu.pb.gz one
    run -0 go tool pprof -raw cpu.pb.gz
    grep -A1 -E '0x[0-9a-f]+ M=1 inlined_work .*exported\.c:[0-9]+ s=[0-9]+' <<<"$output" |
        grep -E '^ +host .*exported\.c:[0-9]+'
    local id
    id=$(readelf -n "$PROGRAMS/exported" | sed -n 's/.*Build ID: //p')
    grep -F "exported $id" <<<"$output"
    [[ "$output" == *'region:[hosting]'* ]]
    [[ "$output" == *'Period: '[1-9]* ]]
    [[ "$output" == *'Comment: inuse_space: exact'* ]]
    [[ "$output" == *'cpu/nanoseconds[dflt]'* ]]
}

@test "pprof: tags choose threads" {
    need_pprof
    export_as pprof cpu.pb.gz one
    run -0 go tool pprof -tagfocus 'thread=^exported$' -top cpu.pb.gz
    [[ "$output" == *burn_again* ]]
    [[ "$output" != *burn_apart* ]]
}

@test "speedscope: its own importer reads it, and comes to our totals" {
    speedscope_release
    export_as speedscope one.speedscope.json one
    node "$CHECKS/speedscope_import.js" package/dist/release one.speedscope.json >imported.json
    run -0 jq '[.[] | select(.name | startswith("CPU time")) | .total] | add' imported.json
    [ "$output" -eq "$(total cpu one)" ]
    run -0 jq '[.[] | select(.name | endswith(", all threads") | not) | .total] | add' imported.json
    [ "$output" -eq "$(total cpu one)" ]
    run -0 jq -r '.[] | select(.name | startswith("Live bytes at the end")) | "\(.unit) \(.self.keep)"' imported.json
    [ "$output" = "bytes $((64 * 16384))" ]
    run -0 jq '[.[] | select(.name | startswith("CPU time")) | .self.burn_again] | add' imported.json
    [ "$output" -eq "$(awk '/;burn_again [0-9]+$/ { t += $NF } END { print t }' <("$PROFINJECT" folded one))" ]
}

@test "speedscope: a thread's stacks stand in order of time" {
    export_as speedscope one.speedscope.json one
    run -0 jq -r '.shared.frames as $f | .profiles[0] | .name, (.samples[] | $f[.[-1]].name)' one.speedscope.json
    [[ "${lines[0]}" == 'exported ('*') of exported ('*')' ]]
    run -0 awk '/inlined_work|burn_again|burn_by_turns/ && $0 != last { printf "%s ", last = $0 }' <<<"$output"
    [ "$output" = 'inlined_work burn_again burn_by_turns ' ]
}

# annotated METRIC FUNCTION FILE: what callgrind_annotate says of a function, totals by inclusive.
annotated() {
    callgrind_annotate --threshold=100 --inclusive=yes --auto=no --show="$1" --sort="$1" "$3" |
        sed -n "s/^ *\([0-9,]*\) .*:$2 \[.*/\1/p" | tr -d ,
}

# within FUNCTION: what we say.
within() {
    "$PROFINJECT" folded one | awk -v name="$1" '{
        n = split(substr($0, 1, length($0) - length($NF) - 1), frames, ";")
        for (i = 1; i <= n && frames[i] != name; i++);
        if (i <= n) t += $NF } END { print t }'
}

@test "callgrind: callgrind_annotate reads it, and comes to our totals" {
    command -v callgrind_annotate >/dev/null || skip 'callgrind_annotate is not here (valgrind)'
    export_as callgrind one.callgrind one
    run -0 --separate-stderr callgrind_annotate --threshold=100 --show=cpu one.callgrind
    [ -z "$stderr" ]
    run -0 awk '/PROGRAM TOTALS/ { gsub(",", ""); print $1 }' <<<"$output"
    [ "$output" -eq "$(total cpu one)" ]
    run -0 callgrind_annotate --threshold=100 --show=live_bytes one.callgrind
    run -0 awk '/PROGRAM TOTALS/ { gsub(",", ""); print $1 }' <<<"$output"
    [ "$output" -eq "$(total live-bytes one)" ]
}

@test "callgrind: callgrind_annotate has nothing to complain of where values are 0" {
    command -v callgrind_annotate >/dev/null || skip 'callgrind_annotate is not here (valgrind)'
    export_as callgrind focused.callgrind --focus='burn_again|calloc' one
    run -0 --separate-stderr callgrind_annotate focused.callgrind
    [ -z "$stderr" ]
    export_as callgrind one.callgrind one
    run -0 --separate-stderr callgrind_annotate one.callgrind
    [ -z "$stderr" ]
}

@test "callgrind: totals of functions are right, recursive ones too" {
    command -v callgrind_annotate >/dev/null || skip 'callgrind_annotate is not here (valgrind)'
    export_as callgrind one.callgrind one
    for function in main host inlined_work again burn_again even odd burn_by_turns; do
        run -0 annotated cpu "$function" one.callgrind
        [ "$output" -eq "$(within "$function")" ]
    done
    # Where the sources are it shortens paths, but not all: a function must not become two.
    local file=$PWD/one.callgrind
    for function in main again even odd; do
        [ "$(cd "$ROOT" && annotated cpu "$function" "$file")" -eq "$(within "$function")" ]
    done
}

@test "callgrind: lines and calls are those of the source" {
    export_as callgrind one.callgrind one
    local line
    line=$(grep -n '        again(depth - 1, seconds);' "$ROOT/tests/programs/exported.c" | cut -d: -f1)
    # again() calls itself there, and adds nothing to its total by that.
    run -0 awk -v line="$line" -v starts="$((line - 3))" '
        /^fn=/ { fn = $2 != "" ? names[$1] = $2 : names[$1] }
        /^cfn=/ { key = substr($1, 2); cfn = $2 != "" ? names[key] = $2 : names[key] }
        /^calls=/ { to = $2; getline
            if (fn == "again" && cfn == "again") print to == starts, $1 == line, $2 }' one.callgrind
    [ "$output" = '1 1 0' ]
}

@test "json: time off the processor by stack comes to what folded has of it" {
    export_as json one.json one
    for metric in offcpu runnable lock-wait io-wait; do
        run -0 jq --arg name "${metric//-/_}_ns" '[.processes[].stacks[][$name]] | add' one.json
        echo "$metric: $output"
        [ "$output" -eq "$(total $metric one)" ]
    done
    [ "$(total lock-wait one)" -gt 0 ]
}

@test "firefox: tables fit together, times rise, waits and regions are markers" {
    export_as firefox one.firefox.json one
    run -0 python3 "$CHECKS/firefox.py" one.firefox.json
    [ "$output" -eq "$(total cpu one)" ]
    run -0 jq -r '.shared.stringArray as $s | .threads[].markers | .name as $n | .data |
        to_entries[] | "\(.value.type) \($s[$n[.key]])"' one.firefox.json
    [[ "$output" == *'Region hosting'* ]]
    [[ "$output" == *'Wait mutex'* ]]
    run -0 jq -r '.counters[] | select(.name == "heap") | .samples.count | add' one.firefox.json
    [ "$output" -eq "$(total live-bytes one)" ]
    run -0 jq -r '.shared.frameTable.inlineDepth | max' one.firefox.json
    [ "$output" -ge 1 ]
}

@test "folded: two of its fields are all a parser needs" {
    "$PROFINJECT" folded one >one.folded
    run -0 perl -ne '/^(.+) (\d+)$/ or die "not a line: $_"; $total += $2; END { print $total }' one.folded
    [ "$output" -eq "$(total cpu one)" ]
}

@test "arguments are in no export, hostile names are text in each" {
    for format in json pprof speedscope firefox callgrind; do
        export_as "$format" "all.$format" one
    done
    gunzip <all.pprof >plain.pprof
    run -1 grep -F s3cret all.json plain.pprof all.speedscope all.firefox all.callgrind
    for name in json speedscope firefox; do
        jq . "all.$name" >/dev/null
        run -1 grep -F '<b>' "all.$name"
    done
    python3 -c 'open("plain.pprof", "rb").read().count(b"\xef\xbf\xbd") > 0 or exit(1)'
    iconv -f UTF-8 -t UTF-8 all.callgrind >/dev/null
}

@test "an export of nothing is one that its readers take" {
    "$PROFINJECT" record -q -o none --heap off --waits off -- true
    for format in pprof speedscope firefox callgrind; do export_as "$format" "none.$format" none; done
    run -0 python3 "$CHECKS/firefox.py" none.firefox
    [ "$output" -eq "$(total cpu none)" ]
    jq -e '.profiles | length > 0' none.speedscope >/dev/null
    need_pprof
    go tool pprof -raw none.pprof >/dev/null
}

@test "what cannot be is an error that says so" {
    run -1 --separate-stderr export_as pprof none.pprof --focus=no_such_function one
    [[ "$stderr" == *'profinject export: '* ]]
    run -2 --separate-stderr "$PROFINJECT" export --format gprof one
    [[ "$stderr" == *'json, pprof, speedscope, firefox, callgrind, pinj'* ]]
}
