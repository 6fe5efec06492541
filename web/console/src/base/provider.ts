/* Logging in through the operator's own provider (OpenID Connect), where ward.conf names one. */
import { askRaw, Trouble } from "./api";

export interface Provider {
	name: string;
	/** Where one is logged out there, too; null while that is not known. */
	logout: string | null;
}

export interface Outcome {
	state: "waiting" | "second" | "refused" | "linked";
	detail: string | null;
	ticket: string | null;
	next: ("totp" | "recovery" | "passkey")[];
}

export interface Identity {
	id: string;
	subject: string;
}

let asked: Promise<Provider | undefined> | undefined;

/** The one there is; undefined when there is none, or when it cannot be asked. */
export function getProvider(): Promise<Provider | undefined> {
	asked ??= askRaw("GET", "/v1/session/providers").then(
		async answer => (await answer.json()).providers[0], () => undefined);
	return asked;
}

/* Only a page of the web is gone to, whatever the answer says. */
async function leaveFor(path: string, body: object): Promise<void> {
	const { address } = await (await askRaw("POST", path, JSON.stringify(body), "application/json")).json();
	const url = new URL(address);
	if (url.protocol !== "https:" && url.protocol !== "http:")
		throw new Trouble(502, "provider", "", 0);
	location.assign(url.href);
}

export const logInThere = (options: { invitation?: string; fresh?: boolean } = {}) =>
	leaveFor("/v1/session/oidc", options);
export const linkThere = (password: string) => leaveFor("/v1/session/identities", password ? { password } : {});

export async function getOutcome(): Promise<Outcome> {
	return (await askRaw("GET", "/v1/session/oidc")).json();
}

export async function getIdentities(person: string): Promise<Identity[]> {
	return (await (await askRaw("GET", `/v1/people/${encodeURIComponent(person)}/identities`)).json()).identities;
}

/** By an admin, of somebody who is invited and has not joined yet. */
export async function linkFor(person: string, subject: string): Promise<Identity[]> {
	return (await (await askRaw("POST", `/v1/people/${encodeURIComponent(person)}/identities`, JSON.stringify({ subject }),
		"application/json")).json()).identities;
}

export async function unlink(person: string, identity: string): Promise<void> {
	await askRaw("DELETE", `/v1/people/${encodeURIComponent(person)}/identities/${encodeURIComponent(identity)}`);
}
