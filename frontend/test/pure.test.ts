// What needs no browser: the search in the page, structural sharing, and how values are written.

import assert from "node:assert/strict";
import { test } from "node:test";

import { count, money, period, text } from "../src/format.ts";
import { matching } from "../src/matching.ts";
import type { Program } from "../src/program.ts";
import { equal, share } from "../src/sharing.ts";

function program(id: string, name: string, more: Partial<Program> = {}): Program {
  const known = { program_id: id, business_id: `b-${id}`, business_name: name, businesses: [], ...more };
  return known as unknown as Program;
}

const CAFE = program("1", "Café Hill");
const HILL = program("2", "Hill & <b>Sons</b>");

test("the search finds a part of a name or of an id, in any case", () => {
  const all = [CAFE, HILL];
  assert.deepEqual(matching(all, "hILL"), all);
  assert.deepEqual(matching(all, " CAFÉ "), [CAFE]);
  assert.deepEqual(matching(all, "B-2"), [HILL]);
  assert.deepEqual(matching(all, "hill & "), [HILL]);
  assert.deepEqual(matching(all, "cafe"), []);
  assert.equal(matching(all, "  "), all);
});

test("what an answer repeats stays the same object, and only that", () => {
  const again = structuredClone([HILL, CAFE]);
  const changed = program("3", "New");
  const shared = share([CAFE, HILL], [...again, changed]);
  assert.equal(shared[0], HILL);
  assert.equal(shared[1], CAFE);
  assert.equal(shared[2], changed);
  const renamed = program("1", "Café Dale");
  assert.equal(share([CAFE], [renamed])[0], renamed);
});

test("values are equal as JSON is", () => {
  assert.ok(equal({ a: [1, { b: null }] }, { a: [1, { b: null }] }));
  for (const [one, other] of [[[], {}], [{ a: 1 }, { b: 1 }], [[1], [1, 2]], [null, {}], ["1", 1], [{ a: undefined }, {}]]) {
    assert.ok(!equal(one, other));
  }
});

test("values are written for people, whatever the data hold", () => {
  assert.equal(money(123456, "EUR"), "€1,234.56");
  assert.equal(money(null, "EUR"), "–");
  assert.equal(money(100, "no currency"), "1.00");
  assert.equal(count(2671), "2,671");
  assert.equal(text("AD_GOAL"), "ad goal");
  assert.equal(text({ a: 1 }), '{"a":1}');
  assert.equal(period(null, "2025-01-31"), "no start – 2025-01-31");
});
