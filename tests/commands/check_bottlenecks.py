"""Which class programs that one thing limits are given: check_bottlenecks.py BUILD ROUNDS SECONDS.

ROUNDS 0: one, with one target of a class only.

Prints the matrix of targets and classes, and fails where one is not on the diagonal. A round on a
machine that leaves the target no processor says nothing: it is repeated, up to some times. What cannot
be had here (a control group with a limit) is said and left out. Its own file because the quick test and
the long one ask the same.
"""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

CLASSES = ['cpu', 'memory', 'i/o', 'network', 'gpu', 'contention', 'allocator', 'throttled', 'balanced',
           'insufficient data']
REPEATS = 4
READY = 0.25  # of thread time: with more, others had the processors


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@contextlib.contextmanager
def plain(_):
    yield {}


@contextlib.contextmanager
def hot(root):
    """Processors that are slowed down all the time, as the kernel counts it for Intel's."""
    stop = threading.Event()
    start = time.monotonic()

    def tell():
        now = 1000 + int((time.monotonic() - start) * 1000)
        for number in range(os.cpu_count()):
            base = root / f'sys/devices/system/cpu/cpu{number}/thermal_throttle'
            for name, value in (('count', now // 100), ('total_time_ms', now)):
                # Never shorter, and never empty: whoever reads meanwhile reads a number.
                with open(base / f'core_throttle_{name}', 'r+', encoding='ascii') as file:
                    file.write(f'{value}\n')

    def go_on():
        while not stop.wait(0.02):
            tell()

    for number in range(os.cpu_count()):
        for name in ('count', 'total_time_ms'):
            write(root / f'sys/devices/system/cpu/cpu{number}/thermal_throttle' /
                  f'core_throttle_{name}', '1\n')
    driver = threading.Thread(target=go_on)
    driver.start()
    try:
        yield {'PROFINJECT_RESOURCES_ROOT': str(root)}
    finally:
        stop.set()
        driver.join()


@contextlib.contextmanager
def card(root):
    """A graphics card that is busy, as amdgpu tells."""
    device = root / 'sys/class/drm/card0/device'
    for name, text in (('vendor', '0x1002'), ('gpu_busy_percent', '97'),
                       ('mem_info_vram_used', '8000000000'), ('mem_info_vram_total', '16000000000')):
        write(device / name, text + '\n')
    yield {'PROFINJECT_RESOURCES_ROOT': str(root)}


@contextlib.contextmanager
def limited(_):
    """A control group that may use a tenth of a processor; None: there can be none."""
    name = f'profinject-test-{os.getpid()}'
    for base, file, value in (('/sys/fs/cgroup/cpu', 'cpu.cfs_quota_us', '10000'),
                              ('/sys/fs/cgroup', 'cpu.max', '10000 100000')):
        group = pathlib.Path(base) / name
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            try:
                (group / file).write_text(value)
            except OSError:
                continue
            yield {'group': str(group)}
            return
        finally:
            for _ in range(50):
                try:
                    group.rmdir()
                    break
                except OSError:
                    time.sleep(0.1)
    yield None


# Of resources that are looked at only now and then, and of processes that live for a while.
LONGER = {hot: 2, card: 2, limited: 4}

# Target, how it is provoked, class.
ROWS = [('cpu', plain, 'cpu'), ('memory', plain, 'memory'), ('moving', plain, 'memory'),
        ('mapped', plain, 'memory'), ('disk', plain, 'i/o'), ('network', plain, 'network'),
        ('waiting', card, 'gpu'), ('contention', plain, 'contention'),
        ('allocator', plain, 'allocator'), ('cpu', hot, 'throttled'), ('cpu', limited, 'throttled'),
        ('balanced', plain, 'balanced'), ('waiting', plain, 'balanced')]


def judgement(build, target, provoked, seconds, place):
    environment = {**os.environ, **provoked}
    group = environment.pop('group', None)

    def join():
        if group:
            (pathlib.Path(group) / 'cgroup.procs').write_text('0')

    subprocess.run([f'{build}/profinject', 'record', '-q', '-o', 'recording', '--',
                    f'{build}/programs/bottleneck_targets', target, str(seconds)],
                   cwd=place, env=environment, check=True, preexec_fn=join)
    text = subprocess.run([f'{build}/profinject', 'report', '--json', 'recording'], cwd=place,
                          check=True, stdout=subprocess.PIPE).stdout
    return json.loads(text)


def held_back(group):
    """Seconds, by the kernel's own count."""
    counts = dict(line.split() for line in (pathlib.Path(group) / 'cpu.stat').read_text().splitlines())
    return int(counts.get('throttled_time', 0)) / 1e9 + int(counts.get('throttled_usec', 0)) / 1e6


def has_processors(report):
    times = report['waits']['share_seconds']
    whole = sum(times.values())
    return whole > 0 and times['runnable'] < READY * whole


def classify(build, row, seconds):
    """The verdict, its text, and whether the machine let it have processors; None: not possible."""
    target, provoke, _ = row
    for attempt in range(REPEATS):
        with tempfile.TemporaryDirectory() as place, \
                provoke(pathlib.Path(place) / 'root') as provoked:
            if provoked is None:
                return None
            length = max(seconds, LONGER.get(provoke, 0))
            report = judgement(build, target, provoked, length, place)
            told = held_back(provoked['group']) > length / 2 if 'group' in provoked \
                else has_processors(report)
        found = report['judgement']
        if found['verdict'] == row[2] or told:
            break
    return found['verdict'], found['evidence'], told


def print_matrix(matrix):
    print(f"{'':22}" + ''.join(f'{name[:9]:>11}' for name in CLASSES))
    for name, counts in matrix.items():
        print(f'{name:22}' + ''.join(f'{counts.get(c, 0) or ".":>11}' for c in CLASSES))


def main():
    build, rounds = sys.argv[1], int(sys.argv[2])
    seconds = float(sys.argv[3])
    matrix, wrong, busy, left = {}, [], 0, set()
    rows = ROWS if rounds > 0 else [row for row in ROWS if row[1] is not limited and
                                    row not in (ROWS[2], ROWS[3], ROWS[-1])]
    for _ in range(max(rounds, 1)):
        for row in rows:
            name = row[0] + ('' if row[1] is plain else f' ({row[1].__name__})')
            found = classify(build, row, seconds)
            if found is None:
                left.add(name)
                continue
            verdict, text, told = found
            counts = matrix.setdefault(name, {})
            if verdict != row[2] and not told:
                busy += 1
                continue
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict != row[2]:
                wrong.append(f'{name}: {verdict}, not {row[2]}: {text}')
    print_matrix(matrix)
    for name in left:
        print(f'left out: {name}: no control group can be made')
    if busy:
        print(f'{busy} rounds say nothing: others had the processors')
    print('\n'.join(wrong))
    sys.exit(1 if wrong else 77 if busy else 0)


if __name__ == '__main__':
    main()
