# Programs that must do the same whatever is recorded of their memory. To load after
# `helpers`.
# shellcheck shell=bash

HEAP_MODES='off counters sampled exact'

needs() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# in_mode MODE COMMAND...: bare, or with the library, nothing on stderr silenced.
in_mode() {
    local mode=$1
    shift
    if [ "$mode" = bare ]; then
        "$@"
    else
        env LD_PRELOAD="$LIBRARY" PROFINJECT_HEAP="$mode" PROFINJECT_OUTPUT="$PWD/recording.$mode.%p" "$@"
    fi
}

# same COMMAND [ARGUMENT...]: a command, or function that runs its programs by in_mode "$MODE",
# does the same in every mode: output, errors and exit status.
same() {
    local status
    for MODE in bare $HEAP_MODES; do
        status=0
        "$@" >"$MODE.out" 2>"$MODE.err" || status=$?
        echo "exit status $status" >>"$MODE.out"
        if ! cmp -s bare.out "$MODE.out" || ! cmp -s bare.err "$MODE.err"; then
            echo "not the same with --heap $MODE:"
            diff bare.out "$MODE.out" || true
            diff bare.err "$MODE.err" || true
            return 1
        fi
        [ "$MODE" = bare ] || were_recorded recording."$MODE".*
        rm -rf recording."$MODE".*
    done
}

# were_recorded DIRECTORY...: every trace is whole, nothing was complained of, and no event of
# the exact heap is missing.
were_recorded() {
    [ "$(fact chunks_damaged "$@")" -eq 0 ]
    for directory; do
        [ ! -s "$directory/messages" ] || cat "$directory/messages"
        [ ! -s "$directory/messages" ]
    done
    [ "$MODE" != exact ] ||
        "$PROFINJECT" report --json "$@" | jq -e '[.heap_profile.processes[].lost_events] | add == 0' >/dev/null
}

# python_tests NAME...: of Python's own tests which passed, failed and were skipped.
python_tests() {
    local status=0
    in_mode "$MODE" /usr/bin/python3 -m test -v "$@" >log 2>&1 || status=$?
    grep -oE '^test_[A-Za-z0-9_]+ \(test[^)]*\)|(ok|FAIL|ERROR|skipped .*)$|^Tests result.*' log | sort
    return $status
}

needs_python_tests() {
    /usr/bin/python3 -c 'import test.test_json' 2>/dev/null || skip "Python's own tests (libpython3-testsuite) are not installed"
}

# redis REQUESTS: a server that keeps books on disk, a benchmark, and what is in it then.
redis_work() {
    local requests=$1 client="redis-cli -s $PWD/socket" status=0
    [ -e redis-server ] || ln -s "$(command -v redis-check-rdb)" redis-server # one program, named twice
    rm -f dump.rdb socket
    in_mode "$MODE" ./redis-server --port 0 --unixsocket "$PWD/socket" --dir "$PWD" --save '' \
        --enable-debug-command yes --io-threads 2 >redis.log 2>&1 3>&- &
    local server=$!
    for _ in $(seq 100); do
        [ "$($client ping 2>/dev/null)" = PONG ] && break
        sleep 0.1
    done
    redis-benchmark -s "$PWD/socket" -q -n "$requests" -c 20 -P 4 -t set,get,lpush,lpop,sadd,hset,zadd,lrange_100,mset \
        >benchmark.log 2>&1 || status=$?
    $client flushall
    seq "$requests" | awk '{ print "set k" $1 % 997, $1; print "lpush l" $1 % 7, $1; print "append s" $1 % 13, $1 }' |
        $client >/dev/null
    $client bgsave
    while [ "$($client info persistence | grep -c 'rdb_bgsave_in_progress:1')" -ne 0 ]; do sleep 0.05; done
    $client debug digest
    $client dbsize
    $client info persistence | grep -E 'rdb_last_bgsave_status' | tr -d '\r'
    $client shutdown nosave
    wait $server || status=$?
    redis-check-rdb dump.rdb | grep -E 'Checksum OK|keys read'
    return $status
}

needs_redis() {
    needs redis-benchmark
    needs redis-check-rdb
}
