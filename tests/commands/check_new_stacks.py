"""Stacks without end: memory of all who take part is bounded, and each that is kept is whole.

    check_new_stacks.py PROFINJECT LIBRARY NEW_STACKS STACKS

`new_stacks` (tests/programs) allocates by STACKS stacks, hardly any of which comes twice, all recorded, in a
flight recorder of CAP bytes, under `record`, then in the bare form, and is killed. Memory is looked at
all the time: from WARM of the stacks on it may not grow. What is kept must be allocations by
stacks from main() down to leaf(), none of them broken."""

import glob
import json
import mmap
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

CAP, DEPTH, WARM, SLACK = 1 << 20, 20, 0.5, 2 << 20
WHOLE = re.compile(rb"(^|;)main;(descend;way_[1-8];){%d}descend;leaf[^;]*$" % DEPTH)


def start(profinject, library, new_stacks, form):
    shutil.rmtree("recording", ignore_errors=True)
    os.makedirs("rings", mode=0o700, exist_ok=True)
    environment = dict(os.environ, PHASES_TRUTH="truth", PROFINJECT_HEAP="exact", PROFINJECT_QUIET="on",
                       PROFINJECT_MAX_SIZE=str(CAP), PROFINJECT_ROTATE="on", PROFINJECT_OUTPUT="recording",
                       XDG_RUNTIME_DIR=os.path.abspath("rings"))
    environment |= {"LD_PRELOAD": library} if form == "bare" else {}
    command = [profinject, "record", "--"] if form == "record" else []
    return subprocess.Popen(command + [new_stacks, "0", str(DEPTH)], env=environment)


def resident(pid, what):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(what))


def look(target, writer, ring):
    sizes = [os.stat(path).st_size for path in glob.glob("recording/*.pinj*") if os.path.exists(path)]
    return {"trace": sum(sizes), "ring": os.stat(ring).st_blocks * 512, "target": resident(target, "RssAnon"),
            "target, shared": resident(target, "RssShmem"), "writer": resident(writer, "RssAnon")}


def watch(truth, stacks, deadline):
    """The pid of the program, and the most of everything before and after it was warm."""
    done, warm, all_most = 0, {}, {}
    while not glob.glob("rings/*.ring") or struct.unpack_from("q", truth)[0] == 0:
        time.sleep(0.01)
    [ring] = glob.glob("rings/*.ring")
    target = int(ring.split(".")[-2])
    with open("recording/manifest", encoding="utf-8") as file:
        servant = [line.split("/")[2] for line in file if line.startswith("servant=")]
    while done < stacks:
        now = look(target, servant[0] if servant else target, ring)
        most = warm if done < stacks * WARM else all_most
        for name, value in now.items():
            most[name] = max(most.get(name, 0), value)
        time.sleep(0.02)
        done = struct.unpack_from("q", truth)[0]
        if time.monotonic() > deadline:
            sys.exit(f"only {done} stacks")
    return target, warm, all_most


def check(profinject):
    info = json.loads(subprocess.run([profinject, "info", "--json", "recording"], capture_output=True,
                                     check=True).stdout)
    folded = subprocess.run([profinject, "folded", "--metric", "alloc-count", "recording"], capture_output=True,
                            check=True).stdout.splitlines()
    wrong = [line for line in folded if not WHOLE.search(line.rsplit(b" ", 1)[0])]
    kept = sum(int(line.rsplit(b" ", 1)[1]) for line in folded)
    heap = info["heap_events"]
    if wrong or heap["lost"] or heap["segments_lost"] or kept != heap["blocks"] or not info["chunks_dropped"]:
        sys.exit(f"{wrong[:2]} {len(wrong)} of {len(folded)}, {kept} kept: {heap}")
    return kept


def main(profinject, library, new_stacks, stacks):
    for form in ("record", "bare"):
        with open("truth", "w+b") as file:
            file.write(bytes(8))
            file.flush()
            truth = mmap.mmap(file.fileno(), 8)
        begin = time.monotonic()
        child = start(profinject, library, new_stacks, form)
        target, warm, most = watch(truth, int(stacks), begin + 600)
        os.kill(target, signal.SIGKILL)
        child.wait()
        lasted = time.monotonic() - begin
        told = ", ".join(f"{name} {warm[name] >> 10} then {most[name] >> 10}" for name in most)
        print(f"{form}: {stacks} stacks of {2 * DEPTH + 2} frames in {lasted:.1f} s; most KiB: {told}", flush=True)
        grown = [name for name in most if most[name] > warm[name] + SLACK]
        if grown or most["trace"] > CAP:
            sys.exit(f"grown: {grown}")
        print(f"{form}: {check(profinject)} allocations kept, all by whole stacks", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
