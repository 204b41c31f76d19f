"""Compares shares of code that was made at run time with what jit_code burned in it.

    check_jit.py TRUTH SAMPLES.folded [NAME...]

TRUTH has lines "NAME NANOSECONDS". The names that samples have must be these (or NAME...), and
each share lie within 4 standard deviations of n stacks, and 3 % for the moments in between.
"""

import collections
import math
import sys

import folded

truth = collections.Counter()
for line in open(sys.argv[1], encoding="utf-8"):
    name, nanoseconds = line.split()
    truth[name] += int(nanoseconds)
wanted = sys.argv[3:] or list(truth)
found = collections.Counter()
for frames, value in folded.parse(sys.argv[2]):
    if "call_made" in frames and frames[-1] != "call_made":
        found[frames[frames.index("call_made") + 1]] += value

stacks, burned = sum(found.values()), sum(truth[name] for name in wanted)
failures = [f"{name}: a name that none has" for name in found if name not in wanted]
if stacks < 50:
    failures.append(f"only {stacks} stacks in made code")
for name in wanted:
    share, true = found[name] / max(stacks, 1), truth[name] / burned
    allowed = 4 * math.sqrt(true * (1 - true) / max(stacks, 1)) + 0.03
    line = f"{name}: {share:.3f}, true {true:.3f}, {allowed:.3f} allowed, of {stacks} stacks"
    print(line)
    if abs(share - true) > allowed:
        failures.append(line)
if failures:
    sys.exit("\n".join(failures))
