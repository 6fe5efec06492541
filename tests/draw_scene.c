/* Scenes, and what uploaders do to pictures. */
#include "draw.h"

#include <math.h>

struct colour {
	float r, g, b;
};

static struct colour mix(struct colour a, struct colour b, float t)
{
	t = t < 0 ? 0 : t > 1 ? 1 : t;
	return (struct colour){ a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t,
		a.b + (b.b - a.b) * t };
}

static struct colour shade(struct colour c, float by)
{
	return (struct colour){ c.r * by, c.g * by, c.b * by };
}

/* ---- noise ---- */

static uint32_t scramble(uint32_t x)
{
	x = (x ^ x >> 16) * 0x7feb352du;
	x = (x ^ x >> 15) * 0x846ca68bu;
	return x ^ x >> 16;
}

/* 0..1, the same for the same place and seed. */
static float at_point(int x, int y, unsigned seed)
{
	return (float)(scramble((uint32_t)x * 0x9e3779b9u ^ scramble((uint32_t)y ^ seed * 77u)) &
			       0xffff) /
	       65535;
}

static float smooth(float x, float y, unsigned seed)
{
	int ix = (int)floorf(x), iy = (int)floorf(y);
	float fx = x - (float)ix, fy = y - (float)iy;

	fx = fx * fx * (3 - 2 * fx);
	fy = fy * fy * (3 - 2 * fy);
	float top = at_point(ix, iy, seed) * (1 - fx) + at_point(ix + 1, iy, seed) * fx;
	float low = at_point(ix, iy + 1, seed) * (1 - fx) + at_point(ix + 1, iy + 1, seed) * fx;

	return top * (1 - fy) + low * fy;
}

static float cloud(float x, float y, unsigned seed)
{
	return smooth(x, y, seed) * .55f + smooth(x * 2.1f, y * 2.1f, seed + 1) * .3f +
	       smooth(x * 4.3f, y * 4.3f, seed + 2) * .15f;
}

/* A number from..to that belongs to the seed. */
static float pick(unsigned seed, int which, float from, float to)
{
	return from + (to - from) * at_point(which, 1000 + which, seed + 13);
}

/* ---- scenes: x and y are 0..1, y down ---- */

static struct colour sky(float x, float y, unsigned seed)
{
	struct colour high = { pick(seed, 1, .1f, .5f), pick(seed, 2, .3f, .6f),
		pick(seed, 3, .5f, .9f) };
	struct colour low = { pick(seed, 4, .6f, 1), pick(seed, 5, .5f, .85f),
		pick(seed, 6, .4f, .8f) };
	struct colour white = { .97f, .97f, .98f };
	float cover = cloud(x * 4 + (float)(seed % 50), y * 7, seed);

	return mix(mix(high, low, y * 1.4f), white, (cover - .48f) * 3.2f);
}

static struct colour sea(float x, float depth, unsigned seed)
{
	struct colour far = { .35f, .5f, .6f }, near = { .04f, .17f, .28f };
	float wave = smooth(x * 26 / (depth + .3f), depth * 60, seed + 5);

	return shade(mix(far, near, depth * 2.5f), .75f + .5f * wave);
}

static struct colour lighthouse(float x, float y, unsigned seed)
{
	float middle = pick(seed, 10, .25f, .75f), horizon = pick(seed, 11, .6f, .72f);
	float top = pick(seed, 12, .12f, .25f), foot = horizon + .08f;
	float width = pick(seed, 13, .035f, .055f), stripes = pick(seed, 14, 3, 7);
	float rock = foot - .02f + 1.6f * (x - middle) * (x - middle) +
		     .06f * smooth(x * 18, 3, seed + 9);
	struct colour red = { pick(seed, 15, .6f, .85f), .12f, pick(seed, 16, .1f, .35f) };
	struct colour white = { .95f, .93f, .88f }, lamp = { 1, .95f, .6f };
	float side = (x - middle) / (width * (.62f + .5f * (y - top) / (foot - top)));
	struct colour c = y < horizon ? sky(x, y, seed) : sea(x, y - horizon, seed);
	float glow = hypotf(x - middle, (y - top + .03f) * .8f);

	if (y < horizon)
		c = mix(c, lamp, .5f * expf(-glow * 14));
	if (y > rock) {
		struct colour stone = { .3f, .27f, .24f };

		c = shade(stone, .45f + .9f * smooth(x * 40, y * 40, seed + 8));
	}
	if (fabsf(side) < 1 && y > top && y < foot) {
		c = (int)((y - top) / (foot - top) * stripes * 2) % 2 ? white : red;
		c = shade(c, 1.05f - .45f * (side + .4f) * (side + .4f));
	}
	if (fabsf(x - middle) < width * .5f && y > top - .06f && y <= top)
		c = fabsf(x - middle) < width * .36f ? lamp : (struct colour){ .1f, .1f, .12f };
	if (y > top - .1f && y <= top - .06f && fabsf(x - middle) < (y - top + .1f) * width * 14)
		c = shade(red, .6f);
	return c;
}

static struct colour bridge(float x, float y, unsigned seed)
{
	float deck = pick(seed, 20, .5f, .6f), left = pick(seed, 21, .18f, .28f);
	float right = 1 - left, high = pick(seed, 22, .12f, .25f);
	float along = (x - left) / (right - left);
	float cable = high + .02f + (deck - high - .05f) * 4 * along * (1 - along);
	struct colour iron = { pick(seed, 23, .3f, .7f), pick(seed, 24, .15f, .3f), .12f };
	struct colour c = y < deck + .12f ? sky(x, y, seed) : sea(x, y - deck - .12f, seed);
	bool tower = (fabsf(x - left) < .018f || fabsf(x - right) < .018f) && y > high &&
		     y < deck + .2f;
	bool hanger = y > cable && y < deck && along > 0 && along < 1 &&
		      fabsf(fmodf(along * 22, 1) - .5f) < .06f;

	if (tower || hanger || (fabsf(y - cable) < .008f && along > 0 && along < 1))
		c = iron;
	if (y > deck && y < deck + .03f)
		c = shade(iron, .6f + .5f * smooth(x * 90, y * 30, seed));
	return c;
}

static struct colour hills(float x, float y, unsigned seed)
{
	struct colour c = sky(x, y, seed);

	for (int ridge = 0; ridge < 4; ridge++) {
		unsigned own = seed + (unsigned)ridge * 31;
		float line = .35f + .14f * (float)ridge +
			     .3f * (cloud(x * (2 + (float)ridge), (float)ridge, own) - .5f);
		struct colour green = { pick(own, 30, .1f, .4f), pick(own, 31, .3f, .6f),
			pick(own, 32, .1f, .4f) };
		float haze = .75f - .2f * (float)ridge;

		if (y > line)
			c = mix(shade(green, .6f + .7f * smooth(x * 50, y * 50, own)),
					(struct colour){ .7f, .75f, .85f }, haze);
	}
	return c;
}

static struct colour shapes(float x, float y, unsigned seed)
{
	struct colour c = { pick(seed, 40, .7f, 1), pick(seed, 41, .7f, 1),
		pick(seed, 42, .7f, 1) };

	for (int i = 0; i < 14; i++) {
		unsigned own = seed * 19 + (unsigned)i;
		float dx = x - pick(own, 43, 0, 1), dy = y - pick(own, 44, 0, 1);
		float size = pick(own, 45, .05f, .25f);
		bool in = i % 3 == 0   ? hypotf(dx, dy) < size
			  : i % 3 == 1 ? fabsf(dx) < size && fabsf(dy) < size * .6f
				       : dy > -size && dy + 2 * fabsf(dx) < size;

		if (in)
			c = (struct colour){ pick(own, 46, 0, 1), pick(own, 47, 0, 1),
				pick(own, 48, 0, 1) };
	}
	return c;
}

static struct colour city(float x, float y, unsigned seed)
{
	struct colour c = shade(sky(x, y, seed), .5f);

	for (int row = 0; row < 3; row++) {
		float wide = .06f + .03f * (float)row;
		int house = (int)floorf(x / wide + (float)row * .4f);
		unsigned own = seed + (unsigned)(house * 7 + row * 131);
		float roof = .25f + .17f * (float)row + pick(own, 50, 0, .3f);
		float u = fmodf(x / wide + (float)row * .4f, 1) * 5, v = (y - roof) * 60;
		bool window = fmodf(u, 1) > .3f && fmodf(v, 2) > .9f &&
			      at_point((int)u, (int)(v / 2), own) > .45f;
		struct colour wall = { .12f + .08f * (float)row, .13f + .06f * (float)row, .2f };

		if (y > roof)
			c = window ? (struct colour){ .95f, .85f, .5f } : wall;
	}
	return c;
}

static struct colour (*const scenes[SCENE_COUNT])(float, float, unsigned) = {
	[SCENE_LIGHTHOUSE] = lighthouse,
	[SCENE_BRIDGE] = bridge,
	[SCENE_HILLS] = hills,
	[SCENE_SHAPES] = shapes,
	[SCENE_CITY] = city,
};

/* ---- pictures ---- */

static uint8_t level(float v)
{
	return v <= 0 ? 0 : v >= 1 ? 255 : (uint8_t)(v * 255 + .5f);
}

static uint8_t level_of(int v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static struct picture picture_new(int width, int height)
{
	struct picture picture = { width, height, malloc((size_t)width * (size_t)height * 3) };

	if (!picture.rgb)
		draw_fail("out of memory", "");
	return picture;
}

void picture_free(struct picture *picture)
{
	free(picture->rgb);
	picture->rgb = NULL;
}

static uint8_t *pixel(const struct picture *picture, int x, int y)
{
	return picture->rgb + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;
}

struct picture picture_draw(enum scene scene, unsigned seed, int width, int height)
{
	struct picture picture = picture_new(width, height);

	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			struct colour c = scenes[scene](((float)x + .5f) / (float)width,
					((float)y + .5f) / (float)height, seed);
			uint8_t *to = pixel(&picture, x, y);

			to[0] = level(c.r);
			to[1] = level(c.g);
			to[2] = level(c.b);
		}
	}
	return picture;
}

/* The mean of the pixels that a new one covers, as photo services do it. */
struct picture picture_scale(const struct picture *from, int width, int height)
{
	struct picture to = picture_new(width, height);

	for (int y = 0; y < height; y++) {
		int y0 = y * from->height / height, y1 = (y + 1) * from->height / height;

		y1 = y1 > y0 ? y1 : y0 + 1;
		for (int x = 0; x < width; x++) {
			int x0 = x * from->width / width, x1 = (x + 1) * from->width / width;
			int sum[3] = { 0 };

			x1 = x1 > x0 ? x1 : x0 + 1;
			for (int v = y0; v < y1; v++) {
				for (int u = x0; u < x1; u++) {
					for (int c = 0; c < 3; c++)
						sum[c] += pixel(from, u, v)[c];
				}
			}
			for (int c = 0; c < 3; c++)
				pixel(&to, x, y)[c] = (uint8_t)(sum[c] / ((x1 - x0) * (y1 - y0)));
		}
	}
	return to;
}

/* Pixel by pixel: what stands at (x, y) of the new picture. */
typedef void placer(const struct picture *from, int x, int y, int amount, uint8_t *to);

static struct picture remake(const struct picture *from, int width, int height, placer *place,
		int amount)
{
	struct picture to = picture_new(width, height);

	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++)
			place(from, x, y, amount, pixel(&to, x, y));
	}
	return to;
}

static void place_crop(const struct picture *from, int x, int y, int amount, uint8_t *to)
{
	memcpy(to, pixel(from, x + from->width * amount / 200, y + from->height * amount / 200), 3);
}

static void place_turn(const struct picture *from, int x, int y, int amount, uint8_t *to)
{
	(void)amount;
	memcpy(to, pixel(from, y, from->height - 1 - x), 3);
}

static void place_mirror(const struct picture *from, int x, int y, int amount, uint8_t *to)
{
	(void)amount;
	memcpy(to, pixel(from, from->width - 1 - x, y), 3);
}

static void place_grey(const struct picture *from, int x, int y, int amount, uint8_t *to)
{
	const uint8_t *p = pixel(from, x, y);

	(void)amount;
	memset(to, (p[0] * 30 + p[1] * 59 + p[2] * 11) / 100, 3);
}

static void place_frame(const struct picture *from, int x, int y, int amount, uint8_t *to)
{
	int edge = from->width * amount / 100;
	bool inside = x >= edge && y >= edge && x < from->width + edge && y < from->height + edge;

	if (inside)
		memcpy(to, pixel(from, x - edge, y - edge), 3);
	else
		memset(to, 255, 3);
}

static void place_grain(const struct picture *from, int x, int y, int amount, uint8_t *to)
{
	int grain = (int)((at_point(x, y, 99) - .5f) * 2 * (float)amount);

	for (int c = 0; c < 3; c++)
		to[c] = level_of(pixel(from, x, y)[c] + grain);
}

struct picture picture_crop(const struct picture *from, int percent)
{
	return remake(from, from->width - from->width * percent / 100,
			from->height - from->height * percent / 100, place_crop, percent);
}

struct picture picture_turn(const struct picture *from)
{
	return remake(from, from->height, from->width, place_turn, 0);
}

struct picture picture_mirror(const struct picture *from)
{
	return remake(from, from->width, from->height, place_mirror, 0);
}

struct picture picture_grey(const struct picture *from)
{
	return remake(from, from->width, from->height, place_grey, 0);
}

struct picture picture_frame(const struct picture *from, int percent)
{
	int edge = from->width * percent / 100;

	return remake(from, from->width + 2 * edge, from->height + 2 * edge, place_frame, percent);
}

struct picture picture_grain(const struct picture *from, int strength)
{
	return remake(from, from->width, from->height, place_grain, strength);
}

struct picture picture_light(const struct picture *from, int contrast, int brightness)
{
	struct picture to = picture_new(from->width, from->height);
	size_t len = (size_t)from->width * (size_t)from->height * 3;

	for (size_t i = 0; i < len; i++)
		to.rgb[i] = level_of(from->rgb[i] * contrast / 100 + brightness);
	return to;
}
