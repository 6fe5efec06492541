import { drawn, spanUnit, ticks } from "./stats";
import { equal, test } from "./test";

test("an axis has few round numbers, from 0 to what is drawn", () => {
	equal(ticks(0, true), [0, 1]);
	equal(ticks(1, true), [0, 1]);
	equal(ticks(3, true), [0, 1, 2, 3]);
	equal(ticks(18, true), [0, 5, 10, 15, 20]);
	equal(ticks(100, true), [0, 50, 100]);
	for (const most of [1, 2, 7, 49, 50, 51, 999, 12345, 1e9]) {
		const marks = ticks(most, true);
		equal([marks.length >= 2 && marks.length <= 7, marks[marks.length - 1]! >= most], [true, true]);
	}
	equal(ticks(0.5, false).length <= 7, true);
});

test("what is hidden is not drawn, nor made up of what stands beside it", () => {
	const row = { period: "2026-01-01", key: null, value: 3, of: 4, share: 0.75, median_s: 60, p75_s: 70, p90_s: 80, hidden: false };
	equal([drawn(row, "count"), drawn(row, "share"), drawn(row, "time"), drawn(row, "level")], [3, 75, 60, 3]);
	equal(drawn({ ...row, hidden: true }, "count"), null);
	equal(drawn({ period: "2026-01-01", key: null, value: 0, share: null, hidden: false }, "share"), null);
	equal(drawn({ period: "2026-01-01", key: null, value: 0, hidden: false }, "time"), null);
});

test("a span is told in the unit that reads best", () => {
	equal([spanUnit(0).unit, spanUnit(119).unit, spanUnit(120).unit, spanUnit(7199).unit, spanUnit(7200).unit, spanUnit(400000).unit],
		["second", "second", "minute", "minute", "hour", "day"]);
});
