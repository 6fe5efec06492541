/* One job: what is known of it, its items one at a time, what was said of it, and what a person makes of it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { get, post, put, remove, type Schemas } from "../base/api";
import { now } from "../base/clock";
import { getRules, handedJob, type Job, kindTitle, policyTitle, queueTitle, takeNext, undoDecision, type WholeJob } from "../base/desk";
import { mayKeep } from "../base/kept";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { go, link, place } from "../base/route";
import { may, session } from "../base/session";
import { type Asked, useAct, useAsk } from "../base/use";
import { countdown, list, number, say, sayCode } from "../base/words";
import { Button, Choice, CopyButton, Empty, Given, Id, Loaded, Problem, TextArea, Time, Title } from "../parts/basic";
import { Decide } from "../parts/decide";
import { AppealForm } from "../parts/decided";
import { Dialog } from "../parts/dialog";
import { factWords } from "../parts/jobrows";
import { Item } from "../parts/ladder";
import { Person } from "../parts/person";

const isMine = (job: Job) => !!job.lease_person && job.lease_person === session.value?.person &&
	new Date(job.lease_until ?? 0).getTime() > now.value;
const isHeld = (job: Job) => !!job.lease_person && new Date(job.lease_until ?? 0).getTime() > now.value;

/* ---- holding it ---- */

/** How long it stays one's own; below two minutes it is kept by a press, and says so aloud once. */
function Lease({ job, onLease }: { job: WholeJob; onLease: (until: string | null) => void }) {
	const { busy, error, act } = useAct();
	const left = (new Date(job.lease_until ?? 0).getTime() - now.value) / 1000;
	const renew = () => act(async () =>
		onLease((await post("/v1/jobs/{job}/renew", { path: { job: job.id } })).lease_until));
	useCommands(() => [{ key: "w", word: "keys.renew", run: () => void renew() }], [job.id]);
	return <span class={left < 120 ? "lease soon" : "lease"}>
		<span>{say("job.yours_for", { time: countdown(left) })}</span>
		<span class="hidden" role="status">{left < 120 ? say("job.ends_soon") : ""}</span>
		<Button quiet keyName="w" busy={busy} onClick={renew}>{say("job.renew")}</Button>
		<Problem error={error} inline />
	</span>;
}

function Move({ job, onClose, onDone }: { job: WholeJob; onClose: () => void; onDone: () => void }) {
	const [queue, setQueue] = useState(""), [reason, setReason] = useState("");
	const asked = useAsk(() => getRules(), []);
	const { busy, error, act } = useAct();
	return <Dialog title={say("job.move")} onClose={onClose}><Loaded of={asked}>{({ queues }) => <form
		onSubmit={event => {
			event.preventDefault();
			void act(async () => {
				await post("/v1/jobs/{job}/move", { path: { job: job.id }, body: { queue, reason: reason.trim() } });
				notify(say("job.moved"));
				onDone();
			});
		}}>
		<Choice word="job.move_to" value={queue} onValue={setQueue} options={[["", "…"], ...queues
			.filter(other => other.active && other.id !== job.queue)
			.map(other => [other.id, queueTitle(other)] as [string, string])]} />
		<TextArea word="decide.reason" value={reason} onValue={setReason} required rows={2} maxLength={4000} />
		<Problem error={error} inline />
		<div class="buttons"><Button main submit busy={busy} disabled={!queue}>{say("job.move")}</Button>
			<Button quiet onClick={onClose}>{say("do.cancel")}</Button></div>
	</form>}</Loaded></Dialog>;
}

function AskColleague({ job, onClose, onDone }: { job: WholeJob; onClose: () => void; onDone: () => void }) {
	const [words, setWords] = useState("");
	const { busy, error, act } = useAct();
	return <Dialog title={say("job.ask")} onClose={onClose}><form onSubmit={event => {
		event.preventDefault();
		void act(async () => {
			await post("/v1/jobs/{job}/second", { path: { job: job.id }, body: { words: words.trim() } });
			notify(say("job.asked"));
			onDone();
		});
	}}>
		<p>{say("job.ask_says")}</p>
		<TextArea word="job.ask_words" value={words} onValue={setWords} required maxLength={4000} />
		<Problem error={error} inline />
		<div class="buttons"><Button main submit busy={busy}>{say("job.ask")}</Button>
			<Button quiet onClick={onClose}>{say("do.cancel")}</Button></div>
	</form></Dialog>;
}

function Tools({ job, asked }: { job: WholeJob; asked: Asked<WholeJob> }) {
	const [over, setOver] = useState<"move" | "ask" | undefined>();
	const { busy, error, act } = useAct();
	const mine = isMine(job), path = { path: { job: job.id } };
	const mayTake = may("job.take") && job.state === "open" && !isHeld(job);
	const take = () => act(async () => asked.set(await post("/v1/jobs/{job}/take", path)));
	const release = () => act(async () => {
		await post("/v1/jobs/{job}/release", path);
		go(link("queue", [job.queue]));
	});
	const next = () => act(() => takeNext(job.queue));
	const star = () => act(async () => {
		await (job.starred ? remove("/v1/jobs/{job}/star", path) : put("/v1/jobs/{job}/star", path));
		asked.set({ ...job, starred: !job.starred });
	});
	/* The draft that is there already is gone to as well. */
	const report = () => act(async () => go(link("filings", [(await post("/v1/filings", { body: { job: job.id } })).id])));
	const mayReport = may("report.prepare") && job.state !== "open";
	const done = () => { setOver(undefined); asked.again(); };
	useCommands(() => [
		{ key: "s", word: "keys.star", run: () => void star() },
		...(mayTake ? [{ key: "t", word: "keys.take" as const, run: () => void take() }] : []),
		...(mine ? [{ key: "x", word: "keys.release" as const, run: () => void release() },
			{ key: "m", word: "keys.move" as const, run: () => setOver("move") },
			{ key: "a", word: "keys.ask" as const, run: () => setOver("ask") }]
			: may("job.take") ? [{ key: "n", word: "keys.next" as const, run: () => void next() }] : []),
		...(mayReport ? [{ key: "", word: "job.report" as const, run: () => void report() }] : []),
	], [job, mayTake, mine]);
	return <>
		<Button quiet class="star" aria-pressed={job.starred} onClick={star}
			aria-label={say(job.starred ? "job.unstar" : "job.star")}>{job.starred ? "★" : "☆"}</Button>
		<CopyButton text={`${location.origin}/console/${link("job", [job.id])}`} word="job.copy_link" />
		{mine && <>
			<Lease job={job} onLease={until => asked.set({ ...job, lease_until: until })} />
			<Button keyName="m" onClick={() => setOver("move")}>{say("job.move")}</Button>
			<Button keyName="a" onClick={() => setOver("ask")}>{say("job.ask")}</Button>
			<Button keyName="x" busy={busy} onClick={release}>{say("job.release")}</Button>
		</>}
		{mayReport && <Button busy={busy} onClick={report}>{say("job.report")}</Button>}
		{mayTake && <Button main keyName="t" busy={busy} onClick={take}>{say("job.take")}</Button>}
		{!mine && !mayTake && may("job.take") && <Button main keyName="n" busy={busy} onClick={next}>
			{say("queue.take")}</Button>}
		<Problem error={error} inline />
		{over === "move" && <Move job={job} onClose={() => setOver(undefined)} onDone={done} />}
		{over === "ask" && <AskColleague job={job} onClose={() => setOver(undefined)} onDone={done} />}
	</>;
}

/* ---- what is known ---- */

function FactList({ job }: { job: WholeJob }) {
	const { facts } = job;
	const rules = useAsk(() => may("policy.see") ? getRules() : Promise.resolve(undefined), []).data;
	const text = (name: string) => typeof facts[name] === "string" ? facts[name] as string : "";
	const labels = text("labels").split(",").filter(Boolean);
	return <p class="factline">
		{job.urgent && <strong class="urgent">{say("job.urgent")}</strong>}
		<span>{say("job.queue")}: <a href={link("queue", [job.queue])}>
			<Given>{queueTitle(rules?.queues.find(queue => queue.id === job.queue) ?? { id: job.queue, title: job.queue })}</Given></a></span>
		<span>{say("job.priority")}: {number(job.priority)}</span>
		<span>{say("job.age")} <Time at={job.created_at} /></span>
		{factWords(facts).map(word => <span key={word} class="tag"><Given>{word}</Given></span>)}
		{labels.map(label => <span key={label} class="tag"><Given>{label}</Given></span>)}
		{text("country") && <span class="tag"><Given>{text("country")}</Given></span>}
		{typeof facts.strikes === "number" && facts.strikes > 0 &&
			<span class="tag">{say("job.strikes", { count: facts.strikes })}</span>}
		{job.known_decision && <span class="tag">{say("job.known")}</span>}
		{job.state !== "open" && <span class="tag">{sayCode("job.state", job.state)}</span>}
		{job.state === "open" && job.waits !== "first" && <span class="tag">{sayCode("job.waits", job.waits)}</span>}
	</p>;
}

/* ---- its items, one at a time ---- */

function Items({ items }: { items: string[] }) {
	const [at, setAt] = useState(0);
	const move = (by: number) => setAt(at => Math.min(items.length - 1, Math.max(0, at + by)));
	useCommands(() => items.length < 2 ? [] : [
		{ key: "j", word: "keys.item_next", run: () => move(1) },
		{ key: "k", word: "keys.item_before", run: () => move(-1) },
	], [items]);
	if (items.length === 0)
		return <Empty><p>{say("job.no_items")}</p></Empty>;
	const item = items[Math.min(at, items.length - 1)]!;
	return <section aria-labelledby="items">
		<div class="bar">
			<h2 id="items" class="field">{say("job.item", { number: at + 1, count: items.length })}</h2>
			{items.length > 1 && <>
				<Button keyName="k" disabled={at === 0} onClick={() => move(-1)}>{say("job.item_before")}</Button>
				<Button keyName="j" disabled={at === items.length - 1} onClick={() => move(1)}>{say("job.item_next")}</Button>
			</>}
		</div>
		<Item key={item} item={item} />
	</section>;
}

/* ---- what was said and done ---- */

/** Asked for when it is opened. */
function Section({ title, count, open, children }: { title: string; count?: number; open?: boolean;
		children: () => ComponentChildren }) {
	const [isOpen, setOpen] = useState(open ?? false);
	return <details open={isOpen} onToggle={event => setOpen(event.currentTarget.open)}>
		<summary><h2>{title}{count !== undefined && <span class="count"> {number(count)}</span>}</h2></summary>
		{isOpen && children()}
	</details>;
}

function Decisions({ job, onUndone }: { job: WholeJob; onUndone: () => void }) {
	const rules = useAsk(() => getRules(), []);
	const { busy, error, act } = useAct();
	const [appealed, setAppealed] = useState<string>();
	const actions = (decision: string) => job.actions.filter(action => action.decision === decision);
	const title = (name: string) => {
		const kind = rules.data?.kinds.find(known => known.name === name);
		return kind ? kindTitle(kind) : name;
	};
	return <>
		<ul class="told">{job.decisions.map(decision => <li key={decision.id} class={decision.undone_at ? "undone" : undefined}>
			<p><strong>{sayCode("outcome", decision.outcome)}</strong>
				{decision.policy && <> · <Given>{policyTitle(rules.data?.policies ?? [], decision.policy)}</Given></>}
				{decision.labels.map(label => <span key={label} class="tag"><Given>{label}</Given></span>)}</p>
			{decision.reason && <p dir="auto">{decision.reason}</p>}
			<p class="soft"><Person id={decision.person} />, <Time at={decision.at} />, {say("decide.seen",
				{ level: decision.exposure })}{decision.undone_at && <> · {say("decide.was_undone")} <Time at={decision.undone_at} /></>}</p>
			{actions(decision.id).map(action => <p key={action.id}>
				<Given>{title(action.kind)}</Given> · {sayCode("action.state", action.state)}
				{action.state === "due" && <> <Time at={action.due_at} /></>}
				{action.state === "dead" && action.answer && <> · <Given>{action.answer}</Given></>}</p>)}
			{!decision.undone_at && decision.person === session.value?.person && job.state !== "open" && <p>
				<Button busy={busy} onClick={() => act(async () => {
					await undoDecision(decision.id, job.id);
					onUndone();
				})}>{say("decide.undo")}</Button></p>}
			{!decision.undone_at && decision.outcome !== "escalate" && may("intake.add") && job.state !== "open" && <p>
				<Button quiet onClick={() => setAppealed(decision.id)}>{say("appeals.add")}</Button></p>}
		</li>)}</ul>
		<Problem error={error} inline />
		{appealed && <AppealForm decision={appealed} onClose={() => setAppealed(undefined)} />}
	</>;
}

function Comments({ job, asked }: { job: WholeJob; asked: Asked<WholeJob> }) {
	const [words, setWords] = useState("");
	const { busy, error, act } = useAct();
	return <>
		{job.comments.length > 0 && <ul class="told">{job.comments.map(comment => <li key={comment.id}>
			<p dir="auto">{comment.words}</p>
			<p class="soft"><Person id={comment.person} />, <Time at={comment.at} /></p></li>)}</ul>}
		{may("job.take") && <form onSubmit={event => {
			event.preventDefault();
			void act(async () => {
				await post("/v1/jobs/{job}/comments", { path: { job: job.id }, body: { words: words.trim() } });
				setWords("");
				asked.again();
			});
		}}>
			<TextArea word="job.comment" value={words} onValue={setWords} required rows={2} maxLength={4000} />
			<Problem error={error} inline />
			<div class="buttons"><Button submit busy={busy}>{say("job.comment_add")}</Button></div>
		</form>}
	</>;
}

function Related({ job }: { job: string }) {
	const asked = useAsk(signal => get("/v1/jobs/{job}/related", { path: { job }, signal }), [job]);
	return <Loaded of={asked}>{({ related }) => related.length === 0
		? <p class="soft">{say("job.no_related")}</p>
		: <ul class="told">{related.map(row => <li key={`${row.by} ${row.id}`}><p>
			<a href={link("job", [row.id])}><Id of={row.id} /></a> · {sayCode("job.by", row.by)} ·{" "}
			{sayCode("job.state", row.state)} · <Time at={row.created_at} /></p></li>)}</ul>}</Loaded>;
}

function History({ job }: { job: string }) {
	const asked = useAsk(signal => get("/v1/jobs/{job}/history", { path: { job }, signal }), [job]);
	return <Loaded of={asked}>{({ history }) => <div class="wide"><table>
		<caption class="hidden">{say("job.history")}</caption>
		<thead><tr><th scope="col">{say("job.when")}</th><th scope="col">{say("job.who")}</th>
			<th scope="col">{say("job.what")}</th><th scope="col">{say("decide.reason")}</th></tr></thead>
		<tbody>{history.map(row => <tr key={row.number}>
			<td><Time at={row.at} /></td>
			<td><Person id={row.actor} />{row.role && <span class="soft"> {list(row.role.split(",").map(role =>
				sayCode("role", role)))}</span>}</td>
			<td><Given>{row.action}</Given></td>
			<td dir="auto">{row.reason}</td>
		</tr>)}</tbody></table></div>}</Loaded>;
}

function Report({ report }: { report: string }) {
	const asked = useAsk(signal => get("/v1/reports/{report}", { path: { report }, signal }), [report]);
	return <Loaded of={asked}>{(told: Schemas["ReportTold"]) => <p>
		<Id of={told.report} /> · {sayCode("fact.reporter", told.reporter)} · {sayCode("fact.channel", told.channel)} ·{" "}
		<Time at={told.at} /> · {sayCode("report.state", told.state)} · {say("job.report_items", { count: told.items.length })}
		{told.urgency !== "any" && <span class="tag urgent">{sayCode("report.urgency", told.urgency)}</span>}
	</p>}</Loaded>;
}

const REPORTS_AT_ONCE = 10;

function Reports({ ids }: { ids: string[] }) {
	const [shown, setShown] = useState(REPORTS_AT_ONCE);
	return <><ul class="told">{ids.slice(0, shown).map(id => <li key={id}><Report report={id} /></li>)}</ul>
		{ids.length > shown && <Button onClick={() => setShown(shown + REPORTS_AT_ONCE)}>{say("do.more")}</Button>}</>;
}

/* ---- the page ---- */

function Whole({ job, asked }: { job: WholeJob; asked: Asked<WholeJob> }) {
	const mine = isMine(job);
	return <>
		<Title aside={<Tools job={job} asked={asked} />}>{say("job.title")} <Id of={job.id} /></Title>
		<FactList job={job} />
		<div class={mine ? "work" : undefined}>
			<div class="about">
				<Items items={job.items} />
				{job.decisions.length > 0 && <Section title={say("job.decisions")} count={job.decisions.length} open>{() =>
					<Decisions job={job} onUndone={asked.again} />}</Section>}
				<Section title={say("job.comments")} count={job.comments.length} open={job.comments.length > 0}>{() =>
					<Comments job={job} asked={asked} />}</Section>
				<Section title={say("job.reports")} count={job.report_ids.length}>{() =>
					<Reports ids={job.report_ids} />}</Section>
				{mayKeep() && job.items.length > 0 && <p><a href={link("vault", ["job", job.id])}>{say("kept.of_job")}</a></p>}
				<Section title={say("job.related")}>{() => <Related job={job.id} />}</Section>
				<Section title={say("job.history")}>{() => <History job={job.id} />}</Section>
			</div>
			{mine && <aside aria-labelledby="decide"><h2 id="decide">{say("decide.title")}</h2>
				<Decide job={job} onDecided={asked.again} /></aside>}
		</div>
	</>;
}

function JobAt({ id, turn }: { id: string; turn: string }) {
	/* What was handed over is good once; asking again asks the server. */
	const first = useRef(handedJob(id));
	const asked = useAsk(signal => {
		const job = first.current;
		first.current = undefined;
		return job ? Promise.resolve(job) : get("/v1/jobs/{job}", { path: { job: id }, signal });
	}, [id, turn]);
	useEffect(() => {
		document.title = `${say("job.title")} ${id.slice(-8)} · ward`;
	}, [id]);
	return <Loaded of={asked}>{job => <Whole key={`${job.id} ${turn}`} job={job} asked={asked} />}</Loaded>;
}

export default function JobPage() {
	const id = place.value.rest[0] ?? "";
	return <JobAt key={id} id={id} turn={place.value.query.get("turn") ?? ""} />;
}
