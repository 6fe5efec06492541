/* How much one had to look at, what one wants spared, and how one is; and the team's totals, of nobody in particular. */
import { useState } from "preact/hooks";
import { get, post, put, remove, type Schemas } from "../base/api";
import { notify } from "../base/notices";
import { link, place } from "../base/route";
import { may, session, unlockedUntil } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { exactTime, number, say, sayCode } from "../base/words";
import { Button, Check, Choice, Given, Loaded, Problem, TextArea, TextField, Time, Title } from "../parts/basic";
import { count, Facts, FormDialog, Meter, Tabs, whole } from "../parts/office";
import { UnlockForm } from "../parts/vault";
import "../office.css";

type Exposure = Schemas["Exposure"];

const QUESTIONS = ["slept", "away", "company"] as const;
const ANSWERS = ["1", "2", "3", "4", "5"] as const;

function minutes(seconds: number): number {
	return Math.round(seconds / 60);
}

function Amounts({ of }: { of: Exposure }) {
	const rows = [["items", of.used.items, of.budget.items], ["severe", of.used.severe, of.budget.severe]] as const;
	return <>
		{rows.map(([name, used, budget]) => <Meter key={name} label={sayCode("exposure.amount", name)} value={used} of={budget} />)}
		<Meter label={sayCode("exposure.amount", "seconds")} value={of.used.seconds} of={of.budget.seconds}
			text={say("exposure.minutes_of", { value: minutes(of.used.seconds), of: minutes(of.budget.seconds) })} />
	</>;
}

/* "17:30" of today, or of tomorrow when that is past. */
function nextTime(text: string): string | null {
	const [hour, minute] = text.split(":").map(Number);
	if (hour === undefined || minute === undefined || Number.isNaN(hour + minute))
		return null;
	const at = new Date();
	at.setHours(hour, minute, 0, 0);
	if (at.getTime() <= Date.now())
		at.setDate(at.getDate() + 1);
	return at.toISOString();
}

function Today() {
	const asked = useAsk(signal => get("/v1/exposure", { signal }), []);
	const [end, setEnd] = useState("");
	const { busy, error, act } = useAct();
	return <Loaded of={asked}>{mine => <>
		{mine.quiet && <div class="note"><p>{say("exposure.is_quiet")} <Time at={mine.quiet_since} /></p>
			<Button busy={busy} onClick={() => act(async () => { await remove("/v1/exposure/quiet"); asked.again(); })}>
				{say("exposure.go_on")}</Button></div>}
		{mine.rest && <p class="note" role="status"><strong>{say("exposure.rest")}</strong></p>}
		{mine.warn && <p class="note" role="status">{say("exposure.warn")}</p>}
		{mine.new && may("item.facts") && <p class="note">{say("exposure.new")}</p>}
		{!may("item.facts") ? <p class="soft">{say("exposure.no_items")}</p> : <Amounts of={mine} />}
		{mine.raised.items + mine.raised.seconds + mine.raised.severe > 0 && <p class="soft">{say("exposure.raised",
			{ items: mine.raised.items, severe: mine.raised.severe, minutes: minutes(mine.raised.seconds) })}</p>}
		{may("item.facts") && <Facts rows={[
			[say("exposure.level"), sayCode("exposure.step", mine.level_max)],
			[say("exposure.may_severe"), say(mine.may_severe ? "office.yes" : "office.no")],
			[say("exposure.break_at"), mine.break_at ? <Time at={mine.break_at} /> : say("exposure.no_break")],
			[say("exposure.shift"), mine.shift_until ? exactTime(mine.shift_until) : say("exposure.no_shift")],
		]} />}
		<div class="buttons"><Button main busy={busy} onClick={() => act(async () => {
			await post("/v1/exposure/break");
			notify(say("exposure.break_done"));
			asked.again();
		})}>{say("exposure.break")}</Button></div>
		<form class="inline" onSubmit={event => {
			event.preventDefault();
			void act(async () => {
				await put("/v1/exposure/shift", { body: { until: nextTime(end) } });
				asked.again();
			});
		}}>
			<TextField word="exposure.shift_end" hint={say("exposure.shift_hint")} type="time" value={end} onValue={setEnd} />
			<Button submit busy={busy}>{say(end ? "exposure.shift_set" : "exposure.shift_none")}</Button>
		</form>
		<Problem error={error} inline />
	</>}</Loaded>;
}

function Themes() {
	const asked = useAsk(signal => get("/v1/exposure/themes", { signal }), []);
	const [theme, setTheme] = useState("");
	const { busy, error, act } = useAct();
	return <>
		<h2>{say("exposure.themes")}</h2>
		<p class="soft">{say("exposure.themes_says")}</p>
		<Loaded of={asked}>{({ themes }) => themes.length === 0 ? <p>{say("exposure.no_themes")}</p>
			: <ul class="things">{themes.map(theme => <li key={theme}><Given>{theme}</Given>
				<Button quiet busy={busy} aria-label={`${say("do.remove")}: ${theme}`} onClick={() => act(async () => {
					await remove("/v1/exposure/themes/{theme}", { path: { theme } });
					asked.again();
				})}>{say("do.remove")}</Button></li>)}</ul>}</Loaded>
		<form class="inline" onSubmit={event => {
			event.preventDefault();
			void act(async () => {
				await put("/v1/exposure/themes/{theme}", { path: { theme: theme.trim() } });
				setTheme("");
				asked.again();
			});
		}}>
			<TextField word="exposure.theme" hint={say("exposure.theme_hint")} value={theme} onValue={setTheme} required
				spellcheck={false} maxLength={120} />
			<Button submit busy={busy}>{say("exposure.theme_add")}</Button>
		</form>
		<Problem error={error} inline />
	</>;
}

function CheckInForm({ onDone }: { onDone: () => void }) {
	const [answers, setAnswers] = useState<Record<string, string>>({}), [note, setNote] = useState("");
	const { busy, error, act } = useAct();
	return <form onSubmit={event => {
		event.preventDefault();
		void act(async () => {
			const given = { ...answers, ...(note.trim() ? { note: note.trim() } : {}) };
			await post("/v1/exposure/check-ins", { body: { answers: given as never } });
			setAnswers({});
			setNote("");
			notify(say("checkin.done"));
			onDone();
		});
	}}>
		{QUESTIONS.map(question => <fieldset key={question} class="scale"><legend>{sayCode("checkin.ask", question)}</legend>
			<span class="soft" aria-hidden="true">{say("checkin.least")}</span>
			{ANSWERS.map(answer => <label key={answer} class="check"><input type="radio" name={question} value={answer}
				checked={answers[question] === answer} aria-label={answer === "1" ? `${number(1)}, ${say("checkin.least")}`
					: answer === "5" ? `${number(5)}, ${say("checkin.most")}` : number(Number(answer))}
				onChange={() => setAnswers({ ...answers, [question]: answer })} /> {number(Number(answer))}</label>)}
			<span class="soft" aria-hidden="true">{say("checkin.most")}</span>
		</fieldset>)}
		<TextArea word="checkin.note" hint={say("checkin.note_hint")} value={note} onValue={setNote} maxLength={1500} />
		<Problem error={error} inline />
		<div class="buttons"><Button main submit busy={busy} disabled={!Object.keys(answers).length && !note.trim()}>
			{say("checkin.keep")}</Button></div>
	</form>;
}

function CheckIns() {
	const isOpen = unlockedUntil.value > Date.now();
	const asked = useAsk(signal => get("/v1/exposure/check-ins", { signal }), [isOpen]);
	const me = useAsk(signal => get("/v1/people/{id}", { path: { id: session.value!.person }, signal }), []);
	const { busy, error, act } = useAct();
	return <>
		<h2>{say("checkin.title")}</h2>
		<p class="soft">{say("checkin.says")}</p>
		<Loaded of={me}>{person => !person.vault_key
			? <p class="note">{say("checkin.no_key")} <a href={link("account")}>{say("page.account")}</a></p>
			: <Loaded of={asked}>{told => <>
				{told.due && <p class="note">{say("checkin.due")}</p>}
				<details open={told.due}><summary>{say("checkin.form")}</summary><CheckInForm onDone={asked.again} /></details>
				{told.check_ins.length === 0 ? <p class="soft">{say("checkin.none")}</p> : <>
					{!told.unlocked && <details><summary>{say("checkin.locked")}</summary><UnlockForm onDone={asked.again} /></details>}
					<ul class="things">{told.check_ins.map(one => <li key={one.id}>
						<strong><Time at={one.at} /></strong>
						{one.answers && <span>{Object.entries(one.answers as Record<string, unknown>).map(([name, value]) =>
							name === "note" ? <p key={name} dir="auto">{String(value)}</p>
								: <span key={name} class="tag">{sayCode("checkin.short", name)}: {number(Number(value) || 0)}</span>)}</span>}
						<Button quiet busy={busy} onClick={() => act(async () => {
							await remove("/v1/exposure/check-ins/{id}", { path: { id: one.id } });
							asked.again();
						})}>{say("do.remove")}</Button></li>)}</ul>
				</>}
			</>}</Loaded>}</Loaded>
		<Problem error={error} inline />
	</>;
}

function Raise({ onClose }: { onClose: () => void }) {
	const people = useAsk(signal => get("/v1/people", { signal }), []);
	const [person, setPerson] = useState(""), [reason, setReason] = useState(""), [items, setItems] = useState("");
	const [severe, setSevere] = useState(""), [time, setTime] = useState("");
	const [tells, setTells] = useState(false), [started, setStarted] = useState("");
	const others = (people.data?.people ?? []).filter(one => one.state === "active" && one.id !== session.value?.person);
	return <FormDialog title={say("team.raise")} doWord="team.raise" onClose={onClose} disabled={!person || !reason.trim()}
		onDo={async () => {
			await put("/v1/exposure/team/{person}", { path: { person }, body: { reason: reason.trim(), items: whole(items),
				severe: whole(severe), seconds: whole(time) === undefined ? undefined : whole(time)! * 60,
				started: tells && started ? new Date(started).toISOString() : undefined } });
			notify(say("team.raised"));
		}}>
		<p>{say("team.raise_says")}</p>
		<Loaded of={people}>{() => <Choice word="team.person" value={person} onValue={setPerson}
			options={[["", say("team.choose")], ...others.map(one => [one.id, one.pseudonym] as [string, string])]} />}</Loaded>
		<div class="two">
			<TextField word="team.items" value={items} onValue={setItems} type="number" min={0} max={100000} />
			<TextField word="team.severe" value={severe} onValue={setSevere} type="number" min={0} max={100000} />
			<TextField word="team.minutes" value={time} onValue={setTime} type="number" min={0} max={1440} />
		</div>
		<Check checked={tells} onValue={setTells}>{say("team.started_says")}</Check>
		{tells && <TextField word="team.started" type="date" value={started} onValue={setStarted} required />}
		<TextArea word="office.reason" hint={say("office.reason_hint")} value={reason} onValue={setReason} required maxLength={500} />
	</FormDialog>;
}

function Team() {
	const today = new Date().toISOString().slice(0, 10);
	const [date, setDate] = useState(today), [raising, setRaising] = useState(false);
	const asked = useAsk(signal => get("/v1/exposure/team", { query: { date }, signal }), [date]);
	return <>
		<div class="bar"><TextField word="team.date" type="date" value={date} max={today} onValue={date => date && setDate(date)} />
			{may("exposure.budget") && <Button onClick={() => setRaising(true)}>{say("team.raise")}</Button>}</div>
		<Loaded of={asked}>{told => <Facts rows={[
			[say("team.people"), count(told.people)],
			[sayCode("exposure.amount", "items"), count(told.used.items)],
			[sayCode("exposure.amount", "severe"), count(told.used.severe)],
			[sayCode("exposure.amount", "seconds"), say("exposure.minutes", { value: minutes(told.used.seconds) })],
			[say("team.check_ins"), told.check_ins === null ? say("team.few") : number(told.check_ins)],
		]} />}</Loaded>
		<p class="soft">{say("team.says")}</p>
		{raising && <Raise onClose={() => setRaising(false)} />}
	</>;
}

export default function ExposurePage() {
	const team = may("exposure.team") && place.value.rest[0] === "team";
	return <>
		<Title>{say("page.exposure")}</Title>
		{may("exposure.team") && <Tabs page="exposure" at={team ? "team" : "mine"}
			tabs={[["mine", say("exposure.mine")], ["team", say("exposure.team")]]} />}
		<section class="narrow">{team ? <Team /> : <><Today /><Themes /><CheckIns /></>}</section>
	</>;
}
