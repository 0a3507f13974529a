// The reader's choices, applied before the first paint: colors, and whether what is said of Python is shown.
// The only script that blocks.
(function () {
  'use strict';
  const KEY = 'measured:theme';
  const root = document.documentElement;
  root.classList.add('scripted');
  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* not remembered, but applied */ } };
  const apply = (theme) => {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  apply(kept(KEY));

  const PYTHON = 'measured:python';
  const show = (python) => {
    if (python) delete root.dataset.python;
    else root.dataset.python = 'hidden';
  };
  show(kept(PYTHON) !== 'hidden');

  addEventListener('DOMContentLoaded', () => {
    const select = document.getElementById('theme');
    select.value = root.dataset.theme || 'auto';
    select.addEventListener('change', () => {
      apply(select.value);
      keep(KEY, select.value);
    });
    const python = document.getElementById('python');
    const press = () => python?.setAttribute('aria-pressed', root.dataset.python !== 'hidden');
    press();
    python?.addEventListener('click', () => {
      const shown = root.dataset.python === 'hidden';
      show(shown);
      press();
      document.getElementById('said').textContent = `What is said of Python is ${shown ? 'shown' : 'hidden'}`;
      keep(PYTHON, shown ? 'shown' : 'hidden');
    });
    // Another tab of the book changed it.
    addEventListener('storage', (event) => {
      if (event.key === PYTHON) {
        show(event.newValue !== 'hidden');
        press();
      }
      if (event.key !== KEY) return;
      apply(event.newValue);
      select.value = root.dataset.theme || 'auto';
    });
  });
})();
