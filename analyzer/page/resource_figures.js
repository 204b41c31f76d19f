/*
 * A chart of the tab of resources as an element: its heading, the choice of one of
 * many, the heat map of all of them. Its own file beside the tab that holds them.
 */

/**
 * Of many of a kind one can be drawn beside their mean.
 * @param {Resources} resources @param {ResourceChart} one @param {() => void} redraw
 */
function makeMemberChoice(resources, one, redraw) {
  const family = resources.series[one.sources[0]];
  const select = make('select', {
    class: 'member',
    'aria-label': resourceTail(family) + ': show one of ' + formatExact(family.of),
    'data-test': 'member',
    onchange: () => {
      one.sources = select.value === '' ? [one.sources[0]] : [one.sources[0], Number(select.value)];
      redraw();
    },
  },
    makeOption('', 'show one of ' + formatExact(family.of)), ...one.members.map((i) => {
      const { subject, whose } = resources.series[i];
      return makeOption(String(i), safeName([subject, whose].filter((s) => s).join(' '), 60));
    }));
  return select;
}

/**
 * What no colour of the heat map and full colour stand for.
 * @param {ResourceSeries} family @returns {[number, number]}
 */
function heatRange(family) {
  const [low, high] = [family.low ?? 0, family.high ?? 0];
  if (family.unit === '%' && low >= 0) return [0, Math.max(100, high)];
  return high - low < FLAT * high ? [low, high] : [Math.min(0, low), high];
}

/**
 * @param {App} app @param {Resources} resources @param {ResourceChart} one @param {() => void} redraw
 */
function fillFigure(app, resources, one, redraw) {
  const { chart, figure, heading, heat } = one;
  const about = resources.series[one.sources[0]].about;
  const title = heading === ''
    ? null
    : make('span', { class: 'chart-heading', title: safeName(about ?? '') }, makeName(heading, 60));
  figure.append(make('div', { class: 'chart-top' }, title, chart.reading,
                  heat ? makeMemberChoice(resources, one, redraw) : null),
    chart.plot);
  const { relations } = app.model.data;
  const chips = relations && makeCauseChips(app, relations, one.sources);
  if (chips) figure.append(chips);
  if (!heat) return;
  const family = resources.series[one.sources[0]];
  const range = heatRange(family);
  const text = 'each of ' + formatExact(family.of) + ': ' + formatReading(range[0], family.unit) +
    ' pale, ' + formatReading(range[1], family.unit) + ' dark';
  heat.setAttribute('aria-label', safeName(heading, 80) + ' as a heat map, ' + text);
  const pointed = make('b', { 'data-test': 'pointed' });
  heat.addEventListener('pointermove', (event) => {
    pointed.textContent = squareText(resources, one, event);
  });
  heat.addEventListener('pointerleave', () => pointed.replaceChildren());
  figure.append(heat, make('figcaption', { class: 'heat-legend quiet' }, text + ' ', pointed));
}

/**
 * Whose square of the heat map is pointed at, and its value.
 * @param {Resources} resources @param {ResourceChart} one @param {MouseEvent} event
 */
function squareText(resources, one, event) {
  const canvas = /** @type {HTMLCanvasElement} */ (one.heat);
  const bounds = canvas.getBoundingClientRect();
  const part = (/** @type {number} */ at, /** @type {number} */ whole) =>
    Math.min(1 - 1e-9, Math.max(0, at / (whole || 1)));
  const members = one.members.map((i) => resources.series[i]);
  const each = Math.ceil(members.length / canvas.height);
  const row = Math.floor(part(event.clientY - bounds.top, bounds.height) * canvas.height);
  const column = Math.floor(part(event.clientX - bounds.left, bounds.width) * canvas.width);
  return members.slice(row * each, (row + 1) * each)
    .map((member) => {
      const value = member.value?.[column] ?? null;
      return safeName([member.subject, member.whose].filter((s) => s).join(' '), 60) + ' ' +
        (value === null ? 'unavailable' : formatReading(value, member.unit));
    })
    .join(', ');
}

/** @param {Resources} resources @param {ResourceChart} one */
function drawHeat(resources, one) {
  if (!one.heat) return;
  paintHeat(one.heat, makeHeat(one.members.map((i) => resources.series[i])),
    heatRange(resources.series[one.sources[0]]));
}

/** @param {ResourceSeries} series @param {string | null} known - whose it is, as was said */
function shortName(series, known) {
  return [series.subject, series.whose === known ? null : series.whose, resourceTail(series)]
    .filter((part) => part)
    .join(' ');
}

/**
 * What never changed, as figures; what was never there in one.
 * @param {ResourceGroup} group
 */
function makeConstants(group) {
  const none = group.constant.filter((one) => one.mean === 0);
  const some = group.constant.filter((one) => one.mean !== 0)
                 .map((one) => make('li', { title: safeName(one.about ?? '') },
                        makeName(shortName(one, group.whose), 60), ' ',
                        make('b', {}, formatReading(one.mean ?? 0, one.unit))));
  const names = none.map((one) => safeName(shortName(one, group.whose), 60)).join(', ');
  const list = make('ul', { class: 'constants' });
  if (some.length > 0)
    list.append(make('li', { class: 'quiet' }, 'the same all the time:'), ...some);
  if (none.length > 0)
    list.append(make('li', {}, make('span', { class: 'quiet' }, 'all the time '),
      make('b', {}, '0'), make('span', { class: 'quiet' }, ': '), names));
  return group.constant.length > 0 ? list : null;
}

/** @param {ResourceGroup} group @param {HTMLElement[]} figures */
function makeResourceGroup(group, figures) {
  const missing = Array.from(group.missing,
    ([reason, series]) => make('li', {}, make('b', {}, 'unavailable'), ': ',
      makeName(
        Array.from(new Set(series.map((one) => shortName(one, group.whose)))).join(', '), 400),
      ' (', makeName(reason, 300), ')'));
  return make('section', { class: 'resource-group', 'aria-label': safeName(group.title, 80) },
    make('h2', {}, makeName(group.title, 80),
      group.whose ? make('span', { class: 'quiet' }, ' ', makeName(group.whose, 60)) : null),
    makeConstants(group), ...figures,
    missing.length > 0 ? make('ul', { class: 'missing' }, ...missing) : null);
}
