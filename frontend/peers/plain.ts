// The page without React: its header, its filters, and a list that a floor draws.

import "../src/app.css";

import { counts } from "../src/counts.ts";
import * as flags from "../src/flags.ts";
import { count } from "../src/format.ts";
import { matching } from "../src/matching.ts";
import { ANY, type Program, STATUSES, TYPES } from "../src/program.ts";
import { addressOf, fetchPage } from "../src/requests.ts";

/** Rows above and below those in sight. */
export const OVERSCAN = 6;
/** A row's height in pixels, as it is before it is measured. */
export const HEIGHT = 9 * parseFloat(getComputedStyle(document.documentElement).fontSize);

export interface Shown {
  programs: Program[];
  marked: Set<string>;
  list: HTMLElement;
  rows: HTMLElement;
}

const HEADER = `<header><h1>Advertising programs</h1><search>
<label>Search<input id="search" type="search" autocomplete="off" maxlength="64" placeholder="Business or its id"></label>
${select("status", "Status", STATUSES)}${select("type", "Type", TYPES)}<button id="clear" type="button">Clear</button></search>
<p id="count" role="status"></p><button id="elsewhere" type="button">Clicks here: 0</button></header>
<main><div id="list" role="feed" aria-busy="true" aria-label="Programs" tabindex="-1"><div class="rows"></div></div></main>`;

function select(id: string, label: string, values: readonly string[]): string {
  const options = values.map((value) => `<option>${value}</option>`).join("");
  return `<label>${label}<select id="${id}"><option value="${ANY}">all</option>${options}</select></label>`;
}

/** Show the page; *draw* renders the programs anew, *redraw* one card. */
export function start(draw: (shown: Shown) => void, redraw: (shown: Shown, card: HTMLElement) => void): void {
  document.getElementById("root")!.innerHTML = HEADER;
  const list = find("list");
  const shown: Shown = { programs: [], marked: new Set(), list, rows: list.firstElementChild as HTMLElement };
  const [box, status, type] = [find<HTMLInputElement>("search"), find<HTMLSelectElement>("status"), find<HTMLSelectElement>("type")];
  let fetched: Program[] = [];
  let running = new AbortController();
  let clicks = 0;

  function show(): void {
    shown.programs = flags.searchesOnServer ? fetched : matching(fetched, box.value);
    counts.commits += 1;
    find("count").textContent = shown.programs.length === 1 ? "1 program" : `${count(shown.programs.length)} programs`;
    draw(shown);
  }
  async function load(): Promise<void> {
    running.abort();
    const { signal } = (running = new AbortController());
    shown.list.setAttribute("aria-busy", "true");
    try {
      const text = flags.searchesOnServer ? box.value.trim() : "";
      fetched = (await fetchPage(addressOf({ status: status.value, type: type.value, text }), signal)).programs;
    } catch (error) {
      if (!signal.aborted) find("count").textContent = String(error);
      return;
    }
    shown.list.setAttribute("aria-busy", "false");
    show();
  }
  function mark(card: HTMLElement): void {
    const id = card.dataset["programId"]!;
    if (!shown.marked.delete(id)) shown.marked.add(id);
    counts.commits += 1;
    redraw(shown, card);
  }

  box.addEventListener("input", flags.searchesOnServer ? () => void load() : show);
  for (const one of [status, type]) one.addEventListener("change", () => void load());
  find("clear").addEventListener("click", () => {
    box.value = "";
    status.value = type.value = ANY;
    void load();
  });
  find("elsewhere").addEventListener("click", ({ currentTarget }) => {
    (currentTarget as HTMLElement).textContent = `Clicks here: ${count(++clicks)}`;
  });
  list.addEventListener("click", ({ target }) => {
    const button = (target as Element).closest(".mark");
    if (button) mark(button.closest("article")!);
  });
  void load();
}

function find<Found extends HTMLElement = HTMLElement>(id: string): Found {
  return document.getElementById(id) as Found;
}
