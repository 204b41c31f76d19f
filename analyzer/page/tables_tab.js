/*
 * A tab for each of the document's tables (heap, threads, locks, ...). A row's
 * function lights up in the flame graph.
 */

class TableTab {
  /** @param {App} app @param {TableDescription} description */
  constructor(app, description) {
    const { labels } = app.model;
    const names = new Set(labels.name);
    const nameOf = (/** @type {number} */ row) => {
      const cells = description.rows[row];
      const exact = description.columns.findIndex((column) => column.unit === 'function');
      if (exact >= 0 && names.has(String(cells[exact]))) return String(cells[exact]);
      const found = cells.find((cell) => typeof cell === 'string' && names.has(cell));
      return found === undefined ? null : String(found);
    };
    this.status =
      make('p', { class: 'note', 'aria-live': 'polite', 'data-test': 'lit-' + description.name });
    const show = make('button', { type: 'button', onclick: () => app.store.set({ tab: 'flame' }) },
      'Show in the flame graph');
    const table = new DataTable({
      label: description.title,
      test: 'table-' + description.name,
      columns: description.columns,
      count: description.rows.length,
      cell: (row, i) => description.rows[row][i] ?? null,
      isChosen: (row) => app.store.choice.lit !== null && nameOf(row) === app.store.choice.lit,
      onChoose: (row) => {
        const name = nameOf(row);
        if (name === null)
          this.status.replaceChildren('No function of the flame graph in this row.');
        else
          app.store.set({ lit: app.store.choice.lit === name ? null : name });
      },
    });
    app.store.on(['lit'], ({ lit }) => {
      table.refresh(false);
      if (lit === null)
        this.status.replaceChildren();
      else
        this.status.replaceChildren(makeName(lit, 80), ' is lit up. ', show);
    });
    const note = description.note ? make('span', { class: 'quiet' }, ' ' + description.note) : null;
    this.element = make('section', { class: 'table-tab', 'aria-label': description.title },
      make('h2', {}, description.title, note), this.status, table.element);
  }
}
