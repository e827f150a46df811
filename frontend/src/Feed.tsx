import type { CSSProperties, KeyboardEvent, ReactNode, RefObject } from "react";

interface FeedProps {
  scroller: RefObject<HTMLDivElement | null>;
  busy: boolean;
  /** Focus the card at an index. */
  onMove: (index: number) => void;
  /** The index of the last card. */
  last: number;
  style?: CSSProperties;
  children: ReactNode;
}

/** The scroller of every list, with the keys of WAI-ARIA's feed pattern and Home and End for its ends. */
export function Feed({ scroller, busy, onMove, last, style, children }: FeedProps) {
  function handle(event: KeyboardEvent<HTMLElement>): void {
    const index = indexOf(event.target);
    const target = index === null || event.altKey || event.metaKey ? null : destination(event, index, last);
    if (target === null) return;
    event.preventDefault();
    if (typeof target === "number") onMove(target);
    else document.getElementById(target)?.focus();
  }
  return (
    <div id="list" ref={scroller} role={last < 0 && !busy ? "region" : "feed"} aria-busy={busy} aria-label="Programs" tabIndex={-1} onKeyDown={handle}>
      <div className="rows" style={style}>
        {children}
      </div>
    </div>
  );
}

/** Return where a key leads from the card at *index*: to another card, or to an element outside the list. */
function destination({ key, ctrlKey }: KeyboardEvent, index: number, last: number): number | string | null {
  if (ctrlKey) return key === "Home" ? "search" : key === "End" ? "show-all" : null;
  if (key === "PageDown") return Math.min(index + 1, last);
  if (key === "PageUp") return Math.max(index - 1, 0);
  if (key === "Home") return 0;
  return key === "End" ? last : null;
}

function indexOf(target: EventTarget): number | null {
  const place = (target as Element).closest("article")?.getAttribute("aria-posinset");
  return place == null ? null : Number(place) - 1;
}
