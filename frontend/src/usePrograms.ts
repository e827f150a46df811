import { useCallback, useEffect, useRef, useState } from "react";

import { sharing, windowed } from "./flags.ts";
import type { Program } from "./program.ts";
import { addressOf, fetchPage, type Filters, type Page, withLimit } from "./requests.ts";
import { share } from "./sharing.ts";

/** Programs of the first request and of each later one, if they are fetched by window. */
const FIRST = 30;
const FURTHER = 500;

export interface Programs {
  /** What has been fetched; it stays while something else is. */
  programs: Program[];
  /** Everything that passes without a text, if it has been fetched. */
  base: Program[] | null;
  /** How many programs pass the service's filters, fetched or not. */
  total: number;
  loading: boolean;
  /** Why the last request failed; null if it did not. */
  error: string | null;
  /** Fetch on until the program at *index* is there. */
  reach: (index: number) => void;
  retry: () => void;
}

interface State extends Page {
  /** The address whose answer this is or will be. */
  asked: string;
  base: Program[] | null;
  loading: boolean;
  error: string | null;
}

const NOTHING: State = { asked: "", programs: [], base: null, total: 0, next: null, loading: true, error: null };

/** Fetch the programs that pass *filters*, anew whenever these change; all of them if *everything* is needed. */
export function usePrograms({ status, type, text }: Filters, everything: boolean): Programs {
  const [state, setState] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const [reached, reach] = useState(-1);
  const whole = useOnce(everything) || !windowed;
  const asked = addressOf({ status, type, text }, whole ? undefined : FIRST);

  useEffect(() => {
    setState((before) => ({ ...before, asked, next: null, loading: true, error: null }));
    return load(asked, setState, ({ programs, base }, page) => {
      const next = sharing ? share(base ?? programs, page.programs) : page.programs;
      return { ...page, programs: next, base: text === "" && page.next === null ? next : base };
    });
  }, [asked, attempt]);

  useEffect(() => setState((before) => ({ ...before, base: null })), [status, type]);

  const { next, programs } = state;
  const missing = reached >= programs.length;
  useEffect(() => {
    if (next === null || !missing) return;
    return load(withLimit(next, FURTHER), setState, (before, page) => ({
      ...page,
      programs: [...before.programs, ...page.programs],
    }));
  }, [next, missing]);

  // What is rendered before the effect has asked is loading already: it must not pass for the answer.
  const loading = state.loading || state.asked !== asked;
  return { ...state, loading, reach, retry: useCallback(() => setAttempt((before) => before + 1), []) };
}

type Change = (change: (before: State) => State) => void;

/** Fetch *address* and merge its answer; return what abandons it, so that no answer comes too late. */
function load(address: string, change: Change, merge: (before: State, page: Page) => Partial<State>): () => void {
  const abandoned = new AbortController();
  fetchPage(address, abandoned.signal).then(
    (page) => finish((before) => ({ ...before, ...merge(before, page), loading: false, error: null })),
    (error: unknown) => finish((before) => ({ ...before, loading: false, error: messageOf(error) })),
  );
  return () => abandoned.abort();

  function finish(merged: (before: State) => State): void {
    if (!abandoned.signal.aborted) change(merged);
  }
}

function messageOf(error: unknown): string {
  return error instanceof TypeError ? "The service cannot be reached." : String((error as Error).message);
}

/** Whether *value* has ever been true. */
function useOnce(value: boolean): boolean {
  const once = useRef(false);
  once.current ||= value;
  return once.current;
}
