/* A report by hand, as from the telephone: what was said, item by item. It is sealed as it arrives. */
import { useRef, useState } from "preact/hooks";
import { askRaw, type Schemas } from "../base/api";
import { link } from "../base/route";
import { useAct } from "../base/use";
import { number, say, sayCode } from "../base/words";
import { Button, Check, Choice, Field, Problem, TextArea, TextField, Title } from "../parts/basic";
import "../office.css";

type Kind = Schemas["ReportNew"]["items"][number]["kind"];
type Added = Schemas["ReportAdded"];

const KINDS: Kind[] = ["text", "account", "url", "media", "conversation"];
const REPORTERS = ["public", "member", "child", "parent", "teacher", "helpline", "trusted", "hotline", "police"] as const;
const URGENCIES = ["any", "soon", "now"] as const;
const ITEMS_MAX = 20;

interface Item {
	kind: Kind;
	text: string;
	file?: File;
}

const isFilled = (item: Item) => item.kind === "media" ? !!item.file : !!item.text.trim() || !!item.file;

/* One word for one report, so that a second press after a lost answer makes no second one. */
function newKey(): string {
	return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

function ItemForm({ item, at, onItem, onRemove }: { item: Item; at: number; onItem: (item: Item) => void; onRemove?: () => void }) {
	const takesFile = item.kind === "media" || item.kind === "conversation";
	return <fieldset><legend>{say("intake.item", { number: at + 1 })}</legend>
		<Choice word="intake.kind" value={item.kind} options={KINDS.map(kind => [kind, sayCode("intake.is", kind)])}
			onValue={kind => onItem({ ...item, kind: kind as Kind, file: undefined })} />
		{item.kind === "text" || item.kind === "conversation"
			? <TextArea word="intake.words" value={item.text} onValue={text => onItem({ ...item, text })} rows={4} maxLength={100000} />
			: item.kind !== "media" && <TextField word={item.kind === "account" ? "intake.account" : "intake.url"}
				hint={say(item.kind === "account" ? "intake.account_hint" : "intake.url_hint")} value={item.text} dir="ltr"
				onValue={text => onItem({ ...item, text })} spellcheck={false} autocomplete="off" maxLength={4000} />}
		{takesFile && <Field key={item.kind} word="intake.file" hint={say("intake.file_hint")}>{attributes => <input {...attributes} type="file"
			onChange={event => onItem({ ...item, file: event.currentTarget.files?.[0] })} />}</Field>}
		{onRemove && <Button quiet onClick={onRemove}>{say("do.remove")}</Button>}
	</fieldset>;
}

function Kept({ told, onAnew }: { told: Added; onAnew: () => void }) {
	return <section class="narrow">
		<Title>{say("intake.kept")}</Title>
		<p role="status">{say("intake.kept_says")} <a href={link("search", [], { by: "report", value: told.report })}>{say("intake.find")}</a></p>
		{told.receipt && <><p>{say("intake.receipt_says")}</p><p><strong class="code"><bdi dir="ltr">{told.receipt}</bdi></strong></p></>}
		<div class="buttons"><Button main autofocus onClick={onAnew}>{say("intake.anew")}</Button></div>
	</section>;
}

/** As a form when there are files, whose names are ours: their own may say more than they should. */
async function send(report: Schemas["ReportNew"], files: (File | undefined)[], key: string): Promise<Added> {
	const items = report.items.map((item, at) => files[at] ? { ...item, file: `file${at}` } : item);
	const text = JSON.stringify({ ...report, items });
	const headers = { "Idempotency-Key": key };
	if (!files.some(Boolean))
		return (await askRaw("POST", "/v1/reports", text, "application/json", undefined, headers)).json();
	const form = new FormData();
	form.set("report", text);
	files.forEach((file, at) => file && form.set(`file${at}`, file, `file${at}`));
	return (await askRaw("POST", "/v1/reports", form, undefined, undefined, headers)).json();
}

function Form({ onKept }: { onKept: (told: Added) => void }) {
	const [items, setItems] = useState<Item[]>([{ kind: "text", text: "" }]);
	const [reporter, setReporter] = useState<string>("public"), [urgency, setUrgency] = useState<string>("any");
	const [country, setCountry] = useState(""), [contact, setContact] = useState(""), [receipt, setReceipt] = useState(false);
	const key = useRef(newKey());
	const { busy, error, act } = useAct();
	const filled = items.filter(isFilled);
	const set = (at: number, item: Item) => setItems(items.map((other, index) => index === at ? item : other));
	return <section class="narrow">
		<Title>{say("page.intake")}</Title>
		<p class="soft">{say("intake.says")}</p>
		<form onSubmit={event => {
			event.preventDefault();
			void act(async () => onKept(await send({
				reporter: reporter as Schemas["ReportNew"]["reporter"], urgency: urgency as Schemas["ReportNew"]["urgency"],
				country: country.trim().toUpperCase() || undefined, contact: contact.trim() || undefined, receipt: receipt || undefined,
				items: filled.map(({ kind, text, file }) => ({ kind, text: file ? undefined : text.trim() })),
			}, filled.map(item => item.file), key.current)));
		}}>
			<div class="two">
				<Choice word="intake.reporter" value={reporter} onValue={setReporter} options={REPORTERS.map(code => [code, sayCode("fact.reporter", code)])} />
				<Choice word="intake.urgency" hint={say("intake.urgency_hint")} value={urgency} onValue={setUrgency}
					options={URGENCIES.map(code => [code, sayCode("intake.urgent", code)])} />
			</div>
			{items.map((item, at) => <ItemForm key={at} item={item} at={at} onItem={item => set(at, item)}
				onRemove={items.length > 1 ? () => setItems(items.filter((_, index) => index !== at)) : undefined} />)}
			{items.length < ITEMS_MAX && <Button onClick={() => setItems([...items, { kind: "text", text: "" }])}>{say("intake.another")}</Button>}
			<div class="two">
				<TextField word="intake.country" hint={say("intake.country_hint")} value={country} onValue={setCountry} pattern="\s*[A-Za-z]{2}\s*"
					maxLength={4} autocomplete="off" spellcheck={false} />
				<TextField word="intake.contact" hint={say("intake.contact_hint")} value={contact} onValue={setContact} autocomplete="off" maxLength={500} />
			</div>
			<Check checked={receipt} onValue={setReceipt}>{say("intake.receipt")}</Check>
			<Problem error={error} inline />
			<div class="buttons"><Button main submit busy={busy} disabled={filled.length === 0}>{say("intake.keep")}</Button>
				<span class="soft" role="status">{filled.length < items.length && items.length > 1 ? say("intake.filled", { filled: number(filled.length), all: number(items.length) }) : ""}</span></div>
		</form>
	</section>;
}

export default function IntakePage() {
	const [told, setTold] = useState<Added>();
	return told ? <Kept told={told} onAnew={() => setTold(undefined)} /> : <Form onKept={setTold} />;
}
