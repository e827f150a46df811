// The least page that keeps the contract of the driver: ?rows=, ?virtual, ?debounce, ?wrong, ?broken.
const given = new URLSearchParams(location.search);
const ROWS = Number(given.get('rows') ?? 200), HEIGHT = 80, STATUSES = ['CURRENT', 'PAST', 'FUTURE'];
const $ = (selector) => document.querySelector(selector);
window.counts = { commits: 0, cards: 0, requests: 0 };
let programs = [], wait, clicks = 0;

const card = (program, place, size) => {
  window.counts.cards += 1;
  const one = document.createElement('article'), heading = document.createElement('h2');
  one.setAttribute('aria-posinset', place + 1);
  one.setAttribute('aria-setsize', size);
  one.dataset.programId = program.id;
  heading.textContent = program.name + (given.has('wrong') && place === 7 ? '!' : '');
  if (place === 0) heading.setAttribute('elementtiming', 'first-card');
  const mark = document.createElement('button');
  mark.className = 'mark';
  mark.textContent = 'Mark';
  mark.onclick = () => one.replaceWith(card(program, place, size));
  one.append(heading, mark);
  return one;
};

const render = () => {
  window.counts.commits += 1;
  const list = $('#list'), from = Math.floor(list.scrollTop / HEIGHT);
  const [start, end] = given.has('virtual') ? [Math.max(0, from - 1), from + 9] : [0, programs.length];
  const inside = document.createElement('div');
  inside.style.paddingTop = `${start * HEIGHT}px`;
  inside.style.minHeight = `${programs.length * HEIGHT}px`;
  inside.append(...programs.slice(start, end).map((one, place) => card(one, start + place, programs.length)));
  list.replaceChildren(inside);
  $('#count').textContent = `${programs.length} programs`;
};

const load = async () => {
  window.counts.requests += 1;
  await fetch(`assets/page.js?${$('#search').value}`);
  programs = Array.from({ length: ROWS }, (_, n) => ({ id: n * 7, name: `${n} is a program`, status: STATUSES[n % 3] }))
    .filter((one) => one.name.includes($('#search').value))
    .filter((one) => $('#status').value === 'ALL' || $('#status').value === one.status);
  render();
};

$('#search').oninput = () => { clearTimeout(wait); given.has('debounce') ? wait = setTimeout(load, 250) : load(); };
$('#status').onchange = load;
$('#elsewhere').onclick = ({ target }) => { target.textContent = ++clicks; if (!given.has('memo')) render(); };
$('#list').onscroll = () => given.has('virtual') && render();
if (given.has('broken')) setTimeout(() => { throw new Error('of the page'); });
load();
