// A peer: react-window in place of TanStack Virtual.

import { List, type RowComponentProps, useDynamicRowHeight } from "react-window";

import { Row } from "../src/Card.tsx";
import type { ListProps } from "../src/lists.ts";
import { useCommitCount } from "../src/useCommitCount.ts";

export function RowsInSight(props: ListProps) {
  useCommitCount();
  const height = useDynamicRowHeight({ defaultRowHeight: 144 });
  return (
    <List
      id="list"
      role="feed"
      aria-busy={props.busy}
      aria-label="Programs"
      rowComponent={Item}
      rowCount={props.programs.length}
      rowHeight={height}
      rowProps={{ list: props }}
      overscanCount={6}
    />
  );
}

function Item({ index, style, list }: RowComponentProps<{ list: ListProps }>) {
  const program = list.programs[index]!;
  return (
    <div className="row" style={style}>
      <Row
        program={program}
        index={index}
        total={list.total}
        marked={list.marked.has(program.program_id)}
        onMark={list.onMark}
      />
    </div>
  );
}
