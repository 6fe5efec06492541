import { link, readPlace } from "./route";
import { equal, test } from "./test";

const told = (hash: string) => {
	const { page, rest, query } = readPlace(hash);
	return [page, rest, [...query]];
};

test("a place is read from what stands behind the #, and written the same", () => {
	equal(told(""), ["", [], []]);
	equal(told("#/"), ["", [], []]);
	equal(told("#/job/17"), ["job", ["17"], []]);
	equal(told("#/search?by=url&value=a%2Fb"), ["search", [], [["by", "url"], ["value", "a/b"]]]);
	equal(told(link("queue", ["a/b ?#"], { state: "open", none: undefined })),
		["queue", ["a/b ?#"], [["state", "open"]]]);
});

test("an invitation's link is a place, whatever its code holds", () => {
	equal(told("#join=ab12-cd34"), ["join", [], [["code", "ab12-cd34"]]]);
	equal(told("#join=a%2Fb"), ["join", [], [["code", "a/b"]]]);
	equal(told("#join="), ["join=", [], []]);
});

test("what is no address stays as it is and breaks nothing", () => {
	equal(told("#/job/%E0%A4%A"), ["job", ["%E0%A4%A"], []]);
	equal(told("#////"), ["", [], []]);
});
