"""A trace that was cut: all chunks before the cut are there, wherever in its last 64 KiB that is.

    check_cuts.py PROFINJECT CUT_TRACE TRACE [EVERY [PART PARTS]]

CUT_TRACE (tests/reader/cut_trace.c) reads TRACE, of an exact heap, once for every place, in two
processes that share them; of PARTS equal ones, PART (from 1) alone. Threads, samples and allocations
it finds are compared with those of the chunks before the cut, counted here by the specification alone.
The commands are asked at every EVERYth place of these (1000), and at both sides of each chunk's ends."""

import bisect
import concurrent.futures
import shutil
import subprocess
import sys

from check_damage import LAST, chunks_of, found_in

BATCH = 1024
METRICS = ("threads", "samples", "alloc-count")


class Truth:
    """What the chunks before a place hold."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        samples, allocations = (chunks_of(data, metric) for metric in METRICS[1:])
        self.size, threads = len(data), set()
        self.ends, self.sums = [chunk.end for chunk in samples], [(0, 0, 0, 0)]
        for one, other in zip(samples, allocations):
            before, threads = self.sums[-1], threads | one.threads
            self.sums.append((before[0] + 1, len(threads), before[2] + one.amount, before[3] + other.amount))

    def at(self, place):
        return self.sums[bisect.bisect_right(self.ends, place)]


def read_all(cut_trace, path, truth, first, end):
    """Cuts at [first, end): what is wrong there. Every length must be in one line, and all of a line the same."""
    name = f"cut.{first}.pinj"
    shutil.copyfile(path, name)
    run = subprocess.run([cut_trace, name, str(first), str(end)], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return [f"status {run.returncode} in {first} to {end}: {run.stderr}"]
    wrong, expected_last = [], end - 1
    for line in run.stdout.splitlines():
        low, high, *found = (int(word) for word in line.split())
        if high != expected_last or not low <= high:
            wrong.append(f"{low} to {high} after {expected_last}")
        expected_last = low - 1
        for place in range(low, high + 1):
            if tuple(found) != truth.at(place):
                wrong.append(f"cut at {place}: {found} found, {truth.at(place)} there")
    return wrong + ([f"{first} to {expected_last} missing"] if expected_last != first - 1 else [])


def commands_at(profinject, path, truth, places):
    wrong = []
    for place in places:
        with open(path, "rb") as file, open("damaged.pinj", "wb") as copy:
            copy.write(file.read(place))
        told = tuple(found_in(profinject, metric) for metric in METRICS)
        if told != truth.at(place)[1:]:
            wrong.append(f"the commands, cut at {place}: {told} found, {truth.at(place)[1:]} there")
    return wrong


def main(profinject, cut_trace, path, every="1000", part="1", parts="1"):
    truth = Truth(path)
    least = max(0, truth.size - LAST)
    first, end = (least + (truth.size - least) * (int(part) - n) // int(parts) for n in (1, 0))
    batches, done, wrong = range(first, end, BATCH), 0, []
    print(f"{path}: {truth.size} bytes, {len(truth.ends)} chunks, {sum(at >= first for at in truth.ends)} end "
          f"behind {first}; {truth.sums[-1][3]} allocations", flush=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda at: read_all(cut_trace, path, truth, at, min(at + BATCH, end)), batches):
            done, wrong = done + 1, wrong + found
            print("\n".join([f"cuts: {min(done * BATCH, end - first)} of {end - first}, {len(wrong)} wrong", *found[:5]]),
                  flush=True)
    sides = {at + side for at in truth.ends for side in (-1, 0, 1, 71, 72, 73)}
    places = sorted(at for at in sides | set(range(first, end, int(every))) if first <= at < end)
    found = commands_at(profinject, path, truth, places)
    print("\n".join([f"commands: at {len(places)} of these, {len(found)} wrong", *found[:5]]))
    sys.exit(bool(wrong or found))


if __name__ == "__main__":
    main(*sys.argv[1:])
