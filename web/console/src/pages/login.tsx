/* Logging in: a name and a password, then a code; or a passkey alone; or an invitation, which begins it all. */
import { useEffect, useRef, useState } from "preact/hooks";
import { post, type Schemas, Trouble } from "../base/api";
import { havePasskeys, logInByPasskey, wasCancelled } from "../base/passkey";
import { getOutcome, getProvider, logInThere } from "../base/provider";
import { go, place } from "../base/route";
import { hasLeft, logOut, session, setSession, wasLost } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { say } from "../base/words";
import { Button, Check, Loaded, Problem, TextField, Title } from "../parts/basic";

type Ticket = { ticket: string; next: ("totp" | "recovery" | "passkey")[] };
type Told = Schemas["Session"] | Ticket;

const isTicket = (told: Told): told is Ticket => "ticket" in told;

function ByPasskey({ onError }: { onError: (error: unknown) => void }) {
	const { busy, error, act } = useAct();
	useEffect(() => {
		if (error && !wasCancelled(error))
			onError(error);
	}, [error]);
	return <Button busy={busy} onClick={() => act(async () => setSession(await logInByPasskey()))}>
		{say("login.passkey")}</Button>;
}

/** "Log in with NAME", where the operator has such a place; nothing elsewhere. */
function ByProvider({ invitation }: { invitation?: string }) {
	const provider = useAsk(getProvider, []).data;
	const { busy, error, act } = useAct();
	return provider ? <>
		<Button busy={busy} onClick={() => act(() => logInThere(invitation ? { invitation } : {}))}>
			{say("login.provider", { name: provider.name })}</Button>
		<Problem error={error} inline />
	</> : null;
}

function LeftThere() {
	const provider = useAsk(getProvider, []).data;
	return hasLeft.value && provider?.logout && /^https?:/.test(provider.logout)
		? <p class="note">{say("login.left")} <a href={provider.logout}>{say("login.leave_there", { name: provider.name })}</a></p>
		: null;
}

/** Come back from the provider: what came of it. */
function Returned({ onTicket }: { onTicket: (ticket: Ticket) => void }) {
	const asked = useAsk(getOutcome, []);
	useEffect(() => {
		const told = asked.data;
		if (told?.state !== "second" || !told.ticket)
			return;
		go("#/", true);
		onTicket({ ticket: told.ticket, next: told.next });
	}, [asked.data]);
	return <>
		<Title>{say("login.title")}</Title>
		<Loaded of={asked}>{({ state, detail }) => <>
			<p class="note" role="status">{say(state === "waiting" ? "login.provider_waiting" : "login.provider_refused")}
				{detail && <> <span lang="en" dir="ltr">{detail}</span></>}</p>
			<p><a href="#/">{say("login.anew")}</a></p>
		</>}</Loaded>
	</>;
}

function Begin({ onTicket }: { onTicket: (ticket: Ticket) => void }) {
	const [name, setName] = useState(""), [password, setPassword] = useState("");
	const [passkeyError, setPasskeyError] = useState<unknown>();
	const { busy, error, act } = useAct();
	return <>
		<Title>{say("login.title")}</Title>
		<LeftThere />
		{wasLost.value && <p class="note" role="status">{say("login.lost_session")}</p>}
		<form onSubmit={event => {
			event.preventDefault();
			setPasskeyError(undefined);
			void act(async () => {
				const told = await post("/v1/session", { body: { name: name.trim(), password } });
				if (isTicket(told))
					onTicket(told);
				else
					setSession(told);
			});
		}}>
			<TextField word="login.name" value={name} onValue={setName} autocomplete="username" required autofocus
				autocapitalize="none" spellcheck={false} maxLength={200} />
			<TextField word="login.password" value={password} onValue={setPassword} type="password"
				autocomplete="current-password" required maxLength={1000} />
			<Problem error={error ?? passkeyError} inline />
			<div class="buttons"><Button main submit busy={busy}>{say("login.go")}</Button></div>
		</form>
		<div class="or buttons">
			{havePasskeys && <ByPasskey onError={setPasskeyError} />}
			<ByProvider />
		</div>
		<Lost />
	</>;
}

function Lost() {
	return <details class="lost"><summary>{say("login.lost")}</summary>
		<ul>
			<li>{say("login.lost_code")}</li>
			<li>{say("login.lost_all")}</li>
			<li>{say("login.lost_alone")} <code dir="ltr">ward person reset NAME</code></li>
		</ul>
	</details>;
}

function Second({ ticket, onBack }: { ticket: Ticket; onBack: () => void }) {
	const [recovery, setRecovery] = useState(!ticket.next.includes("totp"));
	const [code, setCode] = useState("");
	const { busy, error, act, clear } = useAct();
	const form = useRef<HTMLFormElement>(null);
	function send(code: string) {
		void act(async () => setSession(await post("/v1/session", { body: { ticket: ticket.ticket,
			[recovery ? "recovery" : "totp"]: code.trim() } }) as Schemas["Session"]))
			.then(fine => fine || setCode(""));
	}
	/* A ticket is good for five tries and five minutes; then it begins anew. */
	const over = error instanceof Trouble && error.status === 401;
	return <>
		<Title>{say("login.second")}</Title>
		<form ref={form} onSubmit={event => { event.preventDefault(); send(code); }}>
			{recovery
				? <TextField key="recovery" word="login.recovery" hint={say("login.recovery_hint")} value={code}
					onValue={setCode} autocomplete="off" required autofocus dir="ltr" spellcheck={false} />
				: <TextField key="totp" word="login.code" hint={say("login.code_hint")} value={code} onValue={setCode}
					inputMode="numeric" autocomplete="one-time-code" required autofocus dir="ltr" class="code"
					pattern="[0-9 ]{6,7}" maxLength={7} />}
			<Problem error={error} inline />
			<div class="buttons">
				<Button main submit busy={busy}>{say("login.go")}</Button>
				<Button quiet onClick={onBack}>{say(over ? "login.anew" : "do.back")}</Button>
			</div>
		</form>
		{ticket.next.includes("totp") && ticket.next.includes("recovery") && <p>
			<Button quiet onClick={() => { setRecovery(!recovery); setCode(""); clear(); }}>
				{say(recovery ? "login.use_code" : "login.use_recovery")}</Button></p>}
		<Lost />
	</>;
}

const PASSWORD_MIN = 12;

function Join({ code }: { code: string }) {
	const [password, setPassword] = useState(""), [seen, setSeen] = useState(false);
	const { busy, error, act } = useAct();
	return <>
		<Title>{say("join.title")}</Title>
		<p>{say("join.says")}</p>
		<form onSubmit={event => {
			event.preventDefault();
			void act(async () => {
				const told = await post("/v1/session", { body: { invitation: code, password } });
				/* The code is used up, and need not stay in the history. */
				go("#/", true);
				setSession(told as Schemas["Session"]);
			});
		}}>
			<TextField word="join.password" hint={say("join.password_hint", { count: PASSWORD_MIN })} value={password}
				onValue={setPassword} type={seen ? "text" : "password"} autocomplete="new-password" required autofocus
				minLength={PASSWORD_MIN} maxLength={1000} />
			<Check checked={seen} onValue={setSeen}>{say("join.show")}</Check>
			<Problem error={error} inline />
			<div class="buttons"><Button main submit busy={busy}>{say("do.go_on")}</Button></div>
		</form>
		<div class="or buttons"><ByProvider invitation={code} /></div>
		<p><a href="#/">{say("join.other")}</a></p>
	</>;
}

/** An invitation is opened where somebody is logged in already. */
export function JoinBeside() {
	return <section class="narrow">
		<Title>{say("join.title")}</Title>
		<p>{say("join.beside", { name: session.value?.pseudonym ?? "" })}</p>
		<div class="buttons"><Button main onClick={() => void logOut()}>{say("frame.logout")}</Button></div>
		<p><a href="#/">{say("join.stay")}</a></p>
	</section>;
}

export default function Login() {
	const [ticket, setTicket] = useState<Ticket | undefined>();
	const code = place.value.page === "join" ? place.value.query.get("code") : null;
	return <section class="narrow">
		{code ? <Join code={code} />
			: place.value.page === "oidc" ? <Returned onTicket={setTicket} />
			: ticket ? <Second key={ticket.ticket} ticket={ticket} onBack={() => setTicket(undefined)} />
			: <Begin onTicket={setTicket} />}
	</section>;
}
