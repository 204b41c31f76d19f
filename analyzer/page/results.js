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
    return metrics.find((metric) => metric.name === this.choice.metric) ?? metrics[0] ??
      { name: '', title: 'value', label: '', unit: 'count' };
  }

  get compares() {
    return this.model.data.diff !== null && this.model.data.diff !== undefined;
  }

  /**
   * Whether sides are compared by their shares: what was before is then scaled to as much as there
   * is after, and a difference in units of the metric is one that nobody measured.
   */
  get comparesShares() {
    return this.compares && this.model.data.diff?.normalised === true && !this.metric.signed &&
      this.sums('before').net > 0 && this.sums('after').net > 0;
  }

  /** What changes are told in: of shares, points of them. @returns {Unit} */
  get changeUnit() {
    return this.comparesShares ? 'points' : this.metric.unit;
  }

  /**
   * A difference of the two sides in that unit.
   * @param {number} difference
   */
  changeOf(difference) {
    return this.comparesShares ? (100 * difference) / this.sums('after').net : difference;
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
