// What every page does: marks where the reader is, takes choices, copies listings, turns pages by arrow keys, unfolds
// for print, and fetches the scripts that this page needs.
(function () {
  'use strict';
  const { choose, element, restore, say } = window.course;

  // The scripts that this page has elements for, in the order in which book.toml names them.
  for (const line of document.getElementById('scripts').textContent.trim().split('\n')) {
    const [address, elements] = line.split(/ (.*)/);
    if (!document.querySelector(elements)) continue;
    const script = element('script');
    script.src = address;
    script.async = false; // in order
    document.head.append(script);
  }

  // The choices that hold on every page: colors, and whether what is said of Python is shown.
  const chosen = document.documentElement.dataset;
  const theme = document.getElementById('theme');
  const python = document.getElementById('python');
  const tell = () => {
    theme.value = chosen.theme || 'auto';
    python?.setAttribute('aria-pressed', !chosen.python);
  };
  tell();
  theme.addEventListener('change', () => choose('theme', theme.value));
  python?.addEventListener('click', () => {
    const choice = chosen.python ? 'shown' : 'hidden';
    choose('python', choice);
    tell();
    say(`What is said of Python is ${choice}`);
  });
  // Another tab of the book changed one.
  addEventListener('storage', () => {
    restore();
    tell();
  });

  // The contents: mark this page and bring it into view.
  const contents = document.getElementById('contents');
  const links = [...contents.querySelectorAll('ol.chapter a')];
  const here = location.pathname.replace(/\/$/, '/index.html');
  const current = links.find((link) => link.pathname === here)
    || (here.endsWith('/index.html') ? links[0] : null);
  const reveal = () => {
    if (current && current.offsetTop > contents.clientHeight * 0.9) {
      contents.scrollTop = current.offsetTop - contents.clientHeight / 3;
    }
  };
  if (current) {
    current.setAttribute('aria-current', 'page');
    reveal();
    contents.addEventListener('toggle', reveal);
  }

  // The list of this page's sections: the one that is read is marked, and a folded list folds again once it has
  // led there.
  const list = document.querySelector('.here details');
  if (list) {
    const steps = [...list.querySelectorAll('a')]
      .map((link) => ({ link, heading: document.getElementById(decodeURIComponent(link.hash.slice(1))) }));
    let asked = false;
    const mark = () => {
      asked = false;
      const line = innerHeight / 3;
      const at = steps.findLast(({ heading }) => heading && heading.getBoundingClientRect().top < line);
      for (const { link } of steps) {
        if (link === at?.link) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
      }
    };
    const soon = () => {
      if (!asked) requestAnimationFrame(mark);
      asked = true;
    };
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    soon();
    list.addEventListener('click', (event) => { if (event.target.closest('a')) list.open = false; });
  }

  // Copy buttons are in the page but hidden, because without a script they do nothing.
  for (const button of document.querySelectorAll('button.copy')) {
    const code = button.closest('.card').querySelector('pre');
    if (!navigator.clipboard || !code) continue;
    button.textContent = 'Copy'; // not in the markup, so that no search finds it
    button.hidden = false;
    button.addEventListener('click', async () => {
      let word = 'Copied';
      try { await navigator.clipboard.writeText(code.textContent); } catch { word = 'Not copied'; }
      button.textContent = word;
      say(word);
      button.disabled = true;
      setTimeout(() => {
        button.textContent = 'Copy';
        button.disabled = false;
        say('');
      }, 1500);
    });
  }

  // What scrolls sideways must be reachable by keyboard.
  const reachable = () => {
    for (const box of document.querySelectorAll('main pre, .scroll, .table-wrapper')) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    }
  };
  addEventListener('load', reachable);
  addEventListener('resize', reachable);
  document.addEventListener('toggle', reachable, true);

  // Left and right turn the page, only while nothing has the focus, nothing is selected and no modifier is
  // held. Screen readers in browse mode keep the arrow keys to themselves.
  addEventListener('keydown', (event) => {
    const step = { ArrowLeft: 'prev', ArrowRight: 'next' }[event.key];
    if (!step || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (document.activeElement !== document.body || !getSelection().isCollapsed) return;
    // A page that was magnified with two fingers is moved by these keys.
    if (contents.matches(':popover-open') || (window.visualViewport?.scale ?? 1) > 1) return;
    const link = document.querySelector(`.onward a[rel=${step}]`);
    if (link) location.href = link.href;
  });

  // Paper does not unfold.
  let unfolded = [];
  addEventListener('beforeprint', () => {
    unfolded = [...document.querySelectorAll('main details:not([open])')];
    for (const fold of unfolded) fold.open = true;
  });
  addEventListener('afterprint', () => {
    for (const fold of unfolded) fold.open = false;
    unfolded = [];
  });
})();
