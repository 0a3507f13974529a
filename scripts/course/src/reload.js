// In the pages that `cargo course serve` shows of a book with mdBook's theme: reloads them when the book was built again.
// The server keeps its answer back until there is another build than the one that is known here.
(async () => {
  'use strict';
  const pause = () => new Promise((again) => setTimeout(again, 1000)); // the server is gone, or starting again
  for (let known = ''; ;) {
    try {
      const answer = await fetch(`@endpoint@${known}`, { cache: 'no-store', priority: 'low' });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const next = `?known=${encodeURIComponent(await answer.text())}`;
      if (known !== '' && next !== known) return location.reload();
      known = next;
    } catch {
      await pause();
    }
  }
})();
