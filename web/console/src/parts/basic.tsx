/* The small parts that pages are made of. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { sentence, Trouble } from "../base/api";
import { now } from "../base/clock";
import { exactTime, relativeTime, say, sayCode, type Word } from "../base/words";
import type { Asked } from "../base/use";

/** A time as people say it, with the exact one for who points at it. */
export function Time({ at }: { at: string | null | undefined }) {
	if (!at)
		return <span class="soft">{say("time.never")}</span>;
	return <time dateTime={at} title={exactTime(at)}>{relativeTime(at, now.value)}</time>;
}

/* A browser minds autofocus only while a page loads; behind the title, which takes the focus first. */
function useFocus<T extends HTMLElement>(wanted: unknown) {
	const element = useRef<T>(null);
	useEffect(() => {
		if (wanted)
			element.current?.focus();
	}, []);
	return element;
}

/** What a page is about; it takes the focus when the page is come to, so that it is read out. */
export function Title({ children, aside }: { children: ComponentChildren; aside?: ComponentChildren }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useLayoutEffect(() => {
		heading.current?.focus({ preventScroll: true });
	}, []);
	return <div class="title">
		<h1 tabIndex={-1} ref={heading}>{children}</h1>
		{aside && <div class="aside">{aside}</div>}
	</div>;
}

interface ButtonProps extends Omit<JSX.HTMLAttributes<HTMLButtonElement>, "type" | "loading"> {
	main?: boolean;
	danger?: boolean;
	quiet?: boolean;
	busy?: boolean;
	disabled?: boolean;
	submit?: boolean;
	keyName?: string;
	children: ComponentChildren;
}

/** While it is busy it stays where the focus is, and does nothing. */
export function Button({ main, danger, quiet, busy, submit, keyName, children, onClick, disabled, class: own, ...more }: ButtonProps) {
	const element = useFocus<HTMLButtonElement>(more.autofocus);
	const kind = [own, main && "main", danger && "danger", quiet && "quiet"].filter(Boolean).join(" ");
	return <button {...more} ref={element} type={submit ? "submit" : "button"} class={kind || undefined} disabled={disabled}
		aria-busy={busy || undefined} aria-keyshortcuts={keyName}
		onClick={event => busy ? event.preventDefault() : onClick?.(event)}>
		<span>{children}</span>{keyName && <kbd aria-hidden="true">{keyName}</kbd>}
	</button>;
}

interface FieldProps {
	word: Word;
	hint?: ComponentChildren;
	/** Below the field, and read with it. */
	wrong?: string;
	children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ComponentChildren;
}

export function Field({ word, hint, wrong, children }: FieldProps) {
	const id = useId();
	const described = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
	return <div class="field">
		<label for={id}>{say(word)}</label>
		{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
		{children({ id, "aria-describedby": described || undefined, "aria-invalid": wrong ? true : undefined })}
		{wrong && <p class="wrong" id={`${id}-wrong`}>{wrong}</p>}
	</div>;
}

interface TextProps extends Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "onInput" | "onChange" | "value"> {
	word: Word;
	hint?: ComponentChildren;
	wrong?: string;
	value: string;
	onValue: (value: string) => void;
}

export function TextField({ word, hint, wrong, value, onValue, ...more }: TextProps) {
	const element = useFocus<HTMLInputElement>(more.autofocus);
	return <Field word={word} hint={hint} wrong={wrong}>{attributes =>
		<input {...more} {...attributes} ref={element} value={value} dir={more.dir ?? "auto"}
			/* Browsers keep what was typed, and offer it to who types next. */
			autocomplete={more.autocomplete ?? "off"}
			onInput={event => onValue(event.currentTarget.value)} />}</Field>;
}

export function TextArea({ word, hint, value, onValue, rows = 3, ...more }: { word: Word; hint?: ComponentChildren;
		value: string; onValue: (value: string) => void; rows?: number; required?: boolean; maxLength?: number }) {
	return <Field word={word} hint={hint}>{attributes =>
		<textarea {...more} {...attributes} rows={rows} dir="auto" value={value}
			onInput={event => onValue(event.currentTarget.value)} />}</Field>;
}

export function Choice({ word, hint, value, onValue, options }: { word: Word; hint?: ComponentChildren; value: string;
		onValue: (value: string) => void; options: [value: string, text: string][] }) {
	return <Field word={word} hint={hint}>{attributes =>
		<select {...attributes} value={value} onChange={event => onValue(event.currentTarget.value)}>
			{options.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
		</select>}</Field>;
}

export function Check({ checked, onValue, children, disabled }: { checked: boolean; onValue: (on: boolean) => void;
		children: ComponentChildren; disabled?: boolean }) {
	return <label class="check"><input type="checkbox" checked={checked} disabled={disabled}
		onChange={event => onValue(event.currentTarget.checked)} /> <span>{children}</span></label>;
}

/** A trouble, and the ways out of it. */
export function Problem({ error, again, inline }: { error: unknown; again?: () => void; inline?: boolean }) {
	if (!error)
		return null;
	const detail = error instanceof Trouble ? error.detail : "";
	return <div class={inline ? "problem inline" : "problem"} role="alert">
		<p>{sentence(error)}</p>
		{detail && <p class="soft" lang="en" dir="ltr">{detail}</p>}
		{again && <Button onClick={again}>{say("do.again")}</Button>}
	</div>;
}

/** Nothing is seen of a wait that is over soon. */
export function Waiting() {
	return <div class="waiting" role="status"><span class="hidden">{say("state.loading")}</span></div>;
}

/** What was asked for: the wait, the trouble, or `children` with it. */
export function Loaded<T>({ of, children }: { of: Asked<T>; children: (data: T) => ComponentChildren }) {
	if (of.data === undefined)
		return of.error ? <Problem error={of.error} again={of.again} /> : <Waiting />;
	return <>
		{of.error !== undefined && !of.loading && <Problem error={of.error} again={of.again} inline />}
		{children(of.data)}
	</>;
}

/** There is nothing, and what to do about that. */
export function Empty({ children }: { children: ComponentChildren }) {
	return <div class="empty">{children}</div>;
}

/** Text of the server's or a person's: in its own direction, and cut nowhere. */
export function Given({ children }: { children: string }) {
	return <bdi class="given">{children}</bdi>;
}

/** A sentence of the server's, which the catalogue has by its code; the server's own, in English, where it has not. */
export function Said({ of, code, theirs }: { of: string; code: string; theirs: string }) {
	const told = sayCode(of, code);
	return told === code ? <span lang="en" dir="ltr">{theirs}</span> : <span>{told}</span>;
}

/** An id: its beginning tells it apart, the whole is there to be copied. */
export function Id({ of }: { of: string }) {
	return <bdi class="id" title={of}>{of.length > 13 ? of.slice(-8) : of}</bdi>;
}

export function CopyButton({ text, word = "do.copy" }: { text: string; word?: Word }) {
	const [done, setDone] = useState(false);
	return <Button quiet onClick={() => navigator.clipboard.writeText(text).then(() => setDone(true), () => {})}>
		{say(done ? "do.copied" : word)}</Button>;
}
