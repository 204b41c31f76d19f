#!/usr/bin/env python3
"""Turns real recordings into inputs that the fuzz targets start from.

    python3 tests/fuzz/seeds.py trace FILE.pinj >seed    # for records and traces
    python3 tests/fuzz/seeds.py ring FILE.ring >seed     # for rings

A trace becomes a list of its payloads (a byte of flags, two of length, the bytes), each cut
behind a record so that all is at most SEED_MAX bytes. A ring becomes patches (fuzz_rings.c)
of the small ring that the target makes. `libFuzzer -merge=1` takes what adds coverage.
"""
import struct
import subprocess
import sys

SEED_MAX = 12 << 10
PAYLOAD_MAX = 4 << 10
HEADER = struct.Struct("<II8sIIIIIIQQQQ")

PAGE = 4096
RING_HEAD = 4 * PAGE + 1024 * 128 + (256 << 10)
NODE, SLOT, SEGMENT = 16, PAGE + (32 << 10), 64 << 10
NODES, SLOTS, SEGMENTS = 256, 2, 2  # as fuzz_rings.c has them
# Of the ring's head: what comes before are sizes the target has of its own, behind is the pool.
HEAD_FROM, HEAD_TO = 56, 3832


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def cut(payload, most):
    """The longest run of whole records from the start that fits; large ones are left out."""
    out, at = b"", 0
    while at < len(payload):
        _, body = varint(payload, at)
        length, body = varint(payload, body)
        record = payload[at:body + length]
        at = body + length
        if len(record) < most // 2 and len(out) + len(record) <= most:
            out += record
    return out


def payloads(data):
    at = 0
    while at + HEADER.size <= len(data):
        fields = HEADER.unpack_from(data, at)
        flags, size = fields[4], fields[7]
        frame = data[at + HEADER.size:at + HEADER.size + size]
        raw = subprocess.run(["zstd", "-dc"], input=frame, capture_output=True, check=True).stdout
        yield flags, raw
        at += HEADER.size + size


def trace_seed(data):
    out = b""
    for flags, raw in payloads(data):
        raw = cut(raw, PAYLOAD_MAX)
        if len(out) + len(raw) + 3 > SEED_MAX:
            break
        out += struct.pack("<BH", flags & 1, len(raw)) + raw
    return out


def patches(part, data, most, skip=()):
    """What is not zero in `data`, in pieces of at most 120 bytes."""
    out, at = b"", 0
    while at < len(data) and len(out) < most:
        if data[at] == 0:
            at += 1
            continue
        piece = data[at:at + 120].rstrip(b"\0")
        if not any(low < at + len(piece) and at < high for low, high in skip):
            out += struct.pack("<BHBB", part, at & 0xFFFF, at >> 16, len(piece)) + piece
            at += len(piece)
        else:
            at += 1
    return out


def ring_seed(data):
    node_capacity, slot_capacity = struct.unpack_from("<II", data, 16)
    nodes = RING_HEAD
    slots = nodes + node_capacity * NODE
    segments = slots + slot_capacity * SLOT
    first = data[slots:slots + SLOT]
    out = patches(0, data[:HEAD_TO], 3000, [(0, HEAD_FROM)])
    out += patches(1, data[nodes:nodes + 100 * NODE], 2500)
    out += patches(2, first[:512 + 256], 1000)
    out += patches(3, first[PAGE:PAGE + 2000], 3000)
    if len(data) > segments:
        segment = data[segments:segments + SEGMENT]
        out += patches(5, segment[:192], 400)
        out += patches(6, segment[192:1400], 1500)
        out += patches(7, segment[-256:], 600)
    return out


def main():
    kind, path = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    sys.stdout.buffer.write(trace_seed(data) if kind == "trace" else ring_seed(data))


main()
