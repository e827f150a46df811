// The text search in the page, which finds what the service's own finds.

import type { Program } from "./program.ts";

/** Return the programs whose business has *text* in its name or id, in any case; for no text, the same array. */
export function matching(programs: Program[], text: string): Program[] {
  const wanted = text.trim().toLowerCase();
  return wanted === "" ? programs : programs.filter((program) => searchable(program).includes(wanted));
}

const texts = new WeakMap<Program, string>();

function searchable(program: Program): string {
  let text = texts.get(program);
  if (text === undefined) {
    text = `${program.business_name}\n${program.business_id}`.toLowerCase();
    texts.set(program, text);
  }
  return text;
}
