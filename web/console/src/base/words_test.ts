import { equal, test } from "./test";
import { bytes, countdown, exactTime, LANGUAGES, number, relativeTime, say, sayCode, setLanguage, type Language } from "./words";

test("a sentence is filled with what it names, and follows the number", async () => {
	await setLanguage("en");
	equal(say("palette.job", { id: "17" }), "Open the job 17");
	equal(say("account.codes_left", { count: 1 }), "1 recovery code is left.");
	equal(say("account.codes_left", { count: 10 }), "10 recovery codes are left.");
	/* What was not given stays to be seen. */
	equal(say("palette.job"), "Open the job {id}");
});

test("each language has every form that its numbers ask for", async () => {
	for (const code of Object.keys(LANGUAGES) as Language[]) {
		await setLanguage(code);
		for (const count of [0, 1, 2, 3, 7, 11, 99, 100, 1000000]) {
			const words = say("job.report_items", { count });
			equal(words.includes(number(count)) && !words.includes("{"), true);
		}
	}
});

test("a code of the server's without a word is shown as it came", async () => {
	await setLanguage("fr");
	equal(sayCode("job.state", "decided"), "décidé");
	equal(sayCode("job.state", "new_one"), "new_one");
	equal(sayCode("toString", "length"), "length");
});

test("times and sizes are said in the language", async () => {
	await setLanguage("en");
	const now = Date.UTC(2026, 0, 31, 12);
	equal(relativeTime(now - 5 * 3600e3, now), "5 hr. ago");
	equal(relativeTime(now - 86400e3, now), "yesterday");
	equal(relativeTime(now, now), "now");
	equal(countdown(125), "2:05");
	equal(countdown(-3), "0:00");
	equal([bytes(0), bytes(1), bytes(34)], ["0 bytes", "1 byte", "34 bytes"]);
	equal(bytes(14234), "14.2 kB");
	equal(exactTime(now).includes("2026"), true);
	await setLanguage("es");
	equal(relativeTime(now - 86400e3, now), "ayer");
	await setLanguage("fr");
	equal(bytes(34).replace(/\s/g, " "), "34 octets");
});
