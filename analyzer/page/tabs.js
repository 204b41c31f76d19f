/*
 * The row of tabs and what it shows. Its own file for the keyboard of tabs: one
 * of them is reached by Tab, the others by arrow keys.
 */

/** @typedef {{name: string, title: string, element: HTMLElement}} Tab */

/** @param {Store} store @param {Tab[]} tabs */
function makeTabs(store, tabs) {
  const buttons = tabs.map((tab) => make('button', {
    type: 'button',
    role: 'tab',
    id: 'tab-' + tab.name,
    'aria-controls': 'panel-' + tab.name,
    'data-test': 'tab-' + tab.name,
    onclick: () => store.set({ tab: tab.name }),
  },
                             tab.title));
  const panels = tabs.map((tab) => make('div', {
    role: 'tabpanel',
    id: 'panel-' + tab.name,
    class: 'panel',
    'aria-labelledby': 'tab-' + tab.name,
  },
                            tab.element));
  const follow = () => tabs.forEach((tab, i) => {
    const isShown = tab.name === store.choice.tab;
    buttons[i].setAttribute('aria-selected', String(isShown));
    buttons[i].tabIndex = isShown ? 0 : -1;
    panels[i].hidden = !isShown;
  });
  const list = make('div', {
    role: 'tablist',
    class: 'tabs',
    'aria-label': 'views',
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      if (step === 0) return;
      const here = tabs.findIndex((tab) => tab.name === store.choice.tab);
      const next = (here + step + tabs.length) % tabs.length;
      store.set({ tab: tabs[next].name });
      buttons[next].focus();
      event.preventDefault();
    },
  },
    ...buttons);
  store.on(['tab'], follow);
  follow();
  return { list, panels };
}
