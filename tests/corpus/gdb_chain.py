"""Run inside gdb by check_corpus.py: for each address of CORPUS_ADDRESSES the line of its own,
and the functions around it, innermost first."""
import os

import gdb

for text in os.environ['CORPUS_ADDRESSES'].split():
    address = int(text, 16)
    place = gdb.find_pc_line(address)
    names = []
    block = gdb.block_for_pc(address)
    while block is not None and not block.is_static and not block.is_global:
        if block.function is not None:
            names.append(block.function.linkage_name or block.function.name)
        block = block.superblock
    file = place.symtab.fullname() if place.symtab is not None else ''
    print('\t'.join([text, file, str(place.line)] + names))
