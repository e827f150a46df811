// What the page has done since it was loaded, for whoever measures it: a production React reports nothing.

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
