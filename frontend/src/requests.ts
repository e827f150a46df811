// Requests of the listing.

import { counts } from "./counts.ts";
import { ANY, type Program } from "./program.ts";
import { token } from "./token.ts";

export interface Filters {
  status: string;
  type: string;
  /** What the service is to search for; empty for everything. */
  text: string;
}

export interface Page {
  programs: Program[];
  total: number;
  /** The address of what follows; null if nothing does. */
  next: string | null;
}

const PATH = "/api/programs";

/** Return the address of the programs that pass *filters*: the first *limit* of them, or all. */
export function addressOf({ status, type, text }: Filters, limit?: number): string {
  const asked = new URLSearchParams(limit === undefined ? { all: "true" } : { limit: String(limit) });
  asked.set("program_status", status);
  if (type !== ANY) asked.set("program_type", type);
  if (text) asked.set("search", text);
  return `${PATH}?${asked}`;
}

/** Return *address* with another limit. */
export function withLimit(address: string, limit: number): string {
  return address.replace(/\blimit=\d+/, `limit=${limit}`);
}

/** Fetch the programs at *address*; throws an Error whose message is for people. */
export async function fetchPage(address: string, signal: AbortSignal): Promise<Page> {
  counts.requests += 1;
  const response = await fetch(address, { headers: { Authorization: `Bearer ${token}` }, signal });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(detail(answer) ?? `The service answered ${response.status}.`);
  const { programs, total_count: total, offset, limit } = answer as Answer;
  const follows = nextOf(response.headers.get("Link")) ?? byOffset(address, (offset ?? 0) + programs.length);
  return { programs, total, next: limit === null || programs.length < limit ? null : follows };
}

interface Answer {
  programs: Program[];
  total_count: number;
  offset: number | null;
  limit: number | null;
}

function detail(answer: unknown): string | undefined {
  const found = (answer as { detail?: unknown } | null)?.detail;
  return typeof found === "string" ? found : undefined;
}

function nextOf(link: string | null): string | null {
  return /<([^>]*)>; rel="next"/.exec(link ?? "")?.[1] ?? null;
}

/** The service of a variant without cursors is asked for an offset. */
function byOffset(address: string, offset: number): string {
  return `${address.replace(/&offset=\d+/, "")}&offset=${offset}`;
}
