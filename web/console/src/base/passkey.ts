/* Passkeys: what the browser's authenticator says, in the API's base64url. */
import { post, type Schemas } from "./api";

function toBytes(text: string): Uint8Array<ArrayBuffer> {
	const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
	return Uint8Array.from(plain, letter => letter.charCodeAt(0));
}

function toText(bytes: ArrayBuffer): string {
	return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_")
		.replace(/=+$/, "");
}

export const havePasskeys = "PublicKeyCredential" in window;

/** The person has closed the browser's window, or let it wait too long: no trouble to speak of. */
export function wasCancelled(error: unknown): boolean {
	return error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");
}

export async function logInByPasskey(): Promise<Schemas["Session"]> {
	const asked = await post("/v1/session/challenge");
	const key = await navigator.credentials.get({ publicKey: {
		challenge: toBytes(asked.challenge), rpId: asked.rp_id, userVerification: "required", timeout: 120000,
	} }) as PublicKeyCredential;
	const said = key.response as AuthenticatorAssertionResponse;
	return await post("/v1/session", { body: { ticket: asked.ticket, passkey: {
		id: toText(key.rawId), client_data: toText(said.clientDataJSON),
		authenticator_data: toText(said.authenticatorData), signature: toText(said.signature),
	} } }) as Schemas["Session"];
}

export async function addPasskey(label: string, password?: string): Promise<Schemas["Session"]> {
	const asked = await post("/v1/session/passkeys/challenge", { body: password ? { password } : {} });
	const key = await navigator.credentials.create({ publicKey: {
		challenge: toBytes(asked.challenge),
		rp: { id: asked.rp_id, name: asked.rp_name },
		user: { id: toBytes(asked.user_id), name: asked.user_name, displayName: asked.user_display_name },
		pubKeyCredParams: asked.algorithms.map(alg => ({ type: "public-key" as const, alg })),
		excludeCredentials: asked.exclude.map(id => ({ type: "public-key" as const, id: toBytes(id) })),
		authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
		attestation: "none", timeout: 120000,
	} }) as PublicKeyCredential;
	const said = key.response as AuthenticatorAttestationResponse;
	return await post("/v1/session/passkeys", { body: { ticket: asked.ticket, label,
		client_data: toText(said.clientDataJSON), attestation: toText(said.attestationObject) } });
}
