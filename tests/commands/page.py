"""Reads the document in a page of `profinject html`, strictly: any departure from the format, as
html_document.h specifies it, is an error.

Independent of the page's own JavaScript and of the analyzer.
"""

import base64
import collections
import gzip
import json
import re
from html.parser import HTMLParser

from page_findings import check_findings

DATA = re.compile(r'<script id="data" type="application/octet-stream">([A-Za-z0-9+/=\s]*)</script>')
KINDS = range(4)


class Loads(HTMLParser):
    """What a page would load: any attribute that names something elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.found, self.policy = [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.found += [f'{tag} {name}' for name in ('src', 'href', 'srcset', 'action', 'data')
                       if name in named]
        if named.get('http-equiv') == 'Content-Security-Policy':
            self.policy = named['content']


def constant(name):
    raise ValueError(f'{name} is no JSON')


def read(path):
    """The document, and the size of the page without it."""
    with open(path, encoding='utf-8') as file:
        text = file.read()
    found = DATA.findall(text)
    if len(found) != 1:
        raise ValueError(f'{len(found)} data elements')
    document = gzip.decompress(base64.b64decode(found[0], validate=True)).decode('utf-8')
    if '<' in document:
        raise ValueError('what HTML may take for a tag')
    return json.loads(document, parse_constant=constant), len(text.encode()) - len(found[0])


def undo(deltas):
    values, last = [], 0
    for delta in deltas:
        last += delta
        values.append(last)
    return values


def dense(column, count):
    """A column, from either form."""
    if isinstance(column, list):
        if len(column) != count:
            raise ValueError('a column of another length')
        return column
    values = [0] * count
    index = undo(column['index'])
    if len(index) != len(column['value']) or sorted(set(index)) != index:
        raise ValueError('entries of a sparse column')
    for entry, value in zip(index, column['value']):
        if value == 0:
            raise ValueError('a 0 in a sparse column')
        values[entry] = value
    return values


class Page:
    def __init__(self, path):
        self.data, self.size_without_data = read(path)
        data = self.data
        if data['schema'] != 'profinject-html-1':
            raise ValueError('another schema')
        self.labels = data['labels']
        self.count = len(data['nodes']['label'])
        self.parent = [i - up for i, up in enumerate(data['nodes']['parent'])]
        self.label = data['nodes']['label']
        self.check_tree()
        self.node = undo(data['entries']['node'])
        self.thread = data['entries']['thread']
        self.region = data['entries']['region']
        self.values = {name: dense(column, len(self.node))
                       for name, column in data['entries']['values'].items()}
        self.check_entries()
        self.check_slices()
        for series in data['series']:
            if len(series['time']) != len(series['value']) or series['time'] != sorted(series['time']):
                raise ValueError(f'series {series["name"]}')
        check_findings(data)
        for table in data['tables']:
            if not all(len(row) == len(table['columns']) for row in table['rows']):
                raise ValueError(f'rows of {table["name"]}')

    def check_tree(self):
        labels = self.labels
        if len({len(column) for column in labels.values()}) != 1:
            raise ValueError('columns of labels')
        for which, names in (('file', 'files'), ('module', 'modules')):
            if not all(-1 <= i < len(self.data[names]) for i in labels[which]):
                raise ValueError(which)
        if not set(labels['kind']) <= set(KINDS) or not set(labels['off']) <= {0, 1}:
            raise ValueError('kinds')
        path = [0]  # preorder: a node's parent is on the way from the root to the node before
        for i in range(1, self.count):
            while path and path[-1] != self.parent[i]:
                path.pop()
            if not path or not 0 <= self.label[i] < len(labels['name']):
                raise ValueError(f'node {i}')
            path.append(i)
        pairs = list(zip(self.parent, self.label))[1:]
        if len(set(pairs)) != len(pairs):
            raise ValueError('two nodes of one label under one parent')

    def check_entries(self):
        keys = list(zip(self.node, self.thread, self.region))
        if sorted(set(keys)) != keys:
            raise ValueError('order of entries')
        if not all(n < self.count and t < len(self.data['threads']) and r < len(self.data['regions'])
                   for n, t, r in keys):
            raise ValueError('numbers of entries')
        if {metric['name'] for metric in self.data['metrics']} != set(self.values):
            raise ValueError('metrics without columns')
        for metric in self.data['metrics']:
            if metric['total'] != sum(self.values[metric['name']]):
                raise ValueError(f'total of {metric["name"]}')

    def check_slices(self):
        slices = self.data['slices']
        if slices is None:
            return
        when = undo(slices['slice'])
        if not all(0 <= slot < slices['count'] for slot in when):
            raise ValueError('slices beyond the end')
        if len(set(zip(when, slices['entry']))) != len(when):
            raise ValueError('two rows of one entry in one slice')
        for name, metric in (('cpu', 'cpu'), ('off', 'offcpu')):
            sums = [0] * len(self.node)
            for entry, part in zip(slices['entry'], slices[name]):
                sums[entry] += part
            if sums != self.values.get(metric, sums):
                raise ValueError(f'slices are not the {metric} of entries')

    def folded(self, metric, threads=None):
        """{stack: value} as folded stacks name them."""
        found = collections.Counter()
        for entry, value in enumerate(self.values[metric]):
            if value != 0 and (threads is None or self.thread[entry] in threads):
                frames, node = [], self.node[entry]
                while node != 0:
                    frames.append(self.labels['name'][self.label[node]].replace(';', ':'))
                    node = self.parent[node]
                found[';'.join(reversed(frames)) or '[no stack]'] += value
        return {stack: value for stack, value in found.items() if value != 0}

    def table(self, name):
        """Rows as dicts by heading; None: there is no such table."""
        for table in self.data['tables']:
            if table['name'] == name:
                heads = [column['title'] for column in table['columns']]
                return [dict(zip(heads, row)) for row in table['rows']]
        return None
