/*
 * What relations say, in words, and where they are shown. Its own file because
 * matrix, tables and timelines say the same.
 */

const CHIPS = 5;  // below a timeline, at most

/** @param {number} strength */
function formatStrength(strength) {
  return (strength > 0 ? '+' : strength < 0 ? '−' : '') + Math.abs(strength).toFixed(2);
}

/**
 * A lag, as finely as it is known: moments are so far apart.
 * @param {number} seconds @param {number} cell
 */
function formatLag(seconds, cell) {
  return seconds.toFixed(Math.max(0, Math.ceil(-Math.log10(cell) - 1e-9)))
           .replace(/^-(?=0\.?0*$)/, '') +
    ' s';
}

/** @param {number} seconds @param {number} cell @param {string} first @param {string} second */
function lagText(seconds, cell, first, second) {
  if (Number.parseFloat(formatLag(seconds, cell)) === 0) return 'at the same moment';
  const [cause, effect] = seconds > 0 ? [first, second] : [second, first];
  return effect + ' ' + formatLag(Math.abs(seconds), cell) + ' after ' + cause;
}

/**
 * @param {Relations} relations
 * @param {Relation} relation @param {string} first @param {string} second
 */
function relationText(relations, relation, first, second) {
  const cells = formatExact(relation.cells) + ' moments';
  if (relation.reason !== null || relation.strength === undefined)
    return first + ' and ' + second + ': insufficient data (' +
      safeName(relation.reason ?? '', 200) + '; ' + cells + ')';
  return first + ' and ' + second + ': ' + formatStrength(relation.strength) +
    ' (95 %: ' + formatStrength(relation.low ?? -1) + ' to ' + formatStrength(relation.high ?? 1) +
    '), ' + lagText(relation.lag_s ?? 0, relations.cell_s, first, second) + '; q ' +
    formatChance(relation.q ?? 1) + ', ' +
    (relation.significant ? 'significant' : 'not significant') + '; ' + cells +
    (relation.effective === undefined
        ? ''
        : ', worth ' + Math.round(relation.effective) + ' independent ones');
}

/**
 * A series by its whole name; whose it is only where there are several.
 * @param {Relations} relations @param {RelationSeries} series
 */
function relatedName(relations, series) {
  const owners = new Set(relations.series.flatMap(({ whose }) => whose ?? []));
  return resourceName(owners.size > 1 ? series : {...series, whose: null });
}

/** @param {number} q */
function formatChance(q) {
  return q === 0 ? '0' : q < 0.001 ? '<0.001' : q.toFixed(3);
}

/**
 * A pair of the matrix.
 * @param {Relations} relations @param {number} i @returns {Relation}
 */
function pairRelation(relations, i) {
  const { pairs } = relations;
  const number = (/** @type {(number | null)[]} */ column) => column[i] ?? undefined;
  return {
    reason: pairs.reason[i],
    cells: pairs.cells[i],
    strength: number(pairs.strength),
    lag_s: number(pairs.lag_s),
    low: number(pairs.low),
    high: number(pairs.high),
    q: number(pairs.q),
    significant: pairs.significant[i] === 1,
  };
}

/**
 * Lights a function up; where it has nothing of the metric that is shown, of one it has something of.
 * @param {App} app @param {string} name @returns {Partial<Choice>}
 */
function litChoice(app, name) {
  const { model, store } = app;
  const names = [store.choice.metric, 'wall', 'alloc-bytes'];
  const metric = names.find((one) => {
    const { total } = sumNodes(model, metricColumn(model, one));
    return total.some(
      (value, node) => value > 0 && node > 0 && model.labels.name[model.tree.label[node]] === name);
  });
  return { lit: name, metric: metric ?? store.choice.metric };
}

/**
 * Lights a function up, and draws it over what it explains; once more: no longer.
 * @param {App} app @param {RelationCause} cause
 */
function toggleCause(app, cause) {
  const isOff = app.store.choice.cause === cause;
  if (isOff)
    app.store.set({ lit: null, cause: null });
  else
    app.store.set({...litChoice(app, app.model.labels.name[cause.label]), cause });
}

/**
 * Functions that explain any of some series of resources, strongest first.
 * @param {Relations} relations @param {number[]} sources
 */
function causesOf(relations, sources) {
  return relations.series.filter((series) => sources.includes(series.resource))
    .flatMap((series) => series.causes.map((cause) => ({ series, cause })))
    .filter(({ cause }) => cause.relation.significant)
    .sort((a, b) =>
            Math.abs(b.cause.relation.strength ?? 0) - Math.abs(a.cause.relation.strength ?? 0));
}

/**
 * A button for each of the functions that a timeline goes with.
 * @param {App} app @param {Relations} relations @param {number[]} sources - of the timeline
 */
function makeCauseChips(app, relations, sources) {
  const chips = causesOf(relations, sources).slice(0, CHIPS).map(({ series, cause }) => {
    const name = app.model.labels.name[cause.label];
    const what = resourceTail(series);
    const button = make('button', {
      type: 'button',
      class: 'chip',
      title: relationText(relations, cause.relation, safeName(name, 80), safeName(what, 80)),
      onclick: () => toggleCause(app, cause),
    },
      sources.length > 1 ? make('span', { class: 'quiet' }, makeName(what, 40), ': ') : null,
      makeName(name, 40), ' ', formatStrength(cause.relation.strength ?? 0));
    const follow = () =>
      button.setAttribute('aria-pressed', String(app.store.choice.cause === cause));
    app.store.on(['cause'], follow);
    follow();
    return button;
  });
  return chips.length === 0
    ? null
    : make('div', { class: 'chips' }, make('span', { class: 'quiet' }, 'goes with'), ...chips);
}
