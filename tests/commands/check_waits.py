"""Compares what profinject says of waits with what the waiting threads measured themselves.

    check_waits.py TRUTH TRACE.pinj WALL.folded [REPORT.json]

TRUTH is the output of a program that includes wait_measure.h; the folded file is made with
--metric wall --by-thread. Every bound is a share and a slack, and why the slack:

- a thread begins and ends a little before and after it measures itself: START_NS. By how much
  the whole differs, its parts may: what it did then is not known;
- CPU time is sampled in ticks: TICK_NS either side;
- clocks are not read at one moment: a thread that loses its processor between two of them is off
  by another's turn: TURN_NS;
- of a wait only the wall time is recorded, not for how much of it the thread was ready to run.
  Of the whole thread that is known. So of one kind of wait anything between what was blocked and
  the length of the calls may be said, and, of what lies between, what other kinds had.
"""

import collections
import json
import sys

import folded
import trace

SHARE, SUM_SHARE, RIGHT_SHARE = 0.03, 0.01, 0.99
START_NS, MAIN_START_NS, TICK_NS = 8_000_000, 25_000_000, 8_000_000
TURN_NS = 4_000_000
WAIT_EDGE_NS = 5_000  # between the program's clock and the hook's, a wait
LOCKS = ("mutex", "read lock", "write lock", "once")

Thread = collections.namedtuple("Thread", "name tid wall cpu runnable voluntary involuntary")
Kind = collections.namedtuple("Kind", "tid kind function count blocked wall longest short")
Long = collections.namedtuple("Long", "tid kind function object other count blocked")

failures = []


def check(holds, text):
    print(("ok   " if holds else "FAIL ") + text)
    if not holds:
        failures.append(text)


def within(text, measured, least, most, share, slack):
    """Not only between the two, but by how much of `most` it is off."""
    off = max(measured - most, least - measured, 0)
    check(off <= share * most + slack,
          f"{text}: {measured / 1e6:.2f} ms, true {least / 1e6:.2f} to {most / 1e6:.2f} ({off / max(most, 1):.2%} off)")


class Truth:
    def __init__(self, path):
        self.threads, self.kinds, self.longs = [], [], []
        with open(path, encoding="utf-8") as file:
            for line in file:
                what, *fields = line.rstrip("\n").split("\t")
                if what == "thread":
                    self.threads.append(Thread(fields[0], *map(int, fields[1:])))
                elif what == "kind":
                    self.kinds.append(Kind(int(fields[0]), fields[1], fields[2], *map(int, fields[3:])))
                elif what == "long":
                    where = 0 if fields[3] == "(nil)" else int(fields[3], 16)
                    self.longs.append(Long(int(fields[0]), *fields[1:3], where, *map(int, fields[4:])))
                else:
                    raise ValueError(f"not a line of truth: {line!r}")
        if not self.threads:
            raise ValueError("no truth")

    def of(self, thread):
        return [kind for kind in self.kinds if kind.tid == thread.tid]


class Said:
    """What `folded` says of one thread, by the mark a stack ends in."""

    def __init__(self, stacks, label):
        self.stacks = [(frames[1:], value) for frames, value in stacks if frames[0] == label]
        self.total = sum(value for _, value in self.stacks)
        self.runnable = sum(value for frames, value in self.stacks if frames[-1] == "[runnable]")
        self.blocked = sum(value for frames, value in self.stacks if frames[-1].startswith("[off-CPU"))
        self.cpu = self.total - self.runnable - self.blocked

    def waited(self, kind, function):
        return sum(value for frames, value in self.stacks
                   if frames[-1] == f"[off-CPU: {kind}]" and (function is None or function in frames))

    def marks(self):
        return {frames[-1][len("[off-CPU: "):-1] for frames, _ in self.stacks if frames[-1].startswith("[off-CPU: ")}


def check_thread(thread, kinds, said, begins):
    """Sum, on and off the processor, and every kind."""
    slack = MAIN_START_NS if begins else START_NS
    blocked = thread.wall - thread.cpu - thread.runnable
    name = f"{thread.name} ({thread.tid})"
    within(f"{name} wall", said.total, thread.wall, thread.wall, SUM_SHARE, slack)
    slack = TURN_NS + max(0, said.total - thread.wall)
    within(f"{name} on-CPU", said.cpu, thread.cpu, thread.cpu, SHARE, slack + TICK_NS)
    within(f"{name} runnable", said.runnable, thread.runnable, thread.runnable, SHARE, slack)
    within(f"{name} blocked", said.blocked, blocked, blocked, SHARE, slack)
    between = sum(kind.wall - kind.blocked for kind in kinds)
    for kind in kinds:
        slack = TURN_NS / 2 + kind.count * WAIT_EDGE_NS + kind.short
        others = max(0, between - (kind.wall - kind.blocked))
        within(f"{name} {kind.kind} in {kind.function}", said.waited(kind.kind, kind.function),
               max(0, kind.blocked - others), kind.wall, SHARE, slack)
    for mark in sorted(said.marks() - {kind.kind for kind in kinds}):
        # Start and end of a program wait as well; a thread's own do not take long.
        within(f"{name} {mark}, of which it knows nothing", said.waited(mark, None), 0, 0, 0, TURN_NS)


def right_share(truth, told, of_kinds, value):
    """Share of the long waits whose other end is told rightly: by thread, kind, and whom."""
    true = collections.Counter()
    for one in truth.longs:
        if one.other and one.kind in of_kinds:
            true[(one.tid, one.kind, one.other)] += value(one)
    whole = sum(true.values())
    return (sum(min(true[key], told[key]) for key in true) / whole if whole else 1), whole


def check_others(truth, waits):
    """Who held, and who woke."""
    count, length = collections.Counter(), collections.Counter()
    for wait in waits:
        count[(wait.tid, wait.kind, wait.peer)] += wait.count
        length[(wait.tid, wait.kind, wait.peer)] += wait.total
    for kind in sorted({one.kind for one in truth.longs if one.other}):
        long = sum(one.count for one in truth.longs if one.kind == kind)
        known = sum(one.count for one in truth.longs if one.kind == kind and one.other)
        print(f"     {kind}: of {known} of {long} long waits the program knows who")
        for told, value, unit in ((count, lambda one: one.count, "waits"), (length, lambda one: one.blocked, "ns")):
            share, whole = right_share(truth, told, [kind], value)
            check(share >= RIGHT_SHARE, f"{'held' if kind in LOCKS else 'woken'} by whom, {kind}: "
                                        f"{share:.2%} of {whole} {unit} right")


def check_counts(truth, waits):
    """Waits are counted, and the longest is the longest."""
    for kind in sorted({one.kind for one in truth.kinds}):
        ours = [one for one in truth.kinds if one.kind == kind]
        tids = {one.tid for one in ours}
        told = [wait for wait in waits if wait.kind == kind and wait.tid in tids]
        true, seen = sum(one.count for one in ours), sum(wait.count for wait in told)
        # Those about as long as the threshold are waits to one clock and none to the other.
        check(abs(true - seen) <= 0.01 * true + 2 + sum(one.short for one in ours) / 25_000,
              f"{kind}: {seen} waits, true {true}")
        longest = max(one.longest for one in ours)
        if longest > 10_000_000:
            within(f"{kind}, the longest", max((wait.longest for wait in told), default=0), longest, longest,
                   0.01, TURN_NS)


def told_in_report(waits):
    """Seconds by thread or lock, kind and other end, of the report's tables."""
    told = collections.Counter()
    for lock in waits["locks"]:
        for holder in lock["holders"]:
            told[(int(lock["address"], 0), lock["kind"], holder["tid"])] += holder["seconds"] * 1e9
    for row in waits["wakers"]:
        told[(row["waiter_tid"], row["kind"], row["waker_tid"])] += row["seconds"] * 1e9
    return told


def check_report(truth, waits):
    """The report's tables say of locks, wakers and threads what the trace does."""
    told, true = told_in_report(waits), {}
    for one in truth.longs:
        if one.other:
            sums = true.setdefault(one.kind, collections.Counter())
            sums[(one.object if one.kind in LOCKS else one.tid, one.kind, one.other)] += one.blocked
    for kind, sums in sorted(true.items()):
        whole, right = sum(sums.values()), sum(min(value, told[key]) for key, value in sums.items())
        check(right >= RIGHT_SHARE * whole, f"report, other ends of {kind}: {right / whole:.2%} right")
    counts = {row["kind"]: row["count"] for row in waits["kinds"]}
    for kind in sorted({one.kind for one in truth.kinds}):
        ours = [one for one in truth.kinds if one.kind == kind]
        count = sum(one.count for one in ours)
        check(counts.get(kind, 0) >= 0.99 * count - 2 - sum(one.short for one in ours) / 25_000,
              f"report, {kind}: {counts.get(kind, 0)} waits, true {count}")
    threads = {thread["tid"]: thread for thread in waits["threads"]}
    for thread in truth.threads:
        said = threads.get(thread.tid, {"voluntary": -1, "wall": -1})
        check(abs(said["voluntary"] - thread.voluntary) <= 0.03 * thread.voluntary + 10,
              f"report, {thread.name}: {said['voluntary']} voluntary switches, true {thread.voluntary}")
        wall = said["wall"] * 1e9
        check(abs(wall - thread.wall) <= SUM_SHARE * thread.wall + MAIN_START_NS,
              f"report, {thread.name}: {wall / 1e6:.2f} ms wall, true {thread.wall / 1e6:.2f}")


def main():
    truth_path, trace_path, wall_path, *report_path = sys.argv[1:]
    truth = Truth(truth_path)
    waits, stacks = trace.waits(trace_path), folded.parse(wall_path)
    for thread in truth.threads:
        begins = thread.tid == truth.threads[0].tid
        # Of several processes' threads a stack begins with the process.
        labels = {frames[0] for frames, _ in stacks if frames[0].endswith(f" ({thread.tid})")}
        check(len(labels) == 1 and (begins or labels == {f"{thread.name} ({thread.tid})"}),
              f"{thread.name} ({thread.tid}) is named {', '.join(labels)}")
        if labels:
            check_thread(thread, truth.of(thread), Said(stacks, labels.pop()), begins)
    check_others(truth, waits)
    check_counts(truth, waits)
    if report_path:
        with open(report_path[0], encoding="utf-8") as file:
            check_report(truth, json.load(file)["waits"])
    return len(failures) > 0


sys.exit(main())
