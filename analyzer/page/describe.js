/*
 * Frames in words: for the details, the tip at the pointer and readers of the
 * screen. Its own file so that all three say the same.
 */

const KIND_WORDS = ['function', 'inlined function', 'kernel function', 'mark'];

/**
 * @typedef {object} FrameWords
 * @property {string} name
 * @property {[string, string][]} rows
 */

/** @param {App} app @param {Graph} graph @param {number} node */
function frameName(app, graph, node) {
  const { labels, data } = app.model;
  const label = graph.tree.label[node];
  if (node === 0) return graph.rootName || 'all';
  if (label < labels.count) return labels.name[label];
  const thread = data.threads[label - labels.count];
  return thread.name + ' (' + thread.tid + ')';
}

/** @param {App} app @param {Graph} graph @param {number} node @returns {[string, string][]} */
function changeRows(app, graph, node) {
  const { results } = app;
  if (!graph.other) return [];
  const tell = (/** @type {number} */ value) =>
    (results.comparesShares ? preciseShare(value, results.sums('after').net) + ' of all'
                            : formatValue(value, results.metric.unit));
  const shown = graph.total[node];
  const isAfter = app.store.choice.side === 'after';
  const after = isAfter ? shown : graph.other[node];
  const before = isAfter ? graph.other[node] : shown;
  const change = formatChange(results.changeOf(after - before), results.changeUnit);
  return [
    ['before', tell(before)],
    ['after', tell(after)],
    [
      'change',
      before > 0
        ? change + ', ' + (after >= before ? '+' : '') + formatShare(after - before, before)
        : change
    ],
  ];
}

/** @param {App} app @param {Graph} graph @param {number} node @returns {[string, string][]} */
function valueRows(app, graph, node) {
  const { unit } = app.results.metric;
  const { total } = graph;
  const parent = graph.tree.parent[node];
  /** @type {[string, string][]} */
  const rows =
    [['total', formatValue(total[node], unit) + ', ' + preciseShare(total[node], total[0])]];
  const self = graph.self(node);
  rows.push(['self', formatValue(self, unit) + ', ' + preciseShare(self, total[0])]);
  if (node !== 0 && parent !== 0)
    rows.push(['of parent', preciseShare(total[node], total[parent])]);
  if (graph.off && graph.off[node] > 0) {
    rows.push([
      'off-CPU',
      formatValue(graph.off[node], unit) + ', ' + preciseShare(graph.off[node], total[node]) +
        ' of it'
    ]);
  }
  return rows.concat(changeRows(app, graph, node));
}

/** @param {App} app @param {Graph} graph @param {number} node @returns {[string, string][]} */
function placeRows(app, graph, node) {
  const { labels } = app.model;
  const label = graph.tree.label[node];
  if (label >= labels.count) return [['kind', 'thread']];
  if (node === 0 && !graph.rootName) return [];
  /** @type {[string, string][]} */
  const rows = [];
  if (labels.place[label]) rows.push(['place', safeName(labels.place[label], 2000)]);
  if (labels.module[label]) rows.push(['module', safeName(labels.module[label], 2000)]);
  rows.push(['kind', KIND_WORDS[labels.kind[label]] ?? 'function']);
  return rows;
}

/**
 * One line for readers of the screen.
 * @param {App} app @param {Graph} graph @param {number} node
 */
function frameSentence(app, graph, node) {
  const rows = valueRows(app, graph, node).map(([key, value]) => key + ' ' + value);
  const children = graph.children(node).length;
  rows.push(children === 0 ? 'calls nothing'
                           : children + (children === 1 ? ' frame inside' : ' frames inside'));
  return safeName(frameName(app, graph, node)) + ', ' + rows.join(', ') + ', depth ' +
    graph.tree.depth[node];
}
