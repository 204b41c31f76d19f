"""Checks how much of the CPU time of equal threads a clock delivered, by itself.

    check_rates.py TRUTH INFO.json LEAST STACK_NS

TRUTH has a line `tid nanoseconds withheld` per thread, INFO.json is `info --json`.
Weights as they were sampled, without what is charged at threads' ends, must stand for
LEAST of the time measured, but for what the machine withheld, and no thread's for more
than what a stack of STACK_NS explains; each thread must have the same share within 4
standard deviations of its number of stacks. With what is charged at their ends every
thread has its time, to 1 %, all of it.
"""

import json
import math
import sys


def main():
    truth_path, info_path, least, stack_ns = sys.argv[1:]
    with open(truth_path, encoding="utf-8") as file:
        lines = [[int(word) for word in line.split()] for line in file]
    truth = {tid: took for tid, took, _ in lines}
    ran = {tid: took - withheld for tid, took, withheld in lines}
    with open(info_path, encoding="utf-8") as file:
        info = json.load(file)
    # One found from outside before it attached itself has two entries.
    threads = [thread for thread in info["per_thread"]
               if thread["measured_ns"] > 0.9 * truth.get(thread["tid"], math.inf)]
    sampled = sum(thread["sampled_ns"] for thread in threads)
    share = sampled / sum(ran.values())
    withheld = 1 - sum(ran.values()) / sum(truth.values())
    print(f"{len(threads)} threads, {share:.4f} delivered, {withheld:.4f} withheld by the machine")
    good = len(threads) == len(truth) and share >= float(least) and info["lost"] == 0
    for thread in threads:
        took = truth[thread["tid"]]
        sigma = math.sqrt(took / float(stack_ns)) * float(stack_ns)
        distance = abs(thread["sampled_ns"] - share * ran[thread["tid"]]) / sigma
        with_rest = (thread["sampled_ns"] + thread["rest_ns"]) / took
        if distance > 4 or not 0.99 < with_rest < 1.03:
            print(f"WRONG {thread}: {distance:.1f} sigma, {with_rest:.4f} with its end")
            good = False
    return 0 if good else 1


sys.exit(main())
