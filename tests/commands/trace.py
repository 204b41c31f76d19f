"""Reads the samples of a trace, by the specification in trace_format.h alone.

Independent of the analyzer, so that tests can ask what the trace itself says.
"""

import collections
import operator
import subprocess

THREAD, SAMPLES = 4, 7
Sample = collections.namedtuple("Sample", "tid weight")


class Bytes:
    """A position in a run of bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def varints(self):
        """All there are to the end. Millions of events are read so: one by one took twice as long."""
        found, value, shift = [], 0, 0
        add = found.append
        for byte in memoryview(self.data)[self.at:]:
            if byte < 0x80:
                add(value | byte << shift if shift else byte)
                value = shift = 0
            else:
                value |= (byte & 0x7F) << shift
                shift += 7
        if shift:
            raise IndexError("the last number has no end")
        self.at = len(self.data)
        return found

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]


def samples(path):
    """Every sample of the trace at `path` as (tid, weight)."""
    # zstd skips the chunk headers, as skippable frames.
    raw = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    file, tids, found = Bytes(raw), {}, []
    while file.at < len(raw):
        tag, size = file.varint(), file.varint()
        body = Bytes(file.take(size))
        if tag == THREAD:
            number = body.varint()
            tids[number] = body.varint()
        elif tag == SAMPLES:
            thread, _position, _base, count, _columns = (body.varint() for _ in range(5))
            _times, _stacks, weights = ([body.varint() for _ in range(count)] for _ in range(3))
            found += [Sample(tids[thread], weight) for weight in weights]
    return found


def effective(weights):
    """How many stacks of equal weight tell as much: fewer where weights differ, as they do
    when threads compete for processors."""
    return sum(weights) ** 2 / sum(weight * weight for weight in weights)


WAITS, SCHEDULING = 17, 18
WAIT_KINDS = ["", "mutex", "read lock", "write lock", "once", "condition", "semaphore", "barrier", "join",
              "child", "sleep", "signal", "poll", "read", "write", "receive", "send", "accept", "connect",
              "sync", "open", "file lock", "futex", "message queue", "I/O events", "name lookup"]
Wait = collections.namedtuple("Wait", "tid kind object peer count total longest")


def waits(path):
    """Every row of waits of the trace at `path`, which has ended."""
    raw = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    file, tids, found = Bytes(raw), {}, []
    while file.at < len(raw):
        tag, size = file.varint(), file.varint()
        body = Bytes(file.take(size))
        if tag == THREAD:
            number = body.varint()
            tids[number] = body.varint()
        elif tag == WAITS:
            tid, _flags, _base, count = tids[body.varint()], body.varint(), body.varint(), body.varint()
            columns = [[body.varint() for _ in range(count)] for _ in range(11)]
            _times, _stacks, kinds, objects, peers, counts, totals, longests, _spans, _bytes, _regions = columns
            at = 0
            for kind, step, peer, number, total, longest in zip(kinds, objects, peers, counts, totals, longests):
                at += step >> 1 ^ -(step & 1)
                found.append(Wait(tid, WAIT_KINDS[kind], at, peer, number, total, longest or total))
    return found


def properties(path):
    """The last value of every property."""
    raw = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    file, found = Bytes(raw), {}
    while file.at < len(raw):
        tag, size = file.varint(), file.varint()
        body = Bytes(file.take(size))
        if tag == 1:
            name = body.take(body.varint()).decode()
            found[name] = body.take(body.varint()).decode(errors="replace")
    return found


FREE, RESIZED, ALLOC, RESIZE = range(4)
HEAP_EVENTS, HEAP_CLOCK = 22, 23
Event = collections.namedtuple("Event", "ticks kind address size stack region")


class Heap:
    """Exact heap events of a trace, by thread, in the order in which each stream has them."""

    def __init__(self, path):
        raw = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
        self.streams = collections.defaultdict(list)  # (tid, start, stream): events
        self.segments = collections.defaultdict(list)  # likewise: serials
        self.clocks, self.nodes, self.raw_bytes, self.lost = [], {}, 0, 0
        self.names = {}
        file, threads = Bytes(raw), {}
        while file.at < len(raw):
            tag, size = file.varint(), file.varint()
            body = Bytes(file.take(size))
            if tag == THREAD:
                number = body.varint()
                threads[number] = (body.varint(), body.varint())
                self.names[threads[number]] = body.take(body.varint()).decode()
            elif tag == HEAP_CLOCK:
                self.clocks.append((body.varint(), body.varint()))
            elif tag == 21:
                body.varint()
                self.lost = body.varint()
            elif tag == HEAP_EVENTS:
                self.raw_bytes += size
                self.add(threads[body.varint()], body)

    def add(self, thread, body):
        stream, serial, shift, ticks, address, places = (body.varint() for _ in range(6))
        places = [(body.varint(), body.varint()) for _ in range(places)]
        key = (*thread, stream)
        self.segments[key].append(serial)
        found, make = self.streams[key].append, Event._make
        numbers = iter(body.varints())
        for head in numbers:
            delta = head >> 3 if not head & 4 else ~(head >> 3)
            address += delta << shift
            ticks += next(numbers)
            kind = head & 3
            if kind >= ALLOC:
                size = next(numbers)
                found(make((ticks, kind, address, size, *places[next(numbers)])))
            else:
                found(make((ticks, kind, address, 0, 0, 0)))

    def gaps(self):
        """Streams that lack a segment."""
        return [key for key, serials in self.segments.items()
                if sorted(set(serials)) != list(range(max(serials) + 1)) or serials != sorted(serials)]

    def merged(self):
        """All events as (ticks, order, tid, event), by time."""
        every = [(event[0], order, key[0], event) for key, events in self.streams.items()
                 for order, event in enumerate(events)]
        every.sort(key=operator.itemgetter(0, 1))
        return every
