"""A long flight recording: bounded at every moment, memory flat, and the last of it whole after kill -9.

    flight.py PROFINJECT PHASES CHUNKS CAP [LIBRARY]

An hour of an ordinary recording is 3600 chunks, one a second. Here every allocation of an endless
`phases` (tests/programs) is recorded, which makes as many in a minute, each of 1 MiB before it is
compressed: until CHUNKS were written, or 10 minutes are over, under `record --max-size CAP
--rotate`, or, with LIBRARY, in the bare form. Then the program is killed, and what the end of the
trace holds must be consecutive allocations up to the last that the program noted."""

import glob
import json
import mmap
import os
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../reader"))
import pinj  # pylint: disable=wrong-import-position

TAIL, WARM = 2 << 20, 0.25  # bytes looked at; part of the run after which memory is flat
SLACK = 2 << 20
LEAST, TURNS = 10000, 9973


def files():
    found = []
    for path in glob.glob("recording/*.pinj*"):
        try:
            found.append((os.stat(path).st_size, path))
        except FileNotFoundError:
            pass
    return found


def newest():
    """Sequence of the first chunk of the newest part, and its bytes."""
    found = (0, b"")
    for _, path in files():
        try:
            with open(path, "rb") as file:
                header = pinj.header_at(file.read(pinj.HEADER.size), 0)
                if header and header["sequence"] >= found[0]:
                    found = header["sequence"], path
        except FileNotFoundError:
            pass
    return found


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("RssAnon:"))


def watch(child, chunks, cap):
    """Returns the target's pid, the memory over time of who writes, and how many chunks there were."""
    with open("recording/manifest", encoding="utf-8") as file:
        facts = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    target = int(glob.glob(f"{facts['rings']}/profinject.{facts['id']}.*.ring")[0].split(".")[-2])
    writer, memory, written, most = int(facts.get("servant", f"//{target}").split("/")[2]), [], 0, 0
    deadline = time.monotonic() + 600
    while written < chunks and time.monotonic() < deadline and child.poll() is None:
        for _ in range(50):
            most = max(most, sum(size for size, _ in files()))
            time.sleep(0.002)
        memory.append(resident(writer))
        written = newest()[0]
    if most > cap:
        sys.exit(f"the trace had {most} bytes")
    return target, memory, written


def check_end(noted):
    with open(newest()[1], "rb") as file:
        data = file.read()
    tail = data[pinj.find_header(data, max(len(data) - TAIL, 0)):]
    sizes = [row["size"] for record in pinj.read_bytes(tail) if record["record"] == "heap_events"
             for row in record["rows"] if LEAST <= row.get("size", 0) < LEAST + TURNS]
    jumps = [(a, b) for a, b in zip(sizes, sizes[1:]) if (a - LEAST + 1) % TURNS != b - LEAST]
    behind = (sizes[-1] - LEAST - (noted - 1)) % TURNS
    if jumps or behind > 1:
        sys.exit(f"{jumps[:3]}; the last allocation has {sizes[-1]} bytes, {noted} were noted")
    return len(sizes)


def main():
    profinject, phases, chunks, cap = sys.argv[1:3] + [int(value) for value in sys.argv[3:5]]
    environment, library = dict(os.environ, PHASES_TRUTH="truth"), sys.argv[5:]
    with open("truth", "w+b") as file:
        file.write(bytes(8))
        file.flush()
        truth = mmap.mmap(file.fileno(), 8)
    begin = time.monotonic()
    settings = {"OUTPUT": "recording", "HEAP": "exact", "MAX_SIZE": str(cap), "ROTATE": "on", "QUIET": "on"}
    environment |= {f"PROFINJECT_{name}": value for name, value in settings.items()}
    environment |= {"LD_PRELOAD": library[0]} if library else {}
    command = [] if library else [profinject, "record", "--"]
    child = subprocess.Popen(command + [phases, "0"], env=environment)
    while struct.unpack_from("q", truth)[0] < 100000:
        time.sleep(0.01)
    target, memory, written = watch(child, chunks, cap)
    os.kill(target, signal.SIGKILL)
    child.wait()
    lasted = time.monotonic() - begin
    warm = memory[int(len(memory) * WARM)]
    if max(memory) > warm + SLACK:
        sys.exit(f"the writer's memory grew from {warm} to {max(memory)} bytes")
    info = json.loads(subprocess.run([profinject, "info", "--json", "recording"], capture_output=True,
                                     check=True).stdout)
    if info["chunks_damaged"] or info["heap_events"]["lost"] or info["heap_events"]["segments_lost"]:
        sys.exit("chunks are damaged, or events lost")
    noted = struct.unpack_from("q", truth)[0]
    print(f"{noted} allocations in {lasted:.0f} s, {written} chunks; {info['heap_events']['blocks']} kept in "
          f"{info['bytes']} bytes; writer {warm >> 10} KiB at a quarter, {max(memory) >> 10} at most; "
          f"{check_end(noted)} allocations at the end in a row")


if __name__ == "__main__":
    main()
