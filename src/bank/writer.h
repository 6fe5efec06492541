/*
 * writer.h - a list's writer, as the files that make one up see it
 */
#ifndef BANK_WRITER_H
#define BANK_WRITER_H

#include "bank/label_sets.h"
#include "bank/removal.h"
#include "bank/segment_write.h"
#include "bank/video_write.h"

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
	bool exists; /* there is a version already */
	bool done;
	struct manifest manifest; /* of the version there is, or to be */
	struct ward_list *base;   /* of a delta; NULL of a whole version */
	size_t at;                /* the new segment's place: those from there on go */
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
	struct video_spools videos;
	/* Of a delta: what it removes. */
	struct removal removal;
	struct removal dropped; /* of the entries above: a segment behind theirs removes them */
	ward_progress *progress;
	void *progress_context;
};

/* Writes what was gathered as a segment, and gives its name. */
ward_err writer_compile(struct ward_list_writer *writer, char name[SEGMENT_FILE_MAX],
		struct ward_error *error) WARD_MUST_USE;

/* A part of bytes; of a spool's; and more of an index section, where `context` is the
 * segment_writer. */
ward_err compile_bytes(struct segment_writer *out, unsigned part, ward_bytes bytes,
		struct ward_error *error) WARD_MUST_USE;
ward_err compile_spool(struct segment_writer *out, unsigned part, struct spool *spool,
		struct ward_error *error) WARD_MUST_USE;
ward_err compile_index(void *context, ward_bytes bytes, struct ward_error *error) WARD_MUST_USE;

/* Begins a delta, without folding those there are. */
ward_err writer_change(const char *folder, struct ward_list_writer **writer,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Makes one segment of those from `from` on, and commits.  The writer is one
 * that writer_change began and nothing was added to.
 */
ward_err list_fold(struct ward_list_writer *writer, size_t from,
		struct ward_error *error) WARD_MUST_USE;
/*
 * From where on to fold, 0 when there is no need: eight deltas are too many, and of
 * those the latest that are not much larger than what follows them become one.  So an
 * entry is written again once for each doubling.
 */
size_t list_fold_from(const struct ward_list *list);

#endif
