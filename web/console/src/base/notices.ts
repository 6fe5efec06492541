/* What was done, said once: seen in a corner, and read out. With a way to undo it, as long as there is one. */
import { signal } from "@preact/signals";

export interface Notice {
	id: number;
	text: string;
	/** When it goes, by Date.now(). */
	until: number;
	undo?: { label: string; run: () => void };
	trouble?: boolean;
}

export const notices = signal<Notice[]>([]);
let latest = 0;

export function notify(text: string, options: { seconds?: number; undo?: Notice["undo"]; trouble?: boolean } = {}): number {
	const id = ++latest;
	const seconds = options.seconds ?? (options.trouble ? 12 : 6);
	notices.value = [...notices.peek().slice(-3), { id, text, until: Date.now() + seconds * 1000,
		undo: options.undo, trouble: options.trouble }];
	setTimeout(() => dismiss(id), seconds * 1000);
	return id;
}

export function dismiss(id: number): void {
	if (notices.peek().some(notice => notice.id === id))
		notices.value = notices.peek().filter(notice => notice.id !== id);
}

/** The newest that can still be undone. */
export function undoLatest(): void {
	const last = [...notices.peek()].reverse().find(notice => notice.undo);
	if (last) {
		dismiss(last.id);
		last.undo!.run();
	}
}
