/*
 * A graph: a tree with values, and in which order children stand side by side.
 * Its own file because drawing, keyboard and hit test must agree on the order.
 * Children are sorted when they are first looked at, so that a million nodes open
 * without a sort.
 */

/**
 * @typedef {object} GraphExtras
 * @property {Float64Array | null} [off] - of each total: what is off the processor
 * @property {Float64Array | null} [other] - totals on the other side of a comparison
 * @property {boolean} [isHeavy] - the heaviest child first
 * @property {string} [rootName]
 */

class Graph {
  /**
   * @param {CallTree} tree
   * @param {Float64Array} total
   * @param {GraphExtras} [more]
   */
  constructor(tree, total, more = {}) {
    this.tree = tree;
    this.total = total;
    this.off = more.off ?? null;
    this.other = more.other ?? null;  // side of a comparison
    this.isHeavy = more.isHeavy ?? false;
    this.rootName = more.rootName ?? '';
    /** @type {Map<number, Int32Array>} */
    this.sorted = new Map();
    /** @type {Map<number, number>} */
    this.sums = new Map();
  }

  /**
   * Children with a value, left to right.
   * @param {number} node @returns {Int32Array}
   */
  children(node) {
    const known = this.sorted.get(node);
    if (known) return known;
    const { end } = this.tree;
    const found = [];
    for (let child = node + 1; child < end[node]; child = end[child]) {
      if (this.total[child] > 0) found.push(child);
    }
    if (this.isHeavy) found.sort((a, b) => this.total[b] - this.total[a] || a - b);
    const children = Int32Array.from(found);
    this.sorted.set(node, children);
    this.sums.set(node, found.reduce((sum, child) => sum + this.total[child], 0));
    return children;
  }

  /**
   * What a node's children cover of it.
   * @param {number} node
   */
  inside(node) {
    this.children(node);
    return this.sums.get(node) ?? 0;
  }

  /**
   * Sum of what lies left of a node.
   * @param {number} node
   */
  start(node) {
    let start = 0;
    for (let at = node; at !== 0; at = this.tree.parent[at]) {
      for (const sibling of this.children(this.tree.parent[at])) {
        if (sibling === at) break;
        start += this.total[sibling];
      }
    }
    return start;
  }

  /** @param {number} node */
  self(node) {
    return this.total[node] - this.inside(node);
  }

  /**
   * Nodes from the root to the node, both included.
   * @param {number} node
   */
  path(node) {
    const path = [node];
    for (let at = node; at !== 0;) {
      at = this.tree.parent[at];
      path.unshift(at);
    }
    return path;
  }

  /**
   * The same stack in another graph of the same tree, or what is left of it.
   * @param {number} node @param {Graph} other
   */
  moveTo(node, other) {
    if (other.tree === this.tree) {
      let at = node;
      while (at !== 0 && !(other.total[at] > 0)) at = this.tree.parent[at];
      return at;
    }
    let at = 0;
    for (const step of this.path(node).slice(1)) {
      const next =
        other.children(at).find((child) => other.tree.label[child] === this.tree.label[step]);
      if (next === undefined) break;
      at = next;
    }
    return at;
  }
}

/**
 * What matching frames cover; one inside another counts once.
 * @param {Graph} graph @param {Uint8Array} matches - by label @param {number} node
 */
function matchedTotal(graph, matches, node) {
  const { tree, total } = graph;
  let sum = 0;
  for (let i = Math.max(node, 1); i < tree.end[node];) {
    if (matches[tree.label[i]]) {
      sum += total[i];
      i = tree.end[i];
    } else {
      i += 1;
    }
  }
  return sum;
}
