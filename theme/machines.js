// Whose numbers the page shows. The page is written with the default machine's; those of the others are
// fetched when they are chosen.
(function () {
  'use strict';
  const { element, remember, say } = window.course;
  const row = document.querySelector('.machine-line');
  const places = [...document.querySelectorAll('[data-m]')].filter((place) => !place.parentElement.closest('[data-m]'));
  if (!row || !row.dataset.page || !places.length) return;

  // Says this beside the selector, on the first page where it is true; `about` tells it from other sayings.
  const tell = (about, ...words) => {
    if (remember.get('told') === about) return;
    remember.set('told', about);
    row.append(element('span', 'told', ...words));
  };
  if (location.protocol === 'file:') {
    tell('file', 'A page opened as a file shows one machine. ', element('code', '', 'cargo course serve'),
      ' shows the others, and starts with yours where that was measured.');
    return;
  }

  const written = places.map((place) => place.innerHTML);
  const read = async (path) => {
    const answer = await fetch(path, { cache: 'no-cache' });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };

  const show = (html) => places.forEach((place, i) => {
    const next = html(place, i);
    if (place.innerHTML === next) return;
    const open = [...place.querySelectorAll('details')].map((fold) => fold.open);
    place.innerHTML = next;
    place.querySelectorAll('details').forEach((fold, n) => { fold.open = !!open[n]; });
  });

  // Beside a figure, the same choice by the number of cores: of the machines that have as many, the one that is
  // shown, or the one the page is written with, or the first. Returns what marks the pressed one.
  const byCores = (select, machines, usual) => {
    const place = document.querySelector('.by-cores');
    const counts = [...new Set(machines.map((m) => m.cores).filter(Boolean))].sort((a, b) => a - b);
    if (!place || counts.length < 2) return () => {};
    const buttons = counts.map((cores) => {
      const button = element('button', '', cores === 1 ? '1 core' : `${cores} cores`);
      button.addEventListener('click', () => {
        const having = machines.filter((m) => m.cores === cores);
        if (having.some((m) => m.name === select.value)) return;
        select.value = (having.find((m) => m.name === usual) ?? having[0]).name;
        select.dispatchEvent(new Event('change', { bubbles: true }));
      });
      return button;
    });
    place.replaceChildren('Numbers from a machine with ', ...buttons);
    if (counts.at(-1) <= 2) place.append(' More have not been measured yet.');
    return () => {
      const { cores } = machines.find((m) => m.name === select.value);
      buttons.forEach((button, i) => button.setAttribute('aria-pressed', counts[i] === cores));
    };
  };

  // With a machine's name: shows it, and remembers that it was chosen.
  const start = async (wanted) => {
    // `local` is the machine of a build that is read where it was made; what is published has none.
    /** @type {Index} */
    const { default: usual, local, machines } = await read('machines/index.json');
    const known = (name) => machines.some((m) => m.name === name);
    if (!known(usual)) machines.unshift({ name: usual, label: usual, line: 'nothing was measured there yet' });
    if (machines.length < 2) return { usual };

    const select = element('select');
    select.id = 'machine';
    for (const machine of machines) select.add(new Option(machine.label, machine.name));
    const line = element('span', 'line');
    row.replaceChildren(element('label', '', 'Numbers on this page are from ', select), line);
    const offered = byCores(select, machines, usual);

    let shown = usual;
    const choose = async (name) => {
      const machine = machines.find((m) => m.name === name);
      try {
        if (name === usual) {
          show((_, i) => written[i]);
        } else {
          const html = await read(`machines/${encodeURIComponent(name)}/${row.dataset.page}.json`);
          if (select.value !== name) return; // another was chosen meanwhile
          show((place) => html[place.dataset.m] ?? '<span class="unmeasured">not measured on this machine</span>');
        }
        shown = name;
        offered();
        document.dispatchEvent(new Event('machine'));
        line.textContent = machine.line;
      } catch {
        select.value = shown;
        line.textContent = `No numbers of ${machine.label} could be fetched.`;
      }
    };

    if (wanted) remember.set('machine', wanted);
    const kept = wanted ?? remember.get('machine');
    select.value = [kept, local].find(known) ?? usual;
    const hosted = machines.find((m) => m.name === usual);
    line.textContent = hosted.line;
    offered();
    if (wanted || select.value !== usual) await choose(select.value);
    if (!known(kept) && shown === local && local !== usual) {
      tell(local, `This is the machine you built on; the hosted book shows ${hosted.label}.`);
    }
    select.addEventListener('change', async () => {
      row.querySelector('.told')?.remove();
      await choose(select.value);
      say(`Numbers are now from ${select.selectedOptions[0].text}`);
      remember.set('machine', shown);
    });
    return { usual };
  };
  window.course.machines = start; // after a measurement there is one more
  // Settled when the page shows the machine that was chosen last.
  window.course.settled = start().catch(() => { /* the row keeps saying whose numbers these are */ });
})();
