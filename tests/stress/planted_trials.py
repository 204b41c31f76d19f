"""Records tests/programs/planted_resources so many times, each with a schedule of its own, and counts
how often `correlate` names the function that is known to be behind each resource.

    planted_trials.py PROFINJECT TARGET TRIALS SECONDS SIDE_BY_SIDE [FIRST_SEED]

Prints one line of JSON: per resource in how many runs its function came first, pairs that have nothing
to do with each other and how many of them were called related, and how late the frequency was found to
follow. Its own file because the quick test and the long loop count alike.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

TRUTHS = {
    "process.rss": "grow_cache",
    "process.written": "write_log",
    "process.calls-written": "send_packets",
    "process.cpu": "burn",
    "thread.voluntary": "fight",
    "cpu.mhz": "heat_up",
}
# What really has to do with a resource beside its function: everything takes CPU time, and a log is
# written by calls; whoever rests between two steps switches, if less often than those who fight.
ALSO = {
    "process.calls-written": {"write_log"},
    "process.cpu": set(TRUTHS.values()),
    "thread.voluntary": set(TRUTHS.values()) - {"burn"},
}
LATE_S = 0.3


def simulate(root):
    """A processor of which cpufreq tells the frequency; the target changes it."""
    frequency = os.path.join(root, "sys/devices/system/cpu/cpu0/cpufreq")
    os.makedirs(frequency)
    os.makedirs(os.path.join(root, "proc"))
    for name, text in (("scaling_cur_freq", "3000000"), ("cpuinfo_max_freq", "3000000"),
                       ("base_frequency", "3000000")):
        with open(os.path.join(frequency, name), "w", encoding="ascii") as file:
            file.write(text + "\n")
    with open(os.path.join(root, "sys/devices/system/cpu/online"), "w", encoding="ascii") as file:
        file.write("0\n")


def run(profinject, target, seconds, seed):
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as directory:
        root = os.path.join(directory, "root")
        simulate(root)
        subprocess.run([profinject, "record", "-q", "-o", "recording", "--resources-root", root, "--",
                        target, str(seconds), str(seed), root], cwd=directory, check=True,
                       timeout=60 + 10 * seconds)
        done = subprocess.run([profinject, "correlate", "--json", "recording"], cwd=directory,
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout)


def judge(document, counts):
    series = {one["name"]: one for one in document["series"]}
    for name, truth in TRUTHS.items():
        if name not in series or series[name]["cells"] == 0:
            counts["absent"].append(name)
            continue
        causes = series[name]["functions"]
        counts["first"][name] += bool(causes and causes[0]["function"] == truth)
        related = {cause["function"] for cause in causes if cause["relation"]["significant"]}
        unrelated = set(TRUTHS.values()) - {truth} - ALSO.get(name, set())
        counts["unrelated"] += len(unrelated)
        counts["false"] += len(unrelated & related)
        counts["false_pairs"] += [f"{name}:{function}" for function in sorted(unrelated & related)]
        if name == "cpu.mhz" and causes and causes[0]["function"] == truth:
            lag = causes[0]["relation"]["lag_s"]
            counts["lags"].append(round(lag, 3))
            counts["late"] += abs(lag - LATE_S) <= 0.1


def main():
    profinject, target = sys.argv[1:3]
    trials, seconds, side_by_side = (int(argument) for argument in sys.argv[3:6])
    first = int(sys.argv[6]) if len(sys.argv) > 6 else 1
    counts = {"trials": trials, "first": dict.fromkeys(TRUTHS, 0), "unrelated": 0, "false": 0,
              "late": 0, "lags": [], "absent": [], "false_pairs": []}
    with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
        for document in pool.map(lambda seed: run(profinject, target, seconds, seed),
                                 range(first, first + trials)):
            judge(document, counts)
    counts["absent"] = sorted(set(counts["absent"]))
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
