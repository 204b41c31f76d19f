"""Compares a profile of cpu_split with the truth cpu_split measured itself.

    check_split.py TRUTH.json SAMPLES.folded CPU.folded TRACE.pinj

Both folded files are made with --by-thread. With n stacks taken, a share p has
the standard deviation sqrt(p(1-p)/n); every share must lie within 4 of them.
Weighted stacks count for fewer where the weights differ (trace.effective).
"""

import json
import math
import sys

import folded
import trace

FUNCTIONS = ["work_a", "work_b", "work_c", "work_d"]
CHAIN = [f"level_{letter}" for letter in reversed("abcdefghijklmnopqrstuvwxyz")] + ["slices"]

failures = []


def compare(what, measured, measured_total, true, true_total, taken):
    share, truth = measured / measured_total, true / true_total
    sigma = math.sqrt(truth * (1 - truth) / taken)
    distance = abs(share - truth) / sigma
    line = f"{what}: {share:.4f}, true {truth:.4f}, {distance:.1f} sigma of {taken:.0f} stacks"
    print(line)
    if distance > 4:
        failures.append(line)


def check_thread(metric, stacks, thread, taken):
    """The share of each function within one thread."""
    label = f"{thread['name']} ({thread['tid']})"
    for function in FUNCTIONS:
        compare(f"{metric} of {function} in {thread['name']}",
                folded.total(stacks, label, function), folded.total(stacks, label),
                thread["functions"][function], thread["total_ns"], taken)


def check_whole(stacks, threads, taken):
    """The share of each thread, and of each function, in all four threads."""
    labels = [f"{thread['name']} ({thread['tid']})" for thread in threads]
    everything = sum(folded.total(stacks, label) for label in labels)
    true_everything = sum(thread["total_ns"] for thread in threads)
    for thread, label in zip(threads, labels):
        compare(f"cpu of {thread['name']}", folded.total(stacks, label), everything,
                thread["total_ns"], true_everything, taken)
    for function in FUNCTIONS:
        compare(f"cpu of {function}",
                sum(folded.total(stacks, label, function) for label in labels), everything,
                sum(thread["functions"][function] for thread in threads), true_everything, taken)


def check_chains(samples):
    """Above `run` stands the whole chain of callers, in order, down to the work."""
    for frames, _ in samples:
        work = [i for i, frame in enumerate(frames) if frame in FUNCTIONS]
        if work and "run" in frames:
            chain = frames[frames.index("run") + 1:work[0]]
            if chain != CHAIN:
                failures.append(f"wrong chain of callers: {';'.join(frames)}")


def main():
    truth_path, samples_path, cpu_path, trace_path = sys.argv[1:]
    with open(truth_path, encoding="utf-8") as file:
        threads = json.load(file)["threads"]
    samples, cpu = folded.parse(samples_path), folded.parse(cpu_path)
    weights = {thread["tid"]: [] for thread in threads}
    for sample in trace.samples(trace_path):
        weights.get(sample.tid, []).append(sample.weight)
    check_chains(samples)
    for thread in threads:
        check_thread("samples", samples, thread, len(weights[thread["tid"]]))
        check_thread("cpu", cpu, thread, trace.effective(weights[thread["tid"]]))
    check_whole(cpu, threads, trace.effective(sum(weights.values(), [])))
    for line in failures:
        print("WRONG", line)
    return 1 if failures else 0


sys.exit(main())
