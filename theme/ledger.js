// The page of claims: verdicts of one machine, or of every one. With many machines it starts with the reader's.
(function () {
  'use strict';
  const FEW = 4;
  for (const ledger of document.querySelectorAll('.ledger')) {
    const select = ledger.querySelector('select');
    const lines = [...ledger.querySelectorAll('li[data-of]')];
    const apply = () => {
      for (const line of lines) line.hidden = select.value !== '' && line.dataset.of !== select.value;
    };
    if (select.options.length > FEW + 1) {
      let chosen = null;
      try { chosen = localStorage.getItem('measured:machine'); } catch { /* then every machine */ }
      if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
    }
    select.addEventListener('change', apply);
    apply();
  }
})();
