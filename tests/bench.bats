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

@test "the costs of wait hooks are measured in pairs, and cost nothing where there is no hook" {
    cc -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -o "$BATS_TEST_TMPDIR/wait_costs" "$ROOT/tests/bench/wait_costs.c"
    run -0 "$BATS_TEST_TMPDIR/wait_costs" calls 20
    [ "${#lines[@]}" -eq $((20 * 2 * 14)) ]
    # As found and of libc are the same function here: medians of 20 pairs.
    for row in mutex-lock+unlock,alone sem-post+wait,beside-a-thread; do
        printf '%s\n' "${lines[@]}" | grep "^$row " | awk '{ print $2 / $3 }' | sort -n |
            awk '{ ratio[NR] = $1 } END { print ratio[10]; exit !(ratio[10] > 0.8 && ratio[10] < 1.25) }'
    done
    run -0 "$BATS_TEST_TMPDIR/wait_costs" contended 2 8 1000 1000
    [ "$(printf '%s\n' "${lines[@]}" | awk '$1 == "throughput" && $2 > 0 && $3 > 0' | wc -l)" -eq 2 ]
    run -0 "$BATS_TEST_TMPDIR/wait_costs" handover 2 2
    [ "${#lines[@]}" -eq 2 ]
}
