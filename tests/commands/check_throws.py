"""Checks that a program throws exceptions as fast injected as without.

    check_throws.py RATIO LIBRARY DIR COMMAND...

COMMAND prints, for every line it reads, what it threw per second of its own CPU time
in a short slice. One that is injected and one that is not live side by side on one
processor and take turns, in alternating order: what else the machine does meets both. Asked
for is the median of the pairs' ratios; of many couples of processes, as where the loader
puts things changes the speed of a process for its whole life.
"""

import os
import statistics
import subprocess
import sys

COUPLES = 40  # in a round; another follows while the median is near what is asked for
ROUNDS = 3
CLEAR = 0.005
PAIRS = 7


def start(command, environment):
    processor = max(os.sched_getaffinity(0))
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            env={**os.environ, **environment},
                            preexec_fn=lambda: os.sched_setaffinity(0, {processor}))


def measure(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def ratios(command, environment):
    """Of one couple of processes: injected to bare, a number per pair."""
    bare, injected = start(command, {}), start(command, environment)
    measure(bare), measure(injected)  # what happens once, like making rules, is not speed
    for pair in range(PAIRS):
        if pair % 2:
            first, second = measure(bare), measure(injected)
            yield second / first
        else:
            first, second = measure(injected), measure(bare)
            yield first / second
    for process in (bare, injected):
        process.stdin.close()
        if process.wait() != 0:
            sys.exit(f"'{command[0]}' ended with {process.returncode}")


def main():
    least, library, directory, *command = sys.argv[1:]
    found = []
    for couple in range(COUPLES * ROUNDS):
        if couple % COUPLES == 0 and found:
            median = statistics.median(found)
            print(f"after {couple} couples: median {median:.4f}")
            if abs(median - float(least)) > CLEAR:
                break
        environment = {"LD_PRELOAD": library, "PROFINJECT_OUTPUT": f"{directory}/{couple}",
                       "PROFINJECT_QUIET": "on"}
        of_couple = sorted(ratios(command, environment))
        print(f"couple {couple}: {of_couple[0]:.3f} {statistics.median(of_couple):.3f} "
              f"{of_couple[-1]:.3f}")
        found += of_couple
    median = statistics.median(found)
    print(f"median {median:.4f}, asked for {least}")
    return 0 if median >= float(least) else 1


sys.exit(main())
