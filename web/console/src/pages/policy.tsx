/* What is forbidden, what follows, and where jobs go: the policy, its actions, the queues and the routes. */
import { useState } from "preact/hooks";
import { get, put, type Schemas } from "../base/api";
import { useCommands } from "../base/keys";
import { place } from "../base/route";
import { may } from "../base/session";
import { useAsk } from "../base/use";
import { say } from "../base/words";
import { Button, Check, Empty, Given, Loaded, TextArea, TextField, Title } from "../parts/basic";
import { Kinds } from "../parts/kinds";
import { FormDialog, Tabs, whole, words } from "../parts/office";
import { QueueSettings } from "../parts/queues";
import { Routes } from "../parts/routes";
import "../office.css";

type Policy = Schemas["Policy"];

function PolicyForm({ policy, under, onClose, onDone }: { policy?: Policy; under?: string; onClose: () => void;
		onDone: () => void }) {
	const [code, setCode] = useState(policy?.code ?? (under ? `${under}.` : ""));
	const [title, setTitle] = useState(policy?.title ?? ""), [help, setHelp] = useState(policy?.help ?? "");
	const [labels, setLabels] = useState(policy?.labels.join(", ") ?? "");
	const [position, setPosition] = useState(String(policy?.place ?? 0)), [weight, setWeight] = useState(String(policy?.weight ?? 1));
	const [severe, setSevere] = useState(policy?.severe ?? false), [active, setActive] = useState(policy?.active ?? true);
	return <FormDialog wide title={say(policy ? "policy.change" : "policy.new")} doWord="office.save" onClose={onClose}
		onDo={async () => {
			await put("/v1/policies/{policy}", { path: { policy: code.trim() }, body: { title: title.trim(), help: help.trim(),
				labels: words(labels).join(","), place: whole(position) ?? 0, weight: whole(weight) ?? 1, severe, active } });
			onDone();
		}}>
		{!policy && <TextField word="policy.code" hint={say("policy.code_hint")} value={code} onValue={setCode} required
			maxLength={60} spellcheck={false} dir="ltr" autofocus />}
		<TextField word="office.title" value={title} onValue={setTitle} required maxLength={200} />
		<TextArea word="policy.help" hint={say("policy.help_hint")} value={help} onValue={setHelp} maxLength={4000} />
		<TextField word="policy.labels" hint={say("policy.labels_hint")} value={labels} onValue={setLabels} spellcheck={false}
			dir="ltr" />
		<div class="two"><TextField word="office.place" value={position} onValue={setPosition} inputMode="numeric" pattern="\d{1,6}" />
			<TextField word="policy.weight" hint={say("policy.weight_hint")} value={weight} onValue={setWeight}
				inputMode="numeric" pattern="\d{1,6}" /></div>
		<Check checked={severe} onValue={setSevere}>{say("policy.severe_says")}</Check>
		<Check checked={active} onValue={setActive}>{say("office.active")}</Check>
	</FormDialog>;
}

function Branch({ all, of, onChange, onAdd }: { all: Policy[]; of: string | null; onChange: (policy: Policy) => void;
		onAdd: (under: string) => void }) {
	const mine = all.filter(policy => policy.parent === of);
	return mine.length === 0 ? null : <ul class="branch">{mine.map(policy => <li key={policy.code}>
		<div class={policy.active ? "leaf" : "leaf off"}>
			<strong><Given>{policy.title}</Given></strong> <code dir="ltr">{policy.code}</code>
			{policy.severe && <span class="tag urgent">{say("policy.severe")}</span>}
			{!policy.active && <span class="tag">{say("office.inactive")}</span>}
			{policy.labels.map(label => <span key={label} class="tag"><bdi dir="ltr">{label}</bdi></span>)}
			<span class="soft">{say("policy.weighs", { weight: policy.weight })}</span>
			{may("policy.change") && <span class="end">
				<Button quiet onClick={() => onChange(policy)} aria-label={`${say("office.change")}: ${policy.title}`}>{say("office.change")}</Button>
				<Button quiet onClick={() => onAdd(policy.code)} aria-label={`${say("policy.add_under")}: ${policy.title}`}>{say("policy.add_under")}</Button>
			</span>}
			{policy.help && <p class="soft" dir="auto">{policy.help}</p>}
		</div>
		<Branch all={all} of={policy.code} onChange={onChange} onAdd={onAdd} />
	</li>)}</ul>;
}

function Tree() {
	const asked = useAsk(signal => get("/v1/policies", { signal }), []);
	const [over, setOver] = useState<{ policy?: Policy; under?: string }>();
	const mayChange = may("policy.change");
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again },
		...(mayChange ? [{ key: "n", word: "policy.new" as const, run: () => setOver({}) }] : [])], [mayChange]);
	return <>
		<div class="bar"><p class="soft grow">{asked.data && say("policy.count", { count: asked.data.policies.length })}</p>
			{mayChange && <Button main keyName="n" onClick={() => setOver({})}>{say("policy.new")}</Button>}</div>
		<Loaded of={asked}>{({ policies }) => policies.length === 0 ? <Empty><p>{say("policy.none")}</p></Empty>
			: <Branch all={policies} of={null} onChange={policy => setOver({ policy })} onAdd={under => setOver({ under })} />}
		</Loaded>
		{over && <PolicyForm {...over} onClose={() => setOver(undefined)} onDone={asked.again} />}
	</>;
}

export default function PolicyPage() {
	const [given] = place.value.rest;
	const tabs: [string, string][] = [
		...(may("policy.see") ? [["tree", say("policy.tree")], ["routes", say("policy.routes")],
			["kinds", say("policy.kinds")]] as [string, string][] : []),
		...(may("queue.change") ? [["queues", say("policy.queues")]] as [string, string][] : []),
	];
	const at = tabs.find(([name]) => name === given)?.[0] ?? tabs[0]?.[0] ?? "";
	return <>
		<Title>{say("page.policy")}</Title>
		<Tabs page="policy" at={at} tabs={tabs} />
		{at === "tree" && <Tree />}
		{at === "routes" && <Routes />}
		{at === "kinds" && <Kinds />}
		{at === "queues" && <QueueSettings />}
	</>;
}
