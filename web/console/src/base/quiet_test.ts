import { goOn, goQuiet, hideAll, unlessHidden } from "./quiet";
import { equal, test } from "./test";

test("what was asked for before everything was hidden is not shown when it comes", () => {
	const before = unlessHidden();
	equal(before(), true);
	hideAll();
	equal(before(), false);
	const after = unlessHidden();
	equal(after(), true);
	goQuiet();
	equal([after(), unlessHidden()()], [false, false]);
	goOn();
	equal([after(), unlessHidden()()], [false, true]);
});
