/*
 * What the server answers, with the types of api/openapi.yaml.
 *
 *     const { queues } = await get("/v1/queues");
 *     await post("/v1/jobs/{job}/take", { path: { job: id } });
 *
 * A refusal is thrown as Trouble: what kind it is, the server's sentence about the way out, and how long to
 * wait.  Whatever changes something brings the session's word (csrf) in X-Ward-Token.
 */
import type { components, paths } from "../schema";
import { say, type Word } from "./words";

export type Schemas = components["schemas"];

type Method = "get" | "post" | "put" | "patch" | "delete";
export type Path<M extends Method> = {
	[P in keyof paths]: paths[P] extends { [m in M]: { responses: unknown } } ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends { [m in M]: infer O } ? O : never;

type Json<T> = T extends { content: { "application/json": infer B } } ? B : never;
type Fine<O> = O extends { responses: infer R }
	? Json<R extends { 200: infer T } ? T : never> | Json<R extends { 201: infer T } ? T : never> |
		Json<R extends { 202: infer T } ? T : never>
	: never;
/** What an operation answers when all is well. */
export type Answer<P extends keyof paths, M extends Method = "get"> = Fine<Operation<P, M>>;

type Given<O> = (O extends { parameters: { path: infer T } } ? { path: T } : { path?: undefined }) &
	(O extends { parameters: { query: infer T } } ? { query: T }
		: O extends { parameters: { query?: infer T } } ? { query?: T } : { query?: undefined }) &
	(O extends { requestBody: { content: { "application/json": infer B } } } ? { body: B }
		: O extends { requestBody?: { content: { "application/json": infer B } } } ? { body?: B } : { body?: undefined });
type Options<O> = Given<O> & { signal?: AbortSignal };
type Arguments<O> = {} extends Given<O> ? [options?: Options<O>] : [options: Options<O>];

export class Trouble extends Error {
	constructor(
		readonly status: number,
		/** "conflict" of urn:ward:problem:conflict; "offline" when nothing was answered. */
		readonly kind: string,
		/** The server's own words. */
		readonly detail: string,
		readonly retryAfterS: number,
	) {
		super(`${status} ${kind}`);
	}
}

/* The word of the session, and what to do when it is over. */
let token = "";
let onSessionLost: () => void = () => {};

export function setToken(csrf: string): void {
	token = csrf;
}

export function whenSessionIsLost(run: () => void): void {
	onSessionLost = run;
}

function address(path: string, parts: object | undefined, query: object | undefined): string {
	let text = path;
	for (const [name, value] of Object.entries(parts ?? {}))
		text = text.replace(`{${name}}`, encodeURIComponent(String(value)));
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query ?? {}))
		if (value !== undefined && value !== null && value !== "")
			search.set(name, String(value));
	const words = search.toString();
	return words ? `${text}?${words}` : text;
}

async function trouble(answer: Response): Promise<Trouble> {
	let kind = "internal", detail = "";
	try {
		const told = await answer.json();
		kind = String(told.type ?? "").replace("urn:ward:problem:", "") || kind;
		detail = String(told.detail ?? "");
	} catch {
		/* Not from ward itself: a proxy's page, perhaps.  The status says enough. */
	}
	return new Trouble(answer.status, kind, detail, Number(answer.headers.get("Retry-After")) || 0);
}

/** The answer as it came, for what is not JSON. */
export async function askRaw(method: string, url: string, body?: BodyInit, type?: string,
		signal?: AbortSignal, more?: Record<string, string>): Promise<Response> {
	const headers: Record<string, string> = { ...more };
	if (type)
		headers["Content-Type"] = type;
	if (method !== "GET" && token)
		headers["X-Ward-Token"] = token;
	let answer: Response;
	try {
		answer = await fetch(url, { method, headers, body, signal, credentials: "same-origin", cache: "no-store" });
	} catch (error) {
		if (error instanceof DOMException && error.name === "AbortError")
			throw error;
		throw new Trouble(0, "offline", "", 0);
	}
	if (answer.ok)
		return answer;
	const told = await trouble(answer);
	if (told.kind === "no-session")
		onSessionLost();
	throw told;
}

interface Loose {
	path?: object;
	query?: object;
	body?: unknown;
	signal?: AbortSignal;
}

async function ask(method: Method, path: string, given: unknown): Promise<unknown> {
	const options = (given ?? {}) as Loose;
	const needsBody = method !== "get" && method !== "delete";
	const answer = await askRaw(method.toUpperCase(), address(path, options.path, options.query),
			needsBody ? JSON.stringify(options.body ?? {}) : undefined,
			needsBody ? "application/json" : undefined, options.signal);
	if (answer.status === 204)
		return undefined;
	const text = await answer.text();
	return text ? JSON.parse(text) : undefined;
}

export const get = <P extends Path<"get">>(path: P, ...[options]: Arguments<Operation<P, "get">>) =>
	ask("get", path, options) as Promise<Answer<P, "get">>;
export const post = <P extends Path<"post">>(path: P, ...[options]: Arguments<Operation<P, "post">>) =>
	ask("post", path, options) as Promise<Answer<P, "post">>;
export const put = <P extends Path<"put">>(path: P, ...[options]: Arguments<Operation<P, "put">>) =>
	ask("put", path, options) as Promise<Answer<P, "put">>;
export const patch = <P extends Path<"patch">>(path: P, ...[options]: Arguments<Operation<P, "patch">>) =>
	ask("patch", path, options) as Promise<Answer<P, "patch">>;
export const remove = <P extends Path<"delete">>(path: P, ...[options]: Arguments<Operation<P, "delete">>) =>
	ask("delete", path, options) as Promise<Answer<P, "delete">>;

/* What a person is told of a trouble: our sentence for what we know, the server's for the rest. */
const SENTENCES: Record<string, Word> = {
	"offline": "trouble.offline",
	"no-session": "trouble.session",
	"permission": "trouble.permission",
	"not-found": "trouble.gone",
	"conflict": "trouble.conflict",
	"tries": "trouble.tries",
	"rate": "trouble.tries",
	"exposure": "trouble.exposure",
	"locked": "trouble.locked",
	"no-view": "trouble.no_view",
	"busy": "trouble.busy",
	"stopping": "trouble.busy",
	"no-store": "trouble.store",
	"storage": "trouble.store",
	"internal": "trouble.internal",
	"not-right": "trouble.not_right",
	"not-proven": "trouble.not_proven",
	"forged": "trouble.forged",
	"provider": "trouble.provider",
};

export function sentence(error: unknown): string {
	if (!(error instanceof Trouble))
		return say("trouble.page");
	const word = SENTENCES[error.kind];
	return word ? say(word, { seconds: error.retryAfterS }) : say("trouble.other", { status: error.status });
}
