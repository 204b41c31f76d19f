/*
 * A resource and what goes with it, over the time: one timeline with two lines, each
 * of its own height, and the relation in words. Its own file because the tab of
 * correlations shows functions and other resources in it alike.
 */

class PairView {
  /** @param {App} app @param {Resources} resources */
  constructor(app, resources) {
    this.app = app;
    this.resources = resources;
    /** @type {ResourceChart | null} */
    this.one = null;
    this.text = make('p', { 'aria-live': 'polite', 'data-test': 'pair-text' });
    this.show = make(
      'button', { type: 'button', onclick: () => app.focusGraph() }, 'Show in the flame graph');
    this.figure = make('figure', { class: 'chart' });
    this.area = make('div', {
      class: 'pair-area',
      tabindex: '0',
      role: 'group',
      'data-test': 'pair',
      'aria-label': 'Both over time. Arrow keys move the cursor, with Shift they choose a part',
    },
      this.figure);
    this.over = new TimeArea(app, this.area, () => this.one?.chart.reading.textContent ?? '');
    this.area.append(this.over.overlay);
    this.element = make('div', { class: 'pair', hidden: true },
      make('div', { class: 'pair-text' }, this.text, this.show), this.area);
    new ResizeObserver(() => this.resize()).observe(this.area);
    app.store.on(['time'], ({ time }) => {
      if (this.one?.chart.graph) showTime(this.one.chart, time);
    });
  }

  clear() {
    this.one = null;
    this.element.hidden = true;
  }

  /**
   * @param {number} resource - or -1: there is no timeline of it
   * @param {Activity | null} activity - or what else is drawn over it
   * @param {string} text @param {boolean} isFunction
   */
  set(resource, activity, text, isFunction) {
    this.element.hidden = false;
    this.show.hidden = !isFunction;
    this.text.textContent = text +
      (isFunction && !activity ? '. The function is lit up; what it did is not known by time here.'
                               : '');
    this.one?.chart.graph?.destroy();
    this.one = null;
    this.area.hidden = resource < 0 || !this.resources.series[resource].value;
    if (this.area.hidden) return;
    this.one = makeResourceChart(this.resources, [resource], [],
      wholeOwner(this.resources, this.resources.series[resource].group));
    this.one.activity = activity;
    fillResourceChart(this.resources, this.one);
    this.figure.replaceChildren(this.one.chart.reading, this.one.chart.plot);
    this.draw();
  }

  /** Where it can be seen. */
  draw() {
    if (!this.one || this.area.clientWidth === 0) return;
    const { range } = this.app.times;
    drawChart(this.one.chart, range, timeTicks(range, this.area.clientWidth));
    this.resize();
  }

  resize() {
    if (this.one && !this.one.chart.graph) this.draw();
    this.one?.chart.graph?.resize();
    const area = this.one?.chart.graph?.getArea();
    if (!area) return;
    this.over.overlay.style.left = area.x + 'px';
    this.over.overlay.style.width = area.w + 'px';
    this.over.overlay.style.height = '100%';
  }
}
