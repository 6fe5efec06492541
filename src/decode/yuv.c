/*
 * With 64-bit whole numbers, >> rounding down and / towards zero:
 *
 *   cy = 65536 * 255 / 219, or 65536 for the full range
 *   c  = 104597 (V to red), 132201 (U to blue), -25675 (U to green), -53279 (V to green);
 *        for the full range c * 224 / 255; then (c * 65536 + 32768) / cy
 *   shift(v, c) = ((v * c) >> 16) - (c >> 9)
 *   light(t) = ((t + K) * cy - 384 * 65536 - oy + 32768) >> 16, brought to 0..255,
 *        with K = 326 and oy = 16 * 65536, or K = 384 and oy = 0 for the full range
 *   R = light(Y + shift(V, red)), and so on; green has both shifts.
 *
 * K is only how far the table below begins before Y = 0.
 */
#include "decode/yuv.h"

/* Y and the shifts of both colours together: from -340 to 595, with room. */
enum { LOW = 512, COUNT = 1536 };

struct tables {
	uint8_t light[COUNT]; /* at LOW + t */
	int16_t red[256], green_u[256], green_v[256], blue[256];
};

static int64_t coefficient(int64_t c, int64_t cy, bool full)
{
	if (full)
		c = c * 224 / 255;
	return (c * 65536 + 32768) / cy;
}

static void fill_shift(int16_t shift[256], int64_t c)
{
	for (int64_t v = 0; v < 256; v++)
		shift[v] = (int16_t)(((v * c) >> 16) - (c >> 9));
}

static void fill(struct tables *tables, bool full)
{
	const int64_t cy = full ? 65536 : (int64_t)65536 * 255 / 219;
	const int64_t oy = full ? 0 : 16 * 65536, k = full ? 384 : 326;

	fill_shift(tables->red, coefficient(104597, cy, full));
	fill_shift(tables->blue, coefficient(132201, cy, full));
	fill_shift(tables->green_u, coefficient(-25675, cy, full));
	fill_shift(tables->green_v, coefficient(-53279, cy, full));
	for (int64_t i = 0; i < COUNT; i++) {
		int64_t light = ((i - LOW + k) * cy - 384 * 65536 - oy + 32768) >> 16;

		tables->light[i] = (uint8_t)(light < 0 ? 0 : light > 255 ? 255 : light);
	}
}

static void row_to_rgb(const struct tables *tables, const uint8_t *y, const uint8_t *u,
		const uint8_t *v, uint32_t width, uint8_t *rgb)
{
	for (uint32_t x = 0; x < width; x += 2, u++, v++) {
		const uint8_t *red = tables->light + LOW + tables->red[*v];
		const uint8_t *green =
				tables->light + LOW + tables->green_u[*u] + tables->green_v[*v];
		const uint8_t *blue = tables->light + LOW + tables->blue[*u];

		for (uint32_t i = 0; i < 2; i++, y++, rgb += 3) {
			rgb[0] = red[*y];
			rgb[1] = green[*y];
			rgb[2] = blue[*y];
		}
	}
}

void yuv_to_rgb(const struct yuv_planes *planes, uint32_t width, uint32_t height, bool full,
		uint8_t *rgb)
{
	struct tables tables;

	fill(&tables, full);
	for (uint32_t y = 0; y < height; y++)
		row_to_rgb(&tables, planes->plane[0] + (ptrdiff_t)y * planes->stride[0],
				planes->plane[1] + (ptrdiff_t)(y / 2) * planes->stride[1],
				planes->plane[2] + (ptrdiff_t)(y / 2) * planes->stride[2], width,
				rgb + (size_t)y * width * 3);
}
