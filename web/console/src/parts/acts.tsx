/* Acts of the vault that want two persons: one's own, with what can be done now, and those of others. */
import { remove } from "../base/api";
import { aboutId, doConfirmed, getActs, packagePath, type Second } from "../base/kept";
import { notify } from "../base/notices";
import { link } from "../base/route";
import { unlockedUntil } from "../base/session";
import { now } from "../base/clock";
import { useAct, useAsk } from "../base/use";
import { say, sayCode } from "../base/words";
import { Button, Empty, Given, Id, Loaded, Problem, Time } from "./basic";
import { Person } from "./person";
import { UnlockForm } from "./vault";

const isUnlocked = () => unlockedUntil.value > now.value;
const DAY_MS = 24 * 3600 * 1000;

function About({ second }: { second: Second }) {
	const id = aboutId(second);
	return second.object.startsWith("job:") ? <a href={link("vault", ["job", id])}>{say("job.title")} <Id of={id} /></a>
		: <Person id={id} />;
}

/* Digests are for the server to compare, and say nothing to a person. */
function Detail({ second }: { second: Second }) {
	const rows = Object.entries(second.detail ?? {}).filter(([name, value]) => value !== "" &&
		["recipient", "items", "role", "basis", "reference", "holds"].includes(name));
	return rows.length === 0 ? null : <dl class="facts">{rows.map(([name, value]) =>
		<div key={name}><dt>{sayCode("kept.detail", name)}</dt><dd><Given>{String(value)}</Given></dd></div>)}</dl>;
}

function Own({ second, onDone }: { second: Second; onDone: () => void }) {
	const { busy, error, act } = useAct();
	const needsKey = second.kind === "vault.export" || second.kind === "vault.keys";
	const fresh = second.state === "used" && second.kind === "vault.export" &&
		now.value - new Date(second.answered ?? 0).getTime() < 2 * DAY_MS;
	return <li>
		<p><strong>{sayCode("seconds.kind", second.kind)}</strong> · <About second={second} /></p>
		<Detail second={second} />
		<p dir="auto">{second.reason}</p>
		<p class="soft">{sayCode("seconds.state", second.state)}{(second.state === "waiting" || second.state === "confirmed") &&
			<>, {say("seconds.until")} <Time at={second.ends} /></>}</p>
		{second.state === "confirmed" && needsKey && !isUnlocked() && <UnlockForm />}
		<div class="buttons">
			{second.state === "confirmed" && (!needsKey || isUnlocked()) && <Button main danger={second.kind === "vault.destroy"}
				busy={busy} onClick={() => act(async () => {
					notify(say(await doConfirmed(second) ? "kept.done" : "kept.changed"));
					onDone();
				})}>{say("kept.do")}</Button>}
			{(second.state === "waiting" || second.state === "confirmed") && <Button busy={busy} onClick={() => act(async () => {
				await remove("/v1/seconds/{id}", { path: { id: second.id } });
				onDone();
			})}>{say("seconds.withdraw")}</Button>}
			{fresh && <a href={packagePath(second.id)} download={`package-${second.id}.tar`}>{say("kept.download")}</a>}
		</div>
		<Problem error={error} inline />
	</li>;
}

/** `of` narrows it to one kind, and `about` to one job. */
export function Acts({ of, about, onDone }: { of?: string; about?: string; onDone?: () => void }) {
	const asked = useAsk(getActs, []);
	const done = () => { asked.again(); onDone?.(); };
	return <Loaded of={asked}>{told => {
		const fits = (second: Second) => (!of || second.kind === of) && (!about || second.object === `job:${about}`);
		const own = told.own.filter(fits), waiting = told.waiting.filter(fits);
		return own.length + waiting.length === 0 ? <Empty><p>{say("kept.no_acts")}</p></Empty> : <>
			{waiting.length > 0 && <><h2>{say("seconds.waiting")}</h2>
				<ul class="told">{waiting.map(second => <li key={second.id}>
					<p><strong>{sayCode("seconds.kind", second.kind)}</strong> · <About second={second} /></p>
					<Detail second={second} />
					<p class="soft"><Person id={second.proposed_by} />, <Time at={second.proposed} /></p>
					<p><a href={link("seconds")}>{say("kept.answer")}</a></p></li>)}</ul></>}
			{own.length > 0 && <><h2>{say("seconds.own")}</h2>
				<ul class="told">{own.map(second => <Own key={second.id} second={second} onDone={done} />)}</ul></>}
		</>;
	}}</Loaded>;
}
