/*
 * window.profinject: what tests, and readers at the console, may ask the page.
 * Nothing can be changed by it. Values are those the page shows, unrounded.
 */

/** @param {App} app @param {FlameView} view */
function probeFrames(app, view) {
  const { boxes, graph } = view;
  return Array.from({ length: boxes.count }, (_, i) => {
    const node = boxes.node[i];
    return {
      node,
      name: frameName(app, graph, node),
      depth: graph.tree.depth[node],
      value: graph.total[node],
      self: graph.self(node),
      other: graph.other ? graph.other[node] : null,
      x: boxes.x[i],
      y: rowTop(view.place(), graph.tree.depth[node]),
      width: boxes.width[i],
      colour: frameColour(app, graph, node),
      isMatch: node !== 0 && view.matches !== null && view.matches[graph.tree.label[node]] === 1,
      isLit: node !== 0 && view.lit !== null && view.lit[graph.tree.label[node]] === 1,
    };
  });
}

/** @param {App} app @param {number} openTime - ms */
function makeProbe(app, openTime) {
  const views = {
    flame: app.flame,
    callers: app.functions.callers,
    callees: app.functions.callees
  };
  const view = (/** @type {'flame' | 'callers' | 'callees'} */ name) => views[name];
  return Object.freeze({
    openTime,
    get choice() {
      return {...app.store.choice };
    },
    get total() {
      return app.results.main.net;
    },
    get isSettled() {
      return Object.values(views).every((one) => one.isSettled);
    },
    /** Frames drawn, by view. */
    frames: (/** @type {'flame' | 'callers' | 'callees'} */ name) => probeFrames(app, view(name)),
    /** Strips of frames too narrow to draw: x, width, depth of each. */
    narrow: (/** @type {'flame' | 'callers' | 'callees'} */ name) => view(name).boxes.rest.slice(),
    zoomed: (/** @type {'flame' | 'callers' | 'callees'} */ name) =>
      frameName(app, view(name).graph, view(name).zoomed),
    focused: (/** @type {'flame' | 'callers' | 'callees'} */ name) =>
      frameName(app, view(name).graph, view(name).focused),
    range:
      (/** @type {'flame' | 'callers' | 'callees'} */ name) => [view(name).left, view(name).right],
  });
}
