#!/usr/bin/env python3
"""
What the records of a recording come to, by the prose and pinj.py, against what `folded` and
`info` say: every metric as a whole, every thread, every counter, to the last digit; what is
estimated from sampled blocks but for rounding.

    check_totals.py PROFINJECT RECORDING...

Recordings are taken together, all with the clock `wall` or none.
"""

import collections
import glob
import json
import math
import subprocess
import sys

import pinj

Block = collections.namedtuple("Block", "size weight thread number")


class Heap:
    """The life of every block: what was allocated, what is left, and what there was at most."""

    def __init__(self, interval, charge):
        self.interval, self.charge, self.sums = interval, charge, collections.Counter()
        self.live = collections.defaultdict(list)  # address: blocks, the oldest first
        self.bytes = self.peak = 0
        self.allocations = collections.Counter()  # by thread: how many so far

    def weight(self, size):
        return 1 / -math.expm1(-(size + self.charge) / self.interval) if self.interval else 1

    def allocate(self, thread, address, size):
        block = Block(size, self.weight(size), thread, self.allocations[thread])
        self.live[address].append(block)
        self.sums["alloc-count"] += block.weight
        self.sums["alloc-bytes"] += block.weight * size
        self.bytes += block.weight * size
        self.peak = max(self.peak, self.bytes)

    def free(self, thread, address, temporary):
        if not self.live[address]:
            return
        block = self.live[address].pop(0)
        self.bytes -= block.weight * block.size
        if temporary is None:
            temporary = (block.thread, block.number) == (thread, self.allocations[thread])
        self.sums["temporary-count"] += block.weight if temporary else 0

    def finish(self):
        left = [block for blocks in self.live.values() for block in blocks]
        self.sums["live-count"] = sum(block.weight for block in left)
        self.sums["live-bytes"] = sum(block.weight * block.size for block in left)
        self.sums["peak-bytes"] = self.peak
        return self.sums


def heap_of(events, exact, facts):
    """`events`: (when, order, thread, kind, address, size)."""
    interval = 0 if exact else int(facts.get("heap_interval", 0))
    heap, alloc = Heap(interval, int(facts.get("heap_block_charge", 0))), 2 if exact else 3
    for _, _, thread, kind, address, size in sorted(events):
        if kind >= alloc:
            heap.allocations[thread] += 1
            heap.allocate(thread, address, size)
        else:
            heap.free(thread, address, None if exact and kind == 0 else kind == 1 and not exact)
    return heap.finish()


def mapped_bytes(events):
    """What is left of ranges mapped, by events (time, order, kind, start, length)."""
    left = []
    for _, _, kind, start, length in sorted(events):
        end = start + length
        left = [part for first, last in left for part in
                ((first, min(last, start)), (max(first, end), last)) if part[0] < part[1]]
        left += [(start, end)] if kind >= 2 else []
    return sum(last - first for first, last in left)


class Process:
    """One trace."""

    def __init__(self, path):
        self.sums, self.facts, self.counters = collections.Counter(), {}, {}
        self.threads = {}  # number in the epoch: (tid, start)
        self.per_thread = collections.defaultdict(collections.Counter)
        self.events, self.mapped, self.rests, self.exact = [], [], {}, False
        self.end_ns = 0
        self.left, self.ended = {}, False  # counts with stack 0, by thread and counter
        self.places = set()  # sampled blocks were allocated there
        for record in pinj.read(path):
            getattr(self, record["record"], lambda _: None)(record)
        self.unit = int(self.facts["weight_unit_ns"])
        self.finish()

    def property(self, record):
        self.facts[record["name"]] = record["value"]

    def thread(self, record):
        self.threads[record["thread"]] = (record["tid"], record["start"])

    def of_thread(self, record):
        return self.per_thread[self.threads[record["thread"]]]

    def thread_totals(self, record):
        self.of_thread(record)["lost"] = record["lost"]
        self.of_thread(record)["end"] = record["end"]
        self.of_thread(record)["used"] = record["cpu_ns"] - record.get("paused_ns", 0)

    def end(self, record):
        self.ended, self.end_ns = True, record["when"]

    def go_on(self):
        """An exec failed: what threads that had not ended had left comes again."""
        if not self.ended:
            return
        self.ended = False
        for left in self.left, self.rests:
            for key in [key for key in left if not self.per_thread[key[:2]]["end"]]:
                del left[key]

    def samples(self, record):
        self.go_on()
        for row in record["rows"]:
            self.of_thread(record).update(samples=1, weight=row["weight"])
            self.sums["memory-delta"] += row.get("freed", 0)

    def rest(self, record):
        self.go_on()
        self.rests[self.threads[record["thread"]]] = record["length"]

    def offcpu(self, record):
        for row in record["rows"]:
            name = "runnable_looks" if row["state"] == 1 else "looks"
            self.of_thread(record)[name] += row["length"]

    def scheduling(self, record):
        self.of_thread(record).update({"counted": 1})
        for name in "when", "runnable", "paused":
            self.of_thread(record)[name] = record[name]

    def waits(self, record):
        """Those that were not over are told again when they are, or at the end."""
        for row in record["rows"]:
            self.of_thread(record)["hooked"] += row["total"] if row["count"] else 0

    def off_of(self, start, thread):
        """What a thread was off the processor, and of it ready to run: by the kernel's count where
        there is one, else by looks, and by hooks."""
        if not thread["counted"]:
            looks = thread["looks"] + thread["runnable_looks"]
            return looks + thread["hooked"], thread["runnable_looks"]
        end = max(thread["end"] or self.end_ns, thread["when"])
        off = max(end - start - thread["paused"] - thread["used"], 0)
        return off, min(thread["runnable"], off)

    def counter(self, record):
        self.counters[record["id"]] = record["name"]

    def counts(self, record):
        self.go_on()
        for row in record["rows"]:
            if row["stack"]:
                self.sums[row["counter"]] += row["delta"]
            else:
                self.left[(*self.threads[record["thread"]], row["counter"])] = row["delta"]

    def heap(self, record):
        for row in record["rows"]:
            self.places.add((record["thread"], row.get("stack"), row.get("region")))
            self.events.append((row["time"], len(self.events), record["thread"], row["kind"],
                                row["address"], row.get("size", 0)))

    def mappings(self, record):
        for row in record["rows"]:
            self.mapped.append((row["time"], len(self.mapped), row["kind"], row["address"],
                                row["length"]))

    def heap_events(self, record):
        self.exact, thread = True, self.threads[record["thread"]]
        for row in record["rows"]:
            self.events.append((row["ticks"], len(self.events), thread, row["kind"],
                                row["address"], row.get("size", 0)))

    def finish(self):
        for (_, _, counter), delta in self.left.items():
            self.sums[counter] += delta
        for thread, rest in self.rests.items():
            self.per_thread[thread]["rest"] = rest
        for thread in self.per_thread.values():
            self.sums["samples"] += thread["samples"]
            self.sums["cpu"] += thread["weight"] * self.unit + thread["rest"]
        for (_, start), thread in self.per_thread.items():
            off, runnable = self.off_of(start, thread)
            self.sums.update({"offcpu": off, "runnable": runnable})
        self.sums["wall"] = self.sums["cpu"] + self.sums["offcpu"]
        self.sums.update(heap_of(self.events, self.exact, self.facts))
        self.sums["mapped-bytes"] = mapped_bytes(self.mapped)
        for number, name in self.counters.items():
            self.sums[name] = self.sums.pop(number, 0)


def folded(profinject, recordings, metric):
    done = subprocess.run([profinject, "folded", "--metric", metric, *recordings],
                          capture_output=True, text=True, check=False)
    if done.returncode and "no metric" in done.stderr:
        return None
    return [int(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines()]


def check_metrics(profinject, recordings, sums, places, threads):
    """Estimates are told as whole numbers for each place that allocates."""
    checked = []
    for metric in sorted(metric for metric in sums if sums[metric]):
        values = folded(profinject, recordings, metric)
        if values is None:
            continue
        allowed = places if metric.split("-")[0] in ("alloc", "live", "peak", "temporary") else 0
        if metric in ("wall", "offcpu", "runnable"):  # clocks are not read at one moment
            allowed = 1000000 * threads + sums[metric] // 1000
        if abs(sum(values) - sums[metric]) > allowed:
            sys.exit(f"{recordings}: {metric}: {sums[metric]} here, {sum(values)} there")
        checked.append(f"{metric} {sum(values)}")
    print(", ".join(checked))


def info_of(profinject, recordings):
    said = subprocess.run([profinject, "info", "--json", *recordings], capture_output=True,
                          check=True)
    return json.loads(said.stdout)["per_thread"]


def without_rest(pid, tid, thread, sampled_ns):
    return int(pid), tid, thread["samples"], thread["lost"], sampled_ns


def check_threads(profinject, recordings, processes):
    """Each as it is told, and its rest, but for what brief threads stand for beyond what they
    used: that is scaled to what all of them did, and those that no sample met. Returns how much
    was taken away from it."""
    said = info_of(profinject, recordings)
    there = collections.Counter(
        without_rest(thread["pid"], thread["tid"], thread, thread["sampled_ns"]) for thread in said)
    here, rest, beyond, unmet = collections.Counter(), 0, 0, 0
    for process in processes:
        unmet += 1000 * int(process.facts.get("brief_children_us", 0))
        for (tid, _), thread in process.per_thread.items():
            sampled = thread["weight"] * process.unit
            here[without_rest(process.facts["pid"], tid, thread, sampled)] += 1
            rest += thread["rest"]
            if sampled + thread["rest"] > thread["used"]:
                beyond += thread["rest"]
            elif sampled + thread["rest"] == 0:
                unmet += thread["used"]
    taken = rest - sum(thread["rest_ns"] for thread in said)
    if here != there or not (-unmet if beyond else 0) <= taken <= beyond:
        sys.exit(f"{recordings}: {here - there} here, {there - here} there, {taken} of {beyond}, {unmet}")
    print(f"{sum(here.values())} threads")
    return taken


def main():
    profinject, *recordings = sys.argv[1:]
    processes = [Process(path) for recording in recordings
                 for path in sorted(glob.glob(recording + "/*.pinj"))]
    sums, places = collections.Counter(), sum(len(process.places) for process in processes)
    for process in processes:
        sums.update(process.sums)
    taken = check_threads(profinject, recordings, processes)
    sums.subtract({metric: taken for metric in ("cpu", "wall")})
    check_metrics(profinject, recordings, sums, places,
                  sum(len(process.per_thread) for process in processes))


if __name__ == "__main__":
    main()
