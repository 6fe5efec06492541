/* A second factor is set up; until then a session may do nothing else. */
import { useState } from "preact/hooks";
import { addPasskey, havePasskeys, wasCancelled } from "../base/passkey";
import { setSession } from "../base/session";
import { useAct } from "../base/use";
import { say } from "../base/words";
import { Button, Problem, TextField, Title } from "../parts/basic";
import { TotpSetup } from "../parts/totp";

function Passkey() {
	const [label, setLabel] = useState("");
	const { busy, error, act } = useAct();
	return <form onSubmit={event => {
		event.preventDefault();
		void act(async () => setSession(await addPasskey(label.trim())));
	}}>
		<TextField word="passkey.label" hint={say("passkey.label_hint")} value={label} onValue={setLabel} required
			autofocus maxLength={80} />
		<Problem error={wasCancelled(error) ? undefined : error} inline />
		<div class="buttons"><Button main submit busy={busy}>{say("passkey.add")}</Button></div>
	</form>;
}

export default function Enrol() {
	const [how, setHow] = useState<"totp" | "passkey" | undefined>();
	return <section class="narrow">
		<Title>{say("enrol.title")}</Title>
		<p>{say("enrol.says")}</p>
		{!how && <div class="doors">
			<Button onClick={() => setHow("totp")}>{say("enrol.totp")}</Button>
			<p class="hint">{say("enrol.totp_says")}</p>
			{havePasskeys && <><Button onClick={() => setHow("passkey")}>{say("enrol.passkey")}</Button>
				<p class="hint">{say("enrol.passkey_says")}</p></>}
		</div>}
		{how === "totp" && <TotpSetup onDone={setSession} />}
		{how === "passkey" && <Passkey />}
		{how && <p><Button quiet onClick={() => setHow(undefined)}>{say("enrol.other")}</Button></p>}
	</section>;
}
