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
    const count = order.length;
    const number = new Int32Array(count);
    const parent = new Int32Array(count);
    const label = new Int32Array(count);
    for (let i = 0; i < count; i += 1) {
      number[order[i]] = i;
      parent[i] = number[this.parent[order[i]]];  // parents come first
      label[i] = this.label[order[i]];
    }
    const tree = finishTree(parent, label);
    const pick = (/** @type {number[]} */ values) => {
      const picked = new Float64Array(count);
      for (let i = 0; i < count; i += 1) picked[i] = values[order[i]];
      return totalsOf(tree, picked);
    };
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
 * Calls in order of time. Parts of slices are kept in one column, those of a call beside each other
 * and in order of time; what is known of calls met so far lies in columns by node of the call tree.
 * Nothing is allocated for a call but its node: there may be millions.
 */
class TimeBuilder {
  /** @param {Model} model @param {string} metric @param {number} gap - slices */
  constructor(model, metric, gap) {
    const { tree } = model;
    this.model = model;
    this.slices = /** @type {Slices} */ (model.slices);
    this.metric = metric;
    this.gap = gap;
    this.builder = new TreeBuilder(0, model.labels.count + model.data.threads.length);
    /** @type {number[]} */
    this.stretches =
      [];  // four numbers each: node added, depth, first part and the one after the last
    this.round = 0;
    this.rounds = new Int32Array(tree.count);  // by node: in which round it was met last
    this.last = new Int32Array(tree.count);    // slice in which it was met
    this.call = new Int32Array(tree.count);    // the call it is in
    this.steps = new Int32Array(1 << 16);      // stacks, from the root's child inward
    this.stepCount = 0;
    this.firstStep = new Int32Array(tree.count).fill(-1);   // by node
    this.start = new Int32Array(this.slices.slice.length);  // first step, by part
    this.end = new Int32Array(this.slices.slice.length);
  }

  /**
   * Where the stack of a node lies among the steps.
   * @param {number} node
   */
  addSteps(node) {
    const { depth, parent } = this.model.tree;
    if (this.firstStep[node] >= 0) return this.firstStep[node];
    if (this.stepCount + depth[node] > this.steps.length) {
      const grown = new Int32Array(2 * (this.stepCount + depth[node]));
      grown.set(this.steps);
      this.steps = grown;
    }
    this.firstStep[node] = this.stepCount;
    this.stepCount += depth[node];
    for (let at = node, i = this.stepCount - 1; at !== 0; at = parent[at], i -= 1)
      this.steps[i] = at;
    return this.firstStep[node];
  }

  /** @param {number} part */
  addPart(part) {
    const node = this.model.entryNode[this.slices.entry[part]];
    this.start[part] = this.addSteps(node);
    this.end[part] = this.start[part] + this.model.tree.depth[node];
  }

  /**
   * The call that a part belongs to, begun if need be. A function that is met again after at most
   * `gap` slices has been running, or was called again and again: one call, as long as all of it,
   * from where it began.
   * @param {number} part @param {number} node @param {number[]} calls - nodes added in this round
   * @param {number} parent
   */
  callOf(part, node, calls, parent) {
    const slice = this.slices.slice[part];
    if (this.rounds[node] !== this.round || slice - this.last[node] > this.gap) {
      this.call[node] = calls.length;
      calls.push(this.builder.add(parent, this.model.tree.label[node]));
      this.rounds[node] = this.round;
    }
    this.last[node] = slice;
    return this.call[node];
  }

  /**
   * Splits a stretch into calls: their parts beside each other, each on the stack.
   * @param {number} parent @param {number} depth @param {Int32Array} parts - of the stretch
   * @param {number} from - where they begin in the column of all
   */
  split(parent, depth, parts, from) {
    const owner = new Int32Array(parts.length);
    /** @type {number[]} */
    const calls = [];
    this.round += 1;
    for (let i = 0; i < parts.length; i += 1) {
      const step = this.start[parts[i]] + depth;
      if (step < this.end[parts[i]])
        owner[i] = this.callOf(parts[i], this.steps[step], calls, parent);
      else {
        this.builder.self[parent] += partValue(this.slices, this.metric, parts[i]);
        owner[i] = -1;
      }
    }
    const next = new Int32Array(calls.length + 1);  // where the next part of each call goes
    for (const call of owner)
      if (call >= 0) next[call + 1] += 1;
    for (let i = 1; i < next.length; i += 1) next[i] += next[i - 1];
    for (let i = 0; i < calls.length; i += 1) {
      this.stretches.push(calls[i], depth + 1, from + next[i], from + next[i + 1]);
    }
    const old = parts.slice();
    for (let i = 0; i < old.length; i += 1)
      if (owner[i] >= 0) parts[next[owner[i]]++] = old[i];
  }

  /**
   * A stretch of one part: its stack as it is.
   * @param {number} parent @param {number} depth @param {number} part
   */
  addStack(parent, depth, part) {
    let at = parent;
    for (let i = this.start[part] + depth; i < this.end[part]; i += 1) {
      at = this.builder.add(at, this.model.tree.label[this.steps[i]]);
    }
    this.builder.self[at] += partValue(this.slices, this.metric, part);
  }

  /** @param {Map<number, number[]>} threads - parts of each */
  build(threads) {
    const { stretches } = this;
    const all = Int32Array.from(Array.from(threads.values()).flat());
    let from = 0;
    all.forEach((part) => this.addPart(part));
    for (const [thread, parts] of threads) {
      const parent = this.builder.add(0, this.model.labels.count + thread);
      stretches.push(parent, 0, from, from + parts.length);
      from += parts.length;
    }
    while (stretches.length > 0) {
      const [parent, depth, first, end] = stretches.splice(-4);
      if (end - first === 1)
        this.addStack(parent, depth, all[first]);
      else
        this.split(parent, depth, all.subarray(first, end), first);
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
