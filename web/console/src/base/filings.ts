/* Reports to NCMEC as the server tells of them (/v1/filings). */
import { askRaw } from "./api";

export const FILING_STATES = ["draft", "approved", "opening", "open", "uploading", "detailing", "finishing", "finished",
	"retracting", "retracted", "abandoned", "failed"] as const;

export interface Filing {
	id: string;
	job: string | null;
	reference: string;
	environment: "test" | "production";
	state: typeof FILING_STATES[number];
	alert: string | null;
	/** NCMEC's last that was not 0. */
	code: number;
	message: string | null;
	report: number | null;
	wish: string | null;
	draft_sha256: string;
	/** How many must approve, and how many have. */
	persons: number;
	approvals: number;
	files: number;
	files_sent: number;
	files_told: number;
	tries: number;
	due_at: string | null;
	created_at: string | null;
	approved_at: string | null;
	finished_at: string | null;
	changed_at: string | null;
}

export interface WholeFiling extends Filing {
	file_list: { number: number; item: string; state: string; size: number; file: string | null; viewed: boolean }[];
	approved_by: { person: string; at: string | null; reason: string; counts: boolean }[];
	calls: { number: number; call: string; begun_at: string | null; ended_at: string | null; outcome: string;
		status: number | null; code: number | null; means: string | null; request_id: string | null }[];
	history: { number: number; at: string | null; actor: string; role: string; action: string; reason: string }[];
}

export interface Checked {
	sound: boolean;
	errors: number;
	warnings: number;
	findings: { rule: string; severity: "error" | "warning"; path: string; says: string }[];
}

export interface Draft {
	sha256: string;
	draft: unknown;
}

export function filingPath(id = "", more = ""): string {
	return `/v1/filings${id && `/${encodeURIComponent(id)}`}${more && `/${more}`}`;
}

async function read<T>(url: string, signal: AbortSignal): Promise<T> {
	return await (await askRaw("GET", url, undefined, undefined, signal)).json() as T;
}

export async function getFilings(query: Record<string, string | undefined>, signal: AbortSignal): Promise<Filing[]> {
	const given = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
	return (await read<{ filings: Filing[] }>(`${filingPath()}?${new URLSearchParams(given)}`, signal)).filings;
}

export const getFiling = (id: string, signal: AbortSignal) => read<WholeFiling>(filingPath(id), signal);
export const getFindings = (id: string, signal: AbortSignal) => read<Checked>(filingPath(id, "findings"), signal);
export const getDraft = (id: string, signal: AbortSignal) => read<Draft>(filingPath(id, "draft"), signal);

/** True when it is done; false when it waits for a second person. */
export async function actOnFiling(id: string, what: "approve" | "retract" | "again", body: object): Promise<boolean> {
	return (await askRaw("POST", filingPath(id, what), JSON.stringify(body), "application/json")).status !== 202;
}
