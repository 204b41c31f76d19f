#!/usr/bin/env python3
"""Makes inputs for the fuzz targets that real recordings hardly ever give.

    python3 tests/fuzz/made_seeds.py tests/fuzz/corpus

They are written by knowledge of preload/contract/ring_format.h and trace_format.h, and to be
made again when a layout changes: an offset that is off reaches nothing.
"""
import os
import struct
import sys

# Parts of fuzz_rings.c.
HEAD, NODES, SLOT, DATA, SECOND_SLOT, SEGMENT, EVENTS, PLACES, SECOND_SEGMENT = range(9)
TOLD, WORLD = 10, 11
CUT_BYTES, CUT_FILE, READ, ASK = 254, 255, 1, 2

# Offsets in struct ring_file.
TRACE_WRITTEN, HAS_COUNTER, HAS_REGION, LOOKS, PERIODS, HEAP_LOST = 48, 76, 80, 88, 104, 120
MAPPINGS_LOST, CHILDREN, START_SIZE, END_KIND, LOOKS_PUT, ROTATES = 128, 144, 176, 200, 212, 220
MAX_SIZE, WAITS_LOST, WAIT_CLOCK, HAS_OBJECT, WAIT_TICKS = 232, 248, 256, 260, 264
COUNTERS, HANDLER, UNWINDING, POOL, TRACE, DEATH = 320, 2368, 3776, 3904, 3968, 8064
MEMORY_LOOKS, REGIONS, START, OBJECTS = 12288, 16384, 147456, 409600
# In struct ring_slot.
STATE, END_NS, CPU, SAMPLES, PAUSED, ON_TIME, CPU_SEEN = 0, 24, 32, 72, 128, 156, 168
OWN_SEGMENTS, TAKEN, RESERVED, CONSUMED, SLOT_COUNTERS, SLOT_DATA = 160, 216, 256, 384, 512, 4096
LOOK, WAITING, WAITS, BEGUN, TIMES_ENDED = 1024, 1080, 1144, 3448, 3488

LIVE, ENDED = 1, 2
MS = 10**6
FIRST_NODE = 8


def u32(*values):
    return struct.pack("<%dI" % len(values), *(value & 0xFFFFFFFF for value in values))


def u64(*values):
    return struct.pack("<%dQ" % len(values), *(value & (1 << 64) - 1 for value in values))


def patch(part, offset, data):
    out = b""
    for at in range(0, len(data), 120):
        piece = data[at:at + 120]
        out += struct.pack("<BHBB", part, offset + at & 0xFFFF, offset + at >> 16, len(piece))
        out += piece
    return out


def world(part=0, cut=0, way=0, room=0):
    return patch(WORLD, 0, bytes([part, cut, way, room]))


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def record(tag, *fields):
    body = b""
    for field in fields:
        body += varint(field) if isinstance(field, int) else varint(len(field)) + field
    return varint(tag) + varint(len(body)) + body


# What a trace tells, or a process left in its ring for one that was never begun.
MODULE = record(2, 1, 0x400000, 0x500000, 0, 0, MS, b"/bin/a", b"\1\2\3\4")
GONE = record(3, 1, 1, 2 * MS)
THREADS = record(4, 1, 1, 0, b"one") + record(4, 2, 2, 0, b"two")
TOTALS = record(5, 1, 7 * MS, 3, 0, 1, 2, 3, 4, 0, 0, 0)
COUNTER = record(10, 0, 0, b"requests")
COUNTS = record(11, 1, MS, 1, 0, 0, 0, 4, 0)
EXEC = record(8, 2, 0, 3 * MS, MS)
EXIT = record(8, 1, 3, 3 * MS, MS)
PROPERTY = record(1, b"comm", b"me")
TELLS = PROPERTY + MODULE + GONE + THREADS + TOTALS + COUNTER + COUNTS


def sample(stack=FIRST_NODE + 1, when=MS, region=0, memory=(0, 0, 0, 0)):
    allocs, frees, alloc_bytes, free_bytes = memory
    return (u32(48 << 8 | 2, stack) + u64(when) + u32(1, region, allocs, frees) +
            u64(alloc_bytes, free_bytes))


def count(counter=0, delta=1, when=MS):
    return u32(32 << 8 | 3, FIRST_NODE) + u64(when) + u32(counter, 0) + u64(delta)


def offcpu(state=0, when=2 * MS):
    return u32(32 << 8 | 4, FIRST_NODE) + u64(when, MS) + u32(state, 0)


def heap(kind, address=0x1000, when=MS, record_type=5, size=64):
    return (u32(40 << 8 | record_type, kind) + u64(when, address, size) +
            u32(FIRST_NODE + 1, 0))


def mapping(kind, when=MS):
    return heap(kind, 0x7F0000000000, when, 8, 2 << 20)


def wait(kind=1, times=1, commit=72 << 8 | 9, end=3 * MS, peer=2):
    return (u32(commit, FIRST_NODE + 1, 0, kind, peer, times) +
            u64(0x7F0000001000, end - MS, end, MS, MS // (times or 1), 77))


def pad(size):
    return u32(size << 8 | 1) + bytes(size - 4)


def node(number, code, parent, generation=0):
    return patch(NODES, 16 * number, u64(code << 2) + u32(parent, generation))


STACKS = node(8, 0x401000, 1) + node(9, 0x402000, 8) + node(10, 1 << 61, 9) + node(11, 0, 8)
ALL = (sample() + sample(10, 2 * MS, 1, (5, 3, 500, 300)) + sample(99999, 2 * MS) + pad(16) +
       count() + count(31, -5) + count(32) + offcpu() + offcpu(1) + heap(3) + heap(0) +
       heap(4, 0x3000, 3 * MS) + heap(3, 0x2000, MS // 2) + mapping(2) + mapping(0) + mapping(3) +
       wait() + wait(13, 5, end=2 * MS) + wait(99, 0))


def records(data=ALL, first=0, slot=SLOT):
    """A slot's data from position `first` on."""
    ends = patch(slot, RESERVED, u64(first + len(data))) + patch(slot, CONSUMED, u64(first))
    where = DATA if slot == SLOT else SECOND_SLOT
    return ends + patch(where, first % (32 << 10) + (0 if slot == SLOT else SLOT_DATA), data)


def event(kind, step, ticks, size=0, place=0):
    zigzag = step << 1 if step >= 0 else (-step << 1) - 1
    out = varint(zigzag << 2 | kind) + varint(ticks)
    return out + (varint(size) + varint(place) if kind >= 2 else b"")


EXACT = event(2, 5, 10, 100, 0) + event(1, 0, 10) + event(3, 7, 10, 200, 1) + event(0, -7, 5)


def segment(part=SEGMENT, state=1, serial=0, stream=0, slot=0, slot_serial=1, committed=len(EXACT),
            events=EXACT, taken=b""):
    """`taken`: what the drain noted, from taken_at on."""
    out = patch(part, 0, u32(state, slot) + u64(slot_serial) + u32(stream, 4) +
                u64(serial, 1000, 0x10000))
    out += patch(part, 128, u32(committed, 2)) + (patch(part, 64, taken) if taken else b"")
    if part == SEGMENT:
        return out + patch(EVENTS, 0, events) + patch(PLACES, 240, u32(9, 1, 8, 0))
    return out + patch(part, 192, events)


def pool(count=2, full=0):
    return patch(HEAD, POOL + 8, u32(count, 1, full, 0, 1)) + patch(HEAD, POOL + 32, u64(500, MS))


PROGRAM = (patch(HEAD, HAS_COUNTER, u32(2, 3)) + patch(HEAD, COUNTERS, u32(1, 0) + b"requests") +
           patch(HEAD, COUNTERS + 64, u32(1, 1) + b"x" * 56) +
           patch(HEAD, REGIONS + 128, u32(1, 0) + b"outer") +
           patch(HEAD, REGIONS + 128 + 64, u64(3, MS, MS)) +
           patch(HEAD, REGIONS + 256, u32(1, 1) + b"y" * 56) +
           patch(SLOT, SLOT_COUNTERS, u64(7, -7)))
HANDLERS = (patch(HEAD, HANDLER, u64(100, 50, 10, 5, 9999)) +
            patch(HEAD, HANDLER + 128, u32(0, 3, 4)) + patch(HEAD, HANDLER + 128 + 640, u32(1)) +
            patch(HEAD, UNWINDING, u64(1, 2, 3)) + patch(HEAD, LOOKS, u64(9, 99)) +
            patch(HEAD, CHILDREN, u64(3 << 40 | 77)) + patch(HEAD, HEAP_LOST, u64(4, 5)))
DIED = patch(HEAD, DEATH, u32(2, 11, 1, 0) + u64(3 * MS, 0xDEAD, 1) + u32(0, 9, 1, 0))
LOOKS_TAKEN = u64(MS, 7, 1 << 20, 1 << 10, 5)
SEEN = (patch(HEAD, LOOKS_PUT, u32(2, 0)) + patch(HEAD, MEMORY_LOOKS, LOOKS_TAKEN) +
        patch(HEAD, MEMORY_LOOKS + 168, b"f" * 120))
TIMES = (patch(HEAD, PERIODS, u64(MS, 4 * MS)) + patch(SLOT, SAMPLES, u64(5, 1, 9, 900, 8, 800)) +
         patch(SLOT, PAUSED, u64(MS, 2 * MS, 1) + u32(9, 1)) +
         patch(SLOT, CPU, u64(MS, 90 * MS)))
WAITED = (patch(HEAD, WAITS_LOST, u64(3) + u32(2, 3) + u64(1000, 8000, 0, 50)) +
          patch(HEAD, OBJECTS + 256, u32(1, 1) + u64(99, 3, 300, 2, 1, 7, 700, 6, 5) + b"/file") +
          patch(HEAD, OBJECTS + 512, u32(1, 6) + u64(5, *[0] * 8) + b"z" * 176) +
          patch(SLOT, WAITS, wait(commit=2) + wait(5, commit=3) + wait(12, 9, commit=4)) +
          patch(SLOT, WAITING, u32(1, 2) + u64(1100, 0x1000, 9, 0, 0, 1100) + u32(FIRST_NODE)) +
          patch(SLOT, LOOK, u64(5, MS, 4000 * MS, 0) + u32(13, 1, 1, 2, FIRST_NODE + 1)) +
          patch(SLOT, BEGUN, u64(1, 2) + u32(3, 4, 5, 7) + u64(6)) +
          patch(SLOT, TIMES_ENDED, u64(MS, MS) + u32(9, 9, 9, 7) + u64(8)))
FULL = STACKS + PROGRAM + HANDLERS + SEEN + TIMES + records()
TWO = segment() + segment(SECOND_SEGMENT, 2, 1)
EXACTLY = STACKS + pool(2, 1) + TWO


def ended(slot=SLOT):
    return patch(slot, STATE, u32(ENDED)) + patch(slot, END_NS, u64(9 * MS))


def taken(at, position, slot=SLOT):
    return patch(slot, TAKEN, u64(position, at))


def limit(most, rotates=0):
    return patch(HEAD, MAX_SIZE, u64(most)) + patch(HEAD, ROTATES, u32(rotates))


def left(data):
    return patch(HEAD, START_SIZE, u64(len(data))) + patch(HEAD, START, data)


def told(data=TELLS):
    return patch(TOLD, 0, data)


RINGS = {
    "every_record": FULL,
    "waits": FULL + WAITED,
    "waits_ended": FULL + WAITED + ended(),
    "waits_exit_left": FULL + WAITED + patch(HEAD, END_KIND, u32(1, 3)),
    "waits_limit": FULL + WAITED + limit(700) + ended(),
    "waits_rotate": FULL + WAITED + told() + limit(4000, 1),
    "waits_unsound": FULL + WAITED + patch(HEAD, HAS_OBJECT, u32(1 << 31)) +
                     patch(SLOT, WAITING + 8, u64(1)) + patch(SLOT, WAITS + 24, u64(*[1 << 63] * 6)),
    "records_round_the_end": STACKS + records(ALL, (32 << 10) - 480 + 48 * 3),
    "records_in_both_slots": STACKS + records() + records(ALL, 0, SECOND_SLOT) + ended(SECOND_SLOT),
    "damaged_record": STACKS + records(sample() + u32(7 << 8 | 2) + bytes(60)),
    "uncommitted_record": STACKS + records(sample() + bytes(48)) + ended(),
    "odd_position": STACKS + records() + patch(SLOT, CONSUMED, u64(4)),
    "died": FULL + DIED,
    "died_before_its_slot": FULL + DIED + patch(HEAD, DEATH + 32, u64(5)),
    "died_of_no_signal": FULL + DIED + patch(HEAD, DEATH + 4, u32(99)),
    "exit_left": FULL + patch(HEAD, END_KIND, u32(1, 3)),
    "exit_left_by_the_tick": FULL + patch(HEAD, END_KIND, u32(1, 3)) + patch(SLOT, ON_TIME, u32(0)),
    "exit_left_soon": FULL + patch(HEAD, END_KIND, u32(1, 3)) + patch(SLOT, CPU, u64(MS, 0)) +
                      patch(SLOT, CPU_SEEN, u64(3 * MS)),
    "exec_left": FULL + patch(HEAD, END_KIND, u32(2, 0)),
    "many_looks": FULL + patch(HEAD, LOOKS_PUT, u32(40, 0)),
    "exact": EXACTLY + told(),
    "exact_taken": STACKS + pool() + segment(taken=u64(1, 1010, 5) + u32(4, 0)),
    "exact_taken_later": STACKS + pool() + segment(taken=u64(1 << 39, 1010, 5) + u32(4, 0)),
    "exact_streams": STACKS + pool() + segment(stream=3) + segment(SECOND_SEGMENT, 1, 0, 1),
    "exact_threads": STACKS + pool() + segment(slot=1, slot_serial=2) + segment(SECOND_SEGMENT),
    "exact_order": STACKS + pool() + segment(serial=5) + segment(SECOND_SEGMENT, 2, 4),
    "exact_unsound": STACKS + pool() + segment(committed=1 << 30) +
                     segment(SECOND_SEGMENT, 1, 0, 9),
    "exact_ahead": STACKS + pool() + segment(events=event(2, 1, 1 << 62, 1)),
    "taken_written": FULL + taken(1, 96),
    "taken_by_the_ended": FULL + ended() + taken(1, len(ALL)),
    "taken_ended_waits": FULL + ended() + taken(1, len(ALL)) + patch(SLOT, OWN_SEGMENTS, u64(3)),
    "taken_beyond": FULL + taken(1, 1 << 40),
    "told": FULL + told(),
    "told_exit": FULL + told(TELLS + EXIT),
    "told_exec": FULL + told(TELLS + EXEC),
    "told_exec_and_no_more": told(TELLS + EXEC) + patch(SLOT, RESERVED, u64(0)) +
                             patch(SECOND_SLOT, RESERVED, u64(0)),
    "told_exec_then_ended": told(TELLS + EXEC) + patch(SLOT, RESERVED, u64(0)) + ended() +
                            patch(SECOND_SLOT, RESERVED, u64(0)),
    "told_exec_then_looks": told(TELLS + EXEC) + patch(SLOT, RESERVED, u64(0)) + SEEN +
                            patch(SECOND_SLOT, RESERVED, u64(0)),
    "told_exec_free": told(TELLS + EXEC) + patch(SLOT, STATE, u32(0)),
    "told_exec_exact": EXACTLY + told(TELLS + EXEC) + patch(SLOT, RESERVED, u64(0)) +
                       patch(SECOND_SLOT, RESERVED, u64(0)),
    "told_wrong_modules": FULL + told(MODULE + MODULE + record(3, 9, 1, 1)),
    "told_long_build_id": FULL + told(record(2, 1, 1 << 22, 1 << 23, 0, 0, 1, b"/a", b"b" * 100)),
    "told_renumbered": FULL + told(record(4, 1, 77, 0, b"x") + record(5, 1, *[1] * 10)),
    "no_trace": FULL + world(cut=CUT_FILE),
    "start_left": FULL + left(TELLS) + patch(HEAD, TRACE_WRITTEN, u64(0)) + world(cut=CUT_FILE),
    "start_left_in_empty": FULL + left(TELLS) + world(cut=CUT_BYTES),
    "start_left_over": FULL + left(TELLS + EXIT) + world(cut=CUT_BYTES),
    "nothing_left_in_empty": FULL + world(cut=CUT_BYTES),
    "cut": FULL + told() + world(cut=30),
    "cut_and_told": FULL + told() + world(cut=30) + patch(HEAD, TRACE_WRITTEN, u64(20)),
    "more_than_noted": FULL + told() + patch(HEAD, TRACE_WRITTEN, u64(100)),
    "no_room": FULL + world(room=1),
    "some_room": FULL + world(room=40),
    "no_room_exact": EXACTLY + told() + world(room=2),
    "limit": FULL + TWO + pool() + limit(300),
    "limit_half": FULL + TWO + pool() + limit(1200),
    "limit_ended": FULL + TWO + pool() + limit(1000) + ended() + taken(0, 0),
    "limit_no_room": FULL + TWO + pool() + limit(300) + world(room=2),
    "limit_exec_left": FULL + limit(300) + patch(HEAD, END_KIND, u32(2, 0)),
    "limit_exec_left_ended": FULL + limit(300) + patch(HEAD, END_KIND, u32(2, 0)) + ended(),
    "limit_tiny": FULL + limit(1),
    "rotates": FULL + told() + TWO + pool() + limit(4000, 1),
    "rotates_small": FULL + told() + limit(1200, 1),
    "rotates_not": FULL + told() + limit(4, 1),
    "rotates_no_room": FULL + told() + limit(1200, 1) + world(room=1),
    "rotates_again": FULL + told() + limit(4000, 1) + world(part=6),
    "read": FULL + world(way=READ),
    "read_nothing": FULL + told(EXIT) + world(way=READ),
    "read_parts": FULL + told() + EXACTLY + limit(4000, 1) + world(part=2, way=READ),
    "read_parts_taken": EXACTLY + records() + segment(taken=u64(1, 1010, 5) + u32(4, 0)) +
                        taken(1 << 50, 96) + world(part=5, way=READ),
    "read_part_gone": FULL + patch(HEAD, TRACE_WRITTEN, u64(2 << 40 | 99)) + world(way=READ),
    "read_no_room": FULL + world(way=READ, room=1),
    "asked": FULL + world(way=ASK),
    "asked_of_other_version": patch(HEAD, 8, u32(8)) + world(way=ASK),
    "asked_of_other_namespace": patch(HEAD, 136, u64(1)) + world(way=ASK),
    "asked_of_none": patch(HEAD, 8, u32(0)) + world(way=ASK),
    "asked_of_no_directory": patch(HEAD, TRACE, b"nowhere\0") + world(way=ASK),
}


def payload(data, flags=1):
    return struct.pack("<BH", flags, len(data)) + data


def resource(number, kind, scope, name, subject=b"", reason=b"", tid=0):
    return record(32, number, kind, scope, 3, tid, name, b"MHz", subject, reason)


STACK = record(6, 0, 1, 1, 4 << 1, 8)
DEATH_TOLD = record(30, 1, 1, MS, 11, 2, 0xDEAD, 0, 8)
TRACES = {
    "death": payload(TELLS + STACK + DEATH_TOLD),
    "waits": payload(TELLS + STACK + record(17, 1, 0, 3 * MS, 1, 0, 8, 1, 2000, 2, 1, MS, 0, 0, 5, 0) +
                     record(18, 1, 4 * MS, 7, MS, MS, 5, 6, 7, 0) +
                     record(19, 1, 1, 99, b"/file", 3, 300, 2, 1, 7, 700, 6, 5)),
    "waits_open": payload(TELLS + STACK + record(17, 1, 1, 3 * MS, 1, 0, 8, 5, 0, 0, 0, MS, 0, 0, 0, 0)),
    # Two threads that wait for each other's locks, for ever; and a condition that one was woken at.
    "waits_deadlock": payload(TELLS + STACK +
                              record(17, 1, 1, 9 * MS, 1, 0, 8, 1, 32, 2, 0, 7 * MS, 0, 0, 0, 0) +
                              record(17, 2, 1, 9 * MS, 1, 0, 8, 2, 64, 1, 0, 6 * MS, 0, 0, 0, 0) +
                              record(17, 2, 0, 2 * MS, 1, 0, 0, 5, 32, 1, 1, 2 * MS, 0, 0, 0, 0)),
    # Two gauges and a counter: skips, second differences, what did not change, a burst, a reset.
    "resources": payload(TELLS + STACK + resource(1, 1, 1, b"cpu.mhz", b"cpu0") +
                         resource(2, 1, 1, b"cpu.mhz-nominal", b"cpu0") +
                         resource(3, 2, 3, b"thread.cpu", tid=1) + resource(4, 1, 1, b"x", b"", b"no") +
                         record(33, MS, 4, 3, 0, 1000, 1000, 1000, 1, 4 << 2, 500, 0, 6000, 1, 2, 3,
                                2, 2 << 2 | 2, 1, 0, 5, 6000, 0,
                                3, 3 << 2 | 3, 10, 0, 3, 0, 2, 8, 7)) +
                 payload(TELLS + resource(1, 1, 1, b"cpu.mhz", b"cpu0", b"gone") +
                         record(33, 4 * MS, 2, 1, 0, 900, 3, 1 << 2, 1, 3, 9)),
    "resources_used_first": payload(TELLS + record(33, MS, 1, 1, 0, 7, 1 << 2, 1, 0, 8) +
                                    resource(7, 2, 2, b"process.cpu")),
    "resources_beyond": payload(TELLS + resource(1, 1, 1, b"cpu.mhz", b"cpu0") +
                                record(33, MS, 2, 2, 0, 1, 1, 3 << 2, 1, 0, 4, 4, 4, 0, 1 << 2, 1, 8, 1)),
    "death_of_nobody": payload(TELLS + STACK + record(30, 9, 1, MS, 11, 2, 1, 0, 99)),
}
SEEDS = {"rings": RINGS, "records": TRACES, "traces": TRACES}


def main():
    for target, seeds in SEEDS.items():
        for name, data in seeds.items():
            with open(os.path.join(sys.argv[1], target, name), "wb") as file:
                file.write(data)


main()
