"""Known answers for what the comparison computes: intervals, readers, errors of shares."""

import os
import struct
import sys
import tempfile
import unittest

import heap
import measure
import readers


class Intervals(unittest.TestCase):
    """Ranks from the table of the sign test's confidence limits for a median (95 %)."""

    def test_ranks(self):
        for count, low, high in [(6, 1, 6), (9, 2, 8), (10, 2, 9), (20, 6, 15), (25, 8, 18)]:
            self.assertEqual(measure.interval(list(range(count, 0, -1))), (low, high))

    def test_extremes_of_few(self):
        self.assertEqual(measure.interval([3.0, 1.0, 2.0]), (1.0, 3.0))

    def test_median(self):
        self.assertEqual(measure.median([4, 1, 3, 2]), 2.5)
        self.assertEqual(measure.median([3, 1, 2]), 2)


class Runs(unittest.TestCase):
    def test_cost_counts_children(self):
        spin = "x=0; while [ $x -lt 100000 ]; do x=$((x+1)); done"
        done = measure.run(["sh", "-c", f"sh -c '{spin}'; echo said"])
        self.assertEqual(done.output, "said\n")
        self.assertGreater(done.cpu, 0.005)

    def test_failure_is_told(self):
        with self.assertRaisesRegex(measure.Failed, "exit status 3 of sh: why"):
            measure.run(["sh", "-c", "echo why >&2; exit 3"])


class Pairs(unittest.TestCase):
    def test_a_part_is_told_as_it_is(self):
        pairs = heap.Pairs("W", "title", "program", "changing", 240000)
        self.assertEqual(pairs.shorter(1), (["program", "changing", "120"], 1))
        self.assertEqual(pairs.shorter(0.1), (["program", "changing", "12"], 0.1))
        self.assertEqual(pairs.shorter(0.0001)[1], 2000 / 240000)


class Gperftools(unittest.TestCase):
    """Two stacks written by the format's description: one from the entry point, one from nowhere."""

    def test_known_file(self):
        program = os.path.realpath(sys.executable)
        image = readers.Image.of(program)
        segment = next(one for one in image.segments if one[1] <= image.entry < one[1] + one[2])
        base = 0x7F0000000000
        offset = image.entry - segment[1] + segment[0]
        words = [0, 3, 0, 1000, 0, 5, 2, base + offset + 99, base + offset + 4, 2, 1, 12345, 0, 1, 0]
        with tempfile.TemporaryDirectory() as out:
            path = os.path.join(out, "profile")
            with open(path, "wb") as file:
                file.write(struct.pack(f"<{len(words)}Q", *words))
                file.write(f"{base:x}-{base + offset + 4096:x} r-xp 00000000 fe:00 1   {program}\n".encode())
            profile = readers.read_gperftools(path + "*")
            self.assertEqual((profile.samples, profile.complete), (7, 5))
            self.assertEqual(profile.bytes, os.path.getsize(path))


class Shares(unittest.TestCase):
    def test_error_in_points(self):
        profile = readers.Profile(0)
        profile.add(60, True, "work_a", 1)
        profile.add(40, True, "work_b", 2)
        profile.add(100, True, "elsewhere", 3)
        truth = [{"tid": 1, "total_ns": 50, "work_a": 50, "work_b": 0},
                 {"tid": 2, "total_ns": 50, "work_a": 0, "work_b": 50}]
        functions, threads = readers.split_error(profile, truth)
        self.assertAlmostEqual(functions, 10)
        self.assertAlmostEqual(threads, 10)


unittest.main()
