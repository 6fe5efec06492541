/* Jobs as rows of a table: facts alone, nothing of an item.  j and k go through them, Enter opens one. */
import { useRef, useState } from "preact/hooks";
import type { Schemas } from "../base/api";
import type { Command } from "../base/keys";
import { link } from "../base/route";
import { session } from "../base/session";
import { number, say, sayCode } from "../base/words";
import { Given, Id, Time } from "./basic";

type Job = Schemas["Job"];

export interface Rows {
	at: number;
	setAt: (at: number) => void;
	commands: Command[];
	body: { current: HTMLTableSectionElement | null };
}

export function useRows<T>(all: T[], open: (one: T) => void): Rows {
	const [at, setAt] = useState(0);
	const body = useRef<HTMLTableSectionElement | null>(null);
	const chosen = Math.min(at, Math.max(0, all.length - 1));
	/* Where one is now, also when keys come faster than the page is drawn. */
	const here = useRef({ at: chosen, count: 0 });
	here.current = { at: chosen, count: all.length };
	function move(by: number) {
		const next = Math.min(here.current.count - 1, Math.max(0, here.current.at + by));
		here.current.at = next;
		setAt(next);
		const row = body.current?.children[next];
		row?.scrollIntoView({ block: "nearest" });
		row?.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
	}
	const commands: Command[] = all.length === 0 ? [] : [
		{ key: "j", word: "keys.down", run: () => move(1) },
		{ key: "k", word: "keys.up", run: () => move(-1) },
		{ key: "Enter", word: "keys.open", run: () => all[chosen] !== undefined && open(all[chosen]!) },
	];
	return { at: chosen, setAt, commands, body };
}

function HeldBy({ job }: { job: Job }) {
	if (!job.lease_person)
		return <span class="soft">{job.waits === "first" ? "" : sayCode("job.waits", job.waits)}</span>;
	return <span class="held">{say(job.lease_person === session.value?.person ? "job.held_me" : "job.held")}</span>;
}

/** What is known before anything is looked at, in a line. */
export function factWords(facts: Record<string, unknown>): string[] {
	const words: string[] = [];
	for (const name of ["finding", "list", "reporter", "channel"]) {
		const value = facts[name];
		if (typeof value === "string" && value)
			words.push(sayCode(`fact.${name}`, value));
	}
	return words;
}

export function JobRows({ jobs, rows, caption, queues, chosen, more }: { jobs: Job[]; rows: Rows; caption: string;
		queues?: boolean; chosen?: { has: (id: string) => boolean; toggle: (id: string) => void };
		more?: (job: Job) => string }) {
	return <div class="wide"><table class="rows stacked">
		<caption class="hidden">{caption}</caption>
		<thead><tr>
			{chosen && <th scope="col"><span class="hidden">{say("bulk.chosen")}</span></th>}
			<th scope="col">{say("job.job")}</th>
			<th scope="col" class="number">{say("job.priority")}</th>
			<th scope="col">{say("job.facts")}</th>
			{queues && <th scope="col">{say("job.queue")}</th>}
			<th scope="col" class="number">{say("job.reports")}</th>
			<th scope="col">{say("job.age")}</th>
			<th scope="col">{say("job.state")}</th>
		</tr></thead>
		<tbody ref={rows.body}>{jobs.map((job, index) =>
			<tr key={job.id} class={index === rows.at ? "at" : undefined} onFocusCapture={() => rows.setAt(index)}>
				{chosen && <td><input type="checkbox" aria-label={say("bulk.choose", { id: job.id.slice(-8) })}
					checked={chosen.has(job.id)} onChange={() => chosen.toggle(job.id)} /></td>}
				<td><a href={link("job", [job.id])}><Id of={job.id} /></a>
					{job.starred && <span aria-label={say("job.starred")}> ★</span>}</td>
				<td class="number">{number(job.priority)}{job.urgent &&
					<strong class="urgent"> {say("job.urgent")}</strong>}</td>
				<td>{factWords(job.facts).map(word => <span key={word} class="tag"><Given>{word}</Given></span>)}
					{job.known_decision && <span class="tag">{say("job.known")}</span>}
					{more && <span class="tag">{more(job)}</span>}</td>
				{queues && <td><Given>{job.queue}</Given></td>}
				<td class="number">{number(job.reports)}</td>
				<td><Time at={job.created_at} /></td>
				<td>{job.state === "open" ? <HeldBy job={job} /> : sayCode("job.state", job.state)}</td>
			</tr>)}</tbody>
	</table></div>;
}
