/*
 * The help dialog: every key, and what the views mean.
 */

/** @type {[string, [string, string][]][]} */
const HELP = [
  [
    'Anywhere',
    [
      ['?', 'this help'],
      ['/ or Ctrl+F', 'search functions'],
      ['n, N', 'next and previous frame found'],
      ['1 to 9', 'a tab'],
      ['f', 'to the flame graph'],
      ['t', 'to the timelines'],
      ['m', 'to the choice of metric'],
    ]
  ],
  [
    'In a flame graph',
    [
      ['arrow keys', 'walk from frame to frame'],
      ['Enter or click', 'zoom to the frame'],
      ['Backspace', 'one step out'],
      ['Escape', 'all of it'],
      ['Home', 'to the root'],
      ['+ and -', 'zoom; Ctrl with the wheel does so too'],
      ['Shift+arrows', 'pan; dragging does so too'],
      ['s', 'callers and callees of the function'],
    ]
  ],
  [
    'In the timelines',
    [
      ['arrow keys', 'move the cursor'],
      ['Shift+arrows', 'choose a part of the time; dragging does so too'],
      ['Escape', 'the whole time'],
      ['up, down', 'of resources: from one timeline to the next'],
    ]
  ],
];

/** @type {[string, string][]} */
const HELP_TERMS = [
  ['total', 'of a frame: its own code and all it calls'],
  ['self', 'of a frame: its own code alone'],
  ['sampled', 'counted by samples: right on average, not to the last digit'],
  ['off-CPU', 'time in which a thread waited: for a lock, for input or output, asleep'],
  ['q', 'of all pairs called significant at this one’s, at most this part are so by chance'],
  ['runnable', 'time in which a thread could have run but had no processor'],
];

/** @param {[string, string][]} rows @param {'kbd' | 'b'} tag */
function helpRows(rows, tag) {
  return make('table', {},
    make('tbody', {},
      ...rows.map(([key, text]) => make('tr', {}, make('th', { scope: 'row' }, make(tag, {}, key)),
                    make('td', {}, text)))));
}

function makeHelp() {
  const close = make('button', { type: 'button', onclick: () => dialog.close() }, 'Close');
  const dialog = make('dialog', { class: 'help', 'aria-label': 'help', 'data-test': 'help' },
    make('div', { class: 'help-columns' }, ...HELP.map(([title,
      rows]) => make('section', {}, make('h2', {}, title), helpRows(rows, 'kbd'))),
      make('section', {}, make('h2', {}, 'Words'), helpRows(HELP_TERMS, 'b'))),
    close);
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  document.body.append(dialog);
  return dialog;
}
