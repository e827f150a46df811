// The token comes in the fragment, which browsers send to no server, and is taken out of the address at once.

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given !== null) history.replaceState(null, "", location.pathname + location.search);

/** The bearer token; empty if the address had none. */
export const token = given ?? "";
