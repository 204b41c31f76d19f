"""kill -9 at random moments: nothing that was committed may be missing.

    check_kills.py PROFINJECT LIBRARY PROGRAM ROUNDS [SEED]

Each round starts `killed` (tests/programs) in another way, under `record` or in the bare form,
kills all of it at a random moment from the end of the constructor on, and compares what the
recording holds, read by trace.py alone, with what the program noted of itself in shared memory.
Between the two lies one step at most: done, not yet noted. Fails with what was missing."""

import collections
import glob
import json
import mmap
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time

import trace

WORKERS, KEPT = 4, 4
FIELDS = "pid tid allocs frees regions counted"
Worker = collections.namedtuple("Worker", FIELDS)
ROUND_S = 20  # after which a target that has not begun is a failure


def workers_of(truth):
    """What each worker has noted by now."""
    return [Worker(*struct.unpack_from("6q", truth, number * 64)) for number in range(WORKERS)]


class Told:
    """What a trace says of counts, the last word of each thread, region and counter."""

    def __init__(self, path):
        raw = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
        file, threads, counters = trace.Bytes(raw), {}, {}
        self.allocs, self.frees, self.regions = {}, {}, {}
        self.counted = collections.Counter()
        while file.at < len(raw):
            tag, size = file.varint(), file.varint()
            body = trace.Bytes(file.take(size))
            if tag == trace.THREAD:
                number = body.varint()
                threads[number] = body.varint()
            elif tag == 5:
                tid = threads[body.varint()]
                totals = [body.varint() for _ in range(7)]
                self.allocs[tid], self.frees[tid] = totals[3], totals[5]
            elif tag == 9:
                _id, _parent, name = body.varint(), body.varint(), body.take(body.varint())
                self.regions[name.decode()] = body.varint()
            elif tag == 10:
                number, _kind = body.varint(), body.varint()
                counters[number] = body.take(body.varint()).decode()
            elif tag == 11:
                self.count(body, counters)

    def count(self, body, counters):
        """Sums by number; names may come later."""
        _thread, _base, count = body.varint(), body.varint(), body.varint()
        _times, _stacks, ids, deltas = ([body.varint() for _ in range(count)] for _ in range(4))
        for number, delta in zip(ids, deltas):
            self.counted[number] += delta >> 1 ^ -(delta & 1)
        self.names = counters


class Missing(Exception):
    """Something that was committed is not in the recording."""


def expect(what, told, noted, step=1, most=None):
    if told < noted or (most is None and told > noted + step):
        raise Missing(f"{what}: {told} recorded, {noted} noted")


def check_exact(path, number, worker):
    heap = trace.Heap(path)
    if heap.gaps() or heap.lost:
        raise Missing(f"{path}: {heap.lost} lost, gaps {heap.gaps()}")
    events = [event for key, events in heap.streams.items() if key[0] == worker.tid for event in events]
    sizes = [event.size for event in events if event.kind == trace.ALLOC]
    ours = [size for size in sizes if 20011 <= size < 21008]
    expect(f"{path}: allocations of {number}", len(ours), worker.allocs)
    for at, size in enumerate(ours):
        if size != 20011 + at % 997:
            raise Missing(f"{path}: allocation {at} of {number} has {size} bytes")
    frees = sum(event.kind == trace.FREE for event in events)
    expect(f"{path}: frees of {number}", frees, worker.frees, most=True)


def check_worker(paths, heap, number, worker):
    path = paths.get(worker.pid)
    if not path and not worker.regions and not (heap == "exact" and worker.allocs):
        return  # a fork child has a ring of its own once it has something to tell
    if not path:
        raise Missing(f"process {worker.pid} has no trace")
    told = Told(path)
    expect(f"{path}: region {number}", told.regions.get(f"w{number}", 0), worker.regions)
    names = getattr(told, "names", {})
    counted = sum(value for key, value in told.counted.items() if names.get(key) == f"c{number}")
    expect(f"{path}: counter {number}", counted, worker.counted, 3)
    if heap != "off":
        expect(f"{path}: allocations of {number}", told.allocs.get(worker.tid, 0), worker.allocs, most=True)
        expect(f"{path}: frees of {number}", told.frees.get(worker.tid, 0), worker.frees, most=True)
    if heap == "exact":
        check_exact(path, number, worker)


def recorded(profinject, directory):
    """Traces by pid; whatever reads first takes in what the killed left."""
    run = subprocess.run([profinject, "info", "--json", directory], capture_output=True, check=False)
    if run.returncode != 0:
        raise Missing(f"unreadable: {run.stderr.decode()}")
    info = json.loads(run.stdout)
    if info["chunks_damaged"]:
        raise Missing(f"{info['chunks_damaged']} chunks damaged")
    traces = glob.glob(directory + "/*.pinj")
    return {int(path.split(".")[-2]): path for path in traces}


def left_rings(directory):
    with open(directory + "/manifest", encoding="utf-8") as file:
        facts = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    return glob.glob(f"{facts['rings']}/profinject.{facts['id']}.*")


def start(profinject, library, program, form, heap, way, directory):
    command = [program, way, "truth"]
    environment = dict(os.environ)
    if form == "record":
        command = [profinject, "record", "-q", "--heap", heap, "-o", directory, "--"] + command
    else:
        environment |= {"LD_PRELOAD": library, "PROFINJECT_OUTPUT": directory, "PROFINJECT_HEAP": heap}
    return subprocess.Popen(command, env=environment)


def kill_one(target, truth, delay):
    deadline = time.monotonic() + ROUND_S
    while not workers_of(truth)[0].tid:
        if target.poll() is not None or time.monotonic() > deadline:
            raise Missing(f"the target did not begin: {target.poll()}")
        time.sleep(0.0002)
    time.sleep(delay)
    group = workers_of(truth)[0].pid
    os.killpg(group, signal.SIGKILL)
    target.wait(ROUND_S)
    return group


def one_round(tools, number, chance):
    form, way = chance.choice(["record", "bare"]), chance.choice(["single", "threads", "forks"])
    heap = chance.choice(["exact", "exact", "sampled", "counters", "off"])
    delay = chance.random() * chance.choice([0.005, 0.06, 0.4])
    directory = os.path.abspath(f"r{number}")
    label = f"round {number}: {form} {way} {heap} after {delay * 1000:.1f} ms"
    with open("truth", "wb") as file:
        file.write(bytes(WORKERS * 64))
    with open("truth", "r+b") as file, mmap.mmap(file.fileno(), WORKERS * 64) as truth:
        try:
            target = start(*tools, form, heap, way, directory)
            kill_one(target, truth, delay)
            workers = workers_of(truth)
            paths = recorded(tools[0], directory)
            deadline = time.monotonic() + ROUND_S
            while left_rings(directory) and time.monotonic() < deadline:
                paths = recorded(tools[0], directory)  # killed is not yet gone
            for worker in enumerate(workers):
                if worker[1].tid:
                    check_worker(paths, heap, *worker)
            if left_rings(directory):
                raise Missing(f"rings left: {left_rings(directory)}")
        except Missing as missing:
            return f"{label}: {missing}"
    shutil.rmtree(directory)
    return None


def main(profinject, library, program, rounds, seed=None):
    seed = int(seed) if seed else int(time.time())
    print(f"seed {seed}")
    chance = random.Random(seed)
    failures = [one_round((profinject, library, program), number, chance) for number in range(int(rounds))]
    failures = [failure for failure in failures if failure]
    print("\n".join(failures))
    print(f"{rounds} kills, {len(failures)} with something missing")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main(*sys.argv[1:])
