/*
 * The keyboard in a flame graph: walking from frame to frame, zoom and pan. Its
 * own file because the help dialog (help.js) names the same keys.
 */

/**
 * The neighbour in the same row, whatever its parent.
 * @param {FlameView} view @param {number} step - 1 or -1
 */
function neighbour(view, step) {
  const { boxes, graph } = view;
  const { depth } = graph.tree;
  const here = boxes.of(view.focused);
  let best = -1;
  if (here < 0) return -1;
  for (let i = 0; i < boxes.count; i += 1) {
    const isBeyond =
      (boxes.x[i] - boxes.x[here]) * step > 0 && depth[boxes.node[i]] === depth[view.focused];
    if (isBeyond && (best < 0 || (boxes.x[i] - boxes.x[best]) * step < 0)) best = i;
  }
  return best < 0 ? -1 : boxes.node[best];
}

/** @param {FlameView} view */
function largestChild(view) {
  let best = -1;
  for (const child of view.graph.children(view.focused)) {
    if (best < 0 || view.graph.total[child] > view.graph.total[best]) best = child;
  }
  return best;
}

/** @param {FlameView} view @param {number} node */
function walkTo(view, node) {
  if (node < 0) return;
  const start = view.graph.start(node);
  const isSeen = start < view.right && start + view.graph.total[node] > view.left;
  if (!isSeen) view.zoom(view.graph.tree.parent[node], true);
  if (view.boxes.of(node) < 0 && view.graph.total[node] > 0) view.zoom(node, true);
  view.paint();
  view.setFocus(node, true);
}

/** @param {FlameView} view @param {string} key */
function walk(view, key) {
  const inward = view.icicle ? 'ArrowDown' : 'ArrowUp';
  if (key === 'ArrowLeft')
    walkTo(view, neighbour(view, -1));
  else if (key === 'ArrowRight')
    walkTo(view, neighbour(view, 1));
  else if (key === inward)
    walkTo(view, largestChild(view));
  else
    walkTo(view, view.graph.tree.parent[view.focused]);
}

/**
 * One frame out of what is zoomed to.
 * @param {FlameView} view
 */
function zoomOut(view) {
  const { parent } = view.graph.tree;
  let node = parent[view.zoomed];
  // Frames that fill their parents would not change the picture.
  while (node !== 0 && view.graph.total[node] === view.graph.total[view.zoomed])
    node = parent[node];
  view.zoom(node);
}

/**
 * @param {FlameView} view
 * @param {string} key
 * @returns {boolean} whether it was one of this view
 */
function flameCommand(view, key) {
  switch (key) {
    case 'Enter':
    case ' ':
      view.zoom(view.focused);
      return true;
    case 'Backspace':
      zoomOut(view);
      return true;
    case 'Escape':
    case 'Home':
    case '0':
      view.zoom(0);
      if (key === 'Home') view.setFocus(0, true);
      return true;
    case '+':
    case '=':
      view.zoomBy(0.7, view.width / 2);
      return true;
    case '-':
      view.zoomBy(1 / 0.7, view.width / 2);
      return true;
    case 's':
      view.options.onChoose(view, view.focused);
      return true;
    default:
      return false;
  }
}

/** @param {FlameView} view @param {KeyboardEvent} event */
function flameKey(view, event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const { key } = event;
  if (key.startsWith('Arrow')) {
    if (event.shiftKey && key === 'ArrowLeft')
      view.pan(-80);
    else if (event.shiftKey && key === 'ArrowRight')
      view.pan(80);
    else
      walk(view, key);
  } else if (!flameCommand(view, key)) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}
