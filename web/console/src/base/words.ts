/*
 * What the page says, in the person's language.
 *
 * A catalogue is words/LANGUAGE/AREA.json: a key, and a sentence with {names} in it; or one sentence for each
 * form of number that the language has, chosen by {count}.  English is the one whose keys the compiler knows;
 * tools/check-console-words sees that the others say the same.  Numbers and times are Intl's.
 */
import { signal } from "@preact/signals";
import type en from "../../words/en";

export type Catalogue = typeof en;
export type Word = keyof Catalogue;
export type Language = "en" | "fr" | "es" | "ar";
type Values = Record<string, string | number>;
type Sentence = string | Partial<Record<Intl.LDMLPluralRule, string>>;

export const LANGUAGES: Record<Language, { name: string; rtl: boolean; load: () => Promise<{ default: unknown }> }> = {
	en: { name: "English", rtl: false, load: () => import("../../words/en") },
	fr: { name: "Français", rtl: false, load: () => import("../../words/fr") },
	es: { name: "Español", rtl: false, load: () => import("../../words/es") },
	ar: { name: "العربية", rtl: true, load: () => import("../../words/ar") },
};

export const language = signal<Language>("en");
const catalogue = signal<Record<string, Sentence>>({});
let plurals = new Intl.PluralRules("en");

const KEPT_AS = "ward-language";

function isLanguage(code: string | null | undefined): code is Language {
	return !!code && Object.hasOwn(LANGUAGES, code);
}

/** The one that was chosen here before, else the first of the browser's that we speak. */
export function preferredLanguage(): Language {
	const kept = localStorage.getItem(KEPT_AS);
	if (isLanguage(kept))
		return kept;
	for (const tag of navigator.languages) {
		const code = tag.split("-")[0]?.toLowerCase();
		if (isLanguage(code))
			return code;
	}
	return "en";
}

export async function setLanguage(code: Language, keep = false): Promise<void> {
	const loaded = (await LANGUAGES[code].load()).default as Record<string, Sentence>;
	plurals = new Intl.PluralRules(code);
	catalogue.value = loaded;
	language.value = code;
	document.documentElement.lang = code;
	document.documentElement.dir = LANGUAGES[code].rtl ? "rtl" : "ltr";
	if (keep)
		localStorage.setItem(KEPT_AS, code);
}

function filled(text: string, values: Values | undefined): string {
	return text.replace(/\{(\w+)\}/g, (all, name: string) => {
		const value = values?.[name];
		return value === undefined ? all : typeof value === "number" ? number(value) : value;
	});
}

export function say(word: Word, values?: Values): string {
	const sentence = catalogue.value[word];
	if (sentence === undefined)
		return word;
	if (typeof sentence === "string")
		return filled(sentence, values);
	const form = plurals.select(Number(values?.count ?? 0));
	return filled(sentence[form] ?? sentence.other ?? word, values);
}

/** A word of the server's in the person's language; as it came when the catalogue has none. */
export function sayCode(prefix: string, code: string): string {
	const sentence = catalogue.value[`${prefix}.${code}`];
	return typeof sentence === "string" ? sentence : code;
}

/* ---- numbers and times ---- */

export function number(value: number): string {
	return new Intl.NumberFormat(language.value).format(value);
}

export function bytes(value: number): string {
	const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
	const step = Math.min(units.length - 1, value > 0 ? Math.floor(Math.log10(value) / 3) : 0);
	/* The short form of a byte has no plural; that of the others is their sign. */
	return new Intl.NumberFormat(language.value, { style: "unit", unit: units[step]!, unitDisplay: step > 0 ? "short" : "long",
		maximumFractionDigits: step > 0 ? 1 : 0 }).format(value / 1000 ** step);
}

export function exactTime(at: string | number | Date): string {
	return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

const SPANS: [Intl.RelativeTimeFormatUnit, number][] = [
	["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60],
];

export function relativeTime(at: string | number | Date, now = Date.now()): string {
	const seconds = (new Date(at).getTime() - now) / 1000;
	const format = new Intl.RelativeTimeFormat(language.value, { numeric: "auto", style: "short" });
	for (const [unit, span] of SPANS)
		if (Math.abs(seconds) >= span)
			return format.format(Math.trunc(seconds / span), unit);
	return format.format(0, "second");
}

/** "4:05" of what is left, in the language's digits. */
export function countdown(seconds: number): string {
	const left = Math.max(0, Math.floor(seconds));
	const two = new Intl.NumberFormat(language.value, { minimumIntegerDigits: 2 });
	return `${number(Math.floor(left / 60))}:${two.format(left % 60)}`;
}

export function list(words: string[]): string {
	return new Intl.ListFormat(language.value, { type: "conjunction" }).format(words);
}
