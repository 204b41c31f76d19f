/*
 * The matrix of relations of resources with each other: a table of coloured squares,
 * of which the keyboard walks from one to the next, and each is read out in words.
 */

const MATRIX_MOST = 60;  // series, at most: those that go with most others

class Matrix {
  /**
   * @param {App} app @param {Relations} relations
   * @param {(first: number, second: number, relation: Relation) => void} onChoose
   */
  constructor(app, relations, onChoose) {
    this.app = app;
    this.relations = relations;
    this.onChoose = onChoose;
    /** @type {Map<number, Map<number, number>>} */
    this.pairs = new Map();  // of series, to the number of the pair
    for (let i = 0; i < relations.pairs.first.length; i += 1) {
      this.put(relations.pairs.first[i], relations.pairs.second[i], i);
      this.put(relations.pairs.second[i], relations.pairs.first[i], i);
    }
    this.shown = this.chooseSeries();
    this.row = 0;
    this.column = 0;
    this.table = make('table', {
      class: 'matrix',
      role: 'grid',
      'aria-label': 'Correlations of resources with each other. Arrow keys walk',
      'data-test': 'matrix',
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
      onclick: (/** @type {MouseEvent} */ event) => this.onClick(event),
      onpointerover: (/** @type {MouseEvent} */ event) => this.onPoint(event),
    });
    // For the eye: readers of the screen are told by each square itself.
    this.reading =
      make('p', { class: 'matrix-reading', 'aria-hidden': 'true', 'data-test': 'matrix-reading' },
        'Point at a square for its figures; click or Enter shows both over time.');
    this.element =
      make('div', {}, make('div', { class: 'matrix-scroll' }, this.table), this.reading);
  }

  /** @param {number} first @param {number} second @param {number} pair */
  put(first, second, pair) {
    const row = this.pairs.get(first) ?? new Map();
    this.pairs.set(first, row.set(second, pair));
  }

  /** Those with pairs, in the order of the timelines. */
  chooseSeries() {
    const { significant } = this.relations.pairs;
    const weight = (/** @type {number} */ series) =>
      Array.from(this.pairs.get(series)?.values() ?? []).filter((pair) => significant[pair]).length;
    const place = (/** @type {number} */ series) => this.relations.series[series].resource >>> 0;
    return Array.from(this.pairs.keys())
      .map((series) => ({ series, weight: weight(series) }))
      .sort((a, b) => b.weight - a.weight || a.series - b.series)
      .slice(0, MATRIX_MOST)
      .map(({ series }) => series)
      .sort((a, b) => place(a) - place(b) || a - b);
  }

  /** @param {number} series */
  nameOf(series) {
    return safeName(relatedName(this.relations, this.relations.series[series]), 60);
  }

  /** Once, when it is first looked at: there are thousands of squares. */
  build() {
    if (this.table.rows.length > 0) return;
    const heads = this.shown.map(
      (series) => make('th', { scope: 'col' }, make('span', {}, makeName(this.nameOf(series)))));
    const rows = this.shown.map(
      (series, row) => make('tr', {}, make('th', { scope: 'row' }, makeName(this.nameOf(series))),
        ...this.shown.map((other, column) => this.makeCell(series, other, row, column))));
    this.table.append(
      make('thead', {}, make('tr', {}, make('td', {}), ...heads)), make('tbody', {}, ...rows));
  }

  /** @param {number} series @param {number} other @param {number} row @param {number} column */
  makeCell(series, other, row, column) {
    const relation = this.relationAt(row, column);
    const strength = relation?.strength ?? 0;
    const kind = series === other             ? 'self'
      : !relation || relation.reason !== null ? 'unknown'
      : relation.significant                  ? (strength > 0 ? 'more' : 'less')
                                              : 'weak';
    return make('td', {
      class: kind,
      role: 'gridcell',
      tabindex: row === 0 && column === 0 ? '0' : '-1',
      'aria-label': this.textAt(row, column),
      style: '--strength:' + Math.round(100 * Math.abs(strength)) + '%',
    });
  }

  /** @param {number} row @param {number} column */
  relationAt(row, column) {
    const pair = this.pairs.get(this.shown[row])?.get(this.shown[column]);
    return pair === undefined ? null : pairRelation(this.relations, pair);
  }

  /**
   * As the pair is stored, so that the lag is told the right way round.
   * @param {number} row @param {number} column @returns {[number, number]}
   */
  pairAt(row, column) {
    const [a, b] = [this.shown[row], this.shown[column]];
    const pair = this.pairs.get(a)?.get(b) ?? -1;
    return this.relations.pairs.first[pair] === b ? [b, a] : [a, b];
  }

  /** @param {number} row @param {number} column */
  textAt(row, column) {
    if (row === column) return this.nameOf(this.shown[row]) + ' with itself';
    const [first, second] = this.pairAt(row, column);
    const relation = this.relationAt(row, column);
    return relation
      ? relationText(this.relations, relation, this.nameOf(first), this.nameOf(second))
      : this.nameOf(first) + ' and ' + this.nameOf(second) + ': not compared';
  }

  // --- pointer and keyboard ----------------------------------------------------------

  /** @param {Event} event */
  cellOf(event) {
    const cell = /** @type {HTMLElement} */ (event.target).closest('td[role]');
    if (!(cell instanceof HTMLTableCellElement)) return null;
    const row = /** @type {HTMLTableRowElement} */ (cell.parentElement);
    return { row: row.rowIndex - 1, column: cell.cellIndex - 1 };
  }

  /** @param {MouseEvent} event */
  onPoint(event) {
    const at = this.cellOf(event);
    if (at) this.mark(at.row, at.column);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const at = this.cellOf(event);
    if (at) this.choose(at.row, at.column);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const at = this.cellOf(event);
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const step = new Map(Object.entries(steps)).get(event.key);
    if (!at) return;
    if (event.key === 'Enter' || event.key === ' ')
      this.choose(at.row, at.column);
    else if (step)
      this.focus(at.row + step[0], at.column + step[1]);
    else
      return;
    event.preventDefault();
  }

  /** @param {number} row @param {number} column */
  focus(row, column) {
    const last = this.shown.length - 1;
    const [y, x] = [Math.min(last, Math.max(0, row)), Math.min(last, Math.max(0, column))];
    this.squareAt(this.row, this.column)?.setAttribute('tabindex', '-1');
    this.row = y;
    this.column = x;
    const square = this.squareAt(y, x);
    square?.setAttribute('tabindex', '0');
    square?.focus();
    this.mark(y, x);
  }

  /** @param {number} row @param {number} column @returns {HTMLTableCellElement | undefined} */
  squareAt(row, column) {
    return this.table.rows[row + 1]?.cells[column + 1];
  }

  /**
   * Names of row and column, where the eye is.
   * @param {number} row @param {number} column
   */
  mark(row, column) {
    for (const marked of this.table.querySelectorAll('th.marked'))
      marked.classList.remove('marked');
    this.table.rows[row + 1]?.cells[0].classList.add('marked');
    this.table.rows[0]?.cells[column + 1].classList.add('marked');
    this.reading.textContent = this.textAt(row, column);
  }

  /** @param {number} row @param {number} column */
  choose(row, column) {
    const relation = this.relationAt(row, column);
    const [first, second] = this.pairAt(row, column);
    if (relation) this.onChoose(first, second, relation);
  }
}
