/*
 * writer.h - a list's writer, as the files that make one up see it
 */
#ifndef BANK_WRITER_H
#define BANK_WRITER_H

#include "bank/label_sets.h"
#include "bank/list.h"
#include "bank/segment_write.h"

/* What is gathered of one kind of signal. */
struct kind_spools {
	struct spool rows;
	struct spool owners;
	uint32_t count;
	bool one_to_one; /* the n-th signal is the n-th entry's */
};

struct ward_list_writer {
	char *folder;
	int lock;
	bool is_delta;
	bool exists; /* there is a version already */
	bool done;
	struct manifest manifest; /* of the version there is, or to be */
	struct ward_list *base;   /* of a delta */
	uint64_t next;
	/* Entries. */
	uint32_t entries;
	struct spool runs;
	struct spool labels;
	struct spool quality;
	struct spool ref_bases;
	struct spool ref_starts;
	struct spool ref_text;
	uint64_t ref_base;
	uint64_t run_next; /* the number that would go on with the run */
	bool has_labels;
	bool has_quality;
	bool has_refs;
	struct label_sets sets;
	struct kind_spools kinds[WARD_SIGNAL_KIND_COUNT];
	/* Of a delta: what it removes. */
	struct removal *removal;
	ward_progress *progress;
	void *progress_context;
};

/* Writes what was gathered as a segment, and gives its name. */
ward_err writer_compile(struct ward_list_writer *writer, char name[SEGMENT_FILE_MAX],
		struct ward_error *error) WARD_MUST_USE;

#endif
