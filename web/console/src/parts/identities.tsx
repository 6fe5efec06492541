/* Somebody's account at the operator's provider: an admin names it for who is invited, and takes any away. */
import { useState } from "preact/hooks";
import type { Schemas } from "../base/api";
import { getIdentities, getProvider, linkFor, unlink } from "../base/provider";
import { useAct, useAsk } from "../base/use";
import { say } from "../base/words";
import { Button, Given, Loaded, Problem, TextField } from "./basic";

export function Identities({ person }: { person: Schemas["Person"] }) {
	const provider = useAsk(getProvider, []).data;
	const asked = useAsk(() => provider ? getIdentities(person.id) : Promise.resolve([]), [provider, person.id]);
	const [subject, setSubject] = useState("");
	const { busy, error, act } = useAct();
	if (!provider)
		return null;
	return <>
		<h3><Given>{provider.name}</Given></h3>
		<Loaded of={asked}>{identities => identities.length === 0 ? <p class="soft">{say("people.not_linked")}</p>
			: <ul class="things">{identities.map(row => <li key={row.id}><Given>{row.subject}</Given>
				<Button quiet busy={busy} onClick={() => act(async () => {
					await unlink(person.id, row.id);
					asked.again();
				})}>{say("do.remove")}</Button></li>)}</ul>}</Loaded>
		{person.state === "invited" && <form class="inline" onSubmit={event => {
			event.preventDefault();
			void act(async () => {
				asked.set(await linkFor(person.id, subject.trim()));
				setSubject("");
			});
		}}>
			<TextField word="people.subject" hint={say("people.subject_hint", { name: provider.name })} value={subject}
				onValue={setSubject} required maxLength={255} spellcheck={false} autocomplete="off" dir="ltr" />
			<Button submit busy={busy}>{say("people.link")}</Button>
		</form>}
		<Problem error={error} inline />
	</>;
}
