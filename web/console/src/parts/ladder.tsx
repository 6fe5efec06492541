/*
 * An item, and the ladder up to it.  Facts come first, and nothing else comes by itself: each step is asked for, with a
 * reason where it shows something clear.  Grey and blur are the server's; what it does not send is not here.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { get, post, type Schemas } from "../base/api";
import { now } from "../base/clock";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { unlessHidden, whileShown } from "../base/quiet";
import { loadSession, unlockedUntil } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { type Asked, askView, closeView, lookOn, type Step, type View } from "../base/view";
import { bytes, countdown, list, say, sayCode } from "../base/words";
import { Button, Check, CopyButton, Given, Loaded, Problem, TextArea, Time } from "./basic";
import { Dialog } from "./dialog";
import { SealedWords } from "./sealed";
import { UnlockForm } from "./vault";

type Facts = Schemas["ItemFacts"];
type Rung = Schemas["Rung"];

/** Near its end a view can be kept. */
const ENDS_SOON_S = 15;

/* ---- the facts ---- */

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
	return children === null || children === "" || children === undefined || children === false ? null
		: <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function Digest({ of }: { of: string | null }) {
	return of && <><code class="long" dir="ltr">{of}</code> <CopyButton text={of} /></>;
}

export function Facts({ facts }: { facts: Facts }) {
	const { found, decided, picture, views } = facts;
	return <>
		{decided && <p class="note">{say("item.decided", { outcome: sayCode("outcome", decided.outcome) })}{" "}
			<Time at={decided.at} />{decided.policy && <> · <Given>{decided.policy}</Given></>}</p>}
		<dl class="facts">
			<Fact name={say("item.type")}>{facts.type && <Given>{facts.type}</Given>}</Fact>
			<Fact name={say("item.size")}>{bytes(facts.bytes)}{picture && ` · ${picture.width} × ${picture.height}`}
				{picture && picture.kind === "video" && ` · ${say("item.duration", { time: countdown(picture.duration_ms / 1000) })}`}
				{picture && picture.frames > 1 &&
					` · ${say(picture.kind === "video" ? "item.pictures" : "item.frames", { count: picture.frames })}`}</Fact>
			<Fact name={say("item.sound")}>{picture?.kind === "video" && say(picture.sound ? "item.sound_yes" : "item.sound_no")}</Fact>
			<Fact name={say("item.content")}>{sayCode("item.state", facts.state)}</Fact>
			<Fact name={say("item.found")}>{found.finding && <>{sayCode("fact.finding", found.finding)}
				{found.list && <> · <Given>{found.list}</Given></>}</>}</Fact>
			<Fact name={say("item.labels")}>{found.labels.length > 0 &&
				found.labels.map(label => <span key={label} class="tag"><Given>{label}</Given></span>)}</Fact>
			<Fact name={say("item.severe")}>{facts.severe && say("item.severe_yes")}</Fact>
			<Fact name={say("item.form")}>{facts.form && <Given>{facts.form}</Given>}</Fact>
			<Fact name={say("item.host")}>{facts.host && <Given>{facts.host}</Given>}</Fact>
			<Fact name={say("item.alike")}>{facts.alike && <>{sayCode("item.alike", facts.alike)},{" "}
				{say("item.first")} <Time at={facts.first_at} /></>}</Fact>
			<Fact name={say("item.seen")}>{views.count > 0
				? <>{say("item.seen_times", { count: views.count, level: views.highest })}, <Time at={views.last_at} /></>
				: say("item.seen_never")}</Fact>
		</dl>
		{facts.sha256 && <details><summary>{say("item.digests")}</summary><dl class="facts">
			<Fact name="SHA-256"><Digest of={facts.sha256} /></Fact>
			<Fact name="SHA-1"><Digest of={facts.sha1} /></Fact>
			<Fact name="MD5"><Digest of={facts.md5} /></Fact>
			<Fact name="PDQ"><Digest of={facts.pdq} /></Fact>
		</dl></details>}
	</>;
}

/* ---- what a step wants besides ---- */

function Needs({ rung, onGo, onClose }: { rung: Rung; onGo: (asked: Asked) => Promise<void>; onClose: () => void }) {
	const [reason, setReason] = useState(""), [colour, setColour] = useState(false);
	const { busy, error, act } = useAct();
	const locked = rung.needs.includes("unlock") && unlockedUntil.value <= now.value;
	const isClear = rung.step === "L4" || rung.step === "L5";
	return <Dialog title={sayCode("step", rung.step)} onClose={onClose}>
		<p>{sayCode("step.says", rung.step)}</p>
		{locked ? <><p>{say("ladder.locked")}</p><UnlockForm onDone={() => {
			if (!rung.needs.includes("reason"))
				void act(() => onGo({}));
		}} /></> : <form onSubmit={event => {
			event.preventDefault();
			void act(() => onGo({ reason: reason.trim() || undefined, colour: isClear && colour ? true : undefined }));
		}}>
			{rung.needs.includes("second") && <p class="note">{say("ladder.second")}</p>}
			{rung.needs.includes("reason") && <TextArea word="ladder.reason" hint={say("ladder.reason_hint")}
				value={reason} onValue={setReason} required maxLength={1000} rows={2} />}
			{isClear && <Check checked={colour} onValue={setColour}>{say("ladder.colour")}</Check>}
			<Problem error={error} inline />
			<div class="buttons"><Button main submit busy={busy}>{say("ladder.show")}</Button>
				<Button quiet onClick={onClose}>{say("do.cancel")}</Button></div>
		</form>}
	</Dialog>;
}

/* ---- the view ---- */

/**
 * When each frame of a video is shown, in the rows of the sheet, which is drawn from the left in every language; at a
 * clear step one can be had alone.
 */
function Times({ view, onFrame }: { view: View; onFrame?: (atMs: number) => void }) {
	const { times_ms: times, columns } = view.told;
	return <ol class="times" dir="ltr" aria-label={say("ladder.frames")} style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
		{times.map(at => <li key={at}>{onFrame
			? <Button quiet onClick={() => onFrame(at)} title={say("ladder.frame_at", { time: countdown(at / 1000) })}>
				{countdown(at / 1000)}</Button>
			: countdown(at / 1000)}</li>)}
	</ol>;
}

function alternative({ told }: View): string {
	const step = sayCode("step", told.level);
	return told.picture.kind === "video"
		? say("ladder.alt_frames", { step, times: list(told.times_ms.map(at => countdown(at / 1000))) })
		: say("ladder.alt", { step });
}

function Shown({ item, view, onReveal, onFrame, onHide }: { item: string; view: View; onHide: () => void;
		onReveal?: (x: number, y: number) => void; onFrame?: (atMs: number) => void }) {
	const [url] = useState(() => URL.createObjectURL(view.pixels));
	const [until, setUntil] = useState(new Date(view.told.until).getTime());
	const { busy, error, act } = useAct();
	const left = (until - now.value) / 1000;
	useEffect(() => {
		const over = setTimeout(onHide, Math.max(0, until - Date.now()));
		return () => clearTimeout(over);
	}, [until]);
	useEffect(() => {
		const forget = whileShown(onHide);
		return () => {
			forget();
			URL.revokeObjectURL(url);
			closeView(item, view.told.view);
		};
	}, []);
	const on = () => act(async () => {
		const told = await lookOn(item, view.told.view);
		setUntil(new Date(told.until).getTime());
	});
	useCommands(() => [{ key: "l", word: "keys.look_on", run: () => void on() },
		{ key: "0", word: "keys.hide", run: onHide }], []);
	return <figure class="view">
		<img src={url} alt={alternative(view)} draggable={false}
			width={view.told.width} height={view.told.height} class={onReveal ? "reveal" : undefined}
			/* What the element has decoded it keeps; the address that leads to the bytes goes. */
			onLoad={() => URL.revokeObjectURL(url)}
			onContextMenu={event => event.preventDefault()}
			onClick={event => {
				const box = event.currentTarget.getBoundingClientRect();
				onReveal?.(Math.round((event.clientX - box.left) * view.told.width / box.width),
					Math.round((event.clientY - box.top) * view.told.height / box.height));
			}} />
		{view.told.picture.kind === "video" && <Times view={view} onFrame={view.told.frames > 1 ? onFrame : undefined} />}
		<figcaption>
			<span>{sayCode("step", view.told.level)} · {say("ladder.left", { time: countdown(left) })}</span>
			{view.told.frames > 1 && <span>{say("item.frames", { count: view.told.frames })}</span>}
			{view.told.partial && <span>{say("ladder.partial")}</span>}
			{left < ENDS_SOON_S && <Button keyName="l" busy={busy} onClick={on}>{say("ladder.look_on")}</Button>}
			<Button keyName="0" onClick={onHide}>{say("ladder.hide")}</Button>
		</figcaption>
		{view.told.warn && <p class="note">{say("ladder.warn")}</p>}
		{view.told.rest && <p class="note">{say("ladder.rest")}</p>}
		{onReveal && <p class="hint">{say("ladder.reveal_hint")}</p>}
		{onFrame && view.told.frames > 1 && <p class="hint">{say("ladder.frame_hint")}</p>}
		<Problem error={error} inline />
	</figure>;
}

/* ---- the ladder ---- */

const STEPS: Step[] = ["L1", "L2", "L3", "L4", "L5"];

function Rungs({ rungs, at, busy, onStep }: { rungs: Rung[]; at: string; busy: boolean; onStep: (rung: Rung) => void }) {
	const why = [...new Set(rungs.filter(rung => !rung.may && rung.why).map(rung => rung.why!))];
	return <>
		<div class="ladder" role="group" aria-label={say("ladder.title")}>{STEPS.map((step, index) => {
			const rung = rungs.find(rung => rung.step === step);
			return <Button key={step} disabled={!rung?.may} busy={busy} aria-pressed={at === step}
				title={rung?.why ? sayCode("ladder.why", rung.why) : sayCode("step.says", step)}
				keyName={String(index + 1)} onClick={() => rung && onStep(rung)}>{sayCode("step", step)}</Button>;
		})}</div>
		{why.length > 0 && <p class="hint">{list(why.map(code => sayCode("ladder.why", code)))}</p>}
	</>;
}

function Picture({ item, facts, again }: { item: string; facts: Facts; again: () => void }) {
	const [view, setView] = useState<View | undefined>();
	const [wanted, setWanted] = useState<{ rung: Rung; reveal?: { x: number; y: number }; at_ms?: number } | undefined>();
	const { busy, error, act } = useAct();
	const alive = useRef(true);
	useEffect(() => () => { alive.current = false; }, []);
	const hide = () => setView(undefined);
	async function show(step: Step, asked: Asked) {
		const isSeen = unlessHidden();
		const told = await askView(item, step, asked);
		if (!("told" in told)) {
			setWanted(undefined);
			notify(say("ladder.proposed"));
			again();
			return;
		}
		/* What came too late is not shown, and gives its time back. */
		if (!alive.current || !isSeen()) {
			closeView(item, told.told.view);
			return;
		}
		setWanted(undefined);
		setView(told);
		/* What is known of it is more now: that it was looked at, and what can be told of a picture. */
		again();
	}
	function onStep(rung: Rung) {
		if (!rung.may)
			return;
		hide();
		if (rung.needs.length > 0 || rung.step === "L5")
			setWanted({ rung });
		else
			void act(() => show(rung.step, {}));
	}
	useCommands(() => STEPS.map((step, index) => ({ key: String(index + 1), word: "keys.step" as const,
		text: sayCode("step", step), run: () => {
			const rung = facts.ladder.find(rung => rung.step === step);
			if (rung)
				onStep(rung);
		} })), [facts, item]);
	const reveal = facts.ladder.find(rung => rung.step === "reveal");
	const clear = facts.ladder.find(rung => rung.step === view?.told.level && (rung.step === "L4" || rung.step === "L5"));
	return <>
		<Rungs rungs={facts.ladder} at={view?.told.level ?? ""} busy={busy} onStep={onStep} />
		<Problem error={error} inline />
		{facts.seconds.map(second => <p key={second.id} class="note">
			{say(second.state === "confirmed" ? "ladder.confirmed" : "ladder.waiting")} <Time at={second.ends} /></p>)}
		{view && <Shown key={view.told.view} item={item} view={view} onHide={hide}
			onReveal={view.told.level === "L2" && reveal?.may ? (x, y) => {
				hide();
				setWanted({ rung: reveal, reveal: { x, y } });
			} : undefined}
			onFrame={view.told.picture.kind === "video" && clear?.may ? at_ms => {
				hide();
				setWanted({ rung: clear, at_ms });
			} : undefined} />}
		{wanted && <Needs rung={wanted.rung} onClose={() => setWanted(undefined)}
			onGo={asked => show(wanted.rung.step, { ...asked, reveal: wanted.reveal, at_ms: wanted.at_ms })} />}
	</>;
}

export function Item({ item }: { item: string }) {
	const asked = useAsk(signal => get("/v1/items/{item}", { path: { item }, signal }), [item]);
	/* The vault is open or locked now: the ladder is another one. */
	const open = unlockedUntil.value > now.value;
	useEffect(() => {
		if (asked.data && asked.data.unlocked !== open)
			asked.again();
	}, [open]);
	/* Every use of it keeps it open for longer than we knew. */
	useEffect(() => {
		if (asked.data?.unlocked && unlockedUntil.value <= Date.now())
			void loadSession().catch(() => {});
	}, [asked.data]);
	return <Loaded of={asked}>{facts => <div class="item">
		{facts.state === "here" && (facts.kind === "media"
			? <Picture key={item} item={item} facts={facts} again={asked.again} />
			: <SealedWords key={item} read={() => post("/v1/items/{item}/text", { path: { item }, body: {} })} />)}
		<Facts facts={facts} />
	</div>}</Loaded>;
}

