// Measures a figure's experiment on the machine that serves the page; then the page's numbers are this
// machine's, and the figure that stood here before is kept below the new one.
// Fetched for: .served figure[data-experiment]
(function () {
  'use strict';
  const { ask, element, onMachine, ready, say, tab } = window.course;
  const BEFORE = 'before';
  const DONE = 'Measured. These numbers are from this machine.';
  const root = document.documentElement;
  let measuring = 0; // figures of this page that measure, or wait for it
  const place = (figure) => figure.closest('[data-m]');

  // The page as it was written, without what follows a machine: another after the measurement means that
  // the chapter was edited meanwhile.
  const written = async () => {
    const answer = await fetch(location.pathname, { cache: 'no-store' });
    const main = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    main.querySelectorAll('[data-m], script').forEach((part) => part.remove());
    return main.innerHTML;
  };

  const left = (seconds) => (seconds >= 90 ? `${Math.round(seconds / 60)} min left` : `${Math.round(seconds)} s left`);

  const figuresOf = (experiment) => [...document.querySelectorAll('[data-m] > figure.plot[data-experiment]')]
    .filter((figure) => figure.dataset.experiment === experiment);

  // What the page shows of the experiment before, to stand below what it shows then.
  const kept = (experiment) => {
    const select = document.getElementById('machine');
    const name = select ? select.selectedOptions[0].text : document.querySelector('.machine-line strong')?.textContent;
    return figuresOf(experiment).map((figure) => {
      const copy = figure.cloneNode(true);
      copy.querySelectorAll('.tools, figcaption, details, .trace, .cover, .law-controls, .predicted').forEach((part) => part.remove());
      copy.classList.remove('covered', 'amdahl');
      copy.classList.add('before');
      delete copy.dataset.experiment;
      delete copy.dataset.runs;
      copy.prepend(element('figcaption', '', `For comparison: ${name}`));
      return copy;
    });
  };

  const show = async (machine, experiment, before, edited) => {
    const { usual } = await window.course.machines(machine);
    if (usual !== machine && !edited) return compare(experiment, before);
    // The page itself is written with its numbers, or with other words than are read here.
    const html = before.map((copy) => {
      if (usual === machine) copy.firstElementChild.textContent = 'For comparison: before you measured';
      return copy.outerHTML;
    });
    tab.set(BEFORE, JSON.stringify([location.pathname, experiment, html]));
    return location.reload();
  };
  const compare = (experiment, before) => figuresOf(experiment).forEach((figure, nth) => {
    place(figure).querySelector('.before')?.remove();
    if (before[nth]) place(figure).append(before[nth]);
  });
  // After such a reload.
  const comeBack = () => {
    const [path, experiment, html] = JSON.parse(tab.get(BEFORE) || '[]');
    tab.set(BEFORE, '');
    if (path !== location.pathname) return;
    const before = html.map((text) => {
      const part = document.createElement('template');
      part.innerHTML = text;
      return part.content.firstElementChild;
    });
    // The figures of another machine than the page is written with come a little later.
    window.course.settled?.then(() => {
      compare(experiment, before);
      say(DONE);
      const [first] = figuresOf(experiment);
      if (first) goOn(place(first).dataset.m, DONE);
    });
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
      say('Measuring');
      const finish = (sentence) => {
        words.textContent = sentence;
        say(sentence);
      };
      try {
        const source = await written().catch(() => null);
        let [end, refused] = [null, null];
        for await (const message of ask('measure', { experiment }, running.signal)) {
          if (message.waiting) words.textContent = `Waiting: ${message.waiting} before this one`;
          if (message.started) words.textContent = 'Compiling and preparing …';
          if (message.round === 0) words.textContent = `A round that does not count, to see what one costs: ${message.point}`;
          if (message.round) {
            bar.max = message.of;
            bar.value = message.round - 1;
            const time = message.seconds_left === undefined || message.seconds_left === null ? '' : `, ${left(message.seconds_left)}`;
            words.textContent = `Round ${message.round} of ${message.of}: ${message.point}${time}`;
          }
          if (message.rendering) finish('The book is built again …');
          if (message.built) root.dataset.built = message.built; // reload.js knows it now
          if (message.not_built) refused = message.not_built;
          if (message.ended) end = message;
        }
        if (end?.how === 'success' && refused) {
          finish(`Measured and recorded, but the book does not build now: ${refused}`);
        } else if (end?.how === 'success') {
          const before = kept(experiment);
          const edited = await written().catch(() => source) !== source;
          await show(end.machine, experiment, before, edited);
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

  onMachine(() => document.querySelectorAll('figure.plot[data-experiment]').forEach(start));
  comeBack();
})();
