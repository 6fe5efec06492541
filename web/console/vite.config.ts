import { defineConfig } from "vite";

/* One page, served at /console/; pages of it and languages are pieces that come when they are asked for. */
export default defineConfig({
	base: "/console/",
	esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
	build: {
		target: "es2022",
		/* The policy allows no address but our own, also none of data. */
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		cssCodeSplit: false,
		reportCompressedSize: false,
	},
	/* npm run dev: the console from its sources, before a wardd on this machine. */
	server: { proxy: { "/v1": "http://127.0.0.1:8080" } },
});
