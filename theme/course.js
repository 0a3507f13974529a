// What the scripts share, described in theme.d.ts; and before the first paint, the reader's choices. Alone it blocks.
(function () {
  'use strict';
  const THIN = '\u202f';
  const root = document.documentElement;
  const delivered = root.classList.contains('served');

  const element = (name, className, ...content) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (name === 'button') made.type = 'button';
    made.append(...content);
    return made;
  };

  const say = (sentence) => { document.getElementById('said').textContent = sentence; };

  const memory = (storage) => ({
    get: (name) => { try { return storage().getItem(`measured:${name}`); } catch { return null; } },
    set: (name, value) => { try { storage().setItem(`measured:${name}`, value); } catch { /* until the page is left */ } },
  });
  const remember = memory(() => localStorage);
  const tab = memory(() => sessionStorage);

  root.classList.add('scripted');
  const CHOICES = { theme: ['light', 'dark'], python: ['hidden'] }; // anything else is how the book comes
  const apply = (name, choice) => {
    if (CHOICES[name].includes(choice)) root.dataset[name] = choice;
    else delete root.dataset[name];
  };
  const restore = () => Object.keys(CHOICES).forEach((name) => apply(name, remember.get(name)));
  const choose = (name, choice) => {
    apply(name, choice);
    remember.set(name, choice);
  };
  restore();

  const onMachine = (act) => {
    act();
    document.addEventListener('machine', act);
  };

  const grouped = (n) => n.toLocaleString('en').replaceAll(',', THIN);
  const number = (value) => {
    const text = value.toPrecision(3);
    return !value ? '0' : Math.abs(Number(text)) < 1000 ? text : grouped(Math.round(value));
  };

  // The address that `course serve` prints ends with a key. It leaves the address at once.
  const [, key] = /^#token=([0-9a-f]+)$/.exec(delivered ? location.hash : '') ?? [];
  if (key) {
    tab.set('token', key);
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  const token = () => tab.get('token');

  window.course = {
    SERVER: '/__course/', THIN, choose, delivered, element, grouped, number, onMachine, remember, restore, say, tab, token,
  };
})();
