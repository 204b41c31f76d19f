#!/usr/bin/env bats
# Real programs do under the profiler what they do without it: same output, same
# exit status; and nearly all their stacks are complete.

load helpers

# same_as_bare COMMAND...: runs COMMAND bare, through `record` and through LD_PRELOAD
# and compares stdout, stderr and exit status.
same_as_bare() {
    local status=0
    "$@" >bare.out 2>bare.err </dev/null || status=$?
    run_twice "$status" "$@"
    cmp bare.out record.out && cmp bare.out preload.out
    cmp bare.err record.err && cmp bare.err preload.err
    complete
}

run_twice() {
    local expected=$1 status=0
    shift
    record recorded "$@" >record.out 2>record.err </dev/null || status=$?
    [ "$status" -eq "$expected" ]
    status=0
    preloaded "$PWD/preloaded" "$@" >preload.out 2>preload.err </dev/null || status=$?
    [ "$status" -eq "$expected" ]
}

# At least 99.5 % of all samples have complete stacks without a guessed frame; the
# others are shown.
complete() {
    "$PROFINJECT" info --json recorded preloaded >info.json
    "$PROFINJECT" export --format json recorded preloaded |
        jq -c '.processes[].stacks[].frames | select(.[0].symbol[:1] == "[" or any(.[]; .guessed))
               | map(.symbol + (if .guessed then " (guessed)" else "" end))'
    run -0 jq -e '
        [.samples, .lost, .truncated, .guessed, (.broken // 0)] as [$n, $lost, $t, $g, $b]
        | "\($n) samples, \($lost) lost, \($t) truncated, \($g) guessed, \($b) broken",
          ($n >= 100 and $lost == 0 and ($t + $g + $b) <= $n * 0.005)' info.json
}

@test "python3" {
    cat >heavy.py <<'PY'
import json, re, sys, threading, zlib
def words(n):
    return [f"w{(i * 7919) % 10007}" for i in range(n)]
def count(result):
    table = {}
    for word in words(400000):
        table[word] = table.get(word, 0) + 1
    result.append(json.dumps(sorted(table.items())[:50]))
results = []
threads = [threading.Thread(target=count, args=(results,)) for _ in range(3)]
for t in threads: t.start()
for t in threads: t.join()
text = " ".join(words(700000))
print(results[0] == results[1] == results[2], len(re.findall(r"w(\d)\1", text)))
print(zlib.crc32(zlib.compress(text.encode(), 9)))
try:
    raise KeyError("expected")
except KeyError as e:
    print(repr(e))
sys.exit(3)
PY
    same_as_bare /usr/bin/python3 heavy.py
}

@test "sqlite3 with a heavy script" {
    cat >heavy.sql <<'SQL'
CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
    INSERT INTO t SELECT i, (i * 7919) % 10007, 'text ' || (i % 997) FROM n;
CREATE INDEX t_a ON t(a);
CREATE INDEX t_b ON t(b);
SELECT count(*), sum(a), min(b), max(b) FROM t;
SELECT b, count(*), avg(a) FROM t GROUP BY b ORDER BY 3 DESC, 1 LIMIT 20;
SELECT count(*) FROM t x JOIN t y ON x.a = y.id WHERE y.b LIKE '%7%';
DELETE FROM t WHERE a % 3 = 0;
SELECT count(*), total(length(b)) FROM t;
PRAGMA integrity_check;
SQL
    same_as_bare sqlite3 :memory: '.read heavy.sql'
}

@test "zstd -T2" {
    awk 'BEGIN { for (i = 0; i < 1500000; i++) print i * 7919 % 100003, "some text", i % 977 }' >input
    same_as_bare zstd -q -T2 -12 -c input
    zstd -q -d <record.out | cmp - input
}

@test "g++ on a template-heavy file" {
    cat >heavy.cc <<'CC'
#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <tuple>
#include <variant>
#include <vector>
template <int N> struct Sum { template <class T> static T of(T x) { return x + Sum<N - 1>::of(x); } };
template <> struct Sum<0> { template <class T> static T of(T x) { return x; } };
template <class... T> auto all(T... t) { return std::make_tuple(Sum<100>::of(t)...); }
int main(int argc, char **argv)
{
    std::map<std::string, std::vector<std::variant<int, double, std::string>>> table;
    std::regex expression("(a|b)*c");
    for (int i = 0; i < argc; i++)
        if (std::regex_match(argv[i], expression))
            table[argv[i]].push_back(i);
    auto sums = all(1, 2.0, 3L, 4.0f, short(5));
    std::function<int(int)> f = [&](int x) { return x + std::get<0>(sums); };
    return f(static_cast<int>(table.size()));
}
CC
    same_as_bare g++ -std=c++17 -O1 -S -o - heavy.cc
}

@test "perl" {
    cat >heavy.pl <<'PL'
use strict; use warnings;
my (%count, $text);
for my $i (1 .. 1200000) { my $w = "w" . ($i * 7919 % 10007); $count{$w}++; $text .= "$w "; }
my @top = (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0 .. 9];
print join(",", map { "$_=$count{$_}" } @top), "\n";
my $n = () = $text =~ /w(\d)\1/g;
print "$n\n", length(join "", map { sprintf "%05d", $_ * 3 } 1 .. 300000), "\n";
warn "to stderr\n";
exit 7;
PL
    same_as_bare perl heavy.pl
}

@test "bash" {
    cat >heavy.sh <<'SH'
declare -A count
for ((i = 0; i < 200000; i++)); do
    key=k$((i * 7919 % 101)); count[$key]=$((${count[$key]:-0} + 1))
done
for key in "${!count[@]}"; do echo "$key ${count[$key]}"; done | sort
text=$(for ((i = 0; i < 2000; i++)); do printf 'line %d\n' "$i"; done)
echo "${#text} ${text//line/x}" | cksum
for i in 1 2 3 4 5; do (: "$i"; exit "$i"); echo $?; done
echo last >&2
exit 5
SH
    same_as_bare bash heavy.sh
}

@test "openssl speed (its figures aside)" {
    openssl speed -seconds 1 -bytes 1024 sha256 >bare.out 2>bare.err
    run_twice 0 openssl speed -seconds 1 -bytes 1024 sha256
    complete
}

@test "git log on a repository" {
    # A history of 20000 commits over 40 files, made in one go.
    git init -q repository
    awk 'BEGIN {
        for (i = 1; i <= 20000; i++) {
            printf "commit refs/heads/main\ncommitter A <a@example.org> %d +0000\n", 1600000000 + i
            printf "data <<END\ncommit %d\nEND\nM 100644 inline file%d\ndata <<END\n", i, i % 40
            for (j = 0; j < 60; j++) printf "line %d\n", (j * j + (j % 7 == i % 7 ? i : 0)) % 1000
            print "END\n"
        }
    }' | git -C repository fast-import --quiet
    same_as_bare git -C repository log -p --stat main
}

@test "a program that dies by a signal: record says 128 + N, the target's end is noted" {
    # The process that becomes spin is killed from outside: what it ran until then is there.
    TIMEFORMAT=%U
    for signal in SEGV KILL; do
        status=0
        ran=$({ time record "recording$signal" bash -c \
            "(sleep 3; kill -$signal \$\$) & exec '$PROGRAMS/spin' 60" 2>/dev/null; } 2>&1) || status=$?
        [ "$status" -eq $((128 + $(kill -l $signal))) ]
        [ "$(fact exit "recording$signal")" = "signal $(kill -l $signal)" ]
        echo "$(sampled "recording$signal") ms of $ran s"
        awk "BEGIN { exit !($(sampled "recording$signal") > 800 * $ran && $ran > 0) }"
    done
}

@test "standard streams are the target's own" {
    echo hello >input
    run -0 --separate-stderr record recording cat <input
    [ "$output" = hello ]
    [ -z "$stderr" ]
}

@test "SIGPROF is the program's own as far as it can see, and main may end by pthread_exit" {
    "$PROGRAMS/leaving_main" >bare.out
    run_twice 0 timeout -k 1 10 "$PROGRAMS/leaving_main"
    [ "$(cat bare.out)" = "$(printf 'errno 0\nhandled 1')" ]
    cmp bare.out record.out && cmp bare.out preload.out
    [ "$(fact exit recorded)" = "exit 0" ]
}

@test "a program that sets every signal to its default, as sort does, lives on" {
    awk 'BEGIN { for (i = 1; i <= 400000; i++) print (i * 7919) % 1000003 }' >numbers
    sort -n numbers >bare.out
    run_twice 0 sort -n numbers
    cmp bare.out record.out && cmp bare.out preload.out
}
