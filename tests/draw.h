/*
 * draw.h - pictures drawn by code, for the demo, the tests and the benchmarks
 *
 * A scene is a function of a place and a seed; "known bad" is a lighthouse,
 * everything else is harmless.  A picture is drawn from a scene, perhaps
 * changed the way an uploader would change it, and written in some format.
 */
#ifndef DRAW_H
#define DRAW_H

#include <ward/base.h>

/* Rows of red, green, blue, without gaps, from malloc. */
struct picture {
	int width, height;
	uint8_t *rgb;
};

enum scene { SCENE_LIGHTHOUSE, SCENE_BRIDGE, SCENE_HILLS, SCENE_SHAPES, SCENE_CITY, SCENE_COUNT };

struct picture picture_draw(enum scene scene, unsigned seed, int width, int height);
void picture_free(struct picture *picture);

/* Each returns a new picture. */
struct picture picture_scale(const struct picture *from, int width, int height);
/* Takes away `percent` of the width and height, half of it on each side. */
struct picture picture_crop(const struct picture *from, int percent);
struct picture picture_turn(const struct picture *from); /* a quarter clockwise */
struct picture picture_mirror(const struct picture *from);
/* v * contrast / 100 + brightness */
struct picture picture_light(const struct picture *from, int contrast, int brightness);
struct picture picture_grey(const struct picture *from);
/* A white frame of `percent` of the width on each side. */
struct picture picture_frame(const struct picture *from, int percent);
/* Grain of up to `strength` levels. */
struct picture picture_grain(const struct picture *from, int strength);

/* Each ends the program with a sentence when the file cannot be written. */
void write_jpeg(const char *path, const struct picture *picture, int quality, bool progressive,
		int exif_orientation);
void write_png(const char *path, const struct picture *picture);
void write_webp(const char *path, const struct picture *picture, int quality);
void write_gif(const char *path, const struct picture *frames, int count);
void write_bmp(const char *path, const struct picture *picture);
void write_tiff(const char *path, const struct picture *picture);
void write_bytes(const char *path, const void *bytes, size_t len);
/* A ZIP (or, when the name ends so, a .tar.gz) of files, each under its last name. */
void write_archive(const char *path, const char *const *files, int count);

/* Says why on standard error and exits with status 2. */
_Noreturn void draw_fail(const char *what, const char *path);

#endif
