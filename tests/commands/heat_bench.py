"""A processor to heat that exists only here: `profinject heat` against a simulated sensor.

    heat_bench.py hold SECONDS TAU [QUANTUM]      the target is reached and held
    heat_bench.py break KIND                      the sensor fails: load off in time, status says why
    heat_bench.py kill                            kill -9 of the parent leaves no worker
    heat_bench.py stop                            SIGSTOP of the parent takes the load off

The plant: CPU time of the workers, read from /proc, through first-order lags, plus noise, into
sys/class/hwmon/hwmon0/temp1_input, as a driver would have it. PROFINJECT is the program. Prints
what it found; exit status 1 when that is not what has to be.
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
# Degrees that all processors together are worth: 75 is reached by 45 % of them, so that others
# may use a part of the machine meanwhile.
SPAN = 66.0
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

    def __init__(self, directory, tau, quantum=1, noise=0.3):
        super().__init__(daemon=True)
        self.directory = os.path.join(directory, "sys/class/hwmon/hwmon0")
        os.makedirs(self.directory)
        self.file = os.path.join(self.directory, "temp1_input")
        self.tau, self.quantum, self.noise = tau, quantum, noise
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
        value = math.floor(degrees * 1000 / self.quantum) * self.quantum
        self.say("temp1_input", str(value))

    def measure(self, elapsed):
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
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors.strip()


def start(tau, *options, quantum=1):
    root = os.path.abspath("root")
    plant = Plant(root, tau, quantum)
    plant.start()
    return plant, Heat(plant, root, *options)


def hold(seconds, tau, quantum=1):
    plant, heat = start(float(tau), "--duration", seconds, quantum=int(quantum))
    began = time.monotonic()
    status, errors = heat.end()
    late = [degrees for when, degrees, _ in plant.history
            if float(seconds) * 0.6 < when - began < float(seconds) - 0.2]
    off = sorted(abs(degrees - 75) for degrees in late)
    settled = max([when - began for when, degrees, _ in plant.history
                   if abs(degrees - 75) > 2 and when - began < float(seconds) - 0.2], default=0)
    print(f"status {status} {errors}; last 40 %: mean {sum(late) / len(late):.2f} degC, "
          f"95 % within {off[len(off) * 95 // 100]:.2f}, all within {off[-1]:.2f} of 75; "
          f"outside 2 degC for the last time at {settled:.1f} s")
    return status == 0 and off[len(off) * 95 // 100] <= 2


REASONS = {
    "removed": "missing: No such file", "frozen": "not written any more", "constant": "frozen",
    "nan": "not a number", "": "not a number", "0": "absurd", "-273200": "absurd",
    "255000": "absurd", "65000 garbage": "not a number", "jumping": "jumping", "120000": "critical",
    "99999999999999999999": "not a number",
}


def broken(kind):
    plant, heat = start(2.0, "--duration", "30")
    heat.wait_for_load(plant)
    time.sleep(4)
    workers = children(heat.process.pid)
    plant.fault = kind
    began = time.monotonic()
    while any(is_alive(pid) for pid in workers) and time.monotonic() < began + 5:
        time.sleep(0.005)
    off = time.monotonic() - began
    status, errors = heat.end()
    plant.over = True
    print(f"'{kind}': off after {off:.2f} s, {len(workers)} workers, status {status}: {errors}")
    expected = 3 if REASONS[kind] == "critical" else 5
    return workers and off < 2 and status == expected and REASONS[kind] in errors


def kill():
    plant, heat = start(2.0, "--duration", "30")
    workers = heat.wait_for_load(plant)
    heat.process.send_signal(signal.SIGKILL)
    began = time.monotonic()
    while any(is_alive(pid) for pid in workers) and time.monotonic() < began + 5:
        time.sleep(0.005)
    left = [pid for pid in workers if is_alive(pid)]
    print(f"{len(workers)} workers, {len(left)} left after {time.monotonic() - began:.3f} s")
    return workers and not left and heat.end()[0] == -signal.SIGKILL


def stop():
    plant, heat = start(2.0, "--duration", "30")
    workers = heat.wait_for_load(plant)
    heat.process.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    before = sum(cpu_seconds(pid) for pid in workers)
    time.sleep(0.5)
    used = sum(cpu_seconds(pid) for pid in workers) - before
    heat.process.send_signal(signal.SIGCONT)
    heat.process.send_signal(signal.SIGTERM)
    status, errors = heat.end()
    print(f"{len(workers)} workers used {used * 1000:.0f} ms within 500 ms, from 1.5 s on; "
          f"then status {status} {errors}")
    return workers and used < 0.1


sys.exit(0 if {"hold": hold, "break": broken, "kill": kill, "stop": stop}[sys.argv[1]](
    *sys.argv[2:]) else 1)
