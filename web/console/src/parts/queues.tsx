/* The queues as they are arranged: who works on them, for how long a job is somebody's. */
import { useState } from "preact/hooks";
import { get, put, remove, type Schemas } from "../base/api";
import { queueTitle } from "../base/desk";
import { useCommands } from "../base/keys";
import { may } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { number, say } from "../base/words";
import { Button, Check, Given, Id, Loaded, Problem, TextField } from "./basic";
import { Dialog } from "./dialog";
import { FormDialog, whole, words, YesNo } from "./office";

type Queue = Schemas["Queue"];

function QueueForm({ queue, onClose, onDone }: { queue?: Queue; onClose: () => void; onDone: () => void }) {
	const [id, setId] = useState(queue?.id ?? ""), [title, setTitle] = useState(queue?.title ?? "");
	const [position, setPosition] = useState(String(queue?.place ?? 0));
	const [minutes, setMinutes] = useState(String(Math.round((queue?.lease_seconds ?? 900) / 60)));
	const [double, setDouble] = useState(String(queue?.double_percent ?? 0));
	const [everyone, setEveryone] = useState(queue?.everyone ?? true), [active, setActive] = useState(queue?.active ?? true);
	const [hidden, setHidden] = useState(queue?.hidden_actions.join(", ") ?? "");
	return <FormDialog wide title={say(queue ? "queues.change" : "queues.new")} doWord="office.save" onClose={onClose}
		onDo={async () => {
			await put("/v1/queues/{queue}", { path: { queue: id.trim() }, body: { title: title.trim(), place: whole(position) ?? 0,
				lease_seconds: (whole(minutes) ?? 15) * 60, double_percent: whole(double) ?? 0, everyone, active,
				hidden_actions: words(hidden) } });
			onDone();
		}}>
		{!queue && <TextField word="queues.id" hint={say("kinds.name_hint")} value={id} onValue={setId} required dir="ltr"
			pattern="[a-z][a-z0-9_.\-]*" spellcheck={false} maxLength={60} autofocus />}
		<TextField word="office.title" value={title} onValue={setTitle} required maxLength={200} />
		<div class="two">
			<TextField word="queues.lease" hint={say("queues.lease_hint")} value={minutes} onValue={setMinutes} inputMode="numeric"
				type="number" min={1} max={1440} required />
			<TextField word="queues.double" hint={say("queues.double_hint")} value={double} onValue={setDouble}
				type="number" min={0} max={100} required />
			<TextField word="office.place" value={position} onValue={setPosition} inputMode="numeric" pattern="\d{1,6}" />
		</div>
		<TextField word="queues.hidden" hint={say("queues.hidden_hint")} value={hidden} onValue={setHidden} dir="ltr" spellcheck={false} />
		<Check checked={everyone} onValue={setEveryone}>{say("queues.everyone_says")}</Check>
		<Check checked={active} onValue={setActive}>{say("office.active")}</Check>
	</FormDialog>;
}

/* Each change is made at once: there is nothing to forget to save. */
function QueuePeople({ queue, onClose }: { queue: Queue; onClose: () => void }) {
	const asked = useAsk(async signal => {
		const [inside, everybody] = await Promise.all([
			get("/v1/queues/{queue}/people", { path: { queue: queue.id }, signal }),
			may("people.see") ? get("/v1/people", { signal }) : { people: [] as Schemas["Person"][] }]);
		const known = everybody.people.filter(person => person.state !== "off" || inside.people.includes(person.id));
		const unknown = inside.people.filter(id => !known.some(person => person.id === id));
		return { inside: inside.people, known, unknown };
	}, [queue.id]);
	const { busy, error, act } = useAct();
	function change(person: string, on: boolean) {
		void act(async () => {
			const path = { queue: queue.id, person };
			if (on)
				await put("/v1/queues/{queue}/people/{person}", { path });
			else
				await remove("/v1/queues/{queue}/people/{person}", { path });
			asked.again();
		});
	}
	return <Dialog title={say("queues.people_of", { name: queue.title })} onClose={onClose}>
		{queue.everyone && <p class="note">{say("queues.everyone_now")}</p>}
		<Loaded of={asked}>{({ inside, known, unknown }) => <fieldset disabled={busy}><legend>{say("queues.people")}</legend>
			{known.map(person => <Check key={person.id} checked={inside.includes(person.id)}
				onValue={on => change(person.id, on)}><Given>{person.pseudonym}</Given></Check>)}
			{unknown.map(id => <Check key={id} checked onValue={() => change(id, false)}><Id of={id} /></Check>)}
			{known.length + unknown.length === 0 && <p class="soft">{say("people.nobody")}</p>}
		</fieldset>}</Loaded>
		<Problem error={error} inline />
		<div class="buttons"><Button main onClick={onClose}>{say("office.done")}</Button></div>
	</Dialog>;
}

export function QueueSettings() {
	const asked = useAsk(signal => get("/v1/queues", { signal }), []);
	const [over, setOver] = useState<{ what: "form" | "people" | "remove"; queue?: Queue }>();
	const close = () => setOver(undefined);
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again },
		{ key: "n", word: "queues.new", run: () => setOver({ what: "form" }) }], []);
	return <>
		<div class="bar"><p class="soft grow">{say("queues.says")}</p>
			<Button main keyName="n" onClick={() => setOver({ what: "form" })}>{say("queues.new")}</Button></div>
		<Loaded of={asked}>{({ queues }) => <div class="wide"><table class="stacked">
			<caption class="hidden">{say("policy.queues")}</caption>
			<thead><tr><th scope="col">{say("office.title")}</th><th scope="col" class="number">{say("queues.open")}</th>
				<th scope="col" class="number">{say("queues.lease")}</th><th scope="col" class="number">{say("queues.double")}</th>
				<th scope="col">{say("queues.everyone")}</th><th scope="col">{say("office.active")}</th>
				<th scope="col"><span class="hidden">{say("office.change")}</span></th></tr></thead>
			<tbody>{queues.map(queue => <tr key={queue.id}>
				<td><Given>{queueTitle(queue)}</Given> <code dir="ltr" class="soft">{queue.id}</code></td>
				<td class="number" data-name={say("queues.open")}>{number(queue.open)}</td>
				<td class="number" data-name={say("queues.lease")}>{say("queues.minutes", { count: Math.round(queue.lease_seconds / 60) })}</td>
				<td class="number" data-name={say("queues.double")}>{say("office.percent", { value: queue.double_percent })}</td>
				<td data-name={say("queues.everyone")}><YesNo is={queue.everyone} /></td>
				<td data-name={say("office.active")}><YesNo is={queue.active} /></td>
				<td><Button quiet aria-label={`${say("office.change")}: ${queue.title}`} onClick={() => setOver({ what: "form", queue })}>{say("office.change")}</Button>
					<Button quiet aria-label={`${say("queues.people")}: ${queue.title}`} onClick={() => setOver({ what: "people", queue })}>{say("queues.people")}</Button>
					{queue.id !== "inbox" && <Button quiet aria-label={`${say("do.remove")}: ${queue.title}`} onClick={() => setOver({ what: "remove", queue })}>{say("do.remove")}</Button>}</td>
			</tr>)}</tbody>
		</table></div>}</Loaded>
		{over?.what === "form" && <QueueForm queue={over.queue} onClose={close} onDone={asked.again} />}
		{over?.what === "people" && <QueuePeople queue={over.queue!} onClose={close} />}
		{over?.what === "remove" && <FormDialog danger title={say("queues.remove")} doWord="do.remove" onClose={close}
			onDo={async () => {
				await remove("/v1/queues/{queue}", { path: { queue: over.queue!.id } });
				asked.again();
			}}><p>{say("queues.remove_says", { name: over.queue!.title })}</p></FormDialog>}
	</>;
}
