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

# whole PERMILLE COMMAND...: of ten thousand samples a second so many are complete and exact.
whole() {
    local permille=$1
    shift
    "$PROFINJECT" record -q --force -o recording --clock perf -F 10000 -- "$@" >/dev/null 2>&1 </dev/null
    "$PROFINJECT" info --json recording >info.json
    jq -c '{samples, truncated, guessed, broken, unwinding}' info.json
    jq -e --argjson permille "$permille" '.samples > 1000 and
        (.truncated + .guessed + .broken) * 1000 <= .samples * (1000 - $permille) and
        ([.unwinding.incomplete[]] | add) >= ([.truncated, .guessed, .broken] | max)' info.json
}

@test "stacks are whole: 99.9 % of depth 30, depth 500, sqlite3, python3, zstd" {
    whole 999 "$PROGRAMS/recurse" 30 3
    whole 999 "$PROGRAMS/recurse" 500 3
    cat /usr/bin/* 2>/dev/null | head -c 8000000 >data
    ! command -v sqlite3 || whole 999 sqlite3 :memory: "$sql"
    whole 999 "$python" -c "$script"
    ! command -v zstd || whole 999 zstd -q -15 -f -o /dev/null data
}

@test "stacks are whole: 99.5 % of cc1plus, perl, bash, openssl's assembly" {
    ! command -v g++ || whole 995 "$(g++ -print-prog-name=cc1plus)" -quiet -O2 -D_GNU_SOURCE \
        -imultiarch "$(g++ -print-multiarch)" work.cc -o work.s
    ! command -v perl || whole 995 perl -e 'my %h; $h{$_ % 10007} .= chr(65 + $_ % 26) for 1 .. 2000000;
        my $n = 0; $n += () = $h{$_} =~ /A.*?Z/g for sort keys %h'
    whole 995 bash -c 'for ((i = 0; i < 150000; i++)); do s="${s:0:40}$i"; a[i % 100]="${s//1/2}"; done'
    ! command -v openssl || whole 995 openssl speed -seconds 1 sha256 rsa2048 ecdsap256
}
