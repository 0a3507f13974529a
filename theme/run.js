// Runs a listing's example where the page is served from, or posts the whole file to the Rust Playground; an
// exercise, its starter with its tests, is opened there.
// What programs print enters the page as text.
// Fetched for: button.run, .play
(function () {
  'use strict';
  const { ask, element, ready, say } = window.course;
  const PLAYGROUND = 'https://play.rust-lang.org';
  const SIGNS = { success: '✓', failure: '✗', stopped: '■', limit: '✗' };

  // What a reader types for the same: an example's name, or that of a Python program after its path.
  const commandLine = (example) => (example.endsWith('.py')
    ? `python3 listings/${example.slice(0, -3).replaceAll('.', '/')}.py`
    : `cargo run --release --example ${example}`);

  // Below the code: what a run says, then what it prints.
  const output = (figure) => {
    figure.querySelector('.live')?.remove();
    const status = element('span', 'status');
    const clear = element('button', '', 'Clear');
    const text = element('pre');
    text.tabIndex = 0;
    text.setAttribute('role', 'group');
    text.setAttribute('aria-label', 'What it prints now');
    text.hidden = true;
    const area = element('div', 'out live', element('p', 'command', status, clear), text);
    figure.querySelector('.card > pre').after(area);
    clear.addEventListener('click', () => {
      area.remove();
      figure.querySelector('button.run, button.play').focus();
    });
    clear.hidden = true;

    let lines = 0;
    let last = null;
    let command = '';
    return {
      area,
      say: (words) => { status.textContent = words; },
      started: (words) => {
        command = words;
        status.textContent = `Running · ${words}`;
      },
      print: (piece, isError) => {
        text.hidden = false;
        const atEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 8;
        const name = isError ? 'err' : 'std';
        if (last?.className !== name) {
          last = element('span', name, '');
          text.append(last);
        }
        last.append(piece);
        lines += piece.split('\n').length - 1;
        if (atEnd) text.scrollTop = text.scrollHeight;
      },
      end: (words, sign) => {
        const sentence = words.replace(/\.$/, '');
        status.textContent = `${SIGNS[sign]} ${sentence}${command ? ` · ${command}` : ''}`;
        area.classList.add(sign);
        clear.hidden = false;
        say(`Ended: ${sentence}. ${lines === 1 ? '1 line' : `${lines} lines`} of output.`);
      },
    };
  };

  const runHere = (figure, button) => {
    const { example } = figure.dataset;
    let running = null;
    button.textContent = 'Run here';
    button.addEventListener('click', async () => {
      if (running) return running.abort();
      if (!ready('Run here', commandLine(example))) return undefined;
      const chosen = [...figure.querySelectorAll('select.parameter')].filter((select) => select.value);
      const parameters = Object.fromEntries(chosen.map((select) => [select.dataset.name, select.value]));
      running = new AbortController();
      button.textContent = 'Stop';
      const out = output(figure);
      out.say('Asking the server …');
      say('Running');
      let ended = false;
      try {
        for await (const message of ask('run', { example, parameters }, running.signal)) {
          if (message.waiting) out.say(`Waiting: ${message.waiting} before this one`);
          if (message.started) out.started(message.started);
          if (message.out) out.print(message.out, false);
          if (message.err) out.print(message.err, true);
          if (message.ended) {
            ended = true;
            out.end(message.ended, message.how in SIGNS ? message.how : 'failure');
          }
        }
        if (!ended) out.end('the server broke off', 'failure');
      } catch (why) {
        if (running.signal.aborted) out.end('stopped', 'stopped');
        else out.end(why.message, 'failure');
      }
      running = null;
      button.textContent = 'Run here';
      return undefined;
    });
    for (const select of figure.querySelectorAll('select.parameter')) {
      const { name } = select.dataset;
      const [, choices] = JSON.parse(figure.dataset.parameters).find(([of]) => of === name);
      select.add(new Option(name, ''));
      for (const choice of choices) select.add(new Option(`${name} ${choice}`, choice));
    }
  };

  const post = (figure, button) => {
    button.textContent = 'Playground';
    button.addEventListener('click', async () => {
      button.disabled = true;
      const out = output(figure);
      out.say('Compiling on play.rust-lang.org …');
      say('Compiling on the Rust Playground');
      let code = null;
      try {
        const file = await fetch(figure.dataset.playground);
        if (!file.ok) throw new Error(`${figure.dataset.playground}: ${file.status}`);
        code = await file.text();
        const answer = await fetch(`${PLAYGROUND}/execute`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({
            channel: 'stable', mode: 'release', edition: '2024', crateType: 'bin', tests: false, code, backtrace: false,
          }),
        });
        if (!answer.ok) throw new Error(`it answered ${answer.status}`);
        const { success, stdout, stderr, exitDetail } = await answer.json();
        if (stderr) out.print(stderr.replace(/\n*$/, '\n'), true);
        if (stdout) out.print(stdout, false);
        out.end(`${exitDetail || (success ? 'success' : 'failure')}, on play.rust-lang.org`, success ? 'success' : 'failure');
      } catch (why) {
        out.end('the Playground could not be asked from here', 'failure');
        if (code !== null) {
          const link = element('a', '', 'Open it there, with this code');
          link.href = `${PLAYGROUND}/?edition=2024&code=${encodeURIComponent(code)}`;
          link.rel = 'noopener';
          out.area.append(element('p', 'command', link));
        } else out.area.append(element('p', 'command', `${why.message}`));
      }
      button.disabled = false;
    });
  };

  // The Playground keeps the file under an address, since an address cannot hold as much. It keeps nothing
  // of the reader: what is sent is the book's.
  const openThere = (card, button) => {
    button.textContent = 'Playground';
    const link = (text, address) => {
      const there = element('a', '', text);
      there.href = `${PLAYGROUND}/?version=stable&mode=debug&edition=2024&${address}`;
      there.target = '_blank';
      there.rel = 'noopener';
      return there;
    };
    button.addEventListener('click', async () => {
      button.disabled = true;
      card.querySelector('.there')?.remove();
      const words = element('p', 'there', 'Sending starter and tests to play.rust-lang.org …');
      card.append(words);
      let code = null;
      try {
        const file = await fetch(card.dataset.playground);
        if (!file.ok) throw new Error(`${card.dataset.playground}: ${file.status}`);
        code = await file.text();
        const answer = await fetch(`${PLAYGROUND}/meta/gist`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ code }),
        });
        if (!answer.ok) throw new Error(`it answered ${answer.status}`);
        const { id } = await answer.json();
        words.replaceChildren(link('Open it there: starter and tests', `gist=${encodeURIComponent(id)}`));
      } catch (why) {
        if (code === null) words.textContent = why.message;
        else {
          words.replaceChildren(
            'The Playground could not be asked from here. ',
            link('Open it there, with the file in the address', `code=${encodeURIComponent(code)}`),
          );
        }
      }
      say(words.textContent);
      button.disabled = false;
      (words.querySelector('a') ?? button).focus();
    });
  };

  for (const card of document.querySelectorAll('.command-line[data-playground]')) {
    openThere(card, card.querySelector('button.play'));
  }
  for (const figure of document.querySelectorAll('figure.listing')) {
    const run = figure.querySelector('button.run');
    const play = figure.querySelector('button.play');
    if (run) runHere(figure, run);
    if (play) post(figure, play);
  }
})();
