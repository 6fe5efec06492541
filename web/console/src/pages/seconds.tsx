/* What waits for a second person: acts that nobody does alone, and actions of decisions. */
import { useState } from "preact/hooks";
import { get, post, remove, type Schemas } from "../base/api";
import { notify } from "../base/notices";
import { link } from "../base/route";
import { may, session } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { say, sayCode } from "../base/words";
import { Button, Empty, Given, Id, Loaded, Problem, TextField, Time, Title } from "../parts/basic";
import { Person } from "../parts/person";

type Second = Schemas["Second"];
type Action = Schemas["Action"];

/** A yes or a no, with why. */
function Answer({ onAnswer, reasonFor }: { onAnswer: (yes: boolean, reason: string) => Promise<unknown>;
		reasonFor: "both" | "no" }) {
	const [reason, setReason] = useState("");
	const { busy, error, act } = useAct();
	const given = reason.trim();
	return <form class="inline" onSubmit={event => event.preventDefault()}>
		<TextField word="decide.reason" value={reason} onValue={setReason} maxLength={1000} />
		<Button main busy={busy} disabled={reasonFor === "both" && !given}
			onClick={() => act(() => onAnswer(true, given))}>{say("seconds.agree")}</Button>
		<Button danger busy={busy} disabled={!given} onClick={() => act(() => onAnswer(false, given))}>
			{say("seconds.refuse")}</Button>
		<Problem error={error} inline />
	</form>;
}

/* "person:ID" and the like: what it is about, as a link where there is a page. */
function About({ object }: { object: string }) {
	const [kind = "", id = ""] = object.split(":", 2);
	const words = sayCode("seconds.object", kind);
	return kind === "job" ? <a href={link("job", [id])}>{words} <Id of={id} /></a>
		: <span>{words} <Id of={id} /></span>;
}

function Waiting({ second, onDone }: { second: Second; onDone: () => void }) {
	const { busy, error, act } = useAct();
	const own = second.proposed_by === session.value?.person;
	return <li>
		<p><strong>{sayCode("seconds.kind", second.kind)}</strong> · <About object={second.object} /></p>
		<p dir="auto">{second.reason}</p>
		{second.detail && <dl class="facts">{Object.entries(second.detail).map(([name, value]) =>
			<div key={name}><dt><Given>{name}</Given></dt><dd><Given>{String(value)}</Given></dd></div>)}</dl>}
		<p class="soft"><Person id={second.proposed_by} />, <Time at={second.proposed} />;{" "}
			{sayCode("seconds.state", second.state)}, {say("seconds.until")} <Time at={second.ends} /></p>
		{!own && <Answer reasonFor="both" onAnswer={async (confirm, reason) => {
			await post("/v1/seconds/{id}", { path: { id: second.id }, body: { confirm, reason } });
			notify(say("seconds.answered"));
			onDone();
		}} />}
		{own && second.state === "waiting" && <Button busy={busy} onClick={() => act(async () => {
			await remove("/v1/seconds/{id}", { path: { id: second.id } });
			onDone();
		})}>{say("seconds.withdraw")}</Button>}
		<Problem error={error} inline />
	</li>;
}

function WaitingAction({ action, onDone }: { action: Action; onDone: () => void }) {
	return <li>
		<p><strong><Given>{action.kind}</Given></strong> · <a href={link("job", [action.job])}>
			{say("job.title")} <Id of={action.job} /></a></p>
		{Object.keys(action.parameters).length > 0 && <dl class="facts">{Object.entries(action.parameters).map(
			([name, value]) => <div key={name}><dt><Given>{name}</Given></dt><dd><Given>{String(value)}</Given></dd></div>)}</dl>}
		<p class="soft"><Person id={action.person} />, <Time at={action.made_at} /></p>
		{action.person !== session.value?.person && may("action.second") && <Answer reasonFor="no"
			onAnswer={async (agree, reason) => {
				await post("/v1/actions/{action}/agree", { path: { action: action.id }, body: { agree, reason: reason || undefined } });
				notify(say("seconds.answered"));
				onDone();
			}} />}
	</li>;
}

function Actions() {
	const asked = useAsk(signal => get("/v1/actions", { query: { state: "waiting" }, signal }), []);
	return <Loaded of={asked}>{({ actions }) => actions.length === 0 ? <p class="soft">{say("seconds.none")}</p>
		: <ul class="told">{actions.map(action => <WaitingAction key={action.id} action={action} onDone={asked.again} />)}</ul>}
	</Loaded>;
}

export default function Seconds() {
	const asked = useAsk(signal => get("/v1/seconds", { signal }), []);
	return <>
		<Title>{say("page.seconds")}</Title>
		<Loaded of={asked}>{({ waiting, own }) => <>
			<h2>{say("seconds.waiting")}</h2>
			{waiting.length === 0 ? <Empty><p>{say("seconds.nothing")}</p></Empty>
				: <ul class="told">{waiting.map(second => <Waiting key={second.id} second={second} onDone={asked.again} />)}</ul>}
			{own.length > 0 && <><h2>{say("seconds.own")}</h2>
				<ul class="told">{own.map(second => <Waiting key={second.id} second={second} onDone={asked.again} />)}</ul></>}
		</>}</Loaded>
		{may("queue.see") && <><h2>{say("seconds.actions")}</h2><Actions /></>}
	</>;
}
