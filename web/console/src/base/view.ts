/* A view of an item: asked for at a step, shown for as long as it was granted, let go of at once. */
import { askRaw, type Schemas } from "./api";

export type Step = Schemas["Step"];
export type Told = Schemas["View"];

export interface View {
	told: Told;
	pixels: Blob;
}

export interface Asked {
	reason?: string;
	colour?: boolean;
	reveal?: { x: number; y: number };
	at_ms?: number;
}

/** The view; or the id of what was proposed to a second person. */
export async function askView(item: string, step: Step, asked: Asked): Promise<View | { second: string }> {
	const level = step === "reveal" ? "L2" : step;
	const answer = await askRaw("POST", `/v1/items/${encodeURIComponent(item)}/views`,
		JSON.stringify({ level, ...asked }), "application/json");
	if (answer.status === 202)
		return await answer.json();
	return { told: JSON.parse(answer.headers.get("Ward-View") ?? "null"), pixels: await answer.blob() };
}

const path = (item: string, view: string) =>
	`/v1/items/${encodeURIComponent(item)}/views/${encodeURIComponent(view)}`;

export async function lookOn(item: string, view: string): Promise<Schemas["LookedOn"]> {
	return (await askRaw("POST", path(item, view), "{}", "application/json")).json();
}

/** What is left of its time goes back to the day. Also while the page goes away. */
export function closeView(item: string, view: string): void {
	void askRaw("DELETE", path(item, view)).catch(() => {});
}
