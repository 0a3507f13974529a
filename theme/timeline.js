// Timelines that zoom, and say what is under the pointer or the keyboard. The drawing stands in the page;
// the spans behind it are fetched, from the file that the figure exports, when the reader turns to it.
// Fetched for: [data-runs]
(function () {
  'use strict';
  const { THIN, element, number, onMachine, say } = window.course;
  const SVG = 'http://www.w3.org/2000/svg';
  const HINT = 'Point at a span, or turn to the figure with Tab and use the arrow keys.';
  const DEEPEST = 5000; // how many times as wide as the whole

  const shape = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  /** @type {[number, string][]} */
  const units = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']];
  const duration = (ns) => {
    const [one, unit] = units.find(([size]) => Number(ns.toPrecision(3)) >= size) ?? units[3];
    return `${number(ns / one)}${THIN}${unit}`;
  };
  // Times on the axis, at a step of 1, 2 or 5.
  const ticks = (from, to, most) => {
    const rough = (to - from) / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
    const at = [];
    for (let n = Math.ceil(from / step); n * step <= to; n += 1) at.push(n * step);
    const [one, unit] = units.find(([size]) => to >= size) ?? units[3];
    const digits = Math.max(0, -Math.floor(Math.log10(step / one) + 1e-9));
    return at.map((ns, i) => [ns, (ns / one).toFixed(digits) + (i === at.length - 1 ? ` ${unit}` : '')]);
  };

  // The lanes of the runs that the figure shows, from top to bottom. A wait that another lane ended knows which
  // row that is, and when it did.
  /** @param {Trace} trace @param {number[]} runs */
  const lanes = ({ traceEvents }, runs) => {
    const found = new Map();
    const arms = new Map();
    for (const { ph, pid, tid, name, cat, ts, dur, args } of traceEvents) {
      if (!runs.includes(pid)) continue;
      const key = `${pid} ${tid}`;
      if (name === 'process_name' && ph === 'M') arms.set(pid, args);
      else if (name === 'thread_name' && ph === 'M') found.set(key, { pid, arm: arms.get(pid), name: args.name, spans: [] });
      else if (ph === 'X') {
        found.get(key).spans.push({
          name, state: cat, from: ts * 1000, to: (ts + dur) * 1000, ended: args?.ended_by, signal: args?.from && { ...args.from, pid },
        });
      }
    }
    const all = runs.flatMap((run) => [...found].filter(([, { pid }]) => pid === run));
    const rows = new Map(all.map(([key], row) => [key, row]));
    for (const { signal } of all.flatMap(([, { spans }]) => spans)) {
      if (signal) Object.assign(signal, { row: rows.get(`${signal.pid} ${signal.tid}`), ns: signal.ts * 1000 });
    }
    return all.map(([, lane]) => lane);
  };
  const arrowsOf = (all) => all.flatMap(({ spans }, row) => spans
    .filter(({ signal }) => signal && signal.row !== undefined)
    .map((span) => ({ span, to: row, from: span.signal.row, ns: span.signal.ns })));

  // One of the two drawings of a figure, wide or narrow.
  const drawing = (svg) => {
    const [left, right, end] = svg.dataset.time.split(' ').map(Number);
    const rows = svg.dataset.lanes.split(' ').map((row) => row.split(',').map(Number));
    const time = svg.querySelector('.time');
    const spans = svg.querySelector('.spans');
    const arrows = svg.querySelector('.arrows');
    const mostArrows = Number(svg.dataset.arrows);
    const here = shape('rect', { class: 'here', rx: 2 });
    const own = shape('g', {});
    const bottom = svg.viewBox.baseVal.height - 24;
    const most = svg.viewBox.baseVal.width > 500 ? 6 : 4;
    const scale = ([from, to]) => (ns) => left + ((ns - from) / (to - from)) * (right - left);

    // Arrows in view that can be told apart, as the drawing has them.
    const apart = (all, view) => {
      const x = scale(view);
      const last = new Map();
      return all.filter(({ span, to, from, ns }) => {
        if (span.to < view[0] || ns > view[1]) return false;
        const lanes = `${from} ${to}`;
        const [a, b] = [x(ns), x(span.to)];
        const before = last.get(lanes);
        if (before && Math.abs(before[0] - a) < 2 && Math.abs(before[1] - b) < 2) return false;
        last.set(lanes, [a, b]);
        return true;
      });
    };
    // Lines and heads; what is out of view is cut off.
    const drawn = (shown, view, className) => {
      const x = scale(view);
      let lines = '';
      let heads = '';
      for (const { span, to, from, ns } of shown) {
        const [middle, half] = rows[to];
        const side = rows[from][0] < middle ? -1 : 1;
        let [ax, ay, bx, by] = [x(ns), rows[from][0], x(span.to), middle + side * half];
        if (ax < left) [ax, ay] = [left, ay + ((by - ay) * (left - ax)) / (bx - ax)];
        const cut = bx > right;
        if (cut) [bx, by] = [right, ay + ((by - ay) * (right - ax)) / (bx - ax)];
        const long = Math.max(Math.hypot(bx - ax, by - ay), 0.1);
        const [dx, dy] = [(bx - ax) / long, (by - ay) / long];
        lines += `M${ax} ${ay}L${bx - dx * 3} ${by - dy * 3}`;
        if (cut) continue;
        const size = Math.min(1, long / 13);
        const [back, wide] = [6.5 * size, 3 * size];
        const [cx, cy] = [bx - dx * back, by - dy * back];
        heads += `M${bx} ${by}L${cx - dy * wide} ${cy + dx * wide}L${cx + dy * wide} ${cy - dx * wide}z`;
      }
      return [shape('path', { class: `arrow ${className}`, d: lines }), shape('path', { class: `arrow head ${className}`, d: heads })];
    };

    const draw = (all, view) => {
      const inView = apart(arrowsOf(all), view);
      arrows.replaceChildren(...(inView.length <= mostArrows ? drawn(inView, view, '') : []));
      const x = scale(view);
      const axis = ticks(...view, most);
      time.replaceChildren(
        ...axis.map(([ns]) => shape('path', { class: 'gr', d: `M${x(ns)} 24V${bottom}` })),
        shape('path', { class: 'ax', d: `M${left} ${bottom}H${right}` }),
        ...axis.map(([ns, text], i) => shape('text', {
          class: `q ${i === axis.length - 1 && x(ns) > right - 24 ? 'e' : 'm'}`, x: i === axis.length - 1 && x(ns) > right - 24 ? right + 8 : x(ns), y: bottom + 17,
        }, text)),
      );
      const paths = all.map(({ arm, spans: own }, row) => {
        const [middle, half] = rows[row];
        const d = { waiting: '', running: '' };
        for (const { state, from, to } of own) {
          if (to < view[0] || from > view[1]) continue;
          const a = Math.max(left, x(from));
          const b = Math.min(right, x(to));
          d[state] += state === 'waiting' ? `M${a} ${middle}H${Math.max(b, a + 0.3)}`
            : `M${a} ${middle - half}H${Math.max(b, a + 1.2)}V${middle + half}H${a}z`;
        }
        return [shape('path', { class: 'wait', d: d.waiting }), shape('path', { class: `k-${arm.kind} run`, d: d.running })];
      });
      spans.replaceChildren(...paths.flat(), here, own);
    };

    const mark = (current, view, all) => {
      const { row, span } = current ?? {};
      // Those of a span are the one that ends it, and those that begin in it.
      const of = (arrow) => arrow.span === span || (arrow.from === row && arrow.ns >= span.from && arrow.ns <= span.to);
      own.replaceChildren(...(current ? drawn(apart(arrowsOf(all).filter(of), view), view, 'on') : []));
      const seen = current && current.span.to >= view[0] && current.span.from <= view[1];
      here.style.display = seen ? '' : 'none';
      if (!seen) return;
      const x = scale(view);
      const [middle, half] = rows[current.row];
      const a = Math.max(left, x(current.span.from)) - 2;
      const b = Math.min(right, x(current.span.to)) + 2;
      for (const [key, value] of Object.entries({ x: a, y: middle - half - 2, width: Math.max(b - a, 4), height: 2 * half + 4 })) here.setAttribute(key, value);
    };

    // Where the pointer is: share of the shown time, time, and the lane, if any.
    const under = (event, view) => {
      const box = svg.getBoundingClientRect();
      const one = svg.viewBox.baseVal.width / box.width;
      const share = ((event.clientX - box.left) * one - left) / (right - left);
      const y = (event.clientY - box.top) * one;
      const pitch = rows.length > 1 ? Math.min(...rows.slice(1).map(([m], i) => m - rows[i][0])) / 2 : rows[0][1] + 3;
      const row = rows.findIndex(([middle]) => Math.abs(middle - y) <= pitch);
      return { share, ns: view[0] + share * (view[1] - view[0]), row, near: ((view[1] - view[0]) / (right - left)) * one * 3 };
    };
    return { svg, end, draw, mark, under, perPixel: () => svg.viewBox.baseVal.width / svg.getBoundingClientRect().width / (right - left) };
  };

  const start = (figure) => {
    const tools = figure.querySelector('.tools');
    if (!tools || tools.querySelector('.zoom')) return;
    const stages = [...figure.querySelectorAll('.wide, .narrow')];
    const drawings = stages.map((stage) => drawing(stage.querySelector('svg')));
    const { end } = drawings[0];
    const runs = figure.dataset.runs.split(' ').map(Number);
    let all = null;
    let view = [0, end];
    let current = null;
    const readout = figure.querySelector('.readout');
    readout.textContent = HINT;
    const group = element('div', 'zoom');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', 'Zoom');

    let loading = null;
    const load = () => {
      loading ??= fetch(figure.querySelector('.trace a').href).then((answer) => {
        if (!answer.ok) throw new Error(`${answer.status}`);
        return answer.json();
      }).then((trace) => {
        all = lanes(trace, runs);
        draw();
      });
      return loading.catch(() => {
        loading = null;
        readout.textContent = 'The spans could not be fetched.';
      });
    };

    let frame = 0;
    const draw = () => {
      const whole = view[0] === 0 && view[1] === end;
      for (const [name, button] of Object.entries(buttons)) {
        button.disabled = ({ out: whole, whole, left: view[0] <= 0, right: view[1] >= end, in: view[1] - view[0] <= end / DEEPEST })[name];
      }
      figure.classList.toggle('zoomed', !whole);
      if (!all || frame) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        for (const one of drawings) {
          one.draw(all, view);
          one.mark(current, view, all);
        }
      });
    };
    const look = (from, width) => {
      const wide = Math.min(end, Math.max(end / DEEPEST, width));
      const first = Math.min(end - wide, Math.max(0, from));
      view = [first, first + wide];
      draw();
    };
    const zoom = (factor, share = 0.5) => {
      const width = view[1] - view[0];
      const wide = Math.min(end, width / factor);
      look(view[0] + share * (width - wide), wide);
    };
    const move = (share) => look(view[0] + share * (view[1] - view[0]), view[1] - view[0]);
    // The keyboard's zoom takes what is chosen into the middle.
    const focus = (factor) => {
      if (!current) return zoom(factor);
      const wide = (view[1] - view[0]) / factor;
      const middle = (Math.max(current.span.from, view[0]) + Math.min(current.span.to, view[1])) / 2;
      return look(middle - wide / 2, wide);
    };

    const point = (next, aloud) => {
      current = next;
      if (current) {
        const { row, span } = current;
        const { arm, name } = all[row];
        const what = span.name === span.state ? '' : `${span.name}, `;
        readout.textContent = `${arm.name} · ${name}: ${what}${span.state} for ${duration(span.to - span.from)}, from ${duration(span.from)} on${span.ended ? `; ${span.ended}` : ''}`;
        if (aloud) say(readout.textContent);
      } else readout.textContent = HINT;
      readout.classList.toggle('on', !!current);
      for (const one of drawings) one.mark(current, view, all);
    };
    const at = (row, ns, near) => {
      const spans = all[row]?.spans ?? [];
      const gap = ({ from, to }) => Math.max(0, from - ns, ns - to);
      const best = spans.reduce((a, b) => (a && gap(a) < gap(b) ? a : b), null);
      return best && gap(best) <= near ? { row, span: best } : null;
    };

    // From span to span and lane to lane.
    const step = (across, down) => {
      if (!current) {
        const row = all.findIndex(({ spans }) => spans.length);
        if (row >= 0) point({ row, span: all[row].spans[0] }, true);
      } else if (down) {
        const middle = (current.span.from + current.span.to) / 2;
        for (let row = current.row + down; row >= 0 && row < all.length; row += down) {
          const next = at(row, middle, Infinity);
          if (next) { point(next, true); break; }
        }
      } else {
        const { spans } = all[current.row];
        const next = spans[spans.indexOf(current.span) + across];
        if (next) point({ row: current.row, span: next }, true);
      }
      if (!current) return;
      // What is chosen stays in view.
      const { from, to } = current.span;
      if (to < view[0] || from > view[1]) look(from - (view[1] - view[0]) / 4, view[1] - view[0]);
    };

    const button = (text, label, act) => {
      const made = element('button', '', text);
      made.setAttribute('aria-label', label);
      made.title = label;
      made.addEventListener('click', () => { load(); act(); });
      group.append(made);
      return made;
    };
    const whole = () => look(0, end);
    const buttons = {
      in: button('+', 'Zoom in', () => focus(2)),
      out: button('−', 'Zoom out', () => focus(0.5)),
      left: button('←', 'Earlier', () => move(-0.4)),
      right: button('→', 'Later', () => move(0.4)),
      whole: button('Whole', 'The whole timeline', whole),
    };
    tools.prepend(group);
    draw();

    const keys = {
      ArrowLeft: () => step(-1, 0),
      ArrowRight: () => step(1, 0),
      ArrowUp: () => step(0, -1),
      ArrowDown: () => step(0, 1),
      '+': () => focus(2),
      '=': () => focus(2),
      '-': () => focus(0.5),
      '0': whole,
      Home: whole,
    };
    stages.forEach((stage, i) => {
      const { svg, under, perPixel } = drawings[i];
      stage.classList.add('stage');
      stage.tabIndex = 0;
      stage.setAttribute('role', 'application');
      stage.setAttribute('aria-label', 'Timeline. Left and right go from span to span, up and down from lane to lane; plus and minus zoom, 0 shows the whole.');
      stage.addEventListener('focus', load);
      stage.addEventListener('pointerenter', load);
      stage.addEventListener('keydown', async (event) => {
        const act = keys[event.key];
        if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        await load();
        if (all) act();
      });
      const pick = (event) => {
        if (!all) return;
        const { ns, row, near, share } = under(event, view);
        point(row < 0 || share < -0.02 || share > 1.02 ? null : at(row, ns, near), false);
      };
      let held = null;
      stage.addEventListener('pointerdown', (event) => {
        load().then(() => pick(event)); // a finger points by touching
        if (event.button || (view[0] === 0 && view[1] === end)) return;
        held = { x: event.clientX, from: view[0] };
        stage.setPointerCapture(event.pointerId);
      });
      stage.addEventListener('pointermove', (event) => {
        if (held) look(held.from - (event.clientX - held.x) * perPixel() * (view[1] - view[0]), view[1] - view[0]);
        else pick(event);
      });
      const release = () => { held = null; };
      stage.addEventListener('pointerup', release);
      stage.addEventListener('pointercancel', release);
      stage.addEventListener('pointerleave', () => { if (!held && all && document.activeElement !== stage) point(null, false); });
      stage.addEventListener('wheel', (event) => {
        if (!event.ctrlKey) return; // without, the page scrolls
        event.preventDefault();
        load();
        zoom(Math.exp(-event.deltaY / 300), Math.min(1, Math.max(0, under(event, view).share)));
      }, { passive: false });
      svg.querySelectorAll('title').forEach((title) => title.remove()); // the line below says it
    });
  };

  onMachine(() => document.querySelectorAll('figure[data-runs]').forEach(start));
})();
