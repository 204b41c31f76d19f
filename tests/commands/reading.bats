#!/usr/bin/env bats
# Reading commands: which input they take, how they refuse what is none, and
# where their output goes.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    # Long enough for a chunk before the last one.
    "$PROFINJECT" record -q -o recording -- "$PROGRAMS/spin" 2.5
}

RECORDING=$BATS_FILE_TMPDIR/recording

# refused STATUS TEXT COMMAND...: one line on stderr with TEXT, nothing on stdout.
refused() {
    local status_wanted=$1 text=$2
    shift 2
    run --separate-stderr "$@"
    echo "$status: $output: $stderr"
    [ "$status" -eq "$status_wanted" ]
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == *"$text"* ]]
}

@test "without a command there is help and status 2" {
    run -2 --separate-stderr "$PROFINJECT"
    [ -z "$output" ]
    [[ "$stderr" == usage:* ]]
}

@test "--help and --version answer on stdout" {
    run -0 --separate-stderr "$PROFINJECT" --help
    [[ "$output" == *record*report*folded*flamegraph*export*info* ]]
    [ -z "$stderr" ]
    run -0 "$PROFINJECT" --version
    [[ "$output" =~ ^profinject\ [0-9]+\.[0-9]+ ]]
    for command in record report folded flamegraph export info; do
        run -0 --separate-stderr "$PROFINJECT" "$command" --help
        [[ "$output" == "usage: profinject $command"* ]]
        [ -z "$stderr" ]
        # On any terminal.
        run -1 grep -E '.{81}' <<<"$output"
    done
}

@test "--help names every metric there is" {
    run -2 "$PROFINJECT" folded --metric no-such "$RECORDING"
    allowed=${output##*allowed: }
    run -0 "$PROFINJECT" folded --help
    for metric in ${allowed//,/}; do
        [[ "$output" == *[[:space:]]"$metric"[\ ,]* ]]
    done
}

@test "unknown commands and options are wrong usage" {
    refused 2 "profinject: unknown command 'sing'" "$PROFINJECT" sing
    refused 2 "profinject: unknown option '--sing'" "$PROFINJECT" --sing
    for command in report folded flamegraph export info; do
        refused 2 "profinject $command: unknown option '--sing'" "$PROFINJECT" "$command" --sing
        refused 2 "profinject $command: unknown option '-z'" "$PROFINJECT" "$command" -z
    done
    # Options of other commands are unknown as well.
    refused 2 "unknown option '--icicle'" "$PROFINJECT" folded --icicle "$RECORDING"
    refused 2 "takes no value" "$PROFINJECT" folded --by-thread=1 "$RECORDING"
    refused 2 "needs a value" "$PROFINJECT" folded "$RECORDING" --output
}

@test "values that are not allowed are named with what is" {
    refused 2 "--metric 'love': allowed: cpu, samples, memory-delta" \
        "$PROFINJECT" folded --metric love "$RECORDING"
    refused 2 "--format 'xml': allowed: json, pprof" "$PROFINJECT" export --format xml "$RECORDING"
    refused 2 "--format is missing: allowed: json" "$PROFINJECT" export "$RECORDING"
    for top in 0 -1 x 3x 99999999999999999999999 ''; do
        refused 2 "--top '$top': allowed: a number from 1" \
            "$PROFINJECT" report "--top=$top" "$RECORDING"
    done
}

@test "a missing file" {
    for command in report folded flamegraph info "export --format json"; do
        # shellcheck disable=SC2086  # a command with its options
        refused 1 "profinject ${command%% *}: cannot open 'missing': No such file or directory" \
            "$PROFINJECT" $command missing
    done
}

@test "an empty directory, and a recording without traces" {
    mkdir empty
    refused 1 "cannot read 'empty': not a recording" "$PROFINJECT" report empty
    mkdir barren
    printf 'profinject-recording 1\n' >barren/manifest
    refused 1 "cannot read 'barren': the recording holds no trace" "$PROFINJECT" report barren
}

@test "a recording of somebody else's says that it may not be read" {
    local as_user=()
    [ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    "${as_user[@]}" "$PROFINJECT" --version || skip "another user cannot run what lies here"
    cp -r "$RECORDING" theirs
    chmod 0 theirs
    refused 1 "'theirs': Permission denied" "${as_user[@]}" "$PROFINJECT" report theirs
    chmod 700 theirs
}

@test "a part in which nothing was sampled says so" {
    run -0 "$PROFINJECT" report --time 0:0.000001 "$RECORDING"
    [[ "$output" == *"nothing was sampled in this part"* ]]
    # Where there was no run at all it is not shown as one that did nothing.
    refused 1 "nothing happened from 1000 s on: the run lasted " "$PROFINJECT" report --time 1000:2000 "$RECORDING"
}

@test "no recording here" {
    refused 1 "cannot find a recording in '.'" "$PROFINJECT" report
}

@test "files of another kind" {
    echo 'Dear reader,' >text
    : >nothing
    head -c 100000 /dev/urandom >noise
    for file in text nothing noise "$PROFINJECT"; do
        refused 1 "cannot read '$file': not a profinject trace" "$PROFINJECT" report "$file"
    done
    mkfifo pipe
    refused 1 "cannot read 'pipe': not a regular file" "$PROFINJECT" report pipe
    refused 1 "cannot read '/dev/null': not a regular file" "$PROFINJECT" report /dev/null
}

@test "a truncated trace is read as far as it goes, and says so" {
    cp "$RECORDING"/spin.*.pinj whole.pinj
    [ "$(fact chunks whole.pinj)" -ge 2 ]
    size=$(stat -c %s whole.pinj)
    head -c $((size - 10)) whole.pinj >cut.pinj
    run -0 --separate-stderr "$PROFINJECT" info cut.pinj
    [[ "$stderr" == *"trace 'cut.pinj': 1 of "*" chunks damaged, missing from "*" s on, "*" records missing, it ends inside a chunk"* ]]
    head -c 60 whole.pinj >stub.pinj
    refused 1 "cannot read 'stub.pinj': cut off inside its first chunk" \
        "$PROFINJECT" report stub.pinj
}

@test "a damaged trace among sound ones costs itself" {
    mkdir both
    cp "$RECORDING"/* both
    echo 'no trace' >both/text.pinj
    run -0 --separate-stderr "$PROFINJECT" folded both
    [ -n "$output" ]
    [[ "$stderr" == *"cannot read 'both/text.pinj': not a profinject trace"* ]]
}

@test "what the library said is passed on" {
    cp -r "$RECORDING" spoken
    echo 'sampling stopped: the disk is full' >spoken/messages
    run -0 --separate-stderr "$PROFINJECT" report spoken
    [[ "$stderr" == "profinject report: sampling stopped: the disk is full" ]]
}

@test "nothing means the newest recording here; several paths are merged" {
    cp -r "$RECORDING" newer
    cp -r "$RECORDING" older
    sed -i 's/^created_realtime_ns=.*/created_realtime_ns=5/' older/manifest
    sed -i 's/^created_realtime_ns=.*/created_realtime_ns=6/' newer/manifest
    rm older/*.pinj
    run -0 --separate-stderr "$PROFINJECT" info --json
    one=$(jq .samples <<<"$output")
    cp newer/*.pinj copy.pinj
    [ "$(fact samples newer copy.pinj)" -eq $((one * 2)) ]
    # The same trace twice is one trace.
    [ "$(fact samples newer newer newer/spin.*.pinj)" -eq "$one" ]
}

@test "-o writes a whole file or none" {
    run -0 --separate-stderr "$PROFINJECT" folded -o out "$RECORDING"
    [ -z "$output" ]
    "$PROFINJECT" folded "$RECORDING" | cmp - out
    "$PROFINJECT" folded --output - "$RECORDING" | cmp - out
    refused 1 "cannot write '/dev/full': No space left on device" \
        "$PROFINJECT" folded -o /dev/full "$RECORDING"
    refused 1 "cannot write 'missing/out': No such file or directory" \
        "$PROFINJECT" folded -o missing/out "$RECORDING"
    echo old >kept
    refused 1 "not a profinject trace" "$PROFINJECT" folded -o kept kept
    [ "$(cat kept)" = old ]
    run -0 find . -name 'out?*' -o -name 'kept?*'
    [ -z "$output" ]
}

@test "a full standard output is an error, a closed pipe is none" {
    # shellcheck disable=SC2016  # for the inner shell
    refused 1 "cannot write to standard output: No space left on device" \
        sh -c '"$0" folded "$1" >/dev/full' "$PROFINJECT" "$RECORDING"
    run --separate-stderr bash -c 'set -o pipefail
        "$0" export --format json "$1" | head -n 1' "$PROFINJECT" "$RECORDING"
    [ -z "$stderr" ]
    [ "$output" = "{" ]
}

@test "colour is for terminals alone, and only where it is wanted" {
    script -qec true /dev/null </dev/null || skip "no pseudo-terminal here, or no script(1)"
    "$PROFINJECT" report "$RECORDING" >plain
    run -1 grep -q $'\033' plain
    # Without what tells of progress there, on a machine so busy that it takes long.
    NO_COLOR=1 script -qec "'$PROFINJECT' report '$RECORDING' 2>/dev/null" /dev/null >no_color </dev/null
    run -1 grep -q $'\033' no_color
}

@test "what is packed is no text for a terminal, unless somebody insists" {
    script -qec true /dev/null </dev/null || skip "no pseudo-terminal here, or no script(1)"
    run -2 script -qec "'$PROFINJECT' export --format pprof '$RECORDING'" /dev/null </dev/null
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == "profinject export: 'pprof' is not for a terminal: -o FILE "* ]]
    script -qec "'$PROFINJECT' export --format pprof -o - '$RECORDING'" /dev/null >packed </dev/null
    [ "$(head -c 2 packed | od -An -tx1)" = " 1f 8b" ]
    "$PROFINJECT" export --format pprof "$RECORDING" | gzip -t
}

@test "names of any kind reach the terminal clean" {
    mkdir odd
    cp "$RECORDING"/*.pinj odd
    printf 'profinject-recording 1\n' >odd/manifest
    printf 'bell \007 and escape \033[31m\n' >odd/messages
    run -0 --separate-stderr "$PROFINJECT" report odd
    [[ "$stderr" != *$'\033'* && "$stderr" != *$'\007'* ]]
}
