/*
 * "Stop my picture": the picture is hashed here, and only its hash is sent.
 *
 * The page (stop.html) has a form #stop whose file field has no name and is
 * therefore never part of what the form sends.  This script reads the chosen
 * files, draws each picture, or a video once a second, on a canvas that nobody
 * sees, gives the pixels to a module that imports nothing (pdq.wasm) and puts
 * one hidden field "hash" for each result into the form: 64 digits, ":", and
 * the quality.  The same is shown, so that whoever sends it sees all that goes.
 *
 * Module and page are complete when the page is: choosing and hashing need no
 * network any more.  Nothing is kept on the device: no worker that stays, no
 * storage, no cookie would tell the next person at it what was done here.
 *
 * Without script, WebAssembly or the module #plain stays, which tells other ways.
 */
"use strict";

(() => {
	const HASHES_MAX = 150; // of one form; the server takes no more
	const FRAMES_MAX = 120; // of one video
	const PIXELS_MAX = [16e6, 4e6, 1e6]; // what a canvas can hold, and that of a small device
	const QUALITY_MIN = 50; // below it a hash says nothing of the picture
	const SAME = 10; // bits; a frame so near to one before adds nothing
	const PATIENCE_MS = 15000; // for one step of a video

	const form = document.getElementById("stop");
	const plain = document.getElementById("plain");
	const picture = document.getElementById("picture");
	const state = document.getElementById("state");
	const ready = document.getElementById("ready");
	const list = document.getElementById("hashes");
	const beside = document.currentScript.src; // where the module lies

	let hasher = null; // the module's exports
	let turn = 0; // of choosing: what an earlier choice still finds is dropped

	/* ---- pixels to a hash ---- */

	/* {pdq, quality}, or null when there is no memory for it. */
	function hash(pixels) {
		const at = hasher.pixels(pixels.width, pixels.height);
		if (at === 0)
			return null;
		new Uint8Array(hasher.memory.buffer).set(pixels.data, at);
		const quality = hasher.hash();
		if (quality < 0)
			return null;
		const bytes = new Uint8Array(hasher.memory.buffer, hasher.result(), 32);
		const pdq = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
		return { pdq, quality };
	}

	/* What is drawn, as one sees it on white, and smaller only when it is of more pixels than `most`. */
	function pixelsOf(source, width, height, most) {
		const scale = Math.min(1, Math.sqrt(most / (width * height)));
		const canvas = document.createElement("canvas");
		canvas.width = Math.max(1, Math.floor(width * scale));
		canvas.height = Math.max(1, Math.floor(height * scale));
		const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
		context.fillStyle = "#fff";
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.drawImage(source, 0, 0, canvas.width, canvas.height);
		return context.getImageData(0, 0, canvas.width, canvas.height);
	}

	/* At its full size, or as near to it as there is memory for. */
	function hashOf(source, width, height) {
		for (const most of PIXELS_MAX) {
			try {
				const one = hash(pixelsOf(source, width, height, most));
				if (one)
					return one;
			} catch {
				// No memory for the canvas.
			}
		}
		return null;
	}

	function distance(a, b) {
		let bits = 0;
		for (let i = 0; i < 64; i++) {
			let different = parseInt(a[i], 16) ^ parseInt(b[i], 16);
			for (; different; different &= different - 1)
				bits++;
		}
		return bits;
	}

	/* ---- files to hashes ---- */

	/*
	 * A JPEG without what its camera wrote about it (EXIF lies in APP1 segments, before the
	 * picture's own), so that it is not turned; null when there is none of it.
	 */
	async function withoutExif(file) {
		const head = new DataView(await file.slice(0, 1 << 20).arrayBuffer());
		const parts = [];
		let from = 0;
		if (head.byteLength < 4 || head.getUint16(0) !== 0xffd8)
			return null;
		for (let at = 2; at + 4 <= head.byteLength;) {
			const marker = head.getUint16(at), next = at + 2 + head.getUint16(at + 2);
			if (marker < 0xffc0 || marker === 0xffda || next < at + 4)
				break;
			if (marker === 0xffe1) {
				parts.push(file.slice(from, at));
				from = next;
			}
			at = next;
		}
		return parts.length > 0 ? new Blob([...parts, file.slice(from)], { type: "image/jpeg" }) : null;
	}

	/*
	 * Colours as they are stored, as the server reads them.  A picture that a camera marked as turned
	 * is hashed upright, as one sees it, and as it is stored: sites keep the one or the other.
	 */
	async function hashPicture(file) {
		const found = [];
		for (const one of [file, await withoutExif(file)]) {
			if (!one)
				continue;
			const bitmap = await createImageBitmap(one, { colorSpaceConversion: "none" });
			const made = hashOf(bitmap, bitmap.width, bitmap.height);
			bitmap.close();
			if (made && !found.some(other => other.pdq === made.pdq))
				found.push(made);
		}
		return found;
	}

	function happens(element, name) {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(reject, PATIENCE_MS, new Error("too slow"));
			element.addEventListener(name, () => { clearTimeout(timer); resolve(); }, { once: true });
			element.addEventListener("error", () => { clearTimeout(timer); reject(new Error("unreadable")); },
				{ once: true });
		});
	}

	async function hashFrames(video, current) {
		// A recording may not say how long it is; then as far as it can be moved.
		const length = Number.isFinite(video.duration) ? video.duration : FRAMES_MAX;
		const step = Math.max(1, length / FRAMES_MAX);
		const found = [];
		for (let second = 0; second < length || second === 0; second += step) {
			const moved = happens(video, "seeked");
			video.currentTime = second;
			await moved;
			if (turn !== current || video.currentTime + 0.5 < second)
				break;
			const frame = hashOf(video, video.videoWidth, video.videoHeight);
			if (frame && !found.some(other => distance(other.pdq, frame.pdq) <= SAME))
				found.push(frame);
		}
		return found;
	}

	async function hashVideo(file, current) {
		const video = document.createElement("video");
		const address = URL.createObjectURL(file);
		try {
			video.muted = true;
			video.playsInline = true;
			video.preload = "auto";
			const loaded = happens(video, "loadeddata");
			video.src = address;
			await loaded;
			return await hashFrames(video, current);
		} finally {
			video.removeAttribute("src");
			video.load();
			URL.revokeObjectURL(address);
		}
	}

	/* [] when it cannot be read, or says too little. */
	async function hashFile(file, current) {
		const ways = file.type.startsWith("video/") ? [hashVideo, hashPicture]
			: [hashPicture, hashVideo];
		for (const way of ways) {
			try {
				const found = await way(file, current);
				return found.filter(one => one.quality >= QUALITY_MIN);
			} catch {
				// Not of this kind; perhaps of the other.
			}
		}
		return [];
	}

	/* ---- the form ---- */

	function clear() {
		list.replaceChildren();
		for (const field of form.querySelectorAll("input[name=hash]"))
			field.remove();
		ready.hidden = true;
	}

	/* False when there is no room for it. */
	function add(one) {
		const text = one.pdq + ":" + one.quality;
		const fields = form.querySelectorAll("input[name=hash]");
		if (Array.from(fields).some(field => field.value === text))
			return true;
		if (fields.length >= HASHES_MAX)
			return false;
		const field = document.createElement("input");
		field.type = "hidden";
		field.name = "hash";
		field.value = text;
		form.append(field);
		const item = document.createElement("li");
		item.textContent = text;
		list.append(item);
		return true;
	}

	async function choose() {
		const current = ++turn;
		let unread = false, many = false;
		clear();
		state.textContent = picture.files.length > 0 ? form.dataset.working : "";
		for (const file of picture.files) {
			// The page shows that it is at work before it is.
			await new Promise(resolve => setTimeout(resolve));
			const found = await hashFile(file, current);
			if (turn !== current)
				return;
			for (const one of found)
				many = !add(one) || many;
			unread = unread || found.length === 0;
		}
		// Nobody may think that all is stopped when it is not.
		state.textContent = [unread ? form.dataset.unreadable : "", many ? form.dataset.many : ""]
			.join(" ").trim();
		ready.hidden = list.childElementCount === 0;
	}

	/* Sent without a network the page would be gone, and with it what was found. */
	function heed() {
		for (const button of form.querySelectorAll("button"))
			button.disabled = !navigator.onLine;
	}

	async function begin() {
		const told = await fetch(new URL("pdq.wasm", beside), { credentials: "omit" });
		if (!told.ok)
			return;
		const made = await WebAssembly.instantiate(await told.arrayBuffer());
		hasher = made.instance.exports;
		picture.addEventListener("change", choose);
		addEventListener("online", heed);
		addEventListener("offline", heed);
		// Back in the history it is an empty form again.
		addEventListener("pageshow", event => { if (event.persisted) { form.reset(); choose(); } });
		heed();
		form.hidden = false;
		plain.hidden = true;
		if (picture.files.length > 0)
			choose();
	}

	if (form && globalThis.WebAssembly && globalThis.createImageBitmap)
		begin().catch(() => {});
})();
