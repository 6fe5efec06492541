/*
 * A QR code (ISO/IEC 18004) of a short text: bytes, level M, versions 1 to 12, which hold 287 bytes.
 *
 * The answer is a square of modules, true for dark, without its quiet zone.
 */

/* For each version at level M: codewords of correction in a block, then blocks of the first and the second kind,
   and data codewords of a block of the first kind (table 9). */
const VERSIONS: [correction: number, first: number, data: number, second: number][] = [
	[10, 1, 16, 0], [16, 1, 28, 0], [26, 1, 44, 0], [18, 2, 32, 0], [24, 2, 43, 0], [16, 4, 27, 0],
	[18, 4, 31, 0], [22, 2, 38, 2], [22, 3, 36, 2], [26, 4, 43, 1], [30, 1, 50, 4], [22, 6, 36, 2],
];
/* Where the centres of alignment patterns lie (annex E). */
const ALIGNMENT = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46],
	[6, 28, 50], [6, 30, 54], [6, 32, 58]];

/* ---- GF(256), by the polynomial x^8 + x^4 + x^3 + x^2 + 1 ---- */

const POWER: number[] = [], LOG: number[] = [];
for (let exponent = 0, value = 1; exponent < 255; exponent++) {
	POWER[exponent] = value;
	LOG[value] = exponent;
	value = (value << 1) ^ (value & 128 ? 0x11d : 0);
}
const times = (a: number, b: number) => a && b ? POWER[(LOG[a]! + LOG[b]!) % 255]! : 0;

function correctionOf(data: number[], count: number): number[] {
	let generator = [1];
	for (let i = 0; i < count; i++) {
		const next = [...generator, 0];
		generator.forEach((factor, at) => { next[at + 1]! ^= times(factor, POWER[i]!); });
		generator = next;
	}
	const rest = [...data, ...Array<number>(count).fill(0)];
	for (let at = 0; at < data.length; at++) {
		const factor = rest[at]!;
		generator.forEach((value, i) => { rest[at + i]! ^= times(value, factor); });
	}
	return rest.slice(data.length);
}

/* ---- the text as codewords ---- */

function dataCodewords(text: Uint8Array, version: number, room: number): number[] {
	const bits: number[] = [];
	const put = (value: number, count: number) => {
		for (let bit = count - 1; bit >= 0; bit--)
			bits.push((value >> bit) & 1);
	};
	put(4, 4);
	put(text.length, version < 10 ? 8 : 16);
	text.forEach(byte => put(byte, 8));
	put(0, Math.min(4, room * 8 - bits.length));
	while (bits.length % 8)
		bits.push(0);
	const words: number[] = [];
	for (let at = 0; at < bits.length; at += 8)
		words.push(parseInt(bits.slice(at, at + 8).join(""), 2));
	for (let pad = 0; words.length < room; pad++)
		words.push(pad % 2 ? 17 : 236);
	return words;
}

function interleave(blocks: number[][]): number[] {
	const longest = Math.max(...blocks.map(block => block.length));
	const out: number[] = [];
	for (let at = 0; at < longest; at++)
		for (const block of blocks)
			if (at < block.length)
				out.push(block[at]!);
	return out;
}

function codewords(text: Uint8Array): { version: number; words: number[] } {
	for (let version = 1; version <= VERSIONS.length; version++) {
		const [correction, first, data, second] = VERSIONS[version - 1]!;
		const room = first * data + second * (data + 1);
		if (text.length + (version < 10 ? 2 : 3) > room)
			continue;
		const all = dataCodewords(text, version, room);
		const blocks: number[][] = [];
		for (let i = 0, at = 0; i < first + second; i++) {
			const length = data + (i < first ? 0 : 1);
			blocks.push(all.slice(at, at + length));
			at += length;
		}
		return { version, words: [...interleave(blocks), ...interleave(blocks.map(block =>
			correctionOf(block, correction)))] };
	}
	throw new RangeError("too long for a QR code");
}

/* ---- the square ---- */

/* A remainder by a polynomial, behind the value (annexes C and D). */
function withRemainder(value: number, polynomial: number, bits: number): number {
	let rest = value << bits;
	for (let bit = 31 - Math.clz32(rest); rest >> bits; bit = 31 - Math.clz32(rest))
		rest ^= polynomial << (bit - bits);
	return (value << bits) | rest;
}

const MASKS: ((x: number, y: number) => boolean)[] = [
	(x, y) => (x + y) % 2 === 0, (_, y) => y % 2 === 0, x => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
	(x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0, (x, y) => (x * y) % 2 + (x * y) % 3 === 0,
	(x, y) => ((x * y) % 2 + (x * y) % 3) % 2 === 0, (x, y) => ((x + y) % 2 + (x * y) % 3) % 2 === 0,
];

class Square {
	readonly dark: boolean[][];
	readonly taken: boolean[][];

	constructor(readonly size: number) {
		this.dark = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
		this.taken = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
	}

	set(x: number, y: number, dark: boolean) {
		if (x < 0 || y < 0 || x >= this.size || y >= this.size)
			return;
		this.dark[y]![x] = dark;
		this.taken[y]![x] = true;
	}

	/* Rings around a centre: which of them are dark. */
	rings(cx: number, cy: number, dark: boolean[]) {
		for (let dy = 1 - dark.length; dy < dark.length; dy++)
			for (let dx = 1 - dark.length; dx < dark.length; dx++)
				this.set(cx + dx, cy + dy, dark[Math.max(Math.abs(dx), Math.abs(dy))]!);
	}
}

function drawFixed(square: Square, version: number) {
	const { size } = square;
	for (let at = 0; at < size; at++) {
		square.set(6, at, at % 2 === 0);
		square.set(at, 6, at % 2 === 0);
	}
	for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const)
		square.rings(x, y, [true, true, false, true, false]);
	const centres = ALIGNMENT[version - 1]!, last = centres[centres.length - 1];
	for (const y of centres)
		for (const x of centres)
			if (!(x === 6 && y === 6) && !(x === 6 && y === last) && !(x === last && y === 6))
				square.rings(x, y, [true, false, true]);
	if (version < 7)
		return;
	const told = withRemainder(version, 0x1f25, 12);
	for (let bit = 0; bit < 18; bit++) {
		const dark = ((told >> bit) & 1) === 1, far = size - 11 + bit % 3, near = Math.floor(bit / 3);
		square.set(far, near, dark);
		square.set(near, far, dark);
	}
}

/* Level M is 00 there; the mask follows. */
function drawFormat(square: Square, mask: number) {
	const told = withRemainder(mask, 0x537, 10) ^ 0x5412, { size } = square;
	const bit = (at: number) => ((told >> at) & 1) === 1;
	for (let at = 0; at < 15; at++) {
		const near = at < 6 ? at : at < 8 ? at + 1 : at === 8 ? 7 : 14 - at;
		if (at < 8)
			square.set(8, near, bit(at));
		else
			square.set(near, 8, bit(at));
		if (at < 8)
			square.set(size - 1 - at, 8, bit(at));
		else
			square.set(8, size - 15 + at, bit(at));
	}
	square.set(8, size - 8, true);
}

/* In columns of two from the right, up and down by turns. */
function drawWords(square: Square, words: number[]) {
	const { size } = square;
	let at = 0;
	for (let right = size - 1; right > 0; right -= 2) {
		if (right === 6)
			right = 5;
		for (let step = 0; step < size; step++) {
			const up = ((right + 1) & 2) === 0, y = up ? size - 1 - step : step;
			for (const x of [right, right - 1]) {
				if (square.taken[y]![x])
					continue;
				square.dark[y]![x] = at < words.length * 8 && ((words[at >> 3]! >> (7 - (at & 7))) & 1) === 1;
				at++;
			}
		}
	}
}

/* How hard it is to read: long runs, blocks, patterns like a finder's, and unequal shares (7.8.3). */
function penalty(dark: boolean[][]): number {
	const size = dark.length;
	let points = 0, count = 0;
	const lines = [...dark, ...dark.map((_, x) => dark.map(row => row[x]!))];
	for (const line of lines) {
		const text = line.map(Number).join("");
		for (const run of text.match(/0{5,}|1{5,}/g) ?? [])
			points += run.length - 2;
		for (let at = 0; at + 11 <= size; at++)
			if (text.startsWith("10111010000", at) || text.startsWith("00001011101", at))
				points += 40;
	}
	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++) {
			count += Number(dark[y]![x]);
			if (y + 1 < size && x + 1 < size && dark[y]![x] === dark[y]![x + 1] && dark[y]![x] === dark[y + 1]![x] &&
					dark[y]![x] === dark[y + 1]![x + 1])
				points += 3;
		}
	return points + 10 * Math.floor(Math.abs(count * 20 / (size * size) - 10));
}

export function qr(text: string): boolean[][] {
	const { version, words } = codewords(new TextEncoder().encode(text));
	let best: { points: number; dark: boolean[][] } | undefined;
	MASKS.forEach((masks, mask) => {
		const square = new Square(17 + 4 * version);
		drawFixed(square, version);
		drawFormat(square, mask);
		drawWords(square, words);
		square.dark.forEach((row, y) => row.forEach((dark, x) => {
			if (!square.taken[y]![x])
				row[x] = dark !== masks(x, y);
		}));
		const points = penalty(square.dark);
		if (!best || points < best.points)
			best = { points, dark: square.dark };
	});
	return best!.dark;
}
