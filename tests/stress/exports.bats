#!/usr/bin/env bats
# Exports of a million distinct stack nodes: how long each takes (printed, not judged), and that all
# come to the same total.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac

@test "a million stack nodes in every export: seconds each, one total" {
    cd "$BATS_TEST_TMPDIR"
    export XDG_CACHE_HOME=$PWD/cache PYTHONDONTWRITEBYTECODE=1
    "$BUILD/programs/sample_trace" million.pinj 1000000 170000 "$BUILD/profinject"
    for format in json pprof speedscope firefox callgrind; do
        began=$(date +%s%N)
        timeout 600 "$BUILD/profinject" export --format "$format" -o out million.pinj 2>/dev/null
        echo "$format: $((($(date +%s%N) - began) / 1000000)) ms, $(($(stat -c %s out) >> 20)) MiB"
    done
    mkdir totals
    timeout 1200 python3 "$ROOT/tests/commands/totals.py" "$BUILD/profinject" cpu totals million.pinj
}
