"""Recording memory: our modes beside other recorders of the heap, on the same programs in the same rounds.

Peers that are allocators themselves stand beside a row of the allocator alone: the difference
is what recording costs.
"""

import glob
import os
import shutil
import subprocess
import time

import measure
import readers
import tools
import workloads

# Pairs of malloc and free of the two programs that do nothing else, at full size.
PAIRS = 24000000
SLOW = 0.02  # of them is what recorders get that take 10 us and more for each


class Pairs(workloads.Workload):
    """So many pairs of malloc and free, and nothing else."""

    def __init__(self, key, title, program, path, pairs):
        super().__init__(key, title, [program, path, str(pairs // 2000)])
        self.pairs = pairs

    def shorter(self, part):
        thousands = max(1, int(self.pairs * part / 2000))
        return [*self.command[:2], str(thousands)], 2000 * thousands / self.pairs


class Analysis:
    """What a recorder left: bytes, and how long its own analyzer takes to a first table."""

    def __init__(self, pattern, analyzer):
        self.bytes, self.seconds = readers.size_of(pattern), None
        if analyzer:
            start = time.monotonic()
            done = subprocess.run(analyzer, capture_output=True, check=False,
                                  timeout=measure.LIMIT_SECONDS)
            self.seconds = time.monotonic() - start if done.returncode == 0 else None


def every_tool(build):
    return [
        tools.bare("bare"),
        tools.bare("bare again (noise)"),
        profinject(build, "off"),
        profinject(build, "counters"),
        profinject(build, "sampled"),
        profinject(build, "exact"),
        heaptrack(),
        allocator("jemalloc", "libjemalloc.so.2", {}),
        allocator("jemalloc prof", "libjemalloc.so.2", {"MALLOC_CONF": "prof:true,prof_final:true,prof_prefix:{out}/heap"},
                  ["jeprof", "--text", "{program}"], no_profile()),
        allocator("tcmalloc", "libtcmalloc.so.4", {}),
        allocator("tcmalloc HEAPPROFILE", "libtcmalloc.so.4", {"HEAPPROFILE": "{out}/heap"},
                  ["google-pprof", "--text", "{program}"], part=SLOW),
        allocator("libmemusage", "libmemusage.so", {"MEMUSAGE_OUTPUT": "{out}/heap"}),
        gprofng(),
    ]


def profinject(build, mode):
    """The library alone, the clock at its default."""
    tool = tools.profinject(f"**profinject** {mode}", build, {"HEAP": mode})
    tool.read = lambda out: Analysis(os.path.join(out, "recording"), [
        os.path.join(build, "profinject"), "report", "--all", os.path.join(out, "recording")])
    return tool


def heaptrack():
    """Recording only: on W2r its interpreter, beside it, runs out of memory, and the program is ended by SIGPIPE."""
    def wrap(command, out):
        return ["heaptrack", "--raw", "-o", os.path.join(out, "heap"), *command], {}

    return tools.Tool("heaptrack --raw", wrap, lambda out: Analysis(os.path.join(out, "heap*"), None),
                      tools.absent("heaptrack", ["heaptrack", "--version"]))


def allocator(name, library, settings, analyzer=None, missing="", part=1):
    """A preloaded allocator and what makes it record; `analyzer` is given the last file it wrote."""
    found = sorted(glob.glob(f"/usr/lib/*/{library}") + glob.glob(f"/usr/lib*/{library}"))
    ran = []

    def wrap(command, out):
        ran[:] = command[:1]
        return command, {"LD_PRELOAD": found[0],
                         **{key: value.format(out=out) for key, value in settings.items()}}

    def read(out):
        files = sorted(glob.glob(os.path.join(out, "heap*")), key=os.path.getmtime)
        usable = analyzer and files and shutil.which(analyzer[0])
        command = [word.format(program=ran[0]) for word in analyzer] + files[-1:] if usable else None
        return Analysis(os.path.join(out, "heap*"), command)

    return tools.Tool(name, wrap, read if settings else None, missing if found else "not installed", part=part)


def no_profile():
    """Why this jemalloc does not profile, or ''. It says so, and goes on."""
    done = subprocess.run(["true"], capture_output=True, text=True, check=False, env=dict(
        os.environ, MALLOC_CONF="prof:true", LD_PRELOAD="libjemalloc.so.2"))
    return "built without profiling" if "Invalid conf" in done.stderr else ""


def gprofng():
    def wrap(command, out):
        return ["gprofng", "collect", "app", "-p", "off", "-H", "on", "-O", os.path.join(out, "run.er"),
                *command], {}

    def read(out):
        path = os.path.join(out, "run.er")
        return Analysis(path, ["gprofng", "display", "text", "-heap", path])

    return tools.Tool("gprofng -H on", wrap, read, tools.absent("gprofng", ["gprofng", "--version"]),
                      part=SLOW)


def make_workloads(directory, pairs, pairs_size, size):
    """Two that only allocate, and two of the ordinary ones."""
    count = int(PAIRS * pairs_size)
    return [Pairs("W2c", "malloc and free, 2 threads, depth 20, 512 paths in turn", pairs, "changing", count),
            Pairs("W2r", "the same, paths mostly repeating", pairs, "repeating", count)] + [
                one for one in workloads.make_workloads(directory, "", size) if one.key in ("W4", "W5")]


def bytes_per_pair(workload, result):
    pairs = getattr(workload, "pairs", 0)
    return result.profile.bytes / pairs / result.part if pairs and result.profile else None


def figure(value, form):
    return "-" if value is None else form.format(value)


def workload_table(workload, results):
    bare = results["bare"]
    rows = []
    for result in results.values():
        if result.problem or not result.cpu:
            rows.append([result.tool.name, result.problem or "-", "", "", "", ""])
            continue
        rows.append([result.tool.name, measure.ratio_cell(result.ratios(bare)),
                     measure.ratio_cell(result.ratios(bare, "wall")),
                     figure(result.profile and result.profile.bytes / 1024, "{:.0f}"),
                     figure(bytes_per_pair(workload, result), "{:.3g}"),
                     figure(result.profile and result.profile.seconds, "{:.2f}")])
    return (f"### {workload.key}: {workload.title}\n\nBare: {measure.median(bare.cpu.values()):.2f} CPU s; "
            f"{len(bare.cpu)} rounds.\n\n"
            + measure.table(["tool", "CPU ratio to bare", "wall ratio to bare", "KiB recorded",
                             "bytes per pair", "its analyzer, s"], rows))


def summary(measured, every):
    """CPU ratios per workload, and of the first one what is recorded and read."""
    (first, results), rows = measured[0], []
    for tool in every[1:]:
        cells = [tool.name]
        for _, found in measured:
            ratios = found[tool.name].ratios(found["bare"])
            cells.append(f"{measure.median(ratios):.3f}" if ratios else found[tool.name].problem or "-")
        result = results[tool.name]
        rows.append(cells + [figure(bytes_per_pair(first, result), "{:.3g}"),
                             figure(result.profile and result.profile.seconds, "{:.2f}")])
    return measure.table(["tool"] + [workload.key for workload, _ in measured]
                         + [f"{first.key}: bytes per pair", "its analyzer, s"], rows)
