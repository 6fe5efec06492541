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
	{ name: "account", load: () => import("./pages/account") },
];
