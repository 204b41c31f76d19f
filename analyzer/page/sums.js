/*
 * What the choices leave of the values: of entries, of nodes, of functions. Its
 * own file because every view shows sums made here and nowhere else, so that they
 * agree. Nodes whose own value is negative (of signed metrics) are summed apart and
 * not drawn; they do count in the sum of all.
 */

/**
 * @typedef {object} Filter
 * @property {string} thread - '' all, 'n:NAME' those of a name, 't:NUMBER' one
 * @property {string} process - the same
 * @property {number} region - or -1
 * @property {[number, number] | null} window - slices, the second not included
 */

/**
 * @typedef {object} NodeSums
 * @property {Float64Array} self
 * @property {Float64Array} total - with what lies below; total[0] is all that is drawn
 * @property {number} negative - what is not drawn
 * @property {number} net - everything, as other reports have it
 */

/**
 * Whether values of the metric are known by time.
 * @param {Model} model @param {string} metric
 */
function hasTimes(model, metric) {
  return model.slices !== null && (metric === 'cpu' || metric === 'offcpu' || metric === 'wall');
}

/**
 * Whether one of a list is chosen: '' all, 'n:NAME' those of a name, 't:NUMBER' one.
 * @param {string} chosen @param {string} name @param {number} number
 */
function isChosen(chosen, name, number) {
  if (chosen === '') return true;
  return chosen.startsWith('n:') ? chosen.slice(2) === name : chosen.slice(2) === String(number);
}

/**
 * @param {Model} model
 * @param {Filter} filter
 * @returns {Uint8Array | null} by thread; null: all
 */
function chosenThreads(model, filter) {
  if (filter.thread === '' && filter.process === '') return null;
  const processes = model.data.processes.map(({ comm }, i) => isChosen(filter.process, comm, i));
  return Uint8Array.from(model.data.threads,
    (thread, i) => (processes[thread.process] && isChosen(filter.thread, thread.name, i) ? 1 : 0));
}

/**
 * First index whose slice is not before `wanted`.
 * @param {Int32Array} slice @param {number} wanted
 */
function lowerBound(slice, wanted) {
  let low = 0;
  let high = slice.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slice[middle] < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/** @param {Slices} slices @param {string} metric @param {number} i */
function partValue(slices, metric, i) {
  if (metric === 'cpu') return slices.cpu[i];
  return metric === 'offcpu' ? slices.off[i] : slices.cpu[i] + slices.off[i];
}

/** @param {Model} model @param {string} metric @param {[number, number]} window */
function windowValues(model, metric, window) {
  const slices = /** @type {Slices} */ (model.slices);
  const values = new Float64Array(model.entryNode.length);
  const stop = lowerBound(slices.slice, window[1]);
  for (let i = lowerBound(slices.slice, window[0]); i < stop; i += 1) {
    values[slices.entry[i]] += partValue(slices, metric, i);
  }
  return values;
}

/**
 * Values of the chosen entries, 0 for others. Belongs to the model where nothing is chosen.
 * @param {Model} model @param {string} metric @param {Filter} filter
 */
function entryValues(model, metric, filter) {
  const windowed = filter.window && hasTimes(model, metric);
  const threads = chosenThreads(model, filter);
  let values = windowed && filter.window ? windowValues(model, metric, filter.window)
                                         : metricColumn(model, metric);
  if (threads === null && filter.region < 0) return values;
  if (!windowed) values = values.slice();
  for (let i = 0; i < values.length; i += 1) {
    const isKept = (!threads || threads[model.entryThread[i]]) &&
      (filter.region < 0 || model.entryRegion[i] === filter.region);
    if (!isKept) values[i] = 0;
  }
  return values;
}

/** @param {CallTree} tree @param {Float64Array} self @returns {Float64Array} */
function totalsOf(tree, self) {
  const total = self.slice();
  for (let i = tree.count - 1; i > 0; i -= 1) total[tree.parent[i]] += total[i];
  return total;
}

/**
 * Nodes are added up before what is negative is left out, as in the analyzer's call tree
 * (model/call_tree.c): a stack on which one thread allocates and another frees is drawn by its net.
 * @param {Model} model @param {Float64Array} values @returns {NodeSums}
 */
function sumNodes(model, values) {
  const self = new Float64Array(model.tree.count);
  let negative = 0;
  for (let i = 0; i < values.length; i += 1) self[model.entryNode[i]] += values[i];
  for (let i = 0; i < self.length; i += 1) {
    if (self[i] < 0) {
      negative += self[i];
      self[i] = 0;
    }
  }
  const total = totalsOf(model.tree, self);
  return { self, total, negative, net: total[0] + negative };
}

/**
 * Of each node's total: what lies below marks of time off the processor.
 * @param {CallTree} tree @param {number[]} off - by label @param {Float64Array} total
 */
function offTotals(tree, off, total) {
  const result = new Float64Array(tree.count);
  for (let i = tree.count - 1; i > 0; i -= 1) {
    if (off[tree.label[i]] === 1) result[i] = total[i];
    result[tree.parent[i]] += result[i];
  }
  return result;
}

/**
 * Calls visit(node) for the outermost nodes with a label: what lies below one of
 * them counts once, however often the function is entered again.
 * @param {CallTree} tree
 * @param {(label: number) => boolean} isWanted
 * @param {(node: number) => void} visit
 */
function visitOutermost(tree, isWanted, visit) {
  for (let i = 1; i < tree.count;) {
    if (isWanted(tree.label[i])) {
      visit(i);
      i = tree.end[i];
    } else {
      i += 1;
    }
  }
}

/**
 * Self and total by label; frames within frames of the same label count once.
 * @param {CallTree} tree @param {number} labelCount @param {NodeSums} sums
 */
function sumLabels(tree, labelCount, sums) {
  const self = new Float64Array(labelCount);
  const total = new Float64Array(labelCount);
  const within = new Int32Array(labelCount);  // frames of the label on the path
  const path = new Int32Array(tree.count);
  let length = 0;
  for (let i = 1; i < tree.count; i += 1) {
    while (length > 0 && tree.end[path[length - 1]] <= i) within[tree.label[path[--length]]] -= 1;
    const label = tree.label[i];
    self[label] += sums.self[i];
    if (within[label] === 0) total[label] += sums.total[i];
    within[label] += 1;
    path[length++] = i;
  }
  return { self, total };
}
