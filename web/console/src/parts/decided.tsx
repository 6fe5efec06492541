/* What was decided lately: taken back while nothing has left, or appealed against. */
import { useState } from "preact/hooks";
import { get, post, type Schemas } from "../base/api";
import { undoDecision } from "../base/desk";
import { useCommands } from "../base/keys";
import { notify } from "../base/notices";
import { go, link } from "../base/route";
import { may, session } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { say, sayCode } from "../base/words";
import { Button, Check, Empty, Given, Id, Loaded, Problem, TextArea, Time } from "./basic";
import { useRows } from "./jobrows";
import { FormDialog, usePaging } from "./office";
import { Person } from "./person";

type Decision = Schemas["Decision"];
const PAGE = 50;

/** An appeal that came by word of mouth. Its words are sealed as they arrive. */
export function AppealForm({ decision, onClose }: { decision: string; onClose: () => void }) {
	const [words, setWords] = useState("");
	return <FormDialog title={say("appeals.add")} doWord="appeals.keep" onClose={onClose} onDo={async () => {
		await post("/v1/decisions/{decision}/appeals", { path: { decision }, body: { words: words.trim() || undefined } });
		notify(say("appeals.added"));
	}}>
		<p>{say("appeals.add_says")}</p>
		<TextArea word="appeals.words" value={words} onValue={setWords} maxLength={5000} rows={5} />
	</FormDialog>;
}

export function Decided() {
	const paging = usePaging();
	const [own, setOwn] = useState(true), [appealed, setAppealed] = useState<string>();
	const me = session.value!.person;
	const asked = useAsk(signal => get("/v1/decisions", { query: { person: own ? me : undefined, before: paging.after,
		limit: PAGE }, signal }), [own, paging.after]);
	const decisions: Decision[] = asked.data?.decisions ?? [];
	const rows = useRows(decisions, decision => go(link("job", [decision.job])));
	const { busy, error, act } = useAct();
	useCommands(() => [...rows.commands, { key: "r", word: "keys.refresh", run: asked.again }], [decisions, rows.at]);
	return <>
		<div class="bar">{may("job.search") && <Check checked={!own} onValue={all => { setOwn(!all); paging.reset(); }}>
			{say("decided.all")}</Check>}
			<Button quiet keyName="r" onClick={asked.again}>{say("do.refresh")}</Button></div>
		<Problem error={error} inline />
		<Loaded of={asked}>{({ decisions }) => decisions.length === 0 ? <Empty><p>{say("decided.none")}</p></Empty> : <>
			<div class="wide"><table class="rows stacked">
				<caption class="hidden">{say("job.decisions")}</caption>
				<thead><tr><th scope="col">{say("job.job")}</th><th scope="col">{say("decided.at")}</th>
					<th scope="col">{say("decide.outcome")}</th><th scope="col">{say("job.who")}</th>
					<th scope="col"><span class="hidden">{say("decide.undo")}</span></th></tr></thead>
				<tbody ref={rows.body}>{decisions.map((decision, index) => <tr key={decision.id}
					class={index === rows.at ? "at" : undefined} onFocusCapture={() => rows.setAt(index)}>
					<td><a href={link("job", [decision.job])}><Id of={decision.job} /></a></td>
					<td><Time at={decision.at} /></td>
					<td>{sayCode("outcome", decision.outcome)} {decision.policy && <span class="tag"><Given>{decision.policy}</Given></span>}
						{decision.undone_at && <span class="tag">{say("decide.was_undone")}</span>}</td>
					<td><Person id={decision.person} /></td>
					<td>{!decision.undone_at && <>
						{decision.person === me && may("job.decide") && <Button busy={busy} onClick={() => act(() =>
							undoDecision(decision.id, decision.job))}>{say("decide.undo")}</Button>}
						{may("intake.add") && decision.outcome !== "escalate" && <Button quiet
							onClick={() => setAppealed(decision.id)}>{say("appeals.add")}</Button>}</>}</td>
				</tr>)}</tbody>
			</table></div>
			{paging.buttons(decisions.length === PAGE ? decisions[decisions.length - 1]!.id : undefined)}
		</>}</Loaded>
		{appealed && <AppealForm decision={appealed} onClose={() => setAppealed(undefined)} />}
	</>;
}
