/* Who holds the vault's keys: given and taken by somebody who holds them, unlocked. */
import { useState } from "preact/hooks";
import { get, post, type Schemas } from "../base/api";
import { now } from "../base/clock";
import { notify } from "../base/notices";
import { session, unlockedUntil } from "../base/session";
import { useAsk } from "../base/use";
import { number, say } from "../base/words";
import { Button, Choice, Given, Loaded, TextArea, Time } from "./basic";
import { FormDialog, ReasonDialog } from "./office";
import { Acts } from "./acts";
import { UnlockForm } from "./vault";

type Keys = Schemas["VaultKeys"];
type Key = Schemas["VaultKey"];

function Give({ role, told, onClose, onDone }: { role: Key; told: Keys; onClose: () => void; onDone: () => void }) {
	const holds = new Set(role.holders.map(holder => holder.person));
	const others = told.people.filter(row => !holds.has(row.person));
	const [person, setPerson] = useState(others[0]?.person ?? ""), [reason, setReason] = useState("");
	return <FormDialog title={say("kept.give_title", { role: role.name })} doWord="kept.give" onClose={onClose}
		disabled={!person || !reason.trim()} onDo={async () => {
			const answer = await post("/v1/vault/keys/{role}/holders/{person}", { path: { role: role.name, person },
				body: { reason: reason.trim() } });
			notify(say("second" in answer ? "office.proposed" : "kept.done"));
			onDone();
		}}>
		<p>{say("kept.give_says")}</p>
		{others.length === 0 ? <p>{say("kept.give_nobody")}</p> : <>
			<Choice word="kept.person" value={person} onValue={setPerson}
				options={others.map(row => [row.person, row.pseudonym] as [string, string])} />
			<TextArea word="office.reason" hint={say("office.reason_hint")} value={reason} onValue={setReason} required maxLength={500} />
		</>}
	</FormDialog>;
}

export function VaultKeys() {
	const asked = useAsk(signal => get("/v1/vault/keys", { signal }), []);
	const [giving, setGiving] = useState<Key>(), [taking, setTaking] = useState<{ role: string; person: string; name: string }>();
	const [turn, setTurn] = useState(0);
	const unlocked = unlockedUntil.value > now.value;
	/* It is given and taken by who holds it, and has it open. */
	const holds = (key: Key) => unlocked && key.holders.some(holder => holder.person === session.value?.person);
	const done = () => { asked.again(); setTurn(turn + 1); };
	return <>
		<p>{say("kept.keys_says")}</p>
		{!unlocked && <UnlockForm onDone={asked.again} />}
		<Loaded of={asked}>{told => told.keys.length === 0 ? <p>{say("kept.no_keys")}</p> : <>
			<div class="wide"><table class="stacked">
				<caption class="hidden">{say("people.keys_tab")}</caption>
				<thead><tr><th scope="col">{say("kept.key")}</th><th scope="col">{say("kept.holders")}</th>
					<th scope="col" class="number">{say("kept.opens")}</th><th scope="col">{say("kept.made")}</th>
					<th scope="col"><span class="hidden">{say("kept.give")}</span></th></tr></thead>
				<tbody>{told.keys.map(key => <tr key={key.name}>
					<td><strong><Given>{key.name}</Given></strong> <span class="soft">{say("kept.generation", { number: key.generation })}</span></td>
					<td data-name={say("kept.holders")}>{key.split ? <span class="soft">{say("kept.shares", { needed: key.needed, of: key.shares })}</span>
						: key.holders.length === 0 ? <span class="soft">{say("kept.nobody")}</span>
							: <ul class="things">{key.holders.map(holder => <li key={holder.person}>
								<Given>{holder.pseudonym || holder.person.slice(-8)}</Given>
								<span class="soft">{say("kept.since")} <Time at={holder.since} /></span>
								{holds(key) && key.holders.length > 1 && <Button quiet onClick={() => setTaking({ role: key.name,
									person: holder.person, name: holder.pseudonym })}>{say("kept.take")}</Button>}</li>)}</ul>}</td>
					<td class="number" data-name={say("kept.opens")}>{number(key.items)}</td>
					<td data-name={say("kept.made")}><Time at={key.made_at} /></td>
					<td>{!key.split && holds(key) && <Button onClick={() => setGiving(key)}>{say("kept.give")}</Button>}</td>
				</tr>)}</tbody>
			</table></div>
			{giving && <Give role={giving} told={told} onClose={() => setGiving(undefined)} onDone={done} />}
			{taking && <ReasonDialog danger title={say("kept.take_title", { role: taking.role, name: taking.name })}
				says={say("kept.take_says")} doWord="kept.take" onClose={() => setTaking(undefined)} onReason={async reason => {
					await post("/v1/vault/keys/{role}/holders/{person}/take", { path: { role: taking.role, person: taking.person },
						body: { reason } });
					notify(say("kept.done"));
					done();
				}} />}
		</>}</Loaded>
		<h2>{say("kept.acts")}</h2>
		<Acts key={turn} of="vault.keys" onDone={asked.again} />
	</>;
}
