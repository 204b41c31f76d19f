/*
 * Text: figures with units as all reports round them (analyzer/util/units.c),
 * names made harmless, elements of the document. Its own file so that nothing
 * else in the page makes text or elements by other means: names come from
 * strangers' programs and are never markup.
 */

const NAME_LIMIT = 240;  // characters of a name in lists and labels

/* Controls, marks of direction, what has no width and halves of pairs: shown as
 * what they are, since one of them alone can rearrange or hide its surroundings. */
const CONTROLS = new RegExp(
  [
    '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f]',
    '[\\ufeff\\ufff9-\\ufffb]',
    '[\\ud800-\\udbff](?![\\udc00-\\udfff])',
    '(?<![\\ud800-\\udbff])[\\udc00-\\udfff]',
  ].join('|'),
  'g');

/** @param {string} character */
function escapeControl(character) {
  return '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0');
}

/**
 * A name as it may stand anywhere, at most `limit` characters long.
 * @param {string} name
 * @param {number} [limit]
 */
function safeName(name, limit = NAME_LIMIT) {
  const cut = name.length > limit ? name.slice(0, limit) : name;
  const safe = cut.replace(CONTROLS, escapeControl);
  return name.length > limit ? safe + '…' : safe;
}

/**
 * An element. Attributes that begin with "on" are listeners, booleans stand
 * without value, strings among the children become text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{[name: string]: any}} [attributes]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on'))
      element.addEventListener(key.slice(2), value);
    else if (value === true)
      element.setAttribute(key, '');
    else if (value !== false && value !== null)
      element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null).map((child) => child ?? ''));
  return element;
}

/**
 * A name of the program that was profiled, apart from the direction of the text around it.
 * @param {string} name
 * @param {number} [limit]
 */
function makeName(name, limit) {
  return make('bdi', { class: 'name' }, safeName(name, limit));
}

/** @param {number} value @param {string} unit */
function threeDigits(value, unit) {
  const size = Math.abs(value);
  const decimals = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return value.toFixed(decimals) + (unit ? ' ' + unit : '');
}

/** @type {[number, string][]} */
const COUNT_UNITS = [[1, ''], [1e3, 'k'], [1e6, 'M'], [1e9, 'G'], [1e12, 'T']];
/** @type {[number, string][]} */
const BYTE_UNITS =
  [[1, 'B'], [2 ** 10, 'KiB'], [2 ** 20, 'MiB'], [2 ** 30, 'GiB'], [2 ** 40, 'TiB']];

/** By a map, since programs name the units of their counters and may call one "constructor".
 * @type {Map<string, [number, string][]>} */
const SCALES = new Map([
  ['nanoseconds', [[1, 'ns'], [1e3, 'us'], [1e6, 'ms'], [1e9, 's']]],
  ['bytes', BYTE_UNITS],
  ['count', COUNT_UNITS],
  ['MHz', [[1, 'MHz'], [1e3, 'GHz']]],
]);

/**
 * The largest unit that `value`, once rounded, is not below.
 * @param {number} value @param {[number, string][]} units
 */
function scaled(value, units) {
  let chosen = units.length - 1;
  while (chosen > 0 && Math.abs(value) < units[chosen][0] * 0.9995) chosen -= 1;
  const [size, name] = units[chosen];
  if (chosen > 0) return threeDigits(value / size, name);
  const digits = Number.isInteger(value) ? String(value) : threeDigits(value, '');
  return name ? digits + ' ' + name : digits;
}

/** @param {number} value @param {Unit} unit @returns {string} */
function formatValue(value, unit) {
  if (value === 0) return '0';
  if (unit === 'seconds' || unit === 's') return formatValue(value * 1e9, 'nanoseconds');
  if (unit === 'percent' || unit === '%') return threeDigits(value, '%');
  if (unit === 'strength') return formatStrength(value);
  if (unit === 'degC') return value.toFixed(1) + ' °C';
  if (unit === '1/s') return scaled(value, COUNT_UNITS) + '/s';
  if (unit === 'nanoseconds') {
    const minutes = Math.abs(value) / 60e9;
    if (minutes >= 120) return threeDigits(value / 3600e9, 'h');
    if (minutes >= 10) return threeDigits(value / 60e9, 'min');
  }
  const scale = SCALES.get(unit);
  if (scale) return scaled(value, scale);
  if (unit.startsWith('bytes/')) return scaled(value, BYTE_UNITS) + unit.slice(5);
  return (scaled(value, COUNT_UNITS) + ' ' + safeName(unit, 30)).trim();
}

/** @param {number} part @param {number} whole */
function formatShare(part, whole) {
  if (!(whole > 0) && !(whole < 0)) return '-';
  const percent = (100 * part) / whole;
  const size = Math.abs(percent);
  if (part === 0) return '0 %';
  if (size < 0.005) return '<0.01 %';
  return percent.toFixed(size < 0.995 ? 2 : size < 9.95 ? 1 : 0) + ' %';
}

/**
 * A share with two decimals, where it is compared with others.
 * @param {number} part @param {number} whole
 */
function preciseShare(part, whole) {
  return whole > 0 ? ((100 * part) / whole).toFixed(2) + ' %' : '-';
}

/**
 * A change with its sign.
 * @param {number} change @param {Unit} unit
 */
function formatChange(change, unit) {
  return (change > 0 ? '+' : change < 0 ? '-' : '') + formatValue(Math.abs(change), unit);
}

/**
 * Seconds of the time axis.
 * @param {number} seconds
 */
function formatTime(seconds) {
  return seconds.toFixed(seconds < 100 ? 3 : 2) + ' s';
}

/**
 * A count with all its digits.
 * @param {number} count
 */
function formatExact(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}
