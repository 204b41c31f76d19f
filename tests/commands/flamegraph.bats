#!/usr/bin/env bats
# The flame graph's forms and colours: as a document, and in a browser.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROFINJECT" record --quiet -o recording -- "$PROGRAMS/parts" 0.1
}

RECORDING=$BATS_FILE_TMPDIR/recording

# total FILE: what the frame of everything says.
total() {
    sed -n 's/.*<g class="f mark" data-x="0" data-v="\([0-9]*\)" data-d="0">.*/\1/p' "$1"
}

@test "reversed, by thread or coloured, it is of the same total as folded" {
    folded=$("$PROFINJECT" folded "$RECORDING" | awk '{ sum += $NF } END { printf "%d", sum }')
    for options in '' --reverse --icicle --by-thread --by-process '--reverse --by-thread' \
        '--color language' --fold-recursion; do
        # shellcheck disable=SC2086 # words
        "$PROFINJECT" flamegraph $options -o out.svg "$RECORDING"
        [ "$(total out.svg)" -eq "$folded" ]
    done
}

# Independent of our own reversal: leaves of folded lines, summed. Row 1 is the program.
@test "reversed, each function's first row is its self time" {
    "$PROFINJECT" flamegraph --reverse --process parts -o out.svg "$RECORDING"
    "$PROFINJECT" folded --process parts "$RECORDING" | awk '{ value = $NF; sub(/ [0-9]+$/, "")
        count = split($0, names, ";"); sums[names[count]] += value }
        END { for (name in sums) print name, sums[name] }' | sort >leaves
    python3 - out.svg <<'END' | sort >rows
import sys, xml.dom.minidom
for group in xml.dom.minidom.parse(sys.argv[1]).getElementsByTagName('g'):
    if group.getAttribute('data-d') == '2':
        name = group.getElementsByTagName('title')[0].firstChild.data.split('\n')[0]
        print(name, group.getAttribute('data-v'))
END
    awk '{ sums[$1] += $2 } END { for (name in sums) print name, sums[name] }' rows | sort | diff - leaves
}

@test "--min-width leaves out what is narrower, and says so" {
    "$PROFINJECT" flamegraph --min-width 400 -o out.svg "$RECORDING"
    grep -q 'frames below 400 px left out' out.svg
    run ! grep -q '<title>late$' out.svg
    run -2 "$PROFINJECT" flamegraph --min-width 0 "$RECORDING"
    run -2 "$PROFINJECT" flamegraph --min-width 12x "$RECORDING"
    run -2 "$PROFINJECT" flamegraph --color name "$RECORDING"
    [ "$output" = "profinject flamegraph: --color 'name': allowed: module, language" ]
}

@test "--color language: functions of this program are C, inlined ones pale" {
    "$PROFINJECT" flamegraph --color language -o out.svg "$RECORDING"
    grep -A1 '<title>late$' out.svg
    sed -n '/<title>late$/,/<\/title>/p' out.svg | grep -x C
    grep -q 'class="f pale".*<title>twist$' out.svg
}

@test "in a browser: click, search and keyboard, in each form" {
    command -v chromium chromedriver >/dev/null || skip "needs chromium and chromedriver"
    /usr/bin/python3 -c 'import selenium' 2>/dev/null || skip "needs python3-selenium"
    "$PROFINJECT" flamegraph -o flame.svg "$RECORDING"
    "$PROFINJECT" flamegraph --icicle --color language -o icicle.svg "$RECORDING"
    "$PROFINJECT" flamegraph --reverse -o reverse.svg "$RECORDING"
    "$PROFINJECT" flamegraph --by-thread --reverse -o threads.svg "$RECORDING"
    worker=$("$PROFINJECT" folded --by-thread "$RECORDING" | sed -n 's/^\(worker ([0-9]*)\).*/\1/p' | head -1)
    timeout 100 /usr/bin/python3 "$ROOT/tests/browser/check_svg.py" flame flame.svg - flame icicle.svg - \
        reverse reverse.svg - threads threads.svg "$worker"
}
