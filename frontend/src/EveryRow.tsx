import { useRef } from "react";

import { Row } from "./Card.tsx";
import { Feed } from "./Feed.tsx";
import type { ListProps } from "./lists.ts";
import { useCommitCount } from "./useCommitCount.ts";

/** A list that holds every row. */
export function EveryRow({ programs, marked, onMark, busy }: ListProps) {
  useCommitCount();
  const scroller = useRef<HTMLDivElement>(null);
  return (
    <Feed scroller={scroller} busy={busy} onMove={(index) => focusRow(scroller.current, index)} last={programs.length - 1}>
      {programs.map((program, index) => (
        <div key={program.program_id} className="row">
          <Row
            program={program}
            index={index}
            total={programs.length}
            marked={marked.has(program.program_id)}
            onMark={onMark}
          />
        </div>
      ))}
    </Feed>
  );
}

/** Focus the card at *index*; return whether it is there. */
export function focusRow(scroller: HTMLElement | null, index: number): boolean {
  const card = scroller?.querySelector<HTMLElement>(`article[aria-posinset="${index + 1}"]`);
  card?.focus();
  return card != null;
}
