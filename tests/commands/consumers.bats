#!/usr/bin/env bats
# What other programs make of our output: folded stacks, SVG, JSON.

load helpers

# One recording of two processes, for all tests here; names with what could break
# a format: a `;`, a blank, `<` and `&`.
setup_file() {
    load helpers
    cd "$BATS_FILE_TMPDIR" || return 1
    cp "$PROGRAMS/spin" 'a;b <c&d>'
    "$PROFINJECT" record -q -o recording -- sh -c "'./a;b <c&d>' 0.5; $PROGRAMS/throw 0.5 >/dev/null"
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

# As flamegraph.pl reads its input.
consume() {
    perl -ne '
        chomp;
        my ($stack, $value) = /^(.*)\s+?(\d+(?:\.\d*)?)$/ or die "ignored: $_\n";
        my @frames = split /;/, $stack, -1;
        die "empty frame: $_\n" if grep { !/\S/ } @frames;
        die "not an integer: $_\n" if $value =~ /\./;
        $total += $value; $names{$_}++ for @frames;
        END { print "$total\n"; print "$_\n" for sort keys %names }' "$@"
}

@test "folded: every line is taken by a flamegraph.pl-like consumer" {
    "$PROFINJECT" folded --metric samples -o samples.folded recording
    run -0 consume samples.folded
    [ "${lines[0]}" -eq "$(fact samples recording)" ]
    [[ "$output" == *spin_here* ]]
    [[ "$output" == *throw_below* ]]
}

@test "folded: a semicolon in a name does not make a frame" {
    "$PROFINJECT" folded --metric samples -o samples.folded recording
    # The command's name stands first, in one frame: main is the same distance
    # from the root for both programs.
    run -0 awk -F ';' '
        /spin_here/ { for (i = 1; i <= NF; i++) if ($i == "main") spin = i }
        /throw_below/ { for (i = 1; i <= NF; i++) if ($i == "main") throw = i }
        END { print spin, throw; exit !(spin && spin == throw) }' samples.folded
}

@test "folded: root first, one line per stack, sorted" {
    "$PROFINJECT" folded -o cpu.folded recording
    LC_ALL=C sort -c cpu.folded
    [ -z "$(sed 's/ [0-9-]*$//' cpu.folded | sort | uniq -d)" ]
    run -0 grep -E '(^|;)main;spin_here( |;)' cpu.folded
    run -0 python3 -c "import sys; sys.path.insert(0, '$CHECKS'); import folded; folded.parse('cpu.folded')"
}

@test "folded: --by-thread and --by-process put labels with numbers first" {
    "$PROFINJECT" folded --by-thread -o threads.folded recording
    "$PROFINJECT" folded --by-process -o processes.folded recording
    run -1 grep -vE '^[^;]+ \([0-9]+\);' threads.folded
    run -1 grep -vE '^[^;]+ \([0-9]+\);' processes.folded
}

@test "folded: memory-delta is signed and adds up to what was allocated and freed" {
    record allocations "$PROGRAMS/cpu_split" 2 alloc >truth.json
    "$PROFINJECT" folded --metric memory-delta -o delta.folded allocations
    run -0 python3 -c "import sys; sys.path.insert(0, '$CHECKS'); import folded; folded.parse('delta.folded')"
}

@test "flamegraph: one well-formed SVG that needs nothing else" {
    "$PROFINJECT" flamegraph --title 'Title <&">' -o flame.svg recording
    run -0 python3 - <<'PY'
import re, xml.etree.ElementTree as tree
text = open("flame.svg", encoding="utf-8").read()
root = tree.fromstring(text)
assert root.tag == "{http://www.w3.org/2000/svg}svg", root.tag
words = " ".join(root.itertext())
assert 'Title <&">' in words, "title"
assert "spin_here" in words and "throw_below" in words, "functions"
# Nothing is loaded from elsewhere: the only addresses are names of namespaces.
for url in re.findall(r"""https?://[^"' <)]+""", text):
    assert url.startswith("http://www.w3.org/"), url
for element in root.iter():
    for name, value in element.attrib.items():
        if name.endswith("href"):
            assert value.startswith("#"), value
PY
}

@test "flamegraph: --icicle, and every metric" {
    for metric in cpu samples memory-delta; do
        "$PROFINJECT" flamegraph --metric $metric -o $metric.svg recording
        python3 -c "import xml.etree.ElementTree as t; t.parse('$metric.svg')"
    done
    "$PROFINJECT" flamegraph --icicle -o icicle.svg recording
    python3 -c "import xml.etree.ElementTree as t; t.parse('icicle.svg')"
    run ! cmp -s cpu.svg icicle.svg
}

@test "export --format json: whole, of the schema profinject-1, with sums that agree" {
    "$PROFINJECT" export --format json -o profile.json recording
    run -0 jq -e '.schema == "profinject-1" and (.processes | length) >= 3' profile.json
    # Where there is no counter, instructions are null with a reason, never 0.
    run -0 jq -e '[.. | objects | select(has("instructions")) | .instructions] | length > 0 and all(. == null)' \
        profile.json
    # As many samples as info counts and folded gives.
    "$PROFINJECT" folded --metric samples -o samples.folded recording
    folded=$(awk '{ n += $NF } END { print n + 0 }' samples.folded)
    [ "$folded" -eq "$(fact samples recording)" ]
    [ "$folded" -eq "$(jq '[.processes[].threads[].samples] | add' profile.json)" ]
}

@test "report: functions and their shares, on one screen" {
    run -0 "$PROFINJECT" report recording
    [[ "$output" == *spin_here*spin.c* ]]
    [ "${#lines[@]}" -le 50 ]
    "$PROFINJECT" report --json recording | jq -e '.schema == "profinject-report-1"'
}

@test "NO_COLOR, pipes: no escape sequences where there is no terminal" {
    "$PROFINJECT" report recording >report.txt
    run -1 grep -l $'\x1b' report.txt
}

@test "every reading command runs clean under the sanitizers" {
    sanitized=$BUILD/sanitize/profinject
    [ -x "$sanitized" ] || skip "$sanitized was not built (make sanitize)"
    for command in report 'report --json' folded flamegraph 'export --format json' info 'info --json'; do
        # shellcheck disable=SC2086  # a command and its options
        run -0 --separate-stderr "$sanitized" $command recording
        [[ "$stderr" != *Sanitizer* && "$stderr" != *"runtime error"* ]]
    done
}
