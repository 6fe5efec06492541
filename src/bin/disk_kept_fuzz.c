/* A FILE.finds of any bytes: what is taken from it lies within it, and its whole part is read
 * again. */
#include <assert.h>

#include "bin/disk_kept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct disk_kept *kept, const struct disk_kept_row *row)
{
	uint64_t sum = row->path.len + row->json.len + row->table.len + row->message.len;

	assert(row->run <= kept->run);
	for (size_t i = 0; i < row->find_count; i++) {
		assert(row->finds[i].image < kept->report.image_count);
		assert(row->finds[i].kind < WARD_FINDING_KIND_COUNT);
		sum += row->finds[i].member.len + row->finds[i].list.len;
	}
	assert(sum < (uint64_t)1 << 40);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_bytes bytes = { data, size };
	struct disk_kept kept;
	size_t whole = disk_kept_whole(bytes);

	assert(whole <= size);
	if (disk_kept_read(bytes, &kept, NULL) != WARD_OK)
		return 0;
	assert(whole > 0 && kept.any);
	for (size_t i = 0; i < kept.row_count; i++)
		check_row(&kept, &kept.rows[i]);
	disk_kept_free(&kept);
	return 0;
}
