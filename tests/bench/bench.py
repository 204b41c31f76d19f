"""Compares profinject with other profilers on the same workloads in one run.

    bench.py BUILD OUTPUT.md          (QUICK=1: smaller workloads, up to 3 rounds, 3 minutes)

Each round runs every tool once, in an order of its own, beside bare runs of the same round;
a ratio is always that of two runs of one round. What the tools left is read once per workload.
"""

import datetime
import json
import os
import platform
import random
import sys
import tempfile
import time

import heap
import measure
import readers
import small_costs
import tools
import workloads

QUICK = os.environ.get("QUICK", "") not in ("", "0")
ROUNDS, SIZE, HEAP_SIZE, SECONDS = (3, 0.3, 0.1, 150) if QUICK else (10, 1.0, 0.5, 1800)
SMALL_SHARE = 0.2  # of the time, for start-up, memory and the like
HEAP_SHARE = 0.3
BARE, NOISE = "bare", "bare again (noise)"


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Result:
    """One tool on one workload: seconds per round, and the profile of the last round."""

    def __init__(self, tool):
        self.tool, self.cpu, self.wall, self.profile, self.truth = tool, {}, {}, None, None
        self.problem, self.part = tool.missing, 1

    def ratios(self, other, what="cpu"):
        """Of each round both ran in."""
        ours, theirs = getattr(self, what), getattr(other, what)
        return [ours[turn] / theirs[turn] for turn in ours if theirs.get(turn)]


def one_run(result, workload, turn, read):
    with tempfile.TemporaryDirectory(prefix="profinject-bench.") as out:
        command, result.part = workload.shorter(result.tool.part)
        command, environment = result.tool.wrap(command, out)
        if read:  # two looks at a clock per sample, in this round alone
            environment = dict(environment, PROFINJECT_MEASURE_HANDLER="on")
        try:
            run = measure.run(command, environment)
            result.cpu[turn], result.wall[turn] = run.cpu / result.part, run.wall / result.part
            if read and result.tool.read:
                result.profile = result.tool.read(out)
                result.truth = run.output if workload.knows_split else None
        except measure.Failed as failure:
            result.problem = str(failure)


def run_workload(workload, every, until):
    """All rounds of one workload: at least one, then until ROUNDS or the time is used up."""
    results = {tool.name: Result(tool) for tool in every}
    present = [result for result in results.values() if not result.problem]
    measure.run(workload.command)
    for turn in range(ROUNDS):
        start = time.monotonic()
        for result in random.sample(present, len(present)):
            if not result.problem and (turn == 0 or result.tool.part == 1):
                one_run(result, workload, turn, read=turn == 0)
        if time.monotonic() + 0.8 * (time.monotonic() - start) > until:
            break
    say(f"{workload.key} {workload.title}: {len(results[BARE].cpu)} rounds, "
        f"bare {measure.median(results[BARE].cpu.values()):.2f} CPU s")
    return results


def samples_per_second(result, results):
    """Stacks taken per CPU second of the bare program: a tool's own time is not to be divided by."""
    if not result.profile or 0 not in result.cpu:
        return None
    return result.profile.samples / measure.median(results[BARE].cpu.values())


def complete_percent(result):
    profile = result.profile
    if not profile or not profile.samples or profile.complete is None:
        return None
    return 100 * profile.complete / profile.samples


def split_cell(result):
    """Errors of function and thread shares, and what chance alone does to so many samples."""
    if not result.truth or not result.profile or not result.profile.samples:
        return "-"
    functions, threads = readers.split_error(result.profile, json.loads(result.truth))
    chance = 2 * 50 / result.profile.samples ** 0.5
    cells = [f"{error:.1f}" if error is not None else "unknown" for error in (functions, threads)]
    return f"{cells[0]} / {cells[1]} (chance {chance:.1f})"


def figure(value, form):
    return "-" if value is None else form.format(value)


def workload_row(result, results, knows_split):
    if result.problem or not result.cpu:
        return [result.tool.name, result.problem or "-"] + [""] * (6 if knows_split else 5)
    floor = results.get(result.tool.floor)
    profile = result.profile
    cells = [result.tool.name,
             measure.ratio_cell(result.ratios(results[BARE])) if result.tool.name != BARE else "1",
             measure.ratio_cell(result.ratios(results[BARE], "wall")) if result.tool.name != BARE else "1",
             measure.ratio_cell(result.ratios(floor)) if floor and floor.cpu else "-",
             figure(samples_per_second(result, results), "{:.0f}"),
             figure(profile.bytes / profile.samples if profile and profile.samples else None, "{:.0f}"),
             figure(complete_percent(result), "{:.2f}")]
    return cells + ([split_cell(result)] if knows_split else [])


def workload_table(workload, results):
    head = ["tool", "CPU ratio to bare", "wall ratio to bare", "CPU ratio to empty handler",
            "samples per CPU s", "bytes per sample", "complete stacks, %"]
    if workload.knows_split:
        head.append("error of shares, points: functions / threads")
    bare = results[BARE]
    return (f"### {workload.key}: {workload.title}\n\nBare: {measure.median(bare.cpu.values()):.2f} CPU s, "
            f"{measure.median(bare.wall.values()):.2f} s wall; {len(bare.cpu)} rounds.\n\n"
            + measure.table(head, [workload_row(result, results, workload.knows_split)
                                   for result in results.values()]))


def summary(measured, every, value, form):
    """Tools by workloads, one figure each."""
    rows = []
    for tool in every:
        if tool.name == BARE:
            continue
        if tool.missing:
            rows.append([tool.name, tool.missing] + [""] * (len(measured) - 1))
            continue
        rows.append([tool.name] + [figure(value(results[tool.name], results), form)
                                   for _, results in measured])
    return measure.table(["tool"] + [workload.key for workload, _ in measured], rows)


def first_table(workload, results, readable):
    """What each tool obtained of the workload that knows its truth."""
    rows = []
    for tool in readable:
        result = results[tool.name]
        cells = workload_row(result, results, workload.knows_split)
        rows.append([cells[0], cells[1], "", ""] if result.problem else
                    [cells[0], cells[4], cells[5], cells[7]])
    return measure.table(["tool", "samples per CPU s", "bytes per sample",
                          "error of shares, points: functions / threads"], rows)


def cpu_ratio(result, results):
    ratios = result.ratios(results[BARE])
    return measure.median(ratios) if ratios else None


def bytes_per_sample(result, _):
    profile = result.profile
    return profile.bytes / profile.samples if profile and profile.samples else None


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    try:
        with open(f"/boot/config-{platform.release()}", encoding="utf-8") as file:
            tick = next((line[10:].strip() for line in file if line.startswith("CONFIG_HZ=")), "")
    except OSError:
        tick = ""
    tick = tick or tools.measured_tick()
    return (f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, tick {tick} Hz, "
            f"{datetime.date.today().isoformat()}")


def handler_section(measured):
    """The handler's own figures where the recorder measured them."""
    lines = []
    for workload, results in measured:
        for result in results.values():
            handler = getattr(result.profile, "info", {}).get("handler")
            if handler:
                figures = ", ".join(f"{key} {value:.4g}" for key, value in handler.items()
                                    if isinstance(value, (int, float)) and not isinstance(value, bool))
                lines.append([workload.key, result.tool.name, figures])
    if not lines:
        return "The recorder of this build does not measure its handler.\n"
    return measure.table(["workload", "tool", "handler"], lines)


def document(measured, every, heaps, small):
    head, rows = small
    readable = [tool for tool in every if tool.read]
    keys = "; ".join(f"{workload.key} {workload.title}" for workload, _ in measured)
    rounds = sorted(len(results[BARE].cpu) for _, results in measured)
    parts = [
        f"# Comparison\n\n`{'QUICK=1 ' if QUICK else ''}make bench`: {machine()}\n",
        "<!-- summary -->",
        f"Measured by `{'QUICK=1 ' if QUICK else ''}make bench` on {machine()}; medians of {rounds[0]} to "
        f"{rounds[-1]} paired rounds, see build/bench.md for intervals. {keys}.\n",
        "CPU time, ratio to the bare program (a recorder's own process, its start and end included):\n",
        summary(measured, every, cpu_ratio, "{:.3f}"),
        f"On {measured[0][0].key}:\n", first_table(*measured[0], readable),
        "Complete stacks, %:\n",
        summary(measured, readable, lambda result, _: complete_percent(result), "{:.2f}"),
        "Recording memory, CPU time, ratio to the bare program. "
        + "; ".join(f"{workload.key} {workload.title}" for workload, _ in heaps[0]) + ".\n",
        heap.summary(*heaps),
        "Paid once, added to bare (x: ratio to bare):\n", measure.table(head, rows),
        "<!-- end of summary -->",
        "A ratio's interval holds the true median with at least 95 % probability whatever the "
        "distribution (under 6 rounds: the extremes). \"Bare again\" is the noise of this machine.\n",
        "### Samples per CPU second\n", summary(measured, readable, samples_per_second, "{:.0f}"),
        "### Bytes per sample\n", summary(measured, readable, bytes_per_sample, "{:.0f}"),
        *[workload_table(workload, results) for workload, results in measured],
        *[heap.workload_table(workload, results) for workload, results in heaps[0]],
        "### The handler\n", handler_section(measured),
    ]
    return "\n".join(parts)


def run_all(todo, every, until):
    """Every workload, each with its part of the time that is left."""
    measured = []
    for turn, workload in enumerate(todo):
        now = time.monotonic()
        measured.append((workload, run_workload(workload, every, now + (until - now) / (len(todo) - turn))))
    return measured


def measure_all(build, every, start):
    """The comparison of clocks and that of heaps, one after the other."""
    of_heap = heap.every_tool(build)
    with tempfile.TemporaryDirectory(prefix="profinject-bench.") as scratch:
        todo = workloads.make_workloads(scratch, os.path.join(build, "bench", "work"), SIZE)
        measured = run_all(todo, every, start + SECONDS * (1 - SMALL_SHARE - HEAP_SHARE))
        todo = heap.make_workloads(scratch, os.path.join(build, "bench", "heap_pairs"), HEAP_SIZE, SIZE)
        heaps = run_all(todo, of_heap, start + SECONDS * (1 - SMALL_SHARE))
    return measured, (heaps, of_heap)


def main():
    build, output = os.path.abspath(sys.argv[1]), sys.argv[2]
    work = os.path.join(build, "bench", "work")
    every = tools.every_tool(build)
    for tool in every:
        if tool.missing:
            say(f"{tool.name}: {tool.missing}")
    start = time.monotonic()
    measured, heaps = measure_all(build, every, start)
    named = {tool.name: tool for tool in every}
    compared = [named[BARE], named["empty handler, cpu timer 250 Hz"], named["**profinject** cpu 250 Hz"],
                named["**profinject** perf 1000 Hz"], named["gperftools 250 Hz"], named["perf fp 999 Hz"],
                small_costs.heaptrack()]
    rows = small_costs.measure_all(compared, work, os.path.join(build, "programs", "throw"),
                                   2 * ROUNDS,
                                   lambda: time.monotonic() - start > SECONDS)
    text = document(measured, every, heaps, (["cost"] + [tool.name for tool in compared], rows))
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    say(f"{output}, after {time.monotonic() - start:.0f} s")


main()
