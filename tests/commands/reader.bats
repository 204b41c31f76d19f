#!/usr/bin/env bats
# Traces as an independent reader has them, written from the format's prose alone
# (tests/reader): everything the analyzer reads or tells is held against it.

load helpers

READER=$ROOT/tests/reader

# take NAME OPTIONS... -- COMMAND...: one recording of all there are to read.
take() {
    local name=$1
    shift
    timeout 60 "$PROFINJECT" record --quiet --output "$name" "$@" >/dev/null
}

setup_file() {
    unset "${!PROFINJECT_@}" LD_PRELOAD
    export RECORDINGS=$BATS_FILE_TMPDIR
    cd "$RECORDINGS" || return 1
    take wall --clock wall -- "$PROGRAMS/regions" 0.2 2
    take waits -- "$PROGRAMS/waiters" 1
    take perf --clock perf --kernel --heap counters --measure-handler -- "$PROGRAMS/regions" 0.2 2
    take itimer --clock itimer --heap off --unwinder fp --max-depth 16 -- "$PROGRAMS/recurse" 40 0.2
    take counters --heap counters -- "$PROGRAMS/alloc_exact" 20
    take sampled --heap-interval 64 -- "$PROGRAMS/alloc_exact" 20
    take exact --heap exact --clock wall -- "$PROGRAMS/alloc_exact" 20
    take leaks --heap exact --leak-scan -- "$PROGRAMS/leaks"
    take mapped -- "$PROGRAMS/mapping_sites"
    take forks --unwinder libunwind -- "$PROGRAMS/fork_tree" 0.05
    take exec --heap exact -- sh -c 'ls / >/dev/null; exec ls -lR /etc'
    take reload -- "$PROGRAMS/reload" "$PROGRAMS/reload_one_plugin.so" \
        "$PROGRAMS/reload_two_plugin.so" 4 2000
    take sqlite --heap-interval 16K -- sqlite3 :memory: 'create table t(a, b);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
        insert into t select i, hex(i) from n; create index u on t(b); select count(*) from t;'
}

@test "both readers agree on every record" {
    run -0 python3 "$READER/compare.py" "$PROGRAMS/tell_records" "$RECORDINGS"/*/*.pinj
    echo "$output"
    # And no kind was missing, but for mappings_lost: what is lost is left to chance.
    for kind in property module module_gone thread thread_totals stacks samples end region counter \
        counts offcpu handler rest unwinding heap heap_until heap_events heap_clock mappings \
        resident memory scan waits scheduling object resource resources; do
        jq -e --arg kind "$kind" '.[$kind] > 0' <<<"$output" || { echo "no $kind"; return 1; }
    done
    jq -e '(.unknown // .damage // .gap // .repeated) == null' <<<"$output"
}

@test "what commands tell is what the records come to" {
    cd "$RECORDINGS" || return 1
    python3 "$READER/check_totals.py" "$PROFINJECT" wall exact
    python3 "$READER/check_totals.py" "$PROFINJECT" waits
    python3 "$READER/check_totals.py" "$PROFINJECT" perf itimer counters sampled leaks mapped forks \
        exec reload sqlite
    python3 "$READER/check_stacks.py" "$PROFINJECT" */*.pinj
}

@test "both readers find what is sound in a damaged trace" {
    for recording in wall exact leaks reload; do
        for trace in "$RECORDINGS/$recording"/*.pinj; do
            echo "$trace"
            python3 "$READER/check_damage.py" "$PROGRAMS/tell_records" "$trace" 20
        done
    done
}

@test "the reader by itself: one line of JSON for each record" {
    run -0 --separate-stderr python3 "$READER/pinj.py" "$RECORDINGS"/mapped/*.pinj
    [ "$(jq -s 'map(select(.record == "end")) | length' <<<"$output")" = 1 ]
    [ "$(jq -r 'select(.record == "property" and .name == "comm").value' <<<"$output" | head -n 1)" = \
        mapping_sites ]
}
