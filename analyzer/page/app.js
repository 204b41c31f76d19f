/*
 * The page put together: views, what they share, keys that work anywhere. The one
 * file that runs by itself, once the document is there.
 */

class App {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.store = new Store({
      metric: model.data.metrics[0]?.name ?? '',
      side: 'after',
      thread: '',
      process: '',
      region: -1,
      window: null,
      order: 'heavy',
      icicle: true,
      tab: 'flame',
      label: -1,
      search: '',
      lit: null,
      cause: null,
      time: null,
    });
    this.results = new Results(model, this.store);
    this.palette = new Palette(model.labels);
    /** @type {string[]} */
    this.names = [];  // of labels, as the canvas shows them
    this.details = new Details(this);
    this.times = new Times(this);
    this.strip = new Strip(this);
    this.functions = new FunctionsTab(this);
    this.flameTab = new FlameTab(this);
    this.resources =
      this.model.data.resources ? new ResourcesTab(this, this.model.data.resources) : null;
    this.relations =
      this.model.data.relations ? new RelationsTab(this, this.model.data.relations) : null;
    this.help = makeHelp();
    this.search = makeSearch(this);
    this.build();
    this.store.on(['search'], () => this.showSearch());
    this.store.on([...SUM_KEYS, 'order'], () => this.showHits());
    this.store.on(['lit'], () => this.showLit());
    this.store.on(SUM_KEYS, () => this.announce());
    document.addEventListener('keydown', (event) => pageKey(this, event));
    // Another number of pixels to a pixel changes no element's size.
    window.addEventListener('resize', () => this.views.forEach((view) => view.resize()));
    this.flameTab.update();
  }

  get flame() {
    return this.flameTab.flame;
  }

  get views() {
    return [this.flame, this.functions.callers, this.functions.callees];
  }

  build() {
    const { data } = this.model;
    const help = make('button', {
      type: 'button',
      'aria-label': 'help: all keys',
      'data-test': 'help-button',
      onclick: () => this.help.showModal()
    },
      '?');
    this.theme = makeThemeButton(() => this.redraw());
    const { list, panels } = makeTabs(this.store, [
      { name: 'flame', title: 'Flame graph', element: this.flameTab.element },
      { name: 'functions', title: 'Functions', element: this.functions.element },
      ...this.madeTabs(),
      ...data.tables.map((table) => ({
        name: table.name.replace(/[^\w-]/g, '_'),
        title: safeName(table.title, 40),
        element: new TableTab(this, table).element
      })),
    ]);
    const tools = make('div', { class: 'tools' }, makeMetricChoice(this), makeSideChoice(this),
      this.strip.choices, makeFilters(this), this.search.element);
    const main =
      make('main', {}, make('div', { class: 'panels' }, ...panels), this.details.element);
    document.body.prepend(
      makeHeader(
        this, [make('span', { class: 'quiet' }, safeName(data.generator)), this.theme, help]),
      this.strip.element, tools, list, main);
    document.title = safeName(data.title, 80) + ' - profinject';
  }

  /** Tabs of what not every document has. */
  madeTabs() {
    const findings = makeFindings(this);
    /** @type {[string, string, HTMLElement | undefined | null][]} */
    const tabs = [
      ['findings', 'Findings', findings], ['resources', 'Resources', this.resources?.element],
      ['correlations', 'Correlations', this.relations?.element]
    ];
    return tabs.flatMap(([name, title, element]) => (element ? [{ name, title, element }] : []));
  }

  redraw() {
    this.strip.draw();
    this.resources?.draw();
    this.relations?.pair.draw();
    this.views.forEach((view) => view.repaint(true));
  }

  /** @param {Graph} graph @param {number} node */
  shownName(graph, node) {
    if (node === 0) return safeName(frameName(this, graph, node));
    const label = graph.tree.label[node];
    return this.names[label] ??= safeName(frameName(this, graph, node));
  }

  /** @param {number} label */
  showFunction(label) {
    this.store.set({ label, tab: 'functions', lit: this.model.labels.name[label] });
  }

  focusGraph() {
    const { tab } = this.store.choice;
    if (tab !== 'flame' && tab !== 'functions') this.store.set({ tab: 'flame' });
    (this.store.choice.tab === 'functions' ? this.functions.callees : this.flame).element.focus();
  }

  /** @param {FlameView} view */
  followZoom(view) {
    if (view !== this.flame) return;
    this.flameTab.showCrumbs();
    this.showHits();
  }

  /**
   * What the details show while nothing is pointed at.
   * @param {FlameView} view
   */
  showZoomed(view) {
    if (document.activeElement === view.element)
      this.details.show(view.graph, view.focused);
    else if (view.zoomed !== 0)
      this.details.show(view.graph, view.zoomed);
    else
      this.details.clear();
  }

  // --- search, lit functions -------------------------------------------------------

  showSearch() {
    const pattern = compileSearch(this.store.choice.search);
    const { input } = this.search;
    input.setAttribute('aria-invalid', String(pattern === undefined));
    if (pattern === undefined) {
      this.search.hits.textContent = 'not a regular expression';
      return;
    }
    const matches =
      pattern ? matchLabels(this.model.labels, pattern, this.model.data.threads.length) : null;
    for (const view of this.views) {
      view.matches = matches;
      view.repaint();
    }
    this.showHits();
  }

  showHits() {
    const { matches, graph, zoomed } = this.flame;
    if (compileSearch(this.store.choice.search) === undefined) return;
    if (!matches) {
      this.search.hits.textContent = '';
      return;
    }
    const share = preciseShare(matchedTotal(graph, matches, 0), graph.total[0]);
    const inView = zoomed === 0 ? ''
                                : ', ' +
        preciseShare(matches[graph.tree.label[zoomed]] ? graph.total[zoomed]
                                                       : matchedTotal(graph, matches, zoomed),
          graph.total[zoomed]) +
        ' of view';
    this.search.hits.textContent = 'matched ' + share + inView;
  }

  /** @param {number} step - 1 or -1 */
  nextHit(step) {
    const { matches, graph, focused } = this.flame;
    const { count, label } = graph.tree;
    if (!matches) return;
    for (let i = 1; i <= count; i += 1) {
      const node = (((focused + step * i) % count) + count) % count;
      if (node !== 0 && matches[label[node]] && graph.total[node] > 0) {
        this.store.set({ tab: 'flame' });
        this.flame.element.focus();
        walkTo(this.flame, node);
        return;
      }
    }
  }

  showLit() {
    const { lit } = this.store.choice;
    const labels =
      lit === null ? null : namedLabels(this.model.labels, lit, this.model.data.threads.length);
    for (const view of this.views) {
      view.lit = labels;
      view.repaint();
    }
  }

  announce() {
    const { metric, main } = this.results;
    const { window } = this.store.choice;
    const [from, to] = this.times.chosen();
    this.details.say((window ? formatTime(from) + ' to ' + formatTime(to) + ': ' : '') +
      metric.title + ' ' + formatValue(main.net, metric.unit));
  }
}

/** @param {App} app @param {string} key @returns {boolean} */
function pageCommand(app, key) {
  const tabs = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[role=tab]'));
  const tab = key >= '1' && key <= '9' ? tabs[Number(key) - 1] : undefined;
  if (key === '?')
    app.help.showModal();
  else if (key === 'n' || key === 'N')
    app.nextHit(key === 'n' ? 1 : -1);
  else if (key === 'f')
    app.focusGraph();
  else if (key === 't')
    app.strip.area.focus();
  else if (key === 'm') /** @type {HTMLElement | null} */
    (document.querySelector('[data-test=metric]'))?.focus();
  else if (key === 'Escape')
    app.store.set({ search: '', lit: null, cause: null });
  else if (tab)
    tab.click();
  else
    return false;
  return true;
}

/** @param {App} app @param {KeyboardEvent} event */
function pageKey(app, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const isFind = (event.ctrlKey || event.metaKey) && event.key === 'f';
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
  if (isFind || (event.key === '/' && !isTyping)) {
    app.search.input.focus();
    app.search.input.select();
  } else if (isTyping || event.ctrlKey || event.metaKey || event.altKey ||
    !pageCommand(app, event.key)) {
    return;
  }
  event.preventDefault();
}

async function startPage() {
  const begin = performance.now();
  const text = document.getElementById('data')?.textContent ?? '';
  const waiting = make('p', { class: 'waiting', role: 'status' }, 'Unpacking the recording …');
  document.body.prepend(waiting);
  try {
    const app = new App(makeModel(await unpackDocument(text)));
    waiting.remove();
    app.strip.draw();
    window.profinject = makeProbe(app, performance.now() - begin);
  } catch (error) {
    waiting.textContent =
      'This report cannot be shown: ' + error + '. It takes a browser of 2023 or later.';
    throw error;
  }
}

document.addEventListener('DOMContentLoaded', () => {
  startPage();
});
