/* Where jobs go: rules in their order, and what one would have done with the jobs that are there. */
import { useState } from "preact/hooks";
import { get, post, put, remove, type Schemas } from "../base/api";
import { queueTitle } from "../base/desk";
import { useCommands } from "../base/keys";
import { may } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { list, number, say, sayCode } from "../base/words";
import { Button, Choice, Empty, Given, Loaded, Problem, TextField } from "./basic";
import { FormDialog, Meter, whole, words } from "./office";

type Route = Schemas["Route"];
type Conditions = Record<string, unknown>;
type Trial = Schemas["Trial"];

const MODES = ["draft", "test", "live"] as const;
/* As the desk knows them: each is one word, or several of which one is enough. */
const KINDS = ["channel", "reporter", "kind", "finding", "list", "language", "country", "label"] as const;

function alternatives(value: unknown): string[] {
	return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
}

function ConditionTags({ of }: { of: Conditions }) {
	const told = Object.entries(of);
	if (told.length === 0)
		return <span class="soft">{say("routes.always")}</span>;
	return <>{told.map(([name, value]) => <span key={name} class="tag">{name === "urgent"
		? say(value ? "routes.urgent_yes" : "routes.urgent_no")
		: <>{sayCode("routes.by", name)}: <Given>{name === "reporter" || name === "channel" || name === "finding"
			? list(alternatives(value).map(word => sayCode(`fact.${name}`, word))) : alternatives(value).join(", ")}</Given></>}</span>)}</>;
}

interface Draft {
	position: string;
	mode: string;
	queue: string;
	priority: string;
	words: Record<string, string>;
	urgent: string;
	strikes: string;
}

function draftOf(route: Route | undefined): Draft {
	const conditions = (route?.conditions ?? {}) as Conditions;
	return {
		position: String(route?.place ?? 0), mode: route?.mode ?? "draft", queue: route?.queue ?? "inbox",
		priority: route?.priority === null || !route ? "" : String(route.priority),
		words: Object.fromEntries(KINDS.map(kind => [kind, alternatives(conditions[kind]).join(", ")])),
		urgent: conditions.urgent === undefined ? "" : String(conditions.urgent),
		strikes: conditions.strikes_min === undefined ? "" : String(conditions.strikes_min),
	};
}

function bodyOf(draft: Draft): Schemas["RouteChange"] {
	const conditions: Conditions = {};
	for (const kind of KINDS) {
		const given = words(draft.words[kind] ?? "");
		if (given.length)
			conditions[kind] = given.length === 1 ? given[0] : given;
	}
	if (draft.urgent)
		conditions.urgent = draft.urgent === "true";
	if (whole(draft.strikes) !== undefined)
		conditions.strikes_min = whole(draft.strikes);
	return { place: whole(draft.position) ?? 0, mode: draft.mode as Route["mode"], queue: draft.queue,
		priority: whole(draft.priority), conditions: conditions as never };
}

/** What a rule would have done. Nothing is moved by asking. */
function TryIt({ draft }: { draft: Draft }) {
	const [trial, setTrial] = useState<{ of: string; told: Trial }>();
	const { busy, error, act } = useAct();
	const now = JSON.stringify(draft);
	return <fieldset><legend>{say("routes.try")}</legend>
		<p class="hint">{say("routes.try_says")}</p>
		<Button busy={busy} onClick={() => act(async () => {
			setTrial({ of: now, told: await post("/v1/routes/try", { body: bodyOf(draft) }) });
		})}>{say("routes.try_go")}</Button>
		<Problem error={error} inline />
		<div aria-live="polite">{trial?.of === now && <>
			<Meter label={say("routes.matched")} value={trial.told.matched} of={trial.told.looked_at} />
			<Meter label={say("routes.moved")} value={trial.told.moved} of={trial.told.looked_at} />
			{trial.told.looked_at === 0 && <p class="soft">{say("routes.no_jobs")}</p>}
		</>}</div>
	</fieldset>;
}

function RouteForm({ route, queues, onClose, onDone }: { route?: Route; queues: Schemas["Queue"][]; onClose: () => void;
		onDone: () => void }) {
	const [draft, setDraft] = useState(() => draftOf(route));
	const set = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });
	return <FormDialog wide title={say(route ? "routes.change" : "routes.new")} doWord="office.save" onClose={onClose}
		onDo={async () => {
			if (route)
				await put("/v1/routes/{route}", { path: { route: route.id }, body: bodyOf(draft) });
			else
				await post("/v1/routes", { body: bodyOf(draft) });
			onDone();
		}}>
		<div class="two">
			<Choice word="routes.mode" hint={sayCode("routes.mode_says", draft.mode)} value={draft.mode}
				options={MODES.map(mode => [mode, sayCode("routes.is", mode)])} onValue={mode => set({ mode })} />
			<Choice word="routes.queue" value={draft.queue} onValue={queue => set({ queue })} options={
				(queues.some(queue => queue.id === draft.queue) ? queues.map(queue => [queue.id, queueTitle(queue)] as [string, string])
					: [[draft.queue, draft.queue], ...queues.map(queue => [queue.id, queueTitle(queue)] as [string, string])])} />
			<TextField word="office.place" hint={say("routes.place_hint")} value={draft.position} inputMode="numeric" pattern="\d{1,6}"
				onValue={position => set({ position })} />
			<TextField word="routes.priority" hint={say("routes.priority_hint")} value={draft.priority} type="number" min={0} max={100}
				onValue={priority => set({ priority })} />
		</div>
		<fieldset><legend>{say("routes.conditions")}</legend>
			<p class="hint">{say("routes.conditions_hint")}</p>
			<div class="two">{KINDS.map(kind => <label key={kind} class="field small"><span>{sayCode("routes.by", kind)}</span>
				<input value={draft.words[kind]} spellcheck={false} dir="ltr"
					onInput={event => set({ words: { ...draft.words, [kind]: event.currentTarget.value } })} /></label>)}
			<Choice word="routes.urgent" value={draft.urgent} onValue={urgent => set({ urgent })} options={[["", say("routes.either")],
				["true", say("routes.urgent_yes")], ["false", say("routes.urgent_no")]]} />
			<TextField word="routes.strikes" value={draft.strikes} inputMode="numeric" pattern="\d{1,6}" onValue={strikes => set({ strikes })} />
			</div>
		</fieldset>
		<TryIt draft={draft} />
	</FormDialog>;
}

export function Routes() {
	const asked = useAsk(async signal => {
		const [{ routes }, { queues }] = await Promise.all([get("/v1/routes", { signal }),
			may("queue.see") ? get("/v1/queues", { signal }) : { queues: [] as Schemas["Queue"][] }]);
		return { routes, queues };
	}, []);
	const [over, setOver] = useState<{ what: "form" | "remove"; route?: Route }>();
	const close = () => setOver(undefined);
	const mayChange = may("policy.change");
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again },
		...(mayChange ? [{ key: "n", word: "routes.new" as const, run: () => setOver({ what: "form" }) }] : [])], [mayChange]);
	return <>
		<div class="bar"><p class="soft grow">{say("routes.says")}</p>
			{mayChange && <Button main keyName="n" onClick={() => setOver({ what: "form" })}>{say("routes.new")}</Button>}</div>
		<Loaded of={asked}>{({ routes, queues }) => routes.length === 0 ? <Empty><p>{say("routes.none")}</p></Empty>
			: <div class="wide"><table class="stacked">
				<caption class="hidden">{say("policy.routes")}</caption>
				<thead><tr><th scope="col" class="number">{say("office.place")}</th><th scope="col">{say("routes.mode")}</th>
					<th scope="col">{say("routes.conditions")}</th><th scope="col">{say("routes.queue")}</th>
					<th scope="col" class="number">{say("routes.priority")}</th><th scope="col" class="number">{say("routes.matched")}</th>
					{mayChange && <th scope="col"><span class="hidden">{say("office.change")}</span></th>}</tr></thead>
				<tbody>{routes.map(route => <tr key={route.id} class={route.mode === "live" ? undefined : "off"}>
					<td class="number" data-name={say("office.place")}>{number(route.place)}</td>
					<td><strong>{sayCode("routes.is", route.mode)}</strong></td>
					<td><ConditionTags of={route.conditions as Conditions} /></td>
					<td data-name={say("routes.queue")}><Given>{queueTitle(queues.find(queue => queue.id === route.queue) ?? { id: route.queue, title: route.queue })}</Given></td>
					<td class="number" data-name={say("routes.priority")}>{route.priority === null ? <span class="soft">{say("routes.as_reported")}</span> : number(route.priority)}</td>
					<td class="number" data-name={say("routes.matched")}>{number(route.matched)}</td>
					{mayChange && <td><Button quiet aria-label={`${say("office.change")}: ${number(route.place)}`}
						onClick={() => setOver({ what: "form", route })}>{say("office.change")}</Button>
						<Button quiet aria-label={`${say("do.remove")}: ${number(route.place)}`}
							onClick={() => setOver({ what: "remove", route })}>{say("do.remove")}</Button></td>}
				</tr>)}</tbody>
			</table></div>}</Loaded>
		{over?.what === "form" && <RouteForm route={over.route} queues={asked.data?.queues ?? []} onClose={close} onDone={asked.again} />}
		{over?.what === "remove" && <FormDialog danger title={say("routes.remove")} doWord="do.remove" onClose={close}
			onDo={async () => {
				await remove("/v1/routes/{route}", { path: { route: over.route!.id } });
				asked.again();
			}}><p>{say("routes.remove_says")}</p></FormDialog>}
	</>;
}
