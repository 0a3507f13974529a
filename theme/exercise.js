// Beside an exercise on a page that `course serve` delivered: has the reader's own file watched, and shows at every
// save what its tests say. What a test says enters the page as text, and nothing of the file is sent to or from here.
// Fetched for: .served .exercise
(function () {
  'use strict';
  const { ask, element, ready, say, tab } = window.course;
  const root = document.getElementById('search')?.dataset.root ?? '';
  // Whose file is watched here, so that it is again when the page was loaded anew with a changed book.
  const WATCHED = 'watched';
  const reloaded = performance.getEntriesByType('navigation')[0]?.type === 'reload';
  const counted = (n, thing) => `${n} ${thing}${n === 1 ? '' : 's'}`;
  const passing = ({ passed, tests }) => (passed === tests
    ? `Done: ${tests === 1 ? '1 test passes' : `all ${tests} tests pass`}.`
    : `${passed} of ${counted(tests, 'test')} ${passed === 1 ? 'passes' : 'pass'}.`);

  // What stands below the button: one failing test, or what the compiler objects to, or what comes next.
  const reportIn = (area) => {
    let file = '';
    let announced = '';
    const place = (line) => (line ? element('p', 'at', `${file}:${line}`) : '');
    const show = (name, ...content) => {
      area.className = `report ${name}`;
      area.replaceChildren(...content);
      area.hidden = false;
    };
    return {
      isAt: (path) => { file = path; },
      begin: () => { announced = ''; },
      /** @param {Message} message */
      failed: ({ test, said: words }) => {
        announced = ` First: ${test}. ${words.map(({ message }) => message).join(' ')}`;
        show('failure', element('p', 'test', `✗ ${test}`),
          ...words.flatMap(({ line, message }) => [place(line), element('pre', '', message)]));
      },
      /** @param {Refused} error */
      refused: ({ line, message, more }) => {
        const after = more ? `And ${counted(more, 'error')} after this one.` : '';
        show('failure', element('p', 'test', '✗ It does not compile yet'), place(line), element('pre', '', message),
          after && element('p', '', after));
        return `It does not compile yet. ${line ? `Line ${line}: ` : ''}${message}`;
      },
      words: (sentence) => show('failure', element('p', '', sentence)),
      // Returns what is announced.
      /** @param {Score} score @param {Found} hint */
      ended: (score, hint) => {
        const sentence = score.tests ? passing(score) : 'There is no test left in your file.';
        if (score.tests && score.passed === score.tests) show('success', element('p', 'test', `✓ ${sentence}`), ...onward(score.next));
        if (score.hint && hint) {
          area.append(element('div', 'hint', element('p', '', 'This test has failed in three tries. A hint:'), hint.cloneNode(true)));
        }
        return sentence + announced + (score.hint ? ' There is a hint now.' : '');
      },
    };
  };

  /** @param {Next} next */
  const onward = (next) => {
    if (!next) return [];
    const link = element('a', '', next.label);
    link.href = `${root}${next.page}.html#exercise-${next.name}`;
    return [element('p', '', 'Next comes ', link, '.')];
  };

  const start = (section) => {
    const name = section.querySelector('h3[id^="exercise-"]')?.id.slice('exercise-'.length);
    if (!name) return;
    const button = element('button', '', 'Watch my file');
    const words = element('span', 'words');
    const area = element('div', 'report');
    area.hidden = true;
    const panel = element('div', 'watch', element('p', 'tools', button, words), area);
    panel.setAttribute('role', 'group');
    panel.setAttribute('aria-label', 'Your file');
    section.append(panel);
    const report = reportIn(area);
    // Its summary stays above; here is what it folds away.
    const hint = () => {
      const content = element('div');
      const fold = section.querySelector('details.hint');
      if (!fold) return null;
      content.append(...[...fold.children].filter((part) => part.localName !== 'summary').map((part) => part.cloneNode(true)));
      return content;
    };
    let watching = null;
    let path = '';
    /** @param {Message} message */
    const hear = (message) => {
      const tell = (sentence) => {
        words.textContent = `Watching ${path}`;
        say(sentence);
      };
      if (message.watching) {
        path = message.watching;
        report.isAt(path);
      }
      if (message.waiting) words.textContent = 'Waiting: something else runs first';
      if (message.compiling) {
        report.begin();
        words.textContent = 'Compiling …';
        say('Compiling'); // the same result again is announced again
      }
      if (message.tests) words.textContent = `Running ${counted(message.tests, 'test')} …`;
      if (message.test && message.said) report.failed(message);
      if (message.refused) tell(report.refused(message.refused));
      if (message.gone) {
        report.words(`${path} is not there any more. Save it again.`);
        tell(`${path} is not there any more.`);
      }
      if (message.trouble) {
        report.words(message.trouble);
        tell(message.trouble);
      }
      if (message.score) {
        tell(report.ended(message.score, hint()));
        words.textContent = `${passing(message.score)} Watching ${path}`;
      }
    };
    button.addEventListener('click', async () => {
      if (watching) {
        tab.set(WATCHED, '');
        return watching.abort();
      }
      if (!ready('Watch my file', `cargo course exercise ${name} --watch`)) return undefined;
      watching = new AbortController();
      tab.set(WATCHED, name);
      button.textContent = 'Stop watching';
      words.textContent = 'Asking the server …';
      let ending = 'The server broke off.';
      try {
        for await (const message of ask('exercise', { exercise: name }, watching.signal)) {
          hear(message);
          if (message.ended) ending = message.ended;
        }
      } catch (why) {
        ending = watching.signal.aborted ? 'Your file is not watched any more.' : why.message;
      }
      watching = null;
      button.textContent = 'Watch my file';
      words.textContent = ending;
      say(ending);
      return undefined;
    });
    if (reloaded && tab.get(WATCHED) === name) button.click();
  };

  document.querySelectorAll('section.exercise').forEach(start);
})();
