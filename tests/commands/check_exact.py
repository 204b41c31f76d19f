"""What a recording's exact heap events say, read by trace.py alone.

    check_exact.py RECORDING [TRUTH.json]

Prints JSON, summed over the traces. TRUTH is what alloc_exact printed: its threads' figures
have to be met. Fails where a segment is missing, events were lost, or time runs wrong."""

import collections
import gc
import glob
import json
import sys

import trace


APART = 100  # ticks, 1 us: of what two threads do one after the other, if told in the other order


class Replay:
    """The life of every address. Clocks of two processors differ a little, and one may be read
    before what stands before it is done: of an allocation of a live address, the free is still
    to come; of a free of an unknown one perhaps the allocation."""

    def __init__(self, heap):
        self.live, self.early, self.late = {}, collections.Counter(), {}
        self.unknown, self.kinds = 0, collections.Counter()
        for _, _, thread, event in heap.merged():
            ticks, kind, address, *_ = event
            self.kinds[kind] += 1
            if kind >= trace.ALLOC:
                freed = self.late.pop(address, None)
                if freed and freed[0] != thread and ticks - freed[1] <= APART:
                    self.unknown -= 1
                    continue
                if address in self.live:
                    self.early[address] += 1
                self.live[address] = event
            elif address in self.early and self.early[address]:
                self.early[address] -= 1
            elif self.live.pop(address, None) is None:
                self.unknown += 1
                self.late[address] = thread, ticks

    def figures(self):
        kinds = self.kinds
        return {"allocations": kinds[trace.ALLOC] + kinds[trace.RESIZE],
                "frees": kinds[trace.FREE] + kinds[trace.RESIZED],
                "resizes": kinds[trace.RESIZE], "live": len(self.live), "unknown": self.unknown,
                "live_bytes": sum(event.size for event in self.live.values()),
                "doubled": sum(self.early.values())}


def check_clocks(heap):
    if heap.streams and not heap.clocks:
        sys.exit("events without a clock")
    for before, after in zip(heap.clocks, heap.clocks[1:]):
        if after < before or after[1] < before[1]:
            sys.exit(f"the clock goes back: {before} {after}")


def check_threads(heap, truth):
    for thread in truth["threads"]:
        kinds = collections.Counter(event.kind for key, events in heap.streams.items()
                                    if key[0] == thread["tid"] for event in events)
        if (kinds[trace.ALLOC] + kinds[trace.RESIZE] != thread["alloc_count"] or
                kinds[trace.FREE] + kinds[trace.RESIZED] != thread["free_count"]):
            sys.exit(f"{thread}: {kinds}")


def main(recording, truth=None):
    gc.disable()  # among millions of events that all live to the end it takes half of the time
    total = collections.Counter()
    for path in sorted(glob.glob(recording + "/*.pinj")):
        heap = trace.Heap(path)
        if heap.gaps() or heap.lost:
            sys.exit(f"{path}: {heap.lost} lost, gaps in {heap.gaps()}")
        check_clocks(heap)
        if truth:
            with open(truth, encoding="utf-8") as file:
                check_threads(heap, json.load(file))
        total.update(Replay(heap).figures())
        total.update(traces=1, streams=len(heap.streams), handlers=sum(
            len(events) for key, events in heap.streams.items() if key[2]))
        total.update(others=sum(len(events) for key, events in heap.streams.items()
                                if heap.names[key[:2]] == "(others)"))
    print(json.dumps(total))


if __name__ == "__main__":
    main(*sys.argv[1:])
