// The card of the page as text, for the floors that use no React; its markup is the same.

import { counts } from "../src/counts.ts";
import { count, money, period, text } from "../src/format.ts";
import type { Program } from "../src/program.ts";

/** Escape *value* for text and for attributes in quotes. */
export function escape(value: string): string {
  return value.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** Return the row of *program*. */
export function row(program: Program, index: number, total: number, marked: boolean): string {
  counts.cards += 1;
  const lines =
    `<p class="facts"><span class="status">${escape(program.program_status ?? "")}</span>` +
    `${facts(program).map(span).join("")}</p><dl>${figures(program).join("")}</dl>${features(program)}`;
  return `<div class="row">${card(program, index, total, marked, lines)}</div>`;
}

/** Return the card of *program*: its name, *lines* of markup, and the button. */
export function card(program: Program, index: number, total: number, marked: boolean, lines: string): string {
  const id = escape(program.program_id);
  const timing = index === 0 ? ' elementtiming="first-card"' : "";
  return (
    `<article tabindex="0" aria-posinset="${index + 1}" aria-setsize="${total}" ` +
    `aria-labelledby="name-${id}" data-program-id="${id}">` +
    `<h2 id="name-${id}"${timing}>${escape(program.business_name)}</h2>${lines}` +
    `<button type="button" class="mark" aria-pressed="${marked}" aria-describedby="name-${id}">` +
    `${marked ? "Marked" : "Mark"}</button></article>`
  );
}

function facts(program: Program): string[] {
  const { custom_name: name, program_pause_status: pause, businesses } = program;
  const found = [program.program_type, period(program.start_date, program.end_date)];
  if (name !== null) found.push(name);
  if (pause !== null) found.push(pause);
  if (businesses.length > 0) found.push(`Further businesses: ${count(businesses.length)}`);
  return found;
}

function span(value: string): string {
  return `<span>${escape(value)}</span>`;
}

function figures({ program_metrics: metrics }: Program): string[] {
  if (metrics === undefined) return [];
  const { currency } = metrics;
  const values = {
    Budget: money(metrics.budget, currency),
    "Highest bid": metrics.is_autobid ? "automatic" : money(metrics.max_bid, currency),
    Cost: money(metrics.ad_cost, currency),
    Impressions: count(metrics.billed_impressions),
    Clicks: count(metrics.billed_clicks),
  };
  return Object.entries(values).map(([name, value]) => `<div><dt>${name}</dt><dd>${escape(value)}</dd></div>`);
}

function features({ available_features: available, active_features }: Program): string {
  if (available.length === 0) return "";
  const active = new Set(active_features);
  const items = available.map((one) => {
    const on = active.has(one);
    return `<li class="${on ? "active" : ""}">${escape(text(one))}${on ? '<span class="unseen"> (active)</span>' : ""}</li>`;
  });
  return `<ul aria-label="Features">${items.join("")}</ul>`;
}
