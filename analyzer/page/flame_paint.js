/*
 * Painting a graph's boxes onto a canvas. Its own file because it is all that
 * runs for every picture of a pan or zoom, and must stay cheap: no element, no
 * object per frame.
 */

const ROW_HEIGHT = 18;  // pixels
const LABEL_FONT = '12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
const LABEL_PADDING = 4;       // pixels, left and right
const LABEL_LEAST = 3;         // characters; shorter labels say nothing
const FRAME_TEXT = '#201a15';  // on all colours of frames, in both themes

/**
 * @typedef {object} Placing
 * @property {boolean} icicle
 * @property {number} rows
 * @property {number} scroll - pixels above the part seen
 * @property {number} width
 * @property {number} height
 */

/**
 * @typedef {object} Picture
 * @property {Graph} graph
 * @property {Boxes} boxes
 * @property {number} focused - node, or -1
 * @property {number} hovered - node, or -1
 * @property {Uint8Array | null} matches - by label: found by the search
 * @property {Uint8Array | null} lit - by label: chosen in a table
 * @property {(node: number) => string} colour
 * @property {(node: number) => string} name
 * @typedef {Placing & Picture} Painting
 */

let characterWidth = 0;  // of the labels' font, measured once

/** @param {CanvasRenderingContext2D} context */
function measureCharacter(context) {
  if (characterWidth === 0)
    characterWidth = context.measureText('0'.repeat(100)).width / 100 || 7.23;
  return characterWidth;
}

/** @param {Placing} painting @param {number} depth - y of its row on the canvas */
function rowTop(painting, depth) {
  const row = painting.icicle ? depth : painting.rows - 1 - depth;
  return row * ROW_HEIGHT - painting.scroll;
}

/**
 * The longest beginning of a name that a frame has room for.
 * @param {string} name @param {number} room - characters
 */
function fitLabel(name, room) {
  if (room < LABEL_LEAST) return '';
  return name.length <= room ? name : name.slice(0, room - 1) + '…';
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Painting} painting
 * @param {number} i
 * @param {number} y
 */
function paintLabel(context, painting, i, y) {
  const { boxes } = painting;
  const left = Math.max(boxes.x[i], 0) + LABEL_PADDING;
  const right = Math.min(boxes.x[i] + boxes.width[i], painting.width) - LABEL_PADDING;
  const room = Math.floor((right - left) / measureCharacter(context));
  if (room < LABEL_LEAST) return;
  const label = fitLabel(painting.name(boxes.node[i]), room);
  // The width is given as a limit for names with characters wider than others.
  if (label) context.fillText(label, left, y + 13, right - left + 2);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Painting} painting
 * @param {number} i
 * @param {number} y
 * @param {string} colour
 * @param {number} line
 */
function outlineBox(context, painting, i, y, colour, line) {
  const left = Math.max(painting.boxes.x[i], 0);
  const right = Math.min(painting.boxes.x[i] + painting.boxes.width[i], painting.width);
  context.strokeStyle = colour;
  context.lineWidth = line;
  context.strokeRect(
    left + line / 2, y + line / 2 - 0.5, Math.max(right - left - line, 1), ROW_HEIGHT - line);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Painting} painting
 * @param {number} i
 * @param {number} y
 */
function paintBox(context, painting, i, y) {
  const { boxes, graph, matches } = painting;
  const node = boxes.node[i];
  const left = Math.max(boxes.x[i], -1);
  const width = Math.min(boxes.x[i] + boxes.width[i], painting.width + 1) - left;
  const isMatch = matches !== null && node !== 0 && matches[graph.tree.label[node]] === 1;
  context.fillStyle = isMatch ? cssColour(FRAME_COLOURS.match) : painting.colour(node);
  context.fillRect(left, y, width > 3 ? width - 1 : Math.max(width, LEAST_WIDTH), ROW_HEIGHT - 1);
}

/** @param {CanvasRenderingContext2D} context @param {Painting} painting */
function paintRest(context, painting) {
  const { rest } = painting.boxes;
  context.fillStyle = cssColour(FRAME_COLOURS.rest);
  context.globalAlpha = 0.55;
  for (let i = 0; i < rest.length; i += 3) {
    const y = rowTop(painting, rest[i + 2]);
    const left = Math.max(rest[i], 0);
    const width = Math.min(rest[i] + rest[i + 1], painting.width) - left;
    if (y > -ROW_HEIGHT && y < painting.height)
      context.fillRect(left, y + 5, width, ROW_HEIGHT - 11);
  }
  context.globalAlpha = 1;
}

/**
 * Outlines of frames that are chosen, and of the one pointed at.
 * @param {CanvasRenderingContext2D} context @param {Painting} painting @param {string} ink
 */
function paintOutlines(context, painting, ink) {
  const { boxes, graph, lit } = painting;
  for (let i = 0; i < boxes.count; i += 1) {
    const node = boxes.node[i];
    const isLit = lit !== null && node !== 0 && lit[graph.tree.label[node]] === 1;
    if (!isLit && node !== painting.hovered && node !== painting.focused) continue;
    const y = rowTop(painting, graph.tree.depth[node]);
    if (y <= -ROW_HEIGHT || y >= painting.height) continue;
    if (isLit) outlineBox(context, painting, i, y, '#7b2fbe', boxes.width[i] < 6 ? 1 : 3);
    if (node === painting.hovered) outlineBox(context, painting, i, y, ink, 1);
    if (node === painting.focused) outlineBox(context, painting, i, y, ink, 2);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Painting} painting
 * @param {string} ink - colour of outlines
 */
function paintGraph(context, painting, ink) {
  const { boxes } = painting;
  const { depth } = painting.graph.tree;
  context.clearRect(0, 0, painting.width, painting.height);
  paintRest(context, painting);
  for (let i = 0; i < boxes.count; i += 1) {
    const y = rowTop(painting, depth[boxes.node[i]]);
    if (y > -ROW_HEIGHT && y < painting.height) paintBox(context, painting, i, y);
  }
  context.font = LABEL_FONT;
  context.fillStyle = FRAME_TEXT;
  for (let i = 0; i < boxes.count; i += 1) {
    if (boxes.width[i] < 2 * LABEL_PADDING + LABEL_LEAST * 6) continue;
    const y = rowTop(painting, depth[boxes.node[i]]);
    if (y > -ROW_HEIGHT && y < painting.height) paintLabel(context, painting, i, y);
  }
  paintOutlines(context, painting, ink);
}
