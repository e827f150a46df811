// The switches of the page, read once: they never change while it is open, so a hook may depend on one.

const root = document.documentElement;
const names = new Set((root.dataset["on"] ?? "").split(" ").filter(Boolean));

/** Render only the rows in sight. */
export const virtual = names.has("virtual");
/** Apply the text once typing has paused. */
export const debounce = names.has("debounce");
/** Render a card again only if something that it shows has changed. */
export const memo = names.has("memo");
/** Keep the object of a program that an answer repeats unchanged. */
export const sharing = names.has("sharing");
/** Render the list after the text box, and drop a rendering that a further key makes useless. */
export const deferred = names.has("deferred");
/** Fetch the programs in sight first, and the others when they are scrolled to. */
export const windowed = virtual && names.has("windowed");
/** Search what has been fetched at once, whenever the service is asked. */
export const preview = names.has("preview");

/** Whether the service searches, or this page. */
export const searchesOnServer = root.dataset["search"] === "server";
