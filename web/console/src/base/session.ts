/* Who is logged in, and what they may. */
import { computed, signal } from "@preact/signals";
import { get, remove, type Schemas, setToken, Trouble, whenSessionIsLost } from "./api";

export type Session = Schemas["Session"];

/** undefined: not known yet; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);
/** Why there is none, when there was one. */
export const wasLost = signal(false);
/** Its person has logged out, by themselves. */
export const hasLeft = signal(false);
/** When the vault locks itself, in milliseconds of Date.now(); 0: it is locked. */
export const unlockedUntil = signal(0);

/** New recovery codes, until their person says that they are kept. */
export const recoveryCodes = signal<string[]>([]);

export const isWhole = computed(() => !!session.value && !session.value.enrolling);

export function setSession(told: Session | null): void {
	setToken(told?.csrf ?? "");
	session.value = told;
	unlockedUntil.value = told && told.unlocked_s > 0 ? Date.now() + told.unlocked_s * 1000 : 0;
	if (told)
		wasLost.value = hasLeft.value = false;
	recoveryCodes.value = told?.recovery_codes ?? (told ? recoveryCodes.peek() : []);
}

export function setUnlocked(seconds: number): void {
	unlockedUntil.value = seconds > 0 ? Date.now() + seconds * 1000 : 0;
}

whenSessionIsLost(() => {
	if (session.value)
		wasLost.value = true;
	setSession(null);
});

export async function loadSession(): Promise<void> {
	try {
		setSession(await get("/v1/session"));
	} catch (error) {
		if (error instanceof Trouble && error.status === 401)
			setSession(null);
		else
			throw error;
	}
}

export function may(permission: string): boolean {
	return !!session.value && (session.value.permissions as string[]).includes(permission);
}

export async function logOut(): Promise<void> {
	try {
		await remove("/v1/session");
	} finally {
		setSession(null);
		hasLeft.value = true;
	}
}
