#!/usr/bin/env bats
# What tests/commands/modes.bats does, at length.

load ../commands/helpers
load ../commands/modes

# share COUNT: of it, one part in STRESS_DIVISOR.
share() {
    echo $(($1 / ${STRESS_DIVISOR:-1}))
}

@test "in every mode of the heap, at length: sqlite3" {
    needs sqlite3
    sql="create table t(a integer primary key, b, c text);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < $(share 400000))
            insert into t select i, (i * 7919) % 100003, hex(i) || 'row' from n;
        create index tb on t(b); select sum(length(c)), count(distinct b) from t;
        select b % 97, max(c), sum(a), group_concat(a % 10, '') from t group by 1 order by 2 limit 5;
        delete from t where a % 3; vacuum; select count(*) from t x join t y on x.b = y.a;"
    work() { in_mode "$MODE" sqlite3 file.db "$sql" && cksum <file.db && rm file.db; }
    same work
}

@test "in every mode of the heap, at length: g++ makes the same object" {
    needs g++
    printf '%s\n' '#include <algorithm>' '#include <iostream>' '#include <map>' '#include <regex>' \
        '#include <string>' 'std::map<std::string, std::regex> all;' \
        'int main(int, char **v) { std::cout << all[v[0]].mark_count(); return 0; }' >work.cc
    work() { in_mode "$MODE" g++ -std=c++17 -O2 -pipe -c work.cc -o work.o && cksum <work.o; }
    same work
}

@test "in every mode of the heap, at length: node" {
    needs node
    cat >work.js <<'JS'
const { Worker, isMainThread, parentPort } = require('worker_threads');
const { execFileSync } = require('child_process');
const zlib = require('zlib'), crypto = require('crypto');
function work() {
    const hash = crypto.createHash('sha256');
    for (let round = 0; round < 20; round++) {
        const map = new Map();
        for (let i = 0; i < 50000; i++) map.set('k' + i * 7919 % 10007, [i, Buffer.alloc(100, i)]);
        hash.update(zlib.gzipSync(JSON.stringify([...map.keys()].sort())).subarray(10));
    }
    return hash.digest('hex');
}
if (!isMainThread) parentPort.postMessage(work());
else {
    let left = 4;
    for (let i = 0; i < left; i++)
        new Worker(__filename).on('message', text => {
            console.log(text === work(), text);
            if (--left === 0) console.log(execFileSync('sh', ['-c', 'echo child']).toString());
        });
}
JS
    work() { in_mode "$MODE" node work.js; }
    same work
}

@test "in every mode of the heap, at length: redis-server under redis-benchmark" {
    needs_redis
    same redis_work "$(share 50000)"
}

@test "in every mode of the heap, at length: Python's own tests of json, re, threads and children" {
    needs_python_tests
    same python_tests test_json test_re test_threading test_subprocess
    [ "$(grep -c ' (test' bare.out)" -gt 700 ]
}
