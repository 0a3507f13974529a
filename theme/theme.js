// The reader's choice of colors, applied before the first paint. The only script that blocks.
(function () {
  'use strict';
  const KEY = 'measured:theme';
  const root = document.documentElement;
  root.classList.add('scripted');
  const kept = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const apply = (theme) => {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  apply(kept());

  addEventListener('DOMContentLoaded', () => {
    const select = document.getElementById('theme');
    select.value = root.dataset.theme || 'auto';
    select.addEventListener('change', () => {
      apply(select.value);
      try { localStorage.setItem(KEY, select.value); } catch { /* not remembered, but applied */ }
    });
    // Another tab of the book changed it.
    addEventListener('storage', (event) => {
      if (event.key !== KEY) return;
      apply(event.newValue);
      select.value = root.dataset.theme || 'auto';
    });
  });
})();
