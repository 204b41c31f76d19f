"""Runs commands and says what they cost; medians with intervals that assume no distribution."""

import math
import os
import subprocess
import tempfile
import threading
import time

LIMIT_SECONDS = 120


class Failed(Exception):
    """A command did not run to a successful end; the text says how."""


class Run:
    """One finished command: CPU and wall seconds with all its children, its output, and the largest
    memory of any one of them."""

    def __init__(self, cpu, wall, output, peak_kb=0):
        self.cpu, self.wall, self.output, self.peak_kb = cpu, wall, output, peak_kb


def run(command, env=None, cwd=None):
    """Runs `command` to its end. CPU time is that of the command and the children it waited for."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                 env=dict(os.environ, **(env or {})), cwd=cwd)
        limit = threading.Timer(LIMIT_SECONDS, child.kill)
        limit.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        limit.cancel()
        output.seek(0)
        errors.seek(0)
        if child.returncode != 0:
            last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
            raise Failed(f"exit status {child.returncode} of {command[0]}: {''.join(last)}")
        return Run(usage.ru_utime + usage.ru_stime, wall, output.read().decode(errors="replace"),
                   usage.ru_maxrss)


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def interval(values):
    """The order statistics that hold the true median with at least 95 % probability, or,
    of fewer than 6 values, where no such pair exists, the extremes."""
    ordered = sorted(values)
    count = len(ordered)
    below, rank = 0.0, 0
    while True:
        below += math.comb(count, rank) / 2 ** count
        if below > 0.025:
            break
        rank += 1
    rank = max(rank, 1)
    return ordered[rank - 1], ordered[count - rank]


def ratio_cell(ratios):
    """Median and interval as they stand in a table; '-' when there is nothing."""
    if not ratios:
        return "-"
    low, high = interval(ratios)
    return f"{median(ratios):.3f} ({low:.3f}-{high:.3f})"


def table(head, rows):
    """A Markdown table as text."""
    lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |" for cells in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"
