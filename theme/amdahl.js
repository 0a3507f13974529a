// Moves the law of scalability: the reader says how much is serial, how many cores there are, and what each pair
// of them costs. The figure at its first fraction, what it says and its table stand in the page.
// Fetched for: .amdahl
(function () {
  'use strict';
  const { number, onMachine } = window.course;
  const kept = new Map(); // what was chosen in each figure, for when another machine's takes its place
  const PATH = 96; // pieces of the curve

  const cores = (n) => (n === 1 ? '1 core' : `${n} cores`);

  // The Universal Scalability Law; without coordination it is Amdahl's.
  const speedup = ({ serial, coordination }, p) => p / (1 + serial * (p - 1) + coordination * p * (p - 1));

  const words = (law, chosen, { cores: here, measured }) => {
    const fastest = Math.max(1, Math.round(Math.sqrt((1 - law.serial) / law.coordination)));
    const limit = law.coordination > 0 ? `Fastest with ${cores(fastest)}: ${number(speedup(law, fastest))} times; more make it slower`
      : law.serial > 0 ? `However many there are, at most ${number(1 / law.serial)} times`
        : 'Nothing is serial, so that there is no limit';
    const seen = here in measured ? `, ${number(measured[here])} measured` : '';
    return `Predicted for ${cores(chosen)}: ${number(speedup(law, chosen))} times as fast as one. ${limit}. `
      + `On this machine, with ${cores(here)}: ${number(speedup(law, here))} predicted${seen}.`;
  };

  const draw = (svg, law, chosen) => {
    const [left, right, top, bottom, first, most, low] = svg.dataset.plane.split(' ').map(Number);
    const place = (p) => {
      const x = left + (right - left) * (Math.log(p / first) / Math.log(most / first));
      const up = Math.log(Math.max(low, speedup(law, p)) / low) / Math.log(most / low);
      return `${x.toFixed(1)} ${(bottom - (bottom - top) * up).toFixed(1)}`;
    };
    const curve = Array.from({ length: PATH + 1 }, (_, n) => place(most ** (n / PATH)));
    const at = place(chosen);
    const [x, y] = at.split(' ');
    svg.querySelector('.moves').innerHTML = `<path class="law" d="M${curve.join('L')}"/>`
      + `<path class="chosen ln" d="M${x} ${bottom}V${y}"/><circle class="chosen" cx="${x}" cy="${y}" r="4.5"/>`;
  };

  const start = (figure, index) => {
    if ('live' in figure.dataset) return;
    figure.dataset.live = '';
    const inputs = [...figure.querySelectorAll('.law-controls input')];
    const about = JSON.parse(figure.dataset.law);
    const show = () => {
      const [serial, chosen, coordination] = inputs.map((input) => Number(input.value));
      const law = { serial: serial / 100, coordination: coordination / 100 };
      for (const input of inputs) {
        const text = input.value + input.dataset.unit;
        input.previousElementSibling.querySelector('output').value = text;
        input.setAttribute('aria-valuetext', text);
      }
      const said = words(law, chosen, about);
      figure.querySelector('.predicted').textContent = said;
      for (const svg of figure.querySelectorAll('svg')) {
        svg.setAttribute('aria-label', said);
        draw(svg, law, chosen);
      }
      for (const cell of figure.querySelectorAll('[data-p]')) cell.textContent = number(speedup(law, Number(cell.dataset.p)));
    };
    kept.get(index)?.forEach((value, i) => { inputs[i].value = value; });
    // The browser also remembers what was chosen before a reload.
    if (inputs.some((input) => input.value !== input.defaultValue)) show();
    figure.addEventListener('input', () => {
      kept.set(index, inputs.map((input) => input.value));
      show();
    });
  };

  onMachine(() => document.querySelectorAll('figure.amdahl').forEach(start));
})();
