/*
 * Any bytes as an archive.  The first byte chooses the kind, the rest is the
 * file.  What holds for every archive is asserted.
 */
#include "decode/collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ward_media_kind kinds[] = { WARD_MEDIA_ZIP, WARD_MEDIA_TAR,
		WARD_MEDIA_SEVENZIP, WARD_MEDIA_GZIP, WARD_MEDIA_RAR, WARD_MEDIA_ISO,
		WARD_MEDIA_CAB, WARD_MEDIA_LHA, WARD_MEDIA_CPIO, WARD_MEDIA_AR };
	static struct collected all;

	if (size == 0)
		return 0;
	if (!all.sink.context) {
		decode_prepare();
		collect_init(&all);
	}
	all.options.limits.bytes_max = 1 << 20;
	all.options.limits.parts_max = COLLECT_PARTS_MAX;
	ward_err err = collect_archive(&all, kinds[data[0] % (sizeof(kinds) / sizeof(*kinds))],
			(ward_bytes){ data + 1, size - 1 });

	collect_assert_parts(&all, err);
	collect_clear(&all);
	return 0;
}
