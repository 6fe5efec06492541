/* The kinds of action: those that come with ward, and calls of the operator's own. */
import { useState } from "preact/hooks";
import { get, put, type Schemas } from "../base/api";
import { kindTitle } from "../base/desk";
import { useCommands } from "../base/keys";
import { may } from "../base/session";
import { useAsk } from "../base/use";
import { say, sayCode } from "../base/words";
import { Button, Check, Choice, Given, Loaded, TextField } from "./basic";
import { FormDialog, words, YesNo } from "./office";

type Kind = Schemas["ActionKind"];
/** What the person who decides is asked for. */
interface Parameter {
	name: string;
	type: "text" | "number" | "flag" | "choice";
	required?: boolean;
	choices?: string[];
}
const TYPES = ["text", "number", "flag", "choice"] as const;
const PARAMETERS_MAX = 20;

function ParameterForm({ parameter, onValue, onRemove }: { parameter: Parameter; onValue: (parameter: Parameter) => void;
		onRemove: () => void }) {
	const [choices, setChoices] = useState(parameter.choices?.join(", ") ?? "");
	return <fieldset><legend><bdi dir="ltr">{parameter.name || say("kinds.parameter")}</bdi></legend>
		<div class="two">
			<TextField word="kinds.parameter_name" value={parameter.name} onValue={name => onValue({ ...parameter, name })} required
				pattern="[a-z][a-z0-9_.\-]*" dir="ltr" spellcheck={false} />
			<Choice word="kinds.type" value={parameter.type} options={TYPES.map(type => [type, sayCode("kinds.is", type)])}
				onValue={type => onValue({ ...parameter, type: type as Parameter["type"],
					choices: type === "choice" ? words(choices) : undefined })} />
		</div>
		{parameter.type === "choice" && <TextField word="kinds.choices" hint={say("office.commas")} value={choices} required
			onValue={text => { setChoices(text); onValue({ ...parameter, choices: words(text) }); }} />}
		<Check checked={!!parameter.required} onValue={required => onValue({ ...parameter, required })}>{say("kinds.required")}</Check>
		<Button quiet onClick={onRemove}>{say("do.remove")}</Button>
	</fieldset>;
}

function KindForm({ kind, onClose, onDone }: { kind?: Kind; onClose: () => void; onDone: () => void }) {
	const [name, setName] = useState(kind?.name ?? ""), [title, setTitle] = useState(kind?.title ?? "");
	const [url, setUrl] = useState(kind?.url ?? ""), [two, setTwo] = useState(kind?.two_persons ?? false);
	const [active, setActive] = useState(kind?.active ?? true);
	const [parameters, setParameters] = useState((kind?.parameters ?? []) as unknown as Parameter[]);
	const own = !kind?.builtin;
	return <FormDialog wide title={say(kind ? "kinds.change" : "kinds.new")} doWord="office.save" onClose={onClose}
		onDo={async () => {
			await put("/v1/action-kinds/{kind}", { path: { kind: name.trim() }, body: { title: title.trim(), two_persons: two, active,
				...(own ? { url: url.trim(), parameters: parameters as never } : {}) } });
			onDone();
		}}>
		{!kind && <TextField word="kinds.name" hint={say("kinds.name_hint")} value={name} onValue={setName} required dir="ltr"
			pattern="[a-z][a-z0-9_.\-]*" spellcheck={false} maxLength={60} autofocus />}
		<TextField word="office.title" value={title} onValue={setTitle} required maxLength={200} />
		{own && <>
			<TextField word="kinds.url" hint={say("kinds.url_hint")} type="url" value={url} onValue={setUrl} required dir="ltr" />
			{parameters.map((parameter, index) => <ParameterForm key={index} parameter={parameter}
				onValue={changed => setParameters(parameters.map((other, at) => at === index ? changed : other))}
				onRemove={() => setParameters(parameters.filter((_, at) => at !== index))} />)}
			{parameters.length < PARAMETERS_MAX && <Button onClick={() => setParameters([...parameters, { name: "", type: "text" }])}>
				{say("kinds.add_parameter")}</Button>}
		</>}
		<Check checked={two} onValue={setTwo}>{say("kinds.two_says")}</Check>
		<Check checked={active} onValue={setActive}>{say("office.active")}</Check>
	</FormDialog>;
}

export function Kinds() {
	const asked = useAsk(signal => get("/v1/action-kinds", { signal }), []);
	const [over, setOver] = useState<Kind | "new">();
	const mayChange = may("policy.change");
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again },
		...(mayChange ? [{ key: "n", word: "kinds.new" as const, run: () => setOver("new") }] : [])], [mayChange]);
	return <>
		<div class="bar"><p class="soft grow">{say("kinds.says")}</p>
			{mayChange && <Button main keyName="n" onClick={() => setOver("new")}>{say("kinds.new")}</Button>}</div>
		<Loaded of={asked}>{({ kinds }) => <div class="wide"><table class="stacked">
			<caption class="hidden">{say("policy.kinds")}</caption>
			<thead><tr><th scope="col">{say("office.title")}</th><th scope="col">{say("kinds.goes")}</th>
				<th scope="col">{say("kinds.asked")}</th><th scope="col">{say("kinds.two")}</th>
				<th scope="col">{say("office.active")}</th>{mayChange && <th scope="col"><span class="hidden">{say("office.change")}</span></th>}</tr></thead>
			<tbody>{kinds.map(kind => <tr key={kind.name}>
				<td><Given>{kindTitle(kind)}</Given> <code dir="ltr" class="soft">{kind.name}</code></td>
				<td>{kind.builtin ? <span class="soft">{say("kinds.builtin")}</span> : <bdi class="given" dir="ltr">{kind.url ?? ""}</bdi>}</td>
				<td>{(kind.parameters as unknown as Parameter[]).map(parameter =>
					<span key={parameter.name} class="tag"><bdi dir="ltr">{parameter.name}</bdi></span>)}</td>
				<td data-name={say("kinds.two")}><YesNo is={kind.two_persons} /></td>
				<td data-name={say("office.active")}><YesNo is={kind.active} /></td>
				{mayChange && <td><Button quiet aria-label={`${say("office.change")}: ${kind.title}`} onClick={() => setOver(kind)}>{say("office.change")}</Button></td>}
			</tr>)}</tbody>
		</table></div>}</Loaded>
		{over && <KindForm kind={over === "new" ? undefined : over} onClose={() => setOver(undefined)} onDone={asked.again} />}
	</>;
}
