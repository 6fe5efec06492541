/* A worker that was taken over says anything: what is accepted lies within the record and the
 * image. */
#include <assert.h>

#include "disk/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define IMAGE ((uint64_t)1 << 30)

static volatile unsigned touched; /* so that the reads are not left out */

static unsigned touch(ward_str text)
{
	return text.len > 0 ? (unsigned)text.ptr[0] + (unsigned)text.ptr[text.len - 1] : 0;
}

static void check_entry(const struct disk_entry *entry)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < entry->run_count; i++) {
		struct disk_run run = disk_run_at(entry, i);

		total += run.len;
		assert(run.offset == DISK_NOWHERE || run.offset + run.len <= IMAGE);
	}
	assert(!(entry->flags & DISK_PLAIN) || total == entry->size);
	touched += touch(entry->path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_bytes rest = { data, size };
	struct disk_record record;

	while (rest.len > 0 && disk_answer_read(&rest, IMAGE, &record, NULL) == WARD_OK) {
		if (record.kind == DISK_ENTRY)
			check_entry(&record.entry);
		touched += touch(record.volume.system) + touch(record.volume.trouble);
		touched += touch(record.trouble.path) + touch(record.trouble.message);
	}
	return 0;
}
