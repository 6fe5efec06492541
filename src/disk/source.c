#include "disk/source.h"

/* Where each sign stands: "EFI PART" of a GPT behind the first sector of 512 bytes or of 4096. */
static const struct sign {
	uint64_t at;
	const char *bytes;
	size_t len;
} signs[] = {
	{ 510, "\x55\xaa", 2 },
	{ 512, "EFI PART", 8 },
	{ 4096, "EFI PART", 8 },
	{ 1080, "\x53\xef", 2 },
};

bool disk_source_is_disk(const struct disk_source *source)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		const struct sign *sign = &signs[i];

		if (source->read(source->context, 0, sign->at, bytes, sign->len) &&
				memcmp(bytes, sign->bytes, sign->len) == 0)
			return true;
	}
	return false;
}
