/* A code generator is set up: its secret as a picture and as text, and the first code to show that it works. */
import { useEffect, useState } from "preact/hooks";
import { post, put, type Schemas } from "../base/api";
import { useAct, useAsk } from "../base/use";
import { say } from "../base/words";
import { Button, CopyButton, Loaded, Problem, TextField } from "./basic";
import { Qr } from "./qr";

const inFours = (secret: string) => secret.replace(/(.{4})(?=.)/g, "$1 ");

export function TotpSetup({ password, onDone }: { password?: string; onDone: (session: Schemas["Session"]) => void }) {
	const asked = useAsk(() => post("/v1/session/totp", { body: password ? { password } : {} }), []);
	const [code, setCode] = useState("");
	const { busy, error, act } = useAct();
	useEffect(() => {
		if (error)
			setCode("");
	}, [error]);
	return <Loaded of={asked}>{({ secret, uri }) => <form onSubmit={event => {
		event.preventDefault();
		void act(async () => onDone(await put("/v1/session/totp", { body: { code: code.trim() } })));
	}}>
		<ol class="steps">
			<li><p>{say("totp.scan")}</p>
				<Qr text={uri} label={say("totp.picture")} />
				<p>{say("totp.or_type")}</p>
				<p class="buttons"><code class="secret" dir="ltr">{inFours(secret)}</code><CopyButton text={secret} /></p>
				<details><summary>{say("totp.address")}</summary><code class="long" dir="ltr">{uri}</code></details></li>
			<li><TextField word="totp.code" value={code} onValue={setCode} inputMode="numeric" autocomplete="one-time-code"
				pattern="[0-9 ]{6,7}" maxLength={7} required dir="ltr" class="code" /></li>
		</ol>
		<Problem error={error} inline />
		<div class="buttons"><Button main submit busy={busy}>{say("totp.confirm")}</Button></div>
	</form>}</Loaded>;
}
