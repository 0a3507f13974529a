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

  // `course serve` answers with the id of the build; told the one that is known here, it keeps its answer back until
  // there is another, or for a while. Asked while the page is visible, and with the lowest priority: what the reader
  // does comes first.
  const PAUSE = 1000; // after a request that failed: the server is gone, or starting again
  let build = null;
  let asking = null;
  const ask = async () => {
    const mine = asking = new AbortController();
    let pause = 0;
    try {
      const known = build === null ? '' : `?known=${encodeURIComponent(build)}`;
      const answer = await fetch(endpoint + known, { cache: 'no-store', priority: 'low', signal: mine.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const id = await answer.text();
      const another = build !== null && id !== build;
      build = id;
      // A measurement puts the new build's numbers into this page by itself.
      const { measuring, built } = document.documentElement.dataset;
      if (another && measuring === undefined && id !== built) {
        location.reload();
        return;
      }
    } catch {
      pause = PAUSE;
    }
    if (asking === mine) setTimeout(() => { if (asking === mine) ask(); }, pause);
  };
  const leave = () => {
    asking?.abort();
    asking = null;
  };
  const look = () => {
    if (document.hidden) leave();
    else if (!asking) ask();
  };
  document.addEventListener('visibilitychange', look);
  addEventListener('pagehide', leave);
  addEventListener('pageshow', look); // also when the reader comes back to this page
})();
