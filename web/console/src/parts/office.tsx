/* What the pages of the office share: tabs, pages of rows, a reason that is asked for, meters. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { link } from "../base/route";
import { useAct } from "../base/use";
import { number, say, type Word } from "../base/words";
import { Button, Problem, TextArea } from "./basic";
import { Dialog } from "./dialog";

/** The parts of a page, as links: each has an address of its own. */
export function Tabs({ page, at, tabs, query }: { page: string; at: string; tabs: [name: string, text: string][];
		query?: Record<string, string | undefined> }) {
	return <nav class="tabs" aria-label={say("office.parts")}><ul>{tabs.map(([name, text]) =>
		<li key={name}><a href={link(page, [name], query)} aria-current={name === at ? "page" : undefined}>{text}</a></li>)}
	</ul></nav>;
}

/** The pages of a list that were come through; the last is the one that is seen. */
export function usePaging() {
	const [after, setAfter] = useState<string[]>([]);
	return {
		after: after[after.length - 1],
		reset: () => setAfter(after => after.length ? [] : after),
		/** `next` begins the page after this one. */
		buttons: (next: string | null | undefined) => after.length === 0 && !next ? null : <div class="paging">
			{after.length > 0 && <Button onClick={() => setAfter(after.slice(0, -1))}>{say("do.earlier")}</Button>}
			{next && <Button onClick={() => setAfter([...after, next])}>{say("do.later")}</Button>}
		</div>,
	};
}

/** Rows that came all at once, a page at a time. */
export function slice<T>(all: T[], after: string | undefined, size = 50): { rows: T[]; next: string | undefined } {
	const from = Number(after ?? 0);
	return { rows: all.slice(from, from + size), next: from + size < all.length ? String(from + size) : undefined };
}

/** A form over the page: it is closed when what it asked for was done. */
export function FormDialog({ title, doWord, onClose, onDo, danger, wide, disabled, before, children }: { title: string;
		doWord: Word; onClose: () => void; onDo: () => Promise<unknown>; danger?: boolean; wide?: boolean;
		disabled?: boolean; before?: ComponentChildren; children?: ComponentChildren }) {
	const { busy, error, act } = useAct();
	return <Dialog title={title} onClose={onClose} wide={wide}>
		{before}
		<form onSubmit={event => {
			event.preventDefault();
			void act(onDo).then(done => done && onClose());
		}}>
			{children}
			<Problem error={error} inline />
			<div class="buttons">
				<Button main={!danger} danger={danger} submit busy={busy} disabled={disabled}>{say(doWord)}</Button>
				<Button quiet onClick={onClose}>{say("do.cancel")}</Button>
			</div>
		</form>
	</Dialog>;
}

/** What is done with a reason, which the log keeps. */
export function ReasonDialog({ title, says, doWord, onClose, onReason, danger }: { title: string; says?: string;
		doWord: Word; onClose: () => void; onReason: (reason: string) => Promise<unknown>; danger?: boolean }) {
	const [reason, setReason] = useState("");
	return <FormDialog title={title} doWord={doWord} onClose={onClose} danger={danger} disabled={!reason.trim()}
		onDo={() => onReason(reason.trim())}>
		{says && <p>{says}</p>}
		<TextArea word="office.reason" hint={say("office.reason_hint")} value={reason} onValue={setReason} required
			maxLength={500} />
	</FormDialog>;
}

/** How much of a whole: a bar, and the numbers, which say the same. */
export function Meter({ label, value, of, text }: { label: string; value: number; of: number; text?: string }) {
	const told = text ?? say("office.of", { value, of });
	const part = of > 0 ? Math.min(1, value / of) : 0;
	return <div class="meter">
		<span>{label}</span> <strong class="number">{told}</strong>
		<svg role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={of} aria-valuenow={Math.min(value, of)}
			aria-valuetext={told} viewBox="0 0 100 4" preserveAspectRatio="none">
			<rect class="rest" width="100" height="4" />
			<rect class={part >= 1 ? "full" : part >= 0.8 ? "most" : "part"} width={part * 100} height="4" />
		</svg>
	</div>;
}

/** Names and what they are. */
export function Facts({ rows }: { rows: [name: string, what: ComponentChildren][] }) {
	return <dl class="given-facts">{rows.map(([name, what]) =>
		<div key={name}><dt>{name}</dt><dd>{what}</dd></div>)}</dl>;
}

export function YesNo({ is }: { is: boolean }) {
	return <span class={is ? undefined : "soft"}>{say(is ? "office.yes" : "office.no")}</span>;
}

/** A number that may be typed; what is no number is as if nothing stood there. */
export function whole(text: string): number | undefined {
	return /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}

/** "a, b c" as words. */
export function words(text: string): string[] {
	return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

export function count(value: number | null | undefined): string {
	return value === null || value === undefined ? "–" : number(value);
}
