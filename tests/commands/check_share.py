"""Checks that samples inside a region are the share of all that they should be.

    check_share.py SHARE INSIDE.folded ALL.folded

Both files count samples; allowed are four standard deviations of the binomial
distribution, as many samples as were taken.
"""

import math
import sys


def total(path):
    with open(path, encoding="utf-8") as file:
        return sum(int(line.rsplit(" ", 1)[1]) for line in file)


def main():
    share = float(sys.argv[1])
    inside, everything = total(sys.argv[2]), total(sys.argv[3])
    allowed = 4 * math.sqrt(share * (1 - share) * everything)
    print(f"{inside} of {everything}, expected {share * everything:.0f} +- {allowed:.0f}")
    return 0 if everything > 50 and abs(inside - share * everything) <= allowed else 1


sys.exit(main())
