/*
 * writer.h - a list's writer, as the files that make one up see it
 */
#ifndef SITE_WRITER_H
#define SITE_WRITER_H

#include "site/build.h"
#include "site/changed.h"
#include "site/list.h"

struct ward_site_writer {
	char *folder;
	int lock;
	bool is_delta;
	struct ward_site_info info;
	struct ward_site_list *list;         /* of a delta: the version in force */
	char version[WARD_SITE_VERSION_MAX]; /* that it follows; "" is none */
	struct site_seed seed;
	struct site_sorter *sorter;
	struct site_metas metas;
	struct ward_buf word, value;
	struct site_changed changed;
};

void site_writer_free(struct ward_site_writer *writer);

/*
 * A record: the word and its kind's order; then kind, whether it is taken back,
 * meta, expiry, and ref and original behind their lengths.
 */
struct site_value {
	uint8_t kind, removed;
	uint8_t unused[2];
	uint32_t meta;
	int64_t expires;
	uint32_t ref, original;
};

void site_row_from(const struct site_record *record, struct site_row *row);
/* Whether a file has the entry, and then whether it is one that takes it back. */
bool site_writer_finds(const struct site_file *file, ward_site_kind kind, ward_str word,
		bool *removed) WARD_MUST_USE;

#endif
