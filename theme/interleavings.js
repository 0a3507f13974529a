// Walks the interleavings of a few steps: the reader says who goes next. The program stands in the page;
// the table of its endings is there without this script.
(function () {
  'use strict';
  const said = document.getElementById('said');

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // A program and an order so far; every state is computed from the beginning, so that undo is exact.
  const run = (program, order) => {
    const shared = new Map(program.shared);
    const own = program.threads.map(() => new Map());
    const held = new Map(); // which thread has which lock
    const done = program.threads.map(() => 0);
    const results = program.threads.map(() => []);
    for (const t of order) {
      const step = program.threads[t].steps[done[t]++];
      if (step.lock) held.set(step.lock, t);
      if (step.unlock) held.delete(step.unlock);
      if (!step.set) {
        results[t].push('');
        continue;
      }
      const { target, terms } = step.set;
      const read = (name) => (shared.has(name) ? shared : own[t]).get(name);
      const value = terms.reduce((sum, { sign, name, number }) => sum + sign * (name ? read(name) : number), 0);
      (shared.has(target) ? shared : own[t]).set(target, value);
      results[t].push(` → ${value}`);
    }
    // The lock that a thread waits for, by its next step.
    const waits = program.threads.map((thread, t) => {
      const lock = thread.steps[done[t]]?.lock;
      return lock && held.has(lock) ? lock : undefined;
    });
    const ready = program.threads.map((thread, t) => done[t] < thread.steps.length && !waits[t]);
    const stuck = !ready.includes(true) && waits.some((lock) => lock);
    const key = JSON.stringify([done, [...shared.values()], own.map((mine) => [...mine.values()]), [...held].sort()]);
    return { shared, held, done, results, waits, ready, stuck, key };
  };
  const STUCK = 'stuck';

  // How many of the orders that begin so end in which value; states met before are not walked again.
  const counter = (program) => {
    const known = new Map();
    const count = (order) => {
      const state = run(program, order);
      if (known.has(state.key)) return known.get(state.key);
      const endings = new Map();
      let ended = true;
      program.threads.forEach((thread, t) => {
        if (!state.ready[t]) return;
        ended = false;
        for (const [value, n] of count([...order, t])) endings.set(value, (endings.get(value) ?? 0) + n);
      });
      if (ended) endings.set(state.stuck ? STUCK : state.shared.get(program.ending), 1);
      known.set(state.key, endings);
      return endings;
    };
    return count;
  };

  // One order from here that ends so: the next step is any from which the ending can still be reached.
  const complete = (program, count, from, value) => {
    const order = [...from];
    for (;;) {
      const { ready } = run(program, order);
      const next = program.threads.findIndex((thread, t) => ready[t] && count([...order, t]).has(value));
      if (next < 0) return order;
      order.push(next);
    }
  };

  const orders = (n) => (n === 1 ? '1 order' : `${n.toLocaleString('en').replaceAll(',', '\u202f')} orders`);

  const start = (figure) => {
    const program = JSON.parse(figure.dataset.program);
    const count = counter(program);
    const card = figure.querySelector('.card');
    const tools = element('div', 'tools');
    const columns = element('div', 'steps');
    const state = element('p', 'state');
    card.querySelector('.explore').append(tools, columns, state);
    card.querySelector('.explore').hidden = false;
    let order = [];

    const button = (text, act) => {
      const made = element('button', '', text);
      made.type = 'button';
      made.addEventListener('click', act);
      tools.append(made);
      return made;
    };
    const go = (next, announce) => {
      order = next;
      draw();
      if (announce) said.textContent = state.textContent;
    };
    const undo = button('Undo', () => go(order.slice(0, -1), true));
    const again = button('Start again', () => go([], true));
    // Numbers first, and stuck last.
    const values = [...count([]).keys()].sort((a, b) => (a === STUCK) - (b === STUCK) || a - b);
    const seek = values.map((value) => [value, button(value === STUCK ? 'Get stuck' : `End in ${value}`, () => {
      // From here if it can still be reached, else from the beginning.
      const from = count(order).has(value) ? order : [];
      go(complete(program, count, from, value), true);
    })]);

    const column = (thread, t, { done, results, waits, held }) => {
      const box = element('div', 'thread');
      box.append(element('strong', '', thread.name));
      thread.steps.forEach((step, n) => {
        const result = n < done[t] ? results[t][n] : '';
        if (n === done[t] && waits[t]) {
          const why = `${step.text}: waits, ${program.threads[held.get(waits[t])].name} has it`;
          box.append(element('span', 'waits', why));
        } else if (n === done[t]) {
          const next = element('button', 'next', step.text);
          next.type = 'button';
          next.dataset.thread = t;
          next.setAttribute('aria-label', `${thread.name}: ${step.text}`);
          next.addEventListener('click', () => {
            go([...order, t], true);
            // The pressed button is gone: the keyboard goes on at the same thread, or where there is a step.
            (columns.querySelector(`[data-thread="${t}"]`) ?? columns.querySelector('.next') ?? undo).focus();
          });
          box.append(next);
        } else {
          box.append(element('span', n < done[t] ? 'done' : 'later', step.text + result));
        }
      });
      return box;
    };

    const draw = () => {
      const now = run(program, order);
      const ahead = count(order);
      columns.replaceChildren(...program.threads.map((thread, t) => column(thread, t, now)));
      const total = [...ahead.values()].reduce((sum, n) => sum + n, 0);
      const right = ahead.get(program.right) ?? 0;
      const values = [...now.shared].map(([name, value]) => `${name} = ${value}`);
      const locks = program.locks.map((lock) =>
        (now.held.has(lock) ? `${program.threads[now.held.get(lock)].name} has ${lock}` : `${lock} is free`));
      const shared = [...values, ...locks].join(', ');
      const ended = !now.ready.includes(true);
      const value = now.stuck ? STUCK : now.shared.get(program.ending);
      const verdict = () => {
        if (now.stuck) return 'stuck: each waits for what another one has, and none can go on';
        if (ended) return value === program.right ? 'the right ending' : `wrong: it should be ${program.right}`;
        if (ahead.has(STUCK) && ahead.size === 1) return `${orders(total)} left, and all get stuck: it is decided`;
        if (ahead.size === 1) return `${orders(total)} left, and all end in ${[...ahead.keys()][0]}: it is decided`;
        const wrong = total - right;
        return `${orders(total)} left: ${right} end in ${program.right}, ${wrong} do not`;
      };
      state.replaceChildren(element('strong', '', shared), ` · ${verdict()}`);
      state.className = `state${ended ? (value === program.right ? ' good' : ' bad') : ''}`;
      undo.disabled = again.disabled = order.length === 0;
      for (const [ending, made] of seek) made.disabled = ended && value === ending;
    };
    draw();
  };

  document.querySelectorAll('figure.interleavings').forEach(start);
})();
