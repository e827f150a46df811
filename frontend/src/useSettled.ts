import { useEffect, useState } from "react";

import { debounce } from "./flags.ts";

/** Milliseconds without a key after which typing has paused. */
export const PAUSE = 250;

/** Return *value* once it has not changed for a while; at once if debouncing is off. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (!debounce) return;
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return debounce ? settled : value;
}
