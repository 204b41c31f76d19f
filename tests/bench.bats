#!/usr/bin/env bats
# What `make bench` computes. The comparison itself takes minutes and is no test.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)

@test "the comparison's intervals, readers and errors give known answers" {
    run -0 env PYTHONDONTWRITEBYTECODE=1 python3 "$ROOT/tests/bench/test_bench.py"
}

@test "README's summary is replaced between its markers, and nothing else" {
    printf 'before\n<!-- summary -->\nnew\n\n<!-- end of summary -->\nafter\n' >"$BATS_TEST_TMPDIR/bench.md"
    printf 'a\n<!-- bench: copied from build/bench.md by tests/bench/quote.py -->\nold\n<!-- end of bench -->\nb\n' \
        >"$BATS_TEST_TMPDIR/README.md"
    run -0 python3 "$ROOT/tests/bench/quote.py" "$BATS_TEST_TMPDIR/bench.md" "$BATS_TEST_TMPDIR/README.md"
    [ "$(sed -n 3p "$BATS_TEST_TMPDIR/README.md")" = new ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/README.md")" -eq 5 ]
    [ "$(tail -n 1 "$BATS_TEST_TMPDIR/README.md")" = b ]
}
