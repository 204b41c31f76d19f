"""Why answers differ (check_corpus.py): what is only spelling, and what a third tool decides."""

import re

AGREES = 'agrees with llvm-symbolizer'
WRONG = 'WRONG: without a reason'


def is_wrong(verdict):
    return verdict.startswith('WRONG')


def plain(name):
    """Without what compilers add for a copy or a part of a function."""
    name = re.sub(r' \[clone [^]]*\]', '', name)
    name = re.sub(r'\.(cold|part|constprop|isra|lto_priv|llvm|__uniq|__part)(\.\d+)*(?=$|[.(])', '', name)
    name = re.sub(r'\.\d+$', '', name)
    # Rust: c++filt shows hashes of functions and crates and types of constants, profinject not.
    name = re.sub(r'::h[0-9a-f]{16}$|\[[0-9a-f]{8,16}\]|(?<=[0-9]): [ui](?:size|\d+)(?=[],>])',
                  '', name)
    return name.replace(' ', '')


OPENING, CLOSING = '<({[', '>)}]'


def tokens(name):
    """Yields (text, depth) of a demangled name, with operators and scopes whole: their brackets
    are no brackets."""
    parts = re.findall(r' const(?=::|$)|operator(?:\(\)|\[\]|<<=?|>>=?|<=?>?|>=?|->\*?| [a-z ]+(?:\(\*\)\([^()]*\))?) ?|'
                       r'\(anonymous namespace\)|\{lambda[^{}]*\}|\{unnamed type[^{}]*\}|::|.', name)
    depth = 0
    for part in parts:
        if part in CLOSING:
            depth -= 1
        yield part, depth
        if part in OPENING:
            depth += 1


def skeleton(name):
    """Scopes and names alone: without return type, template arguments and parameters, and
    without numbers of what has no name."""
    out = ''
    for part, depth in tokens(re.sub(r' \[clone [^]]*\]', '', name)):
        if depth > 0 or part in ('<', '>', '}', ']'):
            continue
        if part.startswith('{lambda'):
            part = '{lambda}'
        if part in '()' or part == ' const':
            continue
        out = '' if part == ' ' else out + part.rstrip(' ')
    return plain(out) or plain(name)


def has_parameters(name):
    name = re.sub(r' \[clone [^]]*\]', '', name).removesuffix(' const')
    if re.search(r'operator [a-z ]+\(\*\)\([^()]*\)$', name):
        return False
    return name.endswith(')') and not name.endswith('operator()')


def same_name(ours, theirs):
    if plain(ours) == plain(theirs) or theirs == 'MAIN__': # what gfortran calls a program
        return True
    # gcc gives no linkage name to functions that no other unit sees. Tools then say the bare
    # name, or that of the symbol table, which is mangled; profinject adds the scopes, inlined or
    # not, so that one function has one name. Parameters are in mangled names alone.
    if '::' not in skeleton(theirs) and not has_parameters(theirs):
        return skeleton(ours).split('::')[-1] == skeleton(theirs)
    return skeleton(ours) == skeleton(theirs) and not (has_parameters(ours) and
                                                       has_parameters(theirs))


def is_alias(case, ours, theirs):
    return bool(case.aliases.get(ours, set()) & case.aliases.get(theirs, set()))


def same_file(ours, theirs):
    # Directory 0 of a table of DWARF 5 is that of the compilation (6.2.4.1). When that is
    # relative (-ffile-prefix-map), the tools join it with itself: csu/csu/init-first.c.
    return ours == theirs or ('/' in ours and ours[0] not in './' and
                              theirs == ours.split('/')[0] + '/' + ours)


def same_place(ours, theirs):
    # Without a line there is no file either: the tools then take the one that .symtab has
    # before the symbol (STT_FILE), "crtstuff.c" or "ld-temp.o".
    return ((same_file(ours[0], theirs[0]) and ours[1] == theirs[1]) or
            (ours == ('??', 0) and theirs[1] == 0))


def same_frame(case, ours, theirs):
    return ((same_name(ours[0], theirs[0]) or is_alias(case, ours[0], theirs[0])) and
            same_place(ours[1:], theirs[1:]))


def same(case, ours, theirs):
    return len(ours) == len(theirs) and all(same_frame(case, o, t) for o, t in zip(ours, theirs))


def same_gdb(case, ours, gdb):
    """gdb's line of the address and its chain of functions."""
    return (gdb is not None and len(ours) == len(gdb[2]) and same_place(ours[0][1:], gdb[:2]) and
            all(same_name(o[0], g) or is_alias(case, o[0], g) for o, g in zip(ours, gdb[2])))


def judge(case, ours, llvm, addr2line, gdb):
    if same(case, ours, llvm):
        return AGREES
    if same(case, ours, addr2line) and same_gdb(case, ours, gdb):
        return 'llvm-symbolizer alone differs from profinject, addr2line and gdb'
    if gdb is None or not misses_names(ours, llvm):
        return WRONG
    if gdb[2] == [] and len(ours) == 1 and ours[0][0] in case.aliases:
        # Functions without an entry (folded ones, parts of LTO): gdb has no block either.
        return 'llvm-symbolizer does not read the symbol table of a separate debug file'
    if 'dwz' in case.traits and len(ours) == len(gdb[2]) and all(
            same_name(o[0], g) or is_alias(case, o[0], g) for o, g in zip(ours, gdb[2])):
        # LLVM 14 has no DW_FORM_GNU_ref_alt; the lines are those it says.
        return 'llvm-symbolizer does not read supplementary files of dwz'
    return WRONG


def misses_names(ours, llvm):
    """Whether llvm-symbolizer says the same but for functions it has no name for."""
    return len(ours) == len(llvm) and all(
        same_place(o[1:], t[1:]) and (t[0] == '??' or same_name(o[0], t[0]))
        for o, t in zip(ours, llvm))
