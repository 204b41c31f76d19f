"""What a page of `profinject html` says of resources, relations and judgement, read as strictly as
page.py reads the rest: lengths, numbers of others, bounds, and cells against the points they are of.

Independent of the page's own JavaScript and of the analyzer.
"""

import math

REASONLESS = {'effective', 'pearson', 'spearman', 'lag_s', 'lag_low_s', 'lag_high_s', 'strength', 'low',
              'high', 'p', 'q', 'significant'}


def check_series(series, cells, data):
    name = series['name']
    if series['value'] is None:
        if series['least'] is not None or series['most'] is not None or series['mean'] is not None:
            raise ValueError(f'{name}: bounds without values')
        return
    for key in ('value', 'least', 'most'):
        if series[key] is not None and len(series[key]) != math.ceil(cells / series['every']):
            raise ValueError(f'{name}: cells of {key}')
    for least, value, most in zip(series['least'] or [], series['value'], series['most'] or []):
        if value is not None and not least <= value * (1 + 1e-3) + 1e-9 <= (most + 1e-9) * (1 + 2e-3) + 2e-9:
            raise ValueError(f'{name}: {least} {value} {most}')
    if not -1 <= series['process'] < len(data['processes']) or not -1 <= series['thread'] < len(data['threads']):
        raise ValueError(f'{name}: of nobody')


def check_relation(relation):
    if relation['reason'] is not None:
        if set(relation) != {'reason', 'cells'}:
            raise ValueError('a relation with a reason and figures')
    elif set(relation) != {'reason', 'cells'} | REASONLESS:
        raise ValueError('a relation without figures')
    elif not -1 <= relation['low'] <= relation['strength'] <= relation['high'] <= 1 or not 0 <= relation['q'] <= 1:
        raise ValueError(f'bounds of a relation: {relation}')


def check_relations(relations, data):
    series, pairs = relations['series'], relations['pairs']
    for one in series:
        if not -1 <= one['resource'] < len(data['resources']['series'] if data['resources'] else []):
            raise ValueError(f'{one["name"]}: no such resource')
        for cause in one['causes']:
            if cause['label'] >= len(data['labels']['name']) or cause['activity'] >= len(relations['activities']):
                raise ValueError(f'{one["name"]}: no such function')
            check_relation(cause['relation'])
    if len({len(column) for column in pairs.values()}) != 1 or len(relations['marks']) != len(data['labels']['name']):
        raise ValueError('columns of pairs')
    if not all(a < b < len(series) for a, b in zip(pairs['first'], pairs['second'])):
        raise ValueError('pairs')
    for reason, *figures in zip(*(pairs[key] for key in ('reason', 'strength', 'lag_s', 'low', 'high', 'q', 'significant'))):
        if any((figure is None) != (reason is not None) for figure in figures):
            raise ValueError('a pair with a reason and figures')


def check_findings(data):
    resources, relations, judgement = data['resources'], data['relations'], data['judgement']
    if resources is not None:
        for series in resources['series']:
            check_series(series, resources['cells'], data)
    if relations is not None:
        check_relations(relations, data)
    if judgement is not None and not all(one['thread'] < len(data['threads']) for one in judgement['threads']):
        raise ValueError('threads of the judgement')
    if not all(label < len(data['labels']['name']) for one in data['advice'] for label in one['labels']):
        raise ValueError('functions of the advice')


def pieces(exported):
    """(from, to, value) of the points of a series of `export --format json`: a rate is of the time before its point."""
    times, values = exported['time_ns'], exported['value']
    if exported['kind'] == 'rate':
        return list(zip(times, times[1:], values[1:]))
    return list(zip(times, times[1:], values)) + ([(times[-1], times[-1] + 1, values[-1])] if times else [])


def cell(parts, start, end):
    """Mean over a cell, weighted by time; None where less than half of it is known."""
    known = total = 0
    for begin, stop, value in parts:
        length = min(stop, end) - max(begin, start)
        if length > 0 and value is not None:
            known += length
            total += length * value
    return total / known if 2 * known >= end - start else None


def compare(resources, exported, start_ns, end_ns):
    """How many series have the cells that the points make; raises where one has not."""
    compared = 0
    for series in resources['series']:
        mine = [one for one in exported if one['name'] == series['name'] and one['subject'] == series['subject'] and
                (series['whose'] is None or series['whose'].endswith(f'({one["tid"] if series["scope"] == "thread" else one["pid"]})'))]
        if series['of'] or series['value'] is None or len(mine) != 1:
            continue
        width = round(resources['cell_s'] * 1e9) * series['every']
        parts, scale = pieces(mine[0]), max(abs(series['high']), abs(series['low']))
        for i, value in enumerate(series['value']):
            wanted = cell(parts, start_ns + i * width, min(start_ns + (i + 1) * width, end_ns))
            if wanted is not None and series['unit'] == '%' and series['scope'] != 'process':
                wanted = min(wanted, 100)  # ticks may come to more, which no report shows
            if (value is None) != (wanted is None) or value is not None and abs(value - wanted) > 2e-3 * scale + 1e-9:
                raise ValueError(f'{series["name"]} {series["subject"]}, cell {i}: {value} for {wanted}')
        compared += 1
    return compared
