/* Words that lie in the vault: read when they are asked for, and hidden with everything else. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Trouble } from "../base/api";
import { now } from "../base/clock";
import { useCommands } from "../base/keys";
import { unlessHidden, whileShown } from "../base/quiet";
import { unlockedUntil } from "../base/session";
import { useAct } from "../base/use";
import { say } from "../base/words";
import { Button, Problem } from "./basic";
import { Dialog } from "./dialog";
import { UnlockForm } from "./vault";

interface Told {
	text: string;
	/** False when it is only its beginning. */
	whole?: boolean;
}

export function SealedWords({ read }: { read: () => Promise<Told> }) {
	const [told, setTold] = useState<Told | undefined>(), [asking, setAsking] = useState(false);
	const { busy, error, act, clear } = useAct();
	const alive = useRef(true);
	useEffect(() => () => { alive.current = false; }, []);
	useEffect(() => told && whileShown(() => setTold(undefined)), [told]);
	const isOpen = () => unlockedUntil.peek() > Date.now();
	const hide = () => setTold(undefined);
	async function open() {
		const isSeen = unlessHidden();
		const words = await read();
		/* What came too late is not shown. */
		if (alive.current && isSeen())
			setTold(words);
	}
	const ask = () => isOpen() ? void act(open) : setAsking(true);
	useCommands(() => told ? [{ key: "0", word: "keys.hide", run: hide }] : [{ key: "1", word: "ladder.read", run: ask }], [told]);
	if (told)
		return <figure class="words"><blockquote dir="auto" tabIndex={0}>{told.text}</blockquote>
			<figcaption>{told.whole === false && <span>{say("ladder.cut")}</span>}
				<Button keyName="0" onClick={hide}>{say("ladder.hide")}</Button></figcaption></figure>;
	const wasLocked = error instanceof Trouble && error.kind === "locked";
	return <>
		<div class="buttons"><Button busy={busy} keyName="1" onClick={ask}>{say("ladder.read")}</Button></div>
		<Problem error={error} inline />
		{(asking || wasLocked) && unlockedUntil.value <= now.value && <Dialog title={say("vault.unlock")}
			onClose={() => { setAsking(false); clear(); }}><p>{say("ladder.locked")}</p>
			<UnlockForm onDone={() => { setAsking(false); void act(open); }} /></Dialog>}
	</>;
}
