/*
 * The tab of resources: what machine, processes and threads used over the time, as
 * small timelines one above the other, with the cursor and the brush of the strip.
 */

class ResourcesTab {
  /** @param {App} app @param {Resources} resources */
  constructor(app, resources) {
    this.app = app;
    this.resources = resources;
    const groups = resourceGroups(resources);
    this.charts = groups.flatMap((group) => group.charts);
    this.current = -1;  // chart that the keyboard reads
    this.frame = 0;
    for (const one of this.charts) fillFigure(app, resources, one, () => this.refill(one));
    this.axis = make('div', { class: 'time-axis', 'aria-hidden': 'true' });
    this.inner = make('div', { class: 'resources-inner' },
      ...groups.map((group) => makeResourceGroup(group, group.charts.map((one) => one.figure))));
    this.area = make('div', {
      class: 'resources-area',
      tabindex: '0',
      role: 'group',
      'data-test': 'resources',
      'aria-label': 'Resources over time. Left and right arrow keys move the cursor, with Shift ' +
        'they choose a part of the time; up and down go from one timeline to the next',
    },
      this.inner, this.axis);
    this.over = new TimeArea(app, this.area, () => this.read());
    this.inner.append(this.over.overlay);
    this.element = make('section', { class: 'resources-tab', 'aria-label': 'Resources' },
      make('p', { class: 'note' }, this.noteText()), this.area);
    this.observer = new IntersectionObserver(
      (entries) => this.see(entries), { root: this.area, rootMargin: '100px' });
    this.charts.forEach((one) => this.observer.observe(one.figure));
    new ResizeObserver(() => this.resize()).observe(this.area);
    this.area.addEventListener('keydown', (event) => this.onKey(event));
    app.store.on(['cause'], ({ cause }) => this.showCause(cause));
    app.store.on(['time'], () => {
      this.frame ||= requestAnimationFrame(() => this.showTime());
    });
  }

  noteText() {
    const { left_out: leftOut, cell_s: cell } = this.resources;
    return 'Lines are means of ' + formatValue(cell, 's') +
      ', the shade around them goes from the least to the most.' +
      (leftOut > 0
          ? ' Not shown: ' + formatExact(leftOut) + ' processes and threads that ran least.'
          : '');
  }

  /**
   * Draws what a function did over the resource that it goes with.
   * @param {RelationCause | null} cause
   */
  showCause(cause) {
    const { model } = this.app;
    const series =
      model.data.relations?.series.find(({ causes }) => cause && causes.includes(cause));
    for (const one of this.charts) {
      const isIt = cause !== null && series !== undefined && one.sources.includes(series.resource);
      if (!isIt && !one.activity) continue;
      one.activity = isIt ? causeActivity(model, cause) : null;
      this.refill(one);
    }
  }

  // --- drawing: what is in sight, when it is -------------------------------------------

  /** @param {IntersectionObserverEntry[]} entries */
  see(entries) {
    for (const entry of entries) {
      const one = this.charts.find(({ figure }) => figure === entry.target);
      if (one) one.isSeen = entry.isIntersecting;
    }
    this.drawSeen();
  }

  /** On paper all is in sight. */
  isPrinted() {
    return document.documentElement.dataset.print !== undefined && this.area.clientWidth > 0;
  }

  drawSeen() {
    const isPrinted = this.isPrinted();
    const { range } = this.app.times;
    const ticks = timeTicks(range, this.area.clientWidth);
    for (const one of this.charts) {
      if (one.isDrawn || (!one.isSeen && !isPrinted)) continue;
      drawChart(one.chart, range, ticks);
      drawHeat(this.resources, one);
      one.isDrawn = true;
    }
    this.place();
    this.showTime();
  }

  /**
   * When colours or contents have changed.
   * @param {ResourceChart[]} [charts]
   */
  draw(charts = this.charts) {
    for (const one of charts) one.isDrawn = false;
    this.drawSeen();
  }

  /** @param {ResourceChart} one */
  refill(one) {
    fillResourceChart(this.resources, one);
    this.draw([one]);
  }

  resize() {
    for (const { chart, isDrawn } of this.charts)
      if (isDrawn) chart.graph?.resize();
    this.place();
  }

  place() {
    const area = this.charts.find((one) => one.isDrawn)?.chart.graph?.getArea();
    if (!area) return;
    this.over.overlay.style.left = area.x + 'px';
    this.over.overlay.style.width = area.w + 'px';
    this.inner.style.setProperty('--plot-left', area.x + 'px');
    this.inner.style.setProperty('--plot-width', area.w + 'px');
    showAxis(this.axis, this.app.times, area);
  }

  // --- the moment at the cursor --------------------------------------------------------

  showTime() {
    this.frame = 0;
    const { time } = this.app.store.choice;
    for (const one of this.charts)
      if (one.isSeen && one.isDrawn) showTime(one.chart, time);
  }

  read() {
    const one = this.charts[this.current];
    if (!one) return 'up and down choose a timeline';
    showTime(one.chart, this.app.store.choice.time);
    return safeName(one.chart.title, 100) + ', ' + one.chart.reading.textContent;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || event.target !== this.area || this.charts.length === 0) return;
    this.charts[this.current]?.figure.classList.remove('current');
    this.current = Math.min(this.charts.length - 1, Math.max(0, this.current + step));
    const one = this.charts[this.current];
    one.figure.classList.add('current');
    one.figure.scrollIntoView({ block: 'nearest' });
    if (this.app.store.choice.time === null) this.app.times.point(this.app.times.last);
    this.app.details.say(this.read());
    event.preventDefault();
  }
}
