"""kill -9 while a trace rotates: the newest is kept, whole, and no file is ever too large.

    check_rotation.py PROFINJECT LIBRARY PHASES ROUNDS [SEED]

Each round starts `phases` (tests/programs) endlessly, all its allocations recorded, under `record`
or in the bare form, and kills it, and in some rounds the keeper with it, at a random moment. Sizes
of allocations number them: what the trace holds, read by the independent reader alone, must be
consecutive ones up to the last that the program noted in shared memory, or the one after. Every
second time the files are as small as they may be, each smaller than a segment of events. Meanwhile the trace's files are looked at all the time."""

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

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../reader"))
import pinj  # pylint: disable=wrong-import-position

CAPS, ROUND_S = (512 << 10, 64 << 10), 30
LEAST, TURNS = 10000, 9973  # sizes of allocations


def start(profinject, library, phases, form, cap):
    environment = dict(os.environ, PHASES_TRUTH="truth", PROFINJECT_HEAP="exact", PROFINJECT_QUIET="on",
                       PROFINJECT_MAX_SIZE=str(cap), PROFINJECT_ROTATE="on", PROFINJECT_OUTPUT="recording",
                       XDG_RUNTIME_DIR=os.path.abspath("rings"))  # no other `record` of the user cleans up there
    command = [profinject, "record", "--"] if form != "bare" else []
    if form == "bare":
        environment["LD_PRELOAD"] = library
    return subprocess.Popen(command + [phases, "0"], env=environment)


def pids(phases):
    """Of the program and the keeper: both have the recording in their environment or memory."""
    with open("recording/manifest", encoding="utf-8") as file:
        facts = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    target = [int(path.split(".")[-2]) for path in glob.glob(f"{facts['rings']}/profinject.{facts['id']}.*.ring")]
    keeper = [int(facts["servant"].split("/")[2])] if "servant" in facts else []
    return target, keeper


def size_now():
    total = 0
    for path in glob.glob("recording/*.pinj*"):
        try:
            total += os.stat(path).st_size
        except FileNotFoundError:
            pass  # it became another
    return total


def wait_for(child, truth, count, delay, cap):
    """Until so many allocations were made and so much time is over, watching the size."""
    deadline, most = time.monotonic() + ROUND_S, 0
    until = time.monotonic() + delay
    while struct.unpack_from("q", truth)[0] < count or time.monotonic() < until:
        most = max(most, size_now())
        if time.monotonic() > deadline or child.poll() is not None:
            sys.exit("the program did not run")
    if most > cap:
        sys.exit(f"the trace had {most} bytes")


def check(profinject, noted, cap):
    info = subprocess.run([profinject, "info", "--json", "recording"], capture_output=True, check=True)
    info = json.loads(info.stdout)
    if info["chunks_damaged"] or not info["chunks_dropped"]:
        sys.exit(f"{info['chunks_damaged']} chunks damaged, {info['chunks_dropped']} dropped")
    if size_now() > cap:
        sys.exit(f"the trace has {size_now()} bytes")
    [path] = glob.glob("recording/*.pinj")
    records = list(pinj.read(path))
    wrong = [record for record in records if record["record"] in ("damage", "gap")]
    told = [row["size"] for record in records if record["record"] == "heap_events" and record["stream"] == 0
            for row in record["rows"] if "size" in row]
    sizes = [size for size in told if LEAST <= size < LEAST + TURNS]
    jumps = [(a, b) for a, b in zip(sizes, sizes[1:]) if (a - LEAST + 1) % TURNS != b - LEAST]
    if wrong or jumps or not sizes:
        sys.exit(f"{wrong[:3]} {jumps[:3]} of {len(sizes)}")
    behind = (sizes[-1] - LEAST - (noted - 1)) % TURNS
    if behind > 1:
        sys.exit(f"the last allocation has {sizes[-1]} bytes, {noted} were noted")
    return len(sizes)


def run(profinject, library, phases, form, cap, chance):
    shutil.rmtree("recording", ignore_errors=True)
    with open("truth", "w+b") as file:
        file.write(bytes(8))
        file.flush()
        truth = mmap.mmap(file.fileno(), 8)
    child = start(profinject, library, phases, form, cap)
    wait_for(child, truth, 400000, chance.random() * 0.3, cap)
    target, keeper = pids(phases)
    for pid in target + (keeper if form == "both" else []):
        os.kill(pid, signal.SIGKILL)
    child.wait()
    if form == "record":
        time.sleep(0.05)
    return check(profinject, struct.unpack_from("q", truth)[0], cap)


def main():
    profinject, library, phases, rounds = sys.argv[1:5]
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else int(time.time())
    chance, kept = random.Random(seed), []
    os.makedirs("rings", mode=0o700, exist_ok=True)
    for number in range(int(rounds)):
        form, cap = ("record", "bare", "both")[number % 3], CAPS[number % 2]
        print(f"seed {seed}, round {number}, {form}, {cap}", end="\r", file=sys.stderr, flush=True)
        kept.append((run(profinject, library, phases, form, cap, chance), cap))
    for cap in CAPS:
        counts = [count for count, its_cap in kept if its_cap == cap]
        if counts and min(counts) < cap / 40:  # none takes as many bytes
            sys.exit(f"{min(counts)} allocations in {cap} bytes")
        print(f"{len(counts)} rounds, seed {seed}: {min(counts)} to {max(counts)} allocations kept in {cap} bytes")


if __name__ == "__main__":
    main()
