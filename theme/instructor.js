// Notes for instructors are folded; a switch in the header shows them all. It is remembered in this browser.
(function () {
  'use strict';
  const KEY = 'measured:instructor';
  const root = document.documentElement;
  const notes = [...document.querySelectorAll('details.instructor')];
  const said = document.getElementById('said');

  const button = document.createElement('button');
  button.type = 'button';
  button.id = 'instructor';
  button.innerHTML = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 2.5h10v11H3zM5.5 6h5M5.5 9h3"/></svg><span class="word">Instructor notes</span>';
  // First of them all, so that it pushes none aside when it comes.
  const place = document.querySelector('#python, #open-search, .top label');
  place.before(button);

  const apply = (on) => {
    button.setAttribute('aria-pressed', on);
    if (on) root.dataset.instructor = '';
    else delete root.dataset.instructor; // then print leaves them out
    for (const note of notes) note.open = on;
  };
  let on = false;
  try { on = localStorage.getItem(KEY) === 'shown'; } catch { /* then folded */ }
  apply(on);

  button.addEventListener('click', () => {
    on = !on;
    apply(on);
    said.textContent = `${notes.length} ${notes.length === 1 ? 'note' : 'notes'} for instructors ${on ? 'shown' : 'folded'}`;
    try { localStorage.setItem(KEY, on ? 'shown' : 'folded'); } catch { /* not remembered, but applied */ }
  });
})();
