/* Bringing a list in from a file: it is read while it is sent, and nothing is seen of it before all of it is there. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Schemas, Trouble } from "../base/api";
import { session } from "../base/session";
import { useAct } from "../base/use";
import { bytes, number, say, sayCode } from "../base/words";
import { Button, Check, Choice, Field, Given, Problem, TextField } from "./basic";
import { Dialog } from "./dialog";
import { Facts, Meter } from "./office";

type List = Schemas["List"];
type Imported = Schemas["Imported"];

const FORMATS = ["auto", "text", "csv", "tsv", "jsonl", "threatexchange", "vics", "ncmec", "nsrl", "hashkeeper", "md5sum"] as const;
const COUNTS = ["records", "added", "replaced", "removed", "bad", "partly", "degenerate", "low_quality", "harmless", "passed_over"] as const;

/* Of what is sent, fetch tells no progress; the older way does. */
function send(url: string, file: File, onSent: (bytes: number) => void, signal: AbortSignal): Promise<Imported> {
	return new Promise((resolve, reject) => {
		const call = new XMLHttpRequest();
		call.open("POST", url);
		call.setRequestHeader("Content-Type", "application/octet-stream");
		call.setRequestHeader("X-Ward-Token", session.value?.csrf ?? "");
		call.responseType = "json";
		call.upload.onprogress = event => onSent(event.loaded);
		call.onload = () => {
			const told = call.response as { type?: string; detail?: string } | null;
			if (call.status >= 200 && call.status < 300)
				resolve(call.response as Imported);
			else
				reject(new Trouble(call.status, String(told?.type ?? "internal").replace("urn:ward:problem:", ""),
					String(told?.detail ?? ""), Number(call.getResponseHeader("Retry-After")) || 0));
		};
		call.onerror = () => reject(new Trouble(0, "offline", "", 0));
		call.onabort = () => reject(new DOMException("", "AbortError"));
		signal.addEventListener("abort", () => call.abort());
		call.send(file);
	});
}

function Result({ told, onClose }: { told: Imported; onClose: () => void }) {
	return <>
		<p role="status"><strong>{say("import.done")}</strong></p>
		<Facts rows={[
			[say("import.format"), <bdi dir="ltr">{told.format}</bdi>],
			...COUNTS.filter(name => told[name] > 0 || name === "records" || name === "bad")
				.map(name => [sayCode("import.count", name), number(told[name])] as [string, string]),
			...(told.quarantine ? [[say("import.quarantine"), <Given>{told.quarantine}</Given>] as [string, preact.JSX.Element]] : []),
		]} />
		<div class="buttons"><Button main onClick={onClose}>{say("office.done")}</Button></div>
	</>;
}

export function Import({ of, onClose, onDone }: { of?: List; onClose: () => void; onDone: (name: string) => void }) {
	const [name, setName] = useState(of?.name ?? ""), [file, setFile] = useState<File>(), [delta, setDelta] = useState(!!of);
	const [format, setFormat] = useState<string>("auto"), [source, setSource] = useState(of?.source ?? "");
	const [sent, setSent] = useState<number>(), [told, setTold] = useState<Imported>();
	const { busy, error, act } = useAct();
	const stop = useRef<AbortController>();
	useEffect(() => () => stop.current?.abort(), []);
	function close() {
		if (told)
			onDone(told.list.name);
		onClose();
	}
	async function run() {
		const query = new URLSearchParams({ format, ...(delta ? { delta: "true" } : {}), ...(source.trim() ? { source: source.trim() } : {}) });
		stop.current = new AbortController();
		setSent(0);
		try {
			setTold(await send(`/v1/lists/${encodeURIComponent(name.trim())}/import?${query}`, file!, setSent, stop.current.signal));
		} catch (error) {
			setSent(undefined);
			if (!(error instanceof DOMException))
				throw error;
		}
	}
	return <Dialog title={say(of ? "lists.import_into" : "lists.import")} onClose={close}>
		{told ? <Result told={told} onClose={close} /> : <form onSubmit={event => { event.preventDefault(); void act(run); }}>
			{!of && <TextField word="lists.name" hint={say("import.name_hint")} value={name} onValue={setName} required dir="ltr"
				pattern="[a-z0-9][a-z0-9_.\-]*" spellcheck={false} maxLength={60} autofocus />}
			<Field word="import.file" hint={say("import.file_hint")}>{attributes => <input {...attributes} type="file" required
				onChange={event => setFile(event.currentTarget.files?.[0])} />}</Field>
			<Choice word="import.format" value={format} onValue={setFormat}
				options={FORMATS.map(code => [code, code === "auto" ? say("import.auto") : code])} />
			<TextField word="lists.source" value={source} onValue={setSource} maxLength={255} />
			<Check checked={delta} onValue={setDelta}>{say("import.delta")}</Check>
			{!delta && <p class="note">{say("import.replaces")}</p>}
			{sent !== undefined && file && <div aria-live="off"><Meter label={say(sent < file.size ? "import.sending" : "import.reading")}
				value={sent} of={Math.max(1, file.size)} text={say("import.sent", { sent: bytes(Math.min(sent, file.size)), of: bytes(file.size) })} /></div>}
			<Problem error={error} inline />
			<div class="buttons"><Button main submit busy={busy}>{say("import.go")}</Button>
				<Button quiet onClick={() => { stop.current?.abort(); if (!busy) onClose(); }}>{say("do.cancel")}</Button></div>
		</form>}
	</Dialog>;
}
