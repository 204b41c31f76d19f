#!/usr/bin/env bats
# Filters (--thread, --process, --time, --region, --focus, --ignore, --no-inlines,
# --fold-recursion) mean the same in every reading command: which of a program's functions are
# shown is known beforehand.

load helpers

# A command that shows functions by name, and how its output becomes text.
SHOWN=('report --top 99' 'report --all' 'report --json' folded flamegraph
    'flamegraph --reverse --color language' 'export --format json' 'export --format pprof'
    'export --format speedscope' 'export --format firefox' 'export --format callgrind' html)
FUNCTIONS='early loader twist deep_leaf in_child late'

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROFINJECT" record --quiet -o recording -- "$PROGRAMS/parts" 0.1 >late
}

RECORDING=$BATS_FILE_TMPDIR/recording

# text COMMAND OPTIONS...: the output, with what is packed in it unpacked.
text() {
    local command=$1
    shift
    # shellcheck disable=SC2086 # words of the command
    "$PROFINJECT" $command "$@" "$RECORDING" >output || return 1
    case $command in
    *pprof) zcat output | python3 -c 'import sys
data, at = sys.stdin.buffer.read(), 0
def number():
    global at
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value
while at < len(data):  # fields of message Profile; the sixth is its string table
    tag = number()
    size = number()
    if tag & 7 == 2:
        if tag >> 3 == 6:
            print(data[at:at + size].decode())
        at += size' ;;
    html) python3 -c 'import base64, gzip, re, sys
page = sys.stdin.read()
data = re.search(r"<script[^>]*id=\"data\"[^>]*>([^<]*)</script>", page).group(1)
sys.stdout.write(gzip.decompress(base64.b64decode(data)).decode())' <output ;;
    *) cat output ;;
    esac
}

# shows COMMAND NAMES OPTIONS...: of all functions these and no others are in the output.
shows() {
    local command=$1 names=$2
    shift 2
    text "$command" "$@" >shown || return 1
    for name in $FUNCTIONS; do
        case " $names " in
        *" $name "*) grep -qaw "$name" shown || { echo "$command $*: no $name" && return 1; } ;;
        *) ! grep -qaw "$name" shown || { echo "$command $*: $name" && return 1; } ;;
        esac
    done
}

# everywhere NAMES OPTIONS...: the same in every command.
everywhere() {
    for command in "${SHOWN[@]}"; do shows "$command" "$@" || echo "$command" >>wrong; done
    [ ! -e wrong ]
}

@test "without a filter everything is shown" {
    everywhere "$FUNCTIONS"
}

@test "--thread by name, and by number" {
    everywhere 'loader twist' --thread worker
    tid=$("$PROFINJECT" folded --by-thread "$RECORDING" | sed -n 's/^worker (\([0-9]*\)).*/\1/p' | head -1)
    everywhere 'loader twist' --thread "$tid"
}

@test "--process by name, and by number" {
    everywhere in_child --process offspring
    pid=$("$PROFINJECT" folded --by-process "$RECORDING" | sed -n 's/^parts (\([0-9]*\)).*/\1/p' | head -1)
    everywhere 'early loader twist deep_leaf late' --process "$pid"
}

@test "--time" {
    from=$(cat "$BATS_FILE_TMPDIR/late")
    everywhere late --time "$(awk -v at="$from" 'BEGIN { print at + 0.03 }'):"
    everywhere early --time :0.06
}

@test "--time that begins after the end is refused, as a thread is that is not there" {
    for command in report folded flamegraph html 'export --format json' 'export --format pprof'; do
        # shellcheck disable=SC2086
        run -1 --separate-stderr "$PROFINJECT" $command --time 1000:2000 "$RECORDING"
        [ -z "$output" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ $stderr == *"nothing happened from 1000 s on: the run lasted "[0-9]* ]]
    done
    run -1 "$PROFINJECT" diff --time 1000: "$RECORDING" "$RECORDING"
    [[ $output == *"nothing happened from 1000 s on"* ]]
}

@test "--region" {
    everywhere 'loader twist' --region load
}

@test "--focus and --ignore, and both" {
    everywhere 'early late' --focus '^(ear|la)[lt]' --focus '^(early|late)$'
    everywhere 'early loader in_child late' --ignore 'twis|descen'
    everywhere loader --focus loader --ignore '^twis'
}

@test "--no-inlines" {
    everywhere 'early loader deep_leaf in_child late' --no-inlines
}

# Nine calls are one frame: in a stack's text, or where only functions are shown by their
# callers, none of its own.
@test "--fold-recursion" {
    text folded >stacks
    grep -q '\(;descend\)\{9\};deep_leaf' stacks
    text folded --fold-recursion >stacks
    grep -q ';main;descend;deep_leaf' stacks
    [ "$(text flamegraph | grep -c '<title>descend$')" -eq 9 ]
    [ "$(text flamegraph --fold-recursion | grep -c '<title>descend$')" -eq 1 ]
    text 'export --format callgrind' | grep -q '^cfn=.*descend' # is called by main either way
    everywhere "$FUNCTIONS" --fold-recursion
}

@test "--focus sees names as the other filters leave them" {
    run -1 "$PROFINJECT" folded --no-inlines --focus '^twist$' "$RECORDING"
    [ "${#lines[@]}" -eq 1 ]
}

@test "diff compares what is left of both" {
    "$PROFINJECT" record --quiet -o second -- "$PROGRAMS/parts" 0.1
    "$PROFINJECT" diff --format folded "$RECORDING" second >whole
    for name in $FUNCTIONS; do grep -qw "$name" whole; done
    "$PROFINJECT" diff --format folded --thread worker "$RECORDING" second >part
    grep -qw loader part
    run ! grep -qwE 'early|late|deep_leaf|in_child' part
    "$PROFINJECT" diff --format folded --ignore '^early$' "$RECORDING" second >part
    grep -qw late part
    run ! grep -qw early part
}

# `info` shows no functions: what it counts is what folded has.
@test "info counts what is left, and says that all else is of the whole run" {
    [ "$("$PROFINJECT" info --json "$RECORDING" | jq .part)" = null ]
    for filter in --thread=worker --process=offspring --region=load --focus=early \
        --ignore=early --time=0:0.2; do
        counted=$("$PROFINJECT" info --json "$filter" "$RECORDING" | jq .part.samples)
        folded=$("$PROFINJECT" folded --metric samples "$filter" "$RECORDING" |
            awk '{ sum += $NF } END { print sum }')
        [ "$counted" -eq "$folded" ] || { echo "$filter: $counted, $folded" && return 1; }
        "$PROFINJECT" info "$filter" "$RECORDING" >text
        grep -q "^  part .*: $folded of " text
        run ! grep -q 'warning: sampled time' text
    done
}

@test "every filter is in every command's --help" {
    for command in report folded flamegraph html diff export info; do
        "$PROFINJECT" "$command" --help >help
        for filter in no-inlines thread process time region focus ignore fold-recursion; do
            grep -q -- "--$filter" help || { echo "$command --$filter" && return 1; }
        done
    done
}
