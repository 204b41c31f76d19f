"""A processor to heat that exists only here: `profinject heat` against a simulated sensor.

    heat_bench.py TRIAL...            all at the same time, each with a sensor of its own

    hold:SECONDS:TAU:TARGET[:FROM]    the target is reached and held; FROM: cpu or log
    break:KIND                        the sensor fails: load off in time, the status says why
    kill                              kill -9 of the parent leaves no worker
    stop                              SIGSTOP of the parent takes the load off

The plant: CPU time of the workers, read from /proc, through a first-order lag, plus noise, into
sys/class/hwmon/hwmon0/temp1_input, as a driver would have it. From the log it is the duty that was
ordered: on a machine that is busy with other things the workers may not get it. PROFINJECT is the
program. Prints what it found; exit status 1 when that is not what has to be.
"""

import math
import os
import random
import signal
import subprocess
import sys
import threading
import time

AMBIENT = 45.0
# Degrees that all processors together are worth: 55 degC are reached by 9 % of them, which others
# leave even on a busy machine; 75 by 27 %.
SPAN = 110.0
STEP = 0.05


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def cpu_seconds(pid):
    """Nanoseconds that the scheduler counted: utime has ticks of 10 ms only."""
    try:
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9
    except (OSError, IndexError):
        return None


def is_alive(pid):
    """Neither gone nor dead and waiting for its parent."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Plant(threading.Thread):
    """Writes the temperature until it is told to end; `fault` says how the sensor fails."""

    def __init__(self, directory, tau, log=None, noise=0.3):
        super().__init__(daemon=True)
        self.directory = os.path.join(directory, "sys/class/hwmon/hwmon0")
        os.makedirs(self.directory)
        self.file = os.path.join(self.directory, "temp1_input")
        self.tau, self.log, self.noise = tau, log, noise
        self.degrees, self.pid, self.fault, self.over = AMBIENT, None, None, False
        self.history, self.seen, self.load = [], {}, 0.0
        self.say("name", "coretemp")
        self.say("temp1_label", "Package id 0")
        self.write(self.degrees)

    def say(self, name, text):
        with open(os.path.join(self.directory, name + ".new"), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.rename(file.name, os.path.join(self.directory, name))

    def write(self, degrees):
        self.say("temp1_input", str(round(degrees * 1000)))

    def ordered(self):
        """What the last whole line of the log says, of all processors."""
        try:
            with open(self.log, encoding="ascii") as file:
                fields = file.read().rsplit("\n", 2)[-2].split(",")
            return float(fields[6]) / 100 * min(1, int(fields[5]) / os.cpu_count())
        except (OSError, IndexError, ValueError):
            return 0.0

    def measure(self, elapsed):
        if self.log:
            return self.ordered()
        used, seen = 0.0, {}
        for pid in children(self.pid) if self.pid else []:
            now = cpu_seconds(pid)
            if now is not None:
                used += now - self.seen.get(pid, now)
                seen[pid] = now
        self.seen = seen
        return used / elapsed / os.cpu_count()

    def tell(self):
        measured = self.degrees + random.gauss(0, self.noise)
        if self.fault is None:
            self.write(measured)
        elif self.fault == "removed":
            if os.path.exists(self.file):
                os.unlink(self.file)
        elif self.fault == "jumping":
            self.write(measured + random.choice((0, 24)))
        elif self.fault == "constant":
            os.utime(self.file)
        elif self.fault != "frozen":
            self.say("temp1_input", self.fault)

    def run(self):
        last = time.monotonic()
        while not self.over:
            time.sleep(STEP)
            now = time.monotonic()
            self.load = self.measure(now - last)
            goal = AMBIENT + SPAN * self.load
            self.degrees += (goal - self.degrees) * (1 - math.exp(-(now - last) / self.tau))
            self.history.append((now, self.degrees, self.load))
            last = now
            self.tell()


class Heat:
    """The program, with a plant around it."""

    def __init__(self, plant, root, *options):
        self.log = os.path.join(root, "log")
        self.process = subprocess.Popen(
            [os.environ["PROFINJECT"], "heat", "--sensor-root", root, "--log", self.log, "--quiet",
             *options], stderr=subprocess.PIPE, text=True)
        plant.pid = self.process.pid

    def wait_for_load(self, plant, load=0.1, seconds=10):
        end = time.monotonic() + seconds
        while plant.load < load and time.monotonic() < end and self.process.poll() is None:
            time.sleep(0.02)
        return children(self.process.pid)

    def end(self):
        _, errors = self.process.communicate(timeout=180)
        return self.process.returncode, errors.strip()


class Trial(threading.Thread):
    """One of them, with a directory of its own; `passed` and `text` are its result."""

    count = 0

    def __init__(self, text):
        super().__init__()
        self.trial, *self.words = text.split(":")
        self.passed, self.text = False, "nothing"
        Trial.count += 1
        self.root = os.path.abspath(f"root.{Trial.count}")
        self.plant = self.heat = None

    def begin(self, tau, *options, source="cpu"):
        log = os.path.join(self.root, "log") if source == "log" else None
        self.plant = Plant(self.root, tau, log)
        self.plant.start()
        self.heat = Heat(self.plant, self.root, "--interval", "0.1", *options)

    def run(self):
        trials = {"hold": self.hold, "break": self.broken, "kill": self.kill, "stop": self.stop}
        self.passed = bool(trials[self.trial](*self.words))
        self.plant.over = True

    def hold(self, seconds, tau, target, source="cpu"):
        self.begin(float(tau), "--duration", seconds, "--target", target, source=source)
        began, seconds, target = time.monotonic(), float(seconds), float(target)
        status, errors = self.heat.end()
        history = [(when - began, degrees) for when, degrees, _ in self.plant.history
                   if when - began < seconds - 0.2]
        late = [degrees for when, degrees in history if when > seconds * 0.6]
        off = sorted(abs(degrees - target) for degrees in late)
        settled = max([when for when, degrees in history if abs(degrees - target) > 2], default=0)
        self.text = (f"hold: status {status} {errors}; last 40 %: mean "
                     f"{sum(late) / len(late):.2f} degC, 95 % within "
                     f"{off[len(off) * 95 // 100]:.2f}, all within {off[-1]:.2f} of {target:g}; outside "
                     f"2 degC for the last time at {settled:.1f} s")
        return status == 0 and off[len(off) * 95 // 100] <= 2

    def broken(self, kind):
        self.begin(2.0, "--duration", "30", "--target", "51", "--workers", "1")
        self.heat.wait_for_load(self.plant, 0.02)
        # Steady for a while, as noise that stops is judged by how it was before.
        steady, end = time.monotonic(), time.monotonic() + 9
        while time.monotonic() < min(steady + (3 if kind == "constant" else 0.5), end):
            time.sleep(0.05)
            if abs(self.plant.degrees - 51) > 2:
                steady = time.monotonic()
        workers = children(self.heat.process.pid)
        self.plant.fault = kind
        off = wait_until_gone(workers)
        status, errors = self.heat.end()
        self.text = (f"'{kind}': off after {off:.2f} s, {len(workers)} worker, "
                     f"status {status}: {errors}")
        expected = 3 if REASONS[kind] == "critical" else 5
        return workers and off < 2 and status == expected and REASONS[kind] in errors

    def kill(self):
        self.begin(2.0, "--duration", "30")
        workers = self.heat.wait_for_load(self.plant)
        self.heat.process.send_signal(signal.SIGKILL)
        seconds = wait_until_gone(workers)
        left = [pid for pid in workers if is_alive(pid)]
        self.text = f"kill: {len(workers)} workers, {len(left)} left after {seconds:.3f} s"
        return workers and not left and self.heat.end()[0] == -signal.SIGKILL

    def stop(self):
        self.begin(2.0, "--duration", "30")
        workers = self.heat.wait_for_load(self.plant)
        self.heat.process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        before = sum(cpu_seconds(pid) for pid in workers)
        time.sleep(0.5)
        used = sum(cpu_seconds(pid) for pid in workers) - before
        self.heat.process.send_signal(signal.SIGCONT)
        self.heat.process.send_signal(signal.SIGTERM)
        status, errors = self.heat.end()
        self.text = (f"stop: {len(workers)} workers used {used * 1000:.0f} ms within 500 ms, from "
                     f"1.5 s on; then status {status} {errors}")
        return workers and used < 0.1


def wait_until_gone(pids):
    began = time.monotonic()
    while any(is_alive(pid) for pid in pids) and time.monotonic() < began + 5:
        time.sleep(0.005)
    return time.monotonic() - began


REASONS = {
    "removed": "missing: No such file", "frozen": "not written any more", "constant": "frozen",
    "nan": "not a number", "": "not a number", "0": "absurd", "-273200": "absurd",
    "255000": "absurd", "65000 garbage": "not a number", "jumping": "jumping", "120000": "critical",
    "99999999999999999999": "not a number",
}


def main():
    trials = [Trial(text) for text in sys.argv[1:]]
    for trial in trials:
        trial.start()
    for trial in trials:
        trial.join()
        print("ok    " if trial.passed else "FAILED", trial.text)
    return 0 if all(trial.passed for trial in trials) else 1


sys.exit(main())
