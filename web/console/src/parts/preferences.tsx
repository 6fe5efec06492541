/* The language and the colours, kept by this browser alone. */
import { setTheme, theme, THEMES } from "../base/theme";
import { language, type Language, LANGUAGES, say, sayCode, setLanguage } from "../base/words";

export function Preferences() {
	return <div class="preferences">
		<label><span class="hidden">{say("frame.language")}</span>
			<select value={language.value} onChange={event =>
				void setLanguage(event.currentTarget.value as Language, true)}>
				{Object.entries(LANGUAGES).map(([code, { name }]) =>
					<option key={code} value={code} lang={code}>{name}</option>)}
			</select></label>
		<label><span class="hidden">{say("frame.theme")}</span>
			<select value={theme.value} onChange={event => setTheme(event.currentTarget.value as typeof theme.value, true)}>
				{THEMES.map(code => <option key={code} value={code}>{sayCode("theme", code)}</option>)}
			</select></label>
	</div>;
}
