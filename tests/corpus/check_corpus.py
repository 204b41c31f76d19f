#!/usr/bin/env python3
"""Compiles the corpus in many ways and compares the names, inline chains and lines that
`profinject symbolize` gives with those of llvm-symbolizer, addr2line and, where these differ
between themselves, gdb.

usage: check_corpus.py PROFINJECT WORKDIR [--installed | --long] [--only WORD] [--show N]

With --installed it compares files of the system that have packages of debug symbols instead.

Every address where profinject and llvm-symbolizer differ is counted under the reason that
explains it (class Verdict); one without a reason is an error. The run fails when fewer than
99.9 % of the addresses agree or are explained by what a third tool says.
"""

import argparse
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
SHARE = 0.999
sys.path.insert(0, HERE)

import variants  # noqa: E402
import reasons  # noqa: E402


def run(command, **more):
    return subprocess.run(command, check=True, text=True, errors='replace',
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, **more)


# --- which addresses ---------------------------------------------------------------


def sections_of_code(path):
    """[(start, end)] of the executable sections but those of stubs."""
    code = []
    for line in run(['readelf', '-SW', path]).stdout.splitlines():
        match = re.match(r'\s*\[\s*\d+\]\s+(\S+)\s+(\S+)\s+([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)'
                         r'\s+\S+\s+(\S*)', line)
        if match and 'X' in match[5] and not match[1].startswith('.plt'):
            code.append((int(match[3], 16), int(match[3], 16) + int(match[4], 16)))
    return code


def spans_of_symbols(path):
    for line in run(['nm', '-S', '--defined-only', path]).stdout.splitlines():
        match = re.match(r'([0-9a-f]+) ([0-9a-f]+) [tTwWiu] ', line)
        if match:
            yield int(match[1], 16), int(match[1], 16) + int(match[2], 16)


def spans_of_entries(path):
    """The code of every entry that llvm-dwarfdump shows: units, functions, blocks, inlines."""
    text = run(['llvm-dwarfdump', '--debug-info', path]).stdout
    for match in re.finditer(r'DW_AT_low_pc\s+\((0x[0-9a-f]+)\)\s+DW_AT_high_pc\s+'
                             r'\((0x[0-9a-f]+)\)|\[(0x[0-9a-f]+), (0x[0-9a-f]+)\)', text):
        yield int(match[1] or match[3], 16), int(match[2] or match[4], 16)


def aliases_of(*paths):
    """{name: addresses}: functions have several names, of which each tool takes another."""
    found = {}
    for path, option in zip(paths, ('--defined-only', '-D')):
        for line in run(['nm', '-C', option, path]).stdout.splitlines():
            match = re.match(r'([0-9a-f]+) [tTwWiu] ([^@]+)', line)
            if match:
                found.setdefault(match[2], set()).add(int(match[1], 16))
    return found


def addresses_of(path, entries_of, limit):
    """First, second, middle and last byte of every span; every nth of them beyond the limit."""
    code = sections_of_code(path)
    found = set()
    spans = list(spans_of_symbols(path))
    if entries_of:
        spans += spans_of_entries(entries_of)
    for low, high in spans:
        if high - low > 1 << 20 or low >= high:
            continue
        anywhere = [low + (low * 2654435761 >> k) % (high - low) for k in (3, 7, 11)]
        for address in [low, low + 1, (low + high) // 2, high - 1] + anywhere:
            if low <= address < high and any(a <= address < b for a, b in code):
                found.add(address)
    ordered = sorted(found)
    step = max(1, len(ordered) // limit) if limit else 1
    return ordered[::step]


# --- what the tools say -------------------------------------------------------------


def pairs(lines):
    """(function, file, line) of alternating lines."""
    frames = []
    for function, place in zip(lines[::2], lines[1::2]):
        place = re.sub(r' \(discriminator \d+\)$', '', place)
        file, line = place.rsplit(':', 1)
        file = '??' if file in ('', '??') else os.path.normpath(file)
        frames.append((function, file, int(line) if line.isdigit() else 0))
    return frames


def ask_profinject(profinject, path, dirs, addresses):
    options = ['--debug-dir', dirs] if dirs else []
    answer = run([profinject, 'symbolize', '--no-cache'] + options + [path],
                 input=''.join(f'{address:#x}\n' for address in addresses))
    blocks = answer.stdout.split('\n\n')
    return [pairs(block.splitlines()) for block in blocks[:len(addresses)]], answer.stderr.strip()


def ask_llvm(path, addresses):
    answer = run(['llvm-symbolizer', '--no-demangle', '--obj=' + path],
                 input=''.join(f'{address:#x}\n' for address in addresses)).stdout
    blocks = [block.splitlines() for block in answer.split('\n\n')[:len(addresses)]]
    return [pairs([line if i % 2 == 0 else line.rsplit(':', 1)[0]
                   for i, line in enumerate(block)]) for block in blocks]


def ask_addr2line(path, addresses):
    answer = run(['addr2line', '-a', '-f', '-i', '-e', path],
                 input=''.join(f'{address:#x}\n' for address in addresses)).stdout
    blocks = re.split(r'^0x[0-9a-f]+\n', answer, flags=re.M)[1:]
    return [pairs(block.splitlines()) for block in blocks]


def ask_gdb(path, dirs, addresses):
    """Chains by gdb's blocks: functions, and the line of the address alone."""
    command = ['gdb', '-nx', '-batch', '-iex', 'set auto-load no',
               '-iex', 'set debuginfod enabled off']
    if dirs:
        command += ['-iex', f'set debug-file-directory {dirs}:/usr/lib/debug']
    command += ['-iex', 'set print demangle off', path, '-x', os.path.join(HERE, 'gdb_chain.py')]
    try:
        answer = run(command, input='', env=dict(
            os.environ, CORPUS_ADDRESSES=' '.join(f'{a:#x}' for a in addresses))).stdout
    except subprocess.CalledProcessError as died:
        answer = died.stdout or ''  # gdb 13 crashes over some files: then it has no opinion
    found = {}
    for line in answer.splitlines():
        parts = line.split('\t')
        if parts[0].startswith('0x'):
            file = os.path.normpath(parts[1]) if parts[1] else '??'
            found[int(parts[0], 16)] = (file, int(parts[2]), parts[3:])
    return found


def demangled(names):
    """{mangled: demangled}, by the same demangler for all."""
    names = sorted(set(names))
    answer = run(['c++filt'], input='\n'.join(names) + '\n').stdout.splitlines()
    return dict(zip(names, answer))


# --- one binary ----------------------------------------------------------------------


class Result:
    def __init__(self, name):
        self.name, self.total, self.message = name, 0, ''
        self.verdicts = Counter()
        self.examples = defaultdict(list)
        self.named = self.lined = self.inlined = 0


def compare(profinject, case, limit):
    result = Result(case.name)
    addresses = addresses_of(case.symbols, case.entries, limit)
    case.aliases = aliases_of(case.symbols, case.path)
    ours, result.message = ask_profinject(profinject, case.path, case.dirs, addresses)
    llvm = ask_llvm(case.for_llvm, addresses)
    line2 = ask_addr2line(case.for_addr2line, addresses)
    names = demangled(frame[0] for frames in llvm + line2 for frame in frames)

    def readable(frames):
        return [(names[f], file, line) for f, file, line in frames]

    asked = []
    for i, address in enumerate(addresses):
        llvm[i], line2[i] = readable(llvm[i]), readable(line2[i])
        if not reasons.same(case, ours[i], llvm[i]):
            asked.append(address)
    gdb = ask_gdb(case.for_gdb, case.dirs, asked) if asked else {}
    gdb_names = demangled(n for _, _, chain in gdb.values() for n in chain)
    result.total = len(addresses)
    result.named = sum(frames[-1][0] != '??' for frames in ours)
    result.lined = sum(frames[0][2] > 0 for frames in ours)
    result.inlined = sum(len(frames) > 1 for frames in ours)
    for i, address in enumerate(addresses):
        third = gdb.get(address)
        if third is not None:
            third = (third[0], third[1], [gdb_names[n] for n in third[2]])
        verdict = reasons.judge(case, ours[i], llvm[i], line2[i], third)
        result.verdicts[verdict] += 1
        result.examples[verdict].append((address, ours[i], llvm[i], line2[i], third))
    return result


def show(result, verdict, count):
    for address, *answers in result.examples[verdict][:count]:
        print(f'    {address:#x} in {result.name}')
        for who, answer in zip(('profinject', 'llvm', 'addr2line', 'gdb'), answers):
            print(f'      {who:10} {answer}')


def report(results, show_count):
    total = sum(result.total for result in results)
    verdicts = Counter()
    for result in results:
        verdicts.update(result.verdicts)
    print(f'{total} addresses of {len(results)} binaries')
    print(f'  {sum(r.named for r in results)} with a function, {sum(r.lined for r in results)} '
          f'with a line, {sum(r.inlined for r in results)} inside inlined functions')
    for verdict, count in verdicts.most_common():
        print(f'  {count:6}  {100 * count / total:7.3f} %  {verdict}')
    for result in results:
        for verdict in result.verdicts:
            if reasons.is_wrong(verdict) or show_count > 3:
                if verdict != reasons.AGREES:
                    print(f'  {verdict}: {result.verdicts[verdict]} in {result.name} '
                          f'[{result.message}]')
                    show(result, verdict, show_count)
    wrong = sum(n for verdict, n in verdicts.items() if reasons.is_wrong(verdict))
    print(f'{100 * (total - wrong) / total:.4f} % agree or are explained')
    return total, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('profinject')
    parser.add_argument('workdir')
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--installed', action='store_true')
    parser.add_argument('--only', default='')
    parser.add_argument('--show', type=int, default=2)
    parser.add_argument('--least', type=int, default=20000)
    options = parser.parse_args()
    profinject = os.path.abspath(options.profinject)
    os.makedirs(options.workdir, exist_ok=True)
    known = variants.installed() if options.installed else variants.all_variants(profinject, options.long)
    wanted = [v for v in known if options.only in v.name]
    results, failures = [], 0

    def one(variant):
        try:
            case = variant.make(HERE, os.path.join(os.path.abspath(options.workdir), variant.name))
            return compare(profinject, case, variant.limit) if case else variant
        except (RuntimeError, subprocess.CalledProcessError) as failure:
            variant.failed = f'{failure} {getattr(failure, "stderr", "")}'
            return variant

    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(one, wanted):
            if isinstance(result, Result):
                results.append(result)
            elif result.failed:
                failures += 1
                print(f'cannot compare {result.name}: {result.failed}')
            else:
                print(f'skipped {result.name}: {result.skipped}')
    if not results:
        sys.exit('nothing to compare')
    total, wrong = report(results, options.show)
    if not options.only and total < options.least:
        sys.exit(f'only {total} addresses')
    # Tools that agree about nothing would agree too.
    if sum(r.named for r in results) < 0.95 * total or \
            sum(r.lined for r in results) < 0.9 * total:
        sys.exit('too few have a name and a line for the comparison to mean much')
    if failures:
        sys.exit(f'{failures} binaries could not be compared')
    if wrong > (1 - SHARE) * total:
        sys.exit(f'{wrong} of {total} are wrong')


main()
