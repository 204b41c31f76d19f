#!/usr/bin/env python3
"""
Independent reader of trace files, written from the prose in preload/contract/trace_format.h
alone: it shares no code with the analyzer, which is compared with it (compare.py).

    pinj.py TRACE       every chunk, and every record in it, as one line of JSON

Fields are named as in the prose. Columns come as rows; times, addresses and program counters
are absolute, stack nodes carry their numbers. Bytes that are no UTF-8 come as lone surrogates.
What is damaged comes as {"record": "damage", ...}, in its place.

As a module: read(PATH) gives the same lines as dicts. Needs the command zstd, nothing else.
"""

import json
import os
import struct
import subprocess
import sys

MASK = (1 << 64) - 1
HEADER = struct.Struct("<II8sIIIIIIQQQQ")
HEADER_START = struct.pack("<II8s", 0x184D2A5D, HEADER.size - 8, b"profinj\n")
EPOCH, GAP = 1, 2  # flags of a chunk
CHUNK_MAX = 64 << 20
PARTS = 4
STACK_NEXT, STACK_FIRST = 3, 8

# Bodies that are a plain list of fields, in the words of the prose: v varint, z svarint, s string.
PLAIN = {
    1: ("property", "name:s value:s"),
    2: ("module", "id start end bias generation loaded path:s build_id:s"),
    3: ("module_gone", "id generation unloaded"),
    4: ("thread", "thread tid start name:s"),
    5: ("thread_totals", "thread cpu_ns samples lost alloc_count alloc_bytes free_count free_bytes "
                         "flags end paused_ns"),
    8: ("end", "kind status when cpu_ns"),
    9: ("region", "id parent name:s count total longest"),
    10: ("counter", "id kind name:s"),
    14: ("rest", "thread stack length"),
    16: ("before", "records"),
    18: ("scheduling", "thread when known cpu runnable voluntary involuntary migrations paused"),
    19: ("object", "id kind identity name:s"),
    21: ("heap_until", "until lost"),
    23: ("heap_clock", "ticks when"),
    25: ("mappings_lost", "lost"),
    26: ("resident", "known resident shared live held held_resident mapped mapped_resident shmem "
                     "large large_resident stacks data own lazy loose huge hugetlb file_resident "
                     "highest file:s"),
    29: ("scan", "begin length bytes left threads threads_left limit whole"),
    30: ("death", "thread tid when signal code:z address sender stack"),
    32: ("resource", "id type scope digits tid name:s unit:s subject:s reason:s"),
}
IO = "calls bytes small onward"
PLAIN[19] = ("object", " ".join([PLAIN[19][1]] + [f"{way}_{name}" for way in ("reads", "writes")
                                                for name in IO.split()]))
PLAIN[26] = ("resident", "when " + PLAIN[26][1])


class Bad(Exception):
    """A body that ends too early, or a number of more than 64 bits."""


def xxh64(data):
    """XXH64 with seed 0, as its specification has it."""
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5

    def rotl(value, bits):
        return (value << bits | value >> (64 - bits)) & MASK

    def turn(lane, value):
        return rotl((lane + value * p2) & MASK, 31) * p1 & MASK

    at, size = 0, len(data)
    h = p5
    if size >= 32:
        a, b, c, d = (p1 + p2) & MASK, p2, 0, -p1 & MASK
        for w, x, y, z in struct.iter_unpack("<4Q", memoryview(data)[:size & ~31]):
            a, b, c, d = turn(a, w), turn(b, x), turn(c, y), turn(d, z)
        h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18)
        for lane in (a, b, c, d):
            h = ((h ^ turn(0, lane)) * p1 + p4) & MASK
        at = size & ~31
    h = (h + size) & MASK
    for at in range(at, size - 7, 8):
        h = (rotl(h ^ turn(0, struct.unpack_from("<Q", data, at)[0]), 27) * p1 + p4) & MASK
    at = size & ~7
    if size - at >= 4:
        h = (rotl(h ^ struct.unpack_from("<I", data, at)[0] * p1 & MASK, 23) * p2 + p3) & MASK
        at += 4
    for byte in data[at:]:
        h = rotl(h ^ byte * p5 & MASK, 11) * p1 & MASK
    h = (h ^ h >> 33) * p2 & MASK
    h = (h ^ h >> 29) * p3 & MASK
    return h ^ h >> 32


class Body:
    """The bytes of one record, or of a payload, read from front to back."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def more(self):
        return self.at < len(self.data)

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            if self.at >= len(self.data):
                raise Bad("it ends within a number")
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value > MASK:
                    break
                return value
        raise Bad("a number of more than 64 bits")

    def svarint(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def bytes(self):
        size = self.varint()
        if size > len(self.data) - self.at:
            raise Bad("it ends within a string")
        self.at += size
        return self.data[self.at - size:self.at]

    def string(self):
        return self.bytes().decode(errors="surrogateescape")

    def field(self, kind):
        return {"v": self.varint, "z": self.svarint, "s": self.string}[kind]()

    def column(self, count, kind="v"):
        if count > len(self.data) - self.at:
            raise Bad("it ends within a column")
        return [self.field(kind) for _ in range(count)]


def plain(body, fields):
    row = {}
    for field in fields.split():
        name, _, kind = field.partition(":")
        row[name] = body.field(kind or "v")
    return row


def summed(values, start, unit=1):
    """Differences to what they are differences of, modulo 2^64."""
    for value in values:
        start = (start + value * unit) & MASK
        yield start


def rows(columns):
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


class Reader:
    """What records mean depends on: how many stack nodes the epoch has defined, or that nobody
    knows."""

    def __init__(self, lost=False):
        self.next_node, self.lost = STACK_FIRST, lost
        self.ends = []  # of chains that samples' stacks have made

    def stacks(self, body):
        record = {"generation": body.varint()}
        first, chains = body.varint(), body.varint()
        backs, lengths = body.column(chains), body.column(chains)
        which = body.column(sum(length >> 1 for length in lengths))
        new = iter(body.column(which.count(0), "z"))
        if self.lost:
            self.next_node, self.lost = first, False
        if first != self.next_node:
            raise Bad("these are not the next numbers")
        codes, code_of, last_child, last_new, which, nodes = [], {}, {}, 0, iter(which), []
        for back, length in zip(backs, lengths):
            parent = back if back < STACK_FIRST else self.next_node - (back - STACK_FIRST + 1)
            for _ in range(length >> 1):
                above, index = code_of.get(parent), next(which)
                if index == 0:
                    last_new = (last_child.get(above, last_new) + next(new)) & MASK
                    codes.append(last_new)
                code = codes[index - 1]
                last_child[above] = code_of[self.next_node] = code
                pc = (code - (code >> 63 << 64) >> 2) & MASK
                nodes.append({"number": self.next_node, "parent": parent, "pc": pc,
                              "flags": code & 3})
                parent = self.next_node
                self.next_node += 1
            if length & 1:
                self.ends.append(parent)
        return {**record, "nodes": nodes}

    def samples(self, body):
        record = plain(body, "thread position base")
        count, columns = body.varint(), body.varint()
        kinds = "time stack weight"
        kinds += " allocs bytes frees:z freed:z" if columns & 1 else ""
        kinds += " region" if columns & 2 else ""
        rows = self.table(body, record, count, kinds, 1000 << (columns >> 3 & 15))
        ends, self.ends = iter(self.ends), []
        for row in rows:
            if row["stack"] == STACK_NEXT:
                row["stack"] = next(ends, None)
            if columns & 4:
                row["bytes"] *= 8
                row["freed"] *= 8
        return {**record, "columns": columns, "rows": rows}

    def counts(self, body):
        record = plain(body, "thread base")
        kinds = "time stack counter delta:z region"
        return {**record, "rows": self.table(body, record, body.varint(), kinds, 1000)}

    def offcpu(self, body):
        record = plain(body, "thread base")
        return {**record, "rows": self.table(body, record, body.varint(), "time stack length state", 1000)}

    def waits(self, body):
        record = plain(body, "thread flags base")
        kinds = "time:z stack kind object:z peer count total longest span bytes region"
        table = self.table(body, record, body.varint(), kinds, 1000)
        last = 0
        for row in table:
            row["object"] = last = (last + row["object"]) & MASK
            if row["count"] < 2:
                row["longest"] = row["span"] = row["total"]
        return {**record, "rows": table}

    def mappings(self, body):
        record = plain(body, "thread base")
        kinds = "time kind address:z length stack region"
        return {**record, "rows": self.table(body, record, body.varint(), kinds, 1)}

    @staticmethod
    def table(body, record, count, kinds, unit):
        table = {}
        for name in kinds.split():
            name, _, kind = name.partition(":")
            table[name] = body.column(count, kind or "v")
        table["time"] = list(summed(table["time"], record["base"], unit))
        if "address" in table:
            table["address"] = list(summed(table["address"], 0))
        return rows(table)

    def heap(self, body):
        record = plain(body, "thread base")
        events = self.table(body, record, body.varint(), "time kind address:z", 1)
        made = [event for event in events if event["kind"] >= 3]
        for name in ("stack", "size", "region"):
            for event, value in zip(made, body.column(len(made))):
                event[name] = value
        return {**record, "rows": events}

    @staticmethod
    def heap_events(body):
        record = plain(body, "thread stream serial shift ticks address")
        places = body.column(2 * body.varint())
        places = rows({"stack": places[::2], "region": places[1::2]})
        ticks, address, events = record["ticks"], record["address"], []
        while body.more():
            head = body.varint()
            moved = head >> 2
            address = (address + ((moved >> 1 ^ -(moved & 1)) << record["shift"])) & MASK
            ticks = (ticks + body.varint()) & MASK
            event = {"kind": head & 3, "address": address, "ticks": ticks}
            if event["kind"] >= 2:
                event["size"] = body.varint()
                event.update(places[body.varint()])
            events.append(event)
        return {**record, "places": places, "rows": events}

    @staticmethod
    def memory(body):
        record = plain(body, "kind thread start size before name:s")
        address, value, words = record["start"] - 8, 0, []
        while body.more():
            address += 8 + 8 * body.varint()
            value = (value + body.svarint()) & MASK
            words.append({"address": address, "value": value})
        return {**record, "rows": words}

    @staticmethod
    def handler(body):
        record = plain(body, "frames reused rules_hit rules_made longest")
        for name in ("durations", "depths"):
            pairs = body.column(2 * body.varint())
            record[name] = rows({"bucket": pairs[::2], "number": pairs[1::2]})
        return record

    @staticmethod
    def unwinding(body):
        return {"numbers": body.column(body.varint())}

    @staticmethod
    def resources(body):
        record = plain(body, "base moments series")
        times, table = list(summed(body.column(record["moments"]), record["base"], 1000)), []
        for _ in range(record["series"]):
            head = plain(body, "id points multiple")
            points, second = head["points"] >> 2, head["points"] & 1
            skips = body.column(points if head["points"] & 2 else 1) + [0] * points
            slope = value = 0
            moment = -1
            for at, told in enumerate(body.column(points, "z")):
                told *= head["multiple"] if at else 1
                slope = told + (slope if second and at > 1 else 0)
                value = (value + slope) & MASK
                moment += 1 + (skips[at] >> 1)
                row = {"id": head["id"], "time": times[moment],
                       "value": value - (value >> 63 << 64)}
                if skips[at] & 1 and skips[at] > 1:
                    row["same_until"] = times[moment - 1]
                table.append(row)
        return {**record, "rows": table}

    ODD = {33: "resources", 6: "stacks", 7: "samples", 11: "counts", 12: "offcpu", 13: "handler", 15: "unwinding", 17: "waits",
           20: "heap", 22: "heap_events", 24: "mappings", 28: "memory"}

    def record(self, tag, data):
        body = Body(data)
        try:
            if tag in PLAIN:
                name, fields = PLAIN[tag]
                return {"record": name, **plain(body, fields)}
            if tag in self.ODD:
                return {"record": self.ODD[tag], **getattr(self, self.ODD[tag])(body)}
            return {"record": "unknown", "tag": tag, "length": len(data)}
        except (Bad, IndexError) as reason:
            return {"record": "damage", "tag": tag, "reason": str(reason)}

    def records(self, payload):
        body, self.ends = Body(payload), []
        while body.more():
            tag = body.varint()
            yield self.record(tag, body.bytes())


def damage(start, end, reason):
    return {"record": "damage", "from": start, "to": end, "reason": reason}


def header_at(data, at):
    """The sound chunk header at `at`, as a dict, or None."""
    raw = data[at:at + HEADER.size]
    if len(raw) < HEADER.size or not raw.startswith(HEADER_START):
        return None
    names = "version flags sequence records compressed_size raw_size time_first time_last"
    *values, header_hash = HEADER.unpack(raw)[3:]
    header = dict(zip((names + " frame_hash").split(), values))
    return header if xxh64(raw[:-8]) == header_hash and header["raw_size"] <= CHUNK_MAX else None


def payload_of(header, frame):
    """The payload of a chunk; Bad when there is none."""
    if header["version"] != 2:
        raise Bad("version %u" % header["version"])
    if len(frame) < header["compressed_size"] or xxh64(frame) != header["frame_hash"]:
        raise Bad("the frame is damaged")
    raw = subprocess.run(["zstd", "-dcq"], input=frame, capture_output=True, check=False)
    if raw.returncode or len(raw.stdout) != header["raw_size"]:
        raise Bad("the frame is no zstd frame of that size")
    return raw.stdout


def find_header(data, at):
    """Where the first sound header from `at` on begins, else the end."""
    while at < len(data) and not header_at(data, at):
        at = data.find(HEADER_START, at + 1)
        at = len(data) if at < 0 else at
    return at


def chunks(data):
    """(header, payload) of every sound chunk, (None, what is damaged) of other bytes."""
    at = 0
    while at < len(data):
        start, at = at, find_header(data, at)
        if start < at:
            yield None, damage(start, at, "no sound header")
            continue
        header = header_at(data, at)
        frame = at + HEADER.size
        end = frame + header["compressed_size"]
        try:
            yield header, payload_of(header, data[frame:end])
        except Bad as reason:
            yield None, damage(at, min(end, len(data)), str(reason))
            end = end if end == len(data) or header_at(data, end) else frame
        at = end


def read_bytes(data):
    """Everything in the bytes of a trace, as dicts."""
    reader, next_sequence = Reader(), None
    for header, payload in chunks(data):
        if header is None:
            yield payload
            continue
        epoch = header["flags"] & EPOCH
        if next_sequence is None and epoch:
            next_sequence = header["sequence"]
        if header["sequence"] < (next_sequence or 0):
            yield {"record": "repeated", **header}
            continue
        if header["sequence"] != next_sequence:
            yield {"record": "gap", "from": next_sequence or 0, "to": header["sequence"]}
        if header["sequence"] != next_sequence or header["flags"] & GAP:
            reader = Reader(lost=True)
        next_sequence = header["sequence"] + 1
        if epoch:
            reader = Reader()
        yield {"record": "chunk", **header}
        yield from reader.records(payload)


def parts(path):
    """The bytes of the files of a trace, in the order of their first chunks."""
    found = []
    for name in (path, *(f"{path}.{number}" for number in range(1, PARTS))):
        if name == path or os.path.isfile(name):
            with open(name, "rb") as file:
                found.append(file.read())
    if len(found) == 1:
        return found
    numbered = [(header_at(data, max(find_header(data, 0), 0)), data) for data in found if data]
    return [data for header, data in
            sorted(numbered, key=lambda part: part[0]["sequence"] if part[0] else 0)]


def read(path):
    yield from read_bytes(b"".join(parts(path)))


def main():
    for record in read(sys.argv[1]):
        print(json.dumps(record))


if __name__ == "__main__":
    main()
