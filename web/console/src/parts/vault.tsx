/* The key to what is sealed: made under a phrase of its own, unlocked for a while, locked again. */
import { useState } from "preact/hooks";
import { post, put, remove } from "../base/api";
import { notify } from "../base/notices";
import { setUnlocked } from "../base/session";
import { useAct } from "../base/use";
import { say } from "../base/words";
import { Button, Problem, TextField } from "./basic";

const PHRASE_MIN = 16;

export function UnlockForm({ onDone }: { onDone?: () => void }) {
	const [phrase, setPhrase] = useState("");
	const { busy, error, act } = useAct();
	return <form onSubmit={event => {
		event.preventDefault();
		void act(async () => {
			const told = await post("/v1/session/unlock", { body: { phrase } });
			setPhrase("");
			setUnlocked(told.unlocked_s);
			onDone?.();
		});
	}}>
		<TextField word="vault.phrase" hint={say("vault.phrase_hint")} value={phrase} onValue={setPhrase} type="password"
			autocomplete="off" required />
		<Problem error={error} inline />
		<div class="buttons"><Button main submit busy={busy}>{say("vault.unlock")}</Button></div>
	</form>;
}

export function LockButton() {
	const { busy, error, act } = useAct();
	return <>
		<p>{say("vault.is_open")}</p>
		<Problem error={error} inline />
		<div class="buttons"><Button busy={busy} onClick={() => act(async () => {
			await remove("/v1/session/unlock");
			setUnlocked(0);
		})}>{say("vault.lock")}</Button></div>
	</>;
}

export function VaultKeyForm({ change, onDone }: { change?: boolean; onDone: () => void }) {
	const [old, setOld] = useState(""), [phrase, setPhrase] = useState("");
	const { busy, error, act } = useAct();
	return <form onSubmit={event => {
		event.preventDefault();
		void act(async () => {
			const told = await put("/v1/session/key", { body: change ? { old, phrase } : { phrase } });
			setOld("");
			setPhrase("");
			setUnlocked(told.unlocked_s);
			notify(say("vault.made"));
			onDone();
		});
	}}>
		{change && <TextField word="vault.phrase_old" value={old} onValue={setOld} type="password" autocomplete="off"
			required />}
		<TextField word="vault.phrase_new" hint={say("vault.phrase_new_hint", { count: PHRASE_MIN })} value={phrase}
			onValue={setPhrase} type="password" autocomplete="off" required minLength={PHRASE_MIN} />
		<Problem error={error} inline />
		<div class="buttons"><Button main={!change} submit busy={busy}>
			{say(change ? "vault.change" : "vault.make")}</Button></div>
	</form>;
}
