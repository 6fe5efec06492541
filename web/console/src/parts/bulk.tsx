/* Many jobs decided alike: first what it would do, of each; then, if that is meant, done. */
import { useState } from "preact/hooks";
import { post, type Schemas } from "../base/api";
import { getRules } from "../base/desk";
import { notify } from "../base/notices";
import { useAct, useAsk } from "../base/use";
import { say, sayCode } from "../base/words";
import { Button, Choice, Id, Loaded, Problem, TextArea } from "./basic";
import { Dialog } from "./dialog";

type Told = Schemas["BulkAnswer"];

function Form({ jobs, onClose, onDone }: { jobs: string[]; onClose: () => void; onDone: () => void }) {
	const rules = useAsk(() => getRules(), []);
	const [outcome, setOutcome] = useState<"violation" | "none">("none"), [policy, setPolicy] = useState("");
	const [reason, setReason] = useState(""), [tried, setTried] = useState<Told | undefined>();
	const { busy, error, act } = useAct();
	const send = (dry_run: boolean) => post("/v1/jobs/bulk", { body: { jobs, dry_run, outcome,
		policy: outcome === "violation" ? policy : undefined, reason: reason.trim() || undefined } });
	const changed = <T,>(set: (value: T) => void) => (value: T) => { set(value); setTried(undefined); };
	const fine = tried?.jobs.filter(row => row.fine).length ?? 0;
	return <Dialog wide title={say("bulk.title", { count: jobs.length })} onClose={onClose}>
		<Loaded of={rules}>{({ policies }) => <form onSubmit={event => {
			event.preventDefault();
			void act(async () => {
				if (!tried) {
					setTried(await send(true));
					return;
				}
				const told = await send(false);
				const done = told.jobs.filter(row => row.fine).length;
				notify(say("bulk.done", { count: done }), { trouble: done < told.jobs.length });
				onDone();
			});
		}}>
			<Choice word="decide.outcome" value={outcome} onValue={changed(value => setOutcome(value as typeof outcome))}
				options={(["none", "violation"] as const).map(code => [code, sayCode("outcome", code)])} />
			{outcome === "violation" && <Choice word="decide.policy" value={policy} onValue={changed(setPolicy)}
				options={[["", "…"], ...policies.filter(policy => policy.active).map(policy =>
					[policy.code, `${policy.title} (${policy.code})`] as [string, string])]} />}
			<TextArea word="decide.reason" value={reason} onValue={changed(setReason)} rows={2} maxLength={4000} />
			<Problem error={error} inline />
			{tried && <div role="status">
				<p><strong>{say("bulk.would", { count: fine })}</strong></p>
				{fine < tried.jobs.length && <ul>{tried.jobs.filter(row => !row.fine).map(row =>
					<li key={row.job}><Id of={row.job} />: <span lang="en" dir="ltr">{row.says ?? row.code}</span></li>)}</ul>}
			</div>}
			<div class="buttons">
				<Button main submit busy={busy} disabled={(outcome === "violation" && !policy) || (!!tried && fine === 0)}>
					{say(tried ? "bulk.do" : "bulk.try")}</Button>
				<Button quiet onClick={onClose}>{say("do.cancel")}</Button>
			</div>
		</form>}</Loaded>
	</Dialog>;
}

export function Bulk({ jobs, onAll, onDone }: { jobs: string[]; onAll: () => void; onDone: () => void }) {
	const [open, setOpen] = useState(false);
	return <div class="buttons">
		<Button onClick={onAll}>{say("bulk.all")}</Button>
		<Button disabled={jobs.length === 0} onClick={() => setOpen(true)}>{say("bulk.decide", { count: jobs.length })}</Button>
		{open && <Form jobs={jobs} onClose={() => setOpen(false)} onDone={() => { setOpen(false); onDone(); }} />}
	</div>;
}
