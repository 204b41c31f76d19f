"""Reads the samples of a trace, by the specification in trace_format.h alone.

Independent of the analyzer, so that tests can ask what the trace itself says.
"""

import collections
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
