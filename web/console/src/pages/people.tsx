/* Who works here, what they may, and letting people in. */
import { useState } from "preact/hooks";
import { get, patch, post, remove, type Schemas } from "../base/api";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { go, link, place } from "../base/route";
import { may, session } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { exactTime, list, say, sayCode } from "../base/words";
import { Button, Check, Choice, CopyButton, Empty, Given, Id, Loaded, Problem, TextField, Time, Title } from "../parts/basic";
import { Dialog } from "../parts/dialog";
import { Identities } from "../parts/identities";
import { useRows } from "../parts/jobrows";
import { Facts, FormDialog, ReasonDialog, slice, Tabs, usePaging, YesNo } from "../parts/office";
import { Roles } from "../parts/roles";
import { VaultKeys } from "../parts/vaultkeys";
import "../office.css";

type Person = Schemas["Person"];
type Invitation = Schemas["Invitation"];

const STATES = ["all", "active", "invited", "off"] as const;

function RoleChoice({ of, all, onValue }: { of: string[]; all: Schemas["Role"][]; onValue: (roles: string[]) => void }) {
	return <fieldset><legend>{say("people.roles")}</legend>{all.map(role =>
		<Check key={role.name} checked={of.includes(role.name)} onValue={on =>
			onValue(on ? [...of, role.name] : of.filter(name => name !== role.name))}>
			{sayCode("role", role.name)}{role.own && <span class="soft" dir="auto"> {role.says}</span>}</Check>)}
	</fieldset>;
}

/** The code is told once, and only here. */
function Invited({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
	return <Dialog title={say("people.invited")} onClose={onClose}>
		<p>{say("people.invited_says")}</p>
		<p class="long"><code dir="ltr">{invitation.invitation}</code> <CopyButton text={invitation.invitation} /></p>
		{invitation.link && <p class="long"><bdi dir="ltr">{invitation.link}</bdi> <CopyButton text={invitation.link} /></p>}
		<div class="buttons"><Button main onClick={onClose}>{say("people.given")}</Button></div>
	</Dialog>;
}

function Invite({ onClose, onInvited }: { onClose: () => void; onInvited: (invitation: Invitation) => void }) {
	const roles = useAsk(signal => get("/v1/roles", { signal }), []);
	const [login, setLogin] = useState(""), [name, setName] = useState(""), [chosen, setChosen] = useState<string[]>([]);
	return <FormDialog title={say("people.invite")} doWord="people.invite" onClose={onClose} disabled={!chosen.length}
		onDo={async () => onInvited(await post("/v1/people", { body: { login: login.trim(), name: name.trim(), roles: chosen } }))}>
		<TextField word="people.login" hint={say("people.login_hint")} value={login} onValue={setLogin} required
			autofocus autocomplete="off" spellcheck={false} maxLength={100} />
		<TextField word="people.name" hint={say("people.name_hint")} value={name} onValue={setName} required
			autocomplete="off" maxLength={200} />
		<Loaded of={roles}>{({ roles }) => <RoleChoice of={chosen} all={roles} onValue={setChosen} />}</Loaded>
	</FormDialog>;
}

function People() {
	const asked = useAsk(signal => get("/v1/people", { signal }), []);
	const [text, setText] = useState(""), [state, setState] = useState<string>("all");
	const [inviting, setInviting] = useState(false), [invitation, setInvitation] = useState<Invitation>();
	const paging = usePaging();
	const mayChange = may("people.change");
	const wanted = text.trim().toLocaleLowerCase();
	const found = (asked.data?.people ?? []).filter(person => (state === "all" || person.state === state) &&
		[person.pseudonym, person.login, person.name, ...person.roles].some(word =>
			word?.toLocaleLowerCase().includes(wanted)));
	const { rows: shown, next } = slice(found, paging.after);
	const rows = useRows(shown, person => go(link("people", ["person", person.id])));
	useCommands(() => [...rows.commands, { key: "r", word: "keys.refresh", run: asked.again },
		...(mayChange ? [{ key: "n", word: "people.invite" as const, run: () => setInviting(true) }] : [])],
		[asked.data, rows.at, text, state, paging.after]);
	return <>
		<div class="bar">
			<TextField word="people.find" type="search" value={text} onValue={text => { setText(text); paging.reset(); }} />
			<Choice word="people.state" value={state} onValue={state => { setState(state); paging.reset(); }}
				options={STATES.map(code => [code, sayCode("people.is", code)])} />
			{mayChange && <Button main keyName="n" onClick={() => setInviting(true)}>{say("people.invite")}</Button>}
		</div>
		<Loaded of={asked}>{() => found.length === 0 ? <Empty><p>{say("people.nobody")}</p></Empty> : <>
			<div class="wide"><table class="rows stacked">
				<caption class="hidden">{say("page.people")}</caption>
				<thead><tr><th scope="col">{say("people.pseudonym")}</th>
					{mayChange && <th scope="col">{say("people.name")}</th>}
					<th scope="col">{say("people.roles")}</th><th scope="col">{say("people.state")}</th>
					<th scope="col">{say("people.seen")}</th></tr></thead>
				<tbody ref={rows.body}>{shown.map((person, index) => <tr key={person.id}
					class={index === rows.at ? "at" : undefined} onFocusCapture={() => rows.setAt(index)}>
					<td><a href={link("people", ["person", person.id])}><Given>{person.pseudonym}</Given></a></td>
					{mayChange && <td><Given>{person.name ?? ""}</Given> <span class="soft"><Given>{person.login ?? ""}</Given></span></td>}
					<td>{person.roles.map(role => <span key={role} class="tag">{sayCode("role", role)}</span>)}</td>
					<td>{sayCode("people.is", person.state)}</td>
					<td data-name={say("people.seen")}><Time at={person.seen} /></td>
				</tr>)}</tbody>
			</table></div>
			{paging.buttons(next)}
		</>}</Loaded>
		{inviting && <Invite onClose={() => setInviting(false)}
			onInvited={invitation => { setInvitation(invitation); asked.again(); }} />}
		{invitation && <Invited invitation={invitation} onClose={() => setInvitation(undefined)} />}
	</>;
}

function Sessions({ person }: { person: Person }) {
	const asked = useAsk(signal => get("/v1/people/{id}/sessions", { path: { id: person.id }, signal }), [person.id]);
	const { busy, error, act } = useAct();
	return <Loaded of={asked}>{({ sessions }) => sessions.length === 0 ? <p class="soft">{say("people.no_sessions")}</p> : <>
		<ul class="things">{sessions.map(row => <li key={row.id}>
			<strong>{sayCode("session.how", row.how)}</strong>
			<span class="soft">{say("account.session_since")} <Time at={row.created} />,{" "}
				{say("account.session_used")} <Time at={row.used} /></span>
			<Button quiet busy={busy} onClick={() => act(async () => {
				await remove("/v1/people/{id}/sessions/{session}", { path: { id: person.id, session: row.id } });
				asked.again();
			})}>{say("account.session_end")}</Button></li>)}</ul>
		<Problem error={error} inline />
	</>}</Loaded>;
}

function ChangeRoles({ person, onClose, onDone }: { person: Person; onClose: () => void; onDone: (person: Person) => void }) {
	const roles = useAsk(signal => get("/v1/roles", { signal }), []);
	const [chosen, setChosen] = useState<string[]>(person.roles);
	return <FormDialog title={say("people.change_roles")} doWord="office.save" onClose={onClose}
		onDo={async () => onDone(await patch("/v1/people/{id}", { path: { id: person.id }, body: { roles: chosen } }))}>
		<p>{say("people.change_roles_says")}</p>
		<Loaded of={roles}>{({ roles }) => <RoleChoice of={chosen} all={roles} onValue={setChosen} />}</Loaded>
	</FormDialog>;
}

function Names({ person, onClose, onDone }: { person: Person; onClose: () => void; onDone: (person: Person) => void }) {
	const [name, setName] = useState(person.name ?? ""), [pseudonym, setPseudonym] = useState(person.pseudonym);
	return <FormDialog title={say("people.change_names")} doWord="office.save" onClose={onClose}
		onDo={async () => onDone(await patch("/v1/people/{id}", { path: { id: person.id },
			body: { name: name.trim(), pseudonym: pseudonym.trim() } }))}>
		<TextField word="people.name" value={name} onValue={setName} required maxLength={200} />
		<TextField word="people.pseudonym" hint={say("people.pseudonym_hint")} value={pseudonym} onValue={setPseudonym}
			required maxLength={60} />
	</FormDialog>;
}

function OnePerson({ id }: { id: string }) {
	const asked = useAsk(signal => get("/v1/people/{id}", { path: { id }, signal }), [id]);
	const [over, setOver] = useState<"roles" | "names" | "off" | "anew" | undefined>();
	const [invitation, setInvitation] = useState<Invitation>();
	const close = () => setOver(undefined);
	const isOwn = id === session.value?.person;
	const mayChange = may("people.change");
	return <Loaded of={asked}>{person => <>
		<h2><Given>{person.pseudonym}</Given> <Id of={person.id} /></h2>
		<Facts rows={[
			...(person.name ? [[say("people.name"), <Given>{person.name}</Given>] as [string, preact.JSX.Element]] : []),
			...(person.login ? [[say("people.login"), <Given>{person.login}</Given>] as [string, preact.JSX.Element]] : []),
			[say("people.roles"), list(person.roles.map(role => sayCode("role", role)))],
			[say("people.state"), sayCode("people.is", person.state)],
			[say("people.factors"), say("people.factors_are", { totp: say(person.totp ? "office.yes" : "office.no"),
				passkeys: person.passkeys, codes: person.recovery_left })],
			[say("vault.title"), <YesNo is={person.vault_key} />],
			[say("people.created"), exactTime(person.created)],
			[say("people.seen"), <Time at={person.seen} />],
		]} />
		{(mayChange || may("people.reset")) && <div class="buttons">
			{mayChange && <Button onClick={() => setOver("names")}>{say("people.change_names")}</Button>}
			{mayChange && !isOwn && <Button onClick={() => setOver("roles")}>{say("people.change_roles")}</Button>}
			{may("people.reset") && !isOwn && person.state !== "off" &&
				<Button onClick={() => setOver("anew")}>{say("people.anew")}</Button>}
			{mayChange && !isOwn && <Button danger={person.state !== "off"} onClick={() => setOver("off")}>
				{say(person.state === "off" ? "people.on" : "people.off")}</Button>}
		</div>}
		{isOwn && <p class="soft">{say("people.own")} <a href={link("account")}>{say("page.account")}</a></p>}
		{mayChange && !isOwn && <Identities person={person} />}
		{mayChange && <><h3>{say("people.sessions")}</h3><Sessions person={person} /></>}
		{over === "roles" && <ChangeRoles person={person} onClose={close} onDone={asked.set} />}
		{over === "names" && <Names person={person} onClose={close} onDone={asked.set} />}
		{over === "off" && <FormDialog title={say(person.state === "off" ? "people.on" : "people.off")} danger
			doWord={person.state === "off" ? "people.on" : "people.off"} onClose={close}
			onDo={async () => asked.set(await patch("/v1/people/{id}", { path: { id },
				body: { off: person.state !== "off" } }))}>
			<p>{say(person.state === "off" ? "people.on_says" : "people.off_says")}</p>
		</FormDialog>}
		{over === "anew" && <ReasonDialog title={say("people.anew")} says={say("people.anew_says")} doWord="people.anew"
			onClose={close} onReason={async reason => {
				const told = await post("/v1/people/{id}/invitation", { path: { id }, body: { reason } });
				if ("invitation" in told)
					setInvitation(told);
				else
					notify(say("office.proposed"));
			}} />}
		{invitation && <Invited invitation={invitation} onClose={() => { setInvitation(undefined); asked.again(); }} />}
	</>}</Loaded>;
}

export default function PeoplePage() {
	/* Who gives the vault's keys need not see who works here otherwise. */
	const [part = may("people.see") ? "people" : "keys", id] = place.value.rest;
	const tabs: [string, string][] = [
		...(may("people.see") ? [["people", say("page.people")], ["roles", say("people.roles_tab")]] as [string, string][] : []),
		...(may("vault.keys") ? [["keys", say("people.keys_tab")]] as [string, string][] : [])];
	return <>
		<Title>{say("page.people")}</Title>
		<Tabs page="people" at={part === "roles" || part === "keys" ? part : "people"} tabs={tabs} />
		{part === "roles" ? <Roles /> : part === "keys" ? <VaultKeys /> : part === "person" && id ? <>
			<p><a href={link("people")}>{say("people.all")}</a></p>
			<OnePerson key={id} id={id} /></> : <People />}
	</>;
}
