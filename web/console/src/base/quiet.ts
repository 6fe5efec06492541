/*
 * The quiet key: one press hides everything, here and at the server.
 *
 * What shows something of an item says so here (whileShown).  The key lets go of all of it, covers the page, ends what
 * the person has open, and locks the vault.  The page hides at once, whether or not the server can be asked.
 */
import { computed, signal } from "@preact/signals";
import { put, remove } from "./api";
import { session, setUnlocked } from "./session";

/** Is the page covered? */
export const quiet = signal(false);

const shown = signal<ReadonlySet<() => void>>(new Set());
export const isShowing = computed(() => shown.value.size > 0);

/** Calls `hide` when everything is to be hidden; returns what takes that back. */
export function whileShown(hide: () => void): () => void {
	shown.value = new Set([...shown.peek(), hide]);
	return () => {
		shown.value = new Set([...shown.peek()].filter(other => other !== hide));
	};
}

let hidden = 0;

/** Asked before something is fetched; says, when it has come, whether it may still be shown: nothing was hidden since. */
export function unlessHidden(): () => boolean {
	const before = hidden;
	return () => hidden === before && !quiet.peek() && document.visibilityState !== "hidden";
}

export function hideAll(): void {
	hidden++;
	for (const hide of shown.peek())
		hide();
}

export function goQuiet(): void {
	hideAll();
	quiet.value = true;
	if (!session.value || session.value.enrolling)
		return;
	/* It ends every view and locks the vault. That it cannot be asked is no reason to show anything. */
	void put("/v1/exposure/quiet").then(() => setUnlocked(0)).catch(() => {});
}

/** Their person goes on: views may be asked for again. */
export function goOn(): void {
	quiet.value = false;
	if (session.value && !session.value.enrolling)
		void remove("/v1/exposure/quiet").catch(() => {});
}

/* Whoever turns to another window has looked away. */
addEventListener("visibilitychange", () => {
	if (document.visibilityState === "hidden")
		hideAll();
});
addEventListener("blur", hideAll);
addEventListener("pagehide", hideAll);
