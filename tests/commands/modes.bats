#!/usr/bin/env bats
# Programs do the same with --heap off, counters, sampled and exact as without us. More of
# it in tests/stress.

load helpers
load modes

@test "in every mode of the heap: sqlite3" {
    needs sqlite3
    sql="create table t(a integer primary key, b, c text);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
            insert into t select i, (i * 7919) % 1003, hex(i) || 'row' from n;
        select sum(length(c)), count(distinct b), max(c) from t; delete from t where a % 3;
        select group_concat(a) from (select a from t order by c limit 20); select * from none;"
    work() { in_mode "$MODE" sqlite3 :memory: "$sql"; }
    same work
}

@test "in every mode of the heap: g++ makes the same object" {
    needs g++
    printf '%s\n' '#include <map>' '#include <string>' 'std::map<std::string, int> words;' \
        'int add(const char *word) { return ++words[word]; }' 'int wrong' >work.cc
    sed '$d' work.cc >right.cc
    work() {
        in_mode "$MODE" g++ -O1 -pipe -c work.cc -o wrong.o && return 1
        in_mode "$MODE" g++ -O1 -pipe -c right.cc -o right.o
        cksum <right.o
    }
    same work
}

@test "in every mode of the heap: node" {
    needs node
    cat >work.js <<'JS'
const { Worker, isMainThread, parentPort } = require('worker_threads');
const zlib = require('zlib');
function work() {
    const map = new Map();
    for (let i = 0; i < 50000; i++) map.set('k' + i * 7919 % 10007, [i, Buffer.alloc(100, i)]);
    return zlib.deflateSync(JSON.stringify([...map.keys()].sort())).toString('base64').slice(0, 60) + map.size;
}
if (!isMainThread) parentPort.postMessage(work());
else {
    const worker = new Worker(__filename);
    worker.on('message', text => { console.log(text === work(), text); process.exitCode = 3; });
}
JS
    work() { in_mode "$MODE" node work.js; }
    same work
}

@test "in every mode of the heap: redis-server under redis-benchmark" {
    needs_redis
    same redis_work 1000
}

@test "in every mode of the heap: Python's own tests of json" {
    needs_python_tests
    same python_tests test_json
    [ "$(grep -c ' (test' bare.out)" -gt 100 ]
}

# Before the thread that serves it has come to life.
@test "in every mode of the heap: fork and exec at once" {
    needs /usr/bin/python3
    work() {
        in_mode "$MODE" /usr/bin/python3 -S -c "
import os
def run():
    child = os.fork()
    if child == 0:
        os.execl('/bin/true', 'true')
    return os.waitpid(child, 0)[1]
print([run() for i in range(50)])"
    }
    same work
}
