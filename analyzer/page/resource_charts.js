/*
 * Series of resources put together to charts a reader can take in: what changed, by
 * group, unit and size; what did not is a figure, what is unknown a reason. Its own
 * file because none of it needs a page.
 */

const SPREAD = 8;   // of series in one chart the largest is at most so many times the smallest
const FLAT = 0.25;  // a gauge that varies by less of its height is drawn from its least value on

/**
 * @typedef {object} ResourceChart
 * @property {Chart} chart
 * @property {string} heading - what its series have in common
 * @property {number[]} sources - numbers of the series, by column
 * @property {number[]} members - numbers of series shown as a heat map below it
 * @property {string | null} known - whose it is, where the title of the group says so
 * @property {Activity | null} activity - of a function, drawn over it
 * @property {HTMLElement} figure
 * @property {HTMLCanvasElement | null} heat
 * @property {boolean} isSeen
 * @property {boolean} isDrawn
 */

/**
 * What a function did, over the cells of the resources.
 * @typedef {object} Activity
 * @property {SeriesDescription} series
 * @property {number[]} cells
 */

/**
 * @typedef {object} ResourceGroup
 * @property {string} title
 * @property {string | null} whose - the one all that has values is about
 * @property {ResourceChart[]} charts
 * @property {ResourceSeries[]} constant
 * @property {Map<string, ResourceSeries[]>} missing - by reason
 */

/** @param {{name: string}} series */
function resourceTail(series) {
  if (/\.\d+$/.test(series.name)) return series.name.replace('.', ' ');
  return series.name.slice(series.name.indexOf('.') + 1);
}

/**
 * The series by its whole name, as other commands call it.
 * @param {{name: string, subject: string | null, whose: string | null}} series
 */
function resourceName(series) {
  return [series.name, series.subject, series.whose].filter((part) => part).join(' ');
}

/**
 * Which of a group's series stand in one chart.
 * @param {ResourceSeries} series
 */
function chartKey(series) {
  if (series.of > 0) return 'all ' + series.name;
  const isOne = series.scope === 'machine' ? series.subject === null : series.whose === null;
  if (series.scope === 'thread') return series.name;
  if (series.scope === 'process') return series.whose + '\n' + series.unit;
  const isDevice = /^(disk|net|gpu)\./.test(series.name);
  return isDevice || isOne ? series.subject + '\n' + series.unit : series.name;
}

/**
 * Charts of series whose sizes differ too much to be seen in one.
 * @param {number[]} numbers @param {ResourceSeries[]} all
 */
function splitBySize(numbers, all) {
  const size = (/** @type {number} */ i) =>
    Math.max(Math.abs(all[i].high ?? 0), Math.abs(all[i].low ?? 0));
  if (all[numbers[0]].unit === '%') return [numbers];
  /** @type {number[][]} */
  const parts = [];
  for (const number of numbers.slice().sort((a, b) => size(b) - size(a) || a - b)) {
    const part = parts[parts.length - 1];
    if (part && size(part[0]) <= SPREAD * size(number))
      part.push(number);
    else
      parts.push([number]);
  }
  return parts;
}

/**
 * Titles of the series of a chart, and what they have in common.
 * @param {ResourceSeries[]} series
 * @param {string | null} [known] - whose they are, where the title of the group says so
 */
function chartTitles(series, known = null) {
  const one = (/** @type {(s: ResourceSeries) => string | null} */ part) =>
    series.every((s) => part(s) === part(series[0]));
  const isName = one((s) => s.name);
  const isSubject = one((s) => s.subject);
  const isWhose = one((s) => s.whose);
  const parts = (/** @type {ResourceSeries} */ s,
    /** @type {boolean} */ common) => [isSubject === common ? s.subject : null,
    isWhose === common && s.whose !== known ? s.whose : null,
    isName === common ? resourceTail(s) : null]
                                        .filter((part) => part)
                                        .join(' ');
  if (series.length === 1) return { heading: '', titles: [parts(series[0], true)] };
  return { heading: parts(series[0], true), titles: series.map((s) => parts(s, false)) };
}

/**
 * The range of the axis: with 0, but for gauges that would be a straight line then.
 * @param {ResourceSeries[]} series @returns {[number, number]}
 */
function resourceRange(series) {
  const low = Math.min(...series.map((s) => s.low ?? 0));
  const high = Math.max(...series.map((s) => s.high ?? 0));
  const isRate = /%|\/s$/.test(series[0].unit);
  if (!isRate && low > 0 && high - low < FLAT * high) return [low, high];
  return [Math.min(0, low), Math.max(0, high)];
}

/**
 * Rows at the middle of each cell; unknown: NaN, which ends the line.
 * @param {Resources} resources @param {ResourceSeries[]} series
 */
function resourceRows(resources, series) {
  const { start_s: start, cell_s: cell, cells } = resources;
  return Array.from({ length: cells },
    (_, i) => [start + (i + 0.5) * cell,
      ...series.map((s) => s.value?.[Math.floor(i / s.every)] ?? NaN)]);
}

/**
 * As dygraphs takes bands: least, value, most.
 * @param {number[][]} rows @param {ResourceSeries[]} series
 */
function bandRows(rows, series) {
  if (!series.some((s) => s.least)) return undefined;
  return rows.map((row, i) => row.map((value, column) => {
    const bounds = column > 0 ? series[column - 1] : undefined;
    return column === 0 ? value : [bounds?.least?.[i] ?? value, value, bounds?.most?.[i] ?? value];
  }));
}

/**
 * Fills a chart with what its sources, and the activity shown with them, are now.
 * @param {Resources} resources @param {ResourceChart} one
 */
function fillResourceChart(resources, one) {
  const { chart, sources, activity, known } = one;
  const series = sources.map((i) => resources.series[i]);
  const { titles } = chartTitles(series, known);
  chart.series = series.map((s, i) => ({
    name: s.name,
    title: s.of > 0 ? 'mean of ' + formatExact(s.of) : titles[i],
    unit: s.unit,
    group: s.group,
    time: [],
    value: [],
  }));
  chart.rows = resourceRows(resources, series);
  chart.range = resourceRange(series);
  if (activity) {
    const most = Math.max(...activity.cells.map((value) => value || 0));
    const factor = most > 0 ? most / (chart.range[1] || 1) : 1;
    chart.series.push({...activity.series, factor });
    chart.rows.forEach((row, i) => row.push(activity.cells[i] / factor));
  }
  chart.drawn = bandRows(/** @type {number[][]} */ (chart.rows), series);
}

/**
 * @param {Resources} resources @param {number[]} sources @param {number[]} members
 * @param {string | null} [known] - whose they are, where that need not be said
 * @returns {ResourceChart}
 */
function makeResourceChart(resources, sources, members, known = null) {
  const series = sources.map((i) => resources.series[i]);
  const isAll = series[0].of > 0;
  const heading = isAll ? resourceTail(series[0]) : chartTitles(series, known).heading;
  const title =
    series[0].group + ': ' + (heading || chartTitles(series, known).titles.slice(0, 8).join(', '));
  const chart = {
    title,
    unit: series[0].unit,
    series: [],
    rows: [],
    graph: null,
    plot: make('div', { class: 'chart-plot' }),
    reading: make('div', { class: 'chart-reading' }),
  };
  const one = {
    chart,
    heading,
    sources,
    members,
    known,
    activity: null,
    figure: make('figure', { class: 'chart', 'aria-label': safeName(title, 100) }),
    heat: members.length > 0 ? make('canvas', { class: 'heat', role: 'img' }) : null,
    isSeen: false,
    isDrawn: false
  };
  fillResourceChart(resources, one);
  return one;
}

/**
 * Whom a group is about, where it is one; else null.
 * @param {Resources} resources @param {string} group
 */
function wholeOwner(resources, group) {
  const owners = new Set(
    resources.series.filter((one) => one.group === group && one.value).map((one) => one.whose));
  return owners.size === 1 ? Array.from(owners)[0] : null;
}

/** @param {Resources} resources @returns {ResourceGroup[]} */
function resourceGroups(resources) {
  /** @type {Map<string, ResourceGroup>} */
  const groups = new Map();
  /** @type {Map<string, {group: ResourceGroup, numbers: number[], members: number[]}>} */
  const charts = new Map();
  resources.series.forEach((series, i) => {
    /** @type {ResourceGroup} */
    const group = groups.get(series.group) ?? {
      title: series.group,
      whose: wholeOwner(resources, series.group),
      charts: [],
      constant: [],
      missing: new Map()
    };
    groups.set(series.group, group);
    const family = charts.get(series.group + '\nall ' + series.name);
    if (!series.value || series.low === null) {
      const reason = series.reason ?? 'not known why';
      group.missing.set(reason, [...(group.missing.get(reason) ?? []), series]);
    } else if (family && series.of === 0 && series.every > 1) {
      family.members.push(i);
    } else if (series.low === series.high && series.of === 0) {
      group.constant.push(series);
    } else {
      const key = series.group + '\n' + chartKey(series);
      /** @type {{group: ResourceGroup, numbers: number[], members: number[]}} */
      const entry = charts.get(key) ?? { group, numbers: [], members: [] };
      entry.numbers.push(i);
      charts.set(key, entry);
    }
  });
  for (const { group, numbers, members } of charts.values()) {
    for (const part of splitBySize(numbers, resources.series))
      group.charts.push(makeResourceChart(resources, part, members, group.whose));
  }
  return Array.from(groups.values());
}
