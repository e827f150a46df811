// A peer: virtua in place of TanStack Virtual.

import { useRef } from "react";
import { Virtualizer } from "virtua";

import { Row } from "../src/Card.tsx";
import { focusRow } from "../src/EveryRow.tsx";
import { Feed } from "../src/Feed.tsx";
import type { ListProps } from "../src/lists.ts";
import { useCommitCount } from "../src/useCommitCount.ts";

export function RowsInSight({ programs, total, marked, onMark, busy }: ListProps) {
  useCommitCount();
  const scroller = useRef<HTMLDivElement>(null);
  return (
    <Feed scroller={scroller} busy={busy} last={programs.length - 1} onMove={(index) => focusRow(scroller.current, index)}>
      <Virtualizer scrollRef={scroller} data={programs} itemSize={144} bufferSize={6 * 144}>
        {(program, index) => (
          <div className="row" key={program.program_id}>
            <Row program={program} index={index} total={total} marked={marked.has(program.program_id)} onMark={onMark} />
          </div>
        )}
      </Virtualizer>
    </Feed>
  );
}
