// Structural sharing: what an answer repeats unchanged stays the object that it was, so that React sees no change.

import type { Program } from "./program.ts";

/** Return *next* with the objects of *previous* for every program that is equal in both, found by its program_id. */
export function share(previous: Program[], next: Program[]): Program[] {
  const known = new Map(previous.map((program) => [program.program_id, program]));
  return next.map((program) => {
    const before = known.get(program.program_id);
    return before !== undefined && equal(before, program) ? before : program;
  });
}

/** Return whether two JSON values are equal. */
export function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => name in other && equal(one[name as keyof typeof one], other[name as keyof typeof other]))
  );
}
