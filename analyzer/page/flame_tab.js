/*
 * The tab with the flame graph of everything chosen: path of the zoom, order and
 * direction, legend, the graph and the details beside it.
 */

/** @param {App} app @param {Graph} graph @param {number} node */
function frameColour(app, graph, node) {
  const { tree, total, off, other } = graph;
  if (other) {
    const isAfter = app.store.choice.side === 'after';
    const [after, before] = isAfter ? [total[node], other[node]] : [other[node], total[node]];
    return changeColour(after, before, Math.max(total[0], other[0]));
  }
  if (node === 0 && !graph.rootName) return cssColour(FRAME_COLOURS.mark);
  return app.palette.of(tree.label[node], off && total[node] > 0 ? off[node] / total[node] : 0);
}

/** @param {App} app @param {string} label @param {string} test @param {boolean} icicle */
function makeFlame(app, label, test, icicle) {
  return new FlameView({
    label,
    test,
    icicle,
    colour: (view, node) => frameColour(app, view.graph, node),
    name: (view, node) => app.shownName(view.graph, node),
    onHover: (view, node, event) => {
      app.details.showTip(view.graph, node, event);
      if (node >= 0)
        app.details.show(view.graph, node);
      else
        app.showZoomed(view);
    },
    onFocus: (view, node) => {
      app.details.show(view.graph, node);
      app.details.say(frameSentence(app, view.graph, node));
    },
    onZoom: (view) => app.followZoom(view),
    onChoose: (view, node) => {
      const number = view.graph.tree.label[node];
      if ((node !== 0 || view.graph.rootName) && number < app.model.labels.count)
        app.showFunction(number);
    },
  });
}

/**
 * What the legend names: only colours that are there.
 * @param {App} app @returns {[Colour, string][]}
 */
function legendEntries(app) {
  const { labels } = app.model;
  /** @type {[Colour, string][]} */
  const entries = [];
  if (app.results.compares) {
    return [
      [FRAME_COLOURS.grown, 'grew'], [FRAME_COLOURS.same, 'the same'],
      [FRAME_COLOURS.shrunk, 'shrank'], [FRAME_COLOURS.rest, 'too narrow to draw']
    ];
  }
  const has = (/** @type {(i: number) => boolean} */ test) => labels.kind.some((_, i) => test(i));
  entries.push([[240, 154, 84], 'function, hue by module']);
  if (has((i) => labels.kind[i] === KIND_INLINED)) entries.push([FRAME_COLOURS.inlined, 'inlined']);
  if (has((i) => labels.kind[i] === KIND_KERNEL)) entries.push([FRAME_COLOURS.kernel, 'kernel']);
  if (has((i) => labels.off[i] === 1 && labels.name[i] !== RUNNABLE_MARK)) {
    entries.push([FRAME_COLOURS.off, 'off-CPU, and frames as far as they are']);
  }
  if (has((i) => labels.name[i] === RUNNABLE_MARK))
    entries.push([FRAME_COLOURS.runnable, 'runnable']);
  if (has((i) => labels.kind[i] === KIND_MARK && !labels.off[i]))
    entries.push([FRAME_COLOURS.mark, 'not the program’s code']);
  entries.push([FRAME_COLOURS.rest, 'too narrow to draw']);
  return entries;
}

/** @param {App} app */
function makeLegend(app) {
  const entries = legendEntries(app).map(([colour, text]) => make('li', {}, make('span', {
    class: colour === FRAME_COLOURS.rest ? 'swatch thin' : 'swatch',
    style: 'background:' + cssColour(colour),
  }),
                                           text));
  return make(
    'ul', { class: 'legend', 'aria-label': 'colours', 'data-test': 'legend' }, ...entries);
}

class FlameTab {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.flame = makeFlame(app,
      'Flame graph: arrow keys walk, Enter zooms, s shows callers and callees; ' +
        'the tab Functions is the same as a table',
      'flame', app.store.choice.icicle);
    this.crumbs = make('ol', { class: 'crumbs', 'data-test': 'crumbs' });
    this.note = make('p', { class: 'note', 'data-test': 'note' });
    this.element = make('div', { class: 'flame-tab' },
      make('div', { class: 'flame-bar' }, make('nav', { 'aria-label': 'zoomed to' }, this.crumbs),
        this.controls()),
      this.note, this.flame.element, makeLegend(app));
    app.store.on([...SUM_KEYS, 'order'], () => this.update());
    app.store.on(['icicle'], (choice) => this.flame.setIcicle(choice.icicle));
  }

  controls() {
    const { app } = this;
    const { store } = app;
    const order = make('select', {
      'aria-label': 'order of frames',
      'data-test': 'order',
      onchange: () => store.set({ order: /** @type {any} */ (order.value) }),
    },
      make('option', { value: 'heavy' }, 'Heaviest first'),
      make('option', { value: 'time' }, 'In order of time'),
      make('option', { value: 'name' }, 'By name'));
    const icicle = make('select', {
      'aria-label': 'direction',
      'data-test': 'icicle',
      onchange: () => store.set({ icicle: icicle.value === 'icicle' }),
    },
      makeOption('icicle', 'Icicle: root on top'),
      makeOption('flame', 'Flame: root at the bottom'));
    const follow = () => {
      order.value = store.choice.order;
      icicle.value = store.choice.icicle ? 'icicle' : 'flame';
      order.options[1].disabled = !app.results.canOrderByTime;
    };
    store.on(['order', 'icicle', 'metric'], follow);
    follow();
    return make('div', { class: 'flame-controls' }, order, icicle);
  }

  update() {
    this.flame.setGraph(this.app.results.graph);
    this.flame.empty.textContent = this.emptyText();
    this.showNote();
    this.app.followZoom(this.flame);
    this.app.details.clear();
  }

  emptyText() {
    const { choice } = this.app.store;
    const isFiltered =
      choice.thread !== '' || choice.process !== '' || choice.region >= 0 || choice.window !== null;
    return isFiltered ? 'Nothing of this metric in what is chosen.' : 'Nothing was sampled.';
  }

  /** What the picture leaves out. */
  showNote() {
    const { results, store, model } = this.app;
    const notes = [];
    const { metric } = results;
    if (store.choice.window && !results.isWindowed)
      notes.push(metric.title + ' is not known by time: shown for the whole recording');
    if (store.choice.order === 'time' && !results.canOrderByTime)
      notes.push(metric.title + ' is not known by time: heaviest first');
    if (store.choice.order === 'time' && results.canOrderByTime) {
      const gap = timeGap(model, store.choice) * (model.slices?.width ?? 0);
      notes.push('each thread in order of time; calls less than ' + formatValue(gap, 's') +
        ' apart are drawn as one');
    }
    if (results.main.negative < 0)
      notes.push(
        'negative total ' + formatValue(results.main.negative, metric.unit) + ', not drawn');
    const { diff } = model.data;
    if (diff) {
      notes.push((results.measured ? 'compared by share: ' + results.measured + '; ' : '') +
        'widths: ' + (store.choice.side === 'after' ? diff.after : diff.before));
    }
    this.note.textContent = notes.join('; ');
    this.note.hidden = notes.length === 0;
  }

  showCrumbs() {
    const { graph } = this.flame;
    const path = graph.path(this.flame.zoomed);
    const shown = path.length > 8 ? [...path.slice(0, 3), -1, ...path.slice(-4)] : path;
    this.crumbs.replaceChildren(
      ...shown.map((node) => make('li', {},
                     node < 0 ? '…'
                              : make('button', {
                                  type: 'button',
                                  title: safeName(frameName(this.app, graph, node)),
                                  'aria-current': node === this.flame.zoomed ? 'location' : null,
                                  onclick: () => this.flame.zoom(node),
                                },
                                  makeName(frameName(this.app, graph, node), 40)))));
  }
}
