/*
 * Search: a text, or a regular expression between slashes; lower case finds both
 * cases. By label, since a name is many frames.
 */

/**
 * @param {string} source
 * @returns {RegExp | null | undefined} null: nothing is searched; undefined: a mistake in it
 */
function compileSearch(source) {
  if (source === '') return null;
  const isPattern = source.length > 2 && source.startsWith('/') && source.endsWith('/');
  const pattern = isPattern ? source.slice(1, -1) : source.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  try {
    return new RegExp(pattern, source === source.toLowerCase() ? 'iu' : 'u');
  } catch {
    return undefined;
  }
}

/**
 * @param {Labels} labels
 * @param {RegExp} pattern
 * @param {number} extra - labels that never match
 */
function matchLabels(labels, pattern, extra) {
  const matches = new Uint8Array(labels.count + extra);
  for (let i = 0; i < labels.count; i += 1) matches[i] = pattern.test(labels.name[i]) ? 1 : 0;
  return matches;
}

/**
 * Labels of functions with exactly this name.
 * @param {Labels} labels @param {string} name @param {number} extra
 */
function namedLabels(labels, name, extra) {
  const matches = new Uint8Array(labels.count + extra);
  let found = 0;
  for (let i = 0; i < labels.count; i += 1) {
    if (labels.name[i] === name) {
      matches[i] = 1;
      found += 1;
    }
  }
  return found > 0 ? matches : null;
}
