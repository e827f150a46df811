// A floor: every row, by innerHTML.

import { row } from "./cards.ts";
import { type Shown, start } from "./plain.ts";

function draw({ programs, marked, rows }: Shown): void {
  const { length } = programs;
  rows.innerHTML = programs.map((program, index) => row(program, index, length, marked.has(program.program_id))).join("");
}

function redraw({ programs, marked }: Shown, card: HTMLElement): void {
  const index = Number(card.ariaPosInSet) - 1;
  const program = programs[index]!;
  card.parentElement!.outerHTML = row(program, index, programs.length, marked.has(program.program_id));
}

start(draw, redraw);
