// How a page asks the `course serve` that delivered it, and how it says what is needed where that cannot be asked.
// Fetched for: button.run, .play, .served figure[data-experiment], .served .exercise
(function () {
  'use strict';
  const { SERVER, delivered, element, token } = window.course;

  // The messages of an answer, one a line, as they come.
  const ask = async function* (what, body, signal) {
    let answer;
    try {
      answer = await fetch(SERVER + what, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Course-Token': token() },
        body: JSON.stringify(body),
        signal,
      });
    } catch (why) {
      if (signal.aborted) throw why;
      throw new Error('The server does not answer. Is `cargo course serve` still running?', { cause: why });
    }
    if (!answer.ok) throw new Error((await answer.text()).trim() || `The server refused: ${answer.status}.`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line) yield JSON.parse(line);
    }
  };

  let bubble = null;
  const explain = (title, ...content) => {
    bubble?.remove();
    const close = element('button', '', 'Close');
    close.autofocus = true;
    close.addEventListener('click', () => bubble.hidePopover());
    bubble = element('div', 'how', element('p', '', element('strong', '', title)), ...content, close);
    bubble.id = 'how';
    bubble.popover = 'auto';
    bubble.setAttribute('role', 'dialog');
    bubble.setAttribute('aria-label', title);
    document.body.append(bubble);
    bubble.showPopover();
  };
  const command = (text) => element('pre', '', element('code', '', text));

  // True where the server can be asked; else the reader is told what that takes.
  const ready = (what, alone) => {
    if (delivered && token()) return true;
    if (delivered) {
      explain(`${what}: this page has no key`,
        element('p', '', 'The server runs programs only for the reader who started it. Open the address that the terminal printed in this tab, with all that follows the #. (With --recorded it runs nothing, and prints none.)'),
        command(`${location.origin}/#token=…`));
    } else {
      explain(`${what}: on your own computer`,
        element('p', '', 'Programs run on the computer that serves the page. In a copy of this book\'s repository, type'),
        command('cargo course serve'),
        element('p', '', 'and open the address that it prints. Or without a browser:'),
        command(alone));
    }
    return false;
  };

  Object.assign(window.course, { ask, ready });
})();
