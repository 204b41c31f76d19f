"""Totals of one metric as every output tells them: `totals.py PROFINJECT METRIC OUT ARGUMENT...`.

ARGUMENTs are filters, each one word, and recordings. Every output is read by what knows its format alone, and its
own values are added up, never a total that it states. Prints a line for each: name, total.
OUT is a folder to write to; outputs whose reader is not there are left out.
"""

import base64
import gzip
import json
import re
import shutil
import subprocess
import sys

import firefox
import folded

PPROF_NAMES = {"alloc-bytes": "alloc_space", "live-bytes": "inuse_space"}
MILLION = 1_000_000


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Outputs:
    def __init__(self, profinject, metric, out, arguments):
        self.profinject, self.metric, self.out, self.arguments = profinject, metric, out, arguments

    def write(self, name, *command):
        path = f"{self.out}/{name}"
        subprocess.run([self.profinject, *command, "-o", path, *self.arguments], check=True,
                       stderr=subprocess.DEVNULL)
        return path

    def folded(self):
        return folded.total(folded.parse(self.write("folded", "folded", "--metric", self.metric)))

    def diff(self):
        """Of the recording and itself: what was before, and what is now. Of several it is their
        mean."""
        if sum(not argument.startswith("-") for argument in self.arguments) > 1:
            return None
        values = [
            [int(value) for value in line.rsplit(" ", 2)[1:]]
            for line in text_of(self.both()).splitlines()
        ]
        before, after = (sum(column) for column in zip(*values))
        if before != after:
            raise ValueError(f"diff of a recording and itself: {before} and {after}")
        return before

    def both(self):
        path = f"{self.out}/diff"
        subprocess.run([self.profinject, "diff", "--absolute", "--format", "folded", "--metric",
                        self.metric, "-o", path, *self.arguments, self.arguments[-1]],
                       check=True, stderr=subprocess.DEVNULL)
        return path

    def flamegraph(self):
        """Self: what no box above covers. No box is too narrow to be drawn here."""
        svg = text_of(self.write("svg", "flamegraph", "--min-width", "0.000001", "--metric",
                                 self.metric))
        boxes = [tuple(map(int, box)) for box in
                 re.findall(r'data-x="(\d+)" data-v="(\d+)" data-d="(\d+)"', svg)]
        total, covered = 0, {}
        for _, value, depth in boxes:
            covered[depth] = covered.get(depth, 0) + value
        for depth in covered:
            total += covered[depth] - covered.get(depth + 1, 0)
        if boxes and total != boxes[0][1]:
            raise ValueError(f"flamegraph: {total} in boxes, {boxes[0][1]} at the root")
        return total

    def html(self):
        page = text_of(self.write("html", "html"))
        data = re.search(r'<script id="data"[^>]*>(.*?)</script>', page, re.S)[1]
        values = json.loads(gzip.decompress(base64.b64decode(data)))["entries"]["values"]
        column = values.get(self.metric, [])
        return sum(column["value"] if isinstance(column, dict) else column)

    def pprof(self):
        raw = subprocess.run(["go", "tool", "pprof", "-raw", self.write("pprof", "export", "--format", "pprof")],
                             check=True, capture_output=True, text=True).stdout
        samples = raw.split("\nSamples:\n", 1)[1].split("\nLocations\n", 1)[0].splitlines()
        names = [name.split("/")[0] for name in samples[0].split()]
        column = names.index(PPROF_NAMES.get(self.metric, self.metric))
        rows = (re.match(r"((?: *-?\d+)+):", line) for line in samples[1:])
        return sum(int(row[1].split()[column]) for row in rows if row)

    def speedscope(self):
        """Of CPU time, the threads alone must come to the same as all together."""
        with open(self.write("speedscope", "export", "--format", "speedscope"), "rb") as file:
            profiles = json.load(file)["profiles"]
        title = {"cpu": "CPU time (", "wall": "Thread time (", "alloc-bytes": "Allocated bytes (",
                 "live-bytes": "Live bytes at the end ("}[self.metric]
        all_threads = [p for p in profiles if p["name"].startswith(title)]
        threads = [p for p in profiles if not p["name"].endswith(", all threads")]
        totals = [sum(sum(p["weights"]) for p in group)
                  for group in ([all_threads, threads] if self.metric == "cpu" else [all_threads])]
        if len(set(totals)) != 1:
            raise ValueError(f"speedscope: {totals}")
        return totals[0]

    def callgrind(self):
        return sum(callgrind_self(self.write("callgrind", "export", "--format", "callgrind"),
                                  self.metric.replace("-", "_")))

    def firefox(self):
        if self.metric != "cpu":
            return None
        return firefox.check(self.write("firefox", "export", "--format", "firefox"))

    def export_json(self):
        key = {"cpu": "cpu_ns"}.get(self.metric)
        if key is None:
            return None
        with open(self.write("json", "export", "--format", "json"), "rb") as file:
            processes = json.load(file)["processes"]
        return sum(stack[key] for process in processes for stack in process["stacks"])

    def report_json(self):
        with open(self.write("report", "report", "--json", "--top", str(MILLION)), "rb") as file:
            report = json.load(file)
        if self.metric == "cpu":
            return sum(function["self_cpu_ns"] for function in report["functions"])
        key = self.metric.replace("-", "_")
        if self.metric == "wall" or "heap_profile" not in report:
            return None
        return sum(function["self"][key]["value"]
                   for function in report["heap_profile"]["functions"])


def callgrind_self(path, event):
    """Values of one event in all lines of cost, but for those that follow a call."""
    column, after_call = None, False
    for line in text_of(path).splitlines():
        if line.startswith("events: "):
            column = line.split()[1:].index(event)
        elif line.startswith("calls="):
            after_call = True
        elif column is not None and re.match(r"\d", line):
            values = [int(value) for value in line.split()[1:]]
            if not after_call and column < len(values):
                yield values[column]
            after_call = False


def main(profinject, metric, out, *arguments):
    outputs = Outputs(profinject, metric, out, list(arguments))
    readers = [outputs.folded, outputs.diff, outputs.flamegraph, outputs.html, outputs.speedscope,
               outputs.callgrind, outputs.firefox, outputs.export_json, outputs.report_json]
    if shutil.which("go"):
        readers.append(outputs.pprof)
    totals = {reader.__name__: reader() for reader in readers}
    for name, total in totals.items():
        print(name, total)
    told = {total for total in totals.values() if total is not None}
    return 0 if len(told) == 1 and told != {0} else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
