/* What a page asks the server for, as it stands: on its way, there, or in trouble. */
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Asked<T> {
	data: T | undefined;
	error: unknown;
	loading: boolean;
	/** Asks again; what is there stays until the answer has come. */
	again: () => void;
	/** Puts another answer in its place, as when an act of ours was answered by the new state. */
	set: (data: T) => void;
}

/** Asks when `about` changes; an answer that comes late is passed over. */
export function useAsk<T>(run: (signal: AbortSignal) => Promise<T>, about: unknown[]): Asked<T> {
	const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({ loading: true });
	const [turn, setTurn] = useState(0);
	const latest = useRef(run);
	latest.current = run;
	/* Before the page is drawn, not behind it: two frames sooner, which is a third of the wait for the next job. */
	useLayoutEffect(() => {
		const stop = new AbortController();
		setState(state => ({ data: turn > 0 ? state.data : undefined, loading: true }));
		latest.current(stop.signal).then(
			data => stop.signal.aborted || setState({ data, loading: false }),
			error => stop.signal.aborted || setState(state => ({ data: state.data, error, loading: false })));
		return () => stop.abort();
	}, [...about, turn]);
	const again = useCallback(() => setTurn(turn => turn + 1), []);
	const set = useCallback((data: T) => setState({ data, loading: false }), []);
	return { data: state.data, error: state.error, loading: state.loading, again, set };
}

/** One act at a time: `busy` while it runs, `error` when it went wrong. */
export function useAct(): { busy: boolean; error: unknown; act: (run: () => Promise<unknown>) => Promise<boolean>;
		clear: () => void } {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>(undefined);
	const running = useRef(false);
	const act = useCallback(async (run: () => Promise<unknown>) => {
		if (running.current)
			return false;
		running.current = true;
		setBusy(true);
		setError(undefined);
		try {
			await run();
			return true;
		} catch (error) {
			setError(error);
			return false;
		} finally {
			running.current = false;
			setBusy(false);
		}
	}, []);
	return { busy, error, act, clear: useCallback(() => setError(undefined), []) };
}
