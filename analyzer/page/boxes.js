/*
 * Which frames are on the screen and where: columns without an object per frame,
 * filled anew when the part looked at changes. Its own file because hit test,
 * keyboard and painting read them.
 */

const LEAST_WIDTH = 0.5;  // pixels; narrower frames are not drawn

class Boxes {
  count = 0;
  deepest = 0;
  node = new Int32Array(1024);
  x = new Float64Array(1024);
  width = new Float64Array(1024);
  /** @type {number[]} */
  rest = [];  // strips of frames too narrow to draw, three numbers each: x, width, depth

  grow() {
    const capacity = 2 * this.node.length;
    const { node, x, width } = this;
    this.node = new Int32Array(capacity);
    this.x = new Float64Array(capacity);
    this.width = new Float64Array(capacity);
    this.node.set(node);
    this.x.set(x);
    this.width.set(width);
  }

  /** @param {number} node @param {number} x @param {number} width */
  push(node, x, width) {
    if (this.count === this.node.length) this.grow();
    this.node[this.count] = node;
    this.x[this.count] = x;
    this.width[this.count] = width;
    this.count += 1;
  }

  /**
   * Frames of a graph between two values, spread over `pixels`. Parents come first.
   * @param {Graph} graph @param {number} left @param {number} right @param {number} pixels
   */
  fill(graph, left, right, pixels) {
    const scale = pixels / (right - left);
    const { depth } = graph.tree;
    this.count = 0;
    this.deepest = 0;
    this.rest.length = 0;
    if (!(graph.total[0] > 0)) return;
    this.push(0, -left * scale, graph.total[0] * scale);
    // Frames found are their own queue: children of each are appended in turn.
    for (let i = 0; i < this.count; i += 1) {
      const node = this.node[i];
      if (depth[node] > this.deepest) this.deepest = depth[node];
      let x = this.x[i];
      for (const child of graph.children(node)) {
        const width = graph.total[child] * scale;
        if (x > pixels) break;
        if (graph.isHeavy && width < LEAST_WIDTH) {
          // All others are narrower still: one strip stands for them.
          const end = this.x[i] + graph.inside(node) * scale;
          if (end > 0 && end - x >= 1) this.rest.push(x, end - x, depth[node] + 1);
          break;
        }
        if (width >= LEAST_WIDTH && x + width > 0) this.push(child, x, width);
        x += width;
      }
    }
  }

  /**
   * Number of the box at a place, or -1.
   * @param {CallTree} tree @param {number} x @param {number} depth
   */
  at(tree, x, depth) {
    for (let i = 0; i < this.count; i += 1) {
      if (tree.depth[this.node[i]] === depth && this.x[i] <= x && x < this.x[i] + this.width[i])
        return i;
    }
    return -1;
  }

  /**
   * Number of the box of a node, or -1.
   * @param {number} node
   */
  of(node) {
    return this.node.subarray(0, this.count).indexOf(node);
  }
}
