/*
 * The keyboard: who listens to which key, and what the page of keys (?) says of it.
 *
 * A page names its keys while it is there.  The latest who named a key has it.  In a field for text only keys
 * with Ctrl or Cmd, and Escape, are heard, so that nobody decides a job by typing a word.
 */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Word } from "./words";

export interface Command {
	/** "j", "?", "Enter", "Escape", "Mod+k" (Ctrl, or Cmd on a Mac); "" for one of the palette alone. */
	key: string;
	word: Word;
	run: () => void;
	/** What the palette says in place of the word. */
	text?: string;
	/** Heard in fields, too. */
	always?: boolean;
}

/** Layers of commands; the last is on top. */
export const layers = signal<Command[][]>([]);

export function commands(): Command[] {
	const seen = new Set<string>();
	return [...layers.peek()].reverse().flat().filter(command => {
		const again = !!command.key && seen.has(command.key);
		seen.add(command.key);
		return !again;
	});
}

export function useCommands(make: () => Command[], about: unknown[]): void {
	const latest = useRef(make);
	latest.current = make;
	useEffect(() => {
		const layer = latest.current();
		/* peek: effects may run inside the next drawing, which would then follow what it writes here, without end. */
		layers.value = [...layers.peek(), layer];
		return () => {
			layers.value = layers.peek().filter(other => other !== layer);
		};
	}, about);
}

function isField(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && (target.isContentEditable ||
		target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])"));
}

function nameOf(event: KeyboardEvent): string {
	return (event.ctrlKey || event.metaKey ? "Mod+" : "") +
		(event.key.length === 1 && (event.ctrlKey || event.metaKey) ? event.key.toLowerCase() : event.key);
}

export function listenToKeys(): void {
	addEventListener("keydown", event => {
		if (event.altKey || event.isComposing || event.defaultPrevented)
			return;
		const name = nameOf(event);
		const inField = isField(event.target);
		const inDialog = !!document.querySelector("dialog[open]");
		/* Enter and the blank belong to the link or button that has the focus. */
		const isPress = (name === "Enter" || name === " ") && event.target instanceof HTMLElement &&
			event.target.matches("a, button, summary, input, label");
		const found = commands().find(command => command.key === name);
		if (!found || (!found.always && (inField || inDialog || isPress)))
			return;
		event.preventDefault();
		found.run();
	});
}
