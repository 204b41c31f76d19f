#!/usr/bin/env bats
# Names that want to be more than text, of functions, threads, regions, programs and arguments:
# shown by everything, obeyed by nothing, by the judgement of parsers that are not ours.

load helpers

@test "no name is obeyed: terminal, lines, XML, HTML, JSON, shell" {
    command -v cc >/dev/null || skip "needs cc"
    name=$'evil;<script>$(touch pwned)\x1b[31m'
    ln -s "$ROOT/preload" preload
    python3 "$CHECKS/check_names.py" make "$name"
    run -0 --separate-stderr "$PROFINJECT" record -o recording -- "./$name" "$(printf '\033[2J</script>')"
    printf '%s\n' "$stderr" >said.txt
    next=$(sed -n 's/^profinject: next: profinject //p' said.txt)
    eval "'$PROFINJECT' $next" >report.txt
    [ -s report.txt ]
    "$PROFINJECT" report --all --top 100 recording >all.txt
    "$PROFINJECT" info recording >info.txt
    "$PROFINJECT" folded recording >plain.folded
    "$PROFINJECT" folded --by-thread --by-process recording >by.folded
    "$PROFINJECT" flamegraph -o out.svg recording
    "$PROFINJECT" export --format json -o out.json recording
    "$PROFINJECT" report --json recording >report.json
    "$PROFINJECT" info --json recording >info.json
    run -1 "$PROFINJECT" report "$(printf 'no\033[31m such\n trace')"
    printf '%s\n' "$output" >problem.txt
    [ "${#lines[@]}" -eq 1 ]
    python3 "$CHECKS/check_names.py" check ./*.txt ./*.folded ./*.svg ./*.json
    jq -e . out.json report.json info.json >jq.out
    [ ! -e pwned ]
}

@test "and no script of a name runs in a browser" {
    command -v cc >/dev/null || skip "needs cc"
    command -v chromium >/dev/null || skip "needs chromium"
    ln -s "$ROOT/preload" preload
    python3 "$CHECKS/check_names.py" make evil
    record recording ./evil
    "$PROFINJECT" flamegraph -o out.svg recording
    cp out.svg out.html # as a server might serve it
    for page in out.svg out.html; do
        timeout 60 chromium --headless --no-sandbox --disable-gpu --dump-dom "file://$PWD/$page" >dom
        grep -q "documentElement.id" dom
        run -1 grep -E '<(svg|html)[^>]*id="pwned"' dom
    done
}
