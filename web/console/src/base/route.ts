/*
 * Where in the console one is: what stands behind the # of the address.
 *
 *     #/job/0192…            a page and what it shows
 *     #/search?by=account    with parameters
 *     #join=CODE             an invitation's link, as `ward person add` prints it
 *
 * It never leaves the browser, so neither a log nor a proxy knows which job is looked at.
 */
import { signal } from "@preact/signals";

export interface Place {
	/** "job" */
	page: string;
	/** What follows, decoded: the job's id. */
	rest: string[];
	query: URLSearchParams;
}

export function readPlace(hash: string): Place {
	const text = hash.replace(/^#\/?/, "");
	const join = /^join=(.+)$/.exec(text);
	if (join)
		return { page: "join", rest: [], query: new URLSearchParams({ code: decode(join[1]!) }) };
	const [path = "", query = ""] = text.split("?", 2);
	const [page = "", ...rest] = path.split("/").filter(Boolean).map(decode);
	return { page, rest, query: new URLSearchParams(query) };
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

export const place = signal<Place>(readPlace(location.hash));

export function link(page: string, rest: string[] = [], query: Record<string, string | undefined> = {}): string {
	const given = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
	const words = new URLSearchParams(given).toString();
	return `#/${[page, ...rest].map(encodeURIComponent).join("/")}${words ? `?${words}` : ""}`;
}

/** With `replace` the step back does not lead here. */
export function go(to: string, replace = false): void {
	if (to === location.hash)
		return;
	if (replace)
		history.replaceState(null, "", to);
	else
		history.pushState(null, "", to);
	arrive();
}

const leaving = new Set<() => void>();

/** Called whenever another place is gone to: what must not stay is let go. Returns what takes it back. */
export function onLeave(run: () => void): () => void {
	leaving.add(run);
	return () => leaving.delete(run);
}

function arrive(): void {
	for (const run of leaving)
		run();
	place.value = readPlace(location.hash);
}

addEventListener("popstate", arrive);
addEventListener("hashchange", () => {
	if (JSON.stringify(readPlace(location.hash)) !== JSON.stringify(place.value))
		arrive();
});
