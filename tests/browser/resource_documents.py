"""Documents of the HTML report with resources, made by hand: few and many, unavailable and hostile.

Its own file beside page_documents.py because these are curves over time instead of stacks.
"""

import math

HZ = 10


def series(name, value=None, unit="%", group="Processors", **about):
    """As the analyzer tells one: what nothing is said of is of the machine, and one alone."""
    result = {"name": name, "subject": None, "whose": None, "unit": unit, "group": group, "about": "what it is",
              "reason": None, "scope": "machine", "process": -1, "thread": -1, "of": 0, "every": 1,
              "mean": None, "low": None, "high": None, "value": value, "least": None, "most": None}
    result.update(about)
    known = [v for v in (result["least"] or []) + (result["most"] or []) + (value or []) if v is not None]
    if known:
        result.update(mean=sum(known) / len(known), low=min(known), high=max(known))
    return result


def resources(rows, cells=30, cell_s=0.1, left_out=0):
    return {"start_s": 0, "cell_s": cell_s, "cells": cells, "left_out": left_out, "series": rows}


def of_small():
    """Over the three seconds of `small`: busy while it loads, then not; a disk, gaps, constants, reasons."""
    first = lambda low, high: [high if i < 10 else low for i in range(30)]
    gap = [None if 12 <= i < 15 else 10 + i for i in range(30)]
    return resources([
        series("cpu.busy", first(20, 80), about="of all processors' time"),
        series("cpu.iowait", first(1, 2)),
        series("cpu.interrupts", [90000 + i for i in range(30)], "1/s"),
        series("cpu.switches", [100 * i for i in range(30)], "1/s"),
        series("load.1", [1.5] * 30, "threads"),
        series("memory.total", [16 << 30] * 30, "bytes", "Memory"),
        series("memory.available", [(8 << 30) - (i << 20) for i in range(30)], "bytes", "Memory"),
        series("memory.dirty", [i << 20 for i in range(30)], "bytes", "Memory"),
        series("memory.swap", [0] * 30, "bytes", "Memory"),
        series("disk.read", first(0, 50 << 20), "bytes/s", "Disks", subject="sda",
               least=first(0, 40 << 20), most=first(1 << 20, 90 << 20)),
        series("disk.written", gap, "bytes/s", "Disks", subject="sda"),
        series("cpu.temperature", None, "degC", "Temperature and power", reason="no sensor"),
        series("power.package", None, "W", "Temperature and power", subject="package-0", reason="permission denied"),
        series("process.rss", [(i + 1) << 20 for i in range(30)], "bytes", "Processes", scope="process", process=0,
               whose="made (100)"),
        series("thread.cpu", first(50, 100), "%", "Threads", scope="thread", process=0, thread=0, whose="main (100)"),
        series("thread.cpu", [20] * 30, "%", "Threads", scope="thread", process=0, thread=1, whose="worker (101)"),
    ], left_out=3)


def hostile(names):
    """Names, units, groups and reasons that are markup and marks; and none of them draws itself."""
    wave = [math.sin(i) for i in range(30)]
    rows = [series(name[:300], wave, name[:300], name[:300], subject=name[:300], whose=names[0], about=name[:300])
            for name in names]
    rows += [series(name[:300], None, "%", names[0], subject=name[:300], reason=name[:300]) for name in names]
    return resources(rows)


def of_nothing():
    """Where nothing can be read: no charts, reasons alone."""
    return resources([series("cpu.busy", None, reason="no /proc"), series("disk.read", None, "bytes/s", "Disks", reason="no /proc")])


def family(name, count, value, unit="%", group="Processors", cells=600, **about):
    """`count` of a kind over 600 cells, and what is told of all: value(member, second) of each."""
    every = 4
    members = [[round(value(m, i * every), 1) for i in range(cells // every)] for m in range(count)]
    columns = [[member[i // every] for member in members] for i in range(cells)]
    rows = [series(name, [round(sum(c) / count, 1) for c in columns], unit, group, of=count,
                   least=[min(c) for c in columns], most=[max(c) for c in columns], **about)]
    rows += [series(name, values, unit, group, subject=f"cpu{m}", every=every, **about)
             for m, values in enumerate(members)]
    return rows


def of_many(seconds=600):
    """A machine of 256 processors for ten minutes: as the analyzer tells of 6000 points of each."""
    busy = lambda m, i: 100 * max(0, math.sin(m / 40 + i / 60)) ** 2
    mhz = lambda m, i: 2000 + 8 * m % 700 + 500 * math.sin(i / 30)
    wave = lambda size, pace: [round(size * (1 + math.sin(i / pace)), 1) for i in range(600)]
    rows = [series(f"cpu.{what}", wave(50 / (n + 1), 20 + n)) for n, what in
            enumerate(("busy", "user", "system", "irq", "iowait", "steal"))]
    rows += family("cpu.core", 256, busy) + family("cpu.mhz", 256, mhz, "MHz")
    for what in ("available", "free", "cached", "dirty"):
        rows.append(series("memory." + what, wave(100 << 30, 33), "bytes", "Memory", least=wave(90 << 30, 33), most=wave(110 << 30, 33)))
    for disk in ("nvme0n1", "nvme1n1", "sda", "sdb"):
        for what in ("read", "written"):
            rows.append(series("disk." + what, wave(1 << 30, 7), "bytes/s", "Disks", subject=disk))
        rows.append(series("disk.busy", wave(50, 7), "%", "Disks", subject=disk))
    rows += family("thread.cpu", 32, busy, "%", "Threads", scope="thread")
    return resources(rows, 600, seconds / 600)


def relation(strength=None, lag_s=0.0, significant=True, reason=None, cells=30):
    if strength is None:
        return {"reason": reason or "fewer than 30 moments", "cells": cells}
    return {"reason": None, "cells": cells, "effective": cells / 2, "pearson": strength / 2, "spearman": strength,
            "lag_s": lag_s, "lag_low_s": lag_s - 0.1, "lag_high_s": lag_s + 0.1, "strength": strength,
            "low": strength - 0.1, "high": min(1, strength + 0.1), "p": 0.001, "q": 0.004, "significant": significant}


def cause(label, activity, strength, **about):
    return {"label": label, "activity": activity, "amount": 1.5, "share": 0.9, "share_of_time": 0.3, "explained": 1e8,
            "relation": relation(strength, **about)}


def relations(names, chosen, causes, pairs, labels=()):
    """`names` and numbers of series that were compared; `pairs` {(first, second): relation}."""
    pairs = sorted(pairs.items())
    column = lambda key, none=None: [r.get(key, none) for _, r in pairs]
    return {
        "reason": None, "cell_s": 0.1, "functions": 4, "tested": 4 * len(names), "significant": 2,
        "activities": ["CPU time", "I/O waits", "lock waits", "other waits", "allocations"],
        "marks": [2 if "off-CPU" in name else -1 for name in labels],
        "named": [{"name": "memory-CPU", "first": "growth of memory", "second": "CPU time", "relation": relation(0.4, significant=False)},
                  {"name": "memory-GPU", "first": "growth of memory", "second": "graphics card", "relation": relation(None, reason="no graphics card")}],
        "series": [{"name": name, "subject": None, "whose": None, "unit": "%", "changes": False, "parts": 1,
                    "resource": number, "total": 1e9, "reason": None, "causes": causes.get(i, [])}
                   for i, (name, number) in enumerate(zip(names, chosen))]
        + [{"name": "memory.total", "subject": None, "whose": None, "unit": "bytes", "changes": False, "parts": 1,
            "resource": -1, "total": None, "reason": "constant", "causes": []}],
        "pairs": {"first": [p[0] for p, _ in pairs], "second": [p[1] for p, _ in pairs], "reason": column("reason"),
                  "significant": [int(s) if s is not None else None for s in column("significant")],
                  **{key: column(key) for key in ("cells", "strength", "lag_s", "low", "high", "q")}}}


def of_relations(labels):
    """Of `small`: load explains what is read, by its CPU time; waiting for the lock goes with nothing."""
    number = labels.index
    return relations(
        ["cpu.busy", "disk.read", "disk.written", "process.rss"], [0, 9, 10, 13],
        {1: [cause(number("load"), 0, 0.97, lag_s=0.2), cause(number("compute"), 0, -0.5, significant=False)],
         3: [cause(number("parse"), 4, 0.7)], 2: [cause(number("wait"), 2, None)]},
        {(0, 1): relation(0.95), (0, 2): relation(-0.8, 0.3), (0, 3): relation(0.1, significant=False),
         (1, 2): relation(None), (1, 3): relation(0.6, -0.1), (2, 3): relation(0.3, significant=False)}, labels)


def judgement():
    rows = [("cpu", 0.31, "on the processor 31 % of thread time"), ("memory", None, "no hardware counters"),
            ("i/o", 0.05, "waits for files 5 %"), ("network", 0.0, "none"), ("gpu", None, "no graphics card"),
            ("contention", 0.52, "waits for lock 52 %"), ("allocator", 0.01, "1 % in malloc"), ("throttled", 0.0, "never slowed")]
    return {"verdict": "contention", "title": "bound by waits for each other", "text": "bound by waits for each other: 52 % of thread time waits for lock",
            "runner_up": "cpu", "least": 0.4, "classes": [{"name": n, "strength": s, "evidence": e} for n, s, e in rows],
            "scores": [{"name": "cpu", "formula": "100 * a / b", "value": 93.4, "inputs": "a 1.2 s, b 1.3 s"},
                       {"name": "memory", "formula": "100 * c", "value": None, "inputs": "no counters"}],
            "thread_formula": "on-CPU / (wall - idle)",
            "threads": [{"thread": 0, "efficiency": 0.91, "cpu": 2e9, "wall": 3e9, "idle": 8e8},
                        {"thread": 1, "efficiency": None, "cpu": 0, "wall": 3e9, "idle": 3e9}]}


def advice(labels):
    return [{"rule": "queue", "advice": "shorten what is done under the lock", "finding": "3 threads waited for it at a time",
             "share": 0.52, "labels": [labels.index("wait"), labels.index("main")]},
            {"rule": "names", "advice": "build with -g", "finding": "1 module has no names", "share": 0, "labels": []}]


def findings(document, made=of_small):
    """A document with all of it."""
    names = document["labels"]["name"]
    return {**document, "resources": made(), "relations": of_relations(names), "judgement": judgement(), "advice": advice(names)}


def many_relations(count=60):
    """A square of 60, and functions that are not known by time."""
    pairs = {(a, b): relation(math.cos(a * b), significant=(a + b) % 3 == 0) for a in range(count) for b in range(a + 1, count)}
    return relations([f"cpu.number-{i}" for i in range(count)], list(range(count)), {}, pairs)
