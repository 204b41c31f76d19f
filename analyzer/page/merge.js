/*
 * Trees made from the call tree: who calls a function, what it calls, and what
 * ran in order of time. Its own file because all three are merged by one builder.
 * They are made when they are asked for; the page opens without them.
 */

/**
 * @typedef {object} Weights
 * @property {Float64Array} total - by node
 * @property {Float64Array | null} other - the same of the other side of a comparison
 */

/**
 * @typedef {object} MergedTree
 * @property {CallTree} tree
 * @property {Float64Array} total
 * @property {Float64Array | null} other
 */

/** A tree that grows: children of a node are found by label, or are always new. */
class TreeBuilder {
  /** @param {number} rootLabel @param {number} labelCount */
  constructor(rootLabel, labelCount) {
    this.labelCount = labelCount;
    this.parent = [0];
    this.label = [rootLabel];
    this.self = [0];
    this.other = [0];
    /** @type {Map<number, number>} */
    this.children = new Map();
  }

  /** @param {number} parent @param {number} label */
  add(parent, label) {
    this.parent.push(parent);
    this.label.push(label);
    this.self.push(0);
    this.other.push(0);
    return this.parent.length - 1;
  }

  /** @param {number} parent @param {number} label */
  child(parent, label) {
    const key = parent * this.labelCount + label;
    const known = this.children.get(key);
    if (known !== undefined) return known;
    const node = this.add(parent, label);
    this.children.set(key, node);
    return node;
  }

  /** Numbers of the nodes in preorder, children in the order they were added. */
  preorder() {
    const count = this.parent.length;
    const next = new Int32Array(count).fill(-1);
    const last = new Int32Array(count).fill(-1);  // child: so that the first is on top of the stack
    for (let i = 1; i < count; i += 1) {
      next[i] = last[this.parent[i]];
      last[this.parent[i]] = i;
    }
    const order = new Int32Array(count);
    const stack = [0];
    for (let n = 0; stack.length > 0; n += 1) {
      const node = /** @type {number} */ (stack.pop());
      order[n] = node;
      for (let child = last[node]; child >= 0; child = next[child]) stack.push(child);
    }
    return order;
  }

  /** @param {boolean} compares @returns {MergedTree} */
  finish(compares) {
    const order = this.preorder();
    const number = new Int32Array(order.length);
    order.forEach((node, i) => {
      number[node] = i;
    });
    const tree = finishTree(
      order.map((node) => number[this.parent[node]]), order.map((node) => this.label[node]));
    const pick = (/** @type {number[]} */ values) =>
      totalsOf(tree, Float64Array.from(order, (node) => values[node]));
    return { tree, total: pick(this.self), other: compares ? pick(this.other) : null };
  }
}

/**
 * What is above a function, callers below each other.
 * @param {CallTree} tree
 * @param {Weights} weights
 * @param {number} label
 * @param {number} labelCount
 */
function mergeCallers(tree, weights, label, labelCount) {
  const builder = new TreeBuilder(label, labelCount);
  visitOutermost(tree, (candidate) => candidate === label, (node) => {
    const other = weights.other ? weights.other[node] : 0;
    if (weights.total[node] === 0 && other === 0) return;
    let at = 0;
    for (let up = tree.parent[node]; up !== 0; up = tree.parent[up])
      at = builder.child(at, tree.label[up]);
    builder.self[at] += weights.total[node];
    builder.other[at] += other;
  });
  return builder.finish(weights.other !== null);
}

/**
 * What a node's children leave of its total.
 * @param {CallTree} tree @param {Float64Array} total @param {number} node
 */
function selfOf(tree, total, node) {
  let self = total[node];
  for (let child = node + 1; child < tree.end[node]; child = tree.end[child]) self -= total[child];
  return self;
}

/**
 * What is below a function.
 * @param {CallTree} tree
 * @param {Weights} weights
 * @param {number} label
 * @param {number} labelCount
 */
function mergeCallees(tree, weights, label, labelCount) {
  const builder = new TreeBuilder(label, labelCount);
  const at = new Int32Array(tree.count);  // node of the builder
  visitOutermost(tree, (candidate) => candidate === label, (top) => {
    for (let node = top; node < tree.end[top]; node += 1) {
      const other = weights.other ? weights.other[node] : 0;
      if (weights.total[node] === 0 && other === 0) {
        node = tree.end[node] - 1;
        continue;
      }
      at[node] = node === top ? 0 : builder.child(at[tree.parent[node]], tree.label[node]);
      builder.self[at[node]] += selfOf(tree, weights.total, node);
      if (weights.other) builder.other[at[node]] += selfOf(tree, weights.other, node);
    }
  });
  return builder.finish(weights.other !== null);
}

/**
 * Labels from the root's child to the node.
 * @param {CallTree} tree @param {number} node
 */
function pathTo(tree, node) {
  const path = new Int32Array(tree.depth[node]);
  for (let at = node, i = path.length - 1; i >= 0; i -= 1, at = tree.parent[at]) path[i] = at;
  return path;
}

/** Stacks of one thread, one after the other; neighbours share what they have in common. */
class StackRow {
  /** @param {TreeBuilder} builder @param {number} root */
  constructor(builder, root) {
    this.builder = builder;
    this.root = root;
    /** @type {number[]} */
    this.nodes = [];  // of the call tree, of the stack added last
    /** @type {number[]} */
    this.added = [];  // of the builder, the same
  }

  /** @param {CallTree} tree @param {number} node @param {number} value */
  push(tree, node, value) {
    const path = pathTo(tree, node);
    let same = 0;
    while (same < path.length && same < this.nodes.length && path[same] === this.nodes[same])
      same += 1;
    this.nodes.length = same;
    this.added.length = same;
    for (let i = same; i < path.length; i += 1) {
      const parent = i === 0 ? this.root : this.added[i - 1];
      this.nodes.push(path[i]);
      this.added.push(this.builder.add(parent, tree.label[path[i]]));
    }
    this.builder.self[path.length > 0 ? this.added[path.length - 1] : this.root] += value;
  }
}

/**
 * Everything in order of time, a thread beside the other where there are several.
 * Parts of one slice stand in the order of the call tree: within a slice nothing is
 * known of their order. Labels of threads come after those of functions.
 * @param {Model} model @param {string} metric @param {Filter} filter @returns {MergedTree}
 */
function mergeOverTime(model, metric, filter) {
  const slices = /** @type {Slices} */ (model.slices);
  const labelCount = model.labels.count;
  const chosen = chosenThreads(model, filter);
  const builder = new TreeBuilder(0, labelCount + model.data.threads.length);
  const start = filter.window ? lowerBound(slices.slice, filter.window[0]) : 0;
  const stop = filter.window ? lowerBound(slices.slice, filter.window[1]) : slices.slice.length;
  /** @type {Map<number, StackRow>} */
  const rows = new Map();
  for (let i = start; i < stop; i += 1) {
    const value = partValue(slices, metric, i);
    const entry = slices.entry[i];
    const thread = model.entryThread[entry];
    const isKept = (!chosen || chosen[thread]) &&
      (filter.region < 0 || model.entryRegion[entry] === filter.region);
    if (value <= 0 || !isKept) continue;
    let row = rows.get(thread);
    if (!row) {
      row = new StackRow(builder, builder.add(0, labelCount + thread));
      rows.set(thread, row);
    }
    row.push(model.tree, model.entryNode[entry], value);
  }
  return builder.finish(false);
}
