/* What comes after a decision: what was decided lately, appeals, actions that could not leave, and the strikes of an account. */
import { useState } from "preact/hooks";
import { get, post, type Schemas } from "../base/api";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { go, link, place } from "../base/route";
import { may } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { number, say, sayCode } from "../base/words";
import { Button, Choice, Empty, Given, Id, Loaded, Problem, TextArea, TextField, Time, Title } from "../parts/basic";
import { Decided } from "../parts/decided";
import { Dialog } from "../parts/dialog";
import { useRows } from "../parts/jobrows";
import { FormDialog, Tabs, usePaging } from "../parts/office";
import { Person } from "../parts/person";
import { SealedWords } from "../parts/sealed";
import "../office.css";

type Appeal = Schemas["Appeal"];
const SETTLED = ["upheld", "reversed"] as const;
const STATES = ["open", "upheld", "reversed"] as const;
const PAGE = 50;

/** Its words and the answer to it, together: nobody answers what they have not had before them. */
function One({ appeal, onClose, onDone }: { appeal: Appeal; onClose: () => void; onDone: () => void }) {
	const [answer, setAnswer] = useState<typeof SETTLED[number]>(), [reason, setReason] = useState("");
	const about = <>
		<p><a href={link("job", [appeal.job])}>{say("job.title")} <Id of={appeal.job} /></a> · <Time at={appeal.at} /></p>
		{appeal.item ? <SealedWords read={() => post("/v1/appeals/{appeal}/text", { path: { appeal: appeal.id }, body: {} })} />
			: <p class="soft">{say("appeals.no_words")}</p>}
	</>;
	if (appeal.state !== "open")
		return <Dialog title={say("appeals.appeal")} onClose={onClose}>{about}
			<div class="buttons"><Button main onClick={onClose}>{say("office.done")}</Button></div></Dialog>;
	return <FormDialog title={say("appeals.appeal")} doWord="appeals.answer" onClose={onClose} before={about}
		danger={answer === "reversed"} disabled={!answer || !reason.trim()} onDo={async () => {
			await post("/v1/appeals/{appeal}/settle", { path: { appeal: appeal.id }, body: { reverse: answer === "reversed", reason: reason.trim() } });
			notify(say("appeals.done"));
			onDone();
		}}>
		<fieldset><legend>{say("appeals.answer")}</legend>{SETTLED.map(code => <label key={code} class="check">
			<input type="radio" name="answer" value={code} checked={answer === code} onChange={() => setAnswer(code)} />
			<span>{say(code === "upheld" ? "appeals.uphold" : "appeals.reverse")}<br />
				<span class="soft">{say(code === "upheld" ? "appeals.uphold_says" : "appeals.reverse_says")}</span></span></label>)}</fieldset>
		<TextArea word="office.reason" hint={say("office.reason_hint")} value={reason} onValue={setReason} required maxLength={500} />
	</FormDialog>;
}

function Appeals() {
	const given = place.value.query.get("state");
	const state = STATES.find(state => state === given) ?? "open";
	const paging = usePaging();
	const asked = useAsk(signal => get("/v1/appeals", { query: { state, after: paging.after, limit: PAGE }, signal }), [state, paging.after]);
	const appeals: Appeal[] = asked.data?.appeals ?? [];
	const rows = useRows(appeals, appeal => go(link("job", [appeal.job])));
	const [over, setOver] = useState<Appeal>();
	useCommands(() => [...rows.commands, { key: "r", word: "keys.refresh", run: asked.again }], [appeals, rows.at]);
	return <>
		<div class="bar"><Choice word="job.state" value={state} options={STATES.map(code => [code, sayCode("appeals.is", code)])}
			onValue={state => { paging.reset(); go(link("appeals", ["appeals"], { state })); }} />
			<Button quiet keyName="r" onClick={asked.again}>{say("do.refresh")}</Button></div>
		<Loaded of={asked}>{({ appeals }) => appeals.length === 0 ? <Empty><p>{say("appeals.none")}</p></Empty> : <>
			<div class="wide"><table class="rows stacked">
				<caption class="hidden">{say("appeals.appeals")}</caption>
				<thead><tr><th scope="col">{say("job.job")}</th><th scope="col">{say("appeals.came")}</th>
					<th scope="col">{say("job.state")}</th><th scope="col">{say("appeals.settled")}</th></tr></thead>
				<tbody ref={rows.body}>{appeals.map((appeal, index) => <tr key={appeal.id} class={index === rows.at ? "at" : undefined}
					onFocusCapture={() => rows.setAt(index)}>
					<td><a href={link("job", [appeal.job])}><Id of={appeal.job} /></a></td>
					<td><Time at={appeal.at} /></td><td>{sayCode("appeals.is", appeal.state)}</td>
					<td>{appeal.state === "open" ? <Button onClick={() => setOver(appeal)}>{say("appeals.open")}</Button>
						: <>{appeal.person && <Person id={appeal.person} />} <Time at={appeal.settled_at} />{" "}
							{appeal.item && <Button quiet onClick={() => setOver(appeal)}>{say("ladder.read")}</Button>}</>}</td>
				</tr>)}</tbody>
			</table></div>
			{paging.buttons(appeals.length === PAGE ? appeals[appeals.length - 1]!.id : undefined)}
		</>}</Loaded>
		{over && <One appeal={over} onClose={() => setOver(undefined)} onDone={asked.again} />}
	</>;
}

type SiteAppeal = Schemas["SiteAppeal"];
const SITE_STATES = ["open", "kept", "lifted"] as const;

/** A block that somebody says is a mistake, and the answer: nobody answers what they have not had before them. */
function OneBlock({ appeal, onClose, onDone }: { appeal: SiteAppeal; onClose: () => void; onDone: () => void }) {
	const [answer, setAnswer] = useState<"keep" | "lift">(), [reason, setReason] = useState("");
	const about = <>
		<p><Given>{appeal.host ?? appeal.entry}</Given> · {sayCode("appeals.site_why", appeal.blocked)} · <Time at={appeal.at} /></p>
		<blockquote lang={appeal.language}><Given>{appeal.words}</Given></blockquote>
		{appeal.contact && <p>{say("appeals.site_contact")}: <Given>{appeal.contact}</Given></p>}
		{appeal.ordered && <p class="soft">{say("appeals.site_ordered")}</p>}
	</>;
	const answers = appeal.ordered ? ["keep"] as const : ["keep", "lift"] as const;
	return <FormDialog title={say("appeals.site")} doWord="appeals.answer" onClose={onClose} before={about}
		disabled={!answer || !reason.trim()} onDo={async () => {
			await post("/v1/site/appeals/{appeal}/settle", { path: { appeal: appeal.id }, body: { lift: answer === "lift", reason: reason.trim() } });
			notify(say("appeals.site_done"));
			onDone();
		}}>
		<fieldset><legend>{say("appeals.answer")}</legend>{answers.map(code => <label key={code} class="check">
			<input type="radio" name="answer" value={code} checked={answer === code} onChange={() => setAnswer(code)} />
			<span>{say(code === "keep" ? "appeals.site_keep" : "appeals.site_lift")}<br />
				<span class="soft">{say(code === "keep" ? "appeals.site_keep_says" : "appeals.site_lift_says")}</span></span></label>)}</fieldset>
		<TextArea word="office.reason" hint={say("office.reason_hint")} value={reason} onValue={setReason} required maxLength={500} />
	</FormDialog>;
}

function Blocks() {
	const given = place.value.query.get("state");
	const state = SITE_STATES.find(state => state === given) ?? "open";
	const paging = usePaging();
	const asked = useAsk(signal => get("/v1/site/appeals", { query: { state, after: paging.after, limit: PAGE }, signal }), [state, paging.after]);
	const [over, setOver] = useState<SiteAppeal>();
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again }], []);
	return <>
		<p class="soft">{say("appeals.site_says")}</p>
		<div class="bar"><Choice word="job.state" value={state} options={SITE_STATES.map(code => [code, sayCode("appeals.site_is", code)])}
			onValue={state => { paging.reset(); go(link("appeals", ["blocks"], { state })); }} />
			<Button quiet keyName="r" onClick={asked.again}>{say("do.refresh")}</Button></div>
		<Loaded of={asked}>{({ appeals }) => appeals.length === 0 ? <Empty><p>{say("appeals.site_none")}</p></Empty> : <>
			<div class="wide"><table class="stacked">
				<caption class="hidden">{say("appeals.site")}</caption>
				<thead><tr><th scope="col">{say("appeals.site_page")}</th><th scope="col">{say("appeals.site_list")}</th>
					<th scope="col">{say("appeals.came")}</th><th scope="col">{say("appeals.site_words")}</th><th scope="col">{say("appeals.settled")}</th></tr></thead>
				<tbody>{appeals.map(appeal => <tr key={appeal.id}>
					<td><Given>{appeal.host ?? appeal.entry}</Given></td>
					<td><Given>{appeal.list}</Given> <span class="soft">{sayCode("appeals.site_why", appeal.blocked)}</span></td>
					<td><Time at={appeal.at} /></td><td><Given>{appeal.state === "open" ? appeal.words.slice(0, 120) : appeal.reason ?? ""}</Given></td>
					<td>{appeal.state === "open" ? <Button onClick={() => setOver(appeal)}>{say("appeals.open")}</Button>
						: <>{appeal.person && <Person id={appeal.person.replace(/^person:/, "")} />} <Time at={appeal.settled_at} />
							{appeal.state === "lifted" && !appeal.applied_at && <> <span class="soft">{say("appeals.site_soon")}</span></>}</>}</td>
				</tr>)}</tbody>
			</table></div>
			{paging.buttons(appeals.length === PAGE ? appeals[appeals.length - 1]!.id : undefined)}
		</>}</Loaded>
		{over && <OneBlock appeal={over} onClose={() => setOver(undefined)} onDone={asked.again} />}
	</>;
}

function Dead() {
	const paging = usePaging();
	const asked = useAsk(signal => get("/v1/actions", { query: { state: "dead", after: paging.after, limit: PAGE }, signal }), [paging.after]);
	const { busy, error, act } = useAct();
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again }], []);
	return <>
		<p class="soft">{say("dead.says")}</p>
		<Problem error={error} inline />
		<Loaded of={asked}>{({ actions }) => actions.length === 0 ? <Empty><p>{say("dead.none")}</p></Empty> : <>
			<div class="wide"><table class="stacked">
				<caption class="hidden">{say("dead.title")}</caption>
				<thead><tr><th scope="col">{say("dead.kind")}</th><th scope="col">{say("job.job")}</th><th scope="col">{say("dead.made")}</th>
					<th scope="col" class="number">{say("dead.tries")}</th><th scope="col">{say("dead.answer")}</th>
					{may("policy.change") && <th scope="col"><span class="hidden">{say("dead.revive")}</span></th>}</tr></thead>
				<tbody>{actions.map(action => <tr key={action.id}>
					<td><Given>{action.kind}</Given></td><td><a href={link("job", [action.job])}><Id of={action.job} /></a></td>
					<td><Time at={action.made_at} /> <span class="soft"><Person id={action.person} /></span></td>
					<td class="number" data-name={say("dead.tries")}>{number(action.tries)}</td><td><Given>{action.answer}</Given></td>
					{may("policy.change") && <td><Button busy={busy} onClick={() => act(async () => {
						await post("/v1/actions/{action}/revive", { path: { action: action.id } });
						notify(say("dead.revived"));
						asked.again();
					})}>{say("dead.revive")}</Button></td>}
				</tr>)}</tbody>
			</table></div>
			{paging.buttons(actions.length === PAGE ? actions[actions.length - 1]!.id : undefined)}
		</>}</Loaded>
	</>;
}

function Strikes() {
	const [account, setAccount] = useState(""), [told, setTold] = useState<{ account: string; weight: number }>();
	const { busy, error, act } = useAct();
	return <section class="narrow">
		<p class="soft">{say("strikes.says")}</p>
		<form class="inline" onSubmit={event => {
			event.preventDefault();
			void act(async () => setTold({ account, ...await get("/v1/strikes", { query: { account: account.trim() } }) }));
		}}>
			<TextField word="strikes.account" value={account} onValue={setAccount} required spellcheck={false} autocomplete="off" maxLength={300} />
			<Button main submit busy={busy}>{say("strikes.go")}</Button>
		</form>
		<Problem error={error} inline />
		<p role="status">{told && told.account === account && <><Given>{told.account}</Given>: <strong>{say("strikes.weight", { count: told.weight })}</strong></>}</p>
	</section>;
}

export default function AppealsPage() {
	const [given] = place.value.rest;
	const tabs: [string, string][] = [
		...(may("queue.see") && (may("job.decide") || may("job.search")) ? [["decided", say("job.decisions")]] as [string, string][] : []),
		...(may("appeal.decide") ? [["appeals", say("appeals.appeals")]] as [string, string][] : []),
		...(may("appeal.decide") ? [["blocks", say("appeals.site")]] as [string, string][] : []),
		...(may("queue.see") ? [["dead", say("dead.title")]] as [string, string][] : []),
		...(may("job.search") ? [["strikes", say("strikes.title")]] as [string, string][] : []),
	];
	const at = tabs.find(([name]) => name === given)?.[0] ?? tabs[0]?.[0];
	return <>
		<Title>{say("page.appeals")}</Title>
		<Tabs page="appeals" at={at ?? ""} tabs={tabs} />
		{at === "decided" && <Decided />}
		{at === "appeals" && <Appeals />}
		{at === "blocks" && <Blocks />}
		{at === "dead" && <Dead />}
		{at === "strikes" && <Strikes />}
	</>;
}
