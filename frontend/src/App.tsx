import { memo, useCallback, useDeferredValue, useMemo, useState } from "react";

import { EveryRow } from "./EveryRow.tsx";
import { Filters, NO_CHOICE } from "./Filters.tsx";
import * as flags from "./flags.ts";
import { count } from "./format.ts";
import { matching } from "./matching.ts";
import type { Program } from "./program.ts";
import { RowsInSight } from "./RowsInSight.tsx";
import { type Programs, usePrograms } from "./usePrograms.ts";
import { useSettled } from "./useSettled.ts";
import { useCommitCount } from "./useCommitCount.ts";

const Every = flags.memo ? memo(EveryRow) : EveryRow;
const InSight = flags.memo ? memo(RowsInSight) : RowsInSight;

/** The page. */
export function App() {
  useCommitCount();
  const [choice, setChoice] = useState(NO_CHOICE);
  const [clicks, setClicks] = useState(0);
  const [everyRow, setEveryRow] = useState(!flags.virtual);
  const [marked, mark] = useMarks();
  const typed = choice.text.trim();
  const text = useSettled(choice.text).trim();

  const onServer = flags.searchesOnServer;
  // To search them, the page needs all programs: they are fetched from the first key on, not once the text has settled.
  const found = usePrograms({ ...choice, text: onServer ? text : "" }, everyRow || (typed !== "" && !onServer));
  const { programs, total } = useShown(found, typed, text);
  const List = everyRow ? Every : InSight;

  return (
    <>
      <header>
        <h1>Advertising programs</h1>
        <Filters choice={choice} onChange={setChoice} />
        <p id="count" role="status">
          {describe(found, total)}
        </p>
        <button id="elsewhere" type="button" onClick={() => setClicks(clicks + 1)}>
          Clicks here: {count(clicks)}
        </button>
      </header>
      <main>
        {found.error !== null && <Failure message={found.error} onRetry={found.retry} />}
        {found.error === null && !found.loading && total === 0 && <p className="notice">No program passes these filters.</p>}
        <List programs={programs} total={total} marked={marked} onMark={mark} reach={found.reach} busy={found.loading} />
      </main>
      <footer>
        <button id="show-all" type="button" aria-pressed={everyRow} aria-disabled={!flags.virtual} onClick={() => setEveryRow(!everyRow || !flags.virtual)}>
          Show all rows
        </button>
        <span> The browser’s own search, printing and “select all” find only the rows that are there.</span>
      </footer>
    </>
  );
}

/** Return the programs to show and how many rows they take, for the text that is *typed* and the one that is applied. */
function useShown(found: Programs, typed: string, applied: string): { programs: Program[]; total: number } {
  const early = flags.preview && found.base !== null && (found.loading || typed !== applied);
  const source = early ? found.base! : found.programs;
  const searched = early || !flags.searchesOnServer ? (flags.preview ? typed : applied) : "";
  const search = () => matching(source, searched);
  const programs = flags.memo ? useMemo(search, [source, searched]) : search();
  const shown = { programs, total: early || searched !== "" ? programs.length : found.total };
  if (!flags.deferred) return shown;
  return { programs: useDeferredValue(shown.programs), total: useDeferredValue(shown.total) };
}

function useMarks(): [ReadonlySet<string>, (id: string) => void] {
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const mark = useCallback((id: string) => setMarked((before) => toggled(before, id)), []);
  return [marked, mark];
}

function toggled(marked: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(marked);
  if (!after.delete(id)) after.add(id);
  return after;
}

function describe({ loading, error }: Programs, total: number): string {
  if (error !== null) return "";
  if (loading) return "Loading …";
  return total === 1 ? "1 program" : `${count(total)} programs`;
}

function Failure({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <p className="notice" role="alert">
      {message}{" "}
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}
