/* What the vault keeps for jobs: acts of two persons, and how one that was confirmed is done. */
import { get, post, type Schemas } from "./api";
import { may } from "./session";

export type Second = Schemas["Second"];
export type Kept = Schemas["Kept"];
export type Letter = Schemas["Letter"];

const PERMISSIONS = ["vault.export", "vault.export.second", "vault.hold", "vault.destroy", "vault.destroy.second"];

export const mayKeep = () => PERMISSIONS.some(may);

export function packagePath(id: string): string {
	return `/v1/exports/${encodeURIComponent(id)}`;
}

/** The part behind "job:" of what an act is about. */
export function aboutId(second: Second): string {
	return second.object.slice(second.object.indexOf(":") + 1);
}

const text = (second: Second, name: string) => String((second.detail as Record<string, unknown> | null)?.[name] ?? "");

/** Asks for the same once more: confirmed, it is done. False when it was proposed anew, because something has changed. */
export async function doConfirmed(second: Second): Promise<boolean> {
	const id = aboutId(second), reason = second.reason;
	switch (second.kind) {
	case "vault.export":
		return "export" in await post("/v1/jobs/{job}/export", { path: { job: id },
			body: { recipient: text(second, "recipient"), key: text(second, "key"), reason } });
	case "vault.destroy":
		return "destroyed" in await post("/v1/jobs/{job}/destruction", { path: { job: id }, body: { reason } });
	case "vault.release":
		return "released" in await post("/v1/jobs/{job}/holds/release", { path: { job: id },
			body: { basis: text(second, "basis"), reference: text(second, "reference"), reason } });
	case "vault.keys":
		return "done" in await post("/v1/vault/keys/{role}/holders/{person}", {
			path: { role: text(second, "role"), person: id }, body: { reason } });
	}
	return false;
}

/** One's own acts of the vault, and those that wait for one's answer. */
export async function getActs(signal: AbortSignal): Promise<{ own: Second[]; waiting: Second[] }> {
	const { own, waiting } = await get("/v1/seconds", { signal });
	const ofVault = (second: Second) => second.kind.startsWith("vault.");
	return { own: own.filter(ofVault), waiting: waiting.filter(ofVault) };
}
