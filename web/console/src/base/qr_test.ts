import jsQR from "jsqr";
import { qr } from "./qr";
import { equal, test } from "./test";

/* What a camera would see: four pixels a module, and the quiet zone around. */
function read(text: string): string | undefined {
	const square = qr(text), side = (square.length + 8) * 4;
	const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
	for (let y = 0; y < side; y++)
		for (let x = 0; x < side; x++)
			if (square[Math.floor(y / 4) - 4]?.[Math.floor(x / 4) - 4])
				pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
	return jsQR(pixels, side, side)?.data;
}

test("a QR code of any length that fits is read back by another's decoder", () => {
	for (let length = 1; length <= 287; length += 26) {
		const text = "otpauth://totp/ward:mara?secret=".padEnd(length, "JBSWY3DPEHPK3PXP").slice(0, length);
		equal(read(text), text);
	}
	equal(read("lumière قنديل"), "lumière قنديل");
});

test("the longest text is taken, and a longer one refused", () => {
	equal(qr("x".repeat(287)).length, 65);
	let refused = false;
	try {
		qr("x".repeat(288));
	} catch {
		refused = true;
	}
	equal(refused, true);
});
