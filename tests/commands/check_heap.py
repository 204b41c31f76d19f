"""Compares what heap_sites prints with the report of its recordings.

    check_heap.py exact|sampled TRUTH REPORT.json...

exact: every figure is the truth. sampled: each figure's 95 % interval holds the truth in
90 % of the recordings or more."""

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
    return found, sum(process["lost_events"] for process in report["heap_profile"]["processes"])


def main(mode, truth_path, reports):
    truth = read_truth(truth_path)
    held = {(name, figure): 0 for name in truth for figure in FIGURES}
    for path in reports:
        found, lost = figures_of(path)
        if lost:
            sys.exit(f"{path}: {lost} events lost")
        for name, figure in held:
            said = found.get(name, {}).get(figure, {"value": 0, "low": 0, "high": float("inf")})
            right = truth[name][figure]
            held[name, figure] += said["low"] <= right <= said["high"]
            if mode == "exact" and said["value"] != right:
                sys.exit(f"{path}: {figure} of {name}: {said['value']}, not {right}")
    least = len(reports) * (0.9 if mode == "sampled" else 1)
    for (name, figure), count in held.items():
        print(f"{figure} of {name}: {count} of {len(reports)}")
        if count < least:
            sys.exit(f"{figure} of {name}: only {count} of {len(reports)} intervals hold the truth")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
