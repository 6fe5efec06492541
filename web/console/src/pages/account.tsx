/* One's own: how one logs in, where one is logged in, and the key to the vault. */
import { useState } from "preact/hooks";
import { get, post, put, remove, type Schemas } from "../base/api";
import { addPasskey, havePasskeys, wasCancelled } from "../base/passkey";
import { notify } from "../base/notices";
import { getIdentities, getProvider, linkThere, logInThere, unlink } from "../base/provider";
import { logOut, recoveryCodes, session, setSession, unlockedUntil } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { list, say, sayCode } from "../base/words";
import { Button, Given, Loaded, Problem, TextField, Time, Title } from "../parts/basic";
import { Dialog } from "../parts/dialog";
import { Preferences } from "../parts/preferences";
import { TotpSetup } from "../parts/totp";
import { LockButton, UnlockForm, VaultKeyForm } from "../parts/vault";

/** Asks for the password before something that changes how one logs in. */
function PasswordFirst({ title, onClose, onPassword }: { title: string; onClose: () => void;
		onPassword: (password: string) => Promise<unknown> }) {
	const [password, setPassword] = useState("");
	const { busy, error, act } = useAct();
	const provider = useAsk(getProvider, []).data;
	return <Dialog title={title} onClose={onClose}>
		{provider && <p class="hint">{say("account.no_password", { name: provider.name })} <Button quiet
			onClick={() => act(() => logInThere({ fresh: true }))}>{say("login.provider", { name: provider.name })}</Button></p>}
		<form onSubmit={event => { event.preventDefault(); void act(() => onPassword(password)); }}>
			<TextField word="account.password_again" value={password} onValue={setPassword} type="password" required={!provider}
				autofocus autocomplete="current-password" />
			<Problem error={error} inline />
			<div class="buttons"><Button main submit busy={busy}>{say("do.go_on")}</Button>
				<Button quiet onClick={onClose}>{say("do.cancel")}</Button></div>
		</form>
	</Dialog>;
}

function Password() {
	const [old, setOld] = useState(""), [wanted, setWanted] = useState("");
	const { busy, error, act } = useAct();
	return <details><summary>{say("account.password")}</summary>
		<form onSubmit={event => {
			event.preventDefault();
			void act(async () => {
				setSession(await put("/v1/session/password", { body: { password: old, new: wanted } }));
				setOld("");
				setWanted("");
				notify(say("account.password_done"));
			});
		}}>
			<TextField word="account.password_old" value={old} onValue={setOld} type="password" required
				autocomplete="current-password" />
			<TextField word="account.password_new" hint={say("join.password_hint", { count: 12 })} value={wanted}
				onValue={setWanted} type="password" required minLength={12} autocomplete="new-password" />
			<Problem error={error} inline />
			<div class="buttons"><Button main submit busy={busy}>{say("account.password_change")}</Button></div>
		</form></details>;
}

function CodeGenerator({ person, onDone }: { person: Schemas["Person"]; onDone: () => void }) {
	const [step, setStep] = useState<"ask" | "codes" | undefined>(), [password, setPassword] = useState<string>();
	return <>
		<p>{say(person.totp ? "account.totp_there" : "account.totp_none")} {" "}
			{say("account.codes_left", { count: person.recovery_left })}</p>
		<div class="buttons">
			<Button onClick={() => setStep("ask")}>{say(person.totp ? "account.totp_new" : "account.totp_add")}</Button>
			<Button onClick={() => setStep("codes")}>{say("account.codes_new")}</Button>
		</div>
		{step === "ask" && <PasswordFirst title={say("account.totp_new")} onClose={() => setStep(undefined)}
			onPassword={async password => { setPassword(password); setStep(undefined); }} />}
		{step === "codes" && <PasswordFirst title={say("account.codes_new")} onClose={() => setStep(undefined)}
			onPassword={async password => {
				const told = await post("/v1/session/recovery", { body: { password } });
				setStep(undefined);
				recoveryCodes.value = told.recovery_codes;
			}} />}
		{password !== undefined && <Dialog title={say("account.totp_new")} onClose={() => setPassword(undefined)}>
			<TotpSetup password={password} onDone={told => { setPassword(undefined); setSession(told); onDone(); }} />
		</Dialog>}
	</>;
}

function Passkeys() {
	const asked = useAsk(signal => get("/v1/session/passkeys", { signal }), []);
	const [adding, setAdding] = useState(false), [label, setLabel] = useState("");
	const { busy, error, act } = useAct();
	return <Loaded of={asked}>{({ passkeys }) => <>
		{passkeys.length === 0 ? <p>{say("passkey.none")}</p> : <ul class="things">{passkeys.map(passkey =>
			<li key={passkey.id}><strong><Given>{passkey.label}</Given></strong>
				<span class="soft">{say("passkey.used")} <Time at={passkey.used} /></span>
				<Button quiet busy={busy} onClick={() => act(async () => {
					await remove("/v1/session/passkeys/{id}", { path: { id: passkey.id } });
					asked.again();
				})}>{say("do.remove")}</Button></li>)}</ul>}
		{havePasskeys && <form class="inline" onSubmit={event => { event.preventDefault(); setAdding(true); }}>
			<TextField word="passkey.label" value={label} onValue={setLabel} required maxLength={80} />
			<Button submit>{say("passkey.add")}</Button>
		</form>}
		<Problem error={wasCancelled(error) ? undefined : error} inline />
		{adding && <PasswordFirst title={say("passkey.add")} onClose={() => setAdding(false)}
			onPassword={async password => {
				setAdding(false);
				await act(async () => {
					setSession(await addPasskey(label.trim(), password));
					setLabel("");
					asked.again();
				});
			}} />}
	</>}</Loaded>;
}

function Sessions() {
	const person = session.value!.person;
	const asked = useAsk(signal => get("/v1/people/{id}/sessions", { path: { id: person }, signal }), []);
	const { busy, error, act } = useAct();
	return <Loaded of={asked}>{({ sessions }) => <>
		<ul class="things">{sessions.map(row => <li key={row.id}>
			<strong>{row.own ? say("account.session_this") : sayCode("session.how", row.how)}</strong>
			<span class="soft">{say("account.session_since")} <Time at={row.created} />,{" "}
				{say("account.session_used")} <Time at={row.used} /></span>
			{!row.own && <Button quiet busy={busy} onClick={() => act(async () => {
				await remove("/v1/people/{id}/sessions/{session}", { path: { id: person, session: row.id } });
				asked.again();
			})}>{say("account.session_end")}</Button>}
		</li>)}</ul>
		<Problem error={error} inline />
	</>}</Loaded>;
}

/** One's account at the operator's provider, where there is one. */
function Provider() {
	const person = session.value!.person;
	const provider = useAsk(getProvider, []).data;
	const asked = useAsk(() => provider ? getIdentities(person) : Promise.resolve([]), [provider]);
	const [linking, setLinking] = useState(false);
	const { busy, error, act } = useAct();
	if (!provider)
		return null;
	return <>
		<h2>{provider.name}</h2>
		<Loaded of={asked}>{identities => <>
			<ul class="things">{identities.map(row => <li key={row.id}><Given>{row.subject}</Given>
				<Button quiet busy={busy} onClick={() => act(async () => {
					await unlink(person, row.id);
					asked.again();
				})}>{say("do.remove")}</Button></li>)}</ul>
			<div class="buttons"><Button onClick={() => setLinking(true)}>
				{say("account.link", { name: provider.name })}</Button></div>
		</>}</Loaded>
		<Problem error={error} inline />
		{linking && <PasswordFirst title={say("account.link", { name: provider.name })} onClose={() => setLinking(false)}
			onPassword={linkThere} />}
	</>;
}

function VaultKey({ person, onDone }: { person: Schemas["Person"]; onDone: () => void }) {
	const isOpen = unlockedUntil.value > Date.now();
	return person.vault_key
		? <>{isOpen ? <LockButton /> : <UnlockForm onDone={onDone} />}
			<details><summary>{say("vault.change")}</summary><VaultKeyForm change onDone={onDone} /></details></>
		: <><p>{say("vault.none")}</p><VaultKeyForm onDone={onDone} /></>;
}

export default function Account() {
	const me = session.value!;
	const asked = useAsk(signal => get("/v1/people/{id}", { path: { id: me.person }, signal }), [me.person]);
	return <section class="narrow">
		<Title>{say("page.account")}</Title>
		<p><strong>{me.pseudonym}</strong>, {list(me.roles.map(role => sayCode("role", role)))}</p>
		<Loaded of={asked}>{person => <>
			<h2>{say("vault.title")}</h2>
			<VaultKey person={person} onDone={asked.again} />
			<h2>{say("account.second")}</h2>
			<CodeGenerator person={person} onDone={asked.again} />
			<h2>{say("passkey.title")}</h2>
			<Passkeys />
			<Provider />
			<h2>{say("account.password")}</h2>
			<Password />
			<h2>{say("account.sessions")}</h2>
			<Sessions />
		</>}</Loaded>
		<h2>{say("frame.preferences")}</h2>
		<Preferences />
		<div class="buttons"><Button onClick={() => void logOut()}>{say("frame.logout")}</Button></div>
	</section>;
}
