/*
 * Timelines: one small chart for each group of series, all over the same time.
 * Drawn by dygraphs; cursor and brush lie over all of them (brush.js).
 */

const CHART_HEIGHT = 50;  // pixels
const AXIS_WIDTH = 64;

/** Of lines, on light and on dark ground. */
const LINE_COLOURS = [
  ['#b4431f', '#ff9d6c'],
  ['#1f7a70', '#63c9bc'],
  ['#4a5fc1', '#9db0ff'],
  ['#8a6a00', '#e3c25a'],
  ['#8d3c86', '#e59bdd'],
  ['#4f7a1f', '#a8d46e'],
  ['#5c5650', '#c9c0b6'],
  ['#b0276a', '#ff8fc0'],
];

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} unit
 * @property {SeriesDescription[]} series
 * @property {(number | null)[][]} rows
 * @property {(number | number[] | null)[][]} [drawn] - instead of the rows: least, value and most
 * @property {[number, number]} [range] - of the axis, where it is not that of the rows with 0
 * @property {Dygraph | null} graph
 * @property {HTMLElement} plot
 * @property {HTMLElement} reading
 */

/**
 * What ran in each slice, where the document brings no series.
 * @param {Model} model @returns {SeriesDescription[]}
 */
function seriesOfSlices(model) {
  const { slices, data } = model;
  if (!slices) return [];
  const value = new Array(slices.count).fill(0);
  for (let i = 0; i < slices.slice.length; i += 1)
    value[slices.slice[i]] += slices.cpu[i] / 1e9 / slices.width;
  const time = value.map((_, i) => data.start_s + (i + 0.5) * slices.width);
  return [
    { name: 'cpu', title: 'CPU', unit: 'cores', group: 'cpu', time, value, label: 'sampled' }
  ];
}

/**
 * Rows of a chart. Where a series has no value at a time of another: null, where it is
 * unavailable: NaN.
 * @param {SeriesDescription[]} series
 */
function chartRows(series) {
  /** @type {Map<number, (number | null)[]>} */
  const rows = new Map();
  series.forEach((one, column) => one.time.forEach((time, i) => {
    let row = rows.get(time);
    if (!row) rows.set(time, row = [time, ...series.map(() => null)]);
    row[column + 1] = one.value[i] ?? NaN;
  }));
  return Array.from(rows.values()).sort((a, b) => Number(a[0]) - Number(b[0]));
}

/** @param {Model} model @returns {Chart[]} */
function makeCharts(model) {
  const series = model.data.series.length > 0 ? model.data.series : seriesOfSlices(model);
  /** @type {Map<string, SeriesDescription[]>} */
  const groups = new Map();
  for (const one of series) {
    if (one.time.length === 0) continue;
    const key = one.group + '\n' + one.unit;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return Array.from(groups.values(), (group) => ({
    title: group.length === 1 ? group[0].title : group[0].group,
    unit: group[0].unit,
    series: group,
    rows: chartRows(group),
    graph: null,
    plot: make('div', { class: 'chart-plot' }),
    reading: make('div', { class: 'chart-reading' }),
  }));
}

/**
 * The row of a chart nearest to a time, or -1.
 * @param {Chart} chart @param {number} time
 */
function nearestRow(chart, time) {
  let low = 0;
  let high = chart.rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(chart.rows[middle][0]) < time)
      low = middle + 1;
    else
      high = middle;
  }
  if (low > 0 && time - Number(chart.rows[low - 1][0]) < Number(chart.rows[low][0]) - time)
    low -= 1;
  return chart.rows.length > 0 ? low : -1;
}

/** @param {number} value @param {string} unit */
function formatReading(value, unit) {
  return unit === 'cores' ? value.toFixed(2) + ' cores' : formatValue(value, unit);
}

/** @param {number} value @param {string} unit */
function formatTick(value, unit) {
  // Words, as in "1.5 threads", are in the chart's reading; here there is no room for them.
  const isWord = !SCALES.has(unit) && !unit.startsWith('bytes/') && unit !== 'percent' &&
    unit !== '%' && unit !== 's';
  return isWord ? String(Number(value.toPrecision(3)))
                : formatValue(value, unit).replace(/\.0+(?= |$)/, '');
}

/**
 * dygraphs takes labels as markup: text for it.
 * @param {string} text
 */
function escapeMarkup(text) {
  return text.replace(/[&<>"']/g, (character) => '&#' + character.charCodeAt(0) + ';');
}

/**
 * Least and greatest value, with 0: the two figures on the axis of a chart.
 * @param {Chart} chart
 * @returns {[number, number]}
 */
function chartRange(chart) {
  if (chart.range) return chart.range;
  let [least, most] = [0, 0];
  for (const row of chart.rows) {
    for (let i = 1; i < row.length; i += 1) {
      const value = row[i];
      if (value !== null && value < least) least = value;
      if (value !== null && value > most) most = value;
    }
  }
  return [least, most];
}

/**
 * The value of a series at a row, or the last known before it.
 * @param {Chart} chart @param {number} column @param {number} row
 */
function valueAt(chart, column, row) {
  let at = row;
  while (at > 0 && chart.rows[at][column + 1] === null) at -= 1;
  const value = chart.rows[at]?.[column + 1];
  return value === null || value === undefined || Number.isNaN(value) ? null : value;
}

/**
 * Title of a chart and, under the cursor, its values.
 * @param {Chart} chart @param {number} row - or -1
 */
function showReading(chart, row) {
  const dark = isDarkTheme() ? 1 : 0;
  const parts = chart.series.map((series, i) => {
    const value = row < 0 ? null : valueAt(chart, i, row);
    const text = row < 0 ? ''
      : value === null   ? ' unavailable'
                         : ' ' + formatReading(value * (series.factor ?? 1), series.unit);
    return make('span', { class: 'chart-series' }, make('span', {
      class: 'swatch line',
      style: 'background:' + LINE_COLOURS[i % LINE_COLOURS.length][dark]
    }),
      safeName(series.title, 40), make('b', {}, text));
  });
  const labels = Array.from(
    new Set(chart.series.map((series) => series.label ?? '').filter((label) => label !== '')));
  chart.reading.replaceChildren(...parts, make('span', { class: 'quiet' }, labels.join(', ')));
}

/**
 * What a chart shows at a moment; null: nothing is pointed at.
 * @param {Chart} chart @param {number | null} time
 */
function showTime(chart, time) {
  const row = time === null ? -1 : nearestRow(chart, time);
  showReading(chart, row);
  if (row >= 0)
    chart.graph?.setSelection(row);
  else
    chart.graph?.clearSelection();
}

/**
 * Round times, about one for every hundred pixels.
 * @param {[number, number]} range @param {number} pixels
 */
function timeTicks(range, pixels) {
  const least = (range[1] - range[0]) / Math.max(1, pixels / 100);
  const size = 10 ** Math.floor(Math.log10(least));
  const step = size * (least <= size ? 1 : least <= 2 * size ? 2 : least <= 5 * size ? 5 : 10);
  const ticks = [];
  for (let i = Math.ceil(range[0] / step); i * step <= range[1]; i += 1)
    ticks.push(Number((i * step).toPrecision(9)));
  return ticks;
}

/**
 * The time axis below charts.
 * @param {HTMLElement} axis @param {Times} times @param {{x: number, w: number}} area
 */
function showAxis(axis, times, area) {
  axis.replaceChildren(...timeTicks(times.range, area.w)
                         .map((time) => make('span', {
                           class: times.percent(time) < 2 ? 'first'
                             : times.percent(time) > 98   ? 'last'
                                                          : null,
                           style: 'left:' + (area.x + (area.w * times.percent(time)) / 100) + 'px',
                         },
                                Number(time.toPrecision(6)) + ' s')));
}

/** @param {Chart} chart @param {number[]} ticks */
function chartAxes(chart, ticks) {
  const figures = Array.from(new Set([...chartRange(chart), 0]));
  return {
    x: { drawAxis: false, drawGrid: true, ticker: () => ticks.map((v) => ({ v, label: '' })) },
    y: {
      ticker: () => figures.map((v) => ({ v, label: escapeMarkup(formatTick(v, chart.unit)) })),
      axisLabelWidth: AXIS_WIDTH - 6,
      drawGrid: true,
    },
  };
}

/** @param {Chart} chart @param {[number, number]} range @param {number[]} ticks */
function drawChart(chart, range, ticks) {
  const dark = isDarkTheme() ? 1 : 0;
  const style = getComputedStyle(document.documentElement);
  const [least, greatest] = chartRange(chart);
  const most = greatest > least ? greatest : least + 1;
  const room = (most - least) * 0.16;  // for the names above and half a figure below
  chart.plot.style.height = CHART_HEIGHT + 'px';
  chart.graph?.destroy();
  chart.graph = new Dygraph(chart.plot, chart.drawn ?? chart.rows, {
    labels: ['time', ...chart.series.map((_, i) => 'series ' + i)],
    colors: chart.series.map((_, i) => LINE_COLOURS[i % LINE_COLOURS.length][dark]),
    dateWindow: range,
    legend: 'never',
    interactionModel: {},
    connectSeparatedPoints: true,
    valueRange: [least - room, most + room],
    customBars: chart.drawn !== undefined,
    fillGraph: chart.series.length === 1 && !chart.drawn && least <= 0,
    fillAlpha: 0.25,
    strokeWidth: 1.2,
    highlightCircleSize: 3,
    axes: chartAxes(chart, ticks),
    gridLineColor: style.getPropertyValue('--grid').trim(),
    axisLineColor: style.getPropertyValue('--grid').trim(),
    axisLabelFontSize: 11,
    rightGap: 8,
    yRangePad: 0,
    xRangePad: 0,
    axisTickSize: 2,
  });
  showReading(chart, -1);
}
