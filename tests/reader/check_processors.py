#!/usr/bin/env python3
"""
Which processors a trace says are in one package, and threads of one core, by the prose and pinj.py,
against what each processor below ROOT/sys says of itself.

    check_processors.py TRACE ROOT
"""

import collections
import pathlib
import re
import sys

import pinj


def groups(text):
    """Processors by the number of their group."""
    found = collections.defaultdict(list)
    for group in text.split("; ") if text else ():
        number, members = re.fullmatch(r"(\d+): (.+)", group).groups()
        for part in members.split(","):
            first, last, step = re.fullmatch(r"(\d+)(?:-(\d+))?(?::(\d+))?", part).groups()
            found[int(number)] += range(int(first), int(last or first) + 1, int(step or 1))
        if found[int(number)] != sorted(set(found[int(number)])):
            sys.exit(f"{text}: not rising")
    return found


def listed(path):
    """What the kernel lists."""
    for part in path.read_text().strip().split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def main():
    trace, root = sys.argv[1], pathlib.Path(sys.argv[2]) / "sys/devices/system/cpu"
    told = {record["name"]: record["value"] for record in pinj.read(trace)
            if record["record"] == "property"}
    packages, cores = collections.defaultdict(list), {}
    for number in listed(root / "online"):
        topology = root / f"cpu{number}" / "topology"
        packages[int((topology / "physical_package_id").read_text())].append(number)
        cores[number] = min(listed(topology / "thread_siblings_list"))
    if groups(told["machine.packages"]) != packages:
        sys.exit(f"{told['machine.packages']}: but packages are {dict(packages)}")
    lowest = {number: number for number in cores}
    for distance, members in groups(told["machine.threads"]).items():
        lowest.update({number + distance: number for number in members})
    if lowest != cores:
        sys.exit(f"{told['machine.threads']}: but cores are {cores}")


main()
