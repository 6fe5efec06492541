/* What is kept sealed: until when, for whom it is held, its custody, its way out and its end.  Nothing is opened here. */
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../base/api";
import { type Kept, type Letter, mayKeep } from "../base/kept";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { go, link, place } from "../base/route";
import { may, unlockedUntil } from "../base/session";
import { now } from "../base/clock";
import { useAsk } from "../base/use";
import { bytes, exactTime, list, number, say, sayCode } from "../base/words";
import { Acts } from "../parts/acts";
import { Button, Choice, Empty, Given, Id, Loaded, TextArea, TextField, Time, Title } from "../parts/basic";
import { useRows } from "../parts/jobrows";
import { FormDialog, ReasonDialog, Tabs, usePaging } from "../parts/office";
import { Person } from "../parts/person";
import { UnlockForm } from "../parts/vault";
import "../office.css";

const PAGE = 50;
const STATES = ["here", "soon", "due"] as const;

const personOf = (actor: string) => actor.replace(/^person:/, "");

/* ---- what is kept ---- */

function Ends({ of }: { of: Kept }) {
	return <>{of.destroyed_at ? <>{sayCode("kept.is", "destroyed")} <Time at={of.destroyed_at} /></>
		: <><Time at={of.keep_until} />{of.state === "due" && <strong class="urgent"> {sayCode("kept.is", "due")}</strong>}</>}
		{of.authority_until && !of.destroyed_at && <span class="tag">{say("kept.held")}</span>}</>;
}

function KeptRows({ items, rows, job }: { items: Kept[]; rows: ReturnType<typeof useRows<Kept>>; job?: boolean }) {
	return <div class="wide"><table class="rows stacked">
		<caption class="hidden">{say("page.vault")}</caption>
		<thead><tr><th scope="col">{say("kept.item")}</th>{!job && <th scope="col">{say("job.title")}</th>}
			<th scope="col">{say("kept.type")}</th><th scope="col" class="number">{say("kept.size")}</th>
			<th scope="col">{say("kept.sealed")}</th><th scope="col">{say("kept.ends")}</th></tr></thead>
		<tbody ref={rows.body}>{items.map((kept, index) => <tr key={kept.item}
			class={index === rows.at ? "at" : undefined} onFocusCapture={() => rows.setAt(index)}>
			<td>{job && may("vault.export") ? <a href={link("vault", ["custody", kept.item])}><Id of={kept.item} /></a>
				: <Id of={kept.item} />}</td>
			{!job && <td data-name={say("job.title")}><a href={link("vault", ["job", kept.job])}><Id of={kept.job} /></a></td>}
			<td><Given>{kept.type ?? ""}</Given></td>
			<td class="number" data-name={say("kept.size")}>{bytes(kept.bytes)}</td>
			<td data-name={say("kept.sealed")}><Time at={kept.sealed_at} /></td>
			<td data-name={say("kept.ends")}><Ends of={kept} /></td>
		</tr>)}</tbody>
	</table></div>;
}

function Items() {
	const given = place.value.query.get("state") ?? "";
	const state = STATES.find(state => state === given) ?? "here";
	const paging = usePaging();
	const asked = useAsk(signal => get("/v1/vault/items", { query: { state, after: paging.after, limit: PAGE }, signal }),
		[state, paging.after]);
	const items = asked.data?.items ?? [];
	const rows = useRows(items, kept => go(link("vault", ["job", kept.job])));
	useEffect(paging.reset, [state]);
	useCommands(() => [...rows.commands, { key: "r", word: "keys.refresh", run: asked.again }], [items, rows.at]);
	return <section aria-busy={asked.loading}>
		<div class="bar">
			<Choice word="kept.which" value={state} onValue={state => go(link("vault", [], { state }))}
				options={STATES.map(code => [code, sayCode("kept.which", code)] as [string, string])} />
			<Button quiet keyName="r" onClick={asked.again}>{say("do.refresh")}</Button>
		</div>
		<Loaded of={asked}>{({ items }) => items.length === 0 ? <Empty><p>{say("kept.none")}</p></Empty> : <>
			<KeptRows items={items} rows={rows} />
			{paging.buttons(items.length === PAGE ? items[items.length - 1]!.item : undefined)}
		</>}</Loaded>
	</section>;
}

/* ---- letters ---- */

function LetterRows({ letters, job, onRelease }: { letters: Letter[]; job?: boolean; onRelease?: (letter: Letter) => void }) {
	return <div class="wide"><table class="stacked">
		<caption class="hidden">{say("kept.holds")}</caption>
		<thead><tr><th scope="col">{say("kept.reference")}</th><th scope="col">{say("kept.basis")}</th>
			{!job && <th scope="col">{say("job.title")}</th>}
			<th scope="col" class="number">{say("kept.items")}</th><th scope="col">{say("kept.ends")}</th>
			{onRelease && <th scope="col"><span class="hidden">{say("kept.release")}</span></th>}</tr></thead>
		<tbody>{letters.map(letter => <tr key={letter.id}>
			<td>{letter.reference ? <Given>{letter.reference}</Given> : <span class="soft">–</span>}
				{letter.authority && <span class="tag">{say("kept.authority")}</span>}</td>
			<td data-name={say("kept.basis")}><code dir="ltr">{letter.basis}</code></td>
			{!job && <td data-name={say("job.title")}><a href={link("vault", ["job", letter.job])}><Id of={letter.job} /></a></td>}
			<td class="number" data-name={say("kept.items")}>{number(letter.items)}</td>
			<td data-name={say("kept.ends")}>{letter.end_at ? exactTime(letter.end_at) : ""}</td>
			{onRelease && <td><Button quiet onClick={() => onRelease(letter)}>{say("kept.release")}</Button></td>}
		</tr>)}</tbody>
	</table></div>;
}

function Holds() {
	const paging = usePaging();
	const asked = useAsk(signal => get("/v1/vault/holds", { query: { after: paging.after, limit: PAGE }, signal }), [paging.after]);
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again }], []);
	return <Loaded of={asked}>{({ holds }) => holds.length === 0 ? <Empty><p>{say("kept.no_holds")}</p></Empty> : <>
		<LetterRows letters={holds} />
		{paging.buttons(holds.length === PAGE ? holds[holds.length - 1]!.id : undefined)}
	</>}</Loaded>;
}

/* ---- what was destroyed, and the clocks ---- */

function Destructions() {
	const paging = usePaging();
	const asked = useAsk(signal => get("/v1/vault/destructions", { query: { after: paging.after, limit: PAGE }, signal }), [paging.after]);
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again }], []);
	return <Loaded of={asked}>{({ destructions }) => destructions.length === 0 ? <Empty><p>{say("kept.no_destructions")}</p></Empty> : <>
		<div class="wide"><table class="stacked">
			<caption class="hidden">{say("kept.destructions")}</caption>
			<thead><tr><th scope="col">{say("kept.item")}</th><th scope="col">{say("job.title")}</th><th scope="col">{say("job.when")}</th>
				<th scope="col">{say("kept.by")}</th><th scope="col">{say("office.reason")}</th></tr></thead>
			<tbody>{destructions.map(row => <tr key={row.item}>
				<td>{may("vault.export") ? <a href={link("vault", ["custody", row.item])}><Id of={row.item} /></a> : <Id of={row.item} />}</td>
				<td data-name={say("job.title")}><a href={link("vault", ["job", row.job])}><Id of={row.job} /></a></td>
				<td data-name={say("job.when")}><Time at={row.at} /></td>
				<td data-name={say("kept.by")}><Person id={personOf(row.first)} /> · <Person id={personOf(row.second)} /></td>
				<td dir="auto">{row.reason}{row.bases && <span class="soft" dir="ltr"> {row.bases}</span>}</td>
			</tr>)}</tbody>
		</table></div>
		{paging.buttons(destructions.length === PAGE ? destructions[destructions.length - 1]!.item : undefined)}
	</>}</Loaded>;
}

function period(keep: { years: number; months: number; days: number }): string {
	return list((["years", "months", "days"] as const).filter(unit => keep[unit] > 0).map(unit =>
		say(`kept.${unit}`, { count: keep[unit] })));
}

function Clocks() {
	const asked = useAsk(signal => get("/v1/vault/clocks", { signal }), []);
	return <Loaded of={asked}>{({ clocks, notice }) => <>
		<p class="soft" lang="en" dir="ltr">{notice}</p>
		<div class="wide"><table class="stacked">
			<caption class="hidden">{say("kept.clocks")}</caption>
			<thead><tr><th scope="col">{say("kept.basis")}</th><th scope="col">{say("office.title")}</th>
				<th scope="col">{say("kept.place")}</th><th scope="col">{say("kept.period")}</th><th scope="col">{say("kept.source")}</th></tr></thead>
			<tbody>{clocks.map(clock => <tr key={clock.code}>
				<td><code dir="ltr">{clock.code}</code></td>
				<td><span lang="en" dir="ltr">{clock.title}</span>{clock.authority && <span class="tag">{say("kept.authority")}</span>}</td>
				<td data-name={say("kept.place")}>{clock.place ?? say("kept.anywhere")}</td>
				<td data-name={say("kept.period")}>{period(clock.keep)}</td>
				<td lang="en" dir="ltr" class="soft">{clock.source}</td>
			</tr>)}</tbody>
		</table></div>
	</>}</Loaded>;
}

/* ---- one job ---- */

function Hold({ job, onClose, onDone }: { job: string; onClose: () => void; onDone: () => void }) {
	const asked = useAsk(signal => get("/v1/vault/clocks", { signal }), []);
	const [basis, setBasis] = useState("authority"), [reference, setReference] = useState("");
	const [until, setUntil] = useState(""), [reason, setReason] = useState("");
	const clocks = asked.data?.clocks ?? [];
	const authority = clocks.find(clock => clock.code === basis)?.authority ?? false;
	return <FormDialog title={say("kept.hold")} doWord="kept.hold" onClose={onClose}
		disabled={!reason.trim() || (authority && !reference.trim())} onDo={async () => {
			const { held } = await post("/v1/jobs/{job}/holds", { path: { job }, body: { basis, reference: reference.trim(),
				until: until || undefined, reason: reason.trim() } });
			notify(say("kept.hold_done", { count: held }));
			onDone();
		}}>
		<Loaded of={asked}>{({ clocks }) => <Choice word="kept.basis" value={basis} onValue={setBasis}
			options={clocks.map(clock => [clock.code, `${clock.code} · ${clock.title}`] as [string, string])} />}</Loaded>
		<TextField word="kept.reference" hint={say("kept.reference_hint")} value={reference} onValue={setReference}
			required={authority} maxLength={199} autocomplete="off" />
		<TextField word="kept.until" hint={say("kept.until_hint")} type="date" value={until} onValue={setUntil} />
		<TextArea word="office.reason" hint={say("office.reason_hint")} value={reason} onValue={setReason} required maxLength={500} />
	</FormDialog>;
}

function Export({ job, onClose, onDone }: { job: string; onClose: () => void; onDone: () => void }) {
	const [recipient, setRecipient] = useState(""), [key, setKey] = useState(""), [reason, setReason] = useState("");
	if (unlockedUntil.value <= now.value)
		return <FormDialogLocked onClose={onClose} />;
	return <FormDialog wide title={say("kept.export")} doWord="kept.ask" onClose={onClose}
		disabled={!recipient.trim() || !key.trim() || !reason.trim()} onDo={async () => {
			const told = await post("/v1/jobs/{job}/export", { path: { job }, body: { recipient: recipient.trim(), key: key.trim(),
				reason: reason.trim() } });
			notify(say("second" in told ? "office.proposed" : "kept.done"));
			onDone();
		}}>
		<p>{say("kept.export_says")}</p>
		<TextField word="kept.recipient" value={recipient} onValue={setRecipient} required maxLength={127} autocomplete="off" />
		<TextField word="kept.recipient_key" hint={say("kept.recipient_key_hint")} value={key} onValue={setKey} required
			maxLength={80} dir="ltr" spellcheck={false} autocomplete="off" />
		<TextArea word="office.reason" hint={say("office.reason_hint")} value={reason} onValue={setReason} required maxLength={500} />
	</FormDialog>;
}

function FormDialogLocked({ onClose }: { onClose: () => void }) {
	return <section class="card" aria-label={say("kept.export")}><p>{say("kept.unlock_first")}</p><UnlockForm />
		<Button quiet onClick={onClose}>{say("do.cancel")}</Button></section>;
}

function OneJob({ id }: { id: string }) {
	const paging = usePaging();
	const asked = useAsk(signal => get("/v1/jobs/{job}/vault", { path: { job: id }, query: { after: paging.after, limit: PAGE }, signal }),
		[id, paging.after]);
	const mayHold = may("vault.hold");
	const letters = useAsk(signal => mayHold ? get("/v1/jobs/{job}/holds", { path: { job: id }, query: { limit: 200 }, signal })
		: Promise.resolve({ holds: [] as Letter[] }), [id]);
	const [over, setOver] = useState<"hold" | "export" | "destroy" | undefined>(), [releasing, setReleasing] = useState<Letter>();
	const [turn, setTurn] = useState(0);
	const items = asked.data?.items ?? [];
	const there = items.some(kept => kept.state !== "destroyed");
	const rows = useRows(items, kept => may("vault.export") && go(link("vault", ["custody", kept.item])));
	const close = () => setOver(undefined);
	const done = () => { asked.again(); letters.again(); setTurn(turn => turn + 1); };
	useCommands(() => [...rows.commands, { key: "r", word: "keys.refresh", run: done },
		...(there && mayHold ? [{ key: "h", word: "kept.hold" as const, run: () => setOver("hold") }] : []),
		...(there && may("vault.export") ? [{ key: "e", word: "kept.export" as const, run: () => setOver("export") }] : [])],
		[items, rows.at, there]);
	return <>
		<p><a href={link("vault")}>{say("kept.all")}</a> · <a href={link("job", [id])}>{say("kept.to_job")}</a></p>
		<h2>{say("job.title")} <Id of={id} /></h2>
		<Loaded of={asked}>{({ items }) => items.length === 0 ? <Empty><p>{say("kept.none")}</p></Empty> : <>
			{there && <div class="buttons">
				{mayHold && <Button keyName="h" onClick={() => setOver("hold")}>{say("kept.hold")}</Button>}
				{may("vault.export") && <Button keyName="e" onClick={() => setOver("export")}>{say("kept.export")}</Button>}
				{may("vault.destroy") && <Button danger onClick={() => setOver("destroy")}>{say("kept.destroy")}</Button>}
			</div>}
			<KeptRows items={items} rows={rows} job />
			{paging.buttons(items.length === PAGE ? items[items.length - 1]!.item : undefined)}
		</>}</Loaded>
		{mayHold && <><h3>{say("kept.why")}</h3>
			<Loaded of={letters}>{({ holds }) => holds.length === 0 ? <p class="soft">{say("kept.no_holds")}</p>
				: <LetterRows letters={holds} job onRelease={setReleasing} />}</Loaded></>}
		<h3>{say("kept.acts")}</h3>
		<Acts key={turn} about={id} onDone={() => { asked.again(); letters.again(); }} />
		{over === "hold" && <Hold job={id} onClose={close} onDone={done} />}
		{over === "export" && <Export job={id} onClose={close} onDone={done} />}
		{over === "destroy" && <ReasonDialog danger title={say("kept.destroy")} says={say("kept.destroy_says")} doWord="kept.ask"
			onClose={close} onReason={async reason => {
				const told = await post("/v1/jobs/{job}/destruction", { path: { job: id }, body: { reason } });
				notify(say("second" in told ? "office.proposed" : "kept.done"));
				done();
			}} />}
		{releasing && <ReasonDialog danger title={say("kept.release")} says={say("kept.release_says")} doWord="kept.ask"
			onClose={() => setReleasing(undefined)} onReason={async reason => {
				const told = await post("/v1/jobs/{job}/holds/release", { path: { job: id }, body: { basis: releasing.basis,
					reference: releasing.reference ?? "", reason } });
				notify(say("second" in told ? "office.proposed" : "kept.done"));
				done();
			}} />}
	</>;
}

/* ---- custody ---- */

function Custody({ item }: { item: string }) {
	const asked = useAsk(signal => get("/v1/items/{item}/custody", { path: { item }, signal }), [item]);
	return <>
		<p><a href={link("vault")}>{say("kept.all")}</a></p>
		<h2>{say("kept.custody")} <Id of={item} /></h2>
		<Loaded of={asked}>{({ custody }) => <div class="wide"><table class="stacked">
			<caption class="hidden">{say("kept.custody")}</caption>
			<thead><tr><th scope="col" class="number">{say("kept.row")}</th><th scope="col">{say("job.when")}</th><th scope="col">{say("job.who")}</th>
				<th scope="col">{say("job.what")}</th><th scope="col">{say("office.reason")}</th></tr></thead>
			<tbody>{custody.flatMap(one => one.rows).map(row => <tr key={row.number}>
				<td class="number" title={row.self}>{number(row.number)}</td>
				<td data-name={say("job.when")}>{row.at ? exactTime(row.at) : ""}</td>
				<td data-name={say("job.who")}>{row.actor.startsWith("person:") ? <Person id={personOf(row.actor)} /> : <Given>{row.actor}</Given>}</td>
				<td><Given>{row.action}</Given></td>
				<td dir="auto">{row.reason}</td>
			</tr>)}</tbody>
		</table></div>}</Loaded>
	</>;
}

/* ---- the page ---- */

export default function VaultPage() {
	const [part = "items", id] = place.value.rest;
	const tabs: [string, string][] = [["items", say("kept.kept")],
		...(may("vault.hold") ? [["holds", say("kept.holds")] as [string, string]] : []),
		["acts", say("kept.acts")], ["destructions", say("kept.destructions")], ["clocks", say("kept.clocks")]];
	return <>
		<Title>{say("page.vault")}</Title>
		{mayKeep() && <Tabs page="vault" at={tabs.some(([name]) => name === part) ? part : "items"} tabs={tabs} />}
		{part === "job" && id ? <OneJob key={id} id={id} /> : part === "custody" && id ? <Custody key={id} item={id} />
			: part === "holds" ? <Holds /> : part === "acts" ? <Acts /> : part === "destructions" ? <Destructions />
				: part === "clocks" ? <Clocks /> : <Items />}
	</>;
}
