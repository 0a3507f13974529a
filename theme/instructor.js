// Notes for instructors are folded; a switch in the header shows them all. It is remembered in this browser.
// Fetched for: .instructor (also in print)
(function () {
  'use strict';
  const { element, remember, say } = window.course;
  const KEY = 'instructor';
  const root = document.documentElement;
  const notes = [...document.querySelectorAll('details.instructor')];

  const button = element('button');
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
  let on = remember.get(KEY) === 'shown';
  apply(on);

  button.addEventListener('click', () => {
    on = !on;
    apply(on);
    say(`${notes.length} ${notes.length === 1 ? 'note' : 'notes'} for instructors ${on ? 'shown' : 'folded'}`);
    remember.set(KEY, on ? 'shown' : 'folded');
  });
})();
