"""The programs that are profiled: fixed work each, about a CPU second at full size."""

import glob
import os
import shutil

SQL = """create table t(a integer primary key, b integer, c text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows})
    insert into t select i, (i * 7919) % 100003, 'row' || i from n;
create index tb on t(b);
select sum(length(c)), count(distinct b) from t;
select count(*) from t x join t y on x.b = y.a where y.c like '%99%';
select b % 97, max(c), sum(a) from t group by 1 order by 2 limit 3;
"""

PYTHON = """import json, re
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
for turn in range({turns}):
    count = {{}}
    for i in range(60000): count[f"w{{i * 7919 % 10007}}"] = i
    assert json.loads(json.dumps(count)) == count
    print(fib(22), len(re.findall(r"w\\d*9+", " ".join(count))))
"""

CXX = """{more}#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <variant>
#include <vector>
template <int N> struct row {{ std::map<std::string, std::tuple<int, std::vector<row<N - 1>>>> cells; }};
template <> struct row<0> {{ std::variant<int, std::string> value; }};
int main()
{{
    row<{depth}> deep;
    std::vector<std::string> words{{"b", "a"}};
    std::sort(words.begin(), words.end());
    return (int)(words[0].size() + deep.cells.size());
}}
"""


class Workload:
    """A command, and whether it prints the truth about its threads and functions."""

    def __init__(self, key, title, command, knows_split=False):
        self.key, self.title, self.command, self.knows_split = key, title, command, knows_split

    def shorter(self, _part):
        """The command for about that part of the work, and which part it is; here there is but the whole."""
        return self.command, 1


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def data_file(path, size):
    """Bytes with structure: this machine's libraries, again and again where they are too few."""
    libraries = sorted({os.path.realpath(name) for name in glob.glob("/usr/lib/*/lib*.so.*")})
    with open(path, "wb") as file:
        while file.tell() < size:
            for name in libraries:
                with open(name, "rb") as library:
                    file.write(library.read(size - file.tell()))
    return path


def python():
    """A python3 that is the interpreter itself, not a script that starts one."""
    return "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else shutil.which("python3")


def make_workloads(directory, work, size):
    """Every workload whose program is installed, by its full path (gprofng looks for none);
    `size` 1 is about a CPU second."""
    sql = write(directory, "work.sql", SQL.format(rows=int(450000 * size)))
    script = write(directory, "work.py", PYTHON.format(turns=max(1, round(40 * size))))
    source = write(directory, "work.cc", CXX.format(depth=12, more="#include <regex>\n" if size >= 1 else ""))
    data = data_file(os.path.join(directory, "data"), int(6 * size * 2 ** 20))
    big = data_file(os.path.join(directory, "big"), 100 * 2 ** 20)
    every = [
        Workload("W1", "4 threads, depth 30", [work, "split", str(int(900 * size))], True),
        Workload("W3", "recursion, 500 deep", [work, "deep", str(int(900 * size))]),
        Workload("W4", "sqlite3, in memory", ["sqlite3", "-bail", ":memory:", f".read {sql}"]),
        Workload("W5", "python3", [python(), "-S", script]),
        Workload("W6", "zstd -15", ["zstd", "-q", "-15", "--single-thread", "-f", data, "-o",
                                    os.path.join(directory, "data.zst")]),
        Workload("W7", "g++, templates", ["g++", "-std=c++17", "-c", source, "-o",
                                          os.path.join(directory, "work.o")]),
        Workload("W8", "openssl sha512 (assembly)",
                 ["openssl", "dgst", "-sha512"] + [big] * max(1, round(5 * size))),
    ]
    for one in every:
        one.command[0] = shutil.which(one.command[0] or "")
    return [one for one in every if one.command[0]]
