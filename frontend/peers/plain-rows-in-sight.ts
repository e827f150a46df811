// A floor: the rows in sight and six above and below, by innerHTML.

import { row } from "./cards.ts";
import { HEIGHT, OVERSCAN, type Shown, start } from "./plain.ts";

let drawn = "";

function draw(shown: Shown): void {
  drawn = "";
  update(shown);
  shown.list.onscroll = () => update(shown);
}

function update({ programs, marked, list, rows }: Shown): void {
  const first = Math.max(0, Math.floor(list.scrollTop / HEIGHT) - OVERSCAN);
  const last = Math.min(programs.length, Math.ceil((list.scrollTop + list.clientHeight) / HEIGHT) + OVERSCAN);
  const range = `${first} ${last}`;
  if (range === drawn) return;
  drawn = range;
  const shown = programs.slice(first, last).map((program, at) => {
    return row(program, first + at, programs.length, marked.has(program.program_id));
  });
  rows.style.height = `${programs.length * HEIGHT}px`;
  rows.style.boxSizing = "border-box";
  rows.style.paddingTop = `${first * HEIGHT}px`;
  rows.innerHTML = shown.join("");
}

function redraw({ programs, marked }: Shown, card: HTMLElement): void {
  const index = Number(card.ariaPosInSet) - 1;
  const program = programs[index]!;
  card.parentElement!.outerHTML = row(program, index, programs.length, marked.has(program.program_id));
}

start(draw, redraw);
