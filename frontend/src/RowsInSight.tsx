import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type FocusEvent, useEffect, useRef, useState } from "react";

import { Row } from "./Card.tsx";
import { focusRow } from "./EveryRow.tsx";
import { Feed } from "./Feed.tsx";
import type { ListProps } from "./lists.ts";
import { useCommitCount } from "./useCommitCount.ts";

/** Rows above and below those in sight. */
const OVERSCAN = 6;
/** A row's height in em of the root element; a row that needs more is measured. */
const HEIGHT = 9;

/** A list that holds the rows in sight, a few more, and the one that has the focus. */
export function RowsInSight({ programs, total, marked, onMark, reach, busy }: ListProps) {
  useCommitCount();
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const kept = focused === null ? -1 : programs.findIndex((program) => program.program_id === focused);
  const pending = useRef<number | null>(null);

  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT * rootFontSize(),
    getItemKey: (index) => programs[index]?.program_id ?? index,
    overscan: OVERSCAN,
    rangeExtractor: (range) => withRow(range, kept),
  });
  const items = virtualizer.getVirtualItems();

  const lowest = items.reduce((most, item) => (item.index === kept ? most : Math.max(most, item.index)), -1);
  useEffect(() => reach(lowest), [lowest, reach]);
  useEffect(() => {
    if (pending.current !== null && focusRow(scroller.current, pending.current)) pending.current = null;
  });

  function move(index: number): void {
    virtualizer.scrollToIndex(index);
    pending.current = focusRow(scroller.current, index) ? null : index;
  }
  function follow(event: FocusEvent): void {
    setFocused(event.target.closest("article")?.dataset["programId"] ?? null);
  }

  return (
    <div className="focus" onFocus={follow} onBlur={(event) => event.relatedTarget !== null && setFocused(null)}>
      <Feed scroller={scroller} busy={busy} onMove={move} last={total - 1} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, key, start }) => (
          <div key={key} ref={virtualizer.measureElement} data-index={index} className="row" style={at(start)}>
            {programs[index] !== undefined && (
              <Row
                program={programs[index]}
                index={index}
                total={total}
                marked={marked.has(programs[index].program_id)}
                onMark={onMark}
              />
            )}
          </div>
        ))}
      </Feed>
    </div>
  );
}

function at(start: number) {
  return { position: "absolute", insetInline: 0, transform: `translateY(${start}px)` } as const;
}

function withRow(range: Range, index: number): number[] {
  const rows = defaultRangeExtractor(range);
  return index < 0 || rows.includes(index) ? rows : [...rows, index].sort((one, other) => one - other);
}

function rootFontSize(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}
