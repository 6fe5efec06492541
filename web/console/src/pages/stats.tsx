/* The work in numbers: a picture and a table of each, and the same to take along. */
import { useState } from "preact/hooks";
import { get, type Schemas } from "../base/api";
import { type Question, spanUnit, statsPath, type StatsRow, type StatsTable, type Step } from "../base/stats";
import { useCommands } from "../base/keys";
import { go, link, place } from "../base/route";
import { useAsk } from "../base/use";
import { exactTime, language, number, say, sayCode } from "../base/words";
import { Agreement } from "../parts/agreement";
import { Button, Choice, Empty, Given, Loaded, Said, TextField, Title } from "../parts/basic";
import { Chart, periodWords } from "../parts/chart";
import { Tabs } from "../parts/office";
import "../office.css";

const GROUPS = ["intake", "assessment", "referral", "platform", "lists", "evidence", "wellbeing"] as const;
/* Not of the catalogue, and with numbers of its own. */
const AGREEMENT = "agreement";
const STEPS = ["day", "week", "month", "year"] as const;
const ROWS_AT_FIRST = 60;

function day(before: number): string {
	return new Date(Date.now() - before * 86400_000).toISOString().slice(0, 10);
}

/** "3.5 hours", in the language's own way. */
function span(seconds: number | null | undefined): string {
	if (seconds === null || seconds === undefined)
		return "–";
	const { unit, size } = spanUnit(seconds);
	return new Intl.NumberFormat(language.value, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 })
		.format(seconds / size);
}

function percent(share: number | null | undefined): string {
	return share === null || share === undefined ? "–"
		: new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/* A key of the server's: a word where we have one, a name of the operator's as it is. */
function keyWords(by: string | null, key: string): string {
	const told = sayCode(`fact.${by}`, key);
	return told === key ? sayCode("stats.key", key) : told;
}

function Cells({ row, table, under }: { row: StatsRow; table: StatsTable; under: number }) {
	const columns = table.kind === "share" ? 3 : table.kind === "time" ? 4 : 1;
	if (row.hidden)
		return <td class="number soft" colSpan={columns}>{say("stats.fewer", { under })}</td>;
	if (table.kind === "share")
		return <><td class="number">{percent(row.share)}</td><td class="number">{number(row.value ?? 0)}</td>
			<td class="number">{number(row.of ?? 0)}</td></>;
	if (table.kind === "time")
		return <><td class="number">{span(row.median_s)}</td><td class="number">{span(row.p75_s)}</td>
			<td class="number">{span(row.p90_s)}</td><td class="number">{number(row.value ?? 0)}</td></>;
	return <td class="number">{table.unit === "seconds" ? span(row.value) : row.value === null ? "–" : number(row.value)}</td>;
}

function Table({ table, name, under }: { table: StatsTable; name: string; under: number }) {
	const [all, setAll] = useState(false);
	const heads = table.kind === "share" ? [say("stats.share"), say("stats.those"), say("stats.of")]
		: table.kind === "time" ? [say("stats.median"), say("stats.p75"), say("stats.p90"), say("stats.counted")]
			: [sayCode("stats.unit", table.unit)];
	const rows = all ? table.rows : table.rows.slice(0, ROWS_AT_FIRST);
	return <details class="numbers"><summary>{say("stats.table", { count: table.rows.length })}</summary>
		<div class="wide"><table>
			<caption class="hidden">{name}</caption>
			<thead><tr><th scope="col">{sayCode("stats.step", table.step)}</th>
				{table.by && <th scope="col">{sayCode("stats.by", table.by)}</th>}
				{heads.map(head => <th key={head} scope="col" class="number">{head}</th>)}</tr></thead>
			<tbody>{rows.map(row => <tr key={`${row.period} ${row.key}`}>
				<th scope="row"><time dateTime={row.period}>{periodWords(row.period, table.step)}</time></th>
				{table.by && <td>{row.key === null ? <strong>{say("stats.all")}</strong> : <Given>{keyWords(table.by, row.key)}</Given>}</td>}
				<Cells row={row} table={table} under={under} />
			</tr>)}</tbody>
		</table></div>
		{rows.length < table.rows.length && <Button onClick={() => setAll(true)}>{say("stats.more", { count: table.rows.length - rows.length })}</Button>}
	</details>;
}

function Metric({ table, definition, question, under }: { table: StatsTable; definition: string | undefined;
		question: Question; under: number }) {
	const said = sayCode("stats.name", table.metric);
	const name = said === table.metric ? table.name : said;
	const alone = { ...question, metric: table.metric };
	return <section class="metric" aria-label={name}>
		<h2>{name}</h2>
		{definition && <p class="soft"><Said of="stats.says" code={table.metric} theirs={definition} /></p>}
		{table.guarded && <p class="soft">{say("stats.guarded", { step: sayCode("stats.step", table.step), under })}</p>}
		{table.rows.length === 0 ? <p class="soft">{say("stats.nothing")}</p> : <>
			<Chart table={table} name={name} unit={sayCode("stats.unit", table.unit)} keyWords={key => keyWords(table.by, key)} />
			<Table table={table} name={name} under={under} />
		</>}
		<p class="links"><a href={statsPath(alone, "csv")} download={`${table.metric}.csv`}>CSV</a>{" "}
			<a href={statsPath(alone, "json")} download={`${table.metric}.json`}>JSON</a></p>
	</section>;
}

function Group({ group, catalogue }: { group: string; catalogue: Schemas["StatsCatalogue"] }) {
	const query = place.value.query;
	const metrics = catalogue.metrics.filter(metric => metric.group === group);
	const splits = catalogue.splits.filter(split => metrics.some(metric => metric.by.includes(split.name)));
	const by = splits.some(split => split.name === query.get("by")) ? query.get("by")! : "";
	const step = STEPS.find(step => step === query.get("step")) ?? "day";
	const question: Question = { from: query.get("from") ?? day(29), to: query.get("to") ?? day(0), step, by,
		metric: metrics.filter(metric => !by || metric.by.includes(by)).map(metric => metric.id).join(",") };
	const asked = useAsk(signal => get("/v1/stats", { query: { ...question, by: by || undefined }, signal }), [JSON.stringify(question)]);
	const set = (changed: Partial<Question>) => {
		const { metric: _, ...next } = { ...question, ...changed };
		go(link("stats", [group], next), true);
	};
	useCommands(() => [{ key: "r", word: "keys.refresh", run: asked.again }], [JSON.stringify(question)]);
	return <section aria-busy={asked.loading}>
		<div class="bar start">
			<TextField word="stats.from" type="date" value={question.from} max={question.to} onValue={from => from && set({ from })} />
			<TextField word="stats.to" type="date" value={question.to} min={question.from} max={day(0)} onValue={to => to && set({ to })} />
			<Choice word="stats.each" value={step} onValue={step => set({ step: step as Step })} options={STEPS.map(step => [step, sayCode("stats.step", step)])} />
			<Choice word="stats.split" value={by} onValue={by => set({ by })} options={[["", say("stats.no_split")],
				...splits.map(split => [split.name, sayCode("stats.by", split.name)] as [string, string])]} />
		</div>
		<Loaded of={asked}>{told => <>
			<p class="soft">{say("stats.made", { time: exactTime(told.made_at) })}{" "}
				<a href={statsPath(question, "csv")} download={`ward-${group}.csv`}>CSV</a>{" "}
				<a href={statsPath(question, "json")} download={`ward-${group}.json`}>JSON</a></p>
			{told.tables.length === 0 ? <Empty><p>{say("stats.nothing")}</p></Empty>
				: <div class="metrics">{told.tables.map(table => <Metric key={table.metric} table={table} question={question} under={told.hidden_under}
					definition={metrics.find(metric => metric.id === table.metric)?.definition} />)}</div>}
		</>}</Loaded>
	</section>;
}

export default function StatsPage() {
	const asked = useAsk(signal => get("/v1/stats/catalogue", { signal }), []);
	const group = [...GROUPS, AGREEMENT].find(group => group === place.value.rest[0]) ?? "intake";
	const query = place.value.query;
	return <>
		<Title>{say("page.stats")}</Title>
		<Tabs page="stats" at={group} tabs={[...GROUPS, AGREEMENT].map(group => [group, sayCode("stats.group", group)])} query={{
			from: query.get("from") ?? undefined, to: query.get("to") ?? undefined, step: query.get("step") ?? undefined }} />
		{group === AGREEMENT ? <Agreement /> : <Loaded of={asked}>{catalogue => <Group key={group} group={group} catalogue={catalogue} />}</Loaded>}
	</>;
}
