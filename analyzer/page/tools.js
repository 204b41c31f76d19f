/*
 * The row of choices: metric, thread, process, region, search. Each is a plain
 * control of the browser, so that keyboard and readers of the screen know it.
 */

/** @param {string} value @param {string} text @param {boolean} [disabled] */
function makeOption(value, text, disabled = false) {
  return make('option', { value, disabled }, text);
}

/** @param {App} app */
function makeMetricChoice(app) {
  const { metrics } = app.model.data;
  const select = make('select', {
    'aria-label': 'metric', 'data-test': 'metric', onchange: () => app.store.set({ metric: select.value }),
  }, ...metrics.map((metric) => makeOption(metric.name, metric.title)));
  const total = make('output', { class: 'total', 'data-test': 'total', 'aria-live': 'polite' });
  const follow = () => {
    const { metric, main } = app.results;
    select.value = metric.name;
    total.textContent = formatValue(main.total[0], metric.unit) + (metric.label ? ' (' + metric.label + ')' : '');
  };
  app.store.on(SUM_KEYS, follow);
  follow();
  return make('span', { class: 'tool' }, select, total);
}

/**
 * Threads: names that several have stand first, as one choice.
 * @param {App} app
 */
function threadOptions(app) {
  const { threads } = app.model.data;
  /** @type {Map<string, number>} */
  const counts = new Map();
  threads.forEach((thread) => counts.set(thread.name, (counts.get(thread.name) ?? 0) + 1));
  const several = Array.from(counts).filter(([, count]) => count > 1);
  const options = [makeOption('', 'All ' + formatExact(threads.length) + ' threads')];
  several.forEach(([name, count]) => options.push(makeOption('n:' + name, safeName(name, 40) + ' (' + count + ' threads)')));
  threads.forEach((thread, i) => options.push(makeOption('t:' + i, safeName(thread.name, 40) + ' (' + thread.tid + ')')));
  return options;
}

/** @param {App} app */
function makeFilters(app) {
  const { store } = app;
  const { threads, processes, regions } = app.model.data;
  /** @type {HTMLElement[]} */
  const filters = [];
  const add = (/** @type {HTMLSelectElement} */ select, /** @type {() => string} */ value) => {
    store.on(['thread', 'process', 'region'], () => { select.value = value(); });
    filters.push(select);
  };
  const thread = make('select', {
    'aria-label': 'threads', 'data-test': 'thread', onchange: () => store.set({ thread: thread.value }),
  }, ...threadOptions(app));
  const process = make('select', {
    'aria-label': 'process', 'data-test': 'process', onchange: () => store.set({ process: Number(process.value) }),
  }, makeOption('-1', 'All ' + processes.length + ' processes'),
  ...processes.map(({ comm, pid }, i) => makeOption(String(i), safeName(comm, 40) + ' (' + pid + ')')));
  const region = make('select', {
    'aria-label': 'region', 'data-test': 'region', onchange: () => store.set({ region: Number(region.value) }),
  }, makeOption('-1', 'All regions'), ...regions.map((name, i) => makeOption(String(i), i === 0 ? 'outside regions' : safeName(name, 60))));
  if (processes.length > 1) add(process, () => String(store.choice.process));
  if (threads.length > 1) add(thread, () => store.choice.thread);
  if (regions.length > 1) add(region, () => String(store.choice.region));
  const reset = make('button', {
    type: 'button', 'data-test': 'reset', onclick: () => store.set({ thread: '', process: -1, region: -1, window: null }),
  }, 'Show all');
  const follow = () => {
    const { choice } = store;
    reset.hidden = choice.thread === '' && choice.process < 0 && choice.region < 0 && choice.window === null;
  };
  store.on(['thread', 'process', 'region', 'window'], follow);
  follow();
  return make('span', { class: 'tool filters' }, ...filters, reset);
}

/** @param {App} app */
function makeSideChoice(app) {
  const { diff } = app.model.data;
  if (!diff) return null;
  const select = make('select', {
    'aria-label': 'widths from', 'data-test': 'side',
    onchange: () => app.store.set({ side: select.value === 'before' ? 'before' : 'after' }),
  }, makeOption('after', 'Widths: after'), makeOption('before', 'Widths: before'));
  return make('span', { class: 'tool' }, select);
}

/** @param {App} app */
function makeSearch(app) {
  const { store } = app;
  const input = make('input', {
    type: 'search', placeholder: 'Search: text or /regex/', 'aria-label': 'search functions: text, or a regular expression between slashes',
    spellcheck: 'false', 'data-test': 'search', oninput: () => store.set({ search: input.value }),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Escape') store.set({ search: '' });
      if (event.key === 'Escape' || event.key === 'Enter') app.focusGraph();
    },
  });
  const hits = make('output', { class: 'hits', 'aria-live': 'polite', 'data-test': 'hits' });
  store.on(['search'], () => { if (input.value !== store.choice.search) input.value = store.choice.search; });
  return { element: make('span', { class: 'tool search' }, input, hits), input, hits };
}
