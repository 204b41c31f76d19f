"""Compares a wall profile of waiters with the times its threads measured themselves.

    check_wall.py TRUTH WALL.folded

The folded file is made with --metric wall --by-thread. On and off the processor
together are a thread's wall time; every waiting thread waits at the bottom of 30
calls; the one that burns is off the processor only where others have it.
"""

import sys

DEPTH = 30
SHARE = 0.01
SLACK_NS = 8_000_000  # a tick, twice: on-CPU time is sampled in ticks
KINDS = {"sleep": "sleep", "read": "read", "mutex": "mutex", "cond": "condition", "poll": "poll"}
BOTTOMS = {"sleep": "wait_in_sleep", "read": "wait_in_read", "mutex": "wait_in_mutex",
           "cond": "wait_in_condition", "poll": "wait_in_poll", "burn": "burn",
           "alternate": "burn_and_nap"}

failures = []


def check(holds, text):
    print(("ok   " if holds else "FAIL ") + text)
    if not holds:
        failures.append(text)


def read_truth(path):
    """Lists of (wall, cpu) by name, in the order of joining, which is that of starting."""
    truth = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = line.split()
            if len(fields) == 3:
                truth.setdefault(fields[0], []).append((int(fields[1]), int(fields[2])))
    return truth


def read_profile(path):
    """Per name a list, by tid, of lists of (frames, value)."""
    threads = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            stack, value = line.rstrip("\n").rsplit(" ", 1)
            label, *frames = stack.split(";")
            threads.setdefault(label, []).append((frames, int(value)))
    named = {}
    for label in sorted(threads, key=lambda text: int(text.rsplit("(", 1)[1].rstrip(")"))):
        named.setdefault(label.rsplit(" (", 1)[0], []).append(threads[label])
    return named


def is_off(frame):
    return frame == "[runnable]" or frame.startswith("[off-CPU")


def check_thread(name, stacks, wall, cpu):
    total = sum(value for _, value in stacks)
    on_cpu = sum(value for frames, value in stacks if not is_off(frames[-1]))
    check(abs(total - wall) <= wall * SHARE + SLACK_NS, f"{name}: {total} of {wall} ns wall")
    check(abs(on_cpu - cpu) <= cpu * SHARE + 2 * SLACK_NS, f"{name}: {on_cpu} of {cpu} ns CPU")
    blocked = [(frames, value) for frames, value in stacks if frames[-1].startswith("[off-CPU")]
    deep = sum(value for frames, value in blocked
               if frames.count("descend") == DEPTH and BOTTOMS[name] in frames)
    waited = sum(value for _, value in blocked)
    if name in KINDS:
        known = sum(value for frames, value in blocked
                    if frames[-1] == f"[off-CPU: {KINDS[name]}]")
        check(known >= 0.98 * waited, f"{name}: {known} of {waited} ns are of its kind")
    if name in ("sleep", "read", "mutex", "cond", "poll"):
        check(deep >= 0.98 * waited and deep >= 0.9 * wall,
              f"{name}: {deep} of {waited} ns under {DEPTH} calls and {BOTTOMS[name]}")


truth = read_truth(sys.argv[1])
profile = read_profile(sys.argv[2])
for thread, times in truth.items():
    check(len(profile.get(thread, [])) == len(times), f"{thread}: {len(times)} threads")
    for stacks_of_one, (wall_ns, cpu_ns) in zip(profile.get(thread, []), times):
        check_thread(thread, stacks_of_one, wall_ns, cpu_ns)
sys.exit(len(failures) > 0)
