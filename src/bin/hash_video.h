/*
 * hash_video.h - for `ward hash`: vPDQ and TMK+PDQF of a video, printed, or written as their files
 */
#ifndef BIN_HASH_VIDEO_H
#define BIN_HASH_VIDEO_H

#include <ward/video.h>

#include "base/json.h"
#include "bin/cli.h"

struct hash_video {
	bool vpdq, tmk;     /* which are asked for; neither: the rest means nothing */
	float seconds;      /* of vPDQ */
	const char *output; /* a folder for files, "-" for standard output, or NULL */
	struct ward_box *box;
	struct ward_limits limits;
	/* of the video read last */
	bool is_video;
	ward_err err;            /* why there is none of what was asked for */
	struct ward_error error; /* also why it is partial */
	bool partial;
	struct ward_vpdq frames;
	struct ward_tmk *feature; /* valid when: */
	bool has_feature;
	char feature_sha256[65]; /* of its file */
};

/* What the options say.  ARGUMENT, with a sentence about the command line; NOMEM. */
ward_err hash_video_open(struct hash_video *video, const struct cli *cli,
		struct ward_error *error) WARD_MUST_USE;
void hash_video_close(struct hash_video *video);

/* Forgets the last, and hashes this one when it is a video. */
void hash_video_read(struct hash_video *video, ward_media_kind kind, int fd, uint64_t size);

/* Writes its files; `path` gives them their names.  EXISTS when there is such a file already. */
ward_err hash_video_write(struct hash_video *video, const char *path,
		struct ward_error *error) WARD_MUST_USE;

/* A line for each frame, and one for the feature; nothing when there is neither. */
void hash_video_lines(const struct hash_video *video, const char *path, struct ward_buf *out);

/* Its names in an object; null where a file is no video. */
void hash_video_members(const struct hash_video *video, struct json *json);

#endif
