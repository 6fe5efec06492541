/*
 * moving_make.h - for tests: videos of a lighthouse, written by the ffmpeg command
 *
 * Six seconds, ten pictures in each, 128 x 96.  In second s the left quarter of each picture
 * is of the grey 30 + 30 * s, so that a frame tells its time; at the right the lighthouse
 * stands.  All containers are written by one run.
 */
#ifndef DECODE_MOVING_MAKE_H
#define DECODE_MOVING_MAKE_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "decode/draw.h"

enum {
	MOVING_WIDTH = 128,
	MOVING_HEIGHT = 96,
	MOVING_RATE = 10,
	MOVING_SECONDS = 6,
	MOVING_BYTES_MAX = 8 << 20,
};

static char moving_folder[] = "/tmp/ward-moving-XXXXXX";

static inline int moving_grey(uint32_t second)
{
	return 30 + 30 * (int)second;
}

static inline void moving_draw(uint8_t *rgb, uint32_t number)
{
	draw_lighthouse(rgb, MOVING_WIDTH, MOVING_HEIGHT, 3, number / MOVING_RATE);
	for (uint32_t y = 0; y < MOVING_HEIGHT; y++)
		memset(rgb + (size_t)y * MOVING_WIDTH * 3, moving_grey(number / MOVING_RATE),
				(size_t)MOVING_WIDTH / 4 * 3);
}

/* Runs ffmpeg in the folder, with the drawn pictures as its input; false when it fails. */
static inline bool moving_run(const char *outputs)
{
	static uint8_t rgb[MOVING_WIDTH * MOVING_HEIGHT * 3];
	char command[4096];

	snprintf(command, sizeof(command),
			"cd %s && exec ffmpeg -nostdin -v error -f rawvideo -pix_fmt rgb24 -s "
			"%dx%d "
			"-r %d -i /dev/fd/0 -f lavfi -i sine=frequency=440:duration=%d -threads 1 "
			"%s",
			moving_folder, MOVING_WIDTH, MOVING_HEIGHT, MOVING_RATE, MOVING_SECONDS,
			outputs);
	/* One that has what it wants reads no more. */
	(void)signal(SIGPIPE, SIG_IGN);
	FILE *pipe = popen(command, "w"); /* NOLINT: a fixed command of ours */

	if (!pipe)
		return false;
	for (uint32_t i = 0; i < MOVING_RATE * MOVING_SECONDS; i++) {
		moving_draw(rgb, i);
		if (fwrite(rgb, sizeof(rgb), 1, pipe) != 1)
			break;
	}
	return pclose(pipe) == 0;
}

/* Everything the tests read; metadata is easy to find again. */
static inline bool moving_make_all(void)
{
	return mkdtemp(moving_folder) &&
	       moving_run("-map 0 -map 1 -c:v libx264 -preset ultrafast -g 20 -pix_fmt yuv420p "
			  "-c:a aac -metadata title=HARBOUR -metadata comment=+48.1-4.2/ a.mp4 "
			  "-map 0 -c:v libvpx -deadline realtime -cpu-used 8 a.webm "
			  "-map 0 -map 1 -c:v mpeg4 -q:v 3 -c:a mp2 a.avi "
			  "-map 0 -c:v mjpeg -q:v 3 -pix_fmt yuvj420p a.mov "
			  "-map 0 -map 1 -c:v mpeg2video -q:v 3 -r 25 -c:a mp2 a.ts "
			  "-map 0 -c:v flv -q:v 3 a.flv "
			  "-map 0 -c:v wmv2 -q:v 3 a.wmv "
			  "-map 0 -map 0 -c:v libx264 -preset ultrafast -pix_fmt yuv420p a.mkv "
			  "-map 0 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "
			  "-movflags +faststart fast.mp4 "
			  "-map 1 -c:a aac -brand isom -f mp4 sound.mp4") &&
	       moving_run("-i fast.mp4 -map 2 -c copy -metadata:s:v:0 rotate=90 turned.mp4 "
			  "-map 0 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -t 0.1 one.mp4");
}

/* The file is freed with free(); empty when it is not there. */
static inline ward_bytes moving_read(const char *name, char **text)
{
	char path[256];
	size_t len = 0;

	snprintf(path, sizeof(path), "%s/%s", moving_folder, name);
	*text = NULL;
	if (file_read(path, MOVING_BYTES_MAX, text, &len, NULL) != WARD_OK)
		return (ward_bytes){ NULL, 0 };
	return (ward_bytes){ (const uint8_t *)*text, len };
}

static inline void moving_remove_all(void)
{
	static const char *const names[] = { "a.mp4", "a.webm", "a.avi", "a.mov", "a.ts", "a.flv",
		"a.wmv", "a.mkv", "fast.mp4", "sound.mp4", "turned.mp4", "one.mp4", "far.mp4",
		"slow.mp4" };
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", moving_folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(moving_folder);
}

#endif
