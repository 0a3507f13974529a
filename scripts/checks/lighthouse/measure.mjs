// What a page costs its readers, and whom it keeps out: Lighthouse with its mobile preset, the median of five, and
// axe-core in both themes, wide and narrow, on every page as `course serve` delivers it. Prints a table; ends with
// 1 where a page falls short.
//
//   npm install                                once, in this folder; `npm run lint` and `npm run types` need it, too
//   node measure.mjs                           every page, from a server of its own
//   node measure.mjs ch05-threads.html         these pages
//   node measure.mjs --runs 1 --url http://127.0.0.1:3000/
//
// Chromium is looked for in the usual places; CHROME_PATH names another.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import lighthouse from 'lighthouse';
import puppeteer from 'puppeteer-core';

const LEAST = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };
const MOST_BYTES = 350_000;
// Of the traces of one page.
const MOST_FAILED = 3;
const WIDTHS = [360, 1280];
const SCHEMES = ['light', 'dark'];
// It is for addresses that do not exist, and asks not to be indexed; the whole book on one page does, too.
const NOT_INDEXED = ['404.html', 'print.html'];
// As heavy as all chapters together, and for printers: axe looks at it, Lighthouse does not.
const NOT_TIMED = ['print.html'];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, url: { type: 'string' }, 'no-axe': { type: 'boolean' } },
});
const runs = Number(options.runs);
const house = fileURLToPath(new URL('../../..', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const chromium = () => {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'];
  const found = [process.env.CHROME_PATH, ...usual].find((path) => path && existsSync(path));
  if (!found) throw new Error('no Chromium in the usual places; set CHROME_PATH to yours');
  return found;
};

const open = () => puppeteer.launch({
  executablePath: chromium(),
  args: [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // its sandbox refuses to run for root
    '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
});

// A server on a free port, which shows the records and runs nothing; and how to end it.
const serve = async () => {
  const server = spawn('cargo', ['course', 'serve', '--recorded', '--port', '0'], { cwd: house, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const url = await new Promise((found, failed) => {
    server.stderr.on('data', (text) => {
      said += text;
      const line = /Serving.*?(http:\/\/127\.0\.0\.1:\d+\/)/.exec(said);
      if (line) found(line[1]);
    });
    server.on('exit', (code) => failed(new Error(`the server ended with ${code}; it said:\n${said}`)));
    server.on('error', failed);
  });
  return { url, end: () => server.kill('SIGINT') };
};

// The pages that the contents lead to, each once, the whole book, and the page for what does not exist.
const everyPage = async (url) => {
  const home = await (await fetch(url)).text();
  const contents = home.slice(home.indexOf('<nav id="contents"'));
  const linked = [...contents.slice(0, contents.indexOf('</nav>')).matchAll(/href="([^"#:]+\.html)"/g)].map(([, href]) => href);
  return [...new Set([...linked, '404.html'])].filter((page) => page !== 'index.html' || !linked.includes('welcome.html'));
};

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

// Median scores, the bytes of a first visit, and what is worth a look.
const audited = async (url) => {
  const scores = Object.fromEntries(Object.keys(LEAST).map((category) => [category, []]));
  const bytes = [];
  const remarks = new Set();
  let failed = 0;
  for (let run = 0; run < runs; run += 1) {
    const browser = await open(); // a first visit
    try {
      const { lhr } = await lighthouse(url, { port: Number(new URL(browser.wsEndpoint()).port), logLevel: 'silent' });
      // Its own advice where the trace has lost its beginning: run it again.
      if (lhr.runtimeError?.code === 'NO_NAVSTART' && failed < MOST_FAILED) {
        failed += 1;
        run -= 1;
        remarks.add(`Lighthouse lost the beginning of ${failed} of its traces`);
        continue;
      }
      if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
      for (const warning of lhr.runWarnings) remarks.add(warning);
      for (const [category, of] of Object.entries(scores)) of.push(Math.round(lhr.categories[category].score * 100));
      bytes.push(lhr.audits['total-byte-weight'].numericValue);
      for (const [category, least] of Object.entries(LEAST)) {
        if (scores[category].at(-1) >= least) continue;
        for (const { id, weight } of lhr.categories[category].auditRefs) {
          const { score, displayValue } = lhr.audits[id];
          if (weight > 0 && score !== null && score < 0.9) remarks.add(`${id} ${displayValue ?? ''}`.trim());
        }
      }
    } finally {
      await browser.close();
    }
  }
  const scored = Object.fromEntries(Object.entries(scores).map(([category, all]) => [category, median(all)]));
  return { ...scored, all: scores.performance, bytes: median(bytes), remarks };
};

// What axe finds, once as the page opens and once with all that is folded unfolded.
const violations = async (browser, url) => {
  const found = [];
  for (const scheme of SCHEMES) {
    for (const width of WIDTHS) {
      const page = await browser.newPage();
      try {
        await page.setBypassCSP(true); // for axe, which is no script of ours
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.setViewport({ width, height: 800 });
        await page.goto(url, { waitUntil: 'load' });
        // The server holds one request open: it answers when the book was built again.
        await page.waitForNetworkIdle({ idleTime: 300, concurrency: 1 });
        await page.evaluate(axe);
        for (const unfolded of [false, true]) {
          if (unfolded) {
            await page.evaluate(() => {
              for (const fold of document.querySelectorAll('details')) fold.open = true;
            });
          }
          const { violations: wrong } = await page.evaluate(() => window.axe.run(document));
          for (const { id, nodes } of wrong) {
            found.push(`${scheme} ${width} px${unfolded ? ', unfolded' : ''}: ${id}: ${nodes[0].html.slice(0, 160)}`);
          }
        }
      } finally {
        await page.close();
      }
    }
  }
  return found;
};

const server = options.url ? { url: options.url, end: () => {} } : await serve();
let short = 0;
try {
  const pages = positionals.length ? positionals : await everyPage(server.url);
  const notes = [];
  console.log(`| page | performance | accessibility | best practices | SEO | KB | axe |\n|---|--:|--:|--:|--:|--:|--:|`);
  for (const page of pages) {
    const url = new URL(page, server.url).href;
    const cells = [page];
    if (NOT_TIMED.includes(page)) cells.push('', '', '', '', '');
    else {
      const result = await audited(url);
      for (const [category, least] of Object.entries(LEAST)) {
        const counts = category !== 'seo' || !NOT_INDEXED.includes(page);
        const low = counts && result[category] < least;
        if (low) short += 1;
        cells.push(counts ? `${result[category]}${low ? ' ✗' : ''}` : 'not indexed');
      }
      const heavy = result.bytes > MOST_BYTES;
      if (heavy) short += 1;
      cells.push(`${Math.round(result.bytes / 1000)}${heavy ? ' ✗' : ''}`);
      notes.push(...[...result.remarks].filter((remark) => !NOT_INDEXED.includes(page) || !remark.startsWith('is-crawlable')).map((remark) => `${page}: ${remark}`));
    }
    if (options['no-axe']) cells.push('');
    else {
      const browser = await open();
      const wrong = await violations(browser, url).finally(() => browser.close());
      if (wrong.length) short += 1;
      cells.push(wrong.length ? `${wrong.length} ✗` : '0');
      notes.push(...wrong.map((what) => `${page}: ${what}`));
    }
    console.log(`| ${cells.join(' | ')} |`);
  }
  for (const note of notes) console.log(note);
} finally {
  server.end();
}
process.exitCode = short ? 1 : 0;
