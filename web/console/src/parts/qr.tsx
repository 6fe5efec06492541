/* A QR code as a drawing: dark on light in both themes, because cameras want that. */
import { useMemo } from "preact/hooks";
import { qr } from "../base/qr";

export function Qr({ text, label }: { text: string; label: string }) {
	const square = useMemo(() => qr(text), [text]);
	const path = square.flatMap((row, y) => row.map((dark, x) => dark ? `M${x} ${y}h1v1h-1z` : "")).join("");
	return <svg class="qr" role="img" aria-label={label} viewBox={`-4 -4 ${square.length + 8} ${square.length + 8}`}
		shape-rendering="crispEdges">
		<rect x="-4" y="-4" width={square.length + 8} height={square.length + 8} fill="#fff" />
		<path d={path} fill="#000" />
	</svg>;
}
