import { useLayoutEffect } from "react";

import { counts } from "./counts.ts";

let counted = false;

/** Count each commit in which the component takes part; several components of one commit count once. */
export function useCommitCount(): void {
  useLayoutEffect(() => {
    if (counted) return;
    counted = true;
    counts.commits += 1;
    // React runs all layout effects of a commit without a break, so this comes after the last of them.
    queueMicrotask(() => {
      counted = false;
    });
  });
}
