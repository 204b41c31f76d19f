/*
 * Tables: sorted by any column, filtered by text, of any length (the first rows
 * and a button for more). Rows are numbers; cells are asked for, so that a table
 * of 100 000 functions costs no object per row.
 */

const ROWS_SHOWN = 100;

/**
 * @typedef {object} TableOptions
 * @property {string} label
 * @property {string} test
 * @property {TableColumn[]} columns
 * @property {number} count - of rows
 * @property {(row: number, column: number) => TableCell} cell
 * @property {(row: number) => void} [onChoose]
 * @property {(row: number) => boolean} [isChosen]
 * @property {number} [sorted] - column, largest first
 * @property {((row: number, column: number) => number | null)} [bar] - share drawn behind a cell
 */

/** @param {Unit} unit */
function isTextUnit(unit) {
  return unit === 'text' || unit === 'function';
}

class DataTable {
  /** @param {TableOptions} options */
  constructor(options) {
    this.options = options;
    this.sorted = options.sorted ?? -1;
    this.isDescending = true;
    this.limit = ROWS_SHOWN;
    this.filter = make('input', {
      type: 'search',
      placeholder: 'filter',
      'aria-label': 'filter ' + options.label,
      'data-test': options.test + '-filter',
      spellcheck: 'false',
      oninput: () => this.refresh(true),
    });
    this.count =
      make('span', { class: 'quiet', 'aria-live': 'polite', 'data-test': options.test + '-count' });
    this.head = make('thead', {});
    this.body = make('tbody', {});
    this.more = make('button', { type: 'button', class: 'more', onclick: () => this.showMore() });
    const table = make('table', { 'data-test': options.test },
      make('caption', { class: 'unseen' }, options.label), this.head, this.body);
    this.scroll = make('div',
      { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': options.label }, table,
      this.more);
    this.bar = make('div', { class: 'table-bar' }, this.filter, this.count);
    this.element = make('div', { class: 'data-table' }, this.bar, this.scroll);
    this.makeHead();
    this.refresh(true);
  }

  makeHead() {
    const cells = this.options.columns.map(
      (column, i) => make('th', {
        scope: 'col',
        class: isTextUnit(column.unit) ? 'text' : 'number',
        'aria-sort': this.sorted !== i ? null
          : this.isDescending          ? 'descending'
                                       : 'ascending',
      },
        make('button', { type: 'button', onclick: () => this.sortBy(i) }, column.title)));
    this.head.replaceChildren(make('tr', {}, ...cells));
  }

  /** @param {number} column */
  sortBy(column) {
    const isText = isTextUnit(this.options.columns[column].unit);
    this.isDescending = this.sorted === column ? !this.isDescending : !isText;
    this.sorted = column;
    this.makeHead();
    this.refresh(true);
    /** @type {HTMLElement | undefined} */ (this.head.querySelectorAll('button')[column])?.focus();
  }

  showMore() {
    this.limit *= 5;
    this.refresh(false);
  }

  /** @param {number} row @param {string} wanted - lower case */
  contains(row, wanted) {
    return this.options.columns.some((column, i) => {
      const cell = this.options.cell(row, i);
      const text = typeof cell === 'string' ? cell
        : cell === null                     ? ''
                                            : formatValue(cell, column.unit);
      return text.toLowerCase().includes(wanted);
    });
  }

  /** Numbers of the rows left by the filter, sorted. */
  order() {
    const wanted = this.filter.value.trim().toLowerCase();
    const rows = [];
    for (let i = 0; i < this.options.count; i += 1)
      if (wanted === '' || this.contains(i, wanted)) rows.push(i);
    if (this.sorted < 0) return rows;
    const sign = this.isDescending ? -1 : 1;
    const cells = new Map(rows.map((row) => [row, this.options.cell(row, this.sorted)]));
    // Rows without a value stand last in either order.
    return rows.sort((a, b) => {
      const [x, y] = [cells.get(a) ?? null, cells.get(b) ?? null];
      if (x === null || y === null) return x === y ? a - b : x === null ? 1 : -1;
      return (x < y ? -sign : x > y ? sign : 0) || a - b;
    });
  }

  /** @param {boolean} fromTop */
  refresh(fromTop) {
    if (fromTop) this.limit = ROWS_SHOWN;
    const order = this.order();
    const shown = order.slice(0, this.limit);
    this.body.replaceChildren(...shown.map((row) => this.makeRow(row)));
    this.count.textContent = order.length === this.options.count
      ? formatExact(order.length) + (order.length === 1 ? ' row' : ' rows')
      : formatExact(order.length) + ' of ' + formatExact(this.options.count) + ' rows';
    this.more.hidden = shown.length === order.length;
    this.more.textContent = 'Show more of ' + formatExact(order.length) + ' rows';
  }

  /** @param {number} row */
  makeRow(row) {
    const { options } = this;
    const isChosen = options.isChosen ? options.isChosen(row) : false;
    const line =
      make('tr', { class: isChosen ? 'chosen' : null, 'aria-current': isChosen ? 'true' : null },
        ...options.columns.map((column, i) => this.makeCell(row, i, column)));
    if (options.onChoose) line.addEventListener('click', () => this.choose(row));
    return line;
  }

  /** @param {number} row */
  choose(row) {
    if (!this.options.onChoose) return;
    const hadFocus = this.body.contains(document.activeElement);
    this.options.onChoose(row);
    this.refresh(false);
    if (hadFocus) /** @type {HTMLElement | null} */
      (this.body.querySelector('.chosen button'))?.focus();
  }

  /** @param {number} row @param {number} i @param {TableColumn} column */
  makeCell(row, i, column) {
    const { options } = this;
    const value = options.cell(row, i);
    if (value === null) return make('td', { class: 'number quiet' }, '-');
    if (typeof value === 'number' && !isTextUnit(column.unit)) {
      const share = options.bar ? options.bar(row, i) : null;
      return make('td', {
        class: 'number',
        style: share === null
          ? null
          : '--share:' + (100 * Math.min(1, Math.max(0, share))).toFixed(1) + '%',
      },
        share === null ? null : make('span', { class: 'bar' }),
        column.signed ? formatChange(value, column.unit) : formatValue(value, column.unit));
    }
    const name = makeName(String(value));
    const isWay = options.onChoose && i === this.nameColumn();
    return make('td', { class: isWay ? 'text main' : 'text', title: safeName(String(value), 1000) },
      isWay ? make('button', { type: 'button', class: 'link' }, name) : name);
  }

  /** Where the button of a row goes: so that rows can be chosen by keyboard. */
  nameColumn() {
    const { columns } = this.options;
    const exact = columns.findIndex((column) => column.unit === 'function');
    if (exact >= 0) return exact;
    const named =
      columns.findIndex((column) => column.unit === 'text' && /function|name/i.test(column.title));
    return named >= 0 ? named : columns.findIndex((column) => column.unit === 'text');
  }
}
