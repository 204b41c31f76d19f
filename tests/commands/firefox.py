"""Checks a file of the Firefox Profiler's processed format, version 60, for what its readers rely
on: `firefox.py FILE`. Prints the CPU time of all samples in nanoseconds.

Written from the format's own description: columns are as long as their table says, numbers of rows
are rows, stacks stand behind their callers, times do not go back, deltas and weights are one.
"""

import json
import sys

VERSION = 60
COLORS = {"transparent", "purple", "green", "orange", "yellow", "lightblue", "blue", "brown",
          "magenta", "red", "lightred", "darkgrey", "grey"}
THREAD = ["processType", "processStartupTime", "processShutdownTime", "registerTime",
          "unregisterTime", "pausedRanges", "name", "isMainThread", "pid", "tid", "samples",
          "markers"]
TABLES = {
    "stackTable": {"frame": "frameTable", "prefix": "stackTable?"},
    "frameTable": {"address": int, "inlineDepth": int, "category": int, "subcategory": int,
                   "func": "funcTable", "nativeSymbol": "nativeSymbols?", "innerWindowID": int,
                   "line": None, "column": None},
    "funcTable": {"name": "stringArray", "isJS": bool, "relevantForJS": bool,
                  "resource": "resourceTable-", "source": "sources?", "lineNumber": None,
                  "columnNumber": None},
    "resourceTable": {"lib": "libs", "name": "stringArray", "host": "stringArray?", "type": int},
    "nativeSymbols": {"libIndex": "libs", "address": int, "name": "stringArray",
                      "functionSize": None},
    "sources": {"uuid": None, "filename": "stringArray"},
}


def need(what, that):
    if not that:
        raise ValueError(what)


def rows(shared, libraries, name):
    if name == "libs":
        return len(libraries)
    return len(shared[name]) if name == "stringArray" else shared[name]["length"]


def check_column(what, column, kind, limit):
    """`limit`: rows of the table it refers to, None where it refers to none."""
    if limit is None:
        need(what, kind is None or all(type(value) is kind for value in column))
        return
    for value in column:
        if value is None:
            need(what, kind.endswith("?"))
        else:
            need(f"{what}: {value} of {limit}",
                 (0 <= value < limit) or (value == -1 and kind.endswith("-")))


def check_tables(shared, libraries):
    for name, columns in TABLES.items():
        table = shared[name]
        need(f"{name}: {set(table)}", set(table) == set(columns) | {"length"})
        for key, kind in columns.items():
            need(f"{name}.{key}: length", len(table[key]) == table["length"])
            limit = rows(shared, libraries, kind.rstrip("?-")) if isinstance(kind, str) else None
            check_column(f"{name}.{key}", table[key], kind, limit)
    for row, prefix in enumerate(shared["stackTable"]["prefix"]):
        need(f"stack {row} stands before its caller", prefix is None or prefix < row)
    check_inlines(shared)


def check_inlines(shared):
    """A frame of depth n is called by one of depth n - 1 at its address."""
    stacks, frames = shared["stackTable"], shared["frameTable"]
    for row, frame in enumerate(stacks["frame"]):
        depth = frames["inlineDepth"][frame]
        if depth > 0:
            caller = stacks["frame"][stacks["prefix"][row]]
            need("depth", frames["inlineDepth"][caller] == depth - 1)
            need("address", frames["address"][caller] == frames["address"][frame])
            need("symbol", frames["nativeSymbol"][caller] == frames["nativeSymbol"][frame])


def rising(times):
    return all(a <= b for a, b in zip(times, times[1:]))


def check_samples(samples, stacks):
    need("lengths", all(len(samples[key]) == samples["length"]
                        for key in ("stack", "time", "weight", "threadCPUDelta")))
    need("times go back", rising(samples["time"]) and all(t >= 0 for t in samples["time"]))
    need("stacks", all(s is None or 0 <= s < stacks for s in samples["stack"]))
    need("unit", samples["weightType"] == "tracing-ms")
    for stack, weight, delta in zip(samples["stack"], samples["weight"],
                                    samples["threadCPUDelta"]):
        need("weights and deltas", round(weight * 1e6) == delta >= 0)
        need("CPU time without a stack", stack is not None or delta == 0)
    return sum(samples["threadCPUDelta"])


def check_markers(markers, shared, schemas, categories):
    need("columns", all(len(column) == markers["length"]
                        for key, column in markers.items() if key != "length"))
    need("order", rising(markers["startTime"]))
    for i in range(markers["length"]):
        data = markers["data"][i]
        need("name", 0 <= markers["name"][i] < len(shared["stringArray"]))
        need("interval", markers["phase"][i] == 1)
        need("marker ends before it begins", markers["startTime"][i] <= markers["endTime"][i])
        need("category", 0 <= markers["category"][i] < categories)
        need("schema", data["type"] in schemas)
        need("field", set(data) - {"type", "cause"} <= schemas[data["type"]])
        need("cause", "cause" not in data or
             0 <= data["cause"]["stack"] < shared["stackTable"]["length"])


def check_counters(profile):
    for counter in profile["counters"]:
        samples = counter["samples"]
        need("columns", len(samples["time"]) == len(samples["count"]) == samples["length"])
        need("times", rising(samples["time"]))
        level = 0
        for change in samples["count"]:
            level += change
            need("less than nothing", level >= 0)
        thread = profile["threads"][counter["mainThreadIndex"]]
        need("pid", thread["pid"] == counter["pid"])


def check(path):
    with open(path, encoding="utf-8") as file:
        profile = json.load(file)
    meta, shared = profile["meta"], profile["shared"]
    need("version", meta["preprocessedProfileVersion"] == VERSION)
    need("a grey category", meta["categories"][0]["color"] == "grey")
    need("colours", all(c["color"] in COLORS and c["subcategories"] for c in meta["categories"]))
    need("categories", max(shared["frameTable"]["category"], default=0) < len(meta["categories"]))
    need("arguments", "arguments" not in meta)
    check_tables(shared, profile["libs"])
    schemas = {s["name"]: {f["key"] for f in s["fields"]} for s in meta["markerSchema"]}
    need("threads", len(profile["threads"]) > 0)
    cpu_ns = 0
    for thread in profile["threads"]:
        need("thread", all(key in thread for key in THREAD) and isinstance(thread["pid"], str))
        cpu_ns += check_samples(thread["samples"], shared["stackTable"]["length"])
        check_markers(thread["markers"], shared, schemas, len(meta["categories"]))
    check_counters(profile)
    return cpu_ns


if __name__ == "__main__":
    print(check(sys.argv[1]))
