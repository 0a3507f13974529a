// The chooser: what was answered decides which recommendation is shown. Remembered in this browser, page by page.
// Fetched for: .chooser
(function () {
  'use strict';
  const { onMachine, remember } = window.course;
  const choosers = () => [...document.querySelectorAll('.chooser')];
  const key = (chooser) => `chooser:${location.pathname}:${choosers().indexOf(chooser)}`;
  const chosen = (chooser) => Object.fromEntries(new FormData(chooser.querySelector('form')));

  const show = (chooser) => {
    const answers = chosen(chooser);
    const asked = chooser.querySelectorAll('fieldset').length;
    const answered = Object.keys(answers).length;
    const all = [...chooser.querySelectorAll('.recommendation')];
    const fits = (section) => Object.entries(JSON.parse(section.dataset.when))
      .every(([question, words]) => !(question in answers) || words.includes(answers[question]));
    const possible = all.filter(fits);
    const reached = answered && possible.length === 1 ? possible[0] : null;
    for (const section of all) section.classList.toggle('is-reached', section === reached);
    const name = reached?.querySelector('strong')?.textContent.replace(/\.$/, '');
    chooser.querySelector('.reached').textContent = reached
      ? `Recommended${name ? `: ${name}` : ''}${answered < asked ? '. The other answers do not change it' : ''}.`
      : `${possible.length} of ${all.length} recommendations are possible. ${asked - answered} of ${asked} questions are open.`;
  };

  const restore = (chooser) => {
    const kept = JSON.parse(remember.get(key(chooser)) ?? '{}');
    for (const input of chooser.querySelectorAll('input')) input.checked = kept[input.name] === input.value;
    show(chooser);
  };
  const keep = (chooser) => remember.set(key(chooser), JSON.stringify(chosen(chooser)));
  const everything = (chooser, on) => {
    chooser.classList.toggle('everything', on);
    chooser.querySelector('.all').setAttribute('aria-pressed', on);
  };

  document.addEventListener('change', ({ target }) => {
    const chooser = target.closest?.('.chooser');
    if (!chooser) return;
    keep(chooser);
    show(chooser);
  });
  document.addEventListener('reset', ({ target }) => {
    const chooser = target.closest('.chooser');
    if (!chooser) return;
    setTimeout(() => { // the form is empty after this event
      everything(chooser, false);
      keep(chooser);
      show(chooser);
    });
  });
  document.addEventListener('click', ({ target }) => {
    const button = target.closest?.('.chooser .all');
    if (button) everything(button.closest('.chooser'), button.getAttribute('aria-pressed') !== 'true');
  });
  document.addEventListener('submit', (event) => {
    if (event.target.closest('.chooser')) event.preventDefault();
  });
  // Another machine's recommendations have its own evidence; the answers stay.
  onMachine(() => choosers().forEach(restore));
})();
