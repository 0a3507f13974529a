// Predictions: choosing unfolds the answer. What was chosen is remembered in this browser, page by page.
// Fetched for: .predict
(function () {
  'use strict';
  const { element, onMachine, remember, say } = window.course;
  const SKIPPED = 'skipped'; // in the place of a choice: the reader did not want to predict
  const forms = () => [...document.querySelectorAll('form.predict')];
  const key = (number) => `predict:${location.pathname}:${number}`;
  const remembered = (number) => remember.get(key(number));

  // The figure that gives the answer away: of the same experiment, the next that shows what was measured. It is
  // covered until the reader has chosen, or does not want to. It keeps its place.
  const answers = () => {
    const figures = [...document.querySelectorAll('main figure.plot[data-experiment]:not([data-runs], .amdahl, .before)')];
    return forms().map((form) => figures.find((figure) => figure.dataset.experiment === form.dataset.experiment
      && form.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING));
  };
  const cover = () => answers().forEach((figure, number) => {
    if (!figure) return;
    const open = remembered(number) === SKIPPED || forms()[number].classList.contains('answered');
    const there = figure.querySelector('.cover');
    if (open && there) {
      there.remove();
      figure.classList.remove('covered');
    }
    if (open || there) return;
    const button = element('button', '', 'Show it without predicting');
    button.addEventListener('click', () => {
      remember.set(key(number), SKIPPED);
      cover();
      const caption = figure.querySelector('figcaption');
      caption.tabIndex = -1; // the pressed button is gone: go on here
      caption.focus({ preventScroll: true });
    });
    figure.append(element('div', 'cover', element('p', '', 'This figure answers the question above.'), button));
    figure.classList.add('covered');
  });

  // Marks the chosen and the right choice, and shows the reasons: first of what was chosen, then of the rest.
  const reveal = (form, choice) => {
    const right = form.querySelector('.right')?.dataset.choice;
    const answer = form.querySelector('.answer');
    form.classList.add('answered');
    answer.open = true;
    for (const label of form.querySelectorAll('label')) {
      const value = label.firstElementChild.value;
      label.classList.toggle('is-right', value === right);
      label.classList.toggle('is-wrong', value === choice && right !== undefined && value !== right);
    }
    for (const because of form.querySelectorAll('.because')) {
      const about = because.dataset.choice;
      because.hidden = about !== choice && about !== right;
    }
    return right === undefined ? '' : right === choice ? 'Right, on this machine.' : 'Not on this machine.';
  };

  const restore = () => forms().forEach((form, number) => {
    const choice = remembered(number);
    const input = choice !== null && form.querySelector(`input[value="${choice}"]`);
    if (!input) return;
    input.checked = true;
    reveal(form, choice);
  });

  document.addEventListener('change', ({ target }) => {
    const form = target.closest?.('form.predict');
    if (!form) return;
    remember.set(key(forms().indexOf(form)), target.value);
    say(reveal(form, target.value));
    cover();
  });
  document.addEventListener('submit', (event) => {
    if (event.target.closest('form.predict')) event.preventDefault();
  });
  // Another machine's page part has its own answer; what was chosen stays.
  onMachine(() => {
    restore();
    cover();
  });
})();
