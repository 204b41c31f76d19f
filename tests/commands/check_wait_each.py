"""Compares what profinject says of waits, one a call, with what the program measured (wait_each.c).

    check_wait_each.py TRUTH WALL.folded

Of a wait in wait_in_NAME all that it took is off the CPU, in the kind it is, or ready to run: the
time between what the hook and the program measured is BETWEEN_NS at most.
"""

import collections
import re
import sys

SHARE, BETWEEN_NS = 0.03, 3_000_000
LONG_NS = 1_000_000  # who fills a pipe may find it emptied as fast, and only be ready to run meanwhile


def main():
    said = collections.defaultdict(collections.Counter)
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            stack, value = line.rstrip("\n").rsplit(" ", 1)
            frame = re.search(r"(?:^|;)wait_in_(\w+)", stack)
            if frame:
                said[frame[1]][stack.rsplit(";", 1)[1].strip("[]")] += int(value)
    failed = checked = 0
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            name, kind, length = line.rstrip("\n").split("\t")
            of = said[name]
            told = of[f"off-CPU: {kind}"]
            whole = told + of["runnable"]
            good = (told > 0 or int(length) < LONG_NS) and abs(whole - int(length)) <= SHARE * int(length) + BETWEEN_NS
            checked += 1
            if not good:
                failed += 1
                print(f"{name}: {kind} for {length} ns, said: {dict(of)}")
    print(f"{checked} calls")
    return failed > 0 or checked < 80


sys.exit(main())
