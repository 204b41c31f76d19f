/*
 * A flame graph or icicle on a canvas: what part of the graph is seen, zoom and
 * pan, scrolling of deep stacks, pointer. Painting is in flame_paint.js, the
 * keyboard in flame_keys.js. Several of them are on the page (callers, callees).
 */

const DRAG_LEAST = 4;   // pixels; less is a click
const ZOOM_TIME = 140;  // ms

/**
 * @typedef {object} FlameOptions
 * @property {string} label - for readers of the screen
 * @property {string} test - name for tests
 * @property {boolean} icicle
 * @property {(view: FlameView, node: number) => string} colour
 * @property {(view: FlameView, node: number) => string} name
 * @property {(view: FlameView, node: number, event: MouseEvent | null) => void} onHover - -1: none
 * @property {(view: FlameView, node: number) => void} onFocus
 * @property {(view: FlameView) => void} onZoom
 * @property {(view: FlameView, node: number) => void} onChoose - asks for callers and callees
 */

class FlameView {
  graph = new Graph(finishTree(new Int32Array(1), new Int32Array(1)), new Float64Array(1));
  boxes = new Boxes();
  left = 0;  // of the graph's total, at the left and the right edge
  right = 1;
  zoomed = 0;
  focused = 0;
  hovered = -1;
  /** @type {Uint8Array | null} */
  matches = null;
  /** @type {Uint8Array | null} */
  lit = null;
  rows = 1;
  width = 0;
  height = 0;
  pending = 0;
  animation = 0;
  isStale = true;  // boxes are of another part
  /** @type {{x: number, left: number, right: number, moved: boolean} | null} */
  drag = null;
  canvas = make('canvas', { 'aria-hidden': 'true' });
  space = make('div', { class: 'flame-space' }, this.canvas);
  empty = make('p', { class: 'flame-empty', hidden: true });
  context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));

  /** @param {FlameOptions} options */
  constructor(options) {
    this.options = options;
    this.icicle = options.icicle;
    this.element = make('div', {
      class: 'flame',
      tabindex: '0',
      role: 'application',
      'aria-roledescription': 'flame graph',
      'aria-label': options.label,
      'data-test': options.test,
    },
      this.space, this.empty);
    this.listen();
  }

  listen() {
    const { element } = this;
    element.addEventListener('mousemove', (event) => this.onMove(event));
    element.addEventListener('mouseleave', () => this.hover(-1, null));
    element.addEventListener('pointerdown', (event) => this.onDown(event));
    element.addEventListener('pointermove', (event) => this.onDrag(event));
    element.addEventListener('pointerup', (event) => this.onUp(event));
    element.addEventListener('pointercancel', () => {
      this.drag = null;
    });
    element.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    element.addEventListener('scroll', () => this.repaint());
    element.addEventListener('keydown', (event) => flameKey(this, event));
    element.addEventListener('focus', () => this.setFocus(this.focused, false));
    element.addEventListener('blur', () => this.repaint());
    new ResizeObserver(() => this.resize()).observe(element);
  }

  // --- what is seen ------------------------------------------------------------

  /** @param {Graph} graph */
  setGraph(graph) {
    const old = this.graph;
    const zoomed = old.moveTo(this.zoomed, graph);
    this.focused = old.moveTo(this.focused, graph);
    this.hovered = -1;
    this.graph = graph;
    this.zoomed = zoomed;
    this.left = graph.start(zoomed);
    this.right = this.left + (graph.total[zoomed] || 1);
    cancelAnimationFrame(this.animation);
    this.animation = 0;
    this.refresh();
  }

  get whole() {
    return this.graph.total[0] || 1;
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const width = this.element.clientWidth;
    const height = this.element.clientHeight;
    const isBottom = this.isAtBottom();
    this.width = width;
    this.height = height;
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.canvas.style.width = width + 'px';
    this.canvas.style.height = height + 'px';
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.refresh(true);
    if (!this.icicle && isBottom) this.element.scrollTop = this.element.scrollHeight;
  }

  isAtBottom() {
    const { scrollTop, scrollHeight } = this.element;
    return scrollTop + this.height >= scrollHeight - ROW_HEIGHT;
  }

  /**
   * Draws anew, now or with the next picture.
   * @param {boolean} [now]
   */
  refresh(now) {
    this.isStale = true;
    this.repaint(now);
  }

  /** @param {boolean} [now] */
  repaint(now) {
    if (now) {
      this.paint();
    } else if (this.pending === 0) {
      this.pending = requestAnimationFrame(() => this.paint());
    }
  }

  paint() {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    if (this.width === 0 || this.height === 0) return;
    if (this.isStale) this.layOut();
    const { options } = this;
    const ink = getComputedStyle(this.element).color;
    const isActive = document.activeElement === this.element;
    paintGraph(this.context, {
      ...this.place(),
      graph: this.graph,
      boxes: this.boxes,
      focused: isActive ? this.focused : -1,
      hovered: this.hovered,
      matches: this.matches,
      lit: this.lit,
      colour: (node) => options.colour(this, node),
      name: (node) => options.name(this, node),
    },
      ink);
  }

  place() {
    return {
      icicle: this.icicle,
      rows: this.rows,
      scroll: this.element.scrollTop,
      width: this.width,
      height: this.height,
    };
  }

  layOut() {
    const fromBottom = this.element.scrollHeight - this.element.scrollTop;
    this.isStale = false;
    this.boxes.fill(this.graph, this.left, this.right, this.width);
    const isEmpty = this.boxes.count === 0;
    this.empty.hidden = !isEmpty;
    const rows = Math.max(this.boxes.deepest + 1, Math.floor(this.height / ROW_HEIGHT));
    if (rows === this.rows) return;
    this.rows = rows;
    this.space.style.height = rows * ROW_HEIGHT + 'px';
    // A flame stands on its root: what is seen keeps its distance from the bottom.
    if (!this.icicle) this.element.scrollTop = this.element.scrollHeight - fromBottom;
  }

  /** @param {boolean} icicle */
  setIcicle(icicle) {
    if (this.icicle === icicle) return;
    this.icicle = icicle;
    this.refresh(true);
    this.element.scrollTop = icicle ? 0 : this.element.scrollHeight;
    this.repaint(true);
  }

  // --- zoom and pan --------------------------------------------------------------

  /**
   * Shows a part, within the whole.
   * @param {number} left @param {number} right
   */
  show(left, right) {
    const least = this.whole / 1e9;
    const span = Math.min(Math.max(right - left, least), this.whole);
    this.left = Math.min(Math.max(left, 0), this.whole - span);
    this.right = this.left + span;
    this.refresh();
  }

  /**
   * Zooms or pans freely: what is zoomed to is the innermost frame that holds all that is seen.
   * @param {number} left @param {number} right
   */
  showFreely(left, right) {
    this.show(left, right);
    let start = 0;
    let node = 0;
    for (let found = true; found;) {
      found = false;
      let x = start;
      for (const child of this.graph.children(node)) {
        const end = x + this.graph.total[child];
        if (x <= this.left && end >= this.right) {
          [start, node, found] = [x, child, true];
          break;
        }
        x = end;
      }
    }
    if (node !== this.zoomed) {
      this.zoomed = node;
      this.options.onZoom(this);
    }
  }

  /** @param {number} node @param {boolean} [now] - without moving there */
  zoom(node, now) {
    const left = this.graph.start(node);
    const right = left + (this.graph.total[node] || 1);
    this.zoomed = node;
    if (now || matchMedia('(prefers-reduced-motion: reduce)').matches)
      this.show(left, right);
    else
      this.animate(left, right);
    this.options.onZoom(this);
  }

  /** @param {number} left @param {number} right */
  animate(left, right) {
    const from = [this.left, this.right];
    const begin = performance.now();
    const step = (/** @type {number} */ time) => {
      const part = Math.min(1, Math.max(0, (time - begin) / ZOOM_TIME));
      const eased = 1 - (1 - part) ** 3;
      this.show(from[0] + (left - from[0]) * eased, from[1] + (right - from[1]) * eased);
      this.animation = part < 1 ? requestAnimationFrame(step) : 0;
    };
    cancelAnimationFrame(this.animation);
    this.animation = requestAnimationFrame(step);
  }

  get isSettled() {
    return this.pending === 0 && this.animation === 0;
  }

  /** @param {number} factor @param {number} x - pixel that stays where it is */
  zoomBy(factor, x) {
    const span = this.right - this.left;
    const at = this.left + (span * x) / (this.width || 1);
    const left = at - (at - this.left) * factor;
    this.showFreely(left, left + span * factor);
  }

  /** @param {number} pixels */
  pan(pixels) {
    const distance = ((this.right - this.left) * pixels) / (this.width || 1);
    this.showFreely(this.left + distance, this.right + distance);
  }

  // --- frames ----------------------------------------------------------------------

  /**
   * Node under the pointer, or -1.
   * @param {MouseEvent} event
   */
  under(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const y = event.clientY - bounds.top + this.element.scrollTop;
    const row = Math.floor(y / ROW_HEIGHT);
    const depth = this.icicle ? row : this.rows - 1 - row;
    const i = this.boxes.at(this.graph.tree, event.clientX - bounds.left, depth);
    return i < 0 ? -1 : this.boxes.node[i];
  }

  /** @param {number} node @param {MouseEvent | null} event */
  hover(node, event) {
    const isOther = node !== this.hovered;
    if (isOther) {
      this.hovered = node;
      this.repaint();
    }
    if (isOther || node >= 0) this.options.onHover(this, node, event);
  }

  /** @param {number} node @param {boolean} scrolls - into sight */
  setFocus(node, scrolls) {
    this.focused = node;
    if (scrolls) this.scrollTo(node);
    this.repaint();
    this.options.onFocus(this, node);
  }

  /** @param {number} node */
  scrollTo(node) {
    const top = rowTop({...this.place(), scroll: 0 }, this.graph.tree.depth[node]);
    const { scrollTop } = this.element;
    if (top < scrollTop)
      this.element.scrollTop = top - ROW_HEIGHT;
    else if (top + ROW_HEIGHT > scrollTop + this.height)
      this.element.scrollTop = top + 2 * ROW_HEIGHT - this.height;
  }

  // --- pointer ---------------------------------------------------------------------

  /** @param {MouseEvent} event */
  onMove(event) {
    if (this.drag?.moved) return;
    this.hover(this.under(event), event);
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    if (event.button !== 0 || event.offsetX > this.element.clientWidth) return;
    this.drag = { x: event.clientX, left: this.left, right: this.right, moved: false };
  }

  /** @param {PointerEvent} event */
  onDrag(event) {
    if ((event.buttons & 1) === 0) this.drag = null;  // it was released outside
    const { drag } = this;
    if (!drag) return;
    const distance = event.clientX - drag.x;
    if (!drag.moved && Math.abs(distance) < DRAG_LEAST) return;
    if (!drag.moved) this.element.setPointerCapture(event.pointerId);
    drag.moved = true;
    const shift = ((drag.right - drag.left) * distance) / this.width;
    this.hover(-1, null);
    this.showFreely(drag.left - shift, drag.right - shift);
  }

  /** @param {PointerEvent} event */
  onUp(event) {
    const { drag } = this;
    this.drag = null;
    if (!drag || drag.moved) return;
    const node = this.under(event);
    if (node < 0) return;
    this.setFocus(node, false);
    this.zoom(node);
  }

  /** @param {WheelEvent} event */
  onWheel(event) {
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || event.metaKey) {
      const x = event.clientX - this.canvas.getBoundingClientRect().left;
      this.zoomBy(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.01), x);
    } else if (isSideways) {
      this.pan(event.deltaX || event.deltaY);
    } else {
      return;
    }
    event.preventDefault();
  }
}
