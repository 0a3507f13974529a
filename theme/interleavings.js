// Walks the interleavings of a few steps: the reader says who goes next. The program stands in the page, as
// it was parsed; the table of its endings is there without this script.
// `steps.js` knows what a turn makes of the threads.
// Fetched for: .interleavings
(function () {
  'use strict';
  const { element, grouped: counted, say } = window.course;
  const { STUCK, MOST, plus, only, replaced, sum, asleep, heard, walker } = window.course.steps;
  // The steps that come to something beyond being done.
  const TELLS = ['set', 'look', 'exchange', 'wait', 'notify', 'send', 'receive'];

  const grouped = (n) => (n === MOST ? 'more than 3 × 10³⁸' : counted(n));
  const orders = (n) => (n === 1 ? '1 order' : `${grouped(n)} orders`);
  const times = (n, thing) => `${n} ${thing}${n === 1 ? '' : /(sh|ch|s)$/.test(thing) ? 'es' : 's'}`;
  const listed = (words) => (words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);

  const start = (figure) => {
    const explore = figure.querySelector('.explore');
    if (!explore.hidden) return;
    // In the attribute, quotation marks and backquotes have changed places.
    const program = JSON.parse(figure.dataset.program.replace(/["`]/g, (mark) => (mark === '"' ? '`' : '"')));
    const names = program.threads.map(({ name }) => name);
    const walk = walker(program);
    performance.mark('interleavings');
    const all = walk.count(walk.start);
    performance.measure('interleavings.count', 'interleavings');
    const values = [...all.keys()].sort((a, b) => Number(a === STUCK) - Number(b === STUCK) || a - b);
    // What a test holds against the table.
    explore.dataset.endings = values.map((value) => `${value}:${all.get(value)}`).join(' ');
    const inTheEnd = (value) => (value === STUCK ? 'get stuck' : `end in ${value}`);

    // Where the reader is: the way there, and what each step came to last.
    const origin = { node: walk.start, before: undefined, thread: undefined, switches: 0, turns: 0, did: [], results: program.threads.map(() => []) };
    const after = (place, t) => {
      const made = walk.turns(place.node)[t];
      if (!made) return undefined;
      const mine = place.results[t].slice();
      for (const { step: number, result } of made.did) mine[number] = result;
      const passes = place.thread !== undefined && place.thread !== t;
      return {
        node: made.to, before: place, thread: t, switches: place.switches + passes, turns: place.turns + 1,
        did: made.did, results: replaced(place.results, t, mine),
      };
    };
    const along = (place, order) => order.reduce(after, place);
    const wayTo = (place) => {
      const order = [];
      for (let at = place; at.before; at = at.before) order.unshift(at.thread);
      return order;
    };
    // From here to this ending: the same thread as long as it can lead there.
    const complete = (place, value) => {
      for (let at = place; ;) {
        const made = walk.turns(at.node);
        const leads = (t) => made[t] && walk.count(made[t].to).has(value);
        const next = at.thread !== undefined && leads(at.thread) ? at.thread : made.findIndex((_, t) => leads(t));
        if (next < 0) return at;
        at = after(at, next);
      }
    };
    let here = origin;
    let shown; // the goal whose solution is played

    // Why a thread cannot go on, in words.
    const waits = (state, t) => {
      const now = program.threads[t].steps[state.at[t]];
      const holder = (lock) => names[state.held[lock]];
      const queue = (channel) => program.channels[channel].name;
      switch (now.does) {
        case 'lock': return `waits: ${holder(now.lock)} has ${program.locks[now.lock]}`;
        case 'wait':
          if (!(heard(state, now.condition) & only(t))) return `sleeps until ${program.conditions[now.condition]} is notified`;
          return `was notified, and waits: ${holder(now.lock)} has ${program.locks[now.lock]}`;
        case 'acquire': return `waits: no permit of ${program.semaphores[now.semaphore].name} is left`;
        case 'send': return `waits: ${queue(now.channel)} is full`;
        case 'receive': {
          const left = names.filter((_, other) => state.senders[now.channel] & only(other));
          if (!left.length) return `waits for ever: ${queue(now.channel)} is empty, and no sender is left`;
          return `waits: ${queue(now.channel)} is empty, and ${listed(left)} can still send`;
        }
        case 'park': return 'is parked: it has no token';
        case 'until': return `asks until ${now.text.replace(/^until\s+/, '')}`;
        case 'exchange': {
          const { name } = program.variables[now.target];
          return `asks until ${name} is ${sum(state, [now.from])}: it is ${state.values[now.target]}`;
        }
        default: return 'waits';
      }
    };
    // What can be said of a thread at a place: whether it can go on, and why not.
    const standing = ({ node }, t) => {
      const { state } = node;
      if (walk.turns(node)[t]) {
        const now = program.threads[t].steps[state.at[t]];
        if (!(state.paused & only(t))) return { can: true, text: 'can go on' };
        return { can: true, text: now.does === 'wait' ? 'was notified, and can take its lock' : 'gave its turn back; can go on' };
      }
      if (state.cancelled & only(t)) return { text: 'was canceled' };
      if (state.at[t] === program.threads[t].steps.length) return { text: 'is done' };
      return { text: waits(state, t), waits: true };
    };

    // The controls.
    const button = (text, act, className, refuse = () => {}) => {
      const made = element('button', className, text);
      made.addEventListener('click', () => {
        if (made.getAttribute('aria-disabled') === 'true') refuse();
        else act();
      });
      return made;
    };
    // A button that cannot be pressed now keeps the keyboard's focus.
    const able = (made, can) => made.setAttribute('aria-disabled', `${!can}`);

    const go = (place, heading) => {
      here = place;
      draw();
      const last = here.did.map(({ step: number, woke, result }) => {
        const { text } = program.threads[here.thread].steps[number];
        return woke ? (result ? `${text}: ${result}` : '') : `${text}${result ? `: ${result}` : ''}`;
      }).filter((text) => text).join(', ');
      const told = heading ?? (here.before ? `${names[here.thread]}: ${last}.` : 'At the beginning.');
      const reached = goals.find(({ goal }) => !goal.never && over() && walk.ending(here.node) === goal.ending);
      say([told, state.textContent, reached ? reached.status.textContent : ''].filter((text) => text).join(' '));
    };
    const over = () => walk.turns(here.node).every((made) => !made);
    const sayWhyNot = (t) => say(`${names[t]} ${standing(here, t).text}.`);
    const takeTurn = (t) => {
      performance.mark('interleavings');
      const next = after(here, t);
      if (!next) return;
      // Another turn than the solution's: the reader goes on alone.
      if (shown && shown.goal.order[here.turns] !== t) shown = undefined;
      go(next);
      performance.measure('interleavings.step', 'interleavings');
    };

    const tools = element('div', 'tools');
    tools.setAttribute('role', 'group');
    tools.setAttribute('aria-label', 'The order');
    const undo = button('Undo', () => go(here.before, 'Undone.'));
    const again = button('Start again', () => { shown = undefined; go(origin); });
    tools.append(undo, again);
    const seek = values.map((value) => {
      const made = button(value === STUCK ? 'Get stuck' : `End in ${value}`, () => {
        shown = undefined;
        // From here if it can still be reached, else from the beginning.
        const from = walk.count(here.node).has(value) ? here : origin;
        go(complete(from, value), from === here ? 'From here on.' : 'From the beginning.');
      });
      tools.append(made);
      return [value, made];
    });

    // The tasks, above: with the fewest switches, and how to see them.
    const goals = [...figure.querySelectorAll('.goals > li')].map((item, n) => {
      const goal = program.goals[n];
      const row = element('div', 'solve');
      const status = element('p', 'status');
      const made = { goal, status, item, walked: false };
      if (goal.never) {
        const walkAll = button('Walk every order', () => {
          made.walked = true;
          draw();
          say(status.textContent);
        });
        row.append(walkAll);
      } else {
        made.next = button('Show a shortest solution', () => {
          if (shown !== made) {
            shown = made;
            go(origin, `A solution of ${times(goal.order.length, 'turn')}, from the beginning.`);
          } else if (here.turns < goal.order.length) {
            go(after(here, goal.order[here.turns]));
          }
        });
        made.rest = button('All of it', () => go(along(origin, goal.order), 'The whole solution.'), 'rest');
        row.append(made.next, made.rest);
      }
      item.append(row, status);
      return made;
    });

    // The threads, and beside them what all of them see.
    const columns = element('div', program.threads.length === 2 ? 'steps two' : 'steps');
    columns.style.setProperty('--columns', program.threads.length);
    const lanes = program.threads.map(({ name, steps }, t) => {
      const box = element('div', 'thread');
      box.setAttribute('role', 'group');
      const title = element('strong', 'name', name);
      title.id = `${figure.id || 'interleavings'}-${[...document.querySelectorAll('figure.interleavings')].indexOf(figure)}-${t}`;
      box.setAttribute('aria-labelledby', title.id);
      const next = button('', () => takeTurn(t), 'next', () => sayWhyNot(t));
      next.dataset.thread = t;
      const why = element('p', 'why');
      why.id = `${title.id}-why`;
      next.setAttribute('aria-describedby', why.id);
      const list = element('ol', 'program');
      const lines = steps.map(({ text, depth, does }, number) => {
        const line = element('li');
        const code = element('code', '', text);
        const result = element('span', 'result');
        line.style.setProperty('--depth', depth);
        line.append(code, result);
        // For a pointer, the line itself; the keyboard has the button above.
        line.addEventListener('click', () => {
          if (here.node.state.at[t] === number) takeTurn(t);
        });
        list.append(line);
        return { line, result, silent: !TELLS.includes(does) };
      });
      box.append(title, next, why, list);
      columns.append(box);
      return { box, next, why, lines };
    });

    // A cell for everything that more than one thread sees.
    const things = element('dl', 'shared');
    things.setAttribute('aria-label', 'What all of them see');
    const cells = [];
    const cell = (name, kind, tell, tall) => {
      const box = element('div', tall ? 'tall' : '');
      const term = element('dt', '', name);
      const value = element('dd');
      term.append(element('span', 'kind', kind));
      box.append(term, value);
      things.append(box);
      cells.push((state) => {
        const text = tell(state);
        box.classList.toggle('changed', here.before !== undefined && tell(here.before.node.state) !== text);
        value.textContent = text;
      });
    };
    const among = (set) => names.filter((_, t) => set & only(t));
    program.variables.forEach(({ name, thread: owner }, v) => {
      if (owner === undefined) cell(name, 'variable', ({ values }) => `${values[v]}`);
    });
    program.locks.forEach((name, lock) => {
      cell(name, 'lock', ({ held }) => (held[lock] === undefined ? 'free' : `${names[held[lock]]} has it`));
    });
    program.conditions.forEach((name, condition) => {
      cell(name, 'condition', (state) => {
        const sleepers = asleep(program, state, condition);
        const notified = sleepers & heard(state, condition);
        const still = among(sleepers & ~notified);
        // One notification that two heard wakes one of them.
        const [one, all] = [among(notified & ~state.woken), among(notified & state.woken)];
        const fewer = state.signals[condition].length < one.length;
        const parts = [
          still.length ? `${listed(still)} ${still.length > 1 ? 'sleep' : 'sleeps'}` : '',
          one.length ? `${fewer ? one.join(' or ') : listed(one)} can wake` : '',
          all.length ? `${listed(all)} can wake` : '',
        ].filter((part) => part);
        return parts.join('; ') || 'nobody sleeps';
      }, true);
    });
    program.semaphores.forEach(({ name }, semaphore) => {
      cell(name, 'semaphore', ({ permits }) => times(permits[semaphore], 'permit'));
    });
    program.channels.forEach(({ name, room }, channel) => {
      cell(name, room ? `room for ${room}` : 'channel', ({ queues, senders }) => {
        const left = among(senders[channel]);
        return `${queues[channel].join(', ') || 'empty'}; ${left.length ? `${listed(left)} can send` : 'no sender is left'}`;
      }, true);
    });
    program.threads.forEach(({ name, steps }, t) => {
      if (!steps.some(({ does }) => does === 'park')) return;
      cell(name, 'token', ({ tokens }) => (tokens & only(t) ? 'there' : 'none'));
    });
    columns.append(things);

    // The order so far, a block for each turn; outlined, what a solution still has to come.
    const track = element('div', 'track');
    track.setAttribute('aria-hidden', 'true');
    track.style.setProperty('--lanes', program.threads.length);
    const drawTrack = () => {
      const order = wayTo(here);
      const ahead = shown ? shown.goal.order.slice(here.turns) : [];
      const blocks = [...order.map((t) => [t, '']), ...ahead.map((t) => [t, 'ahead'])];
      track.replaceChildren(...blocks.map(([t, className], n) => {
        const block = element('i', className);
        block.style.gridArea = `${t + 1} / ${n + 1}`;
        return block;
      }));
    };

    const state = element('p', 'state');

    const verdict = () => {
      const ahead = walk.count(here.node);
      const total = [...ahead.values()].reduce(plus, 0);
      if (over()) {
        const value = walk.ending(here.node);
        if (value === STUCK) {
          const why = names.map((name, t) => [name, standing(here, t)]).filter(([, { waits }]) => waits);
          return ['Stuck', `: ${why.map(([name, { text }]) => `${name} ${text}`).join('; ')}. None can go on.`];
        }
        const name = program.variables[program.ending].name;
        return [`${name} = ${value}`, value === program.right ? ': the right ending.' : `: wrong, it should be ${program.right}.`];
      }
      if (ahead.size === 1) {
        const [ending] = ahead.keys();
        return [`${orders(total)} left`, `: ${total === 1 ? (ending === STUCK ? 'it gets stuck' : `it ends in ${ending}`) : `all ${inTheEnd(ending)}`}.${all.size > 1 ? ' It is decided.' : ''}`];
      }
      const parts = values.filter((value) => ahead.has(value)).map((value) => {
        const n = ahead.get(value);
        return `${grouped(n)} ${n === 1 ? (value === STUCK ? 'gets stuck' : `ends in ${value}`) : inTheEnd(value)}`;
      });
      return [`${orders(total)} left`, `: ${parts.length < 5 ? listed(parts) : `${grouped(ahead.get(program.right) ?? 0)} end in ${program.right}`}.`];
    };

    const statusOf = ({ goal, walked }, ended) => {
      const mine = times(here.switches, 'switch');
      if (goal.never) {
        const total = [...all.values()].reduce(plus, 0);
        if (!walked) return ['', `${orders(total)} to walk.`];
        const ends = values.filter((value) => value !== STUCK);
        const counted = ends.map((value, n) => `${grouped(all.get(value))} ${n ? '' : all.get(value) === 1 ? 'ends ' : 'end '}in ${value}`);
        const inWhat = values.length === 1 ? `end in ${ends[0]}` : `were walked: ${listed(counted)}`;
        const never = goal.ending === STUCK ? 'none gets stuck' : `none ends in ${goal.ending}`;
        const stuck = all.has(STUCK) ? `; ${grouped(all.get(STUCK))} get stuck` : '';
        return ['reached', `All ${orders(total)} ${inWhat}${stuck}; ${never}. They meet in ${grouped(walk.states())} states.`];
      }
      if (ended && walk.ending(here.node) === goal.ending) {
        if (here.switches <= goal.switches) return ['reached', `Reached with ${mine}, and it takes no fewer.`];
        return ['reached', `Reached with ${mine}; the fewest is ${goal.switches}.`];
      }
      return ['', `${mine} so far.`];
    };

    const draw = () => {
      const { node } = here;
      const ended = over();
      lanes.forEach(({ box, next, why, lines }, t) => {
        const at = node.state.at[t];
        const { can, waits: stays, text } = standing(here, t);
        const label = program.threads[t].steps[at];
        const sleeps = node.state.paused & only(t) && label?.does === 'wait';
        next.textContent = label ? (sleeps ? `wake with ${program.locks[label.lock]}` : node.state.paused & only(t) ? 'go on' : label.text) : 'done';
        able(next, can);
        next.setAttribute('aria-label', `${names[t]}: ${next.textContent}`);
        why.textContent = text;
        why.classList.toggle('waits', !!stays);
        box.classList.toggle('last', here.thread === t);
        const fresh = here.thread === t ? here.did.map(({ step: number }) => number) : [];
        lines.forEach(({ line, result, silent }, number) => {
          const last = here.results[t][number];
          line.className = [
            silent ? 'silent' : '', number === at ? 'now' : '', number === at && !can ? 'halts' : '',
            last !== undefined && number !== at ? 'done' : '', fresh.includes(number) ? 'fresh' : '',
          ].filter((name) => name).join(' ');
          if (number === at) line.setAttribute('aria-current', 'step');
          else line.removeAttribute('aria-current');
          result.textContent = last ? `→ ${last}` : '';
        });
      });
      cells.forEach((tell) => tell(node.state));
      drawTrack();
      const [strong, rest] = verdict();
      state.replaceChildren(element('strong', '', strong), rest);
      const value = ended ? walk.ending(node) : undefined;
      state.className = `state${ended ? (value === program.right ? ' good' : ' bad') : ''}`;
      able(undo, here.before);
      able(again, here.before);
      for (const [ending, made] of seek) able(made, !(ended && value === ending));
      for (const made of goals) {
        const [className, text] = statusOf(made, ended);
        made.item.className = className;
        made.status.textContent = text;
        if (made.goal.never) continue;
        const left = made.goal.order.length - here.turns;
        made.next.textContent = shown !== made ? 'Show a shortest solution' : left ? `Next turn of ${made.goal.order.length}` : 'Shown to its end';
        able(made.next, shown !== made || left > 0);
        made.rest.style.visibility = shown === made && left > 0 ? '' : 'hidden';
      }
    };

    explore.append(tools, columns, track, state);
    explore.hidden = false;
    draw();
  };

  document.querySelectorAll('figure.interleavings').forEach(start);
})();
