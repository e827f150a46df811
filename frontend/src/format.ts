// Values as people read them.

const amounts = new Map<string, Intl.NumberFormat>();

/** Return an amount in cents as money, "–" for none. */
export function money(cents: number | null, currency: string): string {
  if (cents === null) return "–";
  let format = amounts.get(currency);
  if (format === undefined) {
    format = currencyFormat(currency);
    amounts.set(currency, format);
  }
  return format.format(cents / 100);
}

function currencyFormat(currency: string): Intl.NumberFormat {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency });
  } catch {
    return new Intl.NumberFormat("en", { minimumFractionDigits: 2 }); // the data may hold what is no currency
  }
}

const numbers = new Intl.NumberFormat("en");

/** Return a whole number with separators of thousands. */
export function count(value: number): string {
  return numbers.format(value);
}

/** Return *value* of a list of the program's as text. */
export function text(value: unknown): string {
  return typeof value === "string" ? value.replaceAll("_", " ").toLowerCase() : JSON.stringify(value);
}

/** Return a period; its ends are days or null. */
export function period(start: string | null, end: string | null): string {
  return `${start ?? "no start"} – ${end ?? "open"}`;
}
