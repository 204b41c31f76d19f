#!/usr/bin/env python3
"""How often `profinject diff` is right about real recordings.

    diff_trials.py PROFINJECT PLANTED DIRECTORY RECORDINGS ROUNDS RUNS TRIALS [RECORD OPTIONS...]

Records the program tests/programs/planted RECORDINGS times as it is and half as often with 5 %
more work in one function, by turns, into DIRECTORY (what is there already is taken as it is);
then compares RUNS of one kind with RUNS others, drawn anew for each of TRIALS trials, and RUNS of
one kind with RUNS of the other. The recordings of two trials overlap: there are fewer of them.
Prints one line of JSON: in how many trials nothing was called a change where nothing had changed,
and in how many the right function was called slower.
"""

import json
import os
import random
import subprocess
import sys


def record(profinject, planted, path, rounds, percent, options):
    if not os.path.exists(path):
        subprocess.run([profinject, 'record', '--quiet', '--output', path + '.part', *options, '--',
                        planted, rounds, percent], check=True)
        os.rename(path + '.part', path)
    return path


def compare(profinject, before, after):
    result = subprocess.run([profinject, 'diff', '--json', *before, '--', *after], check=True,
                            capture_output=True, text=True)
    found = set()
    for function in json.loads(result.stdout)['functions']:
        for kind in ('self', 'total'):
            if function[kind]['significant']:
                found.add((function['function'], kind, function[kind]['difference'] > 0))
    return found


def main():
    profinject, planted, directory, recordings, rounds, runs, trials, *options = sys.argv[1:]
    runs, trials = int(runs), int(trials)
    os.makedirs(directory, exist_ok=True)
    same, slower = [], []
    for i in range(int(recordings)):
        same.append(record(profinject, planted, f'{directory}/a{i}', rounds, '0', options))
        if i % 2:
            slower.append(record(profinject, planted, f'{directory}/b{i}', rounds, '5', options))
    random.seed(1)
    quiet = found = 0
    wrong = {}
    for _ in range(trials):
        drawn = random.sample(same, 2 * runs)
        changes = compare(profinject, drawn[:runs], drawn[runs:])
        quiet += not changes
        for change in changes:
            wrong[str(change)] = wrong.get(str(change), 0) + 1
        changes = compare(profinject, random.sample(same, runs), random.sample(slower, runs))
        found += ('slow', 'self', True) in changes
    print(json.dumps({'trials': trials, 'runs': runs, 'quiet': quiet, 'found': found,
                      'wrong': wrong}))


if __name__ == '__main__':
    main()
