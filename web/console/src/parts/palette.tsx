/* Everything that can be done here, by its first letters: Ctrl or Cmd with K. */
import { useMemo, useRef, useState } from "preact/hooks";
import { type Command, commands } from "../base/keys";
import { go, link } from "../base/route";
import { searchFor } from "../base/search";
import { may } from "../base/session";
import { say } from "../base/words";
import { Dialog } from "./dialog";

interface Row {
	text: string;
	key: string;
	run: () => void;
}

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** All words that were typed stand in it. */
function fits(text: string, typed: string): boolean {
	const where = plain(text);
	return plain(typed).split(/\s+/).every(word => where.includes(word));
}

function rowsFor(typed: string, known: Command[]): Row[] {
	const rows = known.filter(command => command.word !== "keys.palette")
		.map(({ word, text, key, run }) => ({ text: text ?? say(word), key, run }))
		.filter(row => fits(row.text, typed));
	const id = typed.trim();
	if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(id))
		rows.unshift({ text: say("palette.job", { id }), key: "", run: () => go(link("job", [id])) });
	else if (id.length > 2 && may("job.search"))
		rows.push({ text: say("palette.search", { text: id }), key: "",
			run: () => searchFor("account", id) });
	return rows;
}

export function Palette({ onClose }: { onClose: () => void }) {
	const [typed, setTyped] = useState("");
	const [at, setAt] = useState(0);
	const list = useRef<HTMLUListElement>(null);
	const known = useMemo(commands, []);
	const rows = rowsFor(typed, known);
	const chosen = Math.min(at, rows.length - 1);

	function move(by: number) {
		const next = (chosen + by + rows.length) % Math.max(1, rows.length);
		setAt(next);
		list.current?.children[next]?.scrollIntoView({ block: "nearest" });
	}
	function run(row: Row | undefined) {
		if (!row)
			return;
		onClose();
		/* The dialog gives the focus back first. */
		setTimeout(row.run);
	}
	return <Dialog title={say("palette.title")} onClose={onClose}>
		<input class="typed" role="combobox" aria-expanded="true" aria-controls="palette" aria-autocomplete="list"
			aria-label={say("palette.label")} aria-activedescendant={rows.length ? `palette-${chosen}` : undefined}
			autofocus autocomplete="off" spellcheck={false} dir="auto" value={typed}
			onInput={event => { setTyped(event.currentTarget.value); setAt(0); }}
			onKeyDown={event => {
				const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
				if (step)
					move(step);
				else if (event.key === "Enter")
					run(rows[chosen]);
				else
					return;
				event.preventDefault();
			}} />
		<ul id="palette" role="listbox" class="rows" ref={list} aria-label={say("palette.title")}>
			{rows.map((row, index) => <li key={row.text} id={`palette-${index}`} role="option"
				aria-selected={index === chosen} onClick={() => run(row)}>
				<bdi>{row.text}</bdi>{row.key && <kbd>{row.key.replace("Mod", "Ctrl")}</kbd>}
			</li>)}
		</ul>
		{rows.length === 0 && <p class="soft" role="status">{say("palette.nothing")}</p>}
	</Dialog>;
}

export function Keys({ onClose }: { onClose: () => void }) {
	const known = commands().filter(command => command.key);
	return <Dialog title={say("keys.title")} onClose={onClose}>
		<dl class="keys">{known.map(({ key, word, text }) => <div key={key}>
			<dt><kbd>{key.replace("Mod", "Ctrl").replace(/^ $/, "␣")}</kbd></dt><dd>{text ?? say(word)}</dd>
		</div>)}</dl>
	</Dialog>;
}
