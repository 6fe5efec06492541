/*
 * What working on jobs needs again and again, asked for once: the policy, what can follow a decision, the queues.
 * And the job that was just taken, which the server has told whole already: its page does not ask again, so that the
 * next job is there as soon as the server has given it.
 */
import { get, post, type Schemas, Trouble } from "./api";
import { notify } from "./notices";
import { go, link } from "./route";
import { may, session } from "./session";
import { say, sayCode } from "./words";

export type Job = Schemas["Job"];
export type WholeJob = Schemas["WholeJob"];
export type Policy = Schemas["Policy"];
export type ActionKind = Schemas["ActionKind"];
export type Queue = Schemas["Queue"];

export interface Rules {
	policies: Policy[];
	kinds: ActionKind[];
	queues: Queue[];
}

const KEPT_MS = 5 * 60 * 1000;
let rules: { of: string; at: number; told: Promise<Rules> } | undefined;

/** For five minutes, and for this session alone. */
export function getRules(anew = false): Promise<Rules> {
	const of = session.value?.session ?? "";
	if (anew || !rules || rules.of !== of || Date.now() - rules.at > KEPT_MS) {
		const told = Promise.all([get("/v1/policies"), get("/v1/action-kinds"), get("/v1/queues")]).then(
			([{ policies }, { kinds }, { queues }]) => ({ policies, kinds, queues }));
		rules = { of, at: Date.now(), told };
		told.catch(() => { rules = undefined; });
	}
	return rules.told;
}

/** What a built-in kind's parameter may be, with how it is called; undefined where anything may be written. */
export type Offers = Record<string, Record<string, [string, string][] | undefined>>;

/** For the built-in kinds. What cannot be had is written by hand. */
export async function getOffers(): Promise<Offers> {
	const [told, kept, known] = await Promise.all([get("/v1/authorities"), get("/v1/vault/clocks").catch(() => undefined),
		may("list.see") ? get("/v1/lists").catch(() => undefined) : undefined]);
	return {
		report: { authority: told.authorities.map(({ id, name }) => [id, name]), incident: told.incidents.map(word => [word, word]) },
		hold: { authority: kept?.clocks.map(({ code, title }) => [code, `${title} (${code})`]) },
		list: { list: known?.lists.map(({ name }) => [name, name]) },
	};
}

/** What is the program's to fill in, and no person's. */
export const isInner = (kind: Pick<ActionKind, "name" | "builtin">, parameter: string) =>
	kind.builtin && kind.name === "report" && (parameter === "filing" || parameter === "sha256");

let handed: WholeJob | undefined;

/** The job that was just taken, once. */
export function handedJob(id: string): WholeJob | undefined {
	const job = handed?.id === id ? handed : undefined;
	handed = undefined;
	return job;
}

/** Takes the next job of a queue and goes there; says so when there is none. */
export async function takeNext(queue: string): Promise<boolean> {
	try {
		handed = await post("/v1/queues/{queue}/take", { path: { queue } });
		go(link("job", [handed.id]));
		return true;
	} catch (error) {
		if (!(error instanceof Trouble && error.status === 404))
			throw error;
		notify(say("queue.none_left"));
		return false;
	}
}

export async function undoDecision(decision: string, job: string): Promise<void> {
	await post("/v1/decisions/{decision}/undo", { path: { decision }, body: {} });
	notify(say("decide.undone"));
	go(link("job", [job], { turn: String(Date.now()) }));
}

/* What comes with ward has a title of ward's, until the operator gives it one of theirs. */
const OURS: Record<string, string> = { hold: "Keep for an authority", list: "Put on a list", report: "Report to an authority", inbox: "Inbox" };

export function kindTitle(kind: Pick<ActionKind, "name" | "title" | "builtin">): string {
	return kind.builtin && kind.title === OURS[kind.name] ? sayCode("kind", kind.name) : kind.title;
}

export function queueTitle(queue: Pick<Queue, "id" | "title">): string {
	return queue.title === OURS[queue.id] ? sayCode("queue.first", queue.id) : queue.title;
}

/** What a policy of this code is called, with what it is below. */
export function policyTitle(policies: Policy[], code: string): string {
	const titles: string[] = [];
	for (let at: string | null = code; at;) {
		const policy: Policy | undefined = policies.find(policy => policy.code === at);
		titles.unshift(policy?.title ?? at);
		at = policy?.parent ?? null;
	}
	return titles.join(" › ");
}
