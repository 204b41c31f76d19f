"""Compares the document of `profinject html` with what other commands say of the same recording.

    check_page.py PAGE [OPTION...] RECORDING     every metric, stack by stack, with these options
    check_page.py alone PAGE                     that it is one file, and how large it is
    check_page.py without WORD PAGE              that the word is nowhere in it
"""

import json
import os
import subprocess
import sys

from page import Loads, Page

MOST = 400_000  # bytes of a page without data


def folded(metric, arguments):
    run = subprocess.run([os.environ['PROFINJECT'], 'folded', '--metric', metric, *arguments],
                         capture_output=True, text=True, check=True)
    found = {}
    for line in run.stdout.splitlines():
        stack, value = line.rsplit(' ', 1)
        found[stack] = int(value)
    return found


def compare(path, arguments):
    page = Page(path)
    metrics = [metric['name'] for metric in page.data['metrics']]
    if metrics[0] != 'cpu' or len(metrics) < 2:
        raise ValueError(f'metrics: {metrics}')
    # Of parts some are enough: each is a process.
    for metric in metrics if len(arguments) == 1 else metrics[:2] + metrics[3:9:3] + metrics[-1:]:
        theirs = {stack: value for stack, value in folded(metric, arguments).items() if value != 0}
        if page.folded(metric) != theirs:
            differ = set(page.folded(metric).items()) ^ set(theirs.items())
            raise ValueError(f'{metric}: {sorted(differ)[:4]}')
    print('metrics', len(metrics), 'cpu', sum(page.values['cpu']))


def alone(path):
    with open(path, encoding='utf-8') as file:
        loads = Loads(file.read())
    if loads.found or "default-src 'none'" not in loads.policy or 'http' in loads.policy:
        raise ValueError(f'{loads.found} {loads.policy}')
    size = Page(path).size_without_data
    if size > MOST:
        raise ValueError(f'{size} bytes without data')


def without(word, path):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    if word in text or word in json.dumps(Page(path).data, ensure_ascii=False):
        raise ValueError(f'{word!r} is in the page')


if sys.argv[1] == 'alone':
    alone(sys.argv[2])
elif sys.argv[1] == 'without':
    without(sys.argv[2], sys.argv[3])
else:
    compare(sys.argv[1], sys.argv[2:])
