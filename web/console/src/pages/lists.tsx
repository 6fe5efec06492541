/* The lists that things are compared with: what each says of itself, what is on it, and bringing one in. */
import { useState } from "preact/hooks";
import { get, patch, post, remove, type Schemas, Trouble } from "../base/api";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { go, link, place } from "../base/route";
import { may } from "../base/session";
import { useAsk } from "../base/use";
import { bytes, exactTime, number, say, sayCode } from "../base/words";
import { Button, Check, Choice, CopyButton, Empty, Given, Loaded, TextField, Time, Title } from "../parts/basic";
import { Import } from "../parts/import";
import { useRows } from "../parts/jobrows";
import { Facts, FormDialog, slice, usePaging, whole, YesNo } from "../parts/office";
import "../office.css";

type List = Schemas["List"];
type Entry = Schemas["Entry"];
type Signal = Entry["signals"][number];

const PAGE = 50;
const SENSES = ["deny", "allow", "exclude"] as const;

function Signals({ of }: { of: List["signals"] }) {
	return <>{Object.entries(of).filter(([, count]) => count > 0).map(([type, count]) =>
		<span key={type} class="tag"><bdi dir="ltr">{type}</bdi> {number(count)}</span>)}</>;
}

function Lists() {
	const asked = useAsk(signal => get("/v1/lists", { signal }), []);
	const [text, setText] = useState(""), [importing, setImporting] = useState(false);
	const paging = usePaging();
	const found = (asked.data?.lists ?? []).filter(one => `${one.name} ${one.source}`.toLowerCase().includes(text.trim().toLowerCase()));
	const { rows: shown, next } = slice(found, paging.after, PAGE);
	const rows = useRows(shown, one => go(link("lists", [one.name])));
	const mayChange = may("list.change");
	useCommands(() => [...rows.commands, { key: "r", word: "keys.refresh", run: asked.again },
		...(mayChange ? [{ key: "n", word: "lists.import" as const, run: () => setImporting(true) }] : [])],
		[asked.data, rows.at, text, paging.after]);
	return <>
		<div class="bar"><TextField word="lists.find" type="search" value={text} onValue={text => { setText(text); paging.reset(); }} />
			{mayChange && <Button main keyName="n" onClick={() => setImporting(true)}>{say("lists.import")}</Button>}</div>
		<Loaded of={asked}>{({ lists }) => found.length === 0
			? <Empty><p>{say(lists.length ? "lists.not_found" : "lists.none")}</p></Empty> : <>
			<div class="wide"><table class="rows stacked">
				<caption class="hidden">{say("page.lists")}</caption>
				<thead><tr><th scope="col">{say("lists.name")}</th><th scope="col">{say("lists.sense")}</th>
					<th scope="col" class="number">{say("lists.entries")}</th><th scope="col">{say("lists.signals")}</th>
					<th scope="col">{say("lists.changed")}</th><th scope="col">{say("lists.on")}</th></tr></thead>
				<tbody ref={rows.body}>{shown.map((one, index) => <tr key={one.name} class={index === rows.at ? "at" : undefined}
					onFocusCapture={() => rows.setAt(index)}>
					<td><a href={link("lists", [one.name])}><Given>{one.name}</Given></a> <span class="soft"><Given>{one.source}</Given></span></td>
					<td>{sayCode("lists.is", one.sense)}</td><td class="number" data-name={say("lists.entries")}>{number(one.entries)}</td>
					<td><Signals of={one.signals} /></td><td data-name={say("lists.changed")}><Time at={one.changed} /></td><td data-name={say("lists.on")}><YesNo is={one.enabled} /></td>
				</tr>)}</tbody>
			</table></div>
			{paging.buttons(next)}
		</>}</Loaded>
		{importing && <Import onClose={() => setImporting(false)} onDone={name => go(link("lists", [name]))} />}
	</>;
}

function Change({ of, onClose, onDone }: { of: List; onClose: () => void; onDone: (list: List) => void }) {
	const [source, setSource] = useState(of.source), [licence, setLicence] = useState(of.licence);
	const [sense, setSense] = useState<string>(of.sense), [radius, setRadius] = useState(String(of.radius));
	const [label, setLabel] = useState(of.default_label), [enabled, setEnabled] = useState(of.enabled);
	const [expires, setExpires] = useState(of.expires?.slice(0, 10) ?? "");
	return <FormDialog wide title={say("lists.change")} doWord="office.save" onClose={onClose} onDo={async () => {
		onDone(await patch("/v1/lists/{name}", { path: { name: of.name }, body: { source, licence, sense: sense as List["sense"],
			radius: whole(radius) ?? of.radius, default_label: label.trim(), enabled,
			...(expires === (of.expires?.slice(0, 10) ?? "") ? {} : { expires: expires ? `${expires}T00:00:00Z` : null }) } }));
	}}>
		<Check checked={enabled} onValue={setEnabled}>{say("lists.enabled_says")}</Check>
		<TextField word="lists.source" value={source} onValue={setSource} maxLength={255} />
		<TextField word="lists.licence" value={licence} onValue={setLicence} maxLength={255} />
		<TextField word="lists.label" hint={say("lists.label_hint")} value={label} onValue={setLabel} maxLength={255} dir="ltr" />
		<div class="two">
			<Choice word="lists.sense" hint={sayCode("lists.sense_says", sense)} value={sense} onValue={setSense}
				options={SENSES.map(code => [code, sayCode("lists.is", code)])} />
			<TextField word="lists.radius" hint={say("lists.radius_hint")} type="number" min={0} max={63} value={radius} onValue={setRadius} required />
			<TextField word="lists.expires" hint={say("lists.expires_hint")} type="date" value={expires} onValue={setExpires} />
		</div>
	</FormDialog>;
}

function OpinionForm({ name, signal, onClose }: { name: string; signal: Signal; onClose: () => void }) {
	const [kind, setKind] = useState<string>("affirm"), [reason, setReason] = useState("");
	return <FormDialog title={say("lists.opinion")} doWord="lists.opinion_give" onClose={onClose}
		disabled={kind === "dispute" && !reason.trim()} onDo={async () => {
			await post("/v1/lists/{name}/opinions", { path: { name }, body: { kind: kind as "affirm" | "dispute",
				type: signal.type, signal: signal.signal, reason: reason.trim() || null } as never });
			notify(say("lists.opinion_done"));
		}}>
		<p>{say("lists.opinion_says")}</p>
		<p class="long"><bdi dir="ltr"><code>{signal.type} {signal.signal}</code></bdi></p>
		<Choice word="lists.opinion" value={kind} onValue={setKind} options={[["affirm", say("lists.affirm")], ["dispute", say("lists.dispute")]]} />
		<TextField word="office.reason" value={reason} onValue={setReason} required={kind === "dispute"} maxLength={255} />
	</FormDialog>;
}

function Entries({ of }: { of: List }) {
	const paging = usePaging();
	const [opinion, setOpinion] = useState<Signal>();
	const asked = useAsk(signal => get("/v1/lists/{name}/entries", { path: { name: of.name },
		query: { limit: PAGE, cursor: paging.after }, signal }), [of.name, of.version, paging.after]);
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again }], []);
	/* A cursor is of one version: when the list has changed meanwhile, the walk begins anew. */
	if (asked.error instanceof Trouble && asked.error.status === 409 && paging.after)
		return <div class="problem" role="alert"><p>{say("lists.changed_meanwhile")}</p>
			<Button onClick={() => { paging.reset(); }}>{say("lists.from_start")}</Button></div>;
	return <Loaded of={asked}>{({ entries, next }) => entries.length === 0 ? <Empty><p>{say("lists.no_entries")}</p></Empty> : <>
		<div class="wide"><table class="stacked">
			<caption class="hidden">{say("lists.entries")}</caption>
			<thead><tr><th scope="col" class="number">{say("lists.number")}</th><th scope="col">{say("lists.signals")}</th>
				<th scope="col">{say("lists.labels")}</th><th scope="col">{say("lists.notes")}</th></tr></thead>
			<tbody>{entries.map(entry => <tr key={entry.entry}>
				<td class="number">{number(entry.entry)}</td>
				<td>{entry.signals.map(signal => <div key={signal.signal} class="signal"><bdi dir="ltr"><code title={signal.signal}>
					{signal.type} {signal.signal.length > 24 ? `${signal.signal.slice(0, 20)}…` : signal.signal}</code></bdi>
					<CopyButton text={signal.signal} />
					{may("list.change") && <Button quiet aria-label={`${say("lists.opinion")}: ${number(entry.entry)}, ${signal.type}`}
						onClick={() => setOpinion(signal)}>{say("lists.opinion")}</Button>}</div>)}</td>
				<td>{entry.labels.map(label => <span key={label} class="tag"><bdi dir="ltr">{label}</bdi></span>)}</td>
				<td>{entry.off_until !== undefined && <span class="tag">{entry.off_until === null ? say("lists.off_for_good")
					: say("lists.off_until", { time: exactTime(entry.off_until) })}</span>}
					{entry.quality !== undefined && <span class="soft">{say("lists.quality", { value: entry.quality })} </span>}
					{entry.ref && <Given>{entry.ref}</Given>} {entry.note && <Given>{entry.note}</Given>}</td>
			</tr>)}</tbody>
		</table></div>
		{paging.buttons(next)}
		{opinion && <OpinionForm name={of.name} signal={opinion} onClose={() => setOpinion(undefined)} />}
	</>}</Loaded>;
}

function Delete({ of, onClose }: { of: List; onClose: () => void }) {
	const [typed, setTyped] = useState("");
	return <FormDialog danger title={say("lists.delete")} doWord="lists.delete" onClose={onClose} disabled={typed.trim() !== of.name}
		onDo={async () => {
			await remove("/v1/lists/{name}", { path: { name: of.name } });
			notify(say("lists.deleted", { name: of.name }));
			go(link("lists"), true);
		}}>
		<p>{say("lists.delete_says", { count: of.entries })}</p>
		<TextField word="lists.type_name" value={typed} onValue={setTyped} autocomplete="off" spellcheck={false} dir="ltr" />
	</FormDialog>;
}

function One({ name }: { name: string }) {
	const asked = useAsk(signal => get("/v1/lists/{name}", { path: { name }, signal }), [name]);
	const [over, setOver] = useState<"change" | "import" | "delete">();
	const close = () => setOver(undefined);
	return <Loaded of={asked}>{of => <>
		<h2><Given>{of.name}</Given> {!of.enabled && <span class="tag">{say("lists.off")}</span>}</h2>
		<Facts rows={[
			[say("lists.source"), of.source ? <Given>{of.source}</Given> : "–"],
			[say("lists.licence"), of.licence ? <Given>{of.licence}</Given> : "–"],
			[say("lists.sense"), sayCode("lists.is", of.sense)],
			[say("lists.entries"), <>{number(of.entries)} <Signals of={of.signals} /></>],
			[say("lists.radius"), number(of.radius)],
			[say("lists.expires"), of.expires ? exactTime(of.expires) : say("time.never")],
			[say("lists.changed"), <Time at={of.changed} />],
			[say("lists.size"), bytes(of.bytes)],
		]} />
		{may("list.change") && <div class="buttons">
			<Button onClick={() => setOver("import")}>{say("lists.import_into")}</Button>
			<Button onClick={() => setOver("change")}>{say("office.change")}</Button>
			<Button danger onClick={() => setOver("delete")}>{say("lists.delete")}</Button>
		</div>}
		<h3>{say("lists.entries")}</h3>
		<Entries key={of.version} of={of} />
		{over === "change" && <Change of={of} onClose={close} onDone={asked.set} />}
		{over === "import" && <Import of={of} onClose={close} onDone={asked.again} />}
		{over === "delete" && <Delete of={of} onClose={close} />}
	</>}</Loaded>;
}

export default function ListsPage() {
	const [name] = place.value.rest;
	return <>
		<Title>{say("page.lists")}</Title>
		{name ? <><p><a href={link("lists")}>{say("lists.all")}</a></p><One key={name} name={name} /></> : <Lists />}
	</>;
}
