"""What a sample costs the analyzer: traces of 10^5 to 10^7 samples of the same stacks in 16 threads.

    aggregate.py BUILD [SAMPLES]     (`ONLY=aggregate make bench` builds and runs it, LONG=1: to 10^8)

Two forms: every thread in any of 50 000 stacks, which no cache holds, and in 3000. Medians of three
runs; memory below 70 MiB is this script's, before it became the command.
"""

import os
import sys
import tempfile

import measure

ROUNDS = 3


def row(build, scratch, samples, stacks):
    trace = os.path.join(scratch, "samples.pinj")
    measure.run([os.path.join(build, "programs", "sample_trace"), trace, str(samples), str(stacks), "/nowhere"])
    command = [os.path.join(build, "profinject"), "folded", "--metric", "samples", trace]
    runs = [measure.run(command) for _ in range(ROUNDS)]
    counted = sum(int(line.rsplit(" ", 1)[1]) for line in runs[0].output.splitlines())
    if counted != samples:
        raise measure.Failed(f"{counted} of {samples} samples are in the result")
    wall = measure.median([run.wall for run in runs])
    size = os.path.getsize(trace)
    os.unlink(trace)
    return [f"{samples:.0e}", str(stacks), f"{size / 1e6:.1f} MB", f"{wall:.2f} s", f"{wall / samples * 1e9:.0f} ns",
            f"{max(run.peak_kb for run in runs) / 1024:.0f} MiB"]


def main():
    build, most = os.path.abspath(sys.argv[1]), int(float(sys.argv[2])) if len(sys.argv) > 2 else 10**7
    rows = []
    with tempfile.TemporaryDirectory(prefix="profinject-bench.") as scratch:
        for stacks in (50000, 3000):
            samples = 10**5
            while samples <= most:
                rows.append(row(build, scratch, samples, stacks))
                samples *= 10
    print(measure.table(["samples", "stacks", "trace", "to folded", "per sample", "memory"], rows))


main()
