/*
 * What the flame graph does in a browser: zoom, search, details, keyboard. Works
 * on the elements the analyzer wrote (see flamegraph.c); the picture is complete
 * without it.
 */
(function () {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';
  const HTML = 'http://www.w3.org/1999/xhtml';
  const MARGIN = 10;
  const LABEL_PADDING = 6;
  const LABEL_LEAST = 3; // characters; shorter labels say nothing
  const TOOLS_WIDTH = 320;
  const HINT = 'click or Enter: zoom   Escape: reset   /: search   arrows: walk';

  const svg = document.currentScript.ownerSVGElement;
  const standalone = svg === document.documentElement;
  const byId = (id) => svg.querySelector('#' + id);
  const area = byId('frames');
  const header = byId('header');
  const details = byId('details');
  const frames = Array.from(area.querySelectorAll('.f'), readFrame);
  const frameOf = new Map(frames.map((frame) => [frame.group, frame]));
  const root = frames[0];
  const fullTitle = byId('title').textContent;

  let view = root; // the frame that fills the width
  let current = root; // the frame the keyboard is at
  let pattern = null; // RegExp searched for
  let characterWidth = 7.23;
  let tools, hits;

  function readFrame(group) {
    const lines = group.querySelector('title').textContent.split('\n');
    return {
      group,
      rect: group.querySelector('rect'),
      text: group.querySelector('text'),
      name: lines[0],
      share: lines[1], // value with unit, part of everything
      place: lines.slice(2).join('   '), // file, module
      start: Number(group.dataset.x),
      value: Number(group.dataset.v),
      depth: Number(group.dataset.d),
    };
  }

  // --- drawing ---------------------------------------------------------------

  const end = (frame) => frame.start + frame.value;
  const contains = (outer, inner) => outer.depth <= inner.depth &&
    outer.start <= inner.start && end(inner) <= end(outer);
  const isVisible = (frame) => contains(view, frame) || contains(frame, view);

  function labelFor(frame, width) {
    const room = Math.floor((width - LABEL_PADDING) / characterWidth);
    const characters = Array.from(frame.name);
    if (room < LABEL_LEAST) return '';
    if (characters.length <= room) return frame.name;
    return characters.slice(0, room - 1).join('') + '…';
  }

  function textOf(frame) {
    if (!frame.text) {
      frame.text = document.createElementNS(SVG, 'text');
      frame.text.setAttribute('dx', LABEL_PADDING / 2);
      frame.text.setAttribute('y', Number(frame.rect.getAttribute('y')) + 13);
      frame.group.append(frame.text);
    }
    return frame.text;
  }

  function drawLabel(frame, share, percent) {
    const label = labelFor(frame, share * area.width.baseVal.value);
    if (label === '' && !frame.text) return;
    const text = textOf(frame);
    if (text.textContent !== label) text.textContent = label;
    text.setAttribute('x', percent + '%');
  }

  function drawFrame(frame) {
    const visible = isVisible(frame);
    frame.group.classList.toggle('away', !visible);
    if (!visible) return;
    const above = frame.depth < view.depth;
    const share = above ? 1 : frame.value / view.value;
    const percent = above ? 0 : (100 * (frame.start - view.start)) / view.value;
    frame.group.classList.toggle('above', above);
    frame.rect.setAttribute('x', percent + '%');
    frame.rect.setAttribute('width', 100 * share + '%');
    drawLabel(frame, share, percent);
  }

  function draw() {
    frames.forEach(drawFrame);
    tools.querySelector('button').disabled = view === root && !pattern;
    showHits();
  }

  // The longest beginning of the title that leaves the tools their room.
  function fitTitle(room) {
    const title = byId('title');
    let length = fullTitle.length;
    title.textContent = fullTitle;
    while (length > 1 && title.getComputedTextLength() > room) {
      length -= 1;
      title.textContent = fullTitle.slice(0, length) + '…';
    }
  }

  function resize() {
    const width = Math.max(svg.getBoundingClientRect().width, 200);
    area.setAttribute('width', width - 2 * MARGIN);
    tools.parentNode.setAttribute('x', width - TOOLS_WIDTH - MARGIN);
    hits.setAttribute('x', width - MARGIN);
    fitTitle(width - TOOLS_WIDTH - 3 * MARGIN);
    draw();
  }

  // --- details ---------------------------------------------------------------

  function percentOf(part, whole) {
    return ((100 * part) / whole).toFixed(2) + ' %';
  }

  function showDetails(frame) {
    if (!frame) {
      details.textContent = HINT;
      return;
    }
    const ofView = view === root || frame.depth <= view.depth
      ? '' : ' (' + percentOf(frame.value, view.value) + ' of view)';
    details.textContent = [frame.share + ofView, frame.name, frame.place].join('   ');
  }

  // While a frame's details are shown they need the legend's room.
  function hover(frame) {
    showDetails(frame);
    byId('legend').classList.toggle('away', Boolean(frame));
  }

  // --- zoom ------------------------------------------------------------------

  function zoom(frame) {
    view = frame;
    draw();
    hover(frame === root ? null : frame);
  }

  function reset() {
    search('');
    zoom(root);
  }

  // --- search ----------------------------------------------------------------

  // Lower case finds both cases. Returns null for nothing, undefined for a mistake.
  function compile(source) {
    if (source === '') return null;
    try {
      return new RegExp(source, source === source.toLowerCase() ? 'iu' : 'u');
    } catch {
      return undefined;
    }
  }

  function search(source) {
    const input = tools.querySelector('input');
    const compiled = compile(source);
    if (input.value !== source) input.value = source;
    input.classList.toggle('wrong', compiled === undefined);
    if (compiled === undefined) return;
    pattern = compiled;
    for (const frame of frames) {
      frame.matches = pattern !== null && frame !== root && pattern.test(frame.name);
      frame.group.classList.toggle('match', frame.matches);
    }
    draw();
  }

  // What matching frames cover of the view; one inside another counts once.
  function matchedValue() {
    const found = frames.filter((frame) => frame.matches && isVisible(frame));
    found.sort((a, b) => a.start - b.start || b.value - a.value);
    let sum = 0;
    let covered = view.start;
    for (const frame of found) {
      const stop = Math.min(end(frame), end(view));
      sum += Math.max(0, stop - Math.max(frame.start, covered));
      covered = Math.max(covered, stop);
    }
    return sum;
  }

  function showHits() {
    hits.textContent = pattern === null ? ''
      : 'matched ' + percentOf(matchedValue(), view.value) + (view === root ? '' : ' of view');
  }

  // --- keyboard --------------------------------------------------------------

  function focus(frame) {
    current.group.removeAttribute('tabindex');
    current = frame;
    current.group.setAttribute('tabindex', '0');
    current.group.setAttribute('aria-label', frame.name + ', ' + frame.share);
    current.group.focus();
    hover(frame);
  }

  function largest(candidates) {
    return candidates.reduce((best, frame) => (!best || frame.value > best.value ? frame : best),
      null);
  }

  function child() {
    return largest(frames.filter((frame) => frame.depth === current.depth + 1 &&
      contains(current, frame) && isVisible(frame)));
  }

  function parent() {
    return frames.find((frame) => frame.depth === current.depth - 1 && contains(frame, current));
  }

  function neighbour(direction) {
    const row = frames.filter((frame) => frame.depth === current.depth && isVisible(frame));
    row.sort((a, b) => a.start - b.start);
    return row[row.indexOf(current) + direction];
  }

  function walk(key) {
    const leafward = svg.classList.contains('icicle') ? 'ArrowDown' : 'ArrowUp';
    let next;
    if (key === 'ArrowLeft') next = neighbour(-1);
    else if (key === 'ArrowRight') next = neighbour(1);
    else next = key === leafward ? child() : parent();
    if (next) focus(next);
  }

  function startSearch() {
    const input = tools.querySelector('input');
    input.focus();
    input.select();
  }

  function inSearch(event) {
    if (event.key === 'Escape') {
      search('');
      focus(current);
    } else if (event.key === 'Enter') {
      focus(current);
    }
    event.stopPropagation();
  }

  function onKey(event) {
    const find = event.key === '/' || ((event.ctrlKey || event.metaKey) && event.key === 'f');
    if (find) startSearch();
    else if (event.key === 'Escape') reset();
    else if (event.key === 'Enter') zoom(current);
    else if (event.key.startsWith('Arrow') && !event.altKey) walk(event.key);
    else return;
    event.preventDefault();
  }

  // --- setting up ------------------------------------------------------------

  function make(namespace, name, attributes, parentNode) {
    const element = document.createElementNS(namespace, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    parentNode.append(element);
    return element;
  }

  function makeTools() {
    const holder = make(SVG, 'foreignObject', { y: 8, width: TOOLS_WIDTH, height: 30 }, header);
    tools = make(HTML, 'div', { id: 'tools' }, holder);
    const input = make(HTML, 'input', {
      type: 'search', placeholder: 'search (regular expression)', 'aria-label': 'search',
      spellcheck: 'false',
    }, tools);
    const button = make(HTML, 'button', { type: 'button' }, tools);
    button.textContent = 'Reset';
    button.addEventListener('click', reset);
    input.addEventListener('input', () => search(input.value));
    input.addEventListener('keydown', inSearch);
    hits = make(SVG, 'text', { id: 'hits', y: 50 }, header);
  }

  function measureCharacter() {
    const sample = make(SVG, 'text', { x: 0, y: 0 }, area);
    sample.textContent = '0'.repeat(100);
    characterWidth = sample.getComputedTextLength() / 100 || characterWidth;
    sample.remove();
  }

  // The header stays in sight; a flame begins at its root, the bottom.
  function followScrolling() {
    const follow = () => header.setAttribute('transform', `translate(0 ${window.scrollY})`);
    window.addEventListener('scroll', follow, { passive: true });
    if (svg.classList.contains('flame')) window.scrollTo(0, svg.getBoundingClientRect().height);
    follow();
  }

  function listen() {
    const under = (event) => frameOf.get(event.target.closest('.f'));
    area.addEventListener('mouseover', (event) => hover(under(event)));
    area.addEventListener('mouseleave', () => hover(view === root ? null : view));
    area.addEventListener('click', (event) => {
      const frame = under(event);
      if (!frame) return;
      focus(frame);
      zoom(frame);
    });
    (standalone ? document : svg).addEventListener('keydown', onKey);
    window.addEventListener('resize', resize);
  }

  function start() {
    if (!root) return;
    svg.removeAttribute('viewBox');
    svg.setAttribute('width', '100%');
    root.group.setAttribute('tabindex', '0');
    makeTools();
    measureCharacter();
    listen();
    resize();
    hover(null);
    if (standalone) followScrolling();
  }

  start();
})();
