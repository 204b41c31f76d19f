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
    'aria-label': 'metric',
    'data-test': 'metric',
    onchange: () => app.store.set({ metric: select.value }),
  },
    ...(metrics.length > 0 ? metrics.map((metric) => makeOption(metric.name, metric.title))
                           : [makeOption('', 'nothing recorded')]));
  const total = make('span', { class: 'total', 'data-test': 'total' });
  const follow = () => {
    const { metric, main, other, comparesShares } = app.results;
    const label = comparesShares ? '(before scaled to it)'
      : other                    ? 'against ' + formatValue(other.net, metric.unit)
                                 : metric.label && '(' + metric.label + ')';
    select.value = metric.name;
    total.replaceChildren(make('b', {}, formatValue(main.net, metric.unit)), ' ',
      make('span', { class: 'quiet', title: label }, label));
  };
  app.store.on(SUM_KEYS, follow);
  follow();
  return make('span', { class: 'tool' }, select, total);
}

/**
 * Names that several have stand first, as one choice.
 * @param {string} all @param {string} many @param {[string, number][]} items - name and id
 */
function namedOptions(all, many, items) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  items.forEach(([name]) => counts.set(name, (counts.get(name) ?? 0) + 1));
  const several = Array.from(counts).filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1]);
  return [
    makeOption('', all), ...several.map(([name,
      count]) => makeOption('n:' + name, safeName(name, 40) + ', ' + count + ' ' + many)),
    ...items.map(([name, id], i) => makeOption('t:' + i, safeName(name, 40) + ' (' + id + ')'))
  ];
}

/** @param {App} app */
function makeFilters(app) {
  const { store } = app;
  const { threads, processes, regions } = app.model.data;
  /** @type {HTMLElement[]} */
  const filters = [];
  const add = (/** @type {'thread' | 'process' | 'region'} */ key,
    /** @type {HTMLSelectElement} */ select) => {
    select.addEventListener(
      'change', () => store.set({ [key]: key === 'region' ? Number(select.value) : select.value }));
    store.on([key], () => {
      select.value = String(store.choice[key]);
    });
    filters.push(select);
  };
  if (processes.length > 1) {
    add('process',
      make('select', { 'aria-label': 'process', 'data-test': 'process' },
        ...namedOptions('All ' + formatExact(processes.length) + ' processes', 'processes',
          processes.map(({ comm, pid }) => [comm, pid]))));
  }
  if (threads.length > 1) {
    add('thread',
      make('select', { 'aria-label': 'thread', 'data-test': 'thread' },
        ...namedOptions('All ' + formatExact(threads.length) + ' threads', 'threads',
          threads.map(({ name, tid }) => [name, tid]))));
  }
  if (regions.length > 1) {
    add('region',
      make('select', { 'aria-label': 'region', 'data-test': 'region' },
        makeOption('-1', 'All regions'),
        ...regions.map(
          (name, i) => makeOption(String(i), i === 0 ? 'outside regions' : safeName(name, 60)))));
  }
  const reset = make('button', {
    type: 'button',
    'data-test': 'reset',
    onclick: () => store.set({ thread: '', process: '', region: -1, window: null }),
  },
    'Show all');
  const follow = () => {
    const { choice } = store;
    reset.hidden =
      choice.thread === '' && choice.process === '' && choice.region < 0 && choice.window === null;
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
    'aria-label': 'widths from',
    'data-test': 'side',
    onchange: () => app.store.set({ side: select.value === 'before' ? 'before' : 'after' }),
  },
    makeOption('after', 'Widths: after'), makeOption('before', 'Widths: before'));
  return make('span', { class: 'tool' }, select);
}

/** @param {App} app */
function makeSearch(app) {
  const { store } = app;
  const input = make('input', {
    type: 'search',
    placeholder: 'Search: text or /regex/',
    'aria-label': 'search functions: text, or a regular expression between slashes',
    spellcheck: 'false',
    'data-test': 'search',
    oninput: () => store.set({ search: input.value }),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Escape') store.set({ search: '' });
      if (event.key === 'Escape' || event.key === 'Enter') app.focusGraph();
    },
  });
  const hits = make('output', { class: 'hits', 'aria-live': 'polite', 'data-test': 'hits' });
  store.on(['search'], () => {
    if (input.value !== store.choice.search) input.value = store.choice.search;
  });
  return { element: make('span', { class: 'tool search' }, input, hits), input, hits };
}
