/* Reports to NCMEC: the states that they go through, and their paths. */
import { post } from "./api";

export const FILING_STATES = ["draft", "approved", "opening", "open", "uploading", "detailing", "finishing", "finished",
	"retracting", "retracted", "abandoned", "failed"] as const;

/** What is downloaded rather than asked for. */
export function filingPath(filing: string, what: "receipt" | "package"): string {
	return `/v1/filings/${encodeURIComponent(filing)}/${what}`;
}

/** True when it is approved; false when it waits for a second person. */
export async function approveFiling(filing: string, sha256: string, reason: string): Promise<boolean> {
	return !("second" in await post("/v1/filings/{filing}/approve", { path: { filing }, body: { sha256, reason } }));
}
