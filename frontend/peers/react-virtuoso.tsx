// A peer: react-virtuoso in place of TanStack Virtual.

import { Virtuoso } from "react-virtuoso";

import { Row } from "../src/Card.tsx";
import type { ListProps } from "../src/lists.ts";
import { useCommitCount } from "../src/useCommitCount.ts";

export function RowsInSight({ programs, total, marked, onMark, busy }: ListProps) {
  useCommitCount();
  return (
    <Virtuoso
      id="list"
      role="feed"
      aria-busy={busy}
      aria-label="Programs"
      data={programs}
      defaultItemHeight={144}
      increaseViewportBy={6 * 144}
      computeItemKey={(_, program) => program.program_id}
      itemContent={(index, program) => (
        <div className="row">
          <Row program={program} index={index} total={total} marked={marked.has(program.program_id)} onMark={onMark} />
        </div>
      )}
    />
  );
}
