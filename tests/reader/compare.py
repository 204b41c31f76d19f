#!/usr/bin/env python3
"""
Holds what two readers say of traces against each other, record by record: pinj.py, and the
analyzer's (tell_records). Says of each kind how many there were.

    compare.py TELL_RECORDS TRACE...

Checks besides what the prose promises of chunks: counts of records, and times.
"""

import collections
import json
import subprocess
import sys

import pinj

MASK = pinj.MASK
BUCKETS, UNWINDING = 160, 13


def characters(text):
    """The string with one character for each byte, as tell_records has it."""
    return text.encode(errors="surrogateescape").decode("latin-1")


def histogram(pairs):
    numbers = {pair["bucket"]: pair["number"] for pair in pairs}
    return [numbers.get(bucket, 0) for bucket in range(BUCKETS)]


def memory_of(row):
    allocs, size = row.get("allocs", 0), row.get("bytes", 0)
    return [allocs, size, allocs - row.get("frees", 0), size - row.get("freed", 0)]


def place_of(row):
    return [row.get("stack", 0), row.get("size", 0), row.get("region", 0)]


# What a row is to the analyzer's visitors, which are called for each.
ROWS = {
    "samples": lambda of, row: [of["thread"], row["time"], row["stack"], row["weight"],
                                *memory_of(row), row.get("region", 0)],
    "counts": lambda of, row: [of["thread"], row["time"], row["stack"], row["counter"],
                               row["delta"] & MASK, row["region"]],
    "offcpu": lambda of, row: [of["thread"], *row.values()],
    "waits": lambda of, row: [of["thread"], of["flags"], *row.values()],
    "mappings": lambda of, row: [of["thread"], *row.values()],
    "heap": lambda of, row: [of["thread"], row["time"], row["kind"], row["address"],
                             *place_of(row)],
    "heap_events": lambda of, row: [of["thread"], of["stream"], of["serial"], row["ticks"],
                                    row["kind"], row["address"], *place_of(row)],
    "resources": lambda of, row: [row["id"], row["time"], row["value"] & MASK,
                                  row.get("same_until", 0)],
    "memory": lambda of, row: [of["kind"], of["thread"], of["start"] - of["before"],
                               of["start"] + of["size"], row["address"], row["value"]],
}


def lines(record):
    """What a record is to the analyzer's visitors."""
    kind = record["record"]
    if kind == "chunk":
        return [["epoch"]] if record["flags"] & pinj.EPOCH else []
    if kind == "before":
        return []  # of what was dropped the analyzer tells at the end
    if "rows" in record:
        return ([kind, *ROWS[kind](record, row)] for row in record["rows"])
    if kind == "stacks":
        return [[kind, record["generation"], *node.values()] for node in record["nodes"]]
    if kind == "handler":
        return [[kind, *list(record.values())[1:6], *histogram(record["durations"]),
                 *histogram(record["depths"])]]
    if kind == "unwinding":
        return [[kind, *(record["numbers"] + UNWINDING * [0])[:UNWINDING]]]
    if kind == "death":
        record["code"] &= MASK
    return [[characters(value) if isinstance(value, str) else value
             for value in record.values()]]


def check_chunk(header, inside):
    """What a header says of its payload."""
    if header["records"] != len(inside):
        sys.exit(f"{header} has {len(inside)} records")
    times = [row["time"] for record in inside for row in record.get("rows", ()) if "time" in row]
    times += [record[name] for record in inside for name, kind in
              (("when", "end"), ("when", "resident"), ("when", "death"), ("when", "scheduling"))
              if record["record"] == kind and record[name]]
    first, last = header["time_first"], header["time_last"]
    outside = [time for time in times if not first // 1000 <= time // 1000 <= last // 1000]
    if outside:
        sys.exit(f"{header} has events at {outside}")


def compare(tell, path, counts):
    said = subprocess.run([tell, path], capture_output=True, check=True, text=True).stdout
    said = iter(said.splitlines())
    inside, header, before = [], None, [0, 0]
    for record in pinj.read(path):
        counts[record["record"]] += 1
        if record["record"] == "before":
            before[1] = before[1] if counts["before"] > 1 else record["records"]
        if record["record"] == "chunk":
            before[0] = before[0] if header else record["sequence"]
            if header:
                check_chunk(header, inside)
            inside, header = [], record
        else:
            inside.append(record)
        for line in lines(record):
            other = json.loads(next(said))
            if line != other:
                sys.exit(f"{path}: {record['record']}: {line} here, {other} there")
    check_chunk(header, inside)
    if json.loads(next(said)) != ["summary", counts["chunk"], 0, 0, 0, 0, 0, *before]:
        sys.exit(f"{path}: the analyzer misses something")


def main():
    total = collections.Counter()
    for path in sys.argv[2:]:
        counts = collections.Counter()
        compare(sys.argv[1], path, counts)
        total += counts
    print(json.dumps(total))


if __name__ == "__main__":
    main()
