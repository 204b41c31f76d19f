"""Copies the summary of a comparison into README, between two markers.

    python3 tests/bench/quote.py build/bench.md README.md
"""

import sys

SUMMARY = ("<!-- summary -->\n", "<!-- end of summary -->")
PLACE = ("<!-- bench: copied from build/bench.md by tests/bench/quote.py -->\n", "<!-- end of bench -->")


def between(text, marks, path):
    """Where the text between the marks begins and ends."""
    start, end = text.find(marks[0]), text.find(marks[1])
    if start < 0 or end < start:
        sys.exit(f"quote.py: '{path}': no {marks[0].strip()} ... {marks[1]}")
    return start + len(marks[0]), end


def main():
    bench_path, readme_path = sys.argv[1:]
    with open(bench_path, encoding="utf-8") as file:
        bench = file.read()
    with open(readme_path, encoding="utf-8") as file:
        readme = file.read()
    start, end = between(bench, SUMMARY, bench_path)
    summary = bench[start:end].strip() + "\n"
    start, end = between(readme, PLACE, readme_path)
    with open(readme_path, "w", encoding="utf-8") as file:
        file.write(readme[:start] + summary + readme[end:])


main()
