/*
 * node check.mjs - the console's own tests, as TAP
 *
 * Run where it was built: the compiler's opinion of every source, the tests beside the modules without markup
 * (src/base/x_test.ts), and the size of what a browser loads before anybody can do anything.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const HERE = dirname(fileURLToPath(import.meta.url));
/* Languages and pages come when they are asked for; English and the queue are who comes first. */
const FIRST_LOAD_MAX = 60_000;

if (!existsSync(join(HERE, "node_modules")) || !existsSync(join(HERE, "dist"))) {
	console.log("1..0 # skip the console was not built here");
	process.exit(0);
}

const cases = [];

/* ---- types ---- */

const compiler = spawnSync(process.execPath, [join(HERE, "node_modules/typescript/bin/tsc"), "--noEmit"],
	{ cwd: HERE, encoding: "utf8" });
cases.push(["the compiler of TypeScript finds nothing wrong", compiler.status === 0, compiler.stdout]);

/* ---- size ---- */

const assets = readdirSync(join(HERE, "dist/assets"));
const packed = name => gzipSync(readFileSync(join(HERE, "dist", name)), { level: 9 }).length;
const named = pattern => assets.filter(name => pattern.test(name)).map(name => `assets/${name}`);
const first = ["index.html", ...named(/^(index|style|icon|en|queue|jobrows|vault)-/)];
const size = first.reduce((sum, name) => sum + packed(name), 0);
const all = assets.reduce((sum, name) => sum + packed(`assets/${name}`), packed("index.html"));
console.log(`# first load: ${size} bytes compressed in ${first.length} files; all of it: ${all}`);
cases.push([`the first load is at most ${FIRST_LOAD_MAX} bytes compressed`, size <= FIRST_LOAD_MAX && first.length > 4, ""]);

/* ---- the modules without markup ---- */

const { build } = await import("vite");
const out = mkdtempSync(join(tmpdir(), "ward-console-"));
const sources = readdirSync(join(HERE, "src/base")).filter(name => name.endsWith("_test.ts"));
await build({ configFile: false, root: HERE, logLevel: "warn", build: { outDir: out, emptyOutDir: false, ssr: true,
	target: "node18", rollupOptions: { input: sources.map(name => join(HERE, "src/base", name)) } },
	ssr: { noExternal: true } });
Object.assign(globalThis, { location: { hash: "" }, addEventListener() {}, document: { documentElement: { dataset: {} } },
	localStorage: { getItem: () => null, setItem() {} } });
globalThis.consoleTests = [];
for (const name of sources)
	await import(pathToFileURL(join(out, name.replace(/\.ts$/, ".js"))));
for (const [name, run] of globalThis.consoleTests)
	try {
		await run();
		cases.push([name, true, ""]);
	} catch (error) {
		cases.push([name, false, String(error.stack)]);
	}
rmSync(out, { recursive: true });

console.log(`1..${cases.length}`);
cases.forEach(([name, fine, says], index) => {
	if (!fine)
		console.log(says.trim().replace(/^/gm, "# "));
	console.log(`${fine ? "ok" : "not ok"} ${index + 1} - ${name}`);
});
process.exit(cases.every(([, fine]) => fine) ? 0 : 1);
