"""Makes the files of a recorded machine: unpack.py NAME.tree DIR [MOMENT]; see README.md."""
import os
import sys


def parts(lines):
    """Of each entry: moment, path, text; None: a directory; a link's target, marked."""
    entry = None
    for line in lines:
        if line.startswith('@'):
            if entry:
                yield entry
            moment, path = line[1:].rstrip('\n').split(' ', 1)
            kind = 'text'
            value = ''
            if ' -> ' in path:
                path, value = path.split(' -> ', 1)
                kind = 'link'
            elif ' = ' in path:
                path, value = path.split(' = ', 1)
                value += '\n'
            elif path.endswith('/'):
                kind = 'directory'
            entry = [int(moment or 1), path, kind, value]
        elif entry:
            entry[3] += line
    if entry:
        yield entry


def make(root, path, kind, value):
    path = os.path.join(root, path)
    os.makedirs(path if kind == 'directory' else os.path.dirname(path), exist_ok=True)
    if kind == 'link':
        os.symlink(value, path)
    elif kind == 'text':
        with open(path, 'w', encoding='utf-8') as out:
            out.write(value)


def main():
    tree, root = sys.argv[1:3]
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with open(tree, encoding='utf-8') as lines:
        for moment, path, kind, value in parts(lines):
            if moment == wanted:
                make(root, path, kind, value)


main()
