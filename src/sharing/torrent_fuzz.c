/* Any bytes as a torrent: what it tells is within the bytes, and can be asked for a file. */
#include <ward/sharing.h>

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The file whose bytes are all the same, so that it has any size. */
static ward_err give(void *context, uint64_t offset, uint8_t *to, size_t size,
		struct ward_error *error)
{
	(void)context;
	(void)offset;
	(void)error;
	memset(to, 'x', size);
	return WARD_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_torrent *torrent;
	struct ward_torrent_match match;
	ward_signal own[2];
	bool found;

	if (ward_torrent_read((ward_bytes){ data, size }, &torrent, NULL))
		return 0;
	assert(ward_torrent_signals(torrent, own) >= 1);
	for (size_t i = 0; i < ward_torrent_file_count(torrent); i++) {
		const struct ward_torrent_file *file = ward_torrent_file(torrent, i);
		uint64_t letters = 0;

		assert(file->signal_count <= 4);
		for (size_t j = 0; j < file->path.len; j++)
			letters += (unsigned char)file->path.ptr[j];
		assert(letters < UINT64_MAX);
		if (i < 8 && file->bytes < 1 << 20)
			assert(!ward_torrent_find(torrent, file->bytes, give, NULL, &match, &found,
					NULL));
	}
	ward_torrent_free(torrent);
	return 0;
}
