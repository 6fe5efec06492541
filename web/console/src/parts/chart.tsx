/*
 * A chart: an SVG of our own making, with axes, units, and a mark where a number is hidden.
 *
 * Counts of one kind are bars, all else is lines; lines differ by how they are dashed as well as by colour.  In
 * languages from right to left time runs that way, too.  All that it shows is in the table beneath it.
 */
import type { JSX } from "preact";
import { drawn, spanUnit, type StatsTable, ticks } from "../base/stats";
import { language, LANGUAGES, number, say, sayCode } from "../base/words";

const WIDTH = 640, HEIGHT = 240, LEFT = 56, RIGHT = 12, TOP = 34, BOTTOM = 34;
const SERIES_MAX = 6;

/** "Jan 5", "January", "2026": the first day of a period. */
export function periodWords(period: string, step: string): string {
	const form: Intl.DateTimeFormatOptions = step === "year" ? { year: "numeric" } : step === "month"
		? { month: "short", year: "numeric" } : { day: "numeric", month: "short" };
	return new Intl.DateTimeFormat(language.value, { ...form, timeZone: "UTC" }).format(new Date(`${period}T00:00:00Z`));
}

/** A key's rows are in the picture when they are among the first; all are in the table. */
export function seriesOf(table: StatsTable): { keys: (string | null)[]; left: number } {
	const keys = [...new Set(table.rows.map(row => row.key))];
	const split = keys.filter(key => key !== null);
	return table.by && split.length ? { keys: split.slice(0, SERIES_MAX), left: Math.max(0, split.length - SERIES_MAX) }
		: { keys: [null], left: 0 };
}

export function Chart({ table, name, unit, keyWords }: { table: StatsTable; name: string; unit: string;
		keyWords: (key: string) => string }) {
	const rtl = LANGUAGES[language.value].rtl;
	const periods = [...new Set(table.rows.map(row => row.period))];
	const { keys, left } = seriesOf(table);
	const series = keys.map(key => periods.map(period => table.rows.find(row => row.key === key && row.period === period)));
	const values = series.map(rows => rows.map(row => row ? drawn(row, table.kind) : null));
	const most = Math.max(0, ...values.flat().map(value => value ?? 0));
	const span = table.kind === "time" || table.unit === "seconds" ? spanUnit(most) : undefined;
	const size = span?.size ?? 1;
	const marks = table.kind === "share" ? [0, 25, 50, 75, 100] : ticks(most / size, !span);
	const top = marks[marks.length - 1]! * size;
	const across = WIDTH - LEFT - RIGHT, down = HEIGHT - TOP - BOTTOM;
	const turn = (x: number) => rtl ? WIDTH - x : x;
	const x = (index: number) => turn(LEFT + (index + 0.5) * across / Math.max(1, periods.length));
	const y = (value: number) => TOP + down - (top > 0 ? value / top : 0) * down;
	const every = Math.max(1, Math.ceil(periods.length / 7));
	const bars = keys.length === 1 && (table.kind === "count" || table.kind === "level");
	const width = Math.max(1, across / Math.max(1, periods.length) * 0.7);
	const isHidden = series.some(rows => rows.some(row => row?.hidden));
	const axis = span ? sayCode("stats.in", span.unit) : table.kind === "share" ? say("stats.in_percent") : unit;

	return <figure class="chart">
		<svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name}, ${axis}. ${say("stats.in_table")}`}>
			<text class="axis" x={turn(4)} y={14} text-anchor={rtl ? "end" : "start"}>{axis}</text>
			{marks.map(mark => <g key={mark}>
				<line class={mark === 0 ? "base" : "grid"} x1={turn(LEFT)} x2={turn(WIDTH - RIGHT)} y1={y(mark * size)} y2={y(mark * size)} />
				<text class="axis" x={turn(LEFT - 6)} y={y(mark * size) + 4} text-anchor={rtl ? "start" : "end"}>{number(mark)}</text>
			</g>)}
			{periods.map((period, index) => index % every === 0 && <text key={period} class="axis" x={x(index)} y={HEIGHT - 12}
				text-anchor="middle">{periodWords(period, table.step)}</text>)}
			{bars && values[0]!.map((value, index) => value !== null && <rect key={index} class="bar s0" x={x(index) - width / 2}
				width={width} y={y(value)} height={Math.max(0, TOP + down - y(value))}>
				<title>{periodWords(periods[index]!, table.step)}: {number(Math.round(value / size * 10) / 10)}</title></rect>)}
			{!bars && values.map((line, at) => <Line key={at} line={line} at={at} x={x} y={y} />)}
			{series.map((rows, at) => rows.map((row, index) => row?.hidden && <rect key={`${at}/${index}`} class="few"
				x={x(index) - 4} y={TOP + down - 11 - at * 12} width="8" height="8"><title>{say("stats.hidden_mark")}</title></rect>))}
		</svg>
		{(keys[0] !== null || isHidden) && <ul class="legend" aria-hidden="true">
			{keys.map((key, at) => key !== null && <li key={key}>
				<svg viewBox="0 0 28 8" width="28" height="8"><path class={`line s${at}`} d="M0 4H28" /></svg> <bdi>{keyWords(key)}</bdi></li>)}
			{left > 0 && <li class="soft">{say("stats.left", { count: left })}</li>}
			{isHidden && <li class="soft"><svg viewBox="0 0 10 10" width="10" height="10"><rect class="few" x="1" y="1" width="8" height="8" /></svg>{" "}
				{say("stats.hidden_mark")}</li>}
		</ul>}
	</figure>;
}

/* A line has a gap where there is no number: it does not make one up. */
function Line({ line, at, x, y }: { line: (number | null)[]; at: number; x: (index: number) => number;
		y: (value: number) => number }): JSX.Element {
	let path = "", isDown = false;
	line.forEach((value, index) => {
		if (value !== null)
			path += `${isDown ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
		isDown = value !== null;
	});
	return <g>
		<path class={`line s${at}`} d={path} />
		{line.map((value, index) => value !== null && <circle key={index} class={`dot s${at}`} cx={x(index)} cy={y(value)} r="2.5" />)}
	</g>;
}
