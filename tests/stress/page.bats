#!/usr/bin/env bats
# Alone: it measures. Pages of a million stacks: made, opened, moved about in.

load ../commands/helpers

@test "a million nodes of the calling tree: figures of the page, and that all of it is there" {
    command -v chromedriver >/dev/null || skip "needs chromium-driver"
    /usr/bin/python3 -c 'import selenium' 2>/dev/null || skip "needs python3-selenium"
    "$PROGRAMS/sample_trace" million.pinj 1000000 120000 "$PROFINJECT"
    TIMEFORMAT='%R %U'
    "$PROFINJECT" folded million.pinj >/dev/null # symbols are in the cache from now on
    { time "$PROFINJECT" folded million.pinj >million.folded; } 2>folded.time
    { time "$PROFINJECT" html -o million.html million.pinj; } 2>html.time
    echo "# folded $(cat folded.time), html $(cat html.time) s (wall, user); trace" \
        "$(stat -c %s million.pinj), page $(stat -c %s million.html) bytes" >&3
    python3 - <<'END'
import os, sys
sys.path.insert(0, os.environ['CHECKS'])
from page import Page
page = Page('million.html')
assert page.count > 1_000_000, page.count
assert sum(page.values['samples']) == 1_000_000
folded = dict(line.rstrip('\n').rsplit(' ', 1) for line in open('million.folded'))
assert page.folded('cpu') == {stack: int(value) for stack, value in folded.items()}
assert page.data['slices']['count'] >= 250
END
    /usr/bin/python3 "$ROOT/tests/browser/measure_page.py" million.html >figures.json
    sed 's/^/# /' figures.json >&3
    # What users were promised, with nothing else on the machine.
    busy && skip "more runs than there are processors: figures are above"
    awk '$1 > 3 { exit 1 }' html.time
    jq -e '.open_ms <= 2000 and .pan_frames_per_s >= 30' figures.json
}
