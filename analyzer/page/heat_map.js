/*
 * Many series of one kind as a heat map: a row each, dark where the value is high. Its own file
 * because it paints what no library of charts here does.
 */

const HEAT_ROWS = 256;    // painted, at most; of more each shows the highest of several
const HEAT_HEIGHT = 160;  // pixels, unless rows would be thinner than one

/**
 * @typedef {object} Heat
 * @property {number} rows
 * @property {number} each - members in a row
 * @property {number} columns
 * @property {(row: number, column: number) => number} value - NaN: unknown
 */

/** @param {ResourceSeries[]} members @returns {Heat} */
function makeHeat(members) {
  const each = Math.ceil(members.length / HEAT_ROWS);
  return {
    rows: Math.ceil(members.length / each),
    each,
    columns: Math.max(...members.map((member) => member.value?.length ?? 0)),
    value: (row, column) => {
      let highest = NaN;
      for (const member of members.slice(row * each, (row + 1) * each)) {
        const value = member.value?.[column] ?? NaN;
        if (!(value <= highest) && !Number.isNaN(value)) highest = value;
      }
      return highest;
    },
  };
}

/** @param {number} rows */
function heatHeight(rows) {
  return rows * Math.min(12, Math.max(1, Math.floor(HEAT_HEIGHT / rows)));
}

/** @param {string} colour - "#rrggbb" @returns {Colour} */
function readColour(colour) {
  const value = parseInt(colour.trim().slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * @param {HTMLCanvasElement} canvas @param {Heat} heat
 * @param {[number, number]} range - of values, none to full colour
 */
function paintHeat(canvas, heat, range) {
  const style = getComputedStyle(document.documentElement);
  const [ground, full] =
    ['--sunk', '--accent'].map((name) => readColour(style.getPropertyValue(name)));
  const context = canvas.getContext('2d');
  canvas.width = Math.max(1, heat.columns);
  canvas.height = Math.max(1, heat.rows);
  canvas.style.height = heatHeight(heat.rows) + 'px';
  const image = context?.createImageData(canvas.width, canvas.height);
  if (!context || !image) return;
  for (let row = 0; row < heat.rows; row += 1) {
    for (let column = 0; column < heat.columns; column += 1) {
      const value = heat.value(row, column);
      if (Number.isNaN(value)) continue;  // what is under it shows
      const part = Math.min(1, Math.max(0, (value - range[0]) / (range[1] - range[0] || 1)));
      image.data.set([...mixColours(ground, full, part), 255], 4 * (row * canvas.width + column));
    }
  }
  context.putImageData(image, 0, 0);
}
