// Search. mdBook writes the index and ships the engine; both are fetched when the reader opens the search.
(function () {
  'use strict';
  const { element } = window.course;
  const SHOWN = 12;
  const dialog = document.getElementById('search');
  const input = dialog.querySelector('input');
  const status = dialog.querySelector('[role=status]');
  const list = dialog.querySelector('ol');
  let loading = null;
  let index = null;

  const script = (src) => new Promise((loaded, failed) => {
    const tag = element('script');
    tag.src = src;
    tag.onload = loaded;
    tag.onerror = () => failed(new Error(src));
    document.head.append(tag);
  });

  const load = async () => {
    window.search = window.search || {};
    await Promise.all([script(dialog.dataset.engine), script(dialog.dataset.index)]);
    index = window.elasticlunr.Index.load(window.search.index);
  };

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    loading = loading || load();
    loading.then(look, () => {
      loading = null;
      status.textContent = 'The search index could not be fetched. Close and try again.';
    });
  };

  // A stretch of the text around the first word found, that word marked.
  const excerpt = (text, words) => {
    const lower = text.toLowerCase();
    const found = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
    const at = found.length ? Math.min(...found) : 0;
    const from = at > 60 ? text.indexOf(' ', at - 60) + 1 : 0;
    const piece = text.slice(from, from + 170);
    const line = element('span');
    if (from) line.append('… ');
    const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const parts = escaped.length ? piece.split(new RegExp(`(${escaped.join('|')})`, 'i')) : [piece];
    line.append(...parts.map((part, i) => (i % 2 ? element('mark', '', part) : part)));
    if (from + 170 < text.length) line.append(' …');
    return line;
  };

  const look = () => {
    if (!index || !dialog.open) return;
    const query = input.value.trim();
    list.replaceChildren();
    status.textContent = '';
    if (!query) return;
    const words = query.toLowerCase().split(/[\s-]+/).filter(Boolean);
    const found = index.search(query, window.search.search_options);
    for (const { ref, doc } of found.slice(0, SHOWN)) {
      const link = element('a', '', element('strong', '', doc.title), element('small', '', doc.breadcrumbs), excerpt(doc.body, words));
      link.href = dialog.dataset.root + window.search.doc_urls[ref];
      list.append(element('li', '', link));
    }
    const count = found.length;
    status.textContent = count === 0 ? `Nothing about “${query}”`
      : count > SHOWN ? `${SHOWN} of ${count} places` : count === 1 ? '1 place' : `${count} places`;
  };

  document.getElementById('open-search').addEventListener('click', open);
  addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      open();
    }
  });
  let soon;
  input.addEventListener('input', () => {
    clearTimeout(soon);
    soon = setTimeout(look, 80);
  });
  dialog.addEventListener('keydown', (event) => {
    const links = [...list.querySelectorAll('a')];
    const at = links.findIndex((link) => link === document.activeElement);
    if (event.key === 'Enter' && document.activeElement === input) {
      event.preventDefault();
      clearTimeout(soon);
      look();
      const first = list.querySelector('a');
      if (first) first.click();
    } else if (event.key === 'ArrowDown' && links.length) {
      event.preventDefault();
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (event.key === 'ArrowUp' && at >= 0) {
      event.preventDefault();
      (at ? links[at - 1] : input).focus();
    }
  });
  // A press beside the dialog closes it, and so does a link to a place on this page.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || event.target.closest('a')) dialog.close();
  });
})();
