/* Reports to authorities: the states that they go through, and their paths. */
import { askRaw, post } from "./api";

export const FILING_STATES = ["draft", "approved", "opening", "open", "uploading", "detailing", "finishing", "finished",
	"retracting", "retracted", "abandoned", "failed", "ready", "downloaded", "sent", "acknowledged"] as const;

/** What is downloaded rather than asked for. */
export function filingPath(filing: string, what: "receipt" | "package"): string {
	return `/v1/filings/${encodeURIComponent(filing)}/${what}`;
}

/** True when it is approved; false when it waits for a second person. */
export async function approveFiling(filing: string, sha256: string, reason: string): Promise<boolean> {
	return !("second" in await post("/v1/filings/{filing}/approve", { path: { filing }, body: { sha256, reason } }));
}

/** The sealed package of a report for another authority, opened for this reason, as a file of the browser's. */
export async function takeOut(filing: string, reason: string): Promise<void> {
	const answer = await askRaw("POST", `/v1/filings/${encodeURIComponent(filing)}/download`, JSON.stringify({ reason }),
			"application/json");
	const address = URL.createObjectURL(await answer.blob());
	const link = document.createElement("a");
	link.href = address;
	link.download = `report-${filing}.tar`;
	link.click();
	/* The browser has begun to read it by then, and it is not kept for the next person here. */
	setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
