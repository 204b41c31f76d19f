/*
 * What a function did over the time, on the cells of the resources: to be drawn over
 * the resource it explains. Its own file because it goes through all slices.
 */

const SAME_HEIGHT = 'both drawn to the same height';
const ACTIVITY_CPU = 0;
const ACTIVITY_ALLOCATION = 4;

/**
 * Nodes in and below a function.
 * @param {Model} model @param {string} name
 */
function nodesWithin(model, name) {
  const { tree, labels } = model;
  const within = new Uint8Array(tree.count);
  visitOutermost(
    tree, (label) => labels.name[label] === name, (node) => within.fill(1, node, tree.end[node]));
  return within;
}

/**
 * Threads that a function kept on the processor, or in waits of a kind, in each slice.
 * @param {Model} model @param {Slices} slices @param {string} name @param {number} activity
 */
function activityOfSlices(model, slices, name, activity) {
  const within = nodesWithin(model, name);
  const marks = model.data.relations?.marks ?? [];
  const sums = new Float64Array(slices.count);
  for (let i = 0; i < slices.slice.length; i += 1) {
    const node = model.entryNode[slices.entry[i]];
    if (!within[node]) continue;
    if (activity === ACTIVITY_CPU)
      sums[slices.slice[i]] += slices.cpu[i];
    else if (marks[model.tree.label[node]] === activity)
      sums[slices.slice[i]] += slices.off[i];
  }
  return sums.map((sum) => sum / 1e9 / slices.width);
}

/**
 * Means of slices over cells.
 * @param {Float64Array} values @param {number} start @param {number} width - of slices
 * @param {Resources} resources
 */
function resampleSlices(values, start, width, resources) {
  return Array.from({ length: resources.cells }, (_, cell) => {
    const from = (resources.start_s + cell * resources.cell_s - start) / width;
    const to = from + resources.cell_s / width;
    let sum = 0;
    for (let i = Math.max(0, Math.floor(from)); i < Math.min(values.length, to); i += 1)
      sum += values[i] * Math.max(0, Math.min(i + 1, to) - Math.max(i, from));
    return sum / (to - from);
  });
}

/**
 * Null: the document does not know it by time.
 * @param {Model} model @param {RelationCause} cause @returns {Activity | null}
 */
function causeActivity(model, cause) {
  const { data, slices } = model;
  const { resources, relations } = data;
  if (!slices || !resources || !relations || cause.activity === ACTIVITY_ALLOCATION) return null;
  const name = model.labels.name[cause.label];
  const cells = resampleSlices(
    activityOfSlices(model, slices, name, cause.activity), data.start_s, slices.width, resources);
  const title = safeName(name, 60) + ', ' + relations.activities[cause.activity];
  return {
    series: { name, title, unit: 'threads', group: '', time: [], value: [], label: SAME_HEIGHT },
    cells,
  };
}
