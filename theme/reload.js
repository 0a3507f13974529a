// Only in pages that a server is watching: reload when the book was built again.
(function () {
  'use strict';
  const endpoint = document.currentScript.dataset.endpoint;

  // `mdbook serve` keeps a socket open and sends a word.
  if (endpoint === '__livereload') {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/${endpoint}`);
    socket.onmessage = (event) => { if (event.data === 'reload') location.reload(); };
    addEventListener('pagehide', () => socket.close());
    return;
  }

  // `course serve` answers with the id of the build, asked for while the page is visible.
  let build = null;
  const ask = async () => {
    if (document.hidden) return;
    if (document.documentElement.dataset.measuring !== undefined) {
      build = null; // the new build's numbers are put into this page
      return;
    }
    try {
      const answer = await fetch(endpoint, { cache: 'no-store' });
      if (!answer.ok) return;
      const id = await answer.text();
      if (build !== null && id !== build) location.reload();
      build = id;
    } catch { /* the server is gone or restarting */ }
  };
  setInterval(ask, 500);
  ask();
})();
