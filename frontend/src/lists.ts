import type { Program } from "./program.ts";

export interface ListProps {
  programs: Program[];
  /** How many rows the list has, fetched or not. */
  total: number;
  marked: ReadonlySet<string>;
  onMark: (id: string) => void;
  /** Fetch on until the program at this index is there. */
  reach: (index: number) => void;
  busy: boolean;
}
