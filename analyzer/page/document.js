/*
 * The data document: out of the page's own text, unpacked, into typed arrays. Its
 * own file because only this one knows how columns are packed. Nothing changes
 * them afterwards.
 */

/**
 * A call tree in preorder: the subtree of n is n .. end[n] - 1, node 0 is the root.
 * @typedef {object} CallTree
 * @property {number} count
 * @property {Int32Array} parent - of the root: 0
 * @property {Int32Array} label
 * @property {Int32Array} end
 * @property {Int32Array} depth
 */

/**
 * @typedef {object} Labels
 * @property {number} count
 * @property {string[]} name
 * @property {string[]} place - file:line, or nothing
 * @property {string[]} module - or nothing
 * @property {number[]} kind
 * @property {number[]} off
 */

/**
 * @typedef {object} Slices
 * @property {number} width - seconds
 * @property {number} count - of slices
 * @property {Int32Array} slice - of each part, never falling
 * @property {Int32Array} entry
 * @property {Float64Array} cpu
 * @property {Float64Array} off
 */

/**
 * @typedef {object} Model
 * @property {PageDocument} data
 * @property {CallTree} tree
 * @property {Labels} labels
 * @property {Int32Array} entryNode
 * @property {Int32Array} entryThread
 * @property {Int32Array} entryRegion
 * @property {Slices | null} slices
 * @property {Map<string, Float64Array>} columns - unpacked so far
 * @property {boolean} hasOff - some label is time off the processor
 */

const KIND_NATIVE = 0;
const KIND_INLINED = 1;
const KIND_KERNEL = 2;
const KIND_MARK = 3;

/** @param {string} text - base64, with or without white space */
function decodeBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** @param {string} text @returns {Promise<PageDocument>} */
async function unpackDocument(text) {
  const bytes = decodeBase64(text);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

/** @param {number[]} deltas */
function sumDeltas(deltas) {
  const result = new Int32Array(deltas.length);
  let value = 0;
  for (let i = 0; i < result.length; i += 1) {
    value += deltas[i];
    result[i] = value;
  }
  return result;
}

/**
 * Ends and depths of a tree whose parents are known.
 * @param {Int32Array} parent
 * @param {Int32Array} label
 * @returns {CallTree}
 */
function finishTree(parent, label) {
  const count = parent.length;
  const end = new Int32Array(count);
  const depth = new Int32Array(count);
  for (let i = 1; i < count; i += 1) depth[i] = depth[parent[i]] + 1;
  for (let i = count - 1; i >= 0; i -= 1) {
    if (end[i] === 0) end[i] = i + 1;
    if (i > 0 && end[parent[i]] < end[i]) end[parent[i]] = end[i];
  }
  return { count, parent, label, end, depth };
}

/** @param {PageDocument} data */
function readTree(data) {
  const parent = Int32Array.from(data.nodes.parent);
  for (let i = 1; i < parent.length; i += 1) parent[i] = i - parent[i];
  if (parent.length > 0) parent[0] = 0;
  return finishTree(parent, Int32Array.from(data.nodes.label));
}

/** @param {PageDocument} data @returns {Labels} */
function readLabels(data) {
  const { name, file, line, module, kind, off } = data.labels;
  const place = file.map(
    (number, i) => (number < 0 ? '' : data.files[number] + (line[i] ? ':' + line[i] : '')));
  const modules = module.map((number) => (number < 0 ? '' : data.modules[number]));
  return { count: name.length, name, place, module: modules, kind, off };
}

/** @param {PageDocument} data @returns {Slices | null} */
function readSlices(data) {
  const slices = data.slices;
  if (!slices || slices.count === 0) return null;
  return {
    width: slices.width_s,
    count: slices.count,
    slice: sumDeltas(slices.slice),
    entry: Int32Array.from(slices.entry),
    cpu: Float64Array.from(slices.cpu),
    off: Float64Array.from(slices.off),
  };
}

/** @param {PageDocument} data @returns {Model} */
function makeModel(data) {
  return {
    data,
    tree: readTree(data),
    labels: readLabels(data),
    entryNode: sumDeltas(data.entries.node),
    entryThread: Int32Array.from(data.entries.thread),
    entryRegion: Int32Array.from(data.entries.region),
    slices: readSlices(data),
    columns: new Map(),
    hasOff: data.labels.off.some((off) => off === 1),
  };
}

/**
 * Values of a metric by entry; zeros where the document has none.
 * @param {Model} model @param {string} name
 */
function metricColumn(model, name) {
  let column = model.columns.get(name);
  if (column) return column;
  const { values } = model.data.entries;
  const packed = Object.hasOwn(values, name) ? values[name] : undefined;
  if (Array.isArray(packed)) {
    column = Float64Array.from(packed);
  } else {
    column = new Float64Array(model.entryNode.length);
    if (packed) {
      const index = sumDeltas(packed.index);
      for (let i = 0; i < index.length; i += 1) column[index[i]] = packed.value[i];
    }
  }
  model.columns.set(name, column);
  return column;
}
