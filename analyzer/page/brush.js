/*
 * The strip of timelines with what lies over all of them: the common cursor and
 * the brush, which chooses a part of the time. What is chosen is whole slices, the
 * smallest part of the time of which the document knows who ran; so sums are exact.
 */

class Strip {
  /** @param {App} app */
  constructor(app) {
    const { data, slices } = app.model;
    this.app = app;
    this.charts = makeCharts(app.model);
    this.slices = slices && !app.results.compares ? slices : null;
    /** @type {[number, number]} */
    this.range = [data.start_s, Math.max(data.end_s, data.start_s + 1e-6)];
    this.time = this.range[0];  // of the cursor
    /** @type {number | null} */
    this.anchor = null;  // where the brush was set down
    this.cursor = make('div', { class: 'cursor', hidden: true });
    this.brush = make('div', { class: 'brush', hidden: true });
    this.axis = make('div', { class: 'time-axis', 'aria-hidden': 'true' });
    this.overlay = make('div', { class: 'strip-overlay' }, this.brush, this.cursor);
    this.area = make('div', {
      class: 'strip-area',
      tabindex: '0',
      role: 'group',
      'data-test': 'strip',
      'aria-label':
        'Timelines. Arrow keys move the cursor, with Shift they choose a part of the time, ' +
        'Escape chooses all of it',
    },
      ...this.charts.map((chart) => make('figure', { class: 'chart', 'aria-label': chart.title },
                           chart.reading, chart.plot)),
      this.axis, this.overlay);
    this.from = this.makeInput('from, seconds', 'from');
    this.to = this.makeInput('to, seconds', 'to');
    this.all = make('button', {
      type: 'button',
      class: 'small',
      'data-test': 'all-time',
      'aria-label': 'the whole time',
      title: 'the whole time',
      onclick: () => app.store.set({ window: null }),
    },
      '×');
    this.hint = make('span', { class: 'strip-hint quiet' },
      this.slices ? 'drag to choose a part of the time'
                  : 'stacks over time are not in this report');
    this.choices = make('span', { class: 'tool', hidden: !this.slices }, 'Time ', this.from, ' to ',
      this.to, ' s ', this.all);
    this.element = make('section',
      { class: 'strip', 'aria-label': 'timelines', hidden: this.charts.length === 0 }, this.area,
      this.hint);
    /** @type {number | undefined} */
    this.keyAnchor = undefined;  // where the keyboard began to choose
    this.showWindow();
    this.listen();
    app.store.on(['window'], () => this.showWindow());
  }

  /** @param {string} label @param {string} test */
  makeInput(label, test) {
    return make('input', {
      type: 'number',
      step: this.slices ? this.slices.width : 0.001,
      'aria-label': label,
      'data-test': test,
      onchange: () => this.setWindow(this.typed(this.from, 0), this.typed(this.to, 1)),
    });
  }

  /**
   * What an input says; one that says nothing means the run's own end.
   * @param {HTMLInputElement} input @param {0 | 1} end
   */
  typed(input, end) {
    return input.value === '' ? this.range[end] : Number(input.value);
  }

  listen() {
    const { area } = this;
    area.addEventListener('pointermove', (event) => this.onMove(event));
    area.addEventListener('pointerdown', (event) => this.onDown(event));
    area.addEventListener('pointerup', (event) => this.onUp(event));
    area.addEventListener('pointercancel', () => {
      this.anchor = null;
    });
    area.addEventListener('pointerleave', () => {
      if (this.anchor === null) this.showCursor(false);
    });
    area.addEventListener('dblclick', () => this.app.store.set({ window: null }));
    area.addEventListener('keydown', (event) => this.onKey(event));
    area.addEventListener('blur', () => this.showCursor(false));
    new ResizeObserver(() => this.resize()).observe(area);
  }

  /** Draws the charts; once they are part of the page, and again when the theme changes. */
  draw() {
    const ticks = timeTicks(this.range, this.area.clientWidth);
    this.charts.forEach((chart) => drawChart(chart, this.range, ticks));
    this.place();
  }

  resize() {
    this.charts.forEach((chart) => chart.graph?.resize());
    this.place();
  }

  place() {
    const area = this.charts[0]?.graph?.getArea();
    if (!area) return;
    this.overlay.style.left = area.x + 'px';
    this.overlay.style.width = area.w + 'px';
    this.overlay.style.height = this.area.scrollHeight + 'px';
    this.axis.replaceChildren(
      ...timeTicks(this.range, area.w)
        .map((time) => make('span', {
          class: this.percent(time) < 2 ? 'first'
            : this.percent(time) > 98   ? 'last'
                                        : null,
          style: 'left:' + (area.x + (area.w * this.percent(time)) / 100) + 'px',
        },
               Number(time.toPrecision(6)) + ' s')));
    this.showWindow();
  }

  // --- time and place --------------------------------------------------------------

  /** @param {MouseEvent} event */
  timeAt(event) {
    const bounds = this.overlay.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - bounds.left) / (bounds.width || 1)));
    return this.range[0] + part * (this.range[1] - this.range[0]);
  }

  /** @param {number} time */
  percent(time) {
    return (100 * (time - this.range[0])) / (this.range[1] - this.range[0]);
  }

  /**
   * Whole slices that hold the times.
   * @param {number} from @param {number} to @returns {[number, number] | null}
   */
  slicesOf(from, to) {
    if (!this.slices || !Number.isFinite(from) || !Number.isFinite(to)) return null;
    const { width, count } = this.slices;
    const number = (/** @type {number} */ time) => (time - this.range[0]) / width;
    // A hair's breadth over an edge is the edge: times are decimal, edges are not.
    const first = Math.max(0, Math.floor(number(Math.min(from, to)) + 1e-6));
    const last = Math.min(count, Math.ceil(number(Math.max(from, to)) - 1e-6));
    if (first >= count) return [count - 1, count];
    return [first, Math.max(last, first + 1)];
  }

  /** @param {number} from @param {number} to */
  setWindow(from, to) {
    const window = this.slicesOf(from, to);
    const isAll =
      window !== null && this.slices !== null && window[0] === 0 && window[1] === this.slices.count;
    const old = this.app.store.choice.window;
    if (old && window && old[0] === window[0] && old[1] === window[1])
      this.showWindow();
    else
      this.app.store.set({ window: isAll ? null : window });
  }

  /**
   * Seconds of what is chosen.
   * @returns {[number, number]}
   */
  chosen() {
    const { window } = this.app.store.choice;
    if (!window || !this.slices) return this.range;
    const { width } = this.slices;
    return [
      this.range[0] + window[0] * width, Math.min(this.range[0] + window[1] * width, this.range[1])
    ];
  }

  showWindow() {
    const { window } = this.app.store.choice;
    const [from, to] = this.chosen();
    this.from.value = from.toFixed(3);
    this.to.value = to.toFixed(3);
    this.all.hidden = window === null;
    this.hint.hidden = window !== null;
    this.showBrush(window ? from : null, to);
  }

  /** @param {number | null} from @param {number} to */
  showBrush(from, to) {
    this.brush.hidden = from === null;
    if (from === null) return;
    const [left, right] = [this.percent(Math.min(from, to)), this.percent(Math.max(from, to))];
    this.brush.style.left = left + '%';
    this.brush.style.width = Math.max(0.1, right - left) + '%';
  }

  /** @param {boolean} isShown */
  showCursor(isShown) {
    this.cursor.hidden = !isShown;
    this.cursor.style.left = this.percent(this.time) + '%';
    this.cursor.dataset.time = formatTime(this.time);
    this.cursor.classList.toggle('flip', this.percent(this.time) > 90);
    for (const chart of this.charts) {
      const row = isShown ? nearestRow(chart, this.time) : -1;
      showReading(chart, row);
      if (row >= 0)
        chart.graph?.setSelection(row);
      else
        chart.graph?.clearSelection();
    }
  }

  // --- pointer and keyboard ----------------------------------------------------------

  /** @param {PointerEvent} event */
  onDown(event) {
    const isBar = event.clientX - this.area.getBoundingClientRect().left > this.area.clientWidth;
    if (event.button !== 0 || !this.slices || isBar) return;
    this.anchor = this.timeAt(event);
    this.area.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    this.time = this.timeAt(event);
    this.showCursor(true);
    if (this.anchor !== null) this.showBrush(this.anchor, this.time);
  }

  /** @param {PointerEvent} event */
  onUp(event) {
    const { anchor } = this;
    this.anchor = null;
    if (anchor === null) return;
    const time = this.timeAt(event);
    const pixels =
      (Math.abs(this.percent(time) - this.percent(anchor)) * this.overlay.clientWidth) / 100;
    if (pixels < DRAG_LEAST)
      this.app.store.set({ window: null });
    else
      this.setWindow(anchor, time);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = this.slices ? this.slices.width * Math.max(1, Math.round(this.slices.count / 100))
                             : (this.range[1] - this.range[0]) / 100;
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (event.key === 'Escape') {
      this.anchor = null;
      this.app.store.set({ window: null });
    } else if (event.key === 'Home' || event.key === 'End') {
      this.moveCursor(this.range[event.key === 'Home' ? 0 : 1], event.shiftKey);
    } else if (direction !== 0) {
      this.moveCursor(this.time + direction * step, event.shiftKey);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} time @param {boolean} chooses */
  moveCursor(time, chooses) {
    const start = this.keyAnchor !== undefined && chooses ? this.keyAnchor : this.time;
    this.keyAnchor = chooses ? start : undefined;
    this.time = Math.min(this.range[1], Math.max(this.range[0], time));
    this.showCursor(true);
    if (chooses) this.setWindow(start, this.time);
    this.app.details.say(formatTime(this.time) + ': ' +
      this.charts.map((chart) => chart.reading.textContent).join(', '));
  }
}
