/*
 * draw.h - for tests: a lighthouse by the sea, drawn by code
 *
 * Sky and sea are gradients with a little noise, so that codecs have work to
 * do; the tower leans with `seed`, so that two pictures can differ.
 */
#ifndef DECODE_DRAW_H
#define DECODE_DRAW_H

#include <stdint.h>
#include <stdlib.h>

static inline uint8_t draw_clip(int v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* `channels` is 1 (grey), 3 (RGB) or 4 (a fourth that falls from 255 at the left to 0). */
static inline void draw_lighthouse(uint8_t *to, uint32_t width, uint32_t height, uint32_t channels,
		uint32_t seed)
{
	uint32_t noise = seed * 2654435761u + 1;

	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			int u = (int)(x * 256 / width), v = (int)(y * 256 / height);
			int lean = (int)(seed % 5) * (v - 128) / 32;
			bool tower = v > 60 && abs(u - 128 - lean) < 10 + v / 16;
			bool lamp = v > 40 && v <= 60 && abs(u - 128 - lean) < 14;

			noise = noise * 1664525 + 1013904223;
			int grain = (int)(noise >> 29);
			int rgb[3] = { v / 2 + 40, v / 3 + 90, 230 - v / 4 };

			if (v > 180) {
				rgb[0] = 20;
				rgb[1] = 60 + (v + u / 8) % 16 * 4;
				rgb[2] = 110;
			}
			if (tower) {
				rgb[0] = 220;
				rgb[1] = rgb[2] = v / 24 % 2 ? 220 : 30;
			}
			if (lamp) {
				rgb[0] = rgb[1] = 250;
				rgb[2] = 120;
			}
			for (uint32_t c = 0; c < channels; c++)
				*to++ = c == 3 ? (uint8_t)(255 - u) : draw_clip(rgb[c] + grain);
		}
	}
}

#endif
