#!/usr/bin/env bats
# `profinject html`: what is in the page, by the specification and by other commands, and the browser
# it is opened in. What the page does with it: tests/browser.

load helpers

# A fake browser that writes down what it was asked to show: shown N waits for N of them.
setup_browser() {
    printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>"%s/asked"\nenv >"%s/its_environment"\n' "$PWD" "$PWD" >fake
    chmod +x fake
    export BROWSER=$PWD/fake
}
shown() {
    for _ in $(seq 500); do
        [ -e asked ] && [ "$(wc -l <asked)" -ge "$1" ] && return 0
        sleep 0.02
    done
    return 1
}

@test "one file that loads nothing, small without its data" {
    record recording "$PROGRAMS/spin" 0.1
    "$PROFINJECT" html recording >page.html
    python3 "$CHECKS/check_page.py" alone page.html
    [ "$(head -c 15 page.html)" = '<!DOCTYPE html>' ]
    "$PROFINJECT" html -o again.html recording
    cmp page.html again.html
}

@test "every metric, stack by stack, as folded has it: processes, regions, counters" {
    record recording "$PROGRAMS/regions" 0.3 2
    "$PROFINJECT" html -o page.html recording
    python3 "$CHECKS/check_page.py" page.html recording
    for filter in '--region request' '--focus burn_load' '--ignore burn_load' '--thread regions' \
        '--time 0.1:0.3' '--no-inlines' '--fold-recursion' '--by-thread'; do
        # shellcheck disable=SC2086
        "$PROFINJECT" html $filter -o part.html recording
        # shellcheck disable=SC2086
        python3 "$CHECKS/check_page.py" part.html $filter recording
    done
    "$PROFINJECT" html --time 0.1:0.3 -o part.html recording
    python3 - <<'END'
import sys
sys.path.insert(0, __import__('os').environ['CHECKS'])
from page import Page
part = Page('part.html').data
times = [time for series in part['series'] for time in series['time']]
assert abs(part['start_s'] - 0.1) < 1e-6 and abs(part['end_s'] - 0.3) < 1e-6, part['start_s']
assert 0.1 <= min(times) and max(times) <= 0.3 + 1e-6, (min(times), max(times))
page = Page('page.html')
cpu = {}
for entry, value in enumerate(page.values['cpu']):
    region = page.data['regions'][page.region[entry]]
    cpu[region] = cpu.get(region, 0) + value
rows = {row['region']: row['CPU'] for row in page.table('regions')}
assert rows['request/parse'] == cpu['request/parse'] > 0, (rows, cpu)
assert len(page.table('processes')) == 2
assert {thread['process'] for thread in page.data['threads']} == {0, 1}
END
}

@test "the heap: metrics, table and timeline agree" {
    "$PROFINJECT" record -q --heap exact -o recording -- "$PROGRAMS/heap_sites" 2 1 >truth
    "$PROFINJECT" html -o page.html recording
    python3 "$CHECKS/check_page.py" page.html recording
    python3 - <<'END'
import sys
sys.path.insert(0, __import__('os').environ['CHECKS'])
from page import Page
page = Page('page.html')
keep = next(line.split() for line in open('truth') if line.startswith('keep'))
row = next(row for row in page.table('heap') if row['function'] == 'keep')
assert row['live'] == int(keep[4]) and row['allocated'] == int(keep[2]), (row, keep)
live = next(s for s in page.data['series'] if s['name'] == 'heap-live')
total = next(m for m in page.data['metrics'] if m['name'] == 'live-bytes')['total']
assert live['value'][-1] == total and live['label'] == 'exact', (live['value'][-1], total)
END
}

@test "the heap of several processes: its header has what was live at all their ends" {
    "$PROFINJECT" record -q --heap exact -o recording -- sh -c '"$1" 2 1; "$1" 2 1; true' - "$PROGRAMS/heap_sites" >truth
    "$PROFINJECT" html -o page.html recording
    said=$("$PROFINJECT" report recording | sed -n 's/^ *live at the ends of .* together //p')
    [ -n "$said" ]
    python3 - "$said" <<'END'
import sys
sys.path.insert(0, __import__('os').environ['CHECKS'])
from page import Page
heap = dict(Page('page.html').data['facts'])['heap']
assert f', {sys.argv[1]} live at the ends of all together (exact' in heap, heap
END
}

@test "waits over time: as much as in the metrics, by kind; locks and their holders" {
    record recording "$PROGRAMS/waiters" 0.5 >truth
    "$PROFINJECT" html -o page.html recording
    python3 "$CHECKS/check_page.py" page.html recording
    python3 - <<'END'
import sys
sys.path.insert(0, __import__('os').environ['CHECKS'])
from page import Page
page = Page('page.html')
width = page.data['slices']['width_s']
span = page.data['end_s'] - page.data['start_s']
def area(series):
    widths = [width] * (len(series['value']) - 1) + [span - width * (len(series['value']) - 1)]
    return sum(value * each for value, each in zip(series['value'], widths))
off = sum(area(s) for s in page.data['series'] if s['group'] == 'waits')
cpu = sum(area(s) for s in page.data['series'] if s['group'] == 'cpu')
assert abs(off - sum(page.values['offcpu']) / 1e9) < 1e-3 * off, off
assert abs(cpu - sum(page.values['cpu']) / 1e9) < 1e-3 * cpu, cpu
assert {'wait: condition', 'wait: sleep'} <= {s['name'] for s in page.data['series']}
assert all(row['blocked'] <= row['in calls'] for row in page.table('waits'))
END
}

@test "arguments are not in it, whatever the names" {
    record recording "$PROGRAMS/spin" 0.1 0 hunter2 '</script><script>alert(1)</script>'
    "$PROFINJECT" html -o page.html recording
    python3 "$CHECKS/check_page.py" without hunter2 page.html
    python3 "$CHECKS/check_page.py" without 'alert(1)' page.html
    grep -q hunter2 recording/manifest
}

@test "names that want to be more than text: not in the document, not in a browser" {
    command -v cc >/dev/null || skip "needs cc"
    ln -s "$ROOT/preload" preload
    python3 "$CHECKS/check_names.py" make evil
    record recording ./evil
    "$PROFINJECT" html -o page.html recording
    python3 "$CHECKS/check_page.py" page.html recording
    python3 - <<'END'
import json, os, sys
sys.path.insert(0, os.environ['CHECKS'])
from page import Page
page = Page('page.html')
json.dump(page.data, open('document.txt', 'w'), ensure_ascii=False)
assert max(map(len, page.labels['name'])) == 1 << 20
END
    python3 "$CHECKS/check_names.py" check document.txt
    python3 "$CHECKS/check_page.py" alone page.html
    /usr/bin/python3 -c 'import selenium' 2>/dev/null || skip "the browser's part needs python3-selenium"
    PYTHONPATH=$ROOT/tests/browser /usr/bin/python3 - <<'END'
from browser import Browser
with Browser() as browser:
    browser.open('page.html')
    for tab in browser.find_all('[role=tab]'):
        tab.click()
    assert browser.run('return document.documentElement.id') == ''
    metrics = browser.run("return Array.from(document.querySelectorAll('option'), (one) => one.textContent)")
    assert any('</script>' in name for name in metrics), metrics  # the counter of that name
    browser.check()
END
    [ ! -e pwned ]
}

@test "--open: the page is in the recording, and in the browser of the user's choice" {
    setup_browser
    record recording "$PROGRAMS/spin" 0.1
    run -0 --separate-stderr "$PROFINJECT" html --open recording
    [ -z "$output" ]
    [ "$stderr" = "profinject html: report in 'recording/report.html'" ]
    shown 1
    [ "$(cat asked)" = "$PWD/recording/report.html" ]
    [ "$(stat -c %a recording/report.html)" = 600 ]
    python3 "$CHECKS/check_page.py" alone recording/report.html
    "$PROFINJECT" report recording >report.txt # which is no worse for it
    # The first of several that is there, a place for the page, a name that a shell must not read.
    BROWSER="no-such-browser:./fake new %s tab" "$PROFINJECT" html --open -o 'a $(touch pwned) "b.html' recording
    shown 2
    [ "$(tail -n 1 asked)" = "new $PWD/a \$(touch pwned) \"b.html tab" ]
    [ ! -e pwned ]
}

@test "--open of a trace: beside it where that is a recording, as README and --help say; alone: a file in TMPDIR" {
    setup_browser
    record recording "$PROGRAMS/spin" 0.1
    run -0 --separate-stderr "$PROFINJECT" html --open recording/*.pinj
    [ "$stderr" = "profinject html: report in 'recording/report.html'" ]
    shown 1 && rm asked
    "$PROFINJECT" html --help | tr -s ' \n' ' ' | grep -q 'report.html in the recording (of a trace: the one it lies in)'
    grep -q '^recording (of a trace: the one it lies in)' "$ROOT/README.md"
    mv recording/*.pinj lone.pinj
    mkdir temporary
    TMPDIR=$PWD/temporary run -0 --separate-stderr "$PROFINJECT" html --open lone.pinj
    shown 1
    [ "$stderr" = "profinject html: report in '$(cat asked)'" ]
    case $(cat asked) in "$PWD"/temporary/profinject.*.html) ;; *) false ;; esac
    [ "$(stat -c %a "$(cat asked)")" = 600 ]
}

@test "--open follows no link that lies in a recording, and replaces nothing but a page" {
    setup_browser
    record recording "$PROGRAMS/spin" 0.1
    mkdir temporary
    export TMPDIR=$PWD/temporary
    echo mine >victim
    ln -s "$PWD/victim" recording/report.html
    "$PROFINJECT" html --open recording
    shown 1
    rm recording/report.html && mkfifo recording/report.html
    "$PROFINJECT" html --open recording
    shown 2
    [ "$(cat victim)" = mine ]
    [ -p recording/report.html ]
    [ "$(grep -c "^$PWD/temporary/profinject\..*\.html$" asked)" -eq 2 ]
}

@test "--open: quotes of a \$BROWSER's own, several places for the page, nothing left where it failed" {
    setup_browser
    record "re c;x'" "$PROGRAMS/spin" 0.1
    for quote in "'" '"' ''; do
        BROWSER="./fake $quote%s$quote and $quote%s$quote" "$PROFINJECT" html --open "re c;x'"
    done
    shown 3
    [ "$(sort -u asked)" = "$PWD/re c;x'/report.html and $PWD/re c;x'/report.html" ]
    mv re*/*.pinj lone.pinj
    mkdir temporary
    (trap '' XFSZ && ulimit -f 8 && TMPDIR=$PWD/temporary run -1 "$PROFINJECT" html --open lone.pinj)
    [ -z "$(ls temporary)" ]
}

@test "--open where there is no browser: the page is there, and a line says why it is not shown" {
    record recording "$PROGRAMS/spin" 0.1
    BROWSER=no-such-browser run -0 --separate-stderr "$PROFINJECT" html --open recording
    [ "$stderr" = "profinject html: report in 'recording/report.html'; not opened: no command of \$BROWSER is there" ]
    [ -s recording/report.html ]
    mkdir empty
    run -0 --separate-stderr env PATH="$PWD/empty" BROWSER= "$PROFINJECT" html --open -o b.html recording
    [ "$stderr" = "profinject html: report in 'b.html'; not opened: neither \$BROWSER nor xdg-open is there" ]
    printf '#!/bin/sh\ntouch "%s/opened"\n' "$PWD" >empty/xdg-open && chmod +x empty/xdg-open
    run -0 --separate-stderr env PATH="$PWD/empty" BROWSER= DISPLAY= WAYLAND_DISPLAY= \
        "$PROFINJECT" html --open -o b.html recording
    [ "$stderr" = "profinject html: report in 'b.html'; not opened: there is no display, and no \$BROWSER" ]
    [ ! -e opened ]
    run -2 "$PROFINJECT" html --open -o - recording
}

@test "record --open ends in the page; its browser is not profiled" {
    setup_browser
    run -7 --separate-stderr "$PROFINJECT" record --open -o recording -- "$PROGRAMS/spin" 0.1 7
    [ "${#stderr_lines[@]}" -eq 3 ]
    [ "${stderr_lines[2]}" = "profinject record: report in 'recording/report.html'" ]
    shown 1
    [ "$(cat asked)" = "$PWD/recording/report.html" ]
    run -1 grep -E '^(LD_PRELOAD|PROFINJECT_)' its_environment
    # A new recording in its place has no page of the old one; quiet: not a word.
    run -0 --separate-stderr "$PROFINJECT" record --force -o recording -- "$PROGRAMS/spin" 0.1
    [ ! -e recording/report.html ]
    run -0 --separate-stderr "$PROFINJECT" record -q --force --open -o recording -- "$PROGRAMS/spin" 0.1
    [ -z "$stderr" ]
    shown 2
    run -0 --separate-stderr "$PROFINJECT" record -q --open --only nobody -o none -- /bin/true
    [ -z "$stderr" ]
    # Archives hold what is needed to make it.
    "$PROFINJECT" archive -o r.tar recording
    run -1 grep -a report.html r.tar
}

@test "what is not there is said" {
    run -1 "$PROFINJECT" html no-such-recording
    record recording "$PROGRAMS/spin" 0.1
    run -1 "$PROFINJECT" html -o no/such/directory.html recording
    run -1 bash -c '"$PROFINJECT" html recording >/dev/full'
    run -0 bash -c '"$PROFINJECT" html recording | head -c 1'
}

@test "resources: cells are the means of the points, whatever the page rounds; judgement and relations are there" {
    record recording "$PROGRAMS/spin" 1
    "$PROFINJECT" html -o page.html recording
    "$PROFINJECT" export --format json recording >all.json
    "$PROFINJECT" info --json recording >info.json
    python3 - <<'END'
import json, os, sys
sys.path.insert(0, os.environ['CHECKS'])
from page import Page
from page_findings import compare
page = Page('page.html').data
start = min(int(one['properties']['start_monotonic_ns']) for one in json.load(open('info.json'))['per_process'])
at = [start + round(page[key] * 1e9) for key in ('start_s', 'end_s')]
compared = compare(page['resources'], json.load(open('all.json'))['resources'], *at)
assert compared >= 20, compared
named = {one['name']: one for one in page['resources']['series']}
assert named['process.rss']['whose'].startswith('spin (') and named['process.rss']['low'] > 100_000
silent = [one['name'] for one in page['resources']['series'] if not one['value'] and not one['reason']]
assert not silent, silent
assert page['judgement']['verdict'] and page['relations'] is not None
END
    "$PROFINJECT" record --quiet --resources 0 -o none -- "$PROGRAMS/spin" 0.1
    "$PROFINJECT" html -o none.html none
    [ "$(python3 -c "import sys; sys.path.insert(0, '$CHECKS'); from page import Page; print(Page('none.html').data['resources'])")" = None ]
}
