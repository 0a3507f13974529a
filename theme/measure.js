// Measures a figure's experiment on the machine that serves the page; then the page's numbers are this
// machine's, and the figure that stood here before is kept below the new one.
(function () {
  'use strict';
  const { element, ask, ready } = window.course;
  const BUILD = '/__course/build';
  const BEFORE = 'measured:before';
  const DONE = 'Measured. These numbers are from this machine.';
  const root = document.documentElement;
  const said = document.getElementById('said');
  let measuring = 0; // figures of this page that measure, or wait for it
  const place = (figure) => figure.closest('[data-m]');

  const build = async () => (await fetch(BUILD, { cache: 'no-store' })).text();

  // The book is built again after a measurement; true when it was.
  const built = async (before) => {
    for (let tries = 0; tries < 120; tries += 1) {
      try { if (await build() !== before) return true; } catch { /* it is being replaced */ }
      await new Promise((later) => { setTimeout(later, 250); });
    }
    return false;
  };

  const left = (seconds) => (seconds >= 90 ? `${Math.round(seconds / 60)} min left` : `${Math.round(seconds)} s left`);

  // What the page shows of the experiment before, to stand below what it shows then.
  const kept = (experiment) => {
    const select = document.getElementById('machine');
    const name = select ? select.selectedOptions[0].text : document.querySelector('.machine-line strong')?.textContent;
    return [...document.querySelectorAll('[data-m] > figure.plot[data-experiment]')]
      .filter((figure) => figure.dataset.experiment === experiment)
      .map((figure) => {
        const copy = figure.cloneNode(true);
        copy.querySelectorAll('.tools, figcaption, details, .trace, .cover, .law-controls, .predicted').forEach((part) => part.remove());
        copy.classList.remove('covered', 'amdahl');
        copy.classList.add('before');
        delete copy.dataset.experiment;
        delete copy.dataset.runs;
        copy.prepend(element('figcaption', '', `For comparison: ${name}`));
        return { m: place(figure).dataset.m, copy };
      });
  };

  const show = async (machine, before) => {
    const { usual } = await window.course.machines(machine);
    if (usual !== machine) return compare(before);
    // The page itself is written with its numbers.
    const html = before.map(({ m, copy }) => {
      copy.firstElementChild.textContent = 'For comparison: before you measured';
      return [m, copy.outerHTML];
    });
    try { sessionStorage.setItem(BEFORE, JSON.stringify([location.pathname, html])); } catch { /* then without */ }
    return location.reload();
  };
  const compare = (before) => {
    for (const { m, copy } of before) {
      const now = document.querySelector(`[data-m="${m}"]`);
      now?.querySelector('.before')?.remove();
      now?.append(copy);
    }
  };
  // After such a reload.
  const comeBack = () => {
    const [path, html] = JSON.parse(sessionStorage.getItem(BEFORE)) ?? [];
    sessionStorage.removeItem(BEFORE);
    if (path !== location.pathname) return;
    compare(html.map(([m, text]) => {
      const part = document.createElement('template');
      part.innerHTML = text;
      return { m, copy: part.content.firstElementChild };
    }));
    said.textContent = DONE;
    if (html.length) goOn(html[0][0], DONE);
  };

  // The pressed button went with the figure that stood there.
  const goOn = (number, sentence) => {
    const tools = document.querySelector(`[data-m="${number}"] .tools`);
    if (!tools) return;
    tools.querySelector('.words').textContent = sentence;
    if (document.activeElement === document.body) tools.querySelector('.measure').focus();
  };

  const start = (figure) => {
    const tools = figure.querySelector('.tools');
    if (!tools || !place(figure) || tools.querySelector('.measure')) return;
    const { experiment } = figure.dataset;
    const button = element('button', 'measure', 'Measure on this machine');
    const bar = element('progress');
    const words = element('span', 'words');
    bar.hidden = true;
    bar.setAttribute('aria-label', 'Rounds');
    tools.append(button, bar, words);
    const number = place(figure).dataset.m;
    let running = null;
    button.addEventListener('click', async () => {
      if (running) return running.abort();
      if (!ready('Measure on this machine', `cargo course measure ${experiment}`)) return undefined;
      running = new AbortController();
      measuring += 1;
      root.dataset.measuring = ''; // reload.js waits meanwhile
      button.textContent = 'Stop';
      bar.hidden = false;
      bar.removeAttribute('value');
      words.textContent = 'Asking the server …';
      said.textContent = 'Measuring';
      const finish = (sentence) => {
        words.textContent = sentence;
        said.textContent = sentence;
      };
      try {
        const id = await build().catch(() => null);
        let end = null;
        for await (const message of ask('/__course/measure', { experiment }, running.signal)) {
          if (message.waiting) words.textContent = `Waiting: ${message.waiting} before this one`;
          if (message.started) words.textContent = 'Compiling and preparing …';
          if (message.round) {
            bar.max = message.of;
            bar.value = message.round - 1;
            const time = message.seconds_left === undefined || message.seconds_left === null ? '' : `, ${left(message.seconds_left)}`;
            words.textContent = `Round ${message.round} of ${message.of}: ${message.point}${time}`;
          }
          if (message.ended) end = message;
        }
        if (end?.how === 'success') {
          finish('Measured. The book is built again …');
          const before = kept(experiment);
          if (await built(id)) await show(end.machine, before);
          finish(DONE);
          goOn(number, DONE);
        } else finish(end ? end.ended : 'The server broke off.');
      } catch (why) {
        finish(running.signal.aborted ? 'Stopped.' : why.message);
      }
      measuring -= 1;
      if (!measuring) delete root.dataset.measuring;
      running = null;
      bar.hidden = true;
      button.textContent = 'Measure on this machine';
      return undefined;
    });
  };

  const all = () => document.querySelectorAll('figure.plot[data-experiment]').forEach(start);
  document.addEventListener('machine', all);
  all();
  try { comeBack(); } catch { /* nothing to compare with */ }
})();
