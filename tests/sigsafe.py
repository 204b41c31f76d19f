"""Checks that functions named *_sigsafe call only functions named *_sigsafe.

    sigsafe.py OBJECT...

Reads the compiled code (objdump -dr), so what was inlined is judged as part of the
function it was inlined into. Allowed besides: what of libc neither allocates, nor
locks, nor touches errno in a way the caller does not save. Static data and calls
through pointers are not seen.
"""

import re
import subprocess
import sys

# Pure functions of memory, the lock-free lookup made for unwinders (glibc 2.35),
# the address of errno, the call that ends a process whose stack was smashed, and where
# the library lies, by the linker.
ALLOWED = {
    "memcpy", "memmove", "memset", "memcmp", "memchr", "strlen", "strnlen", "strcmp",
    "_dl_find_object", "__errno_location", "__stack_chk_fail", "abort",
    "__ehdr_start", "_end",
}

HEADER = re.compile(r"^[0-9a-f]+ <(?P<name>[^>]+)>:$")
RELOCATION = re.compile(r"^\s*[0-9a-f]+: (?P<kind>R_X86_64_\w+)\s+(?P<target>[^\s+-]+)")
DIRECT = re.compile(r"\s(?:call|jmp)q?\s+[0-9a-f]+ <(?P<target>[^>+]+)(?:\+0x[0-9a-f]+)?>")


def plain(name):
    """The name as in the source, without what the compiler adds to its parts."""
    return re.sub(r"\.(part|constprop|isra|cold|lto_priv)(\.\d+)?", "", name)


def data_symbols(objects):
    """Names of variables: a reference to one is no call."""
    output = subprocess.run(["nm", *objects], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in output.splitlines() if re.search(r" [bBdDrRcC] ", line)}


def references(path):
    """Yields (function, callee) as the code has them."""
    output = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", path],
                            capture_output=True, text=True, check=True).stdout
    function = None
    for line in output.splitlines():
        header = HEADER.match(line)
        if header:
            function = plain(header["name"])
            continue
        found = RELOCATION.match(line) or DIRECT.search(line)
        if function and found:
            yield function, plain(found["target"])


def violations(path, data):
    """Checks one object. A static function is judged as part of those that call it.

    Returns the names of the functions checked, and what is wrong.
    """
    calls = {}
    for function, callee in references(path):
        calls.setdefault(function, set()).add(callee)
    defined = subprocess.run(["nm", "--defined-only", path], capture_output=True, text=True,
                             check=True).stdout
    static = {plain(line.split()[-1]) for line in defined.splitlines() if " t " in line}

    waiting = [(f, f) for f in calls if f.endswith("_sigsafe")]
    seen, wrong = set(), set()
    while waiting:
        function, root = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        for callee in calls.get(function, ()):
            if callee in static:
                waiting.append((callee, root))
            elif not (callee.endswith("_sigsafe") or callee.startswith(".")
                      or callee in data or callee in ALLOWED):
                wrong.add(f"{path}: {function} (of {root}) calls {callee}")
    return {f for f in seen if f.endswith("_sigsafe")}, wrong


def main():
    objects = sys.argv[1:]
    data = data_symbols(objects)
    checked, wrong = set(), set()
    for path in objects:
        here, found = violations(path, data)
        checked |= here
        wrong |= found
    print("\n".join(sorted(wrong)))
    print(f"{len(checked)} functions checked")
    return 1 if wrong or not checked else 0


sys.exit(main())
