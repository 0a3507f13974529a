// What every page does: marks where the reader is, copies listings, turns pages by arrow keys, unfolds for print,
// and fetches the scripts that this page needs.
(function () {
  'use strict';
  const said = document.getElementById('said');
  const scripts = document.currentScript.dataset;

  // `course serve` prints an address that ends with a key. It leaves the address at once, and is kept for
  // as long as this tab is open.
  const delivered = !!document.querySelector('script[data-endpoint="/__course/build"]');
  const key = delivered && /^#token=([0-9a-f]+)$/.exec(location.hash);
  if (key) {
    try { sessionStorage.setItem('measured:token', key[1]); } catch { /* then buttons say what is missing */ }
    history.replaceState(history.state, '', location.pathname + location.search);
  }

  // In this order: steps.js and served.js come before what builds on them.
  const needs = {
    predict: 'form.predict',
    steps: 'figure.interleavings',
    interleavings: 'figure.interleavings',
    timeline: 'figure[data-runs]',
    diagrams: 'figure.diagram',
    instructor: 'details.instructor',
    chooser: '.chooser',
    amdahl: 'figure.amdahl',
    served: 'button.run, button.play',
    run: 'button.run, button.play',
    measure: delivered ? '[data-m] > figure.plot[data-experiment]' : '',
    exercise: delivered ? 'section.exercise' : '',
  };
  for (const where of [needs.measure, needs.exercise]) if (where) needs.served += `, ${where}`;
  for (const [name, where] of Object.entries(needs)) {
    if (!where || !scripts[name] || !document.querySelector(where)) continue;
    const script = document.createElement('script');
    script.src = scripts[name];
    script.async = false; // in order
    document.head.append(script);
  }

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
      said.textContent = word;
      button.disabled = true;
      setTimeout(() => {
        button.textContent = 'Copy';
        button.disabled = false;
        said.textContent = '';
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
