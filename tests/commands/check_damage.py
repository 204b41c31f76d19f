"""Damaged traces: what lies outside the damage is there, and nothing hangs or dies.

    check_damage.py PROFINJECT TRACE METRIC ROUNDS [SEED]

Each round damages a copy of TRACE in another way. What sound chunks hold is counted here, by the
specification alone, and compared with what the analyzer finds. METRIC: threads (how many); or the
sum over all stacks of samples, or of alloc-count of an exact heap."""

import collections
import json
import random
import struct
import subprocess
import sys
import time

import trace

HEADER = struct.Struct("<II8sIIIIIIQQQQ")
Chunk = collections.namedtuple("Chunk", "start end epoch threads amount")
LAST = 64 << 10  # bytes at whose every one a file may be cut


def contents(frame, metric):
    """Threads as (tid, start), and how much of the metric."""
    raw = subprocess.run(["zstd", "-dcq"], input=frame, capture_output=True, check=True).stdout
    file, threads, amount = trace.Bytes(raw), set(), 0
    while file.at < len(raw):
        tag, size = file.varint(), file.varint()
        body = trace.Bytes(file.take(size))
        if tag == trace.THREAD:
            body.varint()
            threads.add((body.varint(), body.varint()))
        elif tag == trace.SAMPLES and metric == "samples":
            amount += [body.varint() for _ in range(4)][3]
        elif tag == trace.HEAP_EVENTS and metric == "alloc-count":
            amount += allocations(body)
    return threads, amount


def allocations(body):
    _thread, _stream, _serial, _shift, _ticks, _address, places = (body.varint() for _ in range(7))
    for _ in range(2 * places):
        body.varint()
    found = 0
    while body.at < len(body.data):
        kind = body.varint() & 3
        body.varint()
        if kind >= trace.ALLOC:
            found += 1
            body.varint(), body.varint()
    return found


def chunks_of(data, metric):
    at, found = 0, []
    while at < len(data):
        header = HEADER.unpack_from(data, at)
        end = at + HEADER.size + header[7]
        found.append(Chunk(at, end, header[4] & 1, *contents(data[at + HEADER.size:end], metric)))
        at = end
    return found


def damage(data, chance):
    """The damaged bytes, and which chunks of the file are whole in them."""
    size, way = len(data), chance.choice(["cut", "byte", "bytes", "page", "gone", "more", "twice"])
    at = chance.randrange(size)
    run = min(chance.choice([1, 2, 8, 100, 5000]), size - at)
    if way == "cut":
        at = chance.randrange(max(0, size - LAST), size)
        return data[:at], lambda chunk: chunk.end <= at, f"cut at {at}"
    if way == "gone":
        return data[:at] + data[at + run:], lambda chunk: chunk.end <= at or chunk.start >= at + run, \
            f"{run} bytes gone at {at}"
    if way == "more":
        return data[:at] + chance.randbytes(run) + data[at:], \
            lambda chunk: chunk.end <= at or chunk.start >= at, f"{run} bytes more at {at}"
    if way == "twice":  # as after a write that was repeated
        return data[:at + run] + data[at:], \
            lambda chunk: chunk.end <= at + run or chunk.start >= at, f"{run} bytes twice at {at}"
    run = 1 if way == "byte" else min(4096, size - at) if way == "page" else run
    changed = bytes(byte ^ (chance.randrange(1, 256) if way != "page" else byte ^ (byte == 0))
                    for byte in data[at:at + run])
    return data[:at] + changed + data[at + run:], \
        lambda chunk: chunk.end <= at or chunk.start >= at + run, f"{way}, {run} at {at}"


def ask(profinject, *command):
    run = subprocess.run([profinject, *command, "damaged.pinj"], capture_output=True, check=False, timeout=60)
    if run.returncode not in (0, 1) or b"Sanitizer" in run.stderr or b"runtime error" in run.stderr:
        sys.exit(f"{command}: status {run.returncode}\n{run.stderr.decode(errors='replace')}")
    return run


def found_in(profinject, metric):
    """What the analyzer finds; 0 when it says that there is nothing."""
    if metric == "threads":
        run = ask(profinject, "info", "--json")
    else:
        run = ask(profinject, "folded", "--metric", metric)
    if run.returncode == 1:
        if run.stderr.count(b"\n") != 1:
            sys.exit(f"not one line: {run.stderr}")
        return 0
    if metric == "threads":
        return json.loads(run.stdout)["threads"]
    return sum(int(line.rsplit(b" ", 1)[1]) for line in run.stdout.splitlines())


def one_round(profinject, chunks, metric, damaged, is_whole, what):
    with open("damaged.pinj", "wb") as file:
        file.write(damaged)
    sound = [chunk for chunk in chunks if is_whole(chunk)]
    expected = sum(chunk.amount for chunk in sound)
    if metric == "threads":
        expected = len(set().union(*(chunk.threads for chunk in sound)))
    told = found_in(profinject, metric)
    if told != expected:
        with open("failed.pinj", "wb") as file:
            file.write(damaged)
        return f"{what}: {told} found, {expected} there"
    return None


def main(profinject, path, metric, rounds, seed=None):
    seed = int(seed) if seed else int(time.time())
    print(f"seed {seed}")
    chance = random.Random(seed)
    with open(path, "rb") as file:
        data = file.read()
    chunks = chunks_of(data, metric)
    first = chunks[0].end  # with all that is said once
    damages = [(data[first:], lambda chunk: chunk.start >= first, "the first chunk gone"),
               *(damage(data, chance) for _ in range(int(rounds)))]
    failures = [one_round(profinject, chunks, metric, *each) for each in damages]
    failures = [failure for failure in failures if failure]
    print("\n".join(failures))
    print(f"{len(chunks)} chunks, {sum(chunk.epoch for chunk in chunks)} epochs, {len(damages)} damaged, "
          f"{len(failures)} with something missing")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main(*sys.argv[1:])
