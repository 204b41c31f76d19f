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
      if (depth[this.node[i]] > this.deepest) this.deepest = depth[this.node[i]];
      this.fillRow(graph, i, scale, pixels);
    }
  }

  /**
   * The children of a box. Of those too narrow to draw, what stands side by side becomes a strip.
   * @param {Graph} graph @param {number} i - number of the box
   * @param {number} scale - pixels of a value of one @param {number} pixels
   */
  fillRow(graph, i, scale, pixels) {
    const node = this.node[i];
    const depth = graph.tree.depth[node] + 1;
    let x = this.x[i];
    let narrow = x;  // where those too narrow began
    for (const child of graph.children(node)) {
      const width = graph.total[child] * scale;
      if (x > pixels) break;
      if (width >= LEAST_WIDTH) {
        this.pushRest(narrow, x, depth);
        if (x + width > 0) this.push(child, x, width);
        narrow = x + width;
      } else if (graph.isHeavy) {
        x = this.x[i] + graph.inside(node) * scale;  // all others are narrower still
        break;
      }
      x += width;
    }
    this.pushRest(narrow, x, depth);
  }

  /** @param {number} from @param {number} to @param {number} depth */
  pushRest(from, to, depth) {
    if (to > 0 && to - from >= 1) this.rest.push(from, to - from, depth);
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
