"""Counts what a trace has of a flood of waits: what it holds, and what it says was lost.

    check_flood.py MADE TRACE.pinj

MADE waits of more than the threshold were made in it. Those about as long as the threshold are
waits to one clock and none to the other.
"""

import sys

import trace

made, path = int(sys.argv[1]), sys.argv[2]
kept = sum(wait.count for wait in trace.waits(path) if wait.kind != "join")
lost = int(trace.properties(path).get("waits_lost", 0))
print(f"{kept} kept, {lost} lost, {made} made")
sys.exit(not 0.99 * made <= kept + lost <= made)
