// Diagrams: drawn when they come near, into the room that is kept for them. mermaid is given the page's light
// colors; in the drawing they are replaced by their names, so that it follows light, dark and print by itself.
// Fetched for: .diagram (also in print)
(function () {
  'use strict';
  const { element } = window.course;
  const figures = [...document.querySelectorAll('figure.diagram')];
  const NAMES = ['--bg', '--fg', '--quiet', '--line', '--panel', '--accent'];
  /** No text is drawn smaller than this part of its size; what is larger then is scrolled. */
  const SMALLEST = 0.75;

  // "rgb(29, 33, 37)" of a color in the light theme.
  const probe = element('span');
  probe.hidden = true;
  probe.style.colorScheme = 'light';
  const light = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const hex = (color) => `#${color.match(/\d+/g).slice(0, 3).map((n) => Number(n).toString(16).padStart(2, '0')).join('')}`;

  let colors = null; // by name, as mermaid is told
  let loading = null;
  const load = (source) => {
    loading ??= new Promise((done, failed) => {
      const script = element('script');
      script.src = source;
      script.addEventListener('load', done);
      script.addEventListener('error', () => failed(new Error(`${source} could not be loaded`)));
      document.head.append(script);
    }).then(initialize);
    return loading;
  };

  const initialize = () => {
    document.body.append(probe);
    colors = Object.fromEntries(NAMES.map((name) => [name, hex(light(name))]));
    probe.remove();
    const { '--bg': bg, '--fg': fg, '--quiet': quiet, '--line': line, '--panel': panel } = colors;
    window.mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      suppressErrorRendering: true,
      theme: 'base',
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: 14,
      htmlLabels: false,
      flowchart: { htmlLabels: false, useMaxWidth: false, nodeSpacing: 28, rankSpacing: 30, padding: 10 },
      state: { useMaxWidth: false },
      sequence: { useMaxWidth: false, mirrorActors: false },
      themeVariables: {
        fontSize: '14px',
        background: bg, mainBkg: panel, primaryColor: panel, secondaryColor: panel, tertiaryColor: bg,
        textColor: fg, primaryTextColor: fg, secondaryTextColor: fg, tertiaryTextColor: fg, nodeTextColor: fg,
        titleColor: fg, primaryBorderColor: quiet, secondaryBorderColor: quiet, tertiaryBorderColor: line,
        nodeBorder: quiet, lineColor: quiet, arrowheadColor: quiet, edgeLabelBackground: bg,
        clusterBkg: bg, clusterBorder: line,
        actorBkg: panel, actorBorder: quiet, actorTextColor: fg, actorLineColor: quiet,
        signalColor: quiet, signalTextColor: fg, labelBoxBkgColor: panel, labelBoxBorderColor: quiet,
        labelTextColor: fg, loopTextColor: fg, noteBkgColor: bg, noteBorderColor: line, noteTextColor: fg,
        activationBkgColor: panel, activationBorderColor: quiet,
        stateBkg: panel, stateBorder: quiet, stateLabelColor: fg, labelColor: fg, labelBackgroundColor: bg,
        transitionColor: quiet, transitionLabelColor: fg, compositeBackground: bg, compositeTitleBackground: panel,
        compositeBorder: line, altBackground: bg, specialStateColor: quiet, innerEndBackground: quiet, errorBkgColor: bg,
        errorTextColor: fg,
      },
    });
  };

  const named = (drawing) => {
    let text = drawing;
    for (const [name, color] of Object.entries(colors)) {
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
      text = text.replaceAll(new RegExp(`${color}\\b|rgb\\(${r}, ?${g}, ?${b}\\)`, 'gi'), `var(${name})`);
    }
    return text;
  };

  // As large as it is, unless the room is smaller; never so small that it cannot be read.
  const fit = (box) => {
    const drawing = box.querySelector('svg');
    if (!drawing) return;
    const { width, height } = drawing.viewBox.baseVal;
    const style = getComputedStyle(box);
    const room = [
      box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
      box.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom),
    ];
    const scale = Math.max(SMALLEST, Math.min(1, room[0] / width, room[1] / height));
    drawing.style.maxWidth = 'none';
    drawing.style.width = `${width * scale}px`;
    drawing.style.height = `${height * scale}px`;
    const hides = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
    if (hides) {
      box.tabIndex = 0;
      box.setAttribute('role', 'group');
      box.setAttribute('aria-label', `${box.dataset.label}, scrolls`);
    } else {
      for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
    }
  };

  const draw = async (figure) => {
    const box = figure.querySelector('.drawing');
    const source = box.querySelector('pre.mermaid');
    const aside = element('div', 'aside');
    try {
      await load(figure.dataset.script);
      box.append(aside);
      const { svg } = await window.mermaid.render(`diagram-${figures.indexOf(figure)}`, source.textContent, aside);
      aside.innerHTML = named(svg);
      const drawing = aside.querySelector('svg');
      drawing.setAttribute('role', 'img');
      drawing.setAttribute('aria-label', box.dataset.label);
      drawing.removeAttribute('aria-roledescription');
      box.append(drawing);
      box.classList.add('drawn');
      fit(box);
    } catch (why) {
      box.classList.add('undrawn'); // the source stays, as text
      console.error(why);
    } finally {
      aside.remove();
    }
  };

  // One at a time: they share mermaid's state.
  let last = Promise.resolve();
  const begin = (figure) => {
    if (figure.dataset.begun !== undefined) return;
    figure.dataset.begun = '';
    last = last.then(() => draw(figure));
  };
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      begin(entry.target);
    }
  }, { rootMargin: '100% 0px' });
  // The book on one page is there to be printed, and paper does not scroll.
  const printed = !document.querySelector('nav.onward');
  for (const figure of figures) {
    if (printed) begin(figure);
    else near.observe(figure);
  }
  addEventListener('beforeprint', () => figures.forEach(begin));
  addEventListener('resize', () => document.querySelectorAll('.drawing.drawn').forEach(fit));
})();
