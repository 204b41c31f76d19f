/*
 * The panel of details, the tip at the pointer and the text for readers of the
 * screen. Its own file because all three follow the frame pointed at or focused.
 */

const TOP_ROWS = 12;
const DETAILS_NAME = 4000;  // characters; of longer names the length is told

/** @param {[string, string][]} rows */
function makeRows(rows) {
  const list = make('dl', {});
  for (const [key, value] of rows) list.append(make('dt', {}, key), make('dd', {}, value));
  return list;
}

class Details {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.body = make('div', { class: 'details-body', 'data-test': 'details' });
    this.element =
      make('aside', { class: 'details', 'aria-label': 'details of a frame' }, this.body);
    this.tip = make('div', { class: 'tip', role: 'tooltip', hidden: true, 'data-test': 'tip' });
    this.live = make('div', { class: 'unseen', 'aria-live': 'polite', 'data-test': 'live' });
    document.body.append(this.tip, this.live);
  }

  /** While nothing is pointed at: where the most went, or what changed most. */
  clear() {
    const { metric, compares } = this.app.results;
    const title = compares ? 'Most changed' : 'Top functions';
    this.body.replaceChildren(make('h2', { class: 'plain' }, title,
                                make('span', { class: 'quiet' }, ' by self ' + metric.title)),
      make('ol', { class: 'top', 'data-test': 'top' }, ...this.topRows()),
      make('p', { class: 'quiet' },
        'Point at a frame for its figures. Click or Enter zooms, s shows callers and callees, ' +
          '? lists all keys.'));
  }

  /** Labels of the most values, and the values. */
  top() {
    return this.app.results.keep('top', () => {
      const { main, mainLabels, compares } = this.app.results;
      const before = compares ? this.app.results.labelSums('before').self : null;
      const values = before
        ? this.app.results.labelSums('after').self.map((value, i) => value - before[i])
        : mainLabels.self;
      const order = Array.from(values.keys()).filter((label) => values[label] !== 0);
      order.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
      const whole = before ? Math.abs(values[order[0]]) : main.total[0];
      return { values, whole, order: order.slice(0, TOP_ROWS) };
    });
  }

  topRows() {
    const { app } = this;
    const { results } = app;
    const { compares } = results;
    const { values, whole, order } = this.top();
    return order.map((label) => {
      const value = values[label];
      const share = (100 * Math.abs(value)) / whole;
      const name = makeName(app.model.labels.name[label], 120);
      return make('li', {
        class: !compares ? null
          : value > 0    ? 'grown'
                         : 'shrunk',
        style: '--share:' + share.toFixed(1) + '%',
      },
        make('span', { class: 'bar' }),
        make('button', { type: 'button', class: 'link', onclick: () => app.showFunction(label) },
          name),
        make('span', { class: 'share' },
          compares ? formatChange(results.changeOf(value), results.changeUnit)
                   : formatShare(value, whole)));
    });
  }

  /** @param {string} text */
  say(text) {
    this.live.textContent = text;
  }

  /** @param {Graph} graph @param {number} node */
  show(graph, node) {
    const { app } = this;
    const name = frameName(app, graph, node);
    const parts = [
      make('h2', {}, makeName(name, DETAILS_NAME)), makeRows(valueRows(app, graph, node)),
      makeRows(placeRows(app, graph, node))
    ];
    if (name.length > DETAILS_NAME) {
      parts.splice(1, 0,
        make('p', { class: 'quiet' }, 'a name of ' + formatExact(name.length) + ' characters'));
    }
    this.body.replaceChildren(...parts, this.buttons(graph, node, name));
  }

  /** @param {Graph} graph @param {number} node @param {string} name */
  buttons(graph, node, name) {
    const { app } = this;
    const label = graph.tree.label[node];
    if (node === 0 || label >= app.model.labels.count) return make('div', {});
    return make('div', { class: 'details-buttons' },
      make('button', { type: 'button', onclick: () => app.showFunction(label) },
        'Callers and callees'),
      make('button', { type: 'button', onclick: () => app.store.set({ lit: name }) }, 'Light up'),
      make('button',
        { type: 'button', onclick: () => app.store.set({ search: name.slice(0, 200) }) },
        'Search'));
  }

  /** @param {Graph} graph @param {number} node @param {MouseEvent | null} event */
  showTip(graph, node, event) {
    if (node < 0 || !event) {
      this.tip.hidden = true;
      return;
    }
    this.tip.replaceChildren(make('strong', {}, makeName(frameName(this.app, graph, node))),
      makeRows(
        valueRows(this.app, graph, node).concat(placeRows(this.app, graph, node).slice(0, 1))));
    this.tip.hidden = false;
    const { offsetWidth, offsetHeight } = this.tip;
    const x = Math.min(event.clientX + 14, window.innerWidth - offsetWidth - 8);
    const below = event.clientY + 18;
    const y = below + offsetHeight > window.innerHeight ? event.clientY - offsetHeight - 10 : below;
    this.tip.style.transform = 'translate(' + Math.max(4, x) + 'px,' + Math.max(4, y) + 'px)';
  }
}
