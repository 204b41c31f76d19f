"""How fast a page of `profinject html` is in Chromium: until it can be used, and while the graph moves.

    measure_page.py PAGE

Prints JSON: open_ms (median of three, from the navigation's start to window.profinject, with two
frames drawn), pan_frames_per_s and pan_longest_ms (the whole graph, then zoomed tenfold, dragged to
and fro for two seconds each), zoom_ms, search_ms (until the next frame is drawn).
"""

import json
import statistics
import sys

from browser import Browser

OPENS = 3

# One frame after another: a step, then the time to the next frame.
FRAMES = """
const done = arguments[arguments.length - 1], seconds = arguments[0];
const element = document.querySelector('[data-test=flame]') ?? document.querySelector('.flame');
const canvas = element.querySelector('canvas');
const box = canvas.getBoundingClientRect();
const at = (type, x) => element.dispatchEvent(new PointerEvent(type, {bubbles: true, button: 0,
    buttons: 1, pointerId: 1, clientX: box.left + x, clientY: box.top + 30}));
element.setPointerCapture = () => {};
const middle = box.width / 2, times = [];
at('pointerdown', middle);
let last = performance.now(), first = last, i = 0;
function step(now) {
    times.push(now - last);
    last = now;
    if (now - first > seconds * 1000) {
        at('pointermove', middle);
        at('pointerup', middle);
        times.shift();
        return done({frames_per_s: times.length * 1000 / times.reduce((a, b) => a + b),
            longest_ms: Math.max(...times)});
    }
    at('pointermove', middle + 0.4 * box.width * Math.sin(i++ / 15));
    requestAnimationFrame(step);
}
requestAnimationFrame(step);
"""

OPENED = """
const done = arguments[arguments.length - 1];
requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
"""

ZOOM = """
const done = arguments[arguments.length - 1], start = performance.now();
const element = document.querySelector('[data-test=flame]') ?? document.querySelector('.flame');
const box = element.querySelector('canvas').getBoundingClientRect();
for (let i = 0; i < 4; i++)
    element.dispatchEvent(new WheelEvent('wheel', {bubbles: true, cancelable: true, ctrlKey: true,
        deltaY: -60, clientX: box.left + box.width / 2, clientY: box.top + 30}));
requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
"""

SEARCH = """
const done = arguments[arguments.length - 1], start = performance.now();
const field = document.querySelector('input[type=search]');
field.value = arguments[0];
field.dispatchEvent(new Event('input', {bubbles: true}));
requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
"""


def measure(path):
    with Browser() as browser:
        opened = []
        for _ in range(OPENS):
            browser.open(path, seconds=60)
            opened.append(browser.driver.execute_async_script(OPENED))
        whole = browser.driver.execute_async_script(FRAMES, 2)
        zoom = browser.driver.execute_async_script(ZOOM)
        near = browser.driver.execute_async_script(FRAMES, 2)
        search = browser.driver.execute_async_script(SEARCH, 'a')
        browser.check()
        return {
            'browser': browser.version(),
            'open_ms': round(statistics.median(opened)),
            'open_ms_all': [round(each) for each in opened],
            'page_own_ms': round(browser.run('return window.profinject.openTime')),
            'pan_frames_per_s': round(min(whole['frames_per_s'], near['frames_per_s']), 1),
            'pan_longest_ms': round(max(whole['longest_ms'], near['longest_ms'])),
            'zoom_ms': round(zoom),
            'search_ms': round(search),
        }


if __name__ == '__main__':
    print(json.dumps(measure(sys.argv[1]), indent=1))
