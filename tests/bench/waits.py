"""Where a known program waits, by profinject and by the tools at hand: what each finds, and its cost.

    waits.py BUILD [ROUNDS]         (`ONLY=waits make bench` builds and runs it)

The target's threads wait in line for one mutex, sleep with it, and measure themselves; how much of
that a tool finds is told as found / true. `gprofng -s` traces synchronisation, `perf sched` the scheduler
(it tells blocked from ready to run, not what for), `perf trace` and `strace -c` system calls.
"""

import json
import os
import re
import shutil
import sys
import tempfile

import measure

ROUNDS = 5
SECONDS = "2"


class Truth:
    """Seconds of the target's threads by kind, and waits, as its lines tell."""

    def __init__(self, text):
        rows = [line.split("\t") for line in text.splitlines()]
        kinds = [row for row in rows if row[0] == "kind"]
        self.seconds = {kind: sum((int(row[5]) + int(row[6])) / 2e9 for row in kinds if row[2] == kind)
                        for kind in ("mutex", "sleep", "join")}
        self.waits = {kind: sum(int(row[4]) for row in kinds if row[2] == kind) for kind in ("mutex", "sleep")}
        self.runnable = sum(int(row[5]) for row in rows if row[0] == "thread") / 1e9


def profinject_command(build, target):
    return [os.path.join(build, "profinject"), "record", "-q", "-o", "recording", "--", *target]


def of_profinject(build):
    report = json.loads(measure.run([os.path.join(build, "profinject"), "report", "--json", "recording"]).output)
    waits = report["waits"]
    kinds = {row["kind"]: row for row in waits["kinds"]}
    lock = waits["locks"][0]
    return {"mutex": kinds["mutex"]["seconds"], "sleep": kinds["sleep"]["seconds"],
            "runnable": sum(row["runnable"] for row in waits["threads"]),
            "waits": kinds["mutex"]["count"], "names": f"{lock['name']}, holders"}


def of_gprofng(_):
    text = measure.run(["gprofng", "display", "text", "-metrics", "e.sync:e.syncn:name", "-functions", "run.er"]).output
    seconds, count = re.search(r"^\s*([\d.]+)\s+(\d+)\s+<Total>", text, re.M).groups()
    return {"mutex": float(seconds), "waits": int(count), "names": "stacks"}


def of_perf_sched(_):
    text = measure.run(["perf", "sched", "timehist", "-i", "perf.data"]).output
    rows = re.findall(r"(?:convoy-\d|wait_targets)\[\d+(?:/\d+)?\]\s+([\d.]+)\s+([\d.]+)\s+[\d.]+", text)
    return {"blocked": sum(float(row[0]) for row in rows) / 1e3,
            "runnable": sum(float(row[1]) for row in rows) / 1e3, "names": "-"}


def of_perf_trace(_):
    with open("trace.txt", encoding="utf-8") as file:
        rows = re.findall(r"^\s+(futex|clock_nanosleep)\s+(\d+)\s+\d+\s+([\d.]+)", file.read(), re.M)
    sums = {name: sum(float(row[2]) for row in rows if row[0] == name) / 1e3 for name in ("futex", "clock_nanosleep")}
    return {"futex": sums["futex"], "sleep": sums["clock_nanosleep"], "names": "-",
            "waits": sum(int(row[1]) for row in rows if row[0] == "futex")}


def of_strace(_):
    with open("calls.txt", encoding="utf-8") as file:
        counts = dict((name, int(count)) for count, name in
                      re.findall(r"(\d+)(?:\s+\d+)?\s+(futex|clock_nanosleep)$", file.read(), re.M))
    return {"waits": counts.get("futex", 0), "names": "-"}


TOOLS = [
    ("bare", None, lambda build, target: target, None),
    ("profinject", None, profinject_command, of_profinject),
    ("gprofng -s", "gprofng", lambda build, target: ["gprofng", "collect", "app", "-s", "on", "-O", "run.er", *target],
     of_gprofng),
    ("perf sched", "perf", lambda build, target: ["perf", "sched", "record", "-o", "perf.data", *target], of_perf_sched),
    ("perf trace -s", "perf", lambda build, target: ["perf", "trace", "-s", "-o", "trace.txt", *target], of_perf_trace),
    ("strace -c", "strace", lambda build, target: ["strace", "-f", "-c", "-o", "calls.txt", *target], of_strace),
]


def one_round(build, target, tool):
    """(run, what was found) in a directory of its own."""
    _, _, command, look = tool
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        try:
            done = measure.run(command(build, target))
            truth = Truth(done.output)
            found = look(build) if look else {}
        finally:
            os.chdir(here)
    return done, truth, found


def shares(found, truth):
    true = dict(truth.seconds, runnable=truth.runnable, waits=truth.waits["mutex"],
                futex=truth.seconds["mutex"] + truth.seconds["join"], blocked=sum(truth.seconds.values()))
    return {key: value / true[key] for key, value in found.items() if key != "names" and true[key]}


def row_of(name, rounds, bare):
    found = [shares(one[2], one[1]) for one in rounds]
    cells = [f"{measure.median([one[0].cpu for one in rounds]) * 1e3:.0f}",
             measure.ratio_cell([one[0].cpu / other[0].cpu for one, other in zip(rounds, bare)])]
    for keys in (("mutex", "futex"), ("sleep",), ("blocked",), ("runnable",), ("waits",)):
        key = next((key for key in keys if found[0].get(key) is not None), None)
        cells.append(measure.ratio_cell([one[key] for one in found]) + (" (futex)" if key == "futex" else "")
                     if key else "-")
    return [name, *cells, rounds[0][2].get("names", "-")]


def main():
    build = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    target = [os.path.join(build, "programs", "wait_targets"), "convoy", SECONDS]
    rounds, why = {}, {}
    for _ in range(count):
        for tool in TOOLS:
            if tool[1] and not shutil.which(tool[1]):
                why[tool[0]] = "not installed"
            if tool[0] in why:
                continue
            try:
                rounds.setdefault(tool[0], []).append(one_round(build, target, tool))
            except (measure.Failed, AttributeError, OSError, ValueError) as error:
                why[tool[0]] = f"does not run here: {error}"
    rows = [row_of(name, rounds[name], rounds["bare"]) if name in rounds and name not in why
            else [name, why[name], *["-"] * 7] for name, *_ in TOOLS]
    print(measure.table(["tool", "CPU, ms", "CPU, ratio to bare", "lock", "sleep", "blocked, all", "runnable",
                         "lock waits counted", "names the lock"], rows))


main()
