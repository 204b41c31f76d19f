#!/usr/bin/env python3
"""
What the samples of traces say of every stack, by the prose and pinj.py, against
`export --format json`. A stack is the modules that its frames are in, and where in them, from
the root on: how functions are found there is no matter of the format.

    check_stacks.py PROFINJECT TRACE...
"""

import collections
import json
import subprocess
import sys

import check_totals
import pinj

ROOTS = {1: "[truncated]", 2: "[broken stack]"}
OURS = "/libprofinject.so"  # frames there are told as one, [profinject]
KERNEL = 1 << 63
NAMES = ("count", "cpu_ns", "offcpu_ns", "memory_delta", "alloc_count", "alloc_bytes",
         "free_count", "free_bytes")
Module = collections.namedtuple("Module", "start end bias path first gone")


def fit(module, generation):
    """To be sorted by: there, else gone most recently, else the next to come."""
    if module.gone <= generation:
        return 1, module.gone
    return (2, module.first) if module.first <= generation else (0, -module.first)


class Process:
    """One trace. `rests` is what info says of threads: check_totals.py looks at it."""

    def __init__(self, path, rests):
        self.modules, self.nodes, self.threads, self.regions, self.facts = {}, {}, {}, {0: None}, {}
        self.hooked = 0
        self.found, self.rests, rows = collections.defaultdict(collections.Counter), {}, []
        for record in pinj.read(path):
            getattr(self, record["record"], lambda _: None)(record)
        self.finish(rests)

    def property(self, record):
        self.facts[record["name"]] = record["value"]

    def module(self, record):
        names = ("start", "end", "bias", "path", "generation")
        self.modules[record["id"]] = Module(*(record[name] for name in names), 1 << 64)

    def module_gone(self, record):
        module = self.modules[record["id"]]
        self.modules[record["id"]] = module._replace(gone=record["generation"])

    def thread(self, record):
        self.threads[record["thread"]] = record["tid"]

    def region(self, record):
        above = self.regions[record["parent"]]
        self.regions[record["id"]] = (above + "/" if above else "") + record["name"]

    def stacks(self, record):
        for node in record["nodes"]:
            self.nodes[node["number"]] = (node["parent"], node["pc"], node["flags"],
                                          record["generation"])

    def frames(self, number):
        """Of a node of this epoch: modules, the root's first."""
        frames = []
        while number >= pinj.STACK_FIRST:
            number, pc, flags, generation = self.nodes[number]
            frames.append((pc - (0 if flags & 1 else 1), generation))
        return ROOTS.get(number), tuple(reversed(frames))

    def samples(self, record):
        for row in record["rows"]:
            key = (self.threads[record["thread"]], row.get("region", 0), self.frames(row["stack"]))
            self.found[key].update(count=1, weight=row["weight"],
                                   **{name: row.get(name, 0) for name in
                                      ("allocs", "bytes", "frees", "freed")})

    def offcpu(self, record):
        for row in record["rows"]:
            key = (self.threads[record["thread"]], 0, self.frames(row["stack"]))
            self.found[key]["offcpu"] += row["length"]

    def waits(self, record):
        for row in record["rows"]:
            key = (self.threads[record["thread"]], row["region"], self.frames(row["stack"]))
            self.found[key]["waits"] += row["total"]
            self.hooked += row["total"] if row["count"] else 0

    def rest(self, record):
        tid = self.threads[record["thread"]]
        self.rests[tid] = (tid, 0, self.frames(record["stack"]))

    def place(self, pc, generation):
        if pc >= KERNEL:
            return "[kernel]", hex(pc)
        there = [module for module in self.modules.values() if module.start <= pc < module.end]
        if not there:
            return None, hex(pc)
        best = max(there, key=lambda module: fit(module, generation))
        return best.path, hex(pc - best.bias)

    def finish(self, rests):
        """By what the JSON has: modules, nanoseconds."""
        self.sums, unit = collections.defaultdict(collections.Counter), int(self.facts["weight_unit_ns"])
        for tid, key in self.rests.items():
            self.found[key]["rest"] = rests[tid]
        for (tid, region, (root, frames)), sums in self.found.items():
            places = (self.place(*frame) for frame in frames)
            path = tuple(place for place in places if not (place[0] or "").endswith(OURS))
            values = (sums["count"], sums["weight"] * unit + sums["rest"],
                      sums["offcpu"] + sums["waits"],
                      sums["freed"], sums["allocs"], sums["bytes"],
                      sums["allocs"] - sums["frees"], sums["bytes"] - sums["freed"])
            self.sums[tid, self.regions[region], root, path].update(dict(zip(NAMES, values)))


def said_of(profinject, trace):
    """The same as the JSON has it."""
    done = subprocess.run([profinject, "export", "--format", "json", trace],
                          capture_output=True, check=True)
    sums = collections.defaultdict(collections.Counter)
    for stack in json.loads(done.stdout)["processes"][0]["stacks"]:
        frames = [frame for frame in stack["frames"] if not frame["inlined"]]
        root = frames[0]["symbol"] if frames[0]["symbol"] in ROOTS.values() else None
        path = tuple((frame["module"], frame["addr"]) for frame in frames if frame["addr"])
        sums[stack["tid"], stack.get("region"), root, path].update(
            {name: stack.get(name) or 0 for name in NAMES})
    return sums


def without_nothing(sums):
    return {key: {name: value for name, value in of_key.items() if value}
            for key, of_key in sums.items() if any(of_key.values())}


def check_off(trace, here, there, hooked):
    """Where the kernel counts, time off the processor is no more than looks and hooks say of the
    stack, but for what is of no known place; and the most of what hooks saw is there. Taken out
    of both."""
    placed = 0
    for key in here.keys() | there.keys():
        found, said = (sums.get(key, {}).pop("offcpu_ns", 0) for sums in (here, there))
        if key[3]:
            placed += said
            if said > found + 1000000:
                sys.exit(f"{trace}: {key}: {found} ns off the processor here, {said} there")
    if placed < hooked / 2:
        sys.exit(f"{trace}: {placed} ns of {hooked} in waits are there")
    for sums in here, there:
        for key in [key for key, of_key in sums.items() if not of_key]:
            del sums[key]


def main():
    profinject = sys.argv[1]
    for trace in sys.argv[2:]:
        rests = {thread["tid"]: thread["rest_ns"]
                 for thread in check_totals.info_of(profinject, [trace])}
        process = Process(trace, rests)
        here, hooked = without_nothing(process.sums), process.hooked
        there = without_nothing(said_of(profinject, trace))
        check_off(trace, here, there, hooked)
        for key in here.keys() | there.keys():
            if here.get(key) != there.get(key):
                sys.exit(f"{trace}: {key}: {here.get(key)} here, {there.get(key)} there")
        print(f"{len(here)} stacks")


if __name__ == "__main__":
    main()
