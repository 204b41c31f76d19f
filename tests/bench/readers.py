"""Reads what each profiler left into one form, so that all are judged by the same rules.

A stack is complete when its outermost frame is where threads begin: the entry point of an
executable or of the loader, or the C library's clone or clone3. Only _start missing above the
C library's start routine is forgiven, to every tool by name alike (perf, now and then). Every
reader returns a Profile.
"""

import collections
import glob
import json
import os
import re
import struct
import subprocess

BEGINNINGS = {"_start", "_dl_start_user", "__libc_start_call_main", "__libc_start_main_impl", "clone",
              "__clone", "clone3", "__clone3", "__GI___clone", "__GI___clone3"}


class Profile:
    """Samples of one run: how many, how large, how many complete, and the time per function
    and per thread where the workload knows its truth."""

    def __init__(self, size):
        self.bytes, self.samples, self.complete = size, 0, 0
        self.functions = collections.Counter()
        self.threads = collections.Counter()

    def add(self, count, complete, function=None, thread=None):
        self.samples += count
        self.complete += count if complete else 0
        self.functions[function] += count
        if thread is not None:
            self.threads[thread] += count


def size_of(pattern):
    """Bytes in all files that match, directories included."""
    total = 0
    for path in glob.glob(pattern):
        for base, _, names in os.walk(path):
            total += sum(os.path.getsize(os.path.join(base, name)) for name in names)
        total += os.path.getsize(path) if os.path.isfile(path) else 0
    return total


class Image:
    """An ELF file: where threads begin in it, and its functions by address."""

    known = {}

    def __init__(self, path):
        self.ranges, self.symbols, self.segments = [], [], []
        try:
            with open(path, "rb") as file:
                head = file.read(64)
                if head[:4] != b"\x7fELF":
                    return
                self.entry, header = struct.unpack_from("<QQ", head, 24)
                size, count = struct.unpack_from("<HH", head, 54)
                file.seek(header)
                headers = file.read(size * count)
        except OSError:
            return
        for i in range(count):
            kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", headers, i * size)
            if kind == 1:
                self.segments.append((offset, address, length))
        self.ranges.append((self.entry, self.entry + 64))
        for line in self.nm(path, "-D") + self.nm(path):
            address, kind, name = line
            if name.split("@")[0] == "__clone":
                # clone3 is not exported; it follows in the same source directory, within a page.
                self.ranges.append((address, address + 4096))
            if kind in "tT":
                self.symbols.append((address, name))
        self.symbols.sort()

    @staticmethod
    def nm(path, *options):
        text = subprocess.run(["nm", *options, path], capture_output=True, text=True, check=False).stdout
        lines = (line.split() for line in text.splitlines())
        return [(int(words[0], 16), words[1], words[2]) for words in lines if len(words) == 3]

    @classmethod
    def of(cls, path):
        if path not in cls.known:
            cls.known[path] = cls(path)
        return cls.known[path]

    def address(self, offset):
        """The link-time address of a file offset."""
        for start, address, length in self.segments:
            if start <= offset < start + length:
                return address + offset - start
        return offset

    def begins(self, address):
        return any(low <= address <= high for low, high in self.ranges)

    def name(self, address):
        """The function that holds `address`, by the symbol before it."""
        name = None
        for start, symbol in self.symbols:
            if start > address:
                break
            name = symbol
        return name


def read_gperftools(pattern):
    """The CPU profile format of gperftools: words, then the process's map."""
    profile = Profile(size_of(pattern))
    for path in glob.glob(pattern):
        with open(path, "rb") as file:
            data = file.read()
        if len(data) < 40:
            continue
        offset, stacks = 8 * (2 + struct.unpack_from("<Q", data, 8)[0]), []
        while offset + 16 <= len(data):
            count, depth = struct.unpack_from("<2Q", data, offset)
            pcs = struct.unpack_from(f"<{depth}Q", data, offset + 16)
            offset += 16 + 8 * depth
            if count == 0:
                break
            stacks.append((count, pcs))
        places = maps(data[offset:].decode(errors="replace"))
        for count, pcs in stacks:
            image, address = locate(places, pcs[-1])
            leaf, leaf_address = locate(places, pcs[0])
            profile.add(count, image is not None and image.begins(address),
                        leaf.name(leaf_address) if leaf else None)
    return profile


def maps(text):
    """(start, end, file offset, path) of each mapped file in the text of /proc/PID/maps."""
    line = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ \d+\s+(/\S+)", re.MULTILINE)
    return [(int(a, 16), int(b, 16), int(c, 16), path) for a, b, c, path in line.findall(text)]


def locate(places, pc):
    for start, end, offset, path in places:
        if start <= pc < end:
            image = Image.of(path)
            return image, image.address(pc - start + offset)
    return None, 0


def read_perf(path):
    """What `perf script` says, root last. Frames inlined by the reader count as one."""
    profile = Profile(size_of(path))
    script = subprocess.Popen(["perf", "script", "--no-inline", "-i", path, "-F", "pid,tid,ip,sym,dso"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              errors="replace")
    frame = re.compile(r"^\s+([0-9a-f]+) (.*) \((.*)\)$")
    head = re.compile(r"^\s*(\d+)/(\d+)")
    thread, leaf, root = None, None, None

    def finish():
        if thread is not None:
            image = Image.of(root[2]) if root and root[2].startswith("/") else None
            complete = root is not None and (root[1] in BEGINNINGS or image is not None
                                             and image.begins(image.address(root[0])))
            profile.add(1, complete, leaf, thread)

    for line in script.stdout:
        found = frame.match(line)
        if found:
            root = (int(found[1], 16), found[2], found[3])
            leaf = leaf or found[2]
        elif head.match(line):
            finish()
            thread, leaf, root = int(head.match(line)[2]), None, None
    finish()
    script.wait()
    return profile


def read_gprofng(path):
    """Its total CPU time in periods of 0.1 ms, as `-p hi` asks for: samples are not told one by one."""
    profile = Profile(size_of(path))
    text = subprocess.run(["gprofng", "display", "text", "-functions", path], capture_output=True,
                          text=True, check=False).stdout
    total = re.search(r"^\s*([0-9.]+)\s.*<Total>", text, re.MULTILINE)
    profile.samples = round(float(total[1]) * 10000) if total else 0
    profile.complete = None
    return profile


def read_profinject(profinject, path):
    """Our own; every stack we marked ourselves as truncated, guessed or broken is no complete one,
    whatever its root."""
    info = json.loads(subprocess.run([profinject, "info", "--json", path], capture_output=True,
                                     text=True, check=True).stdout)
    profile = Profile(size_of(path))
    entries = {Image.of(process["exe"]).entry for process in info["per_process"]
               if os.path.isfile(process.get("exe") or "")}
    text = subprocess.run([profinject, "folded", "--by-thread", "--by-process", "--metric", "samples", path],
                          capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        stack, count = line.rsplit(" ", 1)
        frames = [frame for frame in stack.split(";") if not re.search(r" \(\d+\)$", frame)]
        root = frames[0] if frames else ""
        place = re.match(r"^\[.*\+0x([0-9a-f]+)\]$", root)
        complete = root in BEGINNINGS or place is not None and any(
            entry <= int(place[1], 16) < entry + 64 for entry in entries)
        thread = re.findall(r" \((\d+)\)(?:;|$)", stack)
        profile.add(int(count), complete, frames[-1] if frames else None,
                    int(thread[-1]) if thread else None)
    incomplete = profile.samples - profile.complete
    profile.complete -= max(0, info["truncated"] + info["broken"] - incomplete) + info["guessed"]
    time_shares(profinject, path, profile)
    profile.info = info
    return profile


def time_shares(profinject, path, profile):
    """Functions and threads by time: a sample of the CPU timer stands for several periods."""
    text = subprocess.run([profinject, "folded", "--by-thread", "--by-process", "--metric", "cpu", path],
                          capture_output=True, text=True, check=True).stdout
    profile.functions.clear()
    profile.threads.clear()
    for line in text.splitlines():
        stack, weight = line.rsplit(" ", 1)
        profile.functions[stack.split(";")[-1]] += int(weight)
        thread = re.findall(r" \((\d+)\)(?:;|$)", stack)
        if thread:
            profile.threads[int(thread[-1])] += int(weight)


def split_error(profile, truth):
    """Largest error of a function's and of a thread's share of the time, in points, against
    what the workload measured itself; None where the profile does not know."""
    known = {key: sum(thread[key] for thread in truth) for key in truth[0] if key.startswith("work_")}
    functions = shares_error({key: profile.functions.get(key, 0) for key in known}, known)
    by_thread = {thread["tid"]: thread["total_ns"] for thread in truth}
    threads = shares_error({tid: profile.threads.get(tid, 0) for tid in by_thread}, by_thread)
    return functions, threads


def shares_error(seen, known):
    all_seen, all_known = sum(seen.values()), sum(known.values())
    if not all_seen:
        return None
    return max(abs(seen[key] / all_seen - known[key] / all_known) for key in known) * 100
