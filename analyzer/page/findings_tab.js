/*
 * The tab of findings: what limits the program, how well it did, what may be done
 * about it, and which threads did best; each with the figures it follows from.
 */

/**
 * Links to functions, which light up.
 * @param {App} app @param {number[]} labels
 */
function makeFunctionLinks(app, labels) {
  const names = Array.from(new Set(labels.map((label) => app.model.labels.name[label])));
  return names.map((name) => {
    const button = make('button', {
      type: 'button',
      class: 'chip',
      title: 'light up in the flame graph',
      'aria-pressed': 'false',
      onclick: () => app.store.set(
        {...(app.store.choice.lit === name ? { lit: null } : litChoice(app, name)), cause: null }),
    },
      makeName(name, 60));
    app.store.on(['lit'], ({ lit }) => {
      button.setAttribute('aria-pressed', String(lit === name));
    });
    return button;
  });
}

/** @param {Judgement} judgement */
function makeClasses(judgement) {
  const known = judgement.classes.filter((one) => one.strength !== null)
                  .sort((a, b) => (b.strength ?? 0) - (a.strength ?? 0));
  const unknown = judgement.classes.filter((one) => one.strength === null);
  const rank = (/** @type {string} */ name) => name === judgement.verdict ? ' verdict'
    : name === judgement.runner_up                                        ? ' runner-up'
                                                                          : '';
  return make('table', { class: 'classes', 'data-test': 'classes' },
    make('caption', { class: 'unseen' }, 'Parts of thread time'),
    make('tbody', {},
      ...[...known, ...unknown].map(
        (one) => make('tr', { class: rank(one.name).trim() || null },
          make('th', { scope: 'row', class: 'text' }, one.name,
            make('span', { class: 'quiet' }, rank(one.name))),
          make('td', {
            class: 'number',
            style: '--share:' + (100 * (one.strength ?? 0)).toFixed(1) + '%',
          },
            one.strength === null ? make('span', { class: 'quiet' }, 'unavailable')
                                  : make('span', { class: 'bar' }),
            one.strength === null ? null : formatShare(one.strength, 1)),
          make('td', { class: 'evidence' }, makeName(one.evidence ?? '', 400))))));
}

/** @param {Judgement} judgement */
function makeScores(judgement) {
  return make('ul', { class: 'scores', 'data-test': 'scores' },
    ...judgement.scores.map(
      (score) => make('li', {},
        make('details', {},
          make('summary', {}, make('b', {}, score.name), ' ',
            score.value === null ? make('span', { class: 'quiet' }, 'unavailable')
                                 : String(Math.round(score.value)) + ' of 100'),
          make('p', {}, make('code', {}, score.formula)),
          make('p', {}, makeName(score.inputs ?? '', 400))))));
}

/** @param {App} app @param {Advice[]} advice */
function makeAdvice(app, advice) {
  return make('ol', { class: 'advice', 'data-test': 'advice' },
    ...advice.map(
      (one) => make('li', {},
        make('p', {}, make('b', {}, safeName(one.advice, 400)),
          one.share
            ? make('span', { class: 'quiet' }, ' ' + formatShare(one.share, 1) + ' at stake')
            : null),
        make('p', {}, makeName(one.finding, 1000)),
        one.labels.length > 0 ? make('p', { class: 'chips' }, ...makeFunctionLinks(app, one.labels))
                              : null)));
}

/** @param {App} app @param {Judgement} judgement */
function makeThreadRanking(app, judgement) {
  const { threads } = app.model.data;
  return new DataTable({
    label: 'Threads by efficiency',
    test: 'efficiency',
    columns: [
      { title: 'thread', unit: 'text' }, { title: 'efficiency', unit: 'percent' },
      { title: 'on-CPU', unit: 'nanoseconds' }, { title: 'idle', unit: 'nanoseconds' },
      { title: 'wall', unit: 'nanoseconds' }
    ],
    count: judgement.threads.length,
    cell: (row, column) => {
      const one = judgement.threads[row];
      const thread = threads[one.thread];
      return [
        thread ? thread.name + ' (' + thread.tid + ')' : '?',
        one.efficiency === null ? null : 100 * one.efficiency, one.cpu, one.idle, one.wall
      ][column];
    },
  });
}

/**
 * Why, without the verdict that stands before it.
 * @param {Judgement} judgement
 */
function verdictText({ title, text }) {
  const why = text ?? '';
  return why.startsWith(title + ': ') ? why.slice(title.length + 2) : why;
}

/** @param {App} app */
function makeFindings(app) {
  const { judgement, advice } = app.model.data;
  if (!judgement && (advice ?? []).length === 0) return null;
  const section = (/** @type {string} */ title, /** @type {(Node | null)[]} */...body) =>
    make('section', { 'aria-label': title }, make('h2', {}, title), ...body);
  /** @type {(HTMLElement | null)[]} */
  const sections = [
    judgement ? section('What limits it',
                  make('p', { class: 'why', 'data-test': 'verdict' },
                    make('b', {}, judgement.title), ' ', makeName(verdictText(judgement), 1000)),
                  make('p', { class: 'quiet' },
                    'Parts of thread time; one of ' + formatShare(judgement.least, 1) +
                      ' and more, and the largest, is the verdict.'),
                  makeClasses(judgement))
              : null,
    advice && advice.length > 0 ? section('What may be done', makeAdvice(app, advice)) : null,
    judgement ? section('Scores', makeScores(judgement)) : null,
    judgement && judgement.threads.length > 0
      ? section('Threads', make('p', { class: 'quiet' }, 'efficiency: ' + judgement.thread_formula),
          makeThreadRanking(app, judgement).element)
      : null
  ];
  return make('section', { class: 'findings-tab', 'aria-label': 'Findings' },
    make('div', { class: 'findings', tabindex: '0', role: 'region', 'aria-label': 'Findings' },
      ...sections));
}
