"""Records a known load and compares what was collected with /proc, read by this script at the same
time, and with vmstat, iostat and pidstat: compare.py BUILD DIRECTORY. Prints a table; exit status 1
when something is beyond what the difference of moments allows."""
import json
import subprocess
import sys
import time

from watch import Watch

SECONDS = 4
LATE_NS = 30_000_000  # a look is behind its moment, more so on a busy machine


def sums(series):
    """Of a rate: (time, sum since its first point)."""
    total, before, points = 0, None, []
    for at, value in zip(series['time_ns'], series['value']):
        if value is not None and before is not None:
            total += value * (at - before) / 1e9
        before = at
        points.append((at, total))
    return points


def bracket(moments, key, at):
    """The least and the most that the count can have been at that time."""
    least = [now[key] for before, after, now in moments if after <= at and key in now]
    most = [now[key] for before, after, now in moments if before >= at + LATE_NS and key in now]
    return (max(least), min(most)) if least and most else None


def check_series(report, moments):
    worst = 0
    keys = sorted(moments[0][2])
    for key in keys:
        name, subject = key.split('|')
        found = [one for one in report['resources'] if one['name'] == name and (one['subject'] or '') == subject]
        if not found:
            print(f'{key}: no such series')
            return False
        points = [point for point in sums(found[0]) if bracket(moments, key, point[0])]
        if len(points) < 2:
            print(f'{key}: {len(points)} points within the time that was watched')
            return False
        (start, from_sum), (end, to_sum) = points[0], points[-1]
        low, high = bracket(moments, key, start), bracket(moments, key, end)
        ours, least, most = to_sum - from_sum, high[0] - low[1], high[1] - low[0]
        slack = 1e-6 * abs(most) + 1e-3  # of rounding
        fits = least - slack <= ours <= most + slack
        print(f"{key:28} {ours:16.3f} between {least:16.3f} and {most:16.3f} {'' if fits else 'NO'}")
        worst += not fits
    return worst == 0


def mean(report, name, subject, start, end, pid=None):
    """Of a rate, over the points in a window of the clock."""
    for one in report['resources']:
        if one['name'] == name and (one['subject'] or '') == subject and (pid is None or one['pid'] == pid):
            inside = [point for point in sums(one) if start <= point[0] <= end]
            (first, low), (last, high) = inside[0], inside[-1]
            return (high - low) / ((last - first) / 1e9)
    raise KeyError(name)


def written_in(report, disk, start, end):
    """Bytes, from the first to the last look within that time."""
    one = next(one for one in report['resources'] if one['name'] == 'disk.written' and one['subject'] == disk)
    inside = [point for point in sums(one) if start <= point[0] <= end]
    return inside[-1][1] - inside[0][1]


def vmstat_busy(text):
    lines = [line.split() for line in text.splitlines()]
    names = lines[1]
    rows = [dict(zip(names, map(int, line))) for line in lines[3:]]  # the first is since the boot
    return sum(row['us'] + row['sy'] for row in rows) / len(rows)


def iostat_written(text, disk):
    reports = json.loads(text)['sysstat']['hosts'][0]['statistics']
    values = [one['kB_wrtn/s'] for report in reports for one in report['disk'] if one['disk_device'] == disk]
    return sum(values) / len(values) * 1024


def pidstat_mean(text, column):
    """Of the process, in the table that ends with averages and has that column."""
    names = []
    for words in (line.split() for line in text.splitlines() if line.startswith('Average:')):
        names = words if 'Command' in words else names
        if column in names and words[-1] == 'known_load':
            return float(words[names.index(column)])
    raise KeyError(column)


def close(what, ours, theirs, share, least):
    fits = abs(ours - theirs) <= max(share * max(ours, theirs), least)
    print(f"{what:28} {ours:16.3f} and {theirs:16.3f} {'' if fits else 'NO'}")
    return fits


def start_tool(*words):
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={'LC_ALL': 'C', 'PATH': '/usr/bin:/bin'})


def main():
    build, directory = sys.argv[1:3]
    watch = Watch()
    watch.start()
    time.sleep(0.2)
    recording = subprocess.Popen(
        [f'{build}/profinject', 'record', '-q', '-o', f'{directory}/recording', '--',
         f'{build}/programs/known_load', str(SECONDS + 1), f'{directory}/written', '50'], stdout=subprocess.PIPE, text=True)
    time.sleep(0.7)
    start = time.monotonic_ns()
    disk = watch.disks[0] if watch.disks else None
    tools = {'vmstat': start_tool('vmstat', '-n', '1', str(SECONDS)),
             'pidstat': start_tool('pidstat', '-u', '-r', '-C', 'known_load', '1', str(SECONDS - 1)),
             'iostat': start_tool('iostat', '-d', '-y', '-k', '-o', 'JSON', '1', str(SECONDS - 1))}
    told = {name: tool.communicate()[0] for name, tool in tools.items()}
    end = time.monotonic_ns()
    cpu_ns, written = map(int, recording.communicate()[0].split())
    time.sleep(0.2)  # beyond the last look
    watch.stop()
    report = json.loads(subprocess.run([f'{build}/profinject', 'report', '--json', f'{directory}/recording'],
                                       check=True, capture_output=True).stdout)
    fits = check_series(report, watch.moments)
    fits &= close('vmstat us+sy, %', mean(report, 'cpu.busy', '', start, end), vmstat_busy(told['vmstat']), 0.1, 5)
    fits &= close('pidstat %CPU', mean(report, 'process.cpu', '', start, end), pidstat_mean(told['pidstat'], '%CPU'), 0.1, 3)
    rss = next(one for one in report['resources'] if one['name'] == 'process.rss')['summary']
    seen = pidstat_mean(told['pidstat'], 'RSS')
    print(f"pidstat RSS, KiB {seen:.0f} between {rss['least'] / 1024:.0f} and {rss['most'] / 1024:.0f}")
    fits &= rss['least'] / 1024 <= seen <= rss['most'] / 1024
    if disk:
        # others write in bursts: between what we saw in less and in more than its time
        least = written_in(report, disk, start + 400_000_000, start + (SECONDS - 1) * 10**9 - 400_000_000)
        most = written_in(report, disk, start - 600_000_000, start + (SECONDS - 1) * 10**9 + 800_000_000)
        seen = iostat_written(told['iostat'], disk) * (SECONDS - 1)
        print(f'iostat, bytes written {seen:.0f} between {least:.0f} and {most:.0f}')
        fits &= 0.98 * least <= seen <= 1.02 * most
    total = next(one for one in report['resources'] if one['name'] == 'process.calls-written')['summary']['total']
    fits &= close('bytes by write()', total, written, 0.1, 0)
    total = next(one for one in report['resources'] if one['name'] == 'process.cpu')['summary']['total']
    fits &= close('its own CPU time, ms', total * 10, cpu_ns / 1e6, 0.1, 20)
    sys.exit(0 if fits else 1)


main()
