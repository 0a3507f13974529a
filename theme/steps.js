// The machine of the explorers: what a turn makes of a state, and what all orders from there end in. States are
// never changed. `scripts/book/src/interleavings/` is its twin, and counted before the page was there.
// Fetched for: .interleavings
(function () {
  'use strict';
  const STUCK = 'stuck';
  const MOST = 2n ** 128n - 1n; // what the table counts to

  // Counts are numbers as long as those are exact, and then large ones.
  const plus = (a, b) => {
    const sum = typeof a === 'number' && typeof b === 'number' ? a + b : Infinity;
    if (sum <= Number.MAX_SAFE_INTEGER) return sum;
    const all = BigInt(a) + BigInt(b);
    return all > MOST ? MOST : all;
  };
  const only = (thread) => 1 << thread;
  const replaced = (list, at, value) => {
    const next = list.slice();
    next[at] = value;
    return next;
  };

  const COMPARE = {
    '==': (a, b) => a === b, '!=': (a, b) => a !== b,
    '<=': (a, b) => a <= b, '>=': (a, b) => a >= b, '<': (a, b) => a < b, '>': (a, b) => a > b,
  };
  const sum = (state, terms) =>
    terms.reduce((all, { sign, variable, number }) => all + sign * (variable === undefined ? number : state.values[variable]), 0);
  const holds = (state, { left, compare, right }) => COMPARE[compare](sum(state, left), sum(state, right));

  const begin = (program) => ({
    values: program.variables.map(({ first }) => first),
    at: program.threads.map(() => 0),
    paused: 0, // asleep at a `wait`, or gave the turn back at an `await`
    held: program.locks.map(() => undefined),
    signals: program.conditions.map(() => []), // for each notification, who slept then
    woken: 0, // who was notified with all others
    permits: program.semaphores.map(({ permits }) => permits),
    queues: program.channels.map(() => []),
    senders: program.channels.map(({ senders }) => senders.reduce((all, t) => all | only(t), 0)),
    tokens: 0,
    cancelled: 0,
  });

  const asleep = (program, state, condition) => program.threads.reduce((all, thread, t) => {
    const step = thread.steps[state.at[t]];
    const sleeps = state.paused & only(t) && step?.does === 'wait' && step.condition === condition;
    return sleeps ? all | only(t) : all;
  }, 0);

  const heard = (state, condition) => state.signals[condition].reduce((all, who) => all | who, state.woken);

  // No notification can wake this thread any more.
  const forget = (next, t) => {
    next.signals = next.signals.map((signals) => signals.map((who) => who & ~only(t)).filter((who) => who));
    next.woken &= ~only(t);
    next.paused &= ~only(t);
  };

  const leave = (next, t) => { next.senders = next.senders.map((senders) => senders & ~only(t)); };

  // One step of a thread: the state after it and what it came to, or nothing where it has to wait.
  const step = (program, state, t) => {
    const number = state.at[t];
    const now = program.threads[t].steps[number];
    if (!now) return undefined;
    const next = { ...state };
    const woke = !!(state.paused & only(t));
    let to = now.next;
    let result = '';
    const set = (value) => {
      next.values = replaced(state.values, now.target, value);
      result = `${value}`;
    };
    switch (now.does) {
      case 'set':
        set(sum(state, now.terms));
        break;
      case 'look': {
        const yes = holds(state, now.test);
        if (!yes) to = now.otherwise;
        result = yes ? 'yes' : 'no';
        break;
      }
      case 'until':
        if (!holds(state, now.test)) return undefined;
        break;
      case 'exchange':
        if (state.values[now.target] !== sum(state, [now.from])) return undefined;
        set(sum(state, [now.to]));
        break;
      case 'lock':
        if (state.held[now.lock] !== undefined) return undefined;
        next.held = replaced(state.held, now.lock, t);
        break;
      case 'unlock':
        next.held = replaced(state.held, now.lock, undefined);
        break;
      case 'wait':
        if (woke) {
          if (!(heard(state, now.condition) & only(t)) || state.held[now.lock] !== undefined) return undefined;
          const signals = state.signals[now.condition];
          const first = state.woken & only(t) ? -1 : signals.findIndex((who) => who & only(t));
          if (first >= 0) next.signals = replaced(state.signals, now.condition, signals.toSpliced(first, 1));
          forget(next, t);
          next.held = replaced(state.held, now.lock, t);
          result = 'awake';
        } else {
          next.held = replaced(state.held, now.lock, undefined);
          next.paused |= only(t);
          to = number;
          result = 'asleep';
        }
        break;
      case 'notify': {
        const sleepers = asleep(program, state, now.condition);
        const rest = sleepers & ~state.woken;
        if (now.all) {
          next.signals = replaced(state.signals, now.condition, []);
          next.woken |= sleepers;
        } else if (rest) {
          next.signals = replaced(state.signals, now.condition, [...state.signals[now.condition], rest]);
        }
        result = sleepers ? 'heard' : 'lost';
        break;
      }
      case 'acquire':
        if (state.permits[now.semaphore] === 0) return undefined;
        next.permits = replaced(state.permits, now.semaphore, state.permits[now.semaphore] - 1);
        break;
      case 'release':
        next.permits = replaced(state.permits, now.semaphore, state.permits[now.semaphore] + 1);
        break;
      case 'send': {
        const queue = state.queues[now.channel];
        if (queue.length >= (program.channels[now.channel].room ?? Infinity)) return undefined;
        const message = sum(state, now.terms);
        next.queues = replaced(state.queues, now.channel, [...queue, message]);
        result = `${message}`;
        break;
      }
      case 'receive': {
        const [message, ...rest] = state.queues[now.channel];
        if (message !== undefined) {
          set(message);
          next.queues = replaced(state.queues, now.channel, rest);
        } else if (now.otherwise !== undefined && state.senders[now.channel] === 0) {
          to = now.otherwise;
          result = 'over';
        } else {
          return undefined;
        }
        break;
      }
      case 'close':
        next.senders = replaced(state.senders, now.channel, state.senders[now.channel] & ~only(t));
        break;
      case 'park':
        if (!(state.tokens & only(t))) return undefined;
        next.tokens &= ~only(t);
        break;
      case 'unpark':
        next.tokens |= only(now.thread);
        break;
      case 'await':
        if (woke) {
          next.paused &= ~only(t);
        } else {
          next.paused |= only(t);
          to = number;
        }
        break;
      case 'cancel': {
        const other = now.thread;
        const end = program.threads[other].steps.length;
        if (state.at[other] === end) break; // done already
        next.at = replaced(state.at, other, end);
        next.cancelled |= only(other);
        next.held = state.held.map((holder) => (holder === other ? undefined : holder));
        forget(next, other);
        leave(next, other);
        break;
      }
    }
    next.at = replaced(next.at, t, to);
    if (to === program.threads[t].steps.length) leave(next, t);
    return { state: next, step: number, woke, result };
  };

  // A thread's turn is a step; a task's goes on until it gives the turn back, has to wait, or is done.
  const turn = (program, state, t) => {
    let did = step(program, state, t);
    if (!did) return undefined;
    const all = [did];
    while (program.kind === 'tasks' && !(did.state.paused & only(t))) {
      did = step(program, did.state, t);
      if (!did) break;
      all.push(did);
    }
    return { state: all.at(-1).state, did: all };
  };

  const keyOf = (s) =>
    `${s.at}|${s.values}|${s.held}|${s.permits}|${s.senders}|${s.signals.join(';')}|${s.queues.join(';')}|${s.paused},${s.woken},${s.tokens},${s.cancelled}`;

  // Every state once, with what each thread's turn makes of it. What follows is found out when it is asked.
  const walker = (program) => {
    const known = new Map();
    const node = (state) => {
      const key = keyOf(state);
      let found = known.get(key);
      if (!found) known.set(key, found = { state, turns: undefined, endings: undefined });
      return found;
    };
    // For each thread the state it leads to, or nothing.
    const turns = (from) => (from.turns ??= program.threads.map((thread, t) => {
      const made = turn(program, from.state, t);
      return made && { to: node(made.state), did: made.did };
    }));
    const isOver = ({ at }) => program.threads.every((thread, t) => at[t] === thread.steps.length);
    const ending = ({ state }) => (isOver(state) ? state.values[program.ending] : STUCK);
    // How many of the orders from here end in what.
    const count = (from) => {
      const way = [from];
      while (way.length) {
        const at = way[way.length - 1];
        const before = way.length;
        if (!at.endings) {
          for (const made of turns(at)) if (made && !made.to.endings) way.push(made.to);
          if (way.length > before) continue;
          at.endings = new Map();
          for (const made of at.turns) {
            if (!made) continue;
            for (const [value, n] of made.to.endings) at.endings.set(value, plus(at.endings.get(value) ?? 0, n));
          }
          if (!at.endings.size) at.endings.set(ending(at), 1);
        }
        way.pop();
      }
      return from.endings;
    };
    return { start: node(begin(program)), turns, count, ending, states: () => known.size };
  };

  window.course.steps = { STUCK, MOST, plus, only, replaced, sum, asleep, heard, walker };
})();
