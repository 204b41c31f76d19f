/*
 * The head of the page: what was recorded, the figures, why it was slow, how it
 * ended, what was wrong with the recording.
 */

/** @param {App} app @param {HTMLElement[]} buttons */
function makeHeader(app, buttons) {
  const { data } = app.model;
  const { diff } = data;
  const title = make('h1', { 'data-test': 'title' }, makeName(data.title, 120));
  if (data.part) title.append(make('span', { class: 'quiet' }, ' ' + safeName(data.part)));
  if (diff) {
    title.replaceChildren(makeName(diff.before, 80),
      make('span', { class: 'quiet' }, ' compared with '), makeName(diff.after, 80));
  }
  const facts = make('ul', { class: 'facts', 'data-test': 'facts' },
    ...data.facts.map(
      ([key, value]) => make('li', {}, make('span', { class: 'quiet' }, safeName(key) + ' '),
        make('b', {}, safeName(value, 400)))));
  /** @type {HTMLElement[]} */
  const lines = [];
  if (data.why)
    lines.push(make(
      'p', { class: 'why', 'data-test': 'why' }, make('b', {}, 'Why '), makeName(data.why, 1000)));
  if (data.end)
    lines.push(make(
      'p', { class: 'end', 'data-test': 'end' }, make('b', {}, 'End '), makeName(data.end, 1000)));
  const messages =
    data.messages.map((message) => make('p', { class: 'message' }, makeName(message, 1000)));
  if (messages.length > 0) {
    lines.push(make('details', { class: 'messages' },
      make('summary', {},
        messages.length === 1 ? '1 note on the recording'
                              : messages.length + ' notes on the recording'),
      ...messages));
  }
  return make('header', {},
    make('div', { class: 'head' }, title, make('div', { class: 'head-buttons' }, ...buttons)),
    facts, ...lines);
}
