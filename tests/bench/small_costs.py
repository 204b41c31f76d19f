"""What is paid once, per thread or per process: start-up, memory, fork, exec, threads, throws."""

import os
import tempfile

import measure
import tools

FURTHER_THREADS = 16
# Recorders in a process of their own (perf), or slow by nature at what is not asked of
# them here: only their start-up and memory are of interest.
START_UP_ONLY = ("perf", "heaptrack")


def heaptrack():
    def wrap(command, out):
        return ["heaptrack", "-o", os.path.join(out, "data"), *command], {}

    return tools.Tool("heaptrack", wrap, missing=tools.absent("heaptrack", ["heaptrack", "--version"]))


def run_under(tool, command):
    with tempfile.TemporaryDirectory() as out:
        wrapped, environment = tool.wrap(command, out)
        return measure.run(wrapped, environment)


def printed(tool, command):
    """The last line the command printed, a number: heaptrack speaks on stdout too."""
    words = run_under(tool, command).output.split()
    numbers = [word for word in words if word.replace(".", "", 1).isdigit()]
    if not numbers:
        raise measure.Failed(f"{command[0]} printed no number")
    return float(numbers[0])


def start_up(tool):
    return run_under(tool, ["/bin/true"]).cpu * 1e3


def resident(tool, work):
    return printed(tool, [work, "resident", "0"])


def resident_per_thread(tool, work):
    return (printed(tool, [work, "resident", str(FURTHER_THREADS)]) - resident(tool, work)) / FURTHER_THREADS


def costs(work, throw):
    """(title, unit, measurement of a tool, whether a ratio to bare says more than the difference)."""
    return [
        ("CPU of /bin/true", "ms", start_up, False),
        ("resident, 1 thread", "KiB", lambda tool: resident(tool, work), False),
        (f"resident per further thread (of {FURTHER_THREADS})", "KiB",
         lambda tool: resident_per_thread(tool, work), False),
        ("fork, _exit, wait", "us", lambda tool: printed(tool, [work, "forks", "100"]) / 1e3, True),
        ("fork, exec, wait", "us", lambda tool: printed(tool, [work, "execs", "30"]) / 1e3, True),
        ("malloc, free", "ns", lambda tool: printed(tool, [work, "hooks", "5"]), False),
        ("pthread_create, join", "us", lambda tool: printed(tool, [work, "threads", "1000"]) / 1e3, True),
        ("C++ throws per second", "1/s", lambda tool: printed(tool, [throw, "0.2"]), True),
    ]


def measure_all(compared, work, throw, rounds, enough):
    """One row per cost, one column per tool: bare absolute, the others as added or as a ratio,
    each from the same round as its bare run. `enough()` says when to take no further round."""
    present = [tool for tool in compared if not tool.missing]
    every = [(cost, {tool.name: [] for tool in present if cost[3] is False or
                     not tool.name.startswith(START_UP_ONLY)}) for cost in costs(work, throw)]
    failures = {}
    for turn in range(rounds):
        if turn and enough():
            break
        for (title, _, how, _), seen in every:
            try:
                this = {tool.name: how(tool) for tool in present if tool.name in seen}
            except measure.Failed as failure:
                failures[title] = str(failure)
                continue
            for name, value in this.items():
                seen[name].append(value)
    return [row(f"{title}, {unit}", compared, seen, as_ratio, failures.get(title))
            for (title, unit, _, as_ratio), seen in every]


def row(title, compared, seen, as_ratio, failure):
    base = seen[compared[0].name]
    cells = [title, f"{measure.median(base):.4g}" if base else failure or "-"]
    for tool in compared[1:]:
        values = seen.get(tool.name)
        if not values:
            cells.append(tool.missing or "-")
        elif as_ratio:
            cells.append("x " + measure.ratio_cell([a / b for a, b in zip(values, base)]))
        else:
            added = [a - b for a, b in zip(values, base)]
            low, high = measure.interval(added)
            cells.append(f"+ {measure.median(added):.3g} ({low:.3g} to {high:.3g})")
    return cells
