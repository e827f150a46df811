// Runs in the page before its own scripts, and records what a reader would notice.
(() => {
  const TICK = 50;
  const ROW = 250; // pixels of a tall row and the gap below it
  const LATE = 60; // frames that a list may take to draw its rows
  const forgotten = () => ({ inputs: [], changed: 0, tasks: [], interactions: {}, frames: [] });
  const record = { first: 0, requests: 0, open: 0, ...forgotten() };
  let ticks = 0;
  const stir = () => { ticks = 0; };

  // A frame is painted once a message that its animation callback posts arrives.
  const waiting = [], channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const now = performance.now();
    for (const tell of waiting.splice(0)) tell(now);
  };
  const whenPainted = (tell) => requestAnimationFrame(() => { waiting.push(tell); channel.port2.postMessage(0); });

  const observe = (type, see, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({ type, buffered: true, ...more });
  observe('element', (entry) => {
    if (record.first || entry.identifier !== 'first-card') return;
    record.first = entry.renderTime || entry.loadTime;
    window.perfstudyShown('first');
  });
  observe('longtask', (entry) => { stir(); record.tasks.push(entry.duration); });
  observe('event', (entry) => {
    const longest = record.interactions[entry.interactionId] || 0;
    if (entry.interactionId) record.interactions[entry.interactionId] = Math.max(longest, entry.duration);
  }, { durationThreshold: 16 });

  for (const type of ['keydown', 'click'])
    window.addEventListener(type, (event) => {
      const input = { at: event.timeStamp, painted: 0 };
      stir();
      record.inputs.push(input);
      whenPainted((now) => { input.painted = now; });
    }, { capture: true });

  const concernsList = ({ target }) =>
    (target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement)?.closest('#list, #count');
  new MutationObserver((changes) => {
    stir();
    if (changes.some(concernsList)) whenPainted((now) => { record.changed = now; });
  }).observe(document, { subtree: true, childList: true, characterData: true });

  const ask = window.fetch;
  const answered = () => { record.open -= 1; stir(); };
  window.fetch = (...given) => {
    record.requests += 1;
    record.open += 1;
    stir();
    return ask(...given).finally(answered);
  };

  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const nextFrame = () => new Promise(whenPainted);

  // Each tick needs the main thread to be free, so a long task is no rest.
  const settle = async (quiet) => {
    for (stir(); ticks < quiet || record.open; ticks += 1) await wait(TICK);
  };

  let framesWanted = false;
  const countFrames = (now) => {
    record.frames.push(now);
    if (framesWanted) requestAnimationFrame(countFrames);
  };

  // Whether the rows reach over what is in sight; a list may draw them some frames after it was scrolled.
  const covers = (list) => {
    const sight = list.getBoundingClientRect(), cards = [...list.querySelectorAll('article[data-program-id]')];
    const boxes = cards.map((card) => card.getBoundingClientRect());
    const has = (place) => cards.some((card) => card.getAttribute('aria-posinset') === place(card));
    const above = has(() => '1') || Math.min(...boxes.map((box) => box.top)) <= sight.top + ROW;
    const below = has((card) => card.getAttribute('aria-setsize')) ||
      Math.max(...boxes.map((box) => box.bottom)) >= sight.bottom - ROW;
    return cards.length > 0 && above && below;
  };

  // The cards in sight and all others, reached by scrolling: position, size of the set, program and markup.
  const walk = async () => {
    const list = document.querySelector('#list'), found = new Map();
    for (list.scrollTop = 0; ; list.scrollTop += list.clientHeight) {
      const asked = record.requests;
      await nextFrame();
      await nextFrame();
      if (record.open || record.requests > asked) await settle(2);
      for (let frames = 0; frames < LATE && !covers(list); frames += 1) await nextFrame();
      const cards = [...list.querySelectorAll('article[data-program-id]')];
      for (const card of cards) {
        const place = card.getAttribute('aria-posinset');
        found.set(place, [place, card.getAttribute('aria-setsize'), card.dataset.programId, card.outerHTML]);
      }
      const size = Number(cards[0]?.getAttribute('aria-setsize') ?? 0);
      if (cards.length >= size || list.scrollTop + list.clientHeight >= list.scrollHeight - 1) break;
    }
    list.scrollTop = 0;
    return [...found.values()];
  };

  window.perfstudy = {
    settle,
    walk,
    startFrames: () => { framesWanted = true; record.frames = []; requestAnimationFrame(countFrames); },
    stopFrames: () => { framesWanted = false; },
    forget: () => Object.assign(record, forgotten()),
    forgetInputs: () => { record.inputs = []; },
    read: () => ({
      ...record,
      interactions: Object.values(record.interactions),
      counts: window.counts ?? {},
      elements: document.querySelectorAll('*').length,
    }),
  };
})();
