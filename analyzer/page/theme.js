/*
 * Light and dark: the system's choice, until the reader makes one. Kept for this
 * browser where it lets pages keep anything.
 */

const THEME_KEY = 'profinject-theme';

function isDarkTheme() {
  const chosen = document.documentElement.dataset.theme;
  if (document.documentElement.dataset.print) return false;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** @param {string} [theme] - to keep; otherwise the one kept is returned */
function keptTheme(theme) {
  try {
    if (theme) localStorage.setItem(THEME_KEY, theme);
    return localStorage.getItem(THEME_KEY) ?? '';
  } catch {
    return '';  // pages opened from files may be forbidden to keep anything
  }
}

/** @param {() => void} redraw - of what is not drawn by the style sheet */
function makeThemeButton(redraw) {
  const root = document.documentElement;
  const kept = keptTheme();
  if (kept === 'dark' || kept === 'light') root.dataset.theme = kept;
  const button = make('button', { type: 'button', 'data-test': 'theme' });
  const show = () => {
    button.textContent = isDarkTheme() ? 'Light' : 'Dark';
    button.setAttribute(
      'aria-label', 'change to the ' + (isDarkTheme() ? 'light' : 'dark') + ' theme');
  };
  const change = () => {
    show();
    redraw();
  };
  button.addEventListener('click', () => {
    root.dataset.theme = isDarkTheme() ? 'light' : 'dark';
    keptTheme(root.dataset.theme);
    change();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', change);
  // Paper is light.
  window.addEventListener('beforeprint', () => {
    root.dataset.print = 'yes';
    redraw();
  });
  window.addEventListener('afterprint', () => {
    delete root.dataset.print;
    redraw();
  });
  show();
  return button;
}
