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
