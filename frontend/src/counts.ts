// What the page has done since it was loaded, for whoever measures it: a production React reports nothing.

import { useLayoutEffect } from "react";

export interface Counts {
  commits: number;
  cards: number;
  requests: number;
}

declare global {
  interface Window {
    counts: Counts;
  }
}

export const counts: Counts = { commits: 0, cards: 0, requests: 0 };
window.counts = counts;

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
