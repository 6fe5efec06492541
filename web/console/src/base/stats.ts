/* The work in numbers, as the server counts it (/v1/stats), and where a number stands in a picture. */
import type { Schemas } from "./api";

export type Kind = Schemas["StatsKind"];
export type StatsRow = Schemas["StatsRow"];
export type StatsTable = Schemas["StatsTable"];
export type Step = Schemas["StatsStep"];

export interface Question {
	from: string;
	to: string;
	step: Step;
	metric: string;
	by: string;
}

export function statsPath(question: Question, format?: "csv" | "json"): string {
	const given = Object.entries({ ...question, format }).filter((pair): pair is [string, string] => !!pair[1]);
	return `/v1/stats?${new URLSearchParams(given)}`;
}

/** What of a row is drawn: a count, a part of 100, or the median in seconds; null where there is nothing to draw. */
export function drawn(row: StatsRow, kind: Kind): number | null {
	if (row.hidden)
		return null;
	if (kind === "share")
		return row.share === null || row.share === undefined ? null : row.share * 100;
	return kind === "time" ? row.median_s ?? null : row.value;
}

/** The unit in which seconds are read best, and how many of them it has. */
export function spanUnit(seconds: number): { unit: "second" | "minute" | "hour" | "day"; size: number } {
	return seconds >= 2 * 86400 ? { unit: "day", size: 86400 } : seconds >= 2 * 3600 ? { unit: "hour", size: 3600 }
		: seconds >= 120 ? { unit: "minute", size: 60 } : { unit: "second", size: 1 };
}

/** Round numbers from 0 to at least `most`, four to six of them; whole ones for what is counted. */
export function ticks(most: number, whole: boolean): number[] {
	if (most <= 0)
		return [0, 1];
	const rough = most / 4, ten = 10 ** Math.floor(Math.log10(rough));
	const round = [1, 2, 5, 10].map(by => by * ten).find(step => step >= rough * 0.999) ?? 10 * ten;
	const step = whole ? Math.max(1, Math.round(round)) : round;
	return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) => index * step);
}
