/* The console begins: who is there, in which language, and which page. */
import { type ComponentType, render } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { go, link, place } from "./base/route";
import { listenToKeys } from "./base/keys";
import { isWhole, loadSession, recoveryCodes, session } from "./base/session";
import { loadTheme } from "./base/theme";
import { preferredLanguage, say, setLanguage } from "./base/words";
import { pages } from "./pages";
import Enrol from "./pages/enrol";
import Login, { JoinBeside } from "./pages/login";
import { RecoveryCodes } from "./parts/recovery";
import { Empty, Problem, Title, Waiting } from "./parts/basic";
import { Frame, openPages } from "./parts/frame";

const loaded = new Map<string, ComponentType>();

function Page() {
	/* Linking one's account at the provider ends there, too; the session is as it was. */
	const here = place.value.page === "oidc" ? "account" : place.value.page;
	const name = here || openPages()[0]?.name || "account";
	const row = pages.find(page => page.name === name);
	/* Its address is that of an answer, which a later log-out would ask for again. */
	useLayoutEffect(() => {
		if (place.value.page === "oidc")
			go(link("account"), true);
	}, [place.value]);
	const [, setTurn] = useState(0);
	const [error, setError] = useState<unknown>();
	useEffect(() => {
		document.title = row?.word ? `${say(row.word)} · ward` : "ward";
		setError(undefined);
		if (row && !loaded.has(row.name))
			row.load().then(piece => {
				loaded.set(row.name, piece.default);
				setTurn(turn => turn + 1);
			}, setError);
	}, [row]);
	if (!row)
		return <><Title>{say("page.none")}</Title><Empty><p>{say("page.none_says")}</p>
			<p><a href="#/">{say("page.none_way")}</a></p></Empty></>;
	const Piece = loaded.get(row.name);
	if (!Piece)
		return error ? <Problem error={error} again={() => location.reload()} /> : <Waiting />;
	return <Piece key={row.name} />;
}

function Console() {
	const [error, setError] = useState<unknown>();
	useEffect(() => {
		loadSession().catch(setError);
	}, []);
	if (session.value === undefined)
		return <Frame>{error ? <Problem error={error} again={() => location.reload()} /> : <Waiting />}</Frame>;
	return <Frame>{recoveryCodes.value.length ? <RecoveryCodes />
		: session.value && place.value.page === "join" ? <JoinBeside />
		: isWhole.value ? <Page /> : session.value ? <Enrol /> : <Login />}</Frame>;
}

loadTheme();
listenToKeys();
void setLanguage(preferredLanguage()).then(() => render(<Console />, document.getElementById("page")!));
