#!/usr/bin/env bats
# `report`: one function, source text with costs, recommendations, the machine form. Against
# programs whose answers are known, addr2line, and the published schemas.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    record lines "$PROGRAMS/hot_lines" 1
    record regions "$PROGRAMS/regions" 0.4
}

LINES=$BATS_FILE_TMPDIR/lines
REGIONS=$BATS_FILE_TMPDIR/regions
SOURCE=$ROOT/tests/programs/hot_lines.c

# line MARK: the number of the line of hot_lines.c with that comment.
line() {
    grep -n "/\* $1 \*/" "$SOURCE" | cut -d: -f1
}

# cost MARK self|total: of that line, in percent of all CPU time.
cost() {
    jq -r --argjson line "$(line "$1")" --arg what "$2" \
        '([.functions[].self] | add) as $all | .source.lines[] | select(.line == $line) |
         .[$what] * 100 / $all | round' source.json
}

# about WANTED FOUND: within 8 points: 250 samples of a second have a deviation of 3.
about() {
    echo "wanted $1, found $2"
    [ "$2" -ge $(($1 - 8)) ] && [ "$2" -le $(($1 + 8)) ]
}

# valid SCHEMA FILE...
valid() {
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not installed"
    /usr/bin/python3 "$CHECKS/check_schema.py" "$ROOT/analyzer/reports/$1.schema.json" "${@:2}"
}

# rules RECORDING...: the rules of what is recommended.
rules() {
    "$PROFINJECT" report --json "$@" | jq -r '.recommendations[].rule'
}

@test "--source: the same work three times as often costs three times as much" {
    "$PROFINJECT" report --json --source hot_lines.c "$LINES" >source.json
    about 50 "$(cost THREE self)"
    about 17 "$(cost ONE self)"
    about 33 "$(cost INLINED self)" # on its own line, not on the caller's
    [ "$(cost CALL self)" -eq 0 ]
    about 33 "$(cost CALL total)"
    about 100 "$(cost MAIN total)"
    jq -e --argjson call "$(line CALL)" \
        '.source.inlined[0] | .function == "inlined" and .called_line == $call' source.json
    # The text stands beside it.
    run -0 "$PROFINJECT" report --source hot "$LINES"
    echo "$output"
    [[ "$output" =~ %\ *$(line THREE)\ \ \ *WORK\(3\ \*\ STEPS\) ]]
    [[ "$output" == *"hot_lines.c:$(line CALL)"*inlined* ]]
    run -1 env LC_ALL=C.UTF-8 grep -E '.{81}' <<<"$output"
}

@test "--source: lines and costs are those of addr2line" {
    "$PROFINJECT" report --json --source hot_lines.c "$LINES" >source.json
    "$PROFINJECT" export --format json "$LINES" >export.json
    python3 "$CHECKS/check_lines.py" export.json source.json "$SOURCE"
}

@test "--source: text that is not where it was compiled" {
    mkdir -p moved/programs
    sed "s|THREE|BEFORE|" "$SOURCE" >elsewhere.c
    cp "$SOURCE" moved/programs/hot_lines.c
    gcc -O1 -g -D_GNU_SOURCE -I"$ROOT/tests/programs" -o elsewhere elsewhere.c
    record recording ./elsewhere 0.2
    run -0 "$PROFINJECT" report --source elsewhere.c recording
    [[ "$output" == *"WORK(3 * STEPS)"* ]]
    mv elsewhere.c gone.c
    run -0 "$PROFINJECT" report --source elsewhere.c recording
    [[ "$(tr -s ' \n' ' ' <<<"$output")" == *"no text: looked there and below"*"--source-dir DIR"* ]]
    [[ "$output" != *"WORK("* ]]
    grep -E "% +$(line THREE)$" <<<"$output" # numbers and costs all the same
    mkdir sources
    mv gone.c sources/elsewhere.c
    run -0 "$PROFINJECT" report --source elsewhere.c --source-dir sources recording
    [[ "$output" == *"text from sources/elsewhere.c"*"WORK(3 * STEPS)"* ]]
    # One that is newer may have other lines.
    echo >>sources/elsewhere.c
    run -0 "$PROFINJECT" report --source elsewhere.c --source-dir sources recording
    [[ "$output" == *"changed after"* ]]
}

@test "--function: callers, callees and shares" {
    "$PROFINJECT" report --json --function hot "$LINES" >function.json
    jq -e '.function | (.candidates | length) == 1 and .callers[0].function == "main" and
        .callers[0].value == .total and .recursive == 0 and
        ([.callees[].value] | add) == .total and ([.threads[].value] | add) == .total and
        (.callees[] | select(.function == null).value) == .self' function.json
    run -0 "$PROFINJECT" report --function hot "$LINES"
    [[ "$output" == "hot"$'\n'"  hot_lines.c:"* ]]
    [[ "$output" == *"Called by"*main*"Calls"*inlined*"Its lines"*"Threads it is in"* ]]
    run -1 env LC_ALL=C.UTF-8 grep -E '.{81}' <<<"$output"
    # Recursion counts once: 60 frames of it are one total.
    record deep "$PROGRAMS/recurse" 60 0.3
    "$PROFINJECT" report --json --function descend deep |
        jq -e '.function | .deepest == 60 and .total <= .metrics.cpu.total and
            ([.callers[] | select(.function == "main").value] | add) == .total'
}

@test "--function: several, none, and other metrics" {
    run -0 "$PROFINJECT" report --function '^(hot|main)$' "$LINES"
    [[ "$output" == *"fits 2 functions: which one?"* ]]
    for option in --function --source; do
        run -1 --separate-stderr "$PROFINJECT" report $option no_such "$LINES"
        [ -z "$output" ]
        [[ "$stderr" == "profinject report: cannot find"*"'no_such': no stack has"* ]]
        run -1 --separate-stderr "$PROFINJECT" report --json $option no_such "$LINES"
        [ -z "$output" ]
    done
    run -0 "$PROFINJECT" report --function hot --metric samples "$LINES"
    [[ "$output" == *"Samples  self"*"samples"* ]]
    run -2 "$PROFINJECT" report --function hot --metric no_such "$LINES"
    [[ "$output" == *"--metric 'no_such': allowed: cpu"* ]]
    "$PROFINJECT" record -q --waits off --heap off -o bare -- "$PROGRAMS/spin" 0.1
    run -1 --separate-stderr "$PROFINJECT" report --metric wall bare
    [ -z "$output" ]
    [[ "$stderr" == *"no metric 'wall' in this recording: record with --waits on"* ]]
}

@test "the first screen has bars: blocks where the locale is one of UTF-8" {
    run -0 env LC_ALL=C.UTF-8 "$PROFINJECT" report "$LINES"
    [[ "$output" == *"% ██"* ]]
    run -0 env LC_ALL=C "$PROFINJECT" report "$LINES"
    [[ "$output" == *"% ##"* ]]
    [[ "$output" != *█* ]]
    run -0 env -u LC_ALL -u LC_CTYPE LANG=en_US.utf8 "$PROFINJECT" report "$LINES"
    [[ "$output" == *█* ]]
}

@test "what is recommended is what the program does" {
    for way in writes copies temporary blocks nothing; do
        record "$way" "$PROGRAMS/wasteful" "$way" 0.4
        rules "$way" >"$way.rules"
    done
    head -- *.rules
    grep -x small-calls writes.rules
    grep -x copying copies.rules
    grep -x temporary-allocations temporary.rules
    grep -x allocator blocks.rules
    # And nothing that another does.
    run -1 grep -E 'small|copying|temporary|allocator' nothing.rules
    run -1 grep -E 'copying|temporary|allocator' writes.rules
    run -1 grep -E 'small|temporary|allocator' copies.rules
    run -1 grep -E 'small|copying' temporary.rules
    run -1 grep -E 'small|copying|temporary' blocks.rules
    run -0 "$PROFINJECT" report --all writes
    [[ "$output" == *"What limits this program"*"writes to /dev/null"*"-> collect them"* ]]
    run -1 env LC_ALL=C.UTF-8 grep -E '.{81}' <<<"$output"
}

@test "a queue at a lock, and what a recording cannot tell" {
    record convoy "$PROGRAMS/wait_targets" convoy 0.5
    "$PROFINJECT" report --json convoy |
        jq -e '.recommendations[] | select(.rule == "convoy") | .finding | contains("convoy_lock")'
    "$PROFINJECT" record -q --max-depth 64 -o deep -- "$PROGRAMS/recurse" 300 0.3
    rules deep | grep -x truncated-stacks
    record short "$PROGRAMS/spin" 0.05
    rules short | grep -x few-samples
    record stripped "$PROGRAMS/spin_stripped" 0.2
    rules stripped | grep -x no-names
    rules "$LINES" >others
    run -1 grep -E 'convoy|truncated|few-samples|no-names' others
}

@test "report --json is as its schema says, member by member" {
    "$PROFINJECT" record -q --heap off --waits off -o bare -- "$PROGRAMS/spin" 0.1
    "$PROFINJECT" record -q --heap exact -o exact -- "$PROGRAMS/heap_phases"
    "$PROFINJECT" record -q --clock wall -o wall -- "$PROGRAMS/spin" 0.1
    run record crash "$PROGRAMS/crashes" worker 0.1
    record maps "$PROGRAMS/mapping_sites"
    record waits "$PROGRAMS/wait_targets" convoy 0.3
    record many sh -c "'$PROGRAMS/spin' 0.1 & '$PROGRAMS/spin' 0.1; wait"
    for recording in bare exact wall crash maps waits many "$REGIONS" "$LINES"; do
        name=$(basename "$recording")
        "$PROFINJECT" report --json "$recording" >"$name.report.json"
        "$PROFINJECT" export --format json "$recording" >"$name.export.json"
    done
    "$PROFINJECT" report --json --function hot --source hot_lines.c "$LINES" >views.report.json
    "$PROFINJECT" report --json --function '.' --source '.' "$REGIONS" >several.report.json
    "$PROFINJECT" report --json --function main --metric wall "$REGIONS" >metric.report.json
    "$PROFINJECT" report --json --time 0:0.1 "$LINES" >part.report.json
    "$PROFINJECT" report --json --region request --top 1 "$REGIONS" >region.report.json
    valid profinject-report-1 ./*.report.json
    valid profinject-1 ./*.export.json
}

# The check can fail: a member too many, a member that is missing, one of another type.
@test "documents that are not as the schema says are found" {
    "$PROFINJECT" report --json "$LINES" >good.json
    jq '.functions[0].more = 1' good.json >more.json
    jq 'del(.run.samples)' good.json >less.json
    jq '.threads[0].cpu_ns = "many"' good.json >other.json
    valid profinject-report-1 good.json
    for bad in more less other; do
        run -1 valid profinject-report-1 "$bad.json"
    done
}
