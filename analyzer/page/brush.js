/*
 * The strip of timelines above everything else, and the inputs that choose a part
 * of the time by figures.
 */

class Strip {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.times = app.times;
    this.charts = makeCharts(app.model);
    this.axis = make('div', { class: 'time-axis', 'aria-hidden': 'true' });
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
      this.axis);
    this.over = new TimeArea(
      app, this.area, () => this.charts.map((chart) => chart.reading.textContent).join(', '));
    this.area.append(this.over.overlay);
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
      this.times.slices ? 'drag to choose a part of the time'
                        : 'stacks over time are not in this report');
    this.choices = make('span', { class: 'tool', hidden: !this.times.slices }, 'Time ', this.from,
      ' to ', this.to, ' s ', this.all);
    this.element = make('section',
      { class: 'strip', 'aria-label': 'timelines', hidden: this.charts.length === 0 }, this.area,
      this.hint);
    this.showWindow();
    new ResizeObserver(() => this.resize()).observe(this.area);
    app.store.on(['window'], () => this.showWindow());
    app.store.on(['time'], ({ time }) => this.charts.forEach((chart) => showTime(chart, time)));
  }

  /** @param {string} label @param {string} test */
  makeInput(label, test) {
    return make('input', {
      type: 'number',
      step: this.times.slices ? this.times.slices.width : 0.001,
      'aria-label': label,
      'data-test': test,
      onchange: () => {
        if (!this.times.choose(this.typed(this.from, 0), this.typed(this.to, 1))) this.showWindow();
      },
    });
  }

  /**
   * What an input says; one that says nothing means the run's own end.
   * @param {HTMLInputElement} input @param {0 | 1} end
   */
  typed(input, end) {
    return input.value === '' ? this.times.range[end] : Number(input.value);
  }

  /** Draws the charts; once they are part of the page, and again when the theme changes. */
  draw() {
    const ticks = timeTicks(this.times.range, this.area.clientWidth);
    this.charts.forEach((chart) => drawChart(chart, this.times.range, ticks));
    this.place();
  }

  resize() {
    this.charts.forEach((chart) => chart.graph?.resize());
    this.place();
  }

  place() {
    const area = this.charts[0]?.graph?.getArea();
    if (!area) return;
    const { overlay } = this.over;
    overlay.style.left = area.x + 'px';
    overlay.style.width = area.w + 'px';
    overlay.style.height = this.area.scrollHeight + 'px';
    showAxis(this.axis, this.times, area);
    this.showWindow();
  }

  showWindow() {
    const { window } = this.app.store.choice;
    const [from, to] = this.times.chosen();
    this.from.value = from.toFixed(3);
    this.to.value = to.toFixed(3);
    this.all.hidden = window === null;
    this.hint.hidden = window !== null;
    this.over.showWindow();
  }
}
