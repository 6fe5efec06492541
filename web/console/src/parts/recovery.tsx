/* New recovery codes: told once, so the page stays until they are kept. */
import { useState } from "preact/hooks";
import { recoveryCodes } from "../base/session";
import { say } from "../base/words";
import { Button, Check, CopyButton, Title } from "./basic";

export function RecoveryCodes() {
	const [kept, setKept] = useState(false);
	const codes = recoveryCodes.value;
	return <section class="narrow">
		<Title>{say("recovery.title")}</Title>
		<p>{say("recovery.says")}</p>
		<ol class="codes">{codes.map(code => <li key={code}><code dir="ltr">{code}</code></li>)}</ol>
		<div class="buttons">
			<Button onClick={() => print()}>{say("do.print")}</Button>
			<CopyButton text={codes.join("\n")} />
		</div>
		<Check checked={kept} onValue={setKept}>{say("recovery.kept")}</Check>
		<div class="buttons"><Button main disabled={!kept} onClick={() => { recoveryCodes.value = []; }}>
			{say("do.go_on")}</Button></div>
	</section>;
}
