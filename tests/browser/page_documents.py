#!/usr/bin/env python3
"""Documents of the HTML report made by hand, with sums known beforehand, and pages around them.

Its own file because the page is tested with shapes no recording has on demand: hostile names,
3000 threads, stacks of 5000 frames, a million nodes, nothing at all.

usage: page_documents.py NAME OUTPUT [BUILD]
"""

import base64
import gzip
import json
import os
import random
import sys

import resource_documents

NATIVE, INLINED, KERNEL, MARK = range(4)
MS = 1_000_000

HOSTILE = [
    "<script>window.broken = 1</script>",
    "<img src=x onerror=window.broken=1>",
    "quotes \" ' ` & &amp; \\",
    "line\nbreak\tand tab\x00nul\x1b[31m",
    "right \u202eto left\u202c \u2066isolated\u2069",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "replaced \ufffd\ufffd bytes",
    "</script></body>",
    "\U0001f525 fire",
    "x" * 65536,
    "__proto__",
    "constructor",
    "%s%n ${1+1} {{7*7}}",
    "javascript:window.broken=1",
]


class Document:
    """Stacks are tuples of names; places, modules and kinds come from `about`."""

    def __init__(self, title="made by hand", about=None):
        self.title, self.about = title, about or {}
        self.samples = []  # (stack, thread, region, {metric: value}, slice or None)
        self.threads = [("main", 100, 0)]
        self.processes = [("made", 100)]
        self.regions = [""]
        self.metrics = [("cpu", "CPU time", "nanoseconds")]
        self.slice_width, self.slice_count = 0.1, 0
        self.extra = {}

    def add(self, stack, values, thread=0, region=0, time=None):
        self.samples.append((tuple(stack), thread, region, values, time))

    def json(self):
        names = sorted({name for sample in self.samples for name in sample[0]})
        number = {name: i for i, name in enumerate(names)}
        stacks = set()
        for sample in self.samples:
            stacks.update(sample[0][:depth] for depth in range(1, len(sample[0]) + 1))
        nodes = {stack: i for i, stack in enumerate(sorted(stacks), 1)}
        nodes[()] = 0
        order = sorted(nodes.items(), key=lambda item: item[1])[1:]
        return self.document(names, number, nodes, order)

    def entries(self, nodes):
        sums, parts = {}, []
        for stack, thread, region, values, time in self.samples:
            key = (nodes[stack], thread, region)
            entry = sums.setdefault(key, {})
            for metric, value in values.items():
                entry[metric] = entry.get(metric, 0) + value
            if time is not None:
                parts.append((time, key, values.get("cpu", 0), values.get("offcpu", 0)))
        return sorted(sums.items()), sorted(parts)

    def document(self, names, number, nodes, order):
        entries, parts = self.entries(nodes)
        index = {key: i for i, (key, _) in enumerate(entries)}
        about = [self.about.get(name, {}) for name in names]
        files = sorted({a["file"] for a in about if "file" in a})
        modules = sorted({a.get("module", "/usr/bin/made") for a in about})
        metrics = [name for name, _, _ in self.metrics]
        if self.extra.get("diff"):
            metrics += [name + ":before" for name in metrics]
        result = {
            "schema": "profinject-html-1", "generator": "profinject test", "title": self.title,
            "facts": [["wall time", "3.0 s"], ["CPU time", "2.0 s"]], "why": None, "end": None, "part": None,
            "messages": [], "start_s": 0, "end_s": self.slice_count * self.slice_width or 1,
            "metrics": [{"name": n, "title": t, "label": "sampled", "unit": u, "signed": False, "total": 0,
                         "over_time": n in ("cpu", "offcpu", "wall")} for n, t, u in self.metrics],
            "processes": [{"comm": c, "pid": p} for c, p in self.processes],
            "threads": [{"name": n, "tid": t, "process": p} for n, t, p in self.threads],
            "regions": self.regions, "files": files, "modules": modules,
            "labels": {
                "name": names, "file": [files.index(a["file"]) if "file" in a else -1 for a in about],
                "line": [a.get("line", 0) for a in about],
                "module": [modules.index(a.get("module", "/usr/bin/made")) for a in about],
                "kind": [a.get("kind", NATIVE) for a in about], "off": [a.get("off", 0) for a in about]},
            "nodes": {"parent": [0] + [i - nodes[stack[:-1]] for stack, i in order],
                      "label": [0] + [number[stack[-1]] for stack, _ in order]},
            "entries": {
                "node": deltas([key[0] for key, _ in entries]), "thread": [key[1] for key, _ in entries],
                "region": [key[2] for key, _ in entries],
                "values": {metric: column(entries, metric) for metric in metrics}},
            "slices": None, "series": [], "tables": [], "diff": None}
        if parts:
            result["slices"] = {
                "width_s": self.slice_width, "count": self.slice_count, "slice": deltas([p[0] for p in parts]),
                "entry": [index[p[1]] for p in parts], "cpu": [p[2] for p in parts], "off": [p[3] for p in parts]}
        result.update(self.extra)
        return result


def deltas(values):
    return [value - before for value, before in zip(values, [0] + values)]


def column(entries, metric):
    """As the analyzer packs it: sparse where few have a value."""
    values = [values.get(metric, 0) for _, values in entries]
    some = [i for i, value in enumerate(values) if value]
    if len(some) * 3 >= len(values):
        return values
    return {"index": deltas(some), "value": [values[i] for i in some]}


ABOUT = {
    "main": {"file": "made.c", "line": 10}, "load": {"file": "load.c", "line": 20, "module": "/usr/lib/libload.so"},
    "parse": {"file": "load.c", "line": 44, "module": "/usr/lib/libload.so"}, "hash": {"kind": INLINED, "file": "hash.h", "line": 7},
    "sys_read": {"kind": KERNEL, "module": "[kernel]"}, "[off-CPU: lock]": {"kind": MARK, "off": 1},
    "[runnable]": {"kind": MARK, "off": 1}, "[truncated]": {"kind": MARK},
}


def small():
    """Two threads, two regions, 30 slices of 100 ms. main -> load -> parse -> hash, work -> load."""
    d = Document("small", ABOUT)
    d.metrics = [("cpu", "CPU time", "nanoseconds"), ("wall", "Thread time", "nanoseconds"),
                 ("offcpu", "Off-CPU time", "nanoseconds"), ("alloc-bytes", "Allocated bytes", "bytes")]
    d.threads = [("main", 100, 0), ("worker", 101, 0), ("worker", 102, 1)]
    d.processes = [("made", 100), ("child", 102)]
    d.regions = ["", "load/parse"]
    d.slice_count = 30
    for i in range(30):
        cpu = lambda ms: {"cpu": ms * MS, "wall": ms * MS}
        off = lambda ms: {"offcpu": ms * MS, "wall": ms * MS}
        if i < 10:
            d.add(("main", "load", "parse"), cpu(60), region=1, time=i)
            d.add(("main", "load", "parse", "hash"), cpu(30), region=1, time=i)
            d.add(("main", "load", "sys_read"), cpu(10), time=i)
        else:
            d.add(("main", "compute"), cpu(40), time=i)
            d.add(("main", "compute", "main", "hash"), cpu(10), time=i)
            d.add(("main", "wait", "[off-CPU: lock]"), off(50), time=i)
        d.add(("work", "load", "parse"), cpu(20), thread=1 + i % 2, time=i)
    d.add(("main", "load"), {"alloc-bytes": 3 << 20})
    d.add(("work", "compute"), {"alloc-bytes": 1 << 20}, thread=1)
    d.extra["series"] = [
        {"name": "cpu", "title": "CPU", "unit": "cores", "group": "cpu", "label": "sampled",
         "time": [i / 10 for i in range(31)], "value": [1.2 if i < 10 else 0.7 for i in range(31)]},
        {"name": "heap-live", "title": "live heap", "unit": "bytes", "group": "heap", "label": "sampled",
         "time": [i / 5 for i in range(16)], "value": [None if i == 7 else i << 20 for i in range(16)]}]
    d.extra["tables"] = [
        {"name": "heap", "title": "Heap by function", "note": "sampled",
         "columns": [{"title": "live", "unit": "bytes"}, {"title": "allocations", "unit": "count"}, {"title": "function", "unit": "text"}],
         "rows": [[3 << 20, 30, "load"], [1 << 20, 5, "compute"], [None, 7, "no such function"]]},
        {"name": "threads", "title": "Threads", "columns": [{"title": "thread", "unit": "text"}, {"title": "CPU", "unit": "nanoseconds"}],
         "rows": [["main", 1], ["worker", 2]]}]
    d.extra["why"] = "lock-bound: a made-up reason"
    return d.json()


def diff():
    """parse grew from 1 s to 3 s, compute shrank from 2 s to 1 s, hash is gone, main is 4 s from 4 s."""
    d = Document("diff", ABOUT)
    d.extra["diff"] = {"before": "old", "after": "new", "normalised": False, "runs": [1, 1]}
    d.add(("main", "parse"), {"cpu": 3000 * MS, "cpu:before": 1000 * MS})
    d.add(("main", "compute"), {"cpu": 1000 * MS, "cpu:before": 2000 * MS})
    d.add(("main", "hash"), {"cpu:before": 1000 * MS})
    return d.json()


def shares():
    """As `diff` of sides that need not be equally long: parse went from 25 % to 75 %."""
    result = diff()
    result["diff"]["normalised"] = True
    return result


def hostile():
    d = Document("<b>title</b>\u202e", {name: {"file": name[:300], "module": name[:300], "line": 1} for name in HOSTILE})
    d.metrics += [("constructor", HOSTILE[0], "constructor"), ("__proto__", HOSTILE[1], HOSTILE[1]), ("toString", "", "")]
    d.threads = [(name[:200], 100 + i, 0) for i, name in enumerate(HOSTILE)]
    d.processes = [("<i>made</i>", 1), ("\u202emade", 2)]
    d.regions = ["", "<u>region</u>"]
    for i, name in enumerate(HOSTILE):
        d.add(("main", name), {"cpu": 100 * MS}, thread=i, region=i % 2)
        d.add(("main", name, HOSTILE[i - 1]), {"cpu": 50 * MS, "constructor": 7, "__proto__": 8}, thread=i)
    d.extra["facts"] = [[name[:100], name[:100]] for name in HOSTILE[:6]]
    d.extra["why"], d.extra["end"], d.extra["messages"] = HOSTILE[0], HOSTILE[1], HOSTILE[:5]
    d.extra["series"] = [{"name": "a", "title": HOSTILE[0], "unit": HOSTILE[1], "group": HOSTILE[0], "label": HOSTILE[1],
                          "time": [0, 1], "value": [1, 2]}]
    d.extra["tables"] = [{"name": "x y<", "title": HOSTILE[0], "note": HOSTILE[1], "columns": [{"title": HOSTILE[1], "unit": "text"}],
                          "rows": [[name] for name in HOSTILE]}]
    return d.json()


def signed():
    """What one thread allocates another frees: 100 - 60 in a, -25 in b; net 15 MiB, drawn 40."""
    d = Document("signed")
    d.threads.append(("other", 101, 0))
    d.metrics = [("memory-delta", "Memory delta", "bytes"), ("samples", "Samples", "count"), ("cpu", "CPU time", "nanoseconds")]
    d.slice_count = 4
    for stack, thread, mib in ((("main", "a"), 0, 100), (("main", "a"), 1, -60), (("main", "b"), 1, -25)):
        d.add(stack, {"memory-delta": mib << 20, "samples": 2, "cpu": 4 * MS}, thread=thread, time=thread)
    return d.json()


def machine():
    """`small` with what the machine did meanwhile."""
    return resource_documents.findings(small())


def machine_hostile():
    return {**small(), "resources": resource_documents.hostile(HOSTILE)}


def sensorless():
    return {**small(), "resources": resource_documents.of_nothing()}


def cores():
    """Ten minutes of a machine of 256 processors, 2000 slices of 50 functions."""
    d = Document("cores")
    d.slice_width, d.slice_count = 0.3, 2000
    for i in range(2000):
        for j in range(5):
            d.add(("main", f"work_{(i + j) % 50}", "inner"), {"cpu": 60 * MS}, time=i)
    return {**d.json(), "resources": resource_documents.of_many(), "relations": resource_documents.many_relations()}


def empty():
    d = Document("nothing")
    d.metrics, d.threads, d.processes = [], [], []
    return d.json()


def one():
    d = Document("one sample")
    d.slice_count = 1
    d.add(("main",), {"cpu": 4 * MS}, time=0)
    return d.json()


def threads():
    d = Document("threads")
    d.threads = [(f"pool-{i % 7}", 1000 + i, 0) for i in range(3000)]
    d.slice_count = 50
    for i in range(3000):
        d.add(("main", f"work_{i % 40}"), {"cpu": MS}, thread=i, time=i % 50)
    return d.json()


def deep():
    d = Document("deep")
    d.slice_count = 2
    stack = ["main"] + [f"level_{i}" for i in range(4999)]
    nodes = [tuple(stack)]
    d.samples = [(nodes[0], 0, 0, {"cpu": 5 * MS}, 0), (("main", "shallow"), 0, 0, {"cpu": 5 * MS}, 1)]
    return d.json()


def wide(count, seed=1):
    """`count` nodes written straight into the columns: a tree as recordings have them."""
    random.seed(seed)
    parent, label, depth = [0], [0], [0]
    path = [0]
    labels = 5000
    while len(parent) < count:
        cut = min(len(path) - 1, int(random.expovariate(0.35)))
        path = path[:len(path) - cut] or [0]
        for _ in range(random.randint(1, 6)):
            if len(parent) == count or len(path) > 60:
                break
            node = len(parent)
            parent.append(node - path[-1])
            label.append(random.randrange(labels))
            path.append(node)
    d = Document("wide")
    d.add(("main",), {"cpu": MS})
    result = d.json()
    entry_nodes = [i for i in range(1, count) if i % 3 == 0]
    values = [random.randint(1, 20) * MS for _ in entry_nodes]
    result["labels"] = {"name": [f"module_{i % 50}::function_{i}" for i in range(labels)], "file": [-1] * labels, "line": [0] * labels,
                        "module": [i % 50 for i in range(labels)], "kind": [0] * labels, "off": [0] * labels}
    result["modules"] = [f"/usr/lib/lib{i}.so" for i in range(50)]
    result["nodes"] = {"parent": parent, "label": label}
    result["entries"] = {"node": deltas(entry_nodes), "thread": [0] * len(values), "region": [0] * len(values), "values": {"cpu": values}}
    order = sorted(range(len(values)), key=lambda i: (i * 7919) % 1500)
    result["end_s"] = 30
    result["slices"] = {"width_s": 0.02, "count": 1500, "slice": deltas([(i * 7919) % 1500 for i in order]), "entry": order,
                        "cpu": [values[i] for i in order], "off": [0] * len(order)}
    return result


DOCUMENTS = {"small": small, "machine": machine, "machine_hostile": machine_hostile, "sensorless": sensorless, "cores": cores, "diff": diff, "shares": shares, "hostile": hostile, "signed": signed, "empty": empty, "one": one, "threads": threads, "deep": deep,
             "wide": lambda: wide(100_000), "million": lambda: wide(1_000_000)}


def page(document, build):
    """The page as the analyzer puts it together, from the same parts."""
    part = lambda name: open(os.path.join(build, "page", name), encoding="utf-8").read()
    data = base64.b64encode(gzip.compress(json.dumps(document, separators=(",", ":")).encode("utf-8", "surrogatepass"), 6)).decode()
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    return ("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
            f"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\"><title>x</title>"
            f"<style>{part('page.css')}</style></head><body>{part('page.html')}"
            f"<script id=\"data\" type=\"application/octet-stream\">{data}</script>"
            f"<script>{part('dygraphs.js')}</script><script>{part('page.js')}</script></body></html>")


def main():
    name, output = sys.argv[1:3]
    build = sys.argv[3] if len(sys.argv) > 3 else os.environ.get("BUILD", "build")
    with open(output, "w", encoding="utf-8", errors="surrogatepass") as out:
        out.write(page(DOCUMENTS[name](), build))


if __name__ == "__main__":
    main()
