/* The queues, and the jobs of one: what waits first comes first. */
import { useEffect, useState } from "preact/hooks";
import { get, put, remove } from "../base/api";
import { getRules, type Job, type Queue, queueTitle, takeNext } from "../base/desk";
import { useCommands } from "../base/keys";
import { go, link, place } from "../base/route";
import { may } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { number, say, sayCode } from "../base/words";
import { Button, Choice, Empty, Given, Loaded, Problem, Time, Title } from "../parts/basic";
import { JobRows, useRows } from "../parts/jobrows";

const STATES = ["open", "decided", "closed"] as const;

function Star({ queue, onChange }: { queue: Queue; onChange: () => void }) {
	const { busy, act } = useAct();
	const path = { path: { queue: queue.id } };
	return <Button quiet class="star" busy={busy} aria-pressed={queue.starred}
		aria-label={say(queue.starred ? "queue.unstar" : "queue.star", { name: queueTitle(queue) })}
		onClick={() => act(async () => {
			await (queue.starred ? remove("/v1/queues/{queue}/star", path) : put("/v1/queues/{queue}/star", path));
			onChange();
		})}>{queue.starred ? "★" : "☆"}</Button>;
}

/* One's stars first, then by the operator's place. */
function inOrder(queues: Queue[]): Queue[] {
	return queues.filter(queue => queue.active || queue.open > 0)
		.sort((a, b) => Number(b.starred) - Number(a.starred) || a.place - b.place);
}

function Queues({ queues, at, onChange }: { queues: Queue[]; at: string; onChange: () => void }) {
	return <nav class="queues" aria-label={say("queue.queues")}><ul>{queues.map(queue =>
		<li key={queue.id}>
			<a href={link("queue", [queue.id])} aria-current={queue.id === at ? "true" : undefined}>
				<Given>{queueTitle(queue)}</Given>
				<span class="count">{number(queue.open)}</span>
				<span class="soft">{queue.oldest_at
					? <>{say("queue.oldest")} <Time at={queue.oldest_at} /></>
					: say("queue.empty")}</span>
			</a>
			<Star queue={queue} onChange={onChange} />
		</li>)}</ul></nav>;
}

/* One and the same, so that nothing seems to change while there is none. */
const NONE: Job[] = [];
/** A queue that somebody looks at is asked for again so often. */
const AGAIN_MS = 20_000;

function Jobs({ queue, state, onRefresh }: { queue: Queue; state: typeof STATES[number]; onRefresh: () => void }) {
	/* The pages that were come through; the last is the one that is seen. */
	const [after, setAfter] = useState<string[]>([]);
	const asked = useAsk(signal => get("/v1/queues/{queue}/jobs", { path: { queue: queue.id },
		query: { state, after: after[after.length - 1], limit: 50 }, signal }), [queue.id, state, after[after.length - 1]]);
	const jobs = asked.data?.jobs ?? NONE;
	const { busy, error, act } = useAct();
	const take = () => void act(() => takeNext(queue.id));
	const rows = useRows(jobs, job => go(link("job", [job.id])));
	const refresh = () => { asked.again(); onRefresh(); };
	useEffect(() => {
		const again = setInterval(() => document.visibilityState === "visible" && refresh(), AGAIN_MS);
		return () => clearInterval(again);
	}, [queue.id, state]);
	const mayTake = may("job.take") && state === "open";
	/* What the first job will need is here before it is taken. */
	useEffect(() => {
		if (may("job.take") && may("policy.see"))
			void getRules().catch(() => {});
	}, []);
	useEffect(() => setAfter(after => after.length ? [] : after), [queue.id, state]);
	useCommands(() => [
		...rows.commands,
		{ key: "r", word: "keys.refresh", run: refresh },
		...(mayTake ? [{ key: "n", word: "keys.next" as const, run: take }] : []),
	], [jobs, rows.at, mayTake, queue.id]);
	return <section class="jobs" aria-busy={asked.loading}>
		<div class="bar">
			<Choice word="queue.state" value={state} options={STATES.map(code => [code, sayCode("job.state", code)])}
				onValue={state => go(link("queue", [queue.id], { state: state === "open" ? undefined : state }))} />
			<Button quiet keyName="r" onClick={refresh}>{say("do.refresh")}</Button>
			{mayTake && <Button main keyName="n" busy={busy} onClick={take}>{say("queue.take")}</Button>}
		</div>
		<Problem error={error} inline />
		<Loaded of={asked}>{({ jobs, next }) => jobs.length === 0
			? <Empty><p>{say(state === "open" ? "queue.nothing_open" : "queue.nothing")}</p></Empty>
			: <>
				<JobRows jobs={jobs} rows={rows} caption={queueTitle(queue)} />
				<div class="paging">
					{after.length > 0 && <Button onClick={() => setAfter(after.slice(0, -1))}>{say("do.earlier")}</Button>}
					{next && <Button onClick={() => setAfter([...after, next])}>{say("do.later")}</Button>}
				</div>
			</>}</Loaded>
	</section>;
}

export default function QueuePage() {
	const asked = useAsk(signal => get("/v1/queues", { signal }), []);
	const wanted = place.value.rest[0];
	const given = place.value.query.get("state");
	const state = STATES.find(state => state === given) ?? "open";
	return <>
		<Title>{say("page.queue")}</Title>
		<Loaded of={asked}>{({ queues }) => {
			const ours = inOrder(queues);
			const queue = queues.find(queue => queue.id === wanted) ?? ours.find(queue => queue.open > 0) ?? ours[0];
			return queue
				? <div class="split">
					<Queues queues={ours} at={queue.id} onChange={asked.again} />
					<Jobs key={queue.id} queue={queue} state={state} onRefresh={asked.again} />
				</div>
				: <Empty><p>{say("queue.no_queues")}</p></Empty>;
		}}</Loaded>
	</>;
}
