/* What is around every page: where one can go, who one is, and the key that hides everything. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { now } from "../base/clock";
import { useCommands } from "../base/keys";
import { dismiss, notices, undoLatest } from "../base/notices";
import { goOn, goQuiet, isShowing, quiet } from "../base/quiet";
import { go, link, place } from "../base/route";
import { isWhole, logOut, may, session, unlockedUntil } from "../base/session";
import { setTheme, THEMES } from "../base/theme";
import { countdown, language, type Language, LANGUAGES, say, sayCode, setLanguage } from "../base/words";
import { type PageRow, pages } from "../pages";
import { Button } from "./basic";
import { Keys, Palette } from "./palette";
import { Preferences } from "./preferences";

/** The pages this person may go to. */
export function openPages() {
	return pages.filter(page => page.word && (!page.permissions || page.permissions.some(may)));
}

/* On a telephone all pages are behind one button (style.css). */
const narrow = matchMedia("(max-width: 48rem)");

/* The current page is written wider than the others. */
const MORE_PX = 96, GAP_PX = 2, SLACK_PX = 12;

/** How many of the pages' links fit into one line beside "More"; the others go behind it.  `about`: what they say. */
function useFit(about: string) {
	const list = useRef<HTMLUListElement>(null);
	const [width, setWidth] = useState(0);
	const [measured, setMeasured] = useState<{ of: string; widths: number[] }>();
	useLayoutEffect(() => {
		const bar = list.current!.parentElement!, look = () => setWidth(narrow.matches ? Infinity : bar.clientWidth);
		const watch = new ResizeObserver(look);
		watch.observe(bar);
		look();
		return () => watch.disconnect();
	}, []);
	/* Other words are measured with all of them there, before anything is painted. */
	const widths = measured?.of === about ? measured.widths : undefined;
	useLayoutEffect(() => {
		if (!widths)
			setMeasured({ of: about, widths: [...list.current!.children].map(item => item.getBoundingClientRect().width + GAP_PX) });
	}, [about, widths]);
	const needed = widths?.reduce((sum, one) => sum + one, SLACK_PX) ?? 0;
	if (!widths || needed <= width)
		return { list, fit: Infinity };
	let used = MORE_PX, fit = 0;
	while (used + widths[fit]! <= width)
		used += widths[fit++]!;
	return { list, fit };
}

function Navigation() {
	const [open, setOpen] = useState(false), [more, setMore] = useState(false);
	const here = place.value.page || openPages()[0]?.name || "";
	const all = openPages();
	const { list, fit } = useFit(`${language.value} ${all.map(page => page.name).join()}`);
	const button = useRef<HTMLLIElement>(null);
	const isHere = (page: PageRow) => here === page.name || !!page.of?.includes(here);
	useEffect(() => { setOpen(false); setMore(false); }, [place.value]);
	const item = (page: PageRow) => <li key={page.name}>
		<a href={link(page.name)} aria-current={isHere(page) ? "page" : undefined}>{say(page.word!)}</a></li>;
	const rest = all.slice(Math.min(all.length, fit));
	return <nav class={open ? "pages open" : "pages"} aria-label={say("frame.pages")}>
		<Button quiet aria-expanded={open} aria-controls="pages" onClick={() => setOpen(!open)}>
			{say("frame.menu")}</Button>
		<ul id="pages" ref={list}>{all.slice(0, fit).map(item)}
			{rest.length > 0 && <li class="more" ref={button} onKeyDown={event => {
				if (event.key !== "Escape" || !more)
					return;
				event.preventDefault();
				event.stopPropagation();
				setMore(false);
				button.current?.querySelector("button")?.focus();
			}} onFocusOut={event => {
				if (!(event.relatedTarget instanceof Node && button.current?.contains(event.relatedTarget)))
					setMore(false);
			}}>
				<Button quiet class={rest.some(isHere) ? "at" : undefined} aria-expanded={more} aria-controls="more"
					onClick={() => setMore(!more)}>{say("frame.more")}</Button>
				<ul id="more" hidden={!more}>{rest.map(item)}</ul></li>}
		</ul>
	</nav>;
}

function VaultState() {
	const left = (unlockedUntil.value - now.value) / 1000;
	return left > 0
		? <span class="state open">{say("frame.unlocked", { time: countdown(left) })}</span>
		: null;
}

function Notices() {
	return <div class="notices" role="status" aria-live="polite">{notices.value.map(notice =>
		<div key={notice.id} class={notice.trouble ? "notice trouble" : "notice"}>
			<span>{notice.text}</span>
			{notice.undo && <Button onClick={() => { dismiss(notice.id); notice.undo!.run(); }} keyName="u">
				{notice.undo.label} {countdown((notice.until - now.value) / 1000)}</Button>}
			<Button quiet aria-label={say("do.dismiss")} onClick={() => dismiss(notice.id)}>×</Button>
		</div>)}</div>;
}

/** Nothing at all, until its person says so. */
function Quiet() {
	return <main class="cover">
		<h1>{say("quiet.title")}</h1>
		<p>{say("quiet.says")}</p>
		<Button main autofocus onClick={goOn}>{say("quiet.back")}</Button>
	</main>;
}

export function Frame({ children }: { children: ComponentChildren }) {
	const [over, setOver] = useState<"palette" | "keys" | undefined>();
	const whole = isWhole.value;
	useCommands(() => [
		{ key: "Mod+k", word: "keys.palette", always: true, run: () => setOver("palette") },
		{ key: "?", word: "keys.help", run: () => setOver("keys") },
		...(!whole ? [] : [
			{ key: "q", word: "keys.quiet" as const, run: goQuiet },
			{ key: "u", word: "keys.undo" as const, run: undoLatest },
			...openPages().map(page => ({ key: "", word: page.word!, run: () => go(link(page.name)) })),
			{ key: "", word: "frame.account" as const, run: () => go(link("account")) },
			{ key: "", word: "frame.logout" as const, run: () => void logOut() },
		]),
		...THEMES.map(code => ({ key: "", word: "frame.theme" as const,
			text: `${say("frame.theme")}: ${sayCode("theme", code)}`, run: () => setTheme(code, true) })),
		...Object.entries(LANGUAGES).map(([code, { name }]) => ({ key: "", word: "frame.language" as const,
			text: `${say("frame.language")}: ${name}`, run: () => void setLanguage(code as Language, true) })),
	], [whole, session.value, language.value]);
	/* With something of an item on the screen, Escape is the quiet key, wherever the focus is. */
	useCommands(() => isShowing.value ? [{ key: "Escape", word: "keys.quiet", always: true, run: goQuiet }] : [],
		[isShowing.value]);
	if (quiet.value)
		return <Quiet />;
	return <>
		<a class="skip" href="#main" onClick={event => {
			event.preventDefault();
			document.getElementById("main")?.focus();
		}}>{say("frame.skip")}</a>
		<header class={whole ? "top" : "top bare"}>
			<p class="name">ward</p>
			{whole && <Navigation />}
			<div class="tools">
				<VaultState />
				{whole && <Button quiet keyName="q" onClick={goQuiet}>{say("frame.quiet")}</Button>}
				{whole && <Button quiet class="commands" aria-haspopup="dialog" onClick={() => setOver("palette")}>
					{say("frame.palette")} <kbd>Ctrl K</kbd></Button>}
				{whole && <a class="who" href={link("account")}>{session.value!.pseudonym}</a>}
				{!whole && <Preferences />}
				{session.value && <Button quiet class={whole ? "logout" : undefined} onClick={() => void logOut()}>{say("frame.logout")}</Button>}
			</div>
		</header>
		<main id="main" tabIndex={-1}>{children}</main>
		<Notices />
		{over === "palette" && <Palette onClose={() => setOver(undefined)} />}
		{over === "keys" && <Keys onClose={() => setOver(undefined)} />}
	</>;
}

