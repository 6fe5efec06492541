/* Who somebody is, as far as this person may know: oneself, a pseudonym, or the end of an id. */
import { get } from "../base/api";
import { may, session } from "../base/session";
import { say } from "../base/words";
import { useEffect, useState } from "preact/hooks";
import { Given, Id } from "./basic";

let names: { of: string; told: Promise<Map<string, string>> } | undefined;

function getNames(): Promise<Map<string, string>> {
	const of = session.value?.session ?? "";
	if (!names || names.of !== of)
		names = { of, told: get("/v1/people").then(
			({ people }) => new Map(people.map(person => [person.id, person.pseudonym])), () => new Map()) };
	return names.told;
}

export function Person({ id }: { id: string }) {
	const [name, setName] = useState<string | undefined>();
	const me = session.value;
	useEffect(() => {
		let here = true;
		if (may("people.see") && id !== me?.person)
			void getNames().then(names => here && setName(names.get(id)));
		return () => { here = false; };
	}, [id]);
	if (id === me?.person)
		return <span>{say("person.you")}</span>;
	return name ? <Given>{name}</Given> : <Id of={id} />;
}
