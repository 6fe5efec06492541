/* What a person makes of a job: an outcome, a policy in the operator's words, why, and what is to follow. */
import { useMemo, useRef, useState } from "preact/hooks";
import { post, type Schemas } from "../base/api";
import { type ActionKind, getOffers, getRules, isInner, kindTitle, type Offers, type Policy, queueTitle, type Rules, takeNext, undoDecision, type WholeJob } from "../base/desk";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { may } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { say, sayCode } from "../base/words";
import { Button, Check, Choice, Given, Loaded, Problem, TextArea, TextField } from "./basic";

type Outcome = Schemas["Decide"]["outcome"];
type Parameter = { name: string; type: "text" | "number" | "flag" | "choice"; required?: boolean; choices?: string[] };
type Values = Record<string, string | boolean>;

const OUTCOMES: { code: Outcome; key: string }[] = [
	{ code: "violation", key: "v" }, { code: "none", key: "o" }, { code: "escalate", key: "e" },
];

/* ---- the policy ---- */

const depth = (policy: Policy) => policy.code.split(".").length - 1;

/* A policy's children follow it. */
function inTree(policies: Policy[]): Policy[] {
	const below = (parent: string | null): Policy[] => policies.filter(policy => policy.active && policy.parent === parent)
		.sort((a, b) => a.place - b.place || a.code.localeCompare(b.code))
		.flatMap(policy => [policy, ...below(policy.code)]);
	return below(null);
}

function PolicyTree({ policies, value, onValue }: { policies: Policy[]; value: string; onValue: (code: string) => void }) {
	const [typed, setTyped] = useState("");
	const tree = useMemo(() => inTree(policies), [policies]);
	const fits = (policy: Policy) => `${policy.code} ${policy.title}`.toLowerCase().includes(typed.trim().toLowerCase());
	const shown = tree.filter(fits);
	const chosen = policies.find(policy => policy.code === value);
	return <fieldset class="policies">
		<legend>{say("decide.policy")}</legend>
		{tree.length > 8 && <input type="search" autocomplete="off" aria-label={say("decide.policy_find")} value={typed} dir="auto"
			placeholder={say("decide.policy_find")} onInput={event => setTyped(event.currentTarget.value)} />}
		<div class="tree">{shown.map(policy => <label key={policy.code} class={`check depth${Math.min(4, depth(policy))}`}>
			<input type="radio" name="policy" value={policy.code} checked={policy.code === value}
				onChange={() => onValue(policy.code)} />
			<span><Given>{policy.title}</Given> <span class="soft"><Given>{policy.code}</Given></span>
				{policy.severe && <span class="tag">{say("decide.severe")}</span>}</span>
		</label>)}
		{tree.length === 0 && <p class="soft">{say("decide.no_policies")}</p>}
		{tree.length > 0 && shown.length === 0 && <p class="soft">{say("palette.nothing")}</p>}</div>
		{chosen && <div class="chosen" aria-live="polite">
			{chosen.help && <p dir="auto">{chosen.help}</p>}
			{chosen.labels.length > 0 && <p>{say("decide.mapped")} {chosen.labels.map(label =>
				<span key={label} class="tag"><Given>{label}</Given></span>)}</p>}
		</div>}
	</fieldset>;
}

/* ---- what follows ---- */

const parametersOf = (kind: ActionKind) =>
	(kind.parameters as unknown as Parameter[]).filter(({ name }) => !isInner(kind, name));

function Parameters({ kind, values, onValues }: { kind: ActionKind; values: Values; onValues: (values: Values) => void }) {
	const offers = useAsk(() => kind.builtin ? getOffers() : Promise.resolve({} as Offers), [kind.name]).data?.[kind.name];
	const set = (name: string, value: string | boolean) => onValues({ ...values, [name]: value });
	return <div class="parameters">{parametersOf(kind).map(({ name, type, required, choices }) => {
		const called = kind.builtin ? sayCode(`given.${kind.name}`, name) : name;
		if (type === "flag")
			return <Check key={name} checked={values[name] === true} onValue={on => set(name, on)}><Given>{called}</Given></Check>;
		const value = String(values[name] ?? "");
		const offered = type === "choice" ? choices?.map(choice => [choice, choice] as [string, string]) : offers?.[name];
		return <label key={name} class="parameter"><Given>{called}</Given>
			{offered
				? <select value={value} required={required} onChange={event => set(name, event.currentTarget.value)}>
					<option value="">…</option>{offered.map(([choice, words]) => <option key={choice} value={choice}>{words}</option>)}
				</select>
				: <input type={type === "number" ? "number" : "text"} step="any" dir="auto" autocomplete="off" value={value} required={required}
					onInput={event => set(name, event.currentTarget.value)} />}
		</label>;
	})}</div>;
}

function told(kind: ActionKind, values: Values): Record<string, unknown> {
	const out: Record<string, unknown> = {};
	for (const { name, type } of parametersOf(kind)) {
		const value = values[name];
		if (type === "flag")
			out[name] = value === true;
		else if (typeof value === "string" && value !== "")
			out[name] = type === "number" ? Number(value) : value;
	}
	return out;
}

function Actions({ kinds, chosen, onChosen }: { kinds: ActionKind[]; chosen: Record<string, Values>;
		onChosen: (chosen: Record<string, Values>) => void }) {
	if (kinds.length === 0)
		return null;
	return <fieldset><legend>{say("decide.actions")}</legend>{kinds.map(kind => {
		const values = chosen[kind.name];
		return <div key={kind.name}>
			<Check checked={!!values} onValue={on => {
				const next = { ...chosen };
				delete next[kind.name];
				onChosen(on ? { ...next, [kind.name]: {} } : next);
			}}><Given>{kindTitle(kind)}</Given>{kind.two_persons && <span class="tag">{say("decide.two_persons")}</span>}</Check>
			{values && parametersOf(kind).length > 0 && <Parameters kind={kind} values={values}
				onValues={values => onChosen({ ...chosen, [kind.name]: values })} />}
		</div>;
	})}</fieldset>;
}

/* ---- the form ---- */

function Form({ job, rules, onDecided }: { job: WholeJob; rules: Rules; onDecided: () => void }) {
	const [outcome, setOutcome] = useState<Outcome | "">(""), [policy, setPolicy] = useState("");
	const [labels, setLabels] = useState(""), [reason, setReason] = useState(""), [queue, setQueue] = useState("");
	const [actions, setActions] = useState<Record<string, Values>>({});
	const { busy, error, act } = useAct();
	const form = useRef<HTMLFormElement>(null);
	const here = rules.queues.find(queue => queue.id === job.queue);
	const kinds = rules.kinds.filter(kind => kind.active && !here?.hidden_actions.includes(kind.name));
	const others = rules.queues.filter(queue => queue.active && queue.id !== job.queue);
	const severe = rules.policies.find(known => known.code === policy)?.severe ?? false;
	const needsReason = outcome === "escalate" || (outcome === "violation" && severe);

	function send(next: boolean) {
		if (!outcome || !form.current?.reportValidity())
			return;
		void act(async () => {
			const made = await post("/v1/jobs/{job}/decisions", { path: { job: job.id }, body: {
				outcome, policy: outcome === "violation" ? policy : undefined, labels: labels.trim() || undefined,
				reason: reason.trim() || undefined, queue: outcome === "escalate" ? queue || undefined : undefined,
				actions: outcome === "violation" ? Object.entries(actions).map(([kind, values]) =>
					({ kind, parameters: told(kinds.find(known => known.name === kind)!, values) })) : undefined,
			} });
			notify(say("decide.done", { outcome: sayCode("outcome", outcome) }), { seconds: made.undo_seconds || 6,
				undo: made.undo_seconds > 0 ? { label: say("decide.undo"), run: () =>
					void undoDecision(made.decision, job.id).catch(() => notify(say("decide.undo_late"), { trouble: true })) }
					: undefined });
			if (!next || !await takeNext(job.queue))
				onDecided();
		});
	}
	function choose(code: Outcome) {
		setOutcome(code);
		/* What was chosen has the focus, so that the arrows go on from there. */
		form.current?.querySelector<HTMLInputElement>(`input[value=${code}]`)?.focus();
	}
	useCommands(() => [
		...OUTCOMES.map(({ code, key }) => ({ key, word: "keys.outcome" as const, text: sayCode("outcome", code),
			run: () => choose(code) })),
		{ key: "Mod+Enter", word: "keys.decide" as const, always: true, run: () => send(true) },
	], [outcome, policy, labels, reason, queue, actions, job]);
	return <form ref={form} class="decide" onSubmit={event => { event.preventDefault(); send(true); }}>
		<fieldset class="outcomes"><legend>{say("decide.outcome")}</legend>{OUTCOMES.map(({ code, key }) =>
			<label key={code} class="check"><input type="radio" name="outcome" value={code} required
				checked={outcome === code} onChange={() => setOutcome(code)} />
				<span>{sayCode("outcome", code)}</span><kbd aria-hidden="true">{key}</kbd></label>)}</fieldset>
		{outcome === "violation" && <>
			<PolicyTree policies={rules.policies} value={policy} onValue={setPolicy} />
			<Actions kinds={kinds} chosen={actions} onChosen={setActions} />
		</>}
		{outcome === "escalate" && (others.length > 0
			? <Choice word="decide.where" value={queue} onValue={setQueue}
				options={[["", "…"], ...others.map(queue => [queue.id, queueTitle(queue)] as [string, string])]} />
			: <p class="note">{say("decide.nowhere")}</p>)}
		{outcome && <TextArea word="decide.reason" hint={say(needsReason ? "decide.reason_needed" : "decide.reason_hint")}
			value={reason} onValue={setReason} required={needsReason} rows={2} maxLength={4000} />}
		{outcome === "violation" && <details><summary>{say("decide.more_labels")}</summary>
			<TextField word="decide.labels" hint={say("decide.labels_hint")} value={labels} onValue={setLabels} dir="ltr"
				spellcheck={false} pattern="\s*[a-z0-9._\-]+:[a-z0-9._\-]+(\s*,\s*[a-z0-9._\-]+:[a-z0-9._\-]+)*\s*" />
		</details>}
		<Problem error={error} inline />
		<div class="buttons">
			<Button main submit busy={busy} disabled={!outcome || (outcome === "violation" && !policy)}
				title={say("keys.decide")}>{say("decide.and_next")}</Button>
			<Button busy={busy} disabled={!outcome || (outcome === "violation" && !policy)} onClick={() => send(false)}>
				{say("decide.only")}</Button>
		</div>
	</form>;
}

export function Decide({ job, onDecided }: { job: WholeJob; onDecided: () => void }) {
	const asked = useAsk(() => getRules(), []);
	if (!may("job.decide"))
		return <p class="soft">{say("decide.may_not")}</p>;
	return <Loaded of={asked}>{rules => <Form key={job.id} job={job} rules={rules} onDecided={onDecided} />}</Loaded>;
}

