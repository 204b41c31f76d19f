#!/usr/bin/env bats
# As tests/commands/differential.bats: more programs, for longer.

load ../commands/helpers
load ../differential/differential

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    build_differ
    python=$(PATH=/usr/bin:$PATH command -v python3)
    cat >work.cc <<'CXX'
#include <algorithm>
#include <map>
#include <regex>
#include <string>
int main() { std::map<std::string, std::regex> m; m.emplace("a", "b+"); return (int)m.size(); }
CXX
    sql="create table t(a integer primary key, b integer, c text);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000)
        insert into t select i, (i * 7919) % 100003, 'row' || i from n; create index tb on t(b);
        select count(*) from t x join t y on x.b = y.a where y.c like '%99%';"
    script='import json, re
for i in range(60): json.loads(json.dumps({str(k): k for k in range(20000)})), re.findall("a+b", "aab" * 10000)'
}

needs() {
    command -v "$1" >/dev/null || skip "no $1"
}

@test "sqlite3" {
    needs sqlite3
    all_agree 100 sqlite3 :memory: "$sql"
    gdb_agrees 20 sqlite3 :memory: "$sql"
}

@test "python3" {
    all_agree 100 "$python" -c "$script"
    gdb_agrees 100 "$python" -c "$script"
}

@test "cc1plus" {
    needs g++
    cc1plus=$(g++ -print-prog-name=cc1plus)
    machine=$(g++ -print-multiarch)
    all_agree 100 "$cc1plus" -quiet -O2 -D_GNU_SOURCE -imultiarch "$machine" work.cc -o work.s
    gdb_agrees 50 "$cc1plus" -quiet -O2 -D_GNU_SOURCE -imultiarch "$machine" work.cc -o work.s
}

@test "git" {
    needs git
    git init -q repository
    for i in $(seq 40); do
        seq "$i" 3000 >repository/file
        git -C repository add file
        git -C repository -c user.name=a -c user.email=a@b commit -qm "$i"
    done
    all_agree 20 git -C repository log -p --stat
}

@test "zstd, openssl" {
    needs zstd
    cat /usr/bin/* 2>/dev/null | head -c 8000000 >data
    all_agree 100 zstd -q -15 -f -o /dev/null data
    needs openssl
    all_agree 100 openssl speed -seconds 1 sha256 rsa2048
}
