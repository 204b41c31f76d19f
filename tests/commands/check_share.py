"""Checks that samples inside a region are the share of all that they should be.

    check_share.py SHARE INSIDE.folded ALL.folded TRACE.pinj...

Allowed are four standard deviations of the binomial distribution. Both files count CPU
time, and the traces say of how many stacks it is (trace.effective).
"""

import math
import sys

import trace


def total(path):
    with open(path, encoding="utf-8") as file:
        return sum(int(line.rsplit(" ", 1)[1]) for line in file)


def main():
    share = float(sys.argv[1])
    inside, everything = total(sys.argv[2]), total(sys.argv[3])
    stacks = trace.effective([s.weight for path in sys.argv[4:] for s in trace.samples(path)])
    allowed = 4 * math.sqrt(share * (1 - share) / stacks)
    print(f"{inside / everything:.4f}, expected {share:.4f} +- {allowed:.4f} by {stacks:.0f} stacks")
    return 0 if stacks > 50 and abs(inside / everything - share) <= allowed else 1


sys.exit(main())
