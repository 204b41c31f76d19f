"""Checks that README's table of options says what settings.def says.

    options_table.py SETTINGS.def README.md
"""

import re
import sys

STRING = r'"((?:[^"\\]|\\.)*)"'
SETTING = re.compile(
    r"^SETTING\(\s*\w+,\s*(?P<kind>\w+),\s*" + STRING + r",\s*(?P<short>0|'.'),\s*" + STRING
    + r",\s*" + STRING + r",\s*" + STRING + r",\s*" + STRING + r",\s*(?P<meaning>(?:" + STRING
    + r"\s*)+)\)", re.MULTILINE)


def rows(text):
    """The lines of a Markdown table, one for each setting."""
    for match in SETTING.finditer(text):
        option, variable, metavar, default = match.group(2, 4, 5, 6)
        meaning = "".join(re.findall(STRING, match["meaning"]))
        name = f"--{option}" if match["kind"] == "FLAG" else f"--{option} {metavar}"
        if match["short"] != "0":
            name = f"-{match['short'][1]}, {name}"
        cells = [f"`{name}`", f"`{variable}`", f"`{default}`", meaning.replace("|", r"\|")]
        yield "| " + " | ".join(cells) + " |"


def main():
    settings_path, readme_path = sys.argv[1:]
    with open(settings_path, encoding="utf-8") as file:
        text = file.read()
    with open(readme_path, encoding="utf-8") as file:
        present = file.read().splitlines()
    expected = list(rows(text))
    if len(expected) != len(re.findall(r"^SETTING\(", text, re.MULTILINE)):
        print(f"{settings_path}: a row of another form")
        return 1
    there = [line for line in present if line.startswith("| `-")]
    for row in sorted(set(expected) ^ set(there)):
        print("missing:" if row in expected else "not in the source:", row)
    return 0 if expected == there else 1


sys.exit(main())
