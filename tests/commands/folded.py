"""Reads `profinject folded` output, strictly: any departure from the format is an error.

Independent of the analyzer: what the tests know of the format stands here alone.
"""

import re

LINE = re.compile(r"^(?P<stack>.+) (?P<value>-?[0-9]+)$")


def parse(path):
    """Returns [(frames, value)], root first."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    if lines.pop() != "":
        raise ValueError("the last line does not end")
    stacks = []
    for line in lines:
        match = LINE.match(line)
        if not match:
            raise ValueError(f"not a folded line: {line!r}")
        frames = match["stack"].split(";")
        if not all(frame.strip() for frame in frames):
            raise ValueError(f"an empty frame: {line!r}")
        stacks.append((frames, int(match["value"])))
    return stacks


def total(stacks, *wanted):
    """Sum over the stacks that hold every one of the wanted frames."""
    return sum(value for frames, value in stacks if set(wanted) <= set(frames))
