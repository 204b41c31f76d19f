"""What the wait hooks cost: calls that do not wait, and threads that wait for each other.

    wait_costs.py BUILD [TURNS]        (`ONLY=waits make bench` builds and runs it)

Each run of wait_costs calls every function as found and as libc has it, in pairs of rounds; the
difference within a pair is what the hook costs, whatever else is different about the process. The
bare process shows the noise of that. The last column is what a program pays in all: as found
there, against libc's of the bare process (a thread of ours in the process ends glibc's short cuts
for programs without threads).
"""

import os
import sys
import tempfile

import measure

TURNS = 6
CALL_ROUNDS, CONTENDED_ROUNDS = 60, 20
# Threads that hold one mutex; nanoseconds with it and without it.
CONTENDED = [("contended", 2, 100, 300), ("contended", 8, 100, 300), ("contended", 2, 1000, 1000),
             ("contended", 8, 1000, 1000), ("contended", 8, 20000, 20000), ("handover", 2, 0, 0)]


def forms(build):
    """(name, what stands before the command, environment) of each way to run a program."""
    library = {"LD_PRELOAD": os.path.abspath(os.path.join(build, "libprofinject.so")), "PROFINJECT_QUIET": "on",
               "PROFINJECT_OUTPUT": "recording.%p"}
    record = [os.path.abspath(os.path.join(build, "profinject")), "record", "--quiet", "-o", "recording.%p", "--"]
    return [("bare", [], {}), ("preloaded", [], library), ("record", record, {}),
            ("record, waits off", record, {"PROFINJECT_WAITS": "off"})]


def run_pairs(program, form, arguments):
    """{row: [(as found, of libc), ...]} of one run."""
    _, before, environment = form
    pairs = {}
    with tempfile.TemporaryDirectory() as directory:
        done = measure.run([*before, program, *map(str, arguments)], environment, directory)
    for line in done.output.splitlines():
        row, found, libcs = line.split()
        pairs.setdefault(row, []).append((float(found), float(libcs)))
    return pairs


def gather(program, every, arguments, turns):
    """{form: {row: pairs}}: the forms in turn, so that a slow minute meets all of them."""
    gathered = {name: {} for name, _, _ in every}
    for _ in range(turns):
        for form in every:
            for row, pairs in run_pairs(program, form, arguments).items():
                gathered[form[0]].setdefault(row, []).extend(pairs)
    return gathered


def column(pairs, which):
    return [pair[which] for pair in pairs]


def call_rows(gathered):
    rows = []
    for row, bare in gathered["bare"].items():
        for name, of_form in gathered.items():
            pairs = of_form[row]
            added = [found - libcs for found, libcs in pairs]
            low, high = measure.interval(added)
            best = min(column(pairs, 0)) - min(column(pairs, 1))
            whole = measure.median(column(pairs, 0)) - measure.median(column(bare, 1))
            rows.append([row, name, f"{measure.median(column(pairs, 1)):.2f}", f"{min(column(pairs, 1)):.2f}",
                         f"{measure.median(added):+.2f} ({low:+.2f} to {high:+.2f})", f"{best:+.2f}",
                         f"{whole:+.2f}"])
    return measure.table(["call", "form", "libc's, ns", "its best", "added, ns: median (95 %)", "best - best",
                          "against a bare process"], rows)


def contended_rows(program, every, turns):
    rows = []
    for kind, threads, inside, outside in CONTENDED:
        gathered = gather(program, every, [kind, CONTENDED_ROUNDS, threads, inside, outside], turns)
        bare = measure.median(column(gathered["bare"]["throughput"], 1))
        for name, of_form in gathered.items():
            pairs = of_form["throughput"]
            ratios = [found / libcs for found, libcs in pairs]
            rows.append([f"{kind}, {threads} threads, {inside} ns in, {outside} ns out", name,
                         f"{measure.median(column(pairs, 1)):.0f}", measure.ratio_cell(ratios),
                         f"{measure.median(column(pairs, 0)) / bare:.3f}"])
    return measure.table(["threads", "form", "libc's, 1/s", "throughput as found: ratio (95 %)",
                          "against a bare process"], rows)


def main():
    build = sys.argv[1]
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else TURNS
    program = os.path.abspath(os.path.join(build, "bench", "wait_costs"))
    every = forms(build)
    print(call_rows(gather(program, every, ["calls", CALL_ROUNDS], turns)), flush=True)
    print(contended_rows(program, every, turns))


main()
