/*
 * The tab of functions, which is also what the flame graph is as text: self and
 * total of each, and beside it who calls the chosen one and what it calls (the
 * "sandwich").
 */

class FunctionsTab {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {number[]} */
    this.labels = [];
    this.callers = makeFlame(app, 'Callers of the chosen function', 'callers', false);
    this.callees = makeFlame(app, 'What the chosen function calls', 'callees', true);
    this.title = make('h2', { 'data-test': 'sandwich-title' });
    this.hint =
      make('p', { class: 'quiet' }, 'Choose a function to see its callers and what it calls.');
    this.graphs = make('div', { class: 'sandwich-graphs' }, make('h3', {}, 'Callers'),
      this.callers.element, make('h3', {}, 'Callees'), this.callees.element);
    this.holder = make('div', { class: 'functions-table' });
    this.element = make('div', { class: 'functions-tab' }, this.holder,
      make('section', { class: 'sandwich', 'aria-label': 'callers and callees' }, this.title,
        this.hint, this.graphs));
    app.store.on([...SUM_KEYS, 'label', 'tab'], (_, changed) => this.follow(changed));
    this.isStale = true;
  }

  /**
   * Made when it is looked at.
   * @param {Set<string>} changed
   */
  follow(changed) {
    if (SUM_KEYS.some((key) => changed.has(key))) this.isStale = true;
    if (this.app.store.choice.tab !== 'functions') return;
    if (this.isStale)
      this.makeTable();
    else if (changed.has('label'))
      this.table?.refresh(false);
    this.isStale = false;
    this.showFunction();
  }

  /** @returns {TableColumn[]} */
  columns() {
    const { metric: { unit }, changeUnit } = this.app.results;
    /** @type {TableColumn[]} */
    const columns = [{ title: 'self', unit }, { title: 'total', unit }];
    if (this.app.results.compares) {
      columns.push({ title: 'self +/-', unit: changeUnit, signed: true },
        { title: 'total +/-', unit: changeUnit, signed: true });
    }
    return columns.concat(
      { title: 'function', unit: 'function' }, { title: 'module', unit: 'text' });
  }

  makeTable() {
    const { app } = this;
    const { results } = app;
    const { labels } = app.model;
    const filter = this.table ? this.table.filter.value : '';
    const main = results.mainLabels;
    const before = results.compares ? results.labelSums('before') : null;
    const after = results.labelSums('after');
    const has = (/** @type {number} */ i) =>
      main.total[i] > 0 || (before !== null && (before.total[i] > 0 || after.total[i] > 0));
    this.labels = Array.from({ length: labels.count }, (_, i) => i).filter(has);
    const whole = results.main.total[0];
    const columns = this.columns();
    this.table = new DataTable({
      label: 'functions by ' + results.metric.title,
      test: 'functions',
      columns,
      count: this.labels.length,
      sorted: 0,
      cell: (row, i) => {
        const label = this.labels[row];
        const fromEnd = columns.length - i;
        if (fromEnd === 1) return labels.module[label].replace(/^.*\//, '');
        if (fromEnd === 2) return labels.name[label];
        if (i === 0) return main.self[label];
        if (i === 1) return main.total[label];
        if (!before) return null;
        return results.changeOf(i === 2 ? after.self[label] - before.self[label]
                                        : after.total[label] - before.total[label]);
      },
      bar: (row, i) =>
        (i > 1 || !(whole > 0) ? null
                               : (i === 0 ? main.self : main.total)[this.labels[row]] / whole),
      isChosen: (row) => this.labels[row] === app.store.choice.label,
      onChoose: (row) =>
        app.store.set({ label: this.labels[row], lit: labels.name[this.labels[row]] }),
    });
    if (filter) {
      this.table.filter.value = filter;
      this.table.refresh(true);
    }
    this.holder.replaceChildren(this.table.element);
  }

  showFunction() {
    const { app } = this;
    const { label } = app.store.choice;
    this.hint.hidden = label >= 0;
    this.graphs.hidden = label < 0;
    if (label < 0) return;
    const { total } = app.results.mainLabels;
    const { unit } = app.results.metric;
    this.title.replaceChildren(makeName(app.model.labels.name[label], 120),
      make('span', { class: 'quiet' },
        ' ' + formatValue(total[label], unit) + ', ' +
          preciseShare(total[label], app.results.main.total[0])));
    this.callers.setGraph(app.results.mergedGraph('callers', label));
    this.callees.setGraph(app.results.mergedGraph('callees', label));
    this.callers.resize();
    this.callers.element.scrollTop = this.callers.element.scrollHeight;
  }
}
