"""What symbols of a large program cost: profinject, llvm-symbolizer and addr2line, same addresses.

    symbols.py BUILD [ROUNDS]       (`ONLY=symbols make bench` builds and runs it)

SYMBOLS_FILE=FILE names the program (a kernel's vmlinux, say); without it two are made of
symbols_part.cc, by g++ and by clang++, which write DWARF differently. Rounds run every tool once, in
an order of its own; ratios are of runs of one round. Memory is that of all processes of a tool
together, looked at every few milliseconds in a run of its own: the sum of the largest resident size
of each (pages of the mapped file count in each of them), and the largest sum of proportional sizes.
No cache is used.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import measure

ROUNDS, COUNTS, COPIES = 5, (10000, 200), 24
HERE = os.path.dirname(os.path.abspath(__file__))
VARIANTS = (("-O2", 3), ("-O1", 5), ("-O0", 4))


class Tool:
    def __init__(self, name, command):
        self.name, self.command = name, command
        self.missing = shutil.which(command[0]) is None

    def shell(self, program, addresses, output):
        """measure.run() gives no input."""
        return ["sh", "-c", 'in=$1 out=$2; shift 2; exec "$@" <"$in" >"$out"', "sh", addresses, output,
                *[program if word == "FILE" else word for word in self.command]]


def tools(build):
    ours = [os.path.join(build, "profinject"), "symbolize", "FILE"]
    if "--no-cache" in measure.run([*ours[:2], "--help"]).output:
        ours.insert(2, "--no-cache")
    return [Tool("profinject", ours), Tool("llvm-symbolizer", ["llvm-symbolizer", "-f", "-i", "-e", "FILE"]),
            Tool("addr2line", ["addr2line", "-f", "-i", "-C", "-e", "FILE"])]


def make_program(directory, compiler):
    """One object per variant, linked under COPIES names."""
    program = os.path.join(directory, "symbols-" + compiler)
    if os.path.exists(program):
        return program
    with tempfile.TemporaryDirectory(prefix="profinject-bench.") as work:
        objects = []
        for number, (level, count) in enumerate(VARIANTS):
            made = os.path.join(work, f"{number}.o")
            subprocess.run([compiler, "-std=c++17", "-g", level, f"-DCOUNT={count}", "-c", "-o", made,
                            os.path.join(HERE, "symbols_part.cc")], check=True)
            for copy in range(COPIES):
                objects.append(os.path.join(work, f"{number}-{copy}.o"))
                os.link(made, objects[-1])
        main = os.path.join(work, "main.cc")
        with open(main, "w", encoding="ascii") as out:
            out.write("int main() { return 0; }\n")
        subprocess.run([compiler, "-o", program + ".new", main, *objects], check=True)
    os.rename(program + ".new", program)
    return program


def addresses_of(program, count):
    """Distinct ones, of as many functions as there are, the same in every run."""
    rows = re.findall(r"^([0-9a-f]+) ([0-9a-f]+) [tTwW] ", measure.run(["nm", "-S", "--defined-only", program]).output,
                      re.M)
    functions = sorted({(int(start, 16), int(size, 16)) for start, size in rows if int(size, 16)})
    chosen, draw = set(), random.Random(7)
    room = sum(size for _, size in functions)
    while len(chosen) < min(count, room // 2):
        for start, size in draw.sample(functions, min(len(functions), count)):
            if len(chosen) < count:
                chosen.add(start + draw.randrange(size))
    return draw.sample(sorted(chosen), len(chosen))


class Memory(threading.Thread):
    """Looks at a process and all that come of it; two of the tools' processes live for a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peaks, self.proportional, self.over = pid, {}, 0, threading.Event()

    @staticmethod
    def field(path, name):
        try:
            with open(path, encoding="ascii", errors="replace") as lines:
                return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
        except OSError:
            return 0

    def family(self):
        parents = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            parents[int(name)] = self.field(f"/proc/{name}/status", "PPid:")
        found = {self.pid}
        while True:
            more = {pid for pid, parent in parents.items() if parent in found} - found
            if not more:
                return found
            found |= more

    def run(self):
        while not self.over.wait(0.002):
            family = self.family()
            for pid in family:
                self.peaks[pid] = max(self.peaks.get(pid, 0), self.field(f"/proc/{pid}/status", "VmHWM:"))
            self.proportional = max(self.proportional,
                                    sum(self.field(f"/proc/{pid}/smaps_rollup", "Pss:") for pid in family))

    @classmethod
    def of(cls, command):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as child:
            memory = cls(child.pid)
            memory.start()
            child.wait()
            memory.over.set()
            memory.join()
        return sum(memory.peaks.values()) / 1024, memory.proportional / 1024


def leaves(path):
    """Of each address asked for, in order, the innermost file's name and line."""
    with open(path, encoding="utf-8", errors="replace") as text:
        blocks = text.read().strip("\n").split("\n\n")
    return [re.sub(r"^.*/|(:\d+):\d+$", r"\1", (block.split("\n") + ["?"])[1]) for block in blocks]


def compare(build, program, count, rounds):
    present = [tool for tool in tools(build) if not tool.missing]
    costs, ours = {tool.name: [] for tool in present}, present[0].name
    with tempfile.TemporaryDirectory(prefix="profinject-bench.") as work:
        asked = os.path.join(work, "addresses")
        with open(asked, "w", encoding="ascii") as out:
            out.writelines(f"{address:#x}\n" for address in addresses_of(program, count))
        commands = {tool.name: tool.shell(program, asked, os.path.join(work, tool.name)) for tool in present}
        measure.run(commands[ours])  # the file comes into memory
        for _ in range(rounds):
            for tool in random.sample(present, len(present)):
                costs[tool.name].append(measure.run(commands[tool.name]))
        memory = {tool.name: Memory.of(commands[tool.name]) for tool in present}
        print(f"\n{count} addresses of {os.path.basename(program)}, {rounds} rounds, medians; ratios are "
              "profinject / tool\n\n| tool | wall s | ratio | CPU s | memory MB | ratio | PSS MB | same line |\n"
              "|---|---|---|---|---|---|---|---|")
        known = leaves(os.path.join(work, ours))
        for tool in present:
            walls = [run.wall for run in costs[tool.name]]
            ratio = measure.median([ours_run.wall / wall for ours_run, wall in zip(costs[ours], walls)])
            same = "" if tool.name == "addr2line" else agreement(known, leaves(os.path.join(work, tool.name)))
            print(f"| {tool.name} | {measure.median(walls):.2f} | {ratio:.2f} | "
                  f"{measure.median([run.cpu for run in costs[tool.name]]):.2f} | {memory[tool.name][0]:.0f} | "
                  f"{memory[ours][0] / memory[tool.name][0]:.2f} | {memory[tool.name][1]:.0f} | {same} |", flush=True)


def agreement(ours, theirs):
    if len(ours) != len(theirs):
        return "?"
    return f"{sum(a == b for a, b in zip(ours, theirs)) / len(ours):.2%}"


def main(build, rounds):
    given, directory = os.environ.get("SYMBOLS_FILE"), os.path.join(build, "bench")
    compilers = [name for name in ("g++", "clang++") if shutil.which(name)]
    for program in [given] if given else [make_program(directory, compiler) for compiler in compilers]:
        for count in COUNTS:
            compare(build, program, count, rounds)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)
