/*
 * Sums and graphs for what is chosen, made when asked for and kept until a choice
 * changes them. Its own file so that views share them instead of adding up twice.
 */

/**
 * @typedef {object} LabelSums
 * @property {Float64Array} self
 * @property {Float64Array} total
 */

class Results {
  /** @param {Model} model @param {Store} store */
  constructor(model, store) {
    this.model = model;
    this.store = store;
    /** @type {Map<string, any>} */
    this.kept = new Map();
    store.on(SUM_KEYS, () => this.kept.clear());
  }

  /**
   * @template T
   * @param {string} key @param {() => T} compute @returns {T}
   */
  keep(key, compute) {
    if (!this.kept.has(key)) this.kept.set(key, compute());
    return this.kept.get(key);
  }

  get choice() {
    return this.store.choice;
  }

  get metric() {
    const { metrics } = this.model.data;
    const metric = metrics.find((one) => one.name === this.choice.metric) ?? metrics[0] ??
      { name: '', title: 'value', label: '', unit: 'count' };
    return this.isOfShares(metric) ? {...metric, unit: 'share:' + metric.total } : metric;
  }

  /**
   * Whether one side's values are scaled: nobody measured them, what they mean is shares.
   * @param {MetricDescription} metric
   */
  isOfShares(metric) {
    const { diff } = this.model.data;
    return diff !== null && diff !== undefined && diff.normalised && !metric.signed &&
      (metric.total ?? 0) > 0 && (metric.before ?? 0) > 0;
  }

  /** What was measured on both sides, where values are shares; otherwise ''. */
  get measured() {
    const { metric } = this;
    const found = this.model.data.metrics.find((one) => one.name === metric.name);
    if (!found || !this.isOfShares(found)) return '';
    return formatValue(found.before ?? 0, found.unit) + ' before, ' +
      formatValue(found.total ?? 0, found.unit) + ' after';
  }

  get compares() {
    return this.model.data.diff !== null && this.model.data.diff !== undefined;
  }

  /** Whether the chosen part of the time changes the values shown. */
  get isWindowed() {
    return this.choice.window !== null && hasTimes(this.model, this.choice.metric) &&
      !this.compares;
  }

  /** @param {'after' | 'before'} side @returns {NodeSums} */
  sums(side) {
    return this.keep('sums ' + side, () => {
      const name = side === 'before' ? this.choice.metric + ':before' : this.choice.metric;
      return sumNodes(this.model, entryValues(this.model, name, this.choice));
    });
  }

  /** Of the chosen side. */
  get main() {
    return this.sums(this.compares ? this.choice.side : 'after');
  }

  /** Of the other side of a comparison. */
  get other() {
    return this.compares ? this.sums(this.choice.side === 'after' ? 'before' : 'after') : null;
  }

  /** @param {'after' | 'before'} side @returns {LabelSums} */
  labelSums(side) {
    return this.keep(
      'labels ' + side, () => sumLabels(this.model.tree, this.model.labels.count, this.sums(side)));
  }

  get mainLabels() {
    return this.labelSums(this.compares ? this.choice.side : 'after');
  }

  get canOrderByTime() {
    return hasTimes(this.model, this.choice.metric) && !this.compares;
  }

  /** The graph of everything chosen. */
  get graph() {
    const { order } = this.choice;
    if (order === 'time' && this.canOrderByTime) return this.timeGraph;
    return this.keep('graph ' + (order === 'name' ? order : 'heavy'),
      () => new Graph(this.model.tree, this.main.total, {
        off: this.model.hasOff ? offTotals(this.model.tree, this.model.labels.off, this.main.total)
                               : null,
        other: this.other && this.other.total,
        isHeavy: order !== 'name',
      }));
  }

  get timeGraph() {
    return this.keep('graph time', () => {
      const merged = mergeOverTime(this.model, this.choice.metric, this.choice);
      const off = this.model.labels.off.concat(this.model.data.threads.map(() => 0));
      return new Graph(merged.tree, merged.total, {
        off: this.model.hasOff ? offTotals(merged.tree, off, merged.total) : null,
      });
    });
  }

  /** @param {'callers' | 'callees'} direction @param {number} label */
  mergedGraph(direction, label) {
    return this.keep(direction + ' ' + label, () => {
      const { tree, labels } = this.model;
      const weights = { total: this.main.total, other: this.other && this.other.total };
      const merge = direction === 'callers' ? mergeCallers : mergeCallees;
      const merged = merge(tree, weights, label, labels.count);
      const off = direction === 'callees' && this.model.hasOff
        ? offTotals(merged.tree, labels.off, merged.total)
        : null;
      return new Graph(merged.tree, merged.total, {
        off,
        other: merged.other,
        isHeavy: true,
        rootName: labels.name[label],
      });
    });
  }
}
