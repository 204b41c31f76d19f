"""What /proc says, read by other means than the collector's: for compare.py."""
import os
import threading
import time

TICK = 1 / os.sysconf('SC_CLK_TCK')
PAGE = os.sysconf('SC_PAGESIZE')


def text(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def whole_disks():
    """Of /sys/block what has a size and lies on nothing else."""
    names = [name for name in os.listdir('/sys/block') if not name.startswith(('loop', 'ram', 'zram', 'dm-', 'md'))]
    return [name for name in names if not os.listdir(f'/sys/block/{name}/slaves')]


def hardware():
    """Interfaces that have a device, else all but loopback."""
    names = [name for name in os.listdir('/sys/class/net') if name != 'lo']
    return [name for name in names if os.path.exists(f'/sys/class/net/{name}/device')] or names


def processors(now):
    for line in text('/proc/stat').splitlines():
        name, *values = line.split()
        if name.startswith('cpu'):
            user, nice, system, _, _, irq, softirq = map(int, values[:7])
            busy = (user + nice + system + irq + softirq) * TICK * 100
            now['cpu.core|' + name if name != 'cpu' else 'cpu.busy|'] = busy
        elif name in ('ctxt', 'intr', 'processes'):
            series = {'ctxt': 'cpu.switches|', 'intr': 'cpu.interrupts|', 'processes': 'cpu.forks|'}
            now[series[name]] = int(values[0])
    now['cpu.busy|'] /= os.cpu_count()


def memory(now):
    values = dict(line.split()[:2] for line in text('/proc/vmstat').splitlines())
    now['memory.faults|'] = int(values['pgfault'])
    now['memory.major-faults|'] = int(values['pgmajfault'])
    now['memory.swap-in|'] = int(values['pswpin']) * PAGE


def devices(now, disks, interfaces):
    for line in text('/proc/diskstats').splitlines():
        _, _, name, *values = line.split()
        if name in disks:
            now[f'disk.reads|{name}'] = int(values[0])
            now[f'disk.read|{name}'] = int(values[2]) * 512
            now[f'disk.writes|{name}'] = int(values[4])
            now[f'disk.written|{name}'] = int(values[6]) * 512
            now[f'disk.busy|{name}'] = int(values[9]) / 10
    for line in text('/proc/net/dev').splitlines()[2:]:
        name, rest = line.split(':', 1)
        if name.strip() in interfaces:
            now[f'net.received|{name.strip()}'] = int(rest.split()[0])
            now[f'net.sent|{name.strip()}'] = int(rest.split()[8])


def pressure(now):
    for kind in ('cpu', 'memory', 'io'):
        try:
            some = text(f'/proc/pressure/{kind}').splitlines()[0]
        except OSError:
            continue
        now[f'pressure.{kind}|'] = int(some.rsplit('total=', 1)[1]) / 1e4


class Watch(threading.Thread):
    """Sums of all counters, every 50 ms: (before, after, {series|subject: sum in its unit x s})."""

    def __init__(self):
        super().__init__(daemon=True)
        self.moments = []
        self.ending = threading.Event()
        self.disks, self.interfaces = whole_disks(), hardware()

    def run(self):
        while not self.ending.is_set():
            before, now = time.monotonic_ns(), {}
            processors(now)
            memory(now)
            devices(now, self.disks, self.interfaces)
            pressure(now)
            self.moments.append((before, time.monotonic_ns(), now))
            time.sleep(0.05)

    def stop(self):
        self.ending.set()
        self.join()
