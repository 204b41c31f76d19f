#!/usr/bin/env python3
"""Names that want to be more than text.

    check_names.py make PROGRAM     builds it by cc: functions, thread, region and counter of such names
    check_names.py check RECORDING_OUTPUTS...   .txt .folded .json .svg made of a run of it
"""
import html.parser
import json
import re
import subprocess
import sys
import xml.etree.ElementTree

EVIL = [
    b"\x1b]0;owned\x07\x1b[31mred\x1b[2J", b"</script><script>document.documentElement.id='pwned'</script>",
    b"\"'<>&\" onload=\"document.documentElement.id='pwned'", b"two\nlines\r\ttabs", b"a;b c;d 12345",
    b"\xff\xfe\xc3(\x80 invalid", "\u202egnp.txt\u2066\u200f".encode(), b"x$(touch pwned)`touch pwned`;touch pwned",
    b"]]><!-- --><svg onload=alert(1)>", b"%s%n%s%n", b"L" * (1 << 20),
]
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SOURCE = """#include <stdio.h>
#include <time.h>
#include <sys/prctl.h>
#include <profinject.h>
static volatile unsigned long sum;
static __attribute__((noinline)) void leaf(void)
{
    struct timespec now = {0};
    do {
        for (int i = 0; i < 100000; i++) sum += (unsigned long)i;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while (now.tv_sec == 0 && now.tv_nsec < 300000000);
}
"""


def placeholder(number):
    name = b"evil%02d" % number
    return (name + b"_" * len(EVIL[number]))[:max(len(EVIL[number]), 8)]


def c_string(data):
    return '"' + "".join(f"\\{byte:03o}" for byte in data) + '"'


def make(program):
    before, source = "leaf", SOURCE
    for number in range(len(EVIL)):
        name = placeholder(number).decode()
        source += f"__attribute__((noinline)) void {name}(void) {{ {before}(); sum++; }}\n"
        before = name
    source += f"int main(void) {{ prctl(PR_SET_NAME, {c_string(EVIL[0][:15])});\n"
    source += "".join(f"if (profinject_region_push) profinject_region_push({c_string(evil[:50])});\n" for evil in EVIL)
    source += f"if (profinject_counter) profinject_counter({c_string(EVIL[1][:50])}, 1);\n{before}(); return 0; }}\n"
    subprocess.run(["cc", "-O1", "-w", "-x", "c", "-Ipreload", "-o", program, "-"], input=source.encode(), check=True)
    with open(program, "rb") as file:
        binary = file.read()
    for number, evil in enumerate(EVIL):
        old = placeholder(number)
        assert old in binary
        binary = binary.replace(old, evil + b"\0" * (len(old) - len(evil)))
    with open(program, "wb") as file:
        file.write(binary)


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.handlers = {}, set()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}


def check(path):
    with open(path, "rb") as file:
        text = file.read().decode()  # valid UTF-8 all of it
    if path.endswith(".json"):
        value = json.loads(text)
        symbols = {frame["symbol"] for process in value["processes"] for stack in process["stacks"]
                   for frame in stack["frames"]} if "generator" in value else set()
        if "generator" in value:
            for evil in EVIL[:5] + EVIL[7:10]:
                assert evil.decode() in symbols, (evil, [symbol[:80] for symbol in symbols])
            assert max(len(symbol) for symbol in symbols if symbol) == 1 << 20
        return
    assert not FORBIDDEN.search(text.replace("\n", "")), FORBIDDEN.search(text).group()
    if path.endswith(".folded"):
        for line in text.splitlines():
            assert re.fullmatch(r".+ -?\d+", line), line[:200]
        assert max(line.count(";") for line in text.splitlines()) < 30
    if path.endswith(".svg"):
        root = xml.etree.ElementTree.fromstring(text)
        scripts = [node for node in root.iter() if node.tag.endswith("}script")]
        tags = Tags()
        tags.feed(text)
        pictures = sum(node.tag.endswith("}svg") for node in root.iter())
        assert len(scripts) == 1 and tags.tags["script"] == 1 and not tags.handlers, tags.handlers
        assert tags.tags["svg"] == pictures, "as HTML it has no more elements than as XML"
        assert any("</script>" in (node.text or "") for node in root.iter() if node not in scripts), "shown as text"


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    for output in sys.argv[2:]:
        try:
            check(output)
        except Exception as error:
            sys.exit(f"{output}: {error!r}"[:2000])
