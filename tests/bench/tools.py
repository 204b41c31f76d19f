"""The profilers that are compared: how each is put in front of a command, and read back."""

import glob
import os
import shutil
import subprocess
import tempfile
import time

import readers


class Tool:
    """Wraps a command (`wrap` returns command and environment) so that its data lands in an
    empty directory; `read` makes a Profile of that directory, or is None. `missing` says why
    the tool cannot run here, or is empty. `floor` names the empty handler on the same clock. A
    slow tool is given a `part` of the work, once, and its times are for the whole."""

    def __init__(self, name, wrap, read=None, missing="", floor=None, part=1):
        self.name, self.wrap, self.read = name, wrap, read
        self.missing, self.floor, self.part = missing, floor, part


def bare(name):
    return Tool(name, lambda command, out: (command, {}))


def empty_handler(name, library, clock, frequency, missing):
    environment = {"LD_PRELOAD": library, "EMPTY_CLOCK": clock, "EMPTY_HZ": str(frequency)}
    return Tool(name, lambda command, out: (command, environment), missing=missing)


def profinject(name, build, settings, missing="", floor=None):
    """The library alone, as the other preloads are used."""
    environment = {"LD_PRELOAD": os.path.join(build, "libprofinject.so"), "PROFINJECT_QUIET": "on"}
    environment.update({f"PROFINJECT_{key}": value for key, value in settings.items()})

    def wrap(command, out):
        return command, dict(environment, PROFINJECT_OUTPUT=os.path.join(out, "recording"))

    def read(out):
        return readers.read_profinject(os.path.join(build, "profinject"), os.path.join(out, "recording"))

    return Tool(name, wrap, read, missing, floor)


def gperftools(name, frequency):
    found = sorted(glob.glob("/usr/lib/*/libprofiler.so*") + glob.glob("/usr/lib*/libprofiler.so*"))

    def wrap(command, out):
        return command, {"LD_PRELOAD": found[0], "CPUPROFILE_FREQUENCY": str(frequency),
                         "CPUPROFILE": os.path.join(out, "profile")}

    return Tool(name, wrap, lambda out: readers.read_gperftools(os.path.join(out, "profile*")),
                "" if found else "not installed")


def perf(name, call_graph):
    def wrap(command, out):
        return ["perf", "record", "-q", "-F", "999", "--call-graph", call_graph, "-o",
                os.path.join(out, "perf.data"), "--", *command], {}

    return Tool(name, wrap, lambda out: readers.read_perf(os.path.join(out, "perf.data")),
                absent("perf", ["perf", "record", "-q", "-o", "/dev/null", "--", "true"]))


def gprofng(name):
    def wrap(command, out):
        return ["gprofng", "collect", "app", "-p", "hi", "-O", os.path.join(out, "run.er"), *command], {}

    return Tool(name, wrap, lambda out: readers.read_gprofng(os.path.join(out, "run.er")),
                absent("gprofng", ["gprofng", "--version"]))


def absent(program, attempt):
    if not shutil.which(program):
        return "not installed"
    done = subprocess.run(attempt, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else "does not run here: " + first_line(done.stderr)


def first_line(text):
    return (text.strip().splitlines() or ["no message"])[0]


def no_perf_clock(build):
    """Why our own perf clock cannot be used, or ''."""
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run([os.path.join(build, "profinject"), "record", "--clock", "perf", "-q", "-o",
                               os.path.join(out, "r"), "--", "true"],
                              capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else "no perf clock: " + first_line(done.stderr)


def no_perf_events():
    """Why perf events cannot be used, or ''."""
    try:
        with open("/proc/sys/kernel/perf_event_paranoid", encoding="ascii") as file:
            level = int(file.read())
    except OSError:
        return "no perf events in this kernel"
    return "" if level <= 2 or os.geteuid() == 0 else f"perf_event_paranoid is {level}"


def every_tool(build):
    library = os.path.join(build, "bench", "libempty_handler.so")
    perf_clock = no_perf_clock(build)
    return [
        bare("bare"),
        bare("bare again (noise)"),
        empty_handler("empty handler, cpu timer 250 Hz", library, "cpu", 250, ""),
        profinject("**profinject** cpu 250 Hz", build, {"CLOCK": "cpu", "FREQUENCY": "250"},
                   floor="empty handler, cpu timer 250 Hz"),
        profinject("**profinject** cpu 250 Hz, heap off", build,
                   {"CLOCK": "cpu", "FREQUENCY": "250", "HEAP": "off"},
                   floor="empty handler, cpu timer 250 Hz"),
        empty_handler("empty handler, perf clock 1000 Hz", library, "perf", 1000, no_perf_events()),
        profinject("**profinject** perf 1000 Hz", build, {"CLOCK": "perf", "FREQUENCY": "1000"},
                   perf_clock, floor="empty handler, perf clock 1000 Hz"),
        gperftools("gperftools 250 Hz", 250),
        gperftools("gperftools 1000 Hz", 1000),
        perf("perf fp 999 Hz", "fp"),
        perf("perf dwarf 999 Hz", "dwarf"),
        gprofng("gprofng -p hi"),
    ]


def measured_tick():
    """The kernel's tick where its configuration is not readable: what a coarse clock advances by."""
    clock_monotonic_coarse = 6
    return str(round(1 / time.clock_getres(clock_monotonic_coarse)))
