/* What a test beside a module says: a sentence, and what shows that it is true.  check.mjs runs them. */
type Test = [name: string, run: () => void | Promise<void>];

export function test(name: string, run: () => void | Promise<void>): void {
	(globalThis as unknown as { consoleTests: Test[] }).consoleTests.push([name, run]);
}

export function equal(have: unknown, want: unknown): void {
	if (JSON.stringify(have) !== JSON.stringify(want))
		throw new Error(`want ${JSON.stringify(want)}, have ${JSON.stringify(have)}`);
}
