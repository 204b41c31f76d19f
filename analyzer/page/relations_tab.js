/*
 * The tab of correlations: functions that explain resources, resources with each
 * other, and what could not be compared, with the reason.
 */

/**
 * Rows of the table: every function of every series, the strongest first.
 * @param {Relations} relations
 */
function causeRows(relations) {
  const rows =
    relations.series.flatMap((series) => series.causes.map((cause) => ({ series, cause })));
  const weight = (/** @type {Relation} */ r) =>
    (r.significant ? 2 : 0) + Math.abs(r.strength ?? -1);
  return rows.sort((a, b) => weight(b.cause.relation) - weight(a.cause.relation));
}

/** @param {Relation} relation */
function intervalText({ low, high }) {
  return low === undefined || high === undefined
    ? null
    : formatStrength(low) + ' to ' + formatStrength(high);
}

/** @param {Relation} relation */
function chanceText(relation) {
  if (relation.q === undefined) return 'insufficient data';
  return formatChance(relation.q) + (relation.significant ? '' : ' n.s.');
}

/** @type {TableColumn[]} */
const CAUSE_COLUMNS = [
  { title: 'function', unit: 'function' },
  { title: 'by its', unit: 'text' },
  { title: 'goes with', unit: 'text' },
  { title: 'strength', unit: 'strength' },
  { title: '95 %', unit: 'text' },
  { title: 'follows after', unit: 'text' },
  { title: 'q', unit: 'text' },
  { title: 'in its time', unit: 'percent' },
  { title: 'its time', unit: 'percent' },
];

class RelationsTab {
  /** @param {App} app @param {Relations} relations */
  constructor(app, relations) {
    this.app = app;
    this.relations = relations;
    this.rows = causeRows(relations);
    this.pair = new PairView(app,
      app.model.data.resources ?? { start_s: 0, cell_s: 1, cells: 0, left_out: 0, series: [] });
    this.matrix = new Matrix(app, relations, (first, second, relation) => {
      app.store.set({ cause: null });
      this.showPair(first, second, relation);
    });
    this.table = this.makeTable();
    this.element = make('section', { class: 'relations-tab', 'aria-label': 'Correlations' },
      make('p', { class: 'note', 'data-test': 'relations-note' }, this.noteText()),
      this.pair.element, make('div', { class: 'relations-scroll' }, ...this.sections()));
    app.store.on(['tab'], ({ tab }) => {
      if (tab !== 'correlations') return;
      this.matrix.build();
      this.pair.draw();
    });
    app.store.on(['cause'], ({ cause }) => this.showCause(cause));
  }

  noteText() {
    const { reason, tested, significant, functions } = this.relations;
    if (reason !== null) return 'Insufficient data: ' + safeName(reason, 300) + '.';
    return formatExact(tested) + ' pairs of a resource and a function were tested (' +
      formatExact(functions) + ' functions), ' + formatExact(significant) +
      ' are significant: of those called so 5 % may be wrong (n.s.: not significant). That two go together does not say ' +
      'that one causes the other.';
  }

  sections() {
    const { named, pairs } = this.relations;
    const section = (/** @type {string} */ title, /** @type {HTMLElement} */ body) =>
      make('section', { 'aria-label': title }, make('h2', {}, title), body);
    const missing = this.missing();
    return [
      this.rows.length > 0 ? section('Functions that go with a resource', this.table.element)
                           : null,
      pairs.first.length > 0 ? section('Resources with each other', this.makeMatrix()) : null,
      named.length > 0
        ? section('Always told',
            make('ul', { class: 'named' },
              ...named.map((one) => make('li', {}, make('b', {}, safeName(one.name, 60)), ' ',
                             relationText(this.relations, one.relation, safeName(one.first, 80),
                               safeName(one.second, 80))))))
        : null,
      missing.length > 0 ? section('Not compared', make('ul', { class: 'missing' }, ...missing))
                         : null,
    ].filter((one) => one !== null);
  }

  makeMatrix() {
    const left = this.matrix.pairs.size - this.matrix.shown.length;
    const legend =
      make('p', { class: 'matrix-legend quiet' }, make('i', { class: 'more' }), 'rise together ',
        make('i', { class: 'less' }), 'one rises as the other falls ', make('i', { class: 'weak' }),
        'not significant ', make('i', { class: 'unknown' }), 'insufficient data',
        left > 0 ? '; ' + formatExact(left) + ' with fewest relations are not shown' : null);
    return make('div', {}, legend, this.matrix.element);
  }

  missing() {
    /** @type {Map<string, string[]>} */
    const reasons = new Map();
    for (const series of this.relations.series) {
      if (series.reason === null) continue;
      reasons.set(series.reason,
        [...(reasons.get(series.reason) ?? []), relatedName(this.relations, series)]);
    }
    return Array.from(reasons,
      ([reason, names]) => make('li', {}, make('b', {}, 'insufficient data'), ' (',
        makeName(reason, 300), '): ', makeName(names.join(', '), 1000)));
  }

  makeTable() {
    const { app, rows, relations } = this;
    return new DataTable({
      label: 'Functions that go with a resource',
      test: 'causes',
      columns: CAUSE_COLUMNS,
      count: rows.length,
      cell: (row, column) => {
        const { series, cause } = rows[row];
        const { relation } = cause;
        return [
          app.model.labels.name[cause.label], relations.activities[cause.activity],
          relatedName(relations, series), relation.strength ?? null, intervalText(relation),
          relation.lag_s === undefined ? null : formatLag(relation.lag_s, relations.cell_s),
          chanceText(relation),
          cause.share === null || !relation.significant ? null : 100 * cause.share,
          cause.share === null || cause.share_of_time === null || !relation.significant
            ? null
            : 100 * cause.share_of_time
        ][column] ??
          null;
      },
      isChosen: (row) => rows[row].cause === app.store.choice.cause,
      onChoose: (row) => toggleCause(app, rows[row].cause),
    });
  }

  // --- what is chosen ------------------------------------------------------------------

  /** @param {RelationCause | null} cause */
  showCause(cause) {
    this.table.refresh(false);
    const found = this.rows.find((row) => row.cause === cause);
    if (!found) {
      this.pair.clear();
      return;
    }
    const { model } = this.app;
    const name = safeName(model.labels.name[found.cause.label], 80);
    const { relation, share, share_of_time: time } = found.cause;
    const text =
      relationText(this.relations, relation, name, relatedName(this.relations, found.series)) +
      (share !== null && time !== null && relation.significant
          ? '; ' + formatShare(share, 1) + ' of it in ' + formatShare(time, 1) + ' of the time'
          : '');
    this.pair.set(found.series.resource, causeActivity(model, found.cause),
      text + (found.series.changes ? ' (what is added to it per second is compared)' : ''), true);
  }

  /** @param {number} first @param {number} second @param {Relation} relation */
  showPair(first, second, relation) {
    const { series } = this.relations;
    const { resources } = this.app.model.data;
    const other = resources?.series[series[second].resource];
    const title = safeName(relatedName(this.relations, series[second]), 60);
    const activity = resources && other && other.value ? {
      series: {
        name: title,
        title,
        unit: other.unit,
        group: '',
        time: [],
        value: [],
        label: SAME_HEIGHT
      },
      cells: resourceRows(resources, [other]).map((row) => row[1]),
    }
                                                       : null;
    this.pair.set(series[first].resource, activity,
      relationText(
        this.relations, relation, safeName(relatedName(this.relations, series[first]), 60), title),
      false);
  }
}
