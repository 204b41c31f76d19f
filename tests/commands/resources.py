"""What traces say of resources, by the reader that is not ours, against what programs know.

  resources.py load TRACE LINES  a trace of tests/programs/resource_load and what it said
  resources.py names TRACE       names of series that have values
  resources.py at-once TRACE...  most traces that have the machine's series at the same time
"""
import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../reader"))
import pinj  # noqa: E402


def series_of(path):
    """By (name, subject, tid): points of (time, value), those that are implied as well."""
    names, points = {}, collections.defaultdict(list)
    for record in pinj.read(path):
        if record["record"] == "resource":
            names[record["id"]] = (record["name"], record["subject"], record["tid"])
        for row in record["rows"] if record["record"] == "resources" else ():
            its = points[row["id"]]
            if "same_until" in row and its:
                its.append((row["same_until"], its[-1][1]))
            its.append((row["time"], row["value"]))
    return {names[number]: its for number, its in points.items()}


def at(points, time):
    """A counter's value at a time, by the points around it."""
    for (t0, v0), (t1, v1) in zip(points, points[1:]):
        if t0 <= time <= t1:
            return v0 + (v1 - v0) * (time - t0) / max(t1 - t0, 1)
    return points[0][1] if time < points[0][0] else points[-1][1]


def expect(what, told, least, most):
    print(f"{what}: told {told}, between {least} and {most}")
    return least <= told <= most


def check_load(path, lines):
    found, text = series_of(path), open(lines).read()
    rises = {key: its[-1][1] - its[0][1] for key, its in found.items()}
    sound, size, shares = True, len(text), [0, 0]
    for words in map(str.split, text.splitlines()):
        kind, who, number = words[0], int(words[1]), int(words[-1])
        if kind == "cpu":  # schedstat and the thread's own clock: the same sum
            told = found["thread.cpu", "", who][-1][1]
            sound &= expect(kind, told, number - 1_000_000, number + 20_000_000)
        elif kind == "switches":
            told = found["thread.voluntary", "", who][-1][1]
            sound &= expect(kind, told, number, number + 5)
        elif kind == "written":
            told = rises["process.calls-written", "", 0]
            sound &= expect(kind, told, number + size, number + size)
        elif kind == "pages":
            told = rises["process.faults", "", 0]
            sound &= expect(kind, told, number, number + 400)
            sizes = [value for _, value in found["process.rss", "", 0]]
            sound &= expect("resident", max(sizes) - sizes[0], number * 4096 * 0.95, number * 4096 * 1.5)
        elif kind == "phase":
            points, (begin, end) = found["thread.cpu", "", who], map(int, words[2:4])
            shares[number > 10_000_000] += at(points, end) - at(points, begin)
    # It computes every other phase; points are a tenth of a second apart, or two on a busy machine.
    sound &= expect("computing, of all", shares[1] / sum(shares), 0.6, 1)
    return sound


def main():
    if sys.argv[1] == "names":
        print("\n".join(sorted({name for name, _, _ in series_of(sys.argv[2])})))
    elif sys.argv[1] == "at-once":
        times = [[time for time, _ in its] for path in sys.argv[2:]
                 for (name, _, _), its in series_of(path).items() if name == "memory.free"]
        print(max((sum(its[0] <= begin <= its[-1] for its in times) for begin, *_ in times), default=0))
    elif not check_load(sys.argv[2], sys.argv[3]):
        sys.exit(1)


if __name__ == "__main__":
    main()
