/*
 * Colours of frames, as in the flame graph picture (analyzer/reports/flamegraph.c
 * and .css): the hue tells modules apart, the brightness functions; inlined and
 * kernel frames and marks have colours of their own; the more of a frame's time is
 * off the processor, the nearer it is to the colour of that. All are light enough
 * for dark text in both themes.
 */

const RUNNABLE_MARK = '[runnable]';
const OFF_STEPS = 8;

/** @typedef {[number, number, number]} Colour */

/** @type {{[name: string]: Colour}} */
const FRAME_COLOURS = {
  inlined: [244, 223, 160],
  kernel: [214, 154, 198],
  mark: [213, 205, 196],
  off: [88, 176, 166],
  runnable: [183, 204, 98],
  match: [127, 178, 240],
  grown: [238, 106, 86],
  shrunk: [104, 156, 240],
  same: [226, 219, 211],
  thread: [201, 208, 222],
  rest: [150, 140, 130],  // painted thinly, over either ground
};

/** @param {string} text - FNV-1a, 32 bits */
function hashText(text) {
  let hash = 0x811c9dc5;
  const length = Math.min(text.length, 256);
  for (let i = 0; i < length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** @param {Colour} a @param {Colour} b @param {number} part - 0 to 1 @returns {Colour} */
function mixColours(a, b, part) {
  const mix = (/** @type {number} */ i) => Math.round(a[i] + (b[i] - a[i]) * part);
  return [mix(0), mix(1), mix(2)];
}

/** @param {Colour} colour */
function cssColour(colour) {
  return 'rgb(' + colour.join(',') + ')';
}

/** @param {string} name @param {string} module @returns {Colour} */
function nativeColour(name, module) {
  const hue = (hashText(module) & 0xff) / 255;
  const light = (hashText(name) & 0xff) / 255;
  return mixColours(mixColours([235, 112, 82], [235, 186, 58], hue),
    mixColours([252, 146, 116], [252, 214, 96], hue), light);
}

class Palette {
  /** @param {Labels} labels */
  constructor(labels) {
    this.labels = labels;
    /** @type {string[]} */
    this.cache = [];
  }

  /** @param {number} label @returns {Colour} */
  base(label) {
    const { count, kind, name, module, off } = this.labels;
    if (label >= count) return FRAME_COLOURS.thread;
    if (kind[label] === KIND_INLINED) return FRAME_COLOURS.inlined;
    if (kind[label] === KIND_KERNEL) return FRAME_COLOURS.kernel;
    if (kind[label] !== KIND_MARK) return nativeColour(name[label], module[label]);
    if (name[label] === RUNNABLE_MARK) return FRAME_COLOURS.runnable;
    return off[label] ? FRAME_COLOURS.off : FRAME_COLOURS.mark;
  }

  /**
   * Colour of a label of which `share` is off the processor.
   * @param {number} label @param {number} share
   */
  of(label, share) {
    const step = Math.round(share * OFF_STEPS);
    const key = label * (OFF_STEPS + 1) + step;
    let colour = this.cache[key];
    if (!colour) {
      const isMark = label < this.labels.count && this.labels.kind[label] === KIND_MARK;
      const base = this.base(label);
      colour =
        cssColour(isMark ? base : mixColours(base, FRAME_COLOURS.off, (0.85 * step) / OFF_STEPS));
      this.cache[key] = colour;
    }
    return colour;
  }
}

/**
 * Red what grew, blue what shrank: full where a frame doubled or halved, pale where
 * the change is small against everything.
 * @param {number} after @param {number} before @param {number} whole
 */
function changeColour(after, before, whole) {
  const change = after - before;
  const larger = Math.max(after, before);
  if (larger <= 0 || whole <= 0) return cssColour(FRAME_COLOURS.same);
  const relative = Math.min(1, (2 * Math.abs(change)) / larger);
  const weight = Math.min(1, (200 * Math.abs(change)) / whole);
  const strength = Math.round(16 * relative * weight) / 16;
  return cssColour(mixColours(
    FRAME_COLOURS.same, change > 0 ? FRAME_COLOURS.grown : FRAME_COLOURS.shrunk, strength));
}
