#!/usr/bin/env python3
"""
Damages a trace in many ways, each of which is known to leave certain chunks as they were: both
readers, pinj.py and the analyzer's (tell_records), must find exactly those, and pass on what
is in them and names no thread and no stack.

    check_damage.py TELL_RECORDS TRACE ROUNDS
"""

import json
import random
import subprocess
import sys
import tempfile

import compare
import pinj

NAMELESS = {"property", "module", "module_gone", "region", "counter", "heap_until", "heap_clock",
            "mappings_lost", "resident", "scan", "end"}


def chunk_ranges(data):
    """(start, end) of each chunk of an undamaged trace."""
    at = 0
    while at < len(data):
        header = pinj.header_at(data, at)
        end = at + pinj.HEADER.size + header["compressed_size"]
        yield at, end
        at = end


def damaged(data, ranges, chance):
    """The bytes with one damage, and which chunks have none."""
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.choice((1, 1, 10, 100, 1000)))
    garbage = chance.randbytes(end - start)
    way = chance.choice(("cut", "change", "delete", "insert", "torn", "again"))
    if way == "cut":
        end, garbage = len(data), b""
    elif way == "change":
        garbage = bytes(old ^ (new or 1) for old, new in zip(data[start:end], garbage))
    elif way == "delete":
        garbage = b""
    elif way == "insert":
        end = start
    else:
        # A chunk that could not be written to its end and then could, or that comes twice.
        first, behind = chance.choice(ranges)
        start = end = first if way == "torn" else behind
        more = chance.randrange(behind - first) if way == "torn" else behind - first
        garbage = data[first:first + more]
    left = [number for number, (first, behind) in enumerate(ranges)
            if behind <= start or first >= end]
    return data[:start] + garbage + data[end:], left


def nameless(lines):
    return [line for line in lines if line[0] in NAMELESS]


def analyzer(tell, data):
    """Number of chunks and lines that the analyzer's reader gets."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        done = subprocess.run([tell, file.name], capture_output=True, text=True, check=False)
    if done.returncode == 1:
        return 0, []
    done.check_returncode()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines[-1][1], nameless(lines)


def independent(data):
    records = list(pinj.read_bytes(data))
    numbers = [record["sequence"] for record in records if record["record"] == "chunk"]
    lines = [line for record in records if record["record"] in NAMELESS
             for line in compare.lines(record)]
    return numbers, nameless(lines)


def main():
    tell, path, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(path, "rb") as file:
        data = file.read()
    ranges = list(chunk_ranges(data))
    for seed in range(rounds):
        changed, left = damaged(data, ranges, random.Random(seed))
        numbers, lines = independent(changed)
        if numbers != left:
            sys.exit(f"seed {seed}: pinj.py found {numbers} of {left}")
        count, other = analyzer(tell, changed)
        if count != len(left) or other != lines:
            sys.exit(f"seed {seed}: the analyzer found {count} of {left}")
    print(f"{len(ranges)} chunks, {rounds} rounds")


if __name__ == "__main__":
    main()
