/* Reports to authorities: where each stands, what was said to whom, and what a person has to do. */
import { useEffect, useState } from "preact/hooks";
import { get, post, put, type Schemas, Trouble } from "../base/api";
import { approveFiling, filingPath, FILING_STATES, takeOut } from "../base/filings";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { whileShown } from "../base/quiet";
import { go, link, place } from "../base/route";
import { may } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { bytes, exactTime, number, say, sayCode } from "../base/words";
import { Button, Check, Choice, Empty, Field, Given, Id, Loaded, Problem, TextArea, TextField, Time, Title } from "../parts/basic";
import { Dialog } from "../parts/dialog";
import { useRows } from "../parts/jobrows";
import { Facts, FormDialog, ReasonDialog, usePaging } from "../parts/office";
import { Person } from "../parts/person";
import { UnlockForm } from "../parts/vault";
import "../office.css";

type Filing = Schemas["Filing"];
type WholeFiling = Schemas["WholeFiling"];

const PAGE = 50;

function State({ of }: { of: Filing }) {
	return <><strong class={of.state === "failed" ? "urgent" : undefined}>{sayCode("filing.state", of.state)}</strong>
		{of.alert && <span class="tag urgent"> {sayCode("filing.alert", of.alert)}</span>}
		{of.wish && of.state !== "retracting" && <span class="tag">{say("filing.wish")}</span>}
		{of.environment === "test" && <span class="tag">{say("filing.test")}</span>}</>;
}

function List() {
	const given = place.value.query.get("state") ?? "", alert = place.value.query.get("alert") === "true";
	const state = FILING_STATES.find(state => state === given);
	const paging = usePaging();
	const asked = useAsk(signal => get("/v1/filings", { query: { state, alert: alert || undefined,
		after: paging.after, limit: PAGE }, signal }), [state, alert, paging.after]);
	const filings = asked.data?.filings ?? [];
	const rows = useRows(filings, filing => go(link("filings", [filing.id])));
	useEffect(paging.reset, [state, alert]);
	useCommands(() => [...rows.commands, { key: "r", word: "keys.refresh", run: asked.again }], [filings, rows.at]);
	const where = (state: string | undefined, alert: boolean) => go(link("filings", [], { state, alert: alert ? "true" : undefined }));
	return <section aria-busy={asked.loading}>
		<div class="bar">
			<Choice word="job.state" value={state ?? ""} onValue={state => where(state, alert)}
				options={[["", say("filing.any")], ...FILING_STATES.map(code => [code, sayCode("filing.state", code)] as [string, string])]} />
			<Check checked={alert} onValue={alert => where(state, alert)}>{say("filing.only_alert")}</Check>
			<Button quiet keyName="r" onClick={asked.again}>{say("do.refresh")}</Button>
		</div>
		<Loaded of={asked}>{({ filings }) => filings.length === 0 ? <Empty><p>{say("filing.none")}</p></Empty> : <>
			<div class="wide"><table class="rows stacked">
				<caption class="hidden">{say("page.filings")}</caption>
				<thead><tr><th scope="col">{say("filing.report")}</th><th scope="col">{say("job.state")}</th>
					<th scope="col">{say("job.job")}</th><th scope="col" class="number">{say("filing.files")}</th>
					<th scope="col" class="number">{say("filing.approvals")}</th><th scope="col">{say("filing.changed")}</th></tr></thead>
				<tbody ref={rows.body}>{filings.map((filing, index) => <tr key={filing.id}
					class={index === rows.at ? "at" : undefined} onFocusCapture={() => rows.setAt(index)}>
					<td><a href={link("filings", [filing.id])}><Id of={filing.id} /></a>
						{filing.authority !== "ncmec" && <span class="soft"> <bdi>{filing.authority}</bdi></span>}
						{filing.report !== null && <span class="soft"> NCMEC <bdi>{String(filing.report)}</bdi></span>}</td>
					<td><State of={filing} /></td>
					<td data-name={say("job.job")}>{filing.job ? <a href={link("job", [filing.job])}><Id of={filing.job} /></a> : <span class="soft">{say("filing.no_job")}</span>}</td>
					<td class="number" data-name={say("filing.files")}>{say("office.of", { value: filing.files_told, of: filing.files })}</td>
					<td class="number" data-name={say("filing.approvals")}>{say("office.of", { value: filing.approvals, of: filing.persons })}</td>
					<td><Time at={filing.changed_at} /></td>
				</tr>)}</tbody>
			</table></div>
			{paging.buttons(filings.length === PAGE ? filings[filings.length - 1]!.id : undefined)}
		</>}</Loaded>
	</section>;
}

/* As the server has it: a draft is changed until NCMEC has a number for it; what failed, or waits for a person, is sent again. */
const mayChange = (filing: Filing) => filing.state === "draft" || filing.state === "approved" || (filing.state === "failed" && filing.report === null);
const maySendAgain = (filing: Filing) => filing.authority === "ncmec" && (filing.state === "failed" || (filing.state === "approved" && !!filing.alert));

/* The draft's own tree: names as NCMEC's schema has them. */
function Branch({ of }: { of: unknown }) {
	if (Array.isArray(of))
		return <ol class="draft">{of.map((one, index) => <li key={index}><Branch of={one} /></li>)}</ol>;
	if (of !== null && typeof of === "object")
		return <dl class="draft">{Object.entries(of).map(([name, value]) => <div key={name}>
			<dt><code dir="ltr">{name}</code></dt><dd><Branch of={value} /></dd></div>)}</dl>;
	return <Given>{String(of)}</Given>;
}

function Findings({ id }: { id: string }) {
	const asked = useAsk(signal => get("/v1/filings/{filing}/findings", { path: { filing: id }, signal }), [id]);
	return <Loaded of={asked}>{told => told.findings.length === 0 ? <p>{say("filing.sound")}</p> : <>
		<p>{say("filing.found", { errors: told.errors, warnings: told.warnings })}</p>
		<div class="wide"><table class="stacked"><caption class="hidden">{say("filing.findings")}</caption>
			<thead><tr><th scope="col">{say("filing.severity")}</th><th scope="col">{say("filing.where")}</th>
				<th scope="col">{say("filing.what")}</th></tr></thead>
			<tbody>{told.findings.map((finding, index) => <tr key={index}>
				<td><strong class={finding.severity === "error" ? "urgent" : undefined}>{sayCode("filing.is", finding.severity)}</strong></td>
				<td><code dir="ltr" class="long">{finding.path}</code></td>
				<td lang="en" dir="ltr">{finding.says}</td></tr>)}</tbody></table></div>
	</>}</Loaded>;
}

/**
 * What is approved is the text that was read: the button stands under it, and goes with its digest.
 */
function DraftToRead({ filing, onDone, onHide }: { filing: WholeFiling; onDone: () => void; onHide: () => void }) {
	const asked = useAsk(signal => get("/v1/filings/{filing}/draft", { path: { filing: filing.id }, signal }), [filing.id, filing.draft_sha256]);
	const [over, setOver] = useState<"approve" | "change">();
	/* The reason of an approval that waits for the vault to be opened. */
	const [waiting, setWaiting] = useState<string>();
	const { error, act } = useAct();
	const close = () => setOver(undefined);
	useEffect(() => whileShown(onHide), []);
	async function approve(sha256: string, reason: string) {
		const done = await approveFiling(filing.id, sha256, reason);
		notify(say(done ? "filing.approved" : "office.proposed"));
		onDone();
	}
	return <Loaded of={asked}>{told => <>
		<p class="soft long"><code dir="ltr">SHA-256 {told.sha256}</code></p>
		<Branch of={told.draft} />
		<div class="buttons">
			{may("report.approve") && (filing.state === "draft" || filing.approvals < filing.persons) &&
				<Button main onClick={() => setOver("approve")}>{say("filing.approve")}</Button>}
			{mayChange(filing) && <Button onClick={() => setOver("change")}>{say("filing.change")}</Button>}
			<Button onClick={onHide}>{say("filing.hide_draft")}</Button>
		</div>
		{over === "change" && <DraftToChange filing={filing.id} told={told} onClose={close} onDone={onDone} />}
		{over === "approve" && <ReasonDialog title={say("filing.approve")} says={say(filing.authority === "ncmec" ? "filing.approve_says" : "filing.approve_other")} doWord="filing.approve"
			onClose={close} onReason={async reason => {
				try {
					await approve(told.sha256, reason);
				} catch (error) {
					if (!(error instanceof Trouble && error.kind === "locked"))
						throw error;
					setWaiting(reason);
				}
			}} />}
		{waiting !== undefined && <Dialog title={say("vault.unlock")} onClose={() => setWaiting(undefined)}>
			<p>{say("filing.locked")}</p>
			<Problem error={error} inline />
			<UnlockForm onDone={() => void act(async () => {
				await approve(told.sha256, waiting);
				setWaiting(undefined);
			})} />
		</Dialog>}
	</>}</Loaded>;
}

/* The whole draft as text: NCMEC's schema has more names than a form would be worth. */
function DraftToChange({ filing, told, onClose, onDone }: { filing: string; told: Schemas["FilingDraft"]; onClose: () => void;
		onDone: () => void }) {
	const [text, setText] = useState(() => JSON.stringify(told.draft, null, 2));
	const draft = readObject(text);
	return <FormDialog wide title={say("filing.change")} doWord="office.save" onClose={onClose} disabled={!draft}
		onDo={async () => {
			const checked = await put("/v1/filings/{filing}", { path: { filing }, body: { draft: draft as never, sha256: told.sha256 } });
			notify(say("filing.found", { errors: checked.errors, warnings: checked.warnings }), { trouble: checked.errors > 0 });
			onDone();
		}}>
		<p>{say("filing.change_says")}</p>
		<Field word="filing.draft" wrong={draft ? undefined : say("filing.no_json")}>{attributes => <textarea {...attributes} class="text"
			rows={18} dir="ltr" spellcheck={false} value={text} onInput={event => setText(event.currentTarget.value)} />}</Field>
	</FormDialog>;
}

function readObject(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return value !== null && typeof value === "object" && !Array.isArray(value) ? value as Record<string, unknown> : undefined;
	} catch {
		return undefined;
	}
}

function Calls({ of }: { of: WholeFiling }) {
	return of.calls.length === 0 ? <p class="soft">{say("filing.no_calls")}</p> : <div class="wide"><table class="stacked">
		<caption class="hidden">{say("filing.calls")}</caption>
		<thead><tr><th scope="col">{say("filing.call")}</th><th scope="col">{say("filing.when")}</th>
			<th scope="col">{say("filing.outcome")}</th><th scope="col">{say("filing.answer")}</th>
			<th scope="col">{say("filing.request")}</th></tr></thead>
		<tbody>{of.calls.map(call => <tr key={call.number}>
			<td>{number(call.number)}. {sayCode("filing.does", call.call)}</td>
			<td><Time at={call.begun_at} /></td>
			<td>{sayCode("filing.came", call.outcome)}</td>
			<td>{call.status !== null && <bdi dir="ltr">HTTP {call.status}</bdi>}
				{call.code !== null && <bdi dir="ltr"> NCMEC {call.code}</bdi>}
				{call.means && <span class="soft" lang="en" dir="ltr"> {call.means}</span>}</td>
			<td>{call.request_id && <bdi class="long id">{call.request_id}</bdi>}</td>
		</tr>)}</tbody></table></div>;
}

/** What a person says of a report that they sent by an authority's own way. */
function SentDialog({ id, onClose, onDone }: { id: string; onClose: () => void; onDone: () => void }) {
	const [at, setAt] = useState(new Date().toISOString().slice(0, 16)), [reference, setReference] = useState(""), [way, setWay] = useState("");
	return <FormDialog title={say("filing.mark_sent")} doWord="filing.mark_sent" onClose={onClose}
		disabled={!at || !reference.trim() || !way.trim()} onDo={async () => {
			await post("/v1/filings/{filing}/sent", { path: { filing: id },
				body: { at: `${at}:00Z`, reference: reference.trim(), way: way.trim() } });
			notify(say("filing.marked"));
			onDone();
		}}>
		<TextField word="filing.sent_time" type="datetime-local" value={at} onValue={setAt} required />
		<TextField word="filing.their_number" value={reference} onValue={setReference} required maxLength={200} />
		<TextField word="filing.way" hint={say("filing.way_hint")} value={way} onValue={setWay} required maxLength={200} />
	</FormDialog>;
}

function AnswerDialog({ id, onClose, onDone }: { id: string; onClose: () => void; onDone: () => void }) {
	const [text, setText] = useState("");
	return <FormDialog title={say("filing.acknowledge")} doWord="filing.acknowledge" onClose={onClose} disabled={!text.trim()}
		onDo={async () => {
			await post("/v1/filings/{filing}/acknowledged", { path: { filing: id }, body: { text } });
			notify(say("filing.acknowledged"));
			onDone();
		}}>
		<TextArea word="filing.answered" hint={say("filing.answered_hint")} value={text} onValue={setText} rows={8} required maxLength={5000} />
	</FormDialog>;
}

/** A report for another authority: the package, and each step of a person with it. */
function Handover({ filing, onDone }: { filing: WholeFiling; onDone: () => void }) {
	const [over, setOver] = useState<"out" | "sent" | "answer" | "again" | undefined>();
	const close = () => setOver(undefined), made = filing.package;
	const may_hand = may("report.approve"), waits = filing.state === "ready" || filing.state === "downloaded";
	return <>
		<h3>{say("filing.made")}</h3>
		{filing.delivery && <><p class="soft">{say("filing.delivery")}</p><Given>{filing.delivery}</Given></>}
		{!made ? <p class="soft">{say("filing.no_package")}</p> : <>
			{!made.pages && <div class="problem"><p>{say("filing.no_pages")}</p></div>}
			<Facts rows={[
				[say("filing.made"), say("filing.made_is", { size: bytes(made.bytes), time: made.made_at ? exactTime(made.made_at) : "–" })],
				[say("filing.digest"), <code class="long" dir="ltr">{made.sha256 ?? "–"}</code>],
				[say("filing.taken_at"), made.downloaded_at ? exactTime(made.downloaded_at) : "–"],
				[say("filing.sent_at"), made.sent_at ? exactTime(made.sent_at) : "–"],
				[say("filing.way"), made.way ? <Given>{made.way}</Given> : "–"],
				[say("filing.their_number"), made.reference ? <bdi class="long">{made.reference}</bdi> : "–"],
			]} />
			<div class="buttons">
				{may_hand && made.item && <Button main={filing.state === "ready"} onClick={() => setOver("out")}>{say("filing.take_out")}</Button>}
				{may_hand && filing.state === "downloaded" && <Button main onClick={() => setOver("sent")}>{say("filing.mark_sent")}</Button>}
				{may_hand && filing.state === "sent" && <Button main onClick={() => setOver("answer")}>{say("filing.acknowledge")}</Button>}
				{filing.state === "acknowledged" && <a href={filingPath(filing.id, "receipt")} download={`receipt-${filing.id}.txt`}>{say("filing.receipt")}</a>}
				{may_hand && waits && !made.pages && <Button onClick={() => setOver("again")}>{say("filing.make_again")}</Button>}
			</div>
		</>}
		{over === "out" && <ReasonDialog title={say("filing.take_out")} says={say("filing.take_out_says")} doWord="filing.take_out"
			onClose={close} onReason={async reason => {
				await takeOut(filing.id, reason);
				notify(say("filing.taken_out"));
				onDone();
			}} />}
		{over === "again" && <ReasonDialog title={say("filing.make_again")} says={say("filing.make_again_says")} doWord="filing.make_again"
			onClose={close} onReason={async reason => {
				await post("/v1/filings/{filing}/again", { path: { filing: filing.id }, body: { reason } });
				onDone();
			}} />}
		{over === "sent" && <SentDialog id={filing.id} onClose={close} onDone={onDone} />}
		{over === "answer" && <AnswerDialog id={filing.id} onClose={close} onDone={onDone} />}
	</>;
}

function One({ id }: { id: string }) {
	const asked = useAsk(signal => get("/v1/filings/{filing}", { path: { filing: id }, signal }), [id]);
	const [over, setOver] = useState<"retract" | "again" | undefined>(), [reads, setReads] = useState(false);
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again }], []);
	async function ask(what: "retract" | "again", reason: string) {
		await post(`/v1/filings/{filing}/${what}`, { path: { filing: id }, body: { reason } });
		notify(say(what === "again" ? "filing.again_done" : "filing.retract_done"));
		asked.again();
	}
	return <Loaded of={asked}>{filing => {
		const ncmec = filing.authority === "ncmec";
		return <>
		<h2><Id of={filing.id} /> <State of={filing} /></h2>
		{filing.message && <div class="problem"><p lang="en" dir="ltr">{filing.message}</p></div>}
		<Facts rows={[
			ncmec ? [say("filing.number"), filing.report === null ? say("filing.no_number") : <bdi>{String(filing.report)}</bdi>]
				: [say("filing.for"), <Given>{filing.authority_name ?? filing.authority}</Given>],
			[say("filing.reference"), <bdi class="long">{filing.reference}</bdi>],
			[say("job.job"), filing.job ? <a href={link("job", [filing.job])}><Id of={filing.job} /></a> : say("filing.no_job")],
			[say("filing.approvals"), say("office.of", { value: filing.approvals, of: filing.persons })],
			[say("filing.files"), say("filing.files_are", { files: filing.files, sent: filing.files_sent, told: filing.files_told })],
			[say("filing.created"), filing.created_at ? exactTime(filing.created_at) : "–"],
			[say("filing.approved_at"), filing.approved_at ? exactTime(filing.approved_at) : "–"],
			[say("filing.finished_at"), filing.finished_at ? exactTime(filing.finished_at) : "–"],
			[say("filing.next_try"), filing.due_at ? <><Time at={filing.due_at} />, {say("filing.tries", { count: filing.tries })}</> : "–"],
		]} />
		<div class="buttons">
			{filing.state === "finished" && <a href={filingPath(id, "receipt")} download={`receipt-${filing.report ?? id}.xml`}>{say("filing.receipt")}</a>}
			{ncmec && may("report.approve") && filing.approved_at && <a href={filingPath(id, "package")} download={`report-${id}.tar`}>{say("filing.package")}</a>}
			{may("report.approve") && maySendAgain(filing) && <Button onClick={() => setOver("again")}>{say("filing.again")}</Button>}
			{may("report.retract") && !["finished", "retracted", "abandoned", "retracting", "sent", "acknowledged"].includes(filing.state) &&
				<Button danger onClick={() => setOver("retract")}>{say("filing.retract")}</Button>}
		</div>
		{!ncmec && <Handover filing={filing} onDone={asked.again} />}
		{may("report.prepare") && <>
			<h3>{say("filing.findings")}</h3><Findings key={filing.draft_sha256} id={id} />
			<h3>{say("filing.draft")}</h3>
			{reads ? <DraftToRead filing={filing} onDone={asked.again} onHide={() => setReads(false)} />
				: <><p class="soft">{say("filing.draft_says")}</p><Button onClick={() => setReads(true)}>{say("filing.read_draft")}</Button></>}
		</>}
		<h3>{say("filing.approved_by")}</h3>
		{filing.approved_by.length === 0 ? <p class="soft">{say("filing.nobody_yet")}</p>
			: <ul class="things">{filing.approved_by.map((one, index) => <li key={index}><Person id={one.person} /> <Time at={one.at} />
				<Given>{one.reason}</Given>{!one.counts && <span class="tag">{say("filing.other_draft")}</span>}</li>)}</ul>}
		<h3>{say("filing.files")}</h3>
		{filing.file_list.length === 0 ? <p class="soft">{say("filing.no_files")}</p>
			: <div class="wide"><table class="stacked"><caption class="hidden">{say("filing.files")}</caption>
				<thead><tr><th scope="col">{say("filing.file")}</th><th scope="col">{say("job.state")}</th>
					<th scope="col" class="number">{say("filing.size")}</th><th scope="col">{say("filing.ncmec_id")}</th>
					<th scope="col">{say("filing.viewed")}</th></tr></thead>
				<tbody>{filing.file_list.map(file => <tr key={file.number}>
					<td>{number(file.number)}. <Id of={file.item} /></td><td>{sayCode("filing.file_is", file.state)}</td>
					<td class="number">{bytes(file.size)}</td><td data-name={say("filing.ncmec_id")}>{file.file && <bdi class="long id">{file.file}</bdi>}</td>
					<td data-name={say("filing.viewed")}>{say(file.viewed ? "office.yes" : "office.no")}</td></tr>)}</tbody></table></div>}
		{ncmec && <><h3>{say("filing.calls")}</h3><Calls of={filing} /></>}
		<h3>{say("filing.history")}</h3>
		<div class="wide"><table class="stacked"><caption class="hidden">{say("filing.history")}</caption>
			<thead><tr><th scope="col">{say("filing.when")}</th><th scope="col">{say("filing.who")}</th>
				<th scope="col">{say("filing.what")}</th><th scope="col">{say("office.reason")}</th></tr></thead>
			<tbody>{filing.history.map(row => <tr key={row.number}>
				<td><Time at={row.at} /></td>
				<td>{row.actor.startsWith("person:") ? <Person id={row.actor.slice(7)} /> : <Given>{row.actor}</Given>}
					{row.role && <span class="soft"> {sayCode("role", row.role)}</span>}</td>
				<td><code dir="ltr">{row.action}</code></td><td><Given>{row.reason}</Given></td></tr>)}</tbody></table></div>
		{over === "retract" && <ReasonDialog danger title={say("filing.retract")} says={say("filing.retract_says")} doWord="filing.retract"
			onClose={() => setOver(undefined)} onReason={reason => ask("retract", reason)} />}
		{over === "again" && <ReasonDialog title={say("filing.again")} says={say("filing.again_says")} doWord="filing.again"
			onClose={() => setOver(undefined)} onReason={reason => ask("again", reason)} />}
	</>; }}</Loaded>;
}

export default function FilingsPage() {
	const [id] = place.value.rest;
	return <>
		<Title>{say("page.filings")}</Title>
		{id ? <><p><a href={link("filings")}>{say("filing.all")}</a></p><One key={id} id={id} /></> : <List />}
	</>;
}
