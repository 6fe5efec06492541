/* Light or dark: as the system has it, unless the person has said so here. */
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export const THEMES: Theme[] = ["system", "light", "dark"];
const KEPT_AS = "ward-theme";

export const theme = signal<Theme>("system");

export function setTheme(wanted: Theme, keep = false): void {
	theme.value = wanted;
	if (wanted === "system")
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = wanted;
	if (keep)
		localStorage.setItem(KEPT_AS, wanted);
}

export function loadTheme(): void {
	const kept = localStorage.getItem(KEPT_AS) as Theme | null;
	setTheme(kept && THEMES.includes(kept) ? kept : "system");
}
