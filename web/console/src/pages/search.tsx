/* Jobs by what they share; or by a picture, which is hashed and not kept. Many at once can be decided alike. */
import { useEffect, useState } from "preact/hooks";
import { askRaw, get, type Schemas } from "../base/api";
import type { Job } from "../base/desk";
import { useCommands } from "../base/keys";
import { go, link, place } from "../base/route";
import { heldValue, searchFor } from "../base/search";
import { may } from "../base/session";
import { useAct, useAsk } from "../base/use";
import { number, say, sayCode } from "../base/words";
import { Button, Choice, Empty, Field, Loaded, Problem, TextField, Title } from "../parts/basic";
import { JobRows, useRows } from "../parts/jobrows";
import { Bulk } from "../parts/bulk";

const BY = ["account", "url", "host", "sha256", "item", "report", "job"] as const;
const STATES = ["open", "decided", "closed"] as const;
/* One and the same, so that nothing seems to change while there is none. */
const NONE: Job[] = [];
type By = typeof BY[number];

function Found({ by, value, state }: { by: By; value: string; state: typeof STATES[number] }) {
	const [after, setAfter] = useState<string[]>([]);
	const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
	const asked = useAsk(signal => get("/v1/jobs", { query: { by: value ? by : undefined, value: value || undefined, state,
		after: after[after.length - 1], limit: 50 }, signal }), [by, value, state, after[after.length - 1]]);
	const jobs = asked.data?.jobs ?? NONE;
	const rows = useRows(jobs, job => go(link("job", [job.id])));
	const bulk = may("job.bulk") && state === "open";
	useEffect(() => setChosen(new Set()), [asked.data]);
	function choose(id: string) {
		const next = new Set(chosen);
		if (!next.delete(id))
			next.add(id);
		setChosen(next);
	}
	useCommands(() => [...rows.commands, ...(bulk && jobs.length ? [
		{ key: " ", word: "keys.choose" as const, run: () => jobs[rows.at] && choose(jobs[rows.at]!.id) }] : [])],
		[jobs, rows.at, chosen]);
	return <Loaded of={asked}>{({ jobs, next }) => jobs.length === 0 ? <Empty><p>{say("search.nothing")}</p></Empty> : <>
		{bulk && <Bulk jobs={[...chosen]} onDone={asked.again}
			onAll={() => setChosen(chosen.size === jobs.length ? new Set() : new Set(jobs.map(job => job.id)))} />}
		<JobRows jobs={jobs} rows={rows} caption={say("page.search")} queues
			chosen={bulk ? { has: id => chosen.has(id), toggle: choose } : undefined} />
		<div class="paging">
			{after.length > 0 && <Button onClick={() => setAfter(after.slice(0, -1))}>{say("do.earlier")}</Button>}
			{next && <Button onClick={() => setAfter([...after, next])}>{say("do.later")}</Button>}
		</div>
	</>}</Loaded>;
}

/* The picture goes to the server, which tells its hash and forgets it; here it is not shown. */
function Near() {
	const [pdq, setPdq] = useState(""), [found, setFound] = useState<Schemas["NearJobs"] | undefined>();
	const { busy, error, act } = useAct();
	const rows = useRows(found?.jobs ?? [], row => go(link("job", [row.job.id])));
	async function look(body: BodyInit, type?: string) {
		setFound(await (await askRaw("POST", "/v1/jobs/search", body, type)).json());
	}
	return <details><summary>{say("search.near")}</summary>
		<p>{say("search.near_says")}</p>
		<Field word="search.picture">{attributes => <input {...attributes} type="file" accept="image/*" onChange={event => {
			const file = event.currentTarget.files?.[0];
			if (!file)
				return;
			const form = new FormData();
			/* Under a name of ours: the file's own may say more than it should. */
			form.set("file", file, "picture");
			event.currentTarget.value = "";
			void act(() => look(form));
		}} />}</Field>
		<form class="inline" onSubmit={event => {
			event.preventDefault();
			void act(() => look(JSON.stringify({ pdq: pdq.trim().toLowerCase() }), "application/json"));
		}}>
			<TextField word="search.pdq" value={pdq} onValue={setPdq} dir="ltr" spellcheck={false} required
				pattern="\s*[0-9a-fA-F]{64}\s*" />
			<Button submit busy={busy}>{say("search.go")}</Button>
		</form>
		<Problem error={error} inline />
		{found && <div role="status">
			{found.quality !== null && found.quality < 50 && <p class="note">{say("search.poor", { quality: found.quality })}</p>}
			{found.jobs.length === 0 ? <p>{say("search.nothing")}</p> : <JobRows jobs={found.jobs.map(row => row.job)} rows={rows}
				caption={say("search.near")} queues
				more={job => say("search.distance", { bits: number(found.jobs.find(row => row.job === job)?.distance ?? 0) })} />}
		</div>}
	</details>;
}

export default function Search() {
	const { query } = place.value;
	const kind = BY.find(by => by === query.get("by")) ?? "account";
	const given = { by: kind, value: query.get("value") ?? heldValue(kind),
		state: STATES.find(state => state === query.get("state")) ?? "open" };
	const [by, setBy] = useState<string>(given.by), [value, setValue] = useState(given.value);
	const [state, setState] = useState<string>(given.state);
	useEffect(() => {
		setBy(given.by);
		setValue(given.value);
		setState(given.state);
	}, [place.value]);
	return <>
		<Title>{say("page.search")}</Title>
		<form class="inline" role="search" onSubmit={event => {
			event.preventDefault();
			searchFor(by, value.trim(), state);
		}}>
			<Choice word="search.by" value={by} onValue={setBy} options={BY.map(code => [code, sayCode("search.by", code)])} />
			<TextField word="search.value" value={value} onValue={setValue} type="search" maxLength={2000} spellcheck={false} />
			<Choice word="queue.state" value={state} onValue={setState}
				options={STATES.map(code => [code, sayCode("job.state", code)])} />
			<Button main submit>{say("search.go")}</Button>
		</form>
		<Near />
		<Found key={`${given.by} ${given.value} ${given.state}`} {...given} />
	</>;
}
