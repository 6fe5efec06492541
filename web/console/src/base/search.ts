/*
 * What is searched for.  An account or an address is somebody's, and what stands in an address the browser keeps, also
 * for who comes after: it is held here, for this session alone.  Ids and digests are links.
 */
import { go, link } from "./route";
import { session } from "./session";

const HELD = ["account", "url", "host"];
let held: { of: string; by: string; value: string } | undefined;
let turn = 0;

export function searchFor(by: string, value: string, state?: string): void {
	const isHeld = HELD.includes(by);
	held = isHeld ? { of: session.peek()?.session ?? "", by, value } : undefined;
	/* The same page with another value is another place. */
	go(link("search", [], { by, value: isHeld ? undefined : value, state, turn: isHeld ? String(++turn) : undefined }));
}

/** What was searched for by this, in this session. */
export function heldValue(by: string): string {
	return held && held.by === by && held.of === session.peek()?.session ? held.value : "";
}
