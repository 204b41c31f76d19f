/*
 * What lies over timelines: the common cursor and the brush, by pointer and by
 * keyboard. Its own file because the strip and the tab of resources have one each,
 * and all of them show the same moment and the same part of the time.
 */

class TimeArea {
  /**
   * @param {App} app
   * @param {HTMLElement} element - takes pointer and keys, and scrolls
   * @param {() => string} read - what is to be said of the moment at the cursor
   */
  constructor(app, element, read) {
    this.app = app;
    this.times = app.times;
    this.element = element;
    this.read = read;
    /** @type {number | null} */
    this.anchor = null;  // where the brush was set down
    /** @type {number | undefined} */
    this.keyAnchor = undefined;  // where the keyboard began to choose
    this.cursor = make('div', { class: 'cursor', hidden: true });
    this.brush = make('div', { class: 'brush', hidden: true });
    this.overlay = make('div', { class: 'strip-overlay' }, this.brush, this.cursor);
    this.listen();
    app.store.on(['window'], () => this.showWindow());
    app.store.on(['time'], () => this.showCursor());
    this.showWindow();
  }

  listen() {
    const { element } = this;
    element.addEventListener('pointermove', (event) => this.onMove(event));
    element.addEventListener('pointerdown', (event) => this.onDown(event));
    element.addEventListener('pointerup', (event) => this.onUp(event));
    element.addEventListener('pointercancel', () => {
      this.anchor = null;
      this.showWindow();
    });
    element.addEventListener('pointerleave', () => {
      if (this.anchor === null) this.times.point(null);
    });
    element.addEventListener('dblclick', (event) => {
      if (!this.isControl(event)) this.app.store.set({ window: null });
    });
    element.addEventListener('keydown', (event) => this.onKey(event));
    element.addEventListener('blur', () => this.times.point(null));
  }

  /**
   * Whether something in the area wants the event for itself.
   * @param {Event} event
   */
  isControl(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    return target.closest('button, select, input, summary') !== null;
  }

  /** @param {MouseEvent} event */
  timeAt(event) {
    const { range } = this.times;
    const bounds = this.overlay.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - bounds.left) / (bounds.width || 1)));
    return range[0] + part * (range[1] - range[0]);
  }

  showWindow() {
    const { window } = this.app.store.choice;
    const [from, to] = this.times.chosen();
    this.showBrush(window ? from : null, to);
  }

  /** @param {number | null} from @param {number} to */
  showBrush(from, to) {
    this.brush.hidden = from === null;
    if (from === null) return;
    const { times } = this;
    const [left, right] = [times.percent(Math.min(from, to)), times.percent(Math.max(from, to))];
    this.brush.style.left = left + '%';
    this.brush.style.width = Math.max(0.1, right - left) + '%';
  }

  showCursor() {
    const { time } = this.app.store.choice;
    this.cursor.hidden = time === null;
    if (time === null) return;
    const percent = this.times.percent(time);
    this.cursor.style.left = percent + '%';
    this.cursor.dataset.time = formatTime(time);
    this.cursor.classList.toggle('flip', percent > 90);
  }

  // --- pointer and keyboard ----------------------------------------------------------

  /** @param {PointerEvent} event */
  onDown(event) {
    const { element } = this;
    const isBar = event.clientX - element.getBoundingClientRect().left > element.clientWidth;
    if (event.button !== 0 || !this.times.slices || isBar || this.isControl(event)) return;
    this.anchor = this.timeAt(event);
    element.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    this.times.point(this.timeAt(event));
    if (this.anchor !== null) this.showBrush(this.anchor, this.times.last);
  }

  /** @param {PointerEvent} event */
  onUp(event) {
    const { anchor } = this;
    this.anchor = null;
    if (anchor === null) return;
    const time = this.timeAt(event);
    const pixels =
      (Math.abs(this.times.percent(time) - this.times.percent(anchor)) * this.overlay.clientWidth) /
      100;
    if (pixels < DRAG_LEAST)
      this.app.store.set({ window: null });
    else if (!this.times.choose(anchor, time))
      this.showWindow();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target !== this.element) return;
    const { times } = this;
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (event.key === 'Escape') {
      this.anchor = null;
      this.app.store.set({ window: null });
    } else if (event.key === 'Home' || event.key === 'End') {
      this.moveCursor(times.range[event.key === 'Home' ? 0 : 1], event.shiftKey);
    } else if (direction !== 0) {
      this.moveCursor(times.last + direction * times.step, event.shiftKey);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} time @param {boolean} chooses */
  moveCursor(time, chooses) {
    const { times } = this;
    const start = this.keyAnchor !== undefined && chooses ? this.keyAnchor : times.last;
    this.keyAnchor = chooses ? start : undefined;
    times.point(time);
    if (chooses && !times.choose(start, times.last)) this.showWindow();
    this.app.details.say(formatTime(times.last) + ': ' + this.read());
  }
}
