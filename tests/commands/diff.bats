#!/usr/bin/env bats
# `profinject diff`: what is compared with what, its four formats, and its exit status. How often it
# is right: tests/unit/test_changes.c, and tests/stress/diff.bats of real programs.

load helpers

# Three runs of a program and three of one that does three times the work in slow(), which had 30 %;
# blocks of twice the size.
setup_file() {
    load helpers
    cd "$BATS_FILE_TMPDIR" || return 1
    # In 12000 rounds, which is 0.6 s, of what became faster sometimes only one function could be told
    # from chance, and once none.
    for i in 1 2 3; do
        record "a$i" "$PROGRAMS/planted" 30000 0 1000
        record "b$i" "$PROGRAMS/planted" 30000 200 2000
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
}

@test "a recording and itself: no change, and both sides equal" {
    run -0 "$PROFINJECT" diff a1 a1
    [[ $output == *"+0.0 %"*"No significant change"* ]]
    [[ $output == *"Both sides are the same recording."* ]]
    [[ $output != *" functions have no significant change"* ]]
    run -0 bash -c "'$PROFINJECT' diff a1 a1 --format folded | awk '\$NF != \$(NF - 1)'"
    [ -z "$output" ]
    run -0 bash -c "'$PROFINJECT' diff --json a1 a1 |
        jq -e '.significant == 0 and .total.difference == 0 and all(.functions[]; .self.difference == 0)'"
}

@test "runs of one program: no significant change; three times the work in one function is found" {
    run -0 bash -c "'$PROFINJECT' diff --json a1 a2 a3 -- b1 b2 b3 | jq -ce '
        [.functions[] | select(.self.significant)] | (map(select(.self.difference > 0).function) == [\"slow\"]),
        (map(select(.function == \"slow\").self | .low > 0.1 and .high < 0.45)[0])'"
    [ "$output" = $'true\ntrue' ]
    run -0 "$PROFINJECT" diff a1 a2 a3 -- b1 b2 b3
    [[ $output == *"Before: 3 recordings. After: 3 recordings."*"Slower: a larger share"*slow*"Faster: a smaller share"* ]]
    run -0 "$PROFINJECT" diff a1 a2 -- a3
    [[ $output == *"One recording on one side"*"Before: 2 recordings. After: a3."*[Nn]"o significant change"* ]]
    run -0 bash -c "'$PROFINJECT' diff a1 a2 -- b1 | tr -s ' \n' ' '"
    [[ $output != *"%); slower"* ]]
}

@test "the text fits 80 columns, and says what it cannot tell" {
    for form in "a1 b1" "a1 b1 --absolute" "a1 a2 a3 -- b1 b2 b3 --all" "a1 b1 --metric wall"; do
        # shellcheck disable=SC2086
        run -0 "$PROFINJECT" diff $form
        [ "$(LC_ALL=C.UTF-8 wc -L <<<"$output")" -le 80 ]
    done
    run -0 bash -c "'$PROFINJECT' diff a1 b1 | tr -s ' \n' ' '"
    [[ $output == *"is the error of sampling"*"how much runs differ besides"* ]]
    run -0 bash -c "'$PROFINJECT' diff a1 b1 --absolute | tr -s ' \n' ' '"
    [[ $output == *"how much of it is chance, only several"* ]]
    [[ $output != *"±"* ]]
    run ! grep -E '[0-9]e[+-][0-9]' <<<"$("$PROFINJECT" diff a1 b1)"
}

@test "options on both sides of --, globs, archives; '--' that ends options" {
    "$PROFINJECT" archive b1 -o b1.pinja
    expected=$("$PROFINJECT" diff --absolute --format folded a1 b1)
    for words in "--absolute a1 -- b1 --format folded" "a1 --format folded b1 --absolute" \
        "--absolute --format folded -- a1 b1" "a[1] --format=folded --absolute -- b[1]" "--absolute a1 b1.pinja --format folded"; do
        # shellcheck disable=SC2086
        [ "$("$PROFINJECT" diff $words)" = "$expected" ] || { echo "$words"; return 1; }
    done
}

@test "wrong usage is told" {
    for words in "" "a1" "a1 a2 a3" "a1 --" "-- a1" "a1 -- b1 --top" "--fail-above x a1 b1" "--fail-above -1 a1 b1" \
        "--fail-above 5x a1 b1" "--format png a1 b1" "--json --format svg a1 b1" "--color language a1 b1" "a1 a1 -- b1"; do
        # shellcheck disable=SC2086
        run -2 "$PROFINJECT" diff $words
        [ "${#lines[@]}" -eq 1 ] || { echo "$words: $output"; return 1; }
    done
    [[ $output == *"'a1' is the recording of 'a1': once a side"* ]]
    run -1 "$PROFINJECT" diff a1 nowhere
    [[ $output == *"nowhere"*"after"* ]]
}

@test "a metric that one side has not is told, and which side" {
    record full "$PROGRAMS/planted" 2000 0 2000000
    "$PROFINJECT" record --quiet --heap off --force --output bare -- "$PROGRAMS/planted" 2000
    run -1 "$PROFINJECT" diff --metric alloc-bytes full bare
    [[ $output == *"cannot compare 'bare' (after): no metric 'alloc-bytes'"* ]]
    run -1 "$PROFINJECT" diff --metric alloc-bytes bare full
    [[ $output == *"'bare' (before)"* ]]
    run -1 "$PROFINJECT" diff --metric lock-wait a1 b1
    [[ $output == *"'a1' (before): nothing of metric 'lock-wait' in it"* ]]
    run -2 "$PROFINJECT" diff --metric no-such-counter a1 b1
    [[ $output == *"a1 (before)"*no-such-counter* ]]
}

@test "folded: stack, before, after; sorted; of values the sums are those of folded" {
    "$PROFINJECT" diff a1 b1 --absolute --format folded >lines
    LC_ALL=C sort -c lines
    run ! grep -vE '^[^;]+(;[^;]+)* [0-9]+ [0-9]+$' lines
    for side in a1:1 b1:0; do
        sum=$("$PROFINJECT" folded "${side%:*}" | awk '{ sum += $NF } END { printf "%.0f", sum }')
        [ "$(awk -v back="${side#*:}" '{ sum += $(NF - back) } END { printf "%.0f", sum }' lines)" = "$sum" ]
    done
    # Of shares both sides have one sum, up to rounding.
    run -0 bash -c "'$PROFINJECT' diff a1 b1 --format folded | awk '{ a += \$(NF - 1); b += \$NF }
        END { exit (a - b) ^ 2 > 1e4 }'"
}

@test "svg: grown frames red, shrunk ones blue; what is gone is drawn with --before" {
    "$PROFINJECT" diff a1 a2 a3 -- b1 b2 b3 --format svg -o grown.svg
    python3 -c "import xml.etree.ElementTree as t; t.parse('grown.svg')"
    python3 - grown.svg <<'END'
import re, sys
text = open(sys.argv[1]).read()
def color(name):
    return re.search(r'<title>' + name + r'\n.*?fill="#(..)(..)(..)"', text, re.S).groups()
red, _, blue = (int(c, 16) for c in color('slow'))
assert red > blue + 60, (red, blue)
red, _, blue = (int(c, 16) for c in color('parse'))
assert blue > red + 30, (red, blue)
END
    record gone "$PROGRAMS/spin" 0.2
    run -0 bash -c "'$PROFINJECT' diff a1 gone --format svg | grep -c '<title>slow'; '$PROFINJECT' diff a1 gone --format svg --before | grep -c '<title>slow'"
    [ "$output" = $'0\n1' ]
    "$PROFINJECT" diff a1 gone --format svg | grep -q 'see --before'
}

@test "html: both sides in one page, no arguments in it" {
    "$PROFINJECT" record --quiet --force --output secret -- "$PROGRAMS/planted" 2000 0 1000 secret-argument
    "$PROFINJECT" diff a1 secret --format html -o page.html
    for format in html svg folded text; do
        run -0 "$PROFINJECT" diff a1 secret --format "$format" -o out
        run ! grep -q secret-argument out
    done
    python3 - page.html <<'END'
import base64, gzip, json, re, sys
page = open(sys.argv[1]).read()
data = json.loads(gzip.decompress(base64.b64decode(re.search(r'<script id="data"[^>]*>([^<]*)<', page).group(1))))
assert data['diff'] == {'before': 'a1', 'after': 'secret', 'normalised': True, 'runs': [1, 1]}, data['diff']
values = data['entries']['values']
def total(column):
    return sum(column['value'] if isinstance(column, dict) else column)
assert abs(total(values['cpu']) - total(values['cpu:before'])) < 1000
assert 'secret-argument' not in json.dumps(data)
END
}

@test "memory: what allocates more is bigger, exactly where every block is known" {
    for run in a b; do
        "$PROFINJECT" record --quiet --heap exact --force --output "exact_$run" -- "$PROGRAMS/planted" 640 0 $([ $run = a ] && echo 1000 || echo 3000)
    done
    run -0 bash -c "'$PROFINJECT' diff --json --absolute --metric alloc-bytes exact_a exact_b |
        jq -c '.functions[] | select(.function == \"keep\").self | [.before, .after, .low]'"
    [ "$output" = '[10000,30000,null]' ]
    run -0 "$PROFINJECT" diff --absolute --metric live-bytes exact_a exact_b
    [[ $output == *"Live bytes"*"Differences, largest first"*keep* ]]
}

@test "diff --json is as its schema says, and the check can fail" {
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not installed"
    "$PROFINJECT" diff --json a1 a2 a3 -- b1 b2 b3 >runs.json
    "$PROFINJECT" diff --json a1 a1 >same.json
    "$PROFINJECT" diff --json --absolute --focus slow a1 b1 >part.json
    "$PROFINJECT" diff --json --metric memory-delta a1 b1 >signed.json
    jq -e '.basis == "runs" and .part == null and (.functions | length) > 5' runs.json
    jq -e '.part != null and .absolute' part.json
    schema=$ROOT/analyzer/reports/profinject-diff-1.schema.json
    /usr/bin/python3 "$CHECKS/check_schema.py" "$schema" runs.json same.json part.json signed.json
    for bad in '.functions[0].more = 1' 'del(.total.low)' '.basis = "guessed"' '.before = []'; do
        jq "$bad" runs.json >bad.json
        run -1 /usr/bin/python3 "$CHECKS/check_schema.py" "$schema" bad.json
    done
}

@test "--fail-above: status 3 and one line that says why; the report is written all the same" {
    run -3 --separate-stderr "$PROFINJECT" diff --fail-above 5% a1 a2 a3 -- b1 b2 b3
    [[ $output == *"Slower"* ]]
    [[ $stderr =~ ^"profinject diff: the total grew by "[0-9.]+" %, from "[0-9.]+.*"; allowed was 5 %"$ ]]
    # The other way round it shrank; and more is allowed than there was.
    run -0 --separate-stderr "$PROFINJECT" diff --fail-above 60 b1 b2 b3 -- a1 a2 a3
    [ -z "$stderr" ]
    run -0 "$PROFINJECT" diff --fail-above 900% a1 a2 a3 -- b1 b2 b3
    run -0 "$PROFINJECT" diff --fail-above 0% a1 a1
    run -3 --separate-stderr "$PROFINJECT" diff --fail-above 5% a1 b1
    [[ $stderr == *"one recording a side: it may be chance"* ]]
}

@test "--fail-above: a function that grew by more, where the total did not" {
    run -3 --separate-stderr "$PROFINJECT" diff --fail-above 100% a1 a2 a3 -- b1 b2 b3
    [[ $stderr == *"slow grew by "*" of its own"* ]]
}

@test "filters apply to both sides" {
    "$PROFINJECT" diff --focus put_out --format folded a1 b1 >lines
    grep -q put_out lines
    run ! grep -v put_out lines
    run -0 "$PROFINJECT" diff --time 0:0.1 a1 b1
    [[ $output == *"0 s to 0.1 s"* ]]
}

@test "two programs are told" {
    record other "$PROGRAMS/spin" 0.2
    run -0 "$PROFINJECT" diff a1 other
    [[ $output == *"These are different programs: planted before, spin after."* ]]
    run -0 "$PROFINJECT" diff a1 b1
    [[ $output != *"different programs"* ]]
}

@test "what all recordings have to say is said once" {
    strip -o stripped "$PROGRAMS/planted"
    record c1 ./stripped 12000 0 1000
    record c2 ./stripped 12000 0 1000
    run -0 --separate-stderr "$PROFINJECT" diff c1 c2
    [ "$(grep -c 'no names for' <<<"$stderr")" -ge 1 ] || skip "nothing to say of these recordings"
    [ -z "$(sort <<<"$stderr" | uniq -d)" ]
}

@test "no memory is lost" {
    [ -x "$BUILD/sanitize/profinject" ] || skip "no build with sanitizers"
    for words in "a1 b1" "a1 a2 a3 -- b1 b2 b3" "a1 a2 -- b1" "a1 a1" "--fail-above 900 a1 b1" "--format html a1 b1"; do
        # shellcheck disable=SC2086
        run -0 "$BUILD/sanitize/profinject" diff $words
        [[ $output != *Sanitizer* ]]
    done
}
