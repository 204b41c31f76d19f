#!/usr/bin/env python3
"""Tests of the HTML report's tabs of resources, correlations and findings in a browser.

Its own file beside check_page.py, whose browser and documents it takes: another half of the page.

usage: check_resources.py GROUP...      (functions below, without their `check_`)
"""

import sys

from check_page import CONTRAST, HOSTILE, MS, Keys, main, same

PLOT = ("const o = document.querySelector('[data-test=resources] .strip-overlay').getBoundingClientRect(), "
        "a = document.querySelector('[data-test=resources]').getBoundingClientRect(); return [o.x - a.x, o.width]")
READINGS = ("return Array.from(document.querySelectorAll(arguments[0] + ' .chart-series'), "
            "(s) => s.textContent.replace(/\\u00a0/g, ' '))")


def open_tab(browser, name, tab, directory):
    browser.load(name, directory)
    browser.click(f"[data-test=tab-{tab}]")
    if tab == "resources":
        browser.wait("return document.querySelector('[data-test=resources] .dygraph-axis-label') !== null || "
                     "document.querySelector('[data-test=resources] .chart') === null")


def point(browser, time, span=3.0):
    """The pointer at a moment, in the first timeline of the tab."""
    left, width = browser.run(PLOT)
    browser.move("[data-test=resources]", int(left + width * time / span), 90)
    return readings(browser)


def readings(browser, where="[data-test=resources]"):
    # The charts follow with the next frame.
    browser.driver.execute_async_script("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))")
    return browser.run(READINGS, where)


def check_cursor(browser, directory):
    open_tab(browser, "machine", "resources", directory)
    browser.resize(1280, 2400)
    shown = point(browser, 0.55)
    for text in ("busy 80.0 %", "iowait 2.00 %", "switches 500/s", "available 8.00 GiB", "dirty 5.00 MiB", "sda read 50.0 MiB/s",
                 "sda written 15 B/s", "rss 6.00 MiB", "main (100) cpu 100 %"):
        same(text in " | ".join(shown), True, f"{text} in {shown}")
    same(readings(browser, "[data-test=strip]"), ["CPU 1.20 cores", "live heap 3.00 MiB"], "the strip, at the same moment")
    same("sda written unavailable" in point(browser, 1.35), True, "a gap is no value")
    ticks = browser.run("return Array.from(document.querySelectorAll('[data-test=resources] .chart'), (c) => [c.getAttribute('aria-label'), "
                        "Array.from(c.querySelectorAll('.dygraph-axis-label-y'), (l) => l.textContent)])")
    for axis in (["Processors: switches", ["2900", "0"]], ["Processors: interrupts", ["90000", "0"]], ["Memory: available", ["8 GiB", "7.97 GiB"]]):
        same([axis[0], sorted(axis[1])] in [[name, sorted(labels)] for name, labels in ticks], True, f"{axis} in {ticks}")
    # One brush: the first second, and what ran in it.
    left, width = browser.run(PLOT)
    browser.drag("[data-test=resources]", (int(left) + 1, 90), (int(left + width / 3), 90))
    browser.settle()
    first, last = browser.probe("choice.window")
    same((first, last in (10, 11)), (0, True), "brushed")
    same(browser.total(), (1200 if last == 10 else 1270) * MS, "brushed")
    same(len([b for b in browser.find_all(".brush") if b.is_displayed()]), 2, "in the strip too")
    text = browser.shown("resources")
    for wanted in ("unavailable: temperature (no sensor)", "unavailable: package-0 package (permission denied)",
                   "total 16.0 GiB", "all the time 0: swap", "Processes made (100)", "load 1 1.50 threads"):
        same(wanted in text, True, wanted)
    same("3 processes and threads that ran least" in browser.text(".resources-tab .note"), True, "what is left out")
    browser.resize(1280, 800)
    browser.check()


def check_keys(browser, directory):
    """The whole tab without the mouse."""
    browser.load("machine", directory)
    browser.keys("4")
    browser.find("[data-test=resources]").send_keys(Keys.HOME, Keys.ARROW_DOWN)
    live = "return document.querySelector('[data-test=live]').textContent"
    said = browser.run(live)
    for text in ("Processors", "busy 80.0 %", "iowait 2.00 %"):
        same(text in said, True, said)
    browser.keys(Keys.ARROW_DOWN, *[Keys.ARROW_RIGHT] * 10)
    same(browser.run(live).startswith("1.000 s: Processors: interrupts"), True, browser.run(live))
    browser.find("[data-test=resources]").send_keys(Keys.SHIFT + Keys.ARROW_RIGHT * 3)
    same(browser.probe("choice.window"), [10, 13], "chosen")
    browser.keys(Keys.ESCAPE)
    same(browser.probe("choice.window"), None, "all again")
    seen = set()
    for _ in range(12):
        browser.keys(Keys.TAB)
        seen.add(browser.run("return document.activeElement.className"))
    same("chip" in seen, True, f"links reached by Tab: {seen}")
    browser.check()


def check_links(browser, directory):
    """load, whose CPU time is 100 + 20 ms of each of the first ten slices, goes with what is read."""
    open_tab(browser, "machine", "resources", directory)
    browser.resize(1280, 2400)
    browser.run("document.querySelector('[data-test=resources] .chip').focus()")
    browser.keys(Keys.ENTER)
    same({f["name"] for f in browser.frames() if f["isLit"]}, {"load"}, "lit up")
    same("load, CPU time 1.20 threads" in point(browser, 0.55), True, "what it did then")
    same("load, CPU time 0.20 threads" in point(browser, 2.05), True, "what it did later")
    browser.resize(1280, 800)
    browser.click("[data-test=tab-correlations]")
    rows = browser.rows("causes")
    same(rows[0], ["load", "CPU time", "disk.read", "+0.97", "+0.87 to +1.00", "0.2 s", "0.004", "90.0 %", "30.0 %"], "first")
    same([row[6] for row in rows], ["0.004", "0.004", "insufficient data", "0.004 n.s."], "q")
    text = browser.shown("pair-text")
    for wanted in ("load and disk.read: +0.97 (95 %: +0.87 to +1.00)", "disk.read 0.2 s after load", "significant", "90 % of it in 30 % of the time", "30 moments"):
        same(wanted in text, True, text)
    browser.find_all("[data-test=causes] tbody button")[1].click()
    same("not known by time" in browser.shown("pair-text"), True, "allocations")
    same({f["name"] for f in browser.frames() if f["isLit"]}, {"parse"}, "another")
    browser.find_all("[data-test=causes] tbody button")[1].click()
    same([f for f in browser.frames() if f["isLit"]], [], "none any more")
    same(browser.find("[data-test=pair]").is_displayed(), False, "nor drawn")
    same("insufficient data (constant): memory.total" in browser.text(".relations-scroll").replace("\n", " "), True, "not compared")
    browser.check()


def check_matrix(browser, directory):
    open_tab(browser, "machine", "correlations", directory)
    kinds = browser.run("return Array.from(document.querySelectorAll('.matrix tbody tr'), (r) => Array.from(r.querySelectorAll('td'), (c) => c.className))")
    same(kinds, [["self", "more", "less", "weak"], ["more", "self", "unknown", "more"],
                 ["less", "unknown", "self", "weak"], ["weak", "more", "weak", "self"]], "squares")
    browser.find(".matrix td[tabindex='0']").send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    label = browser.run("return document.activeElement.getAttribute('aria-label')")
    same(label.startswith("cpu.busy and disk.written: −0.80 (95 %: −0.90 to −0.70), disk.written 0.3 s after cpu.busy"), True, label)
    browser.keys(Keys.ENTER)
    same(browser.shown("pair-text"), label, "chosen")
    same(readings(browser, "[data-test=pair]"), ["busy", "disk.written"], "both")
    browser.find(".matrix td[tabindex='0']").send_keys(Keys.ARROW_DOWN)
    same("insufficient data (fewer than 30 moments" in browser.shown("matrix-reading"), True, "said so")
    # The lag of a pair is told the same way round on either side of the diagonal.
    browser.keys(Keys.ARROW_DOWN, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    same(browser.run("return document.activeElement.getAttribute('aria-label')"), label, "the other side")
    browser.check()


def check_findings(browser, directory):
    open_tab(browser, "machine", "findings", directory)
    same(browser.shown("verdict"), "bound by waits for each other 52 % of thread time waits for lock", "verdict")
    rows = browser.rows("classes")
    same([row[0] for row in rows], ["contention verdict", "cpu runner-up", "i/o", "allocator", "network", "throttled", "memory", "gpu"], "classes")
    same((rows[0][1], rows[6][1:], rows[4][1]), ("52 %", ["unavailable", "no hardware counters"], "0 %"), "unavailable is not 0")
    browser.find("[data-test=scores] summary").click()
    same("100 * a / b" in browser.shown("scores") and "memory unavailable" in browser.shown("scores"), True, "formulas")
    same(browser.rows("efficiency"), [["main (100)", "91.0 %", "2.00 s", "800 ms", "3.00 s"], ["worker (101)", "-", "0", "3.00 s", "3.00 s"]], "threads")
    same(browser.run("return document.documentElement.scrollHeight <= innerHeight"), True, "the page does not scroll")
    browser.find("[data-test=advice] .chip").click()
    browser.click("[data-test=tab-flame]")
    same({f["name"] for f in browser.frames() if f["isLit"]}, {"wait"}, "lit up")
    same(browser.probe("choice.metric"), "wall", "which CPU time has nothing of")
    browser.check()


def check_strange(browser, directory):
    """Names, units and reasons that are markup; nothing that can be read; a window of a telephone."""
    open_tab(browser, "machine_hostile", "resources", directory)
    browser.find("[data-test=resources]").send_keys(*[Keys.ARROW_DOWN] * 5, *[Keys.ARROW_RIGHT] * 5)
    shown = browser.run("return document.body.innerText")
    for text in (HOSTILE[0], HOSTILE[1], "right \\u202eto left\\u202c"):
        same(text in shown, True, text + " as text")
    same(any(mark in shown for mark in "\u202e\u2066\x1b"), False, "marks that rearrange text")
    same(browser.run("return window.broken === undefined && document.querySelectorAll('img, i, u, body script').length"), 3, "elements made of names")
    same(browser.run("return document.documentElement.scrollWidth <= innerWidth"), True, "no wider than the window")
    browser.check()
    open_tab(browser, "sensorless", "resources", directory)
    browser.find("[data-test=resources]").send_keys(Keys.ARROW_DOWN, Keys.ARROW_RIGHT)
    same("unavailable: busy (no /proc)" in browser.shown("resources"), True, "the reason")
    browser.check()
    size = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.load("machine", directory)
    for tab in ("findings", "resources", "correlations"):
        browser.click(f"[data-test=tab-{tab}]")
        same(browser.run("return document.documentElement.scrollWidth <= innerWidth"), True, tab + ", 400 pixels")
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.check()


def check_contrast(browser, directory):
    browser.load("machine", directory)
    for _ in range(2):
        for tab in ("findings", "correlations", "resources"):
            browser.click(f"[data-test=tab-{tab}]")
            same(browser.run(CONTRAST), [], "low contrast in " + tab)
        browser.run("document.querySelector('[data-test=resources] .chip').click()")
        browser.click("[data-test=theme]")
    browser.check()


PRINTED = ("window.printed = []; addEventListener('beforeprint', () => { window.printed = Array.from(document.querySelectorAll("
           "'[data-test=resources] .chart-plot'), (p) => [p.querySelectorAll('canvas').length, p.clientWidth, "
           "getComputedStyle(document.documentElement).getPropertyValue('--ground').trim()]); })")
DRAWN = "return Array.from(document.querySelectorAll('[data-test=resources] .chart-plot'), (p) => p.querySelectorAll('canvas').length)"
HIDDEN_SQUARES = ("const all = Array.from(document.querySelectorAll('.matrix td, .matrix-legend i')); return [all.some((one) => "
                  "one.classList.contains('more')), all.filter((one) => getComputedStyle(one).display === 'none').length]")
ON_PAPER = ("const of = (name) => Array.from(document.querySelectorAll('.chart-plot ' + name), (c) => getComputedStyle(c).display); return ["
            "of('canvas:first-child'), of('canvas + canvas')].map((all) => [all.length > 0, all.every((d) => d === 'none'), all.includes('none')])")


def check_print(browser, directory):
    """All timelines, not those in sight alone, as wide as paper is, in light colours."""
    browser.resize(1280, 500)
    browser.run("localStorage.clear()")
    open_tab(browser, "machine", "resources", directory)
    browser.click("[data-test=theme]")
    browser.run(PRINTED)
    before = browser.run(DRAWN)
    same(0 in before and max(before) == 2, True, f"in sight alone: {before}")
    browser.driver.execute_cdp_cmd("Page.printToPDF", {})
    printed = browser.run("return window.printed")
    same([len(printed), {count for count, _, _ in printed}], [len(before), {2}], f"each is drawn: {printed}")
    same(all(500 < width <= 700 for _, width, _ in printed), True, f"as paper has room: {printed}")
    same({ground for _, _, ground in printed}, {"#fffdfa"}, "paper is light")
    same(browser.run("return document.querySelector('[data-test=resources] .chart-plot').clientWidth > 700"), True, "the screen's again")
    # What is cleared in the canvas of the cursor is white on paper, above the lines.
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    same(browser.run(ON_PAPER), [[True, False, False], [True, True, True]], "lines, and no cursor's canvas over them")
    same(browser.run("return ['.resources-area', '.chart-top select'].map((s) => document.querySelector(s)).map("
                     "(e) => e === null ? 'none' : getComputedStyle(e)[e.matches('select') ? 'display' : 'overflowY'])"), ["visible", "none"], "nothing to scroll or choose")
    browser.run("document.querySelector('[data-test=tab-correlations]').click()")
    same(browser.run(HIDDEN_SQUARES), [True, 0], "squares of all kinds")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    browser.run("localStorage.clear()")
    browser.check()


def check_many(browser, directory):
    """256 processors for ten minutes: how long it takes is told, not asserted."""
    open_tab(browser, "cores", "resources", directory)
    print(f"256 processors: open {browser.probe('openTime'):.0f} ms")
    same(browser.run("const c = document.querySelector('.heat'); return [c.width, c.height]"), [150, 256], "a square for each")
    options = browser.run("return Array.from(document.querySelector('[data-test=member]').options, (o) => o.textContent)")
    same((len(options), options[0], options[8]), (257, "show one of 256", "cpu7"), "any of them")
    # In the row of cpu7, in the square of 88 s to 92 s: sin(7/40 + 88/60)^2.
    browser.run("const h = document.querySelector('.heat'), b = h.getBoundingClientRect(); h.dispatchEvent(new PointerEvent("
                "'pointermove', { clientX: b.left + b.width * 22.5 / 150, clientY: b.top + b.height * 7.5 / 256 }))")
    same(browser.shown("pointed"), "cpu7 99.5 %", "the square pointed at")
    browser.run("const s = document.querySelector('[data-test=member]'); s.selectedIndex = 1; s.dispatchEvent(new Event('change'))")
    # cpu0 at 90 s: what its cell has, of the four seconds from 88 s on: sin(88/60)^2.
    shown = point(browser, 90.2, 600)
    same([text for text in shown if text.startswith("cpu0")], ["cpu0 98.9 %"], f"one beside their mean: {shown}")
    browser.click("[data-test=tab-correlations]")
    same(browser.run("return document.querySelectorAll('.matrix td[role]').length"), 3600, "squares")
    browser.check()


if __name__ == "__main__":
    sys.exit(main(globals()))
