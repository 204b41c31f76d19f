#!/usr/bin/env python3
"""The flame graph's SVG in a browser: click, search, keyboard, in every form it has.

usage: check_svg.py FORM FILE NAME...      FORM: flame, reverse, threads (then NAME is a thread)

The recording is of tests/programs/parts.c: six functions of equal time; deep_leaf() below nine
calls of descend(). Its own file because bats cannot hold a browser open."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

READY = "return document.querySelector('#tools') !== null"
FRAMES = """return Array.from(document.querySelectorAll('#frames .f'), (group) => ({
    name: group.querySelector('title').textContent.split('\\n')[0],
    depth: Number(group.dataset.d), value: Number(group.dataset.v),
    away: group.classList.contains('away'), above: group.classList.contains('above'),
    match: group.classList.contains('match'),
    width: group.querySelector('rect').getBoundingClientRect().width}))"""
FOCUSED = "return document.activeElement.getAttribute('aria-label')"


class Picture(Browser):
    def frames(self, name=None):
        return [f for f in self.run(FRAMES) if name in (None, f["name"])]

    def press(self, name):
        """A click on the widest frame of that name, as a mouse would."""
        self.run("""const groups = Array.from(document.querySelectorAll('#frames .f'))
            .filter((g) => g.querySelector('title').textContent.split('\\n')[0] === arguments[0])
            .sort((a, b) => b.dataset.v - a.dataset.v);
            groups[0].querySelector('rect').dispatchEvent(new MouseEvent('click', {bubbles: true}))""", name)

    def hits(self):
        return float(re.search(r"([\d.]+) %", self.text("#hits")).group(1))


def zoom(picture, name):
    """What is no caller or callee of the frame goes away; Escape brings it back."""
    everything = picture.frames()
    full = max(f["width"] for f in everything)
    picture.press(name)
    chosen = max(picture.frames(name), key=lambda f: f["value"])
    assert abs(chosen["width"] - full) < 1, chosen
    gone = [f for f in picture.frames() if f["away"]]
    assert gone and not chosen["away"]
    assert all(f["above"] for f in picture.frames() if not f["away"] and f["depth"] < chosen["depth"])
    picture.keys(Keys.ESCAPE)
    assert not any(f["away"] for f in picture.frames())
    assert [f["value"] for f in picture.frames()] == [f["value"] for f in everything]


def search(picture):
    """One of six functions; of a function that is nine times in each of its stacks once."""
    picture.keys("/")
    picture.keys("^late$")
    assert {f["name"] for f in picture.frames() if f["match"]} == {"late"}
    assert 8 < picture.hits() < 28, picture.hits()
    picture.keys(Keys.ESCAPE, "/", "^descend$")
    assert len([f for f in picture.frames() if f["match"]]) >= 9
    assert 8 < picture.hits() < 28, picture.hits()
    picture.keys(Keys.ESCAPE, "/", "(")
    assert "wrong" in picture.find("#tools input").get_attribute("class")
    picture.keys(Keys.ESCAPE, Keys.ESCAPE)
    assert not any(f["match"] for f in picture.frames())


def walk(picture):
    """Towards leaves, sideways, and Enter zooms to where one is."""
    picture.keys(Keys.TAB, Keys.TAB, Keys.TAB)
    picture.press("all")
    leafward, rootward = ((Keys.ARROW_DOWN, Keys.ARROW_UP)
                          if picture.run("return document.documentElement.classList.contains('icicle')")
                          else (Keys.ARROW_UP, Keys.ARROW_DOWN))
    picture.keys(leafward)
    first = picture.run(FOCUSED)
    assert first and not first.startswith("all"), first
    picture.keys(leafward, rootward)
    assert picture.run(FOCUSED) == first
    picture.keys(Keys.ENTER)
    assert abs(max(f["width"] for f in picture.frames(first.split(",")[0])) -
               max(f["width"] for f in picture.frames())) < 1
    picture.keys(Keys.ESCAPE)
    assert not any(f["away"] for f in picture.frames())


def check_flame(picture, _):
    assert [f["depth"] for f in picture.frames("descend")][0] < picture.frames("deep_leaf")[0]["depth"]
    zoom(picture, "deep_leaf")


def check_reverse(picture, _):
    # 0 is everything, 1 the program; then leaves, and what called them.
    assert picture.frames("late")[0]["depth"] == 2
    # A sample below deep_leaf, in the clock, has its own frames of it.
    assert sorted({f["depth"] for f in picture.frames("descend")})[:9] == list(range(3, 12))
    zoom(picture, "late")
    zoom(picture, "deep_leaf")


def check_threads(picture, thread):
    assert [f["depth"] for f in picture.frames(thread)] == [1]
    zoom(picture, thread)


def main():
    words = sys.argv[1:]
    with Picture() as picture:
        for form, path, name in zip(words[::3], words[1::3], words[2::3]):
            picture.open(path, READY)
            globals()["check_" + form](picture, name)
            search(picture)
            walk(picture)
            picture.check()


main()
