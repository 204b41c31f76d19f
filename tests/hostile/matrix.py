"""Runs the rows of the hostile-process matrix and writes the table of the results.

    matrix.py [ROW_FILE...]

Every test of every row file, or of those given, runs under bats, HOSTILE_ROUNDS (20) times per
clock. A line of the table is one test: what it says it does, the clocks and rounds that went
well, the modes of the heap they were in, the day, the samples taken and lost, and what is
limited, or why it was skipped. Lines of row files that did not run stay as they are. Exit
status 1 when any test failed; the table shows it.
"""
import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE / "README.md"
TAP = re.compile(r"^(not ok|ok) \d+ (.*?)(?: # skip ?(.*))?$")


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = re.search(r"model name\s*: (.*)", info.read())
    return (f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} CPUs, "
            f"Linux {platform.release()}, {' '.join(platform.libc_ver())}")


def run_file(path, notes):
    """Yields (result, test, skip reason) of one file."""
    environment = dict(os.environ, HOSTILE_RESULTS=notes)
    environment.setdefault("HOSTILE_ROUNDS", "20")
    tap = subprocess.run(["bats", "--formatter", "tap", path], env=environment, text=True,
                         stdout=subprocess.PIPE, stderr=sys.stderr, check=False).stdout
    sys.stderr.write(tap)
    found = [m.groups() for m in map(TAP.match, tap.splitlines()) if m]
    return found or [("not ok", "bats could not run the file", None)]


def read_notes(path):
    """test -> ({clock: [rounds, samples, lost]}, [modes of the heap], [limits])"""
    table = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        test, kind, *values = line.split("\t")
        clocks, heaps, limits = table.setdefault(test, ({}, [], []))
        if kind == "limit" and values[0] not in limits:
            limits.append(values[0])
        elif kind == "run":
            sums = clocks.setdefault(values[0], [0, 0, 0])
            if values[3] not in heaps:
                heaps.append(values[3])
            for i, value in enumerate(["1"] + values[1:3]):
                sums[i] += int(value) if value.isdigit() else 0
    return table


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def kept_lines(table, path):
    """What the table has of a row file."""
    return [line for line in table if f"]({path.name}) | " in line]


def lines_of(path, notes):
    for result, test, skipped in run_file(path, notes):
        clocks, heaps, limits = read_notes(notes).get(test, ({}, [], []))
        number = int(re.match(r"row_(\d+)", path.name).group(1))
        words = "skipped: " + (skipped or "no reason given") if skipped is not None else \
            "as without" if result == "ok" else "**fails**"
        what = re.sub(r"^row \d+: ", "", test)
        ran = ", ".join(f"{clock} {sums[0]}" for clock, sums in clocks.items()) or "-"
        lost = sum(sums[2] for sums in clocks.values())
        if clocks:
            limits = [f"{lost} of {sum(s[1] for s in clocks.values())} samples lost"] + limits
        cells = [str(number), f"[{what}]({path.name})", ran, ", ".join(heaps) or "-", str(today()),
                 words, "; ".join(limits) or "-"]
        yield result == "ok", "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def head():
    rows = [line.split("\t") for line in (HERE / "rows.tsv").read_text(encoding="utf-8").splitlines()]
    return ["# What a profiled program can notice", "",
            "Programs that are hard on an injected library run with and without it: stdout, stderr and",
            "exit status must be the same, and the trace must be readable. Made by `make matrix`; do not edit.",
            "", f"Last run on {today()}: {machine()}; 1000 Hz asked.", "",
            "| row | the target | expected |", "|---|---|---|",
            *(f"| {number} | {target} | {expected} |" for number, target, expected in rows), "",
            "| row | test | clock, rounds | heap | run on | result | lost or limited |",
            "|---|---|---|---|---|---|---|"]


def main():
    files = sorted(HERE.glob("row_*.bats"))
    chosen = [pathlib.Path(a).resolve() for a in sys.argv[1:]] or files
    old = TABLE.read_text(encoding="utf-8").splitlines()
    new, well = head(), True
    for path in files:
        if path not in chosen:
            new += kept_lines(old, path)
            continue
        with tempfile.NamedTemporaryFile() as notes:
            for passed, line in lines_of(path, notes.name):
                well = well and passed
                new.append(line)
    TABLE.write_text("\n".join(new) + "\n", encoding="utf-8")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
