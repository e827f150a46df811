// The text search in the page.

import type { Program } from "./program.ts";

/** Return the programs in which every word of *text* occurs, in any case; all of them, the same array, for no words. */
export function matching(programs: Program[], text: string): Program[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return programs;
  return programs.filter((program) => {
    const within = searchable(program);
    return words.every((word) => within.includes(word));
  });
}

const texts = new WeakMap<Program, string>();

function searchable(program: Program): string {
  let text = texts.get(program);
  if (text === undefined) {
    text = [program.business_name, program.business_id, program.custom_name ?? ""].join("\n").toLowerCase();
    texts.set(program, text);
  }
  return text;
}
