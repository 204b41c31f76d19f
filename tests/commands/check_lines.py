"""Costs of source lines by binutils: check_lines.py EXPORT REPORT FILE

Takes the addresses of a JSON export, asks addr2line -i for their lines, adds up self and total of
each line of FILE, and compares with the lines of `report --json --source`. Its own file because it
shares nothing with profinject but the addresses.
"""
import collections
import json
import subprocess
import sys


def ask(module, addresses):
    """The places of each address, innermost first."""
    command = ["addr2line", "-i", "-a", "-e", module] + sorted(addresses)
    places, current = {}, None
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("0x"):
            current = places.setdefault(hex(int(line, 16)), [])
        else:
            file, _, number = line.split(" (")[0].rpartition(":")
            current.append((file, number))
    return places


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        export = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        lines = json.load(file)["source"]["lines"]
    stacks = [stack for process in export["processes"] for stack in process["stacks"]]
    addresses = collections.defaultdict(set)
    for stack in stacks:
        for frame in stack["frames"]:
            if frame["addr"] and frame["module"] and frame["module"].startswith("/"):
                addresses[frame["module"]].add(frame["addr"])
    places = {module: ask(module, found) for module, found in addresses.items()}
    own, total = collections.Counter(), collections.Counter()
    for stack in stacks:
        met = []
        for frame in stack["frames"]:
            met.append(places.get(frame["module"], {}).get(frame["addr"], []) if not frame["inlined"] else [])
        leaf = next((found for found in reversed(met) if found), [])
        if stack["frames"] and stack["frames"][-1]["addr"] and leaf:
            last = stack["frames"][-1]
            if places.get(last["module"], {}).get(last["addr"]) is not None:
                own[leaf[0]] += stack["cpu_ns"]
        for place in {place for found in met for place in found}:
            total[place] += stack["cpu_ns"]
    wanted = {
        int(number): (own[file, number], total[file, number])
        for file, number in set(own) | set(total)
        if file == sys.argv[3] and number.isdigit() and total[file, number]
    }
    found = {line["line"]: (line["self"], line["total"]) for line in lines if line["total"]}
    for number in sorted(wanted.keys() | found.keys()):
        print(number, "addr2line:", wanted.get(number), "report:", found.get(number))
    return 0 if wanted == found and wanted else 1


sys.exit(main())
