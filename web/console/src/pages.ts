/*
 * The pages there are: where each is, who may go there, and the piece of the program that has it.
 *
 * A page with a word is in the navigation, in this order, for who has one of its permissions (the server decides
 * anew at every request).  `of` names pages that belong to it.
 */
import type { ComponentType } from "preact";
import type { Word } from "./base/words";

export interface PageRow {
	name: string;
	word?: Word;
	permissions?: string[];
	of?: string[];
	load: () => Promise<{ default: ComponentType }>;
}

export const pages: PageRow[] = [
	{ name: "queue", word: "page.queue", permissions: ["queue.see"], of: ["job"],
		load: () => import("./pages/queue") },
	{ name: "search", word: "page.search", permissions: ["job.search"], load: () => import("./pages/search") },
	{ name: "seconds", word: "page.seconds", load: () => import("./pages/seconds") },
	{ name: "job", load: () => import("./pages/job") },
	{ name: "intake", word: "page.intake", permissions: ["intake.add"], load: () => import("./pages/intake") },
	{ name: "appeals", word: "page.appeals", permissions: ["appeal.decide", "job.decide", "job.search", "queue.change", "policy.change"],
		load: () => import("./pages/appeals") },
	{ name: "filings", word: "page.filings", permissions: ["report.see"], load: () => import("./pages/filings") },
	{ name: "vault", word: "page.vault", permissions: ["vault.export", "vault.export.second", "vault.hold", "vault.destroy",
		"vault.destroy.second"], load: () => import("./pages/vault") },
	{ name: "lists", word: "page.lists", permissions: ["list.see"], load: () => import("./pages/lists") },
	{ name: "policy", word: "page.policy", permissions: ["policy.see", "queue.change"], load: () => import("./pages/policy") },
	{ name: "people", word: "page.people", permissions: ["people.see", "vault.keys"], load: () => import("./pages/people") },
	{ name: "stats", word: "page.stats", permissions: ["stats.read"], load: () => import("./pages/stats") },
	{ name: "exposure", word: "page.exposure", load: () => import("./pages/exposure") },
	{ name: "account", load: () => import("./pages/account") },
];
