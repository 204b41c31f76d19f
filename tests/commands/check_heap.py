"""Compares what heap_sites prints with the report of its recordings.

    check_heap.py TRUTH SHARE REPORT.json...

Each figure's 95 % interval has to hold the truth in that share of the recordings; those that
lost events, which say so, are left out and may be a tenth. SHARE "exact": every figure has to
be the truth, and its interval nothing else."""

import json
import sys

FIGURES = ("alloc_count", "alloc_bytes", "live_count", "live_bytes", "peak_bytes", "temporary_count")


def read_truth(path):
    with open(path, encoding="utf-8") as lines:
        rows = [line.split() for line in lines]
    return {row[0]: dict(zip(FIGURES, map(int, row[1:]))) for row in rows}


def figures_of(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    found = {entry["function"]: entry["self"] for entry in report["heap_profile"]["functions"]}
    return found, report["heap_profile"]["processes"]


def check_exact(truth, path):
    found, processes = figures_of(path)
    for missing in ("lost_events", "lost_segments", "missing_frees"):
        if any(process[missing] for process in processes):
            sys.exit(f"{path}: {missing}: {[process[missing] for process in processes]}")
    for name, figures in truth.items():
        for figure, right in figures.items():
            said = found.get(name, {}).get(figure)
            if said != {"value": right, "low": right, "high": right}:
                sys.exit(f"{path}: {figure} of {name}: {said}, the truth is {right}")
    print(f"{path}: {len(truth)} functions, exact")


def without_losses(reports):
    whole = []
    for path in reports:
        found, processes = figures_of(path)
        if not sum(process["lost_events"] for process in processes):
            whole.append((path, found))
    if len(whole) < len(reports):
        print(f"{len(reports) - len(whole)} of {len(reports)} recordings lost events: left out")
    if len(whole) < len(reports) * 0.9:
        sys.exit("too many recordings lost events")
    return whole


def main(truth_path, share, reports):
    truth = read_truth(truth_path)
    whole = without_losses(reports)
    failed = []
    for name in truth:
        for figure in FIGURES:
            right, sides = truth[name][figure], [0, 0, 0]
            for _, found in whole:
                said = found.get(name, {}).get(figure, {"low": 0, "high": float("inf")})
                sides[(said["low"] > right) - (said["high"] < right)] += 1
            print(f"{figure} of {name}: {sides[0]} of {len(whole)}, {sides[1]} too high, {sides[-1]} too low")
            if sides[0] < share * len(whole):
                failed.append(f"{figure} of {name}: only {sides[0]} of {len(whole)} intervals hold the truth")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    if sys.argv[2] == "exact":
        for report in sys.argv[3:]:
            check_exact(read_truth(sys.argv[1]), report)
    else:
        main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
