"""The table of fields: table.py REPORT.json CORRELATE.json [FIELDS]. Each field of the source documents
with its value in this recording, or why it is unavailable; exit status 1 when one is neither."""
import json
import os
import sys


def number(value):
    return f'{value:.6g}' if isinstance(value, (int, float)) else str(value)


def of_series(series, name):
    """What the series of that name say, None: nothing. A value counts more than a reason."""
    ours = [one for one in series if one['name'] == name]
    for one in ours:
        known = [value for value in one['value'] if value is not None]
        if known:
            subject = f" ({one['subject']})" if one['subject'] else ''
            return f"{number(known[-1])} {one['unit']}{subject}"
    for one in ours:
        if one['unavailable']:
            return f"unavailable ({one['unavailable']})"
    return None


def of_subject(series, key, name):
    for one in series:
        if one['name'] == name and one[key] is not None:
            return str(one[key])
    told = of_series(series, name)
    return told if told and told.startswith('unavailable') else None


def of_json(report, path):
    *parents, last = path.split('.')
    for key in parents:
        report = report[int(key)] if isinstance(report, list) else report[key]
    value = report[last]
    if value is None and report.get('unavailable'):
        return f"unavailable ({report['unavailable']})"
    if isinstance(value, list):
        return f'{len(value)} of them'
    return None if value is None else number(value)


def of_pair(correlations, name):
    for pair in correlations['named']:
        if pair['name'] == name:
            relation = pair['relation']
            if relation['insufficient']:
                return f"unavailable ({relation['insufficient']})"
            return None if relation['pearson'] is None else number(relation['pearson'])
    return None


def find(where, report, correlations):
    words = where.split(' ', 2)
    if words[0] == 'json':
        return of_json(report, words[1])
    if words[0] == 'correlate':
        return of_pair(correlations, where.split(' ', 1)[1])
    if len(words) == 3 and words[1] == 'of':
        return of_subject(report['resources'], words[0], words[2])
    return of_series(report['resources'], where)


def main():
    with open(sys.argv[1], encoding='utf-8') as text:
        report = json.load(text)
    with open(sys.argv[2], encoding='utf-8') as text:
        correlations = json.load(text)
    fields = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fields.txt')
    missing = count = 0
    with open(fields, encoding='utf-8') as lines:
        for line in lines:
            if line.startswith('#') or not line.strip():
                continue
            document, field, where = (part.strip() for part in line.split('|'))
            value = find(where, report, correlations)
            count += 1
            missing += value is None
            print(f"{document:10}{field:54} {where:38} {value or 'MISSING'}")
    print(f'{count} fields, {missing} missing')
    sys.exit(1 if missing or not count else 0)


main()
