/*
 * disk_report_style.h - how the page of `ward disk` looks: light and dark, from 360 pixels, on
 * paper
 *
 * Its digest stands in the page's policy (Content-Security-Policy), so that this and no other style
 * counts.
 */
#ifndef BIN_DISK_REPORT_STYLE_H
#define BIN_DISK_REPORT_STYLE_H

/*
 * Parts that are not in sight are neither laid out nor drawn (content-visibility), which is what
 * makes a page of 100 000 rows open at once; on paper all of them are.
 */
static const char disk_report_style[] =
		":root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;"
		"--line:#d0d7de;--band:#f3f5f7;--good:#116329;--bad:#a40e26;--link:#0550ae;"
		"--alarm:#fff1f0}\n"
		"@media screen and (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;"
		"--paper:#0f1419;--line:#30363d;--band:#171d24;--good:#56d364;--bad:#ff7b72;"
		"--link:#79b8ff;--alarm:#2a1416}}\n"
		"*{box-sizing:border-box}\n"
		"body{margin:0 auto;max-width:90rem;padding:1rem;background:var(--paper);"
		"color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\n"
		"h1{font-size:1.5rem;margin:.5rem 0}\n"
		"h2{font-size:1.2rem;margin:2rem 0 .5rem}\n"
		"h3{font-size:1rem;margin:1.5rem 0 .5rem}\n"
		"a{color:var(--link)}\n"
		":focus-visible{outline:3px solid var(--link);outline-offset:2px}\n"
		":target{outline:2px solid var(--link)}\n"
		".skip{position:absolute;left:-100vw}\n"
		".skip:focus{left:1rem;background:var(--paper);padding:.5rem}\n"
		".note{color:var(--soft);max-width:45rem}\n"
		".alarm{border:2px solid var(--bad);border-radius:.4rem;padding:.5rem 1rem;"
		"background:var(--alarm);margin:1rem 0}\n"
		".good{color:var(--good);font-weight:600}\n"
		".bad{color:var(--bad);font-weight:600}\n"
		"ul.way{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0}\n"
		"dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.25rem "
		"1rem;"
		"margin:0}\n"
		"dt{color:var(--soft)}\n"
		"dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}\n"
		"table{border-collapse:collapse;width:100%}\n"
		"caption{text-align:left;color:var(--soft);padding:.25rem 0}\n"
		"th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
		"border-bottom:1px solid var(--line);overflow-wrap:anywhere}\n"
		"thead th{background:var(--band)}\n"
		".n{text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:normal}\n"
		".few{width:auto}\n"
		".wide th,.wide td{overflow-wrap:normal}\n"
		".wide{overflow-x:auto}\n"
		".rows{table-layout:fixed}\n"
		".rows th:nth-child(1){width:4.5rem}.rows th:nth-child(2){width:42%}.rows "
		"th:nth-child(5){width:16rem}\n"
		".rows td{white-space:pre-wrap;font-size:.875rem}\n"
		".rows td:nth-child(2)::first-line{font-weight:600}\n"
		".rows small,.hash{font:.75rem/1.6 ui-monospace,monospace;color:var(--soft)}\n"
		"i{font:.75em/1 ui-monospace,monospace;font-style:normal;color:var(--bad);"
		"border:1px solid;border-radius:3px;padding:0 .2em;margin:0 "
		".1em;white-space:nowrap}\n"
		".part{content-visibility:auto;contain-intrinsic-size:auto 60000px}\n"
		"@media screen and (max-width:48rem){.rows thead{position:absolute;left:-200vw}"
		".rows tr,.rows td{display:block;width:auto}"
		".rows tr{border-bottom:2px solid var(--line);padding:.5rem 0}"
		".rows td{border:0;padding:.1rem 0}"
		"dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}\n"
		"@media print{body{max-width:none;padding:0;font-size:9pt}.rows "
		"td{font-size:7.5pt;padding:.2rem .3rem}"
		".rows th{padding:.2rem .3rem}.rows th:nth-child(1){width:2.5rem}"
		".rows th:nth-child(2){width:44%}.rows th:nth-child(5){width:11.5rem}"
		".rows small{font-size:6pt}"
		".part{content-visibility:visible}tr{break-inside:avoid}h2,h3{break-after:avoid}"
		"a{color:inherit;text-decoration:none}.skip,nav{display:none}"
		"@page{margin:15mm}}\n";

#endif
