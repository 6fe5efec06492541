/* A window over the page: the browser's own, so that the focus stays in it and goes back where it was. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export function Dialog({ title, onClose, children, wide }: { title: string; onClose: () => void;
		children: ComponentChildren; wide?: boolean }) {
	const dialog = useRef<HTMLDialogElement>(null);
	const id = useId();
	/* Before the page is drawn: what is typed in between would be taken for keys of the page. */
	useLayoutEffect(() => {
		const element = dialog.current!;
		const before = document.activeElement;
		element.showModal();
		return () => {
			element.close();
			if (before instanceof HTMLElement && before.isConnected)
				before.focus();
		};
	}, []);
	return <dialog ref={dialog} class={wide ? "wide" : undefined} aria-labelledby={id}
		onCancel={event => { event.preventDefault(); onClose(); }}
		onClick={event => event.target === event.currentTarget && onClose()}>
		<div class="inside">
			<h2 id={id}>{title}</h2>
			{children}
		</div>
	</dialog>;
}
