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
 * Nodes from the root's child to the node.
 * @param {CallTree} tree @param {number} node
 */
function pathTo(tree, node) {
  const path = new Int32Array(tree.depth[node]);
  for (let at = node, i = path.length - 1; i >= 0; i -= 1, at = tree.parent[at]) path[i] = at;
  return path;
}

/**
 * Parts of slices below one node of the builder, in order of time.
 * @typedef {{parent: number, depth: number, parts: number[]}} Stretch
 */

/** Calls in order of time. Its memory is a path for each stack that was met. */
class TimeBuilder {
  /** @param {Model} model @param {string} metric @param {number} gap - slices */
  constructor(model, metric, gap) {
    this.model = model;
    this.slices = /** @type {Slices} */ (model.slices);
    this.metric = metric;
    this.gap = gap;
    this.builder = new TreeBuilder(0, model.labels.count + model.data.threads.length);
    /** @type {Map<number, Int32Array>} */
    this.paths = new Map();
  }

  /** @param {number} part */
  path(part) {
    const node = this.model.entryNode[this.slices.entry[part]];
    let path = this.paths.get(node);
    if (!path) this.paths.set(node, path = pathTo(this.model.tree, node));
    return path;
  }

  /**
   * Splits a stretch into calls. A function that is met again after at most `gap` slices has been
   * running, or was called again and again: one call, as long as all of it, from where it began.
   * @param {Stretch} stretch @returns {Stretch[]}
   */
  split({ parent, depth, parts }) {
    const { slice } = this.slices;
    /** @type {Map<number, {last: number, parts: number[]}>} */
    const running = new Map();
    /** @type {Stretch[]} */
    const calls = [];
    for (const part of parts) {
      const path = this.path(part);
      if (path.length === depth) {
        this.builder.self[parent] += partValue(this.slices, this.metric, part);
        continue;
      }
      const node = path[depth];
      let call = running.get(node);
      if (!call || slice[part] - call.last > this.gap) {
        call = { last: 0, parts: [] };
        running.set(node, call);
        const added = this.builder.add(parent, this.model.tree.label[node]);
        calls.push({ parent: added, depth: depth + 1, parts: call.parts });
      }
      call.last = slice[part];
      call.parts.push(part);
    }
    return calls;
  }

  /** @param {Map<number, number[]>} threads - parts of each */
  build(threads) {
    /** @type {Stretch[]} */
    const stretches = [];
    for (const [thread, parts] of threads) {
      const parent = this.builder.add(0, this.model.labels.count + thread);
      stretches.push({ parent, depth: 0, parts });
    }
    for (let next = stretches.pop(); next; next = stretches.pop()) {
      for (const call of this.split(next)) stretches.push(call);
    }
    return this.builder.finish(false);
  }
}

/**
 * Slices between two calls of a function that are drawn as one: what is narrower could not be seen.
 * @param {Model} model @param {Filter} filter
 */
function timeGap(model, filter) {
  const count = filter.window ? filter.window[1] - filter.window[0] : model.slices?.count ?? 0;
  return Math.max(1, Math.round(count / 200));
}

/**
 * Everything in order of time, a thread beside the other. Parts of one slice stand in the order
 * of the call tree: within a slice nothing is known of their order. Labels of threads come after
 * those of functions.
 * @param {Model} model @param {string} metric @param {Filter} filter @returns {MergedTree}
 */
function mergeOverTime(model, metric, filter) {
  const slices = /** @type {Slices} */ (model.slices);
  const chosen = chosenThreads(model, filter);
  const start = filter.window ? lowerBound(slices.slice, filter.window[0]) : 0;
  const stop = filter.window ? lowerBound(slices.slice, filter.window[1]) : slices.slice.length;
  /** @type {Map<number, number[]>} */
  const threads = new Map();
  for (let i = start; i < stop; i += 1) {
    const thread = model.entryThread[slices.entry[i]];
    const isKept = (!chosen || chosen[thread]) &&
      (filter.region < 0 || model.entryRegion[slices.entry[i]] === filter.region);
    if (!isKept || partValue(slices, metric, i) <= 0) continue;
    const parts = threads.get(thread);
    if (parts)
      parts.push(i);
    else
      threads.set(thread, [i]);
  }
  return new TimeBuilder(model, metric, timeGap(model, filter)).build(threads);
}
