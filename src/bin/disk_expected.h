/*
 * disk_expected.h - which digests an image should have, as files beside it say it
 *
 * Beside IMAGE may lie IMAGE.sha256, IMAGE.sha1 or IMAGE.md5, and of an image in several files
 * (NAME.001) also NAME.sha256 and so on.  What is in them differs with the program that wrote them:
 * the digest alone; a digest and a name as sha256sum writes it, one line or many; BSD's
 * "SHA256 (name) = ..."; certutil's and Get-FileHash's words, in UTF-16 too; lines of hashdeep; the
 * logs of ewfacquire, FTK Imager, Guymager, dc3dd.  FTK Imager's IMAGE.txt is read as well, and is
 * nothing when it holds no digest.
 *
 * A name that is one of the image's files makes a digest that file's, which is not the disk's when
 * there are several.  Digests of other names count only when there is no other name beside.
 */
#ifndef BIN_DISK_EXPECTED_H
#define BIN_DISK_EXPECTED_H

#include "disk/image.h"

/* Room for 64 digits. */
#define DISK_EXPECTED_MAX 65

/* It is the disk's, or was not said of which file it is. */
#define DISK_EXPECTED_WHOLE SIZE_MAX

struct disk_expected_digest {
	char text[DISK_EXPECTED_MAX]; /* in lower case */
	size_t file;                  /* of the image, from 0 on; or DISK_EXPECTED_WHOLE */
};

enum { DISK_EXPECTED_TROUBLES = 8 };

struct disk_expected {
	struct disk_expected_digest *digests; /* from malloc */
	size_t count, room;
	/* A file that is there and says nothing that is understood. */
	struct disk_expected_trouble {
		char *path; /* from malloc */
		struct ward_error error;
	} troubles[DISK_EXPECTED_TROUBLES];
	size_t trouble_count;
};

void disk_expected_free(struct disk_expected *expected);

/* One digest of the whole: of 32, 40 or 64 digits, else ARGUMENT. */
ward_err disk_expected_add(struct disk_expected *expected, ward_str digest,
		struct ward_error *error) WARD_MUST_USE;

/* What an image's files are called. */
struct disk_expected_names {
	const char *const *paths;
	size_t count;
	bool strangers; /* when one other name alone is in a text, it is the image's, too */
};

/* What a text says of an image, added to what is there.  False when it says nothing of it. */
bool disk_expected_parse(struct disk_expected *expected, ward_bytes text,
		struct disk_expected_names names);

/* All that lies beside an image. */
void disk_expected_beside(struct disk_expected *expected, const struct disk_image *image);

#endif
