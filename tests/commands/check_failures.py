#!/usr/bin/env python3
"""What becomes of calls that fail: of the analyzer's and the library's, every Nth.

    check_failures.py reading PROFINJECT FAIL_PRELOAD RECORDING N...
    check_failures.py recording PROFINJECT FAIL_PRELOAD LIBRARY PROGRAM N...
    check_failures.py memory PROFINJECT FAIL_PRELOAD LIBRARY PROGRAMS every:N|at:N...

Reading: the same result as without, but for names of places, or one line and exit status 1.
Recording: PROGRAM, run as `PROGRAM 7`, prints and ends as without, and what was recorded is read.
Memory: what malloc() gives to a program, the library and the C library for them: programs print and
end as without the library, one line says at most why there is no profile, and the blocks are told.
"""
import json
import os
import shutil
import subprocess
import sys

COMMANDS = [["info"], ["report"], ["report", "--all"], ["folded"], ["flamegraph"], ["export", "--format", "json"]]
NAMES = ["symbol", "file", "line", "inlined"]
problems = []


def run(command, **environment):
    done = subprocess.run(command, capture_output=True, timeout=120, stdin=subprocess.DEVNULL,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def failing(preload, calls, every, short=False):
    return {"LD_PRELOAD": preload, "FAIL_CALLS": calls, "FAIL_EVERY": str(every), **({"FAIL_SHORT": "on"} if short else {})}


def without_names(text):
    """All of an export but names: inlined frames are of the address before."""
    export = json.loads(text)
    export["messages"] = [message for message in export["messages"] if not message.startswith("no names for ")]
    for process in export["processes"]:
        stacks = []
        for stack in process["stacks"]:
            places = []
            for frame in stack.pop("frames"):
                place = (frame["addr"], frame["module"])
                places += [place] if places[-1:] != [place] else []
            stacks.append(json.dumps([stack, places], sort_keys=True))
        process["stacks"] = sorted(stacks)
    return export


def is_same(command, good, got):
    if command[0] == "export":
        return without_names(good) == without_names(got)
    if command[0] == "folded":
        return sum(int(line.rsplit(None, 1)[1]) for line in good.splitlines()) == \
            sum(int(line.rsplit(None, 1)[1]) for line in got.splitlines())
    return len(got) > 0 and got.endswith(b"\n")


def reading(profinject, preload, recording, *numbers):
    for command in COMMANDS:
        _, good, _ = run([profinject, *command, recording])
        for calls, short in (("malloc", False), ("mmap", False), ("read", True), ("write", True), ("open", False)):
            for every in numbers:
                status, out, err = run([profinject, *command, recording], **failing(preload, calls, every, short))
                lines = err.decode(errors="replace").splitlines()
                told = status == 1 and len(lines) == 1 and lines[0].startswith("profinject")
                if not told and not (status == 0 and is_same(command, good, out)):
                    problems.append(f"{' '.join(command)}, {calls} {every}: status {status}, {lines[:3]}")


def recorded(profinject, what):
    if not os.path.exists("recording/manifest"):
        return
    status, _, err = run([profinject, "info", "--json", "recording"])
    traces = [name for name in os.listdir("recording") if name.endswith(".pinj")]
    if status not in (0, 1) or (status == 1 and any(os.path.getsize("recording/" + name) > 4096 for name in traces)):
        problems.append(f"{what}: cannot be read: {status} {err[-200:]}")


def recording(profinject, preload, library, program, *numbers):
    bare = run([program, "7"])
    for calls, short in (("mmap", False), ("open", False), ("ftruncate", False), ("write", False), ("write", True), ("read", True),
                         ("mmap,open,write,ftruncate,read", False)):
        for every in numbers:
            fails = failing(preload, calls, every, short)
            words = [f"{name}={value}" for name, value in fails.items() if name != "LD_PRELOAD"]
            forms = {
                "preloaded": run([program, "7"], **{**fails, "LD_PRELOAD": f"{library}:{preload}"},
                                 PROFINJECT_OUTPUT="recording", PROFINJECT_QUIET="on"),
            }
            recorded(profinject, f"preloaded, {calls} {every}")
            shutil.rmtree("recording", ignore_errors=True)
            forms["record"] = run([profinject, "record", "-q", "-o", "recording", "--", "env", *words, program, "7"],
                                  LD_PRELOAD=preload)
            recorded(profinject, f"record, {calls} {every}")
            shutil.rmtree("recording", ignore_errors=True)
            for form, got in forms.items():
                if got != bare:
                    problems.append(f"{form}, {calls} {every} {short}: {got} instead of {bare}")


BLOCKS = 40000  # of outcome's run(), unless it gets none


def check_blocks(profinject, form, fails, told):
    _, out, _ = run([profinject, "folded", "--metric", "alloc-count", "recording"])
    found = sum(int(line.rsplit(b" ", 1)[1]) for line in out.splitlines() if b";run" in line)
    if "FAIL_AT" in fails and found < BLOCKS - 1 and not told:
        problems.append(f"{form}, {fails}: {found} blocks told")


def memory(profinject, preload, library, programs, *numbers):
    commands = [[f"{programs}/outcome", "7"], [f"{programs}/exec_again", "2", "execve"],
                [f"{programs}/fork_child", "exec", "0"]]
    for command, number in ((command, number) for command in commands for number in numbers):
        fails = {"FAIL_CALLS": "malloc", "FAIL_" + number.split(":")[0].upper(): number.split(":")[1]}
        bare = run(command, LD_PRELOAD=preload, **fails)
        words = [f"{name}={value}" for name, value in fails.items()]
        for form in ("preloaded", "record"):
            if form == "preloaded":
                status, out, err = run(command, LD_PRELOAD=f"{library}:{preload}", PROFINJECT_OUTPUT="recording",
                                       PROFINJECT_HEAP="exact", **fails)
            else:
                status, out, err = run([profinject, "record", "-q", "--heap", "exact", "-o", "recording", "--", "env",
                                        *words, *command], LD_PRELOAD=preload)
            told = [line for line in err.splitlines(True) if line.startswith(b"profinject: ")]
            rest = b"".join(line for line in err.splitlines(True) if line not in told)
            if (status, out, rest) != bare or len(told) > 1:
                problems.append(f"{form}, {fails}, {command}: {(status, out, err)} instead of {bare}")
            recorded(profinject, f"{form}, {fails}, {command}")
            if command is commands[0]:
                check_blocks(profinject, form, fails, told)
            shutil.rmtree("recording", ignore_errors=True)


{"reading": reading, "recording": recording, "memory": memory}[sys.argv[1]](*sys.argv[2:])
print("\n".join(problems))
sys.exit(bool(problems))
