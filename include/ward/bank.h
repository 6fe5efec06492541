/*
 * bank.h - lists of known signals, and the one question asked of them
 *
 * A list is what a service may lawfully hold: signals and labels, never a
 * picture.  It is a folder; its compiled form is immutable files, mapped
 * read-only, and a small manifest that names the files of the current version.
 * Changing a list writes new files beside the old ones and then replaces the
 * manifest, so a reader sees the old version or the new one, and a crash at
 * any moment leaves one of the two.  A change may be a whole new version or a
 * delta: adds and removes on top of what is there.
 *
 * The question is which entries lie on or near a signal.  Exact digests are
 * looked up; for PDQ every entry within a radius is found (recall is exactly
 * 1; src/bank/index/pdq_index.h tells how); PhotoDNA is compared one by one.  The
 * answer is evidence for a person to weigh; deciding is not this module's work.
 *
 * What is mapped is not trusted: damaged bytes give a wrong answer or none,
 * never a read outside of the file, and ward_list_verify finds them.  Only a
 * file that somebody else makes shorter while it is mapped is beyond that (the
 * system ends the program); ward itself never changes a compiled file.
 *
 * A list, and a bank's view, may be searched by any number of threads at once.
 * A writer belongs to one thread, and one writer at a time may change a list
 * (a lock file sees to it: the second gets CONFLICT).
 */
#ifndef WARD_BANK_H
#define WARD_BANK_H

#include <ward/base.h>
#include <ward/hash.h>
#include <ward/tmk.h>
#include <ward/vpdq.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a list says about itself ---- */

typedef enum ward_list_sense {
	WARD_SENSE_DENY = 0, /* known bad: a hit is evidence of harm */
	WARD_SENSE_ALLOW,    /* known good: an exact hit needs no further look */
	WARD_SENSE_EXCLUDE,  /* exclusion: a hit on any list for this signal does not count */
	WARD_SENSE_COUNT
} ward_list_sense;

WARD_API const char *ward_list_sense_name(ward_list_sense sense); /* "deny", "allow", "exclude" */

#define WARD_LIST_NAME_MAX 64
#define WARD_LIST_TEXT_MAX 256

/* Kept in the manifest; editable without touching the compiled files. */
struct ward_list_info {
	char name[WARD_LIST_NAME_MAX];   /* [A-Za-z0-9][A-Za-z0-9._-]*, the folder's name */
	char source[WARD_LIST_TEXT_MAX]; /* who made it */
	char scheme[WARD_LIST_NAME_MAX]; /* label scheme: "interpol_baseline", "industry", ... */
	char default_label[WARD_LIST_TEXT_MAX]; /* for entries without one: "scheme:code" words */
	char licence[WARD_LIST_TEXT_MAX];       /* what the operator may do with it */
	ward_list_sense sense;
	int radius;                     /* PDQ distance that counts as a hit, 0..63; default 31 */
	uint32_t photodna_distance_max; /* squared distance that counts as a hit; 0 is equality */
	int64_t expires;                /* Unix seconds; 0 is never */
	bool enabled;
	/*
	 * The share of HMA's look-ups that an enabled list takes part in, above 0 and below 1; 0
	 * is all of them.  The searches below take no notice of it: what is known is found.
	 */
	double lookup_ratio;
	int64_t created; /* Unix seconds, set by the writer */
	int64_t changed;
	/* Drawn by the writer when the list is made; stays when it is renamed.  0: made before. */
	uint32_t tag;
};

/* Sensible values: deny, radius 31, enabled, no expiry.  False when the name is not a list name. */
WARD_API bool ward_list_info_init(struct ward_list_info *info, ward_str name) WARD_MUST_USE;

/* ---- one record: what importers hand in and exports read ---- */

#define WARD_RECORD_SIGNALS_MAX 16

struct ward_record {
	uint64_t number; /* 0-based record number in the imported file(s) */
	ward_signal signals[WARD_RECORD_SIGNALS_MAX];
	size_t signal_count;
	ward_str labels; /* "scheme:code" words with spaces between; empty: the list's default */
	ward_str ref;    /* the source's own id for it; empty when it has none */
	uint8_t quality; /* of a PDQ hash, 0..100; 255 is unknown */
	/*
	 * What is known of a video, when it is added; a record with either needs no signal.  Both
	 * are borrowed, and NULL in a record that was read: ward_list_frames and ward_list_tmk
	 * give them back.
	 */
	const struct ward_vpdq *frames; /* their times to a thousandth of a second, up to 49 days */
	const struct ward_tmk *tmk;
	/* Read: a number of those two that tells them from others, 0 when there are none. */
	uint64_t video;
};

/* ---- writing ---- */

struct ward_list_writer;

/*
 * Begins a new version of the list in `folder` that replaces all entries
 * (made, with its parents, when missing).  Nothing is visible before commit.
 */
WARD_API ward_err ward_list_create(const char *folder, const struct ward_list_info *info,
		struct ward_list_writer **writer, struct ward_error *error) WARD_MUST_USE;
/* Begins a delta on the current version. */
WARD_API ward_err ward_list_change(const char *folder, struct ward_list_writer **writer,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Adds a record.  Numbers must ascend within one writer; use
 * ward_list_writer_next for the first free one of a delta.
 */
WARD_API ward_err ward_list_writer_add(struct ward_list_writer *writer,
		const struct ward_record *record, struct ward_error *error) WARD_MUST_USE;
WARD_API uint64_t ward_list_writer_next(const struct ward_list_writer *writer);
/*
 * Takes back a record that was added to this writer, by its number: its source
 * tells of the same thing again, or recalls it, before the version is complete.
 * A number that was not added makes the commit fail with ARGUMENT.
 */
WARD_API ward_err ward_list_writer_drop(struct ward_list_writer *writer, uint64_t number,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Delta only: removes every entry with this source id, or this signal, as the
 * list stood when the delta began.  Says how many that were (none is not a failure).
 */
WARD_API ward_err ward_list_writer_remove_ref(struct ward_list_writer *writer, ward_str ref,
		uint64_t *removed, struct ward_error *error) WARD_MUST_USE;
WARD_API ward_err ward_list_writer_remove_signal(struct ward_list_writer *writer,
		const ward_signal *signal, uint64_t *removed,
		struct ward_error *error) WARD_MUST_USE;
/* Called now and then during commit with parts done of parts total. */
typedef void ward_progress(void *context, uint64_t done, uint64_t total);
WARD_API void ward_list_writer_on_progress(struct ward_list_writer *writer, ward_progress *progress,
		void *context);
/* Compiles, makes durable (fsync), swaps.  After it, or without it, the writer must be freed. */
WARD_API ward_err ward_list_writer_commit(struct ward_list_writer *writer,
		struct ward_error *error) WARD_MUST_USE;
WARD_API void ward_list_writer_free(struct ward_list_writer *writer);

/* Replaces what the list says about itself; entries stay. */
WARD_API ward_err ward_list_set_info(const char *folder, const struct ward_list_info *info,
		struct ward_error *error) WARD_MUST_USE;
/* Merges deltas into one new base when there are any; same entries, same numbers. */
WARD_API ward_err ward_list_compact(const char *folder, struct ward_error *error) WARD_MUST_USE;
/*
 * Gives the list another name: its folder is renamed, with all that is in it,
 * at once and durably.  Who has it open keeps it as it was; a bank's view has
 * the list under one of the two names, never under none.  EXISTS when there is
 * something of the new name already, ARGUMENT when it is no list's name.
 */
WARD_API ward_err ward_list_rename(const char *folder, const char *name,
		struct ward_error *error) WARD_MUST_USE;
/* Takes the whole list away, durably. */
WARD_API ward_err ward_list_delete(const char *folder, struct ward_error *error) WARD_MUST_USE;

/* ---- opinions: what people said about a listed signal ---- */

typedef enum ward_opinion_kind {
	WARD_OPINION_AFFIRM = 0,
	WARD_OPINION_DISPUTE,
} ward_opinion_kind;

struct ward_opinion {
	ward_opinion_kind kind;
	ward_signal signal;
	char who[WARD_LIST_NAME_MAX];
	char reason[WARD_LIST_TEXT_MAX]; /* required for a dispute */
	int64_t when;                    /* Unix seconds */
};

/* Appends one opinion to the list's journal, durably.  The last one of each person counts. */
WARD_API ward_err ward_list_opine(const char *folder, const struct ward_opinion *opinion,
		struct ward_error *error) WARD_MUST_USE;

/* Every opinion of the list's journal, the oldest first; a failure of `visit` ends the walk. */
typedef ward_err ward_opinion_visit(void *context, const struct ward_opinion *opinion,
		struct ward_error *error);
WARD_API ward_err ward_list_opinions(const char *folder, ward_opinion_visit *visit, void *context,
		struct ward_error *error) WARD_MUST_USE;

/* ---- remarks: what an operator says of one entry ---- */

#define WARD_OFF_FOR_GOOD   INT64_MAX
#define WARD_NOTE_CHARS_MAX 255

struct ward_remark {
	uint64_t entry;
	int64_t off_until; /* Unix seconds, WARD_OFF_FOR_GOOD, or 0: was never switched off */
	const char *note;  /* "" is none; what ward_list_remark_on gives is the list's */
};

/*
 * Keeps the remark instead of the entry's former one, durably.  A hit on an
 * entry that is switched off is marked as excluded, until the time has come.
 * A remark is of the entry with its signals: when a new version has others
 * under the number, or none, it is gone.  NOT_FOUND when there is no such entry.
 */
WARD_API ward_err ward_list_remark(const char *folder, const struct ward_remark *remark,
		struct ward_error *error) WARD_MUST_USE;

/* ---- reading one list ---- */

struct ward_list;

/* Maps the current version.  Cost does not grow with the list. */
WARD_API ward_err ward_list_open(const char *folder, struct ward_list **list,
		struct ward_error *error) WARD_MUST_USE;
WARD_API void ward_list_free(struct ward_list *list);
WARD_API const struct ward_list_info *ward_list_info(const struct ward_list *list);
/* A word that changes with every version. */
WARD_API const char *ward_list_version(const struct ward_list *list);
WARD_API uint64_t ward_list_entries(const struct ward_list *list); /* removed ones not counted */
WARD_API uint64_t ward_list_signals(const struct ward_list *list, ward_signal_kind kind);
WARD_API uint64_t ward_list_videos(const struct ward_list *list); /* entries with frames */
WARD_API uint64_t ward_list_tmks(const struct ward_list *list);   /* with a TMK feature */
WARD_API uint64_t ward_list_bytes(const struct ward_list *list);  /* of its files */
WARD_API size_t ward_list_deltas(const struct ward_list *list);
/*
 * Walks the entries in order of number: `cursor` starts at 0.  False at the
 * end.  The record's text is borrowed from the list.
 */
WARD_API bool ward_list_next(const struct ward_list *list, uint64_t *cursor,
		struct ward_record *record) WARD_MUST_USE;
/* The entry with this number; false when there is none. */
WARD_API bool ward_list_entry(const struct ward_list *list, uint64_t number,
		struct ward_record *record) WARD_MUST_USE;
/*
 * The frames of the entry's video, added to an empty list, and its TMK feature.  NOT_FOUND when it
 * has none.
 */
WARD_API ward_err ward_list_frames(const struct ward_list *list, uint64_t number,
		struct ward_vpdq *frames, struct ward_error *error) WARD_MUST_USE;
WARD_API ward_err ward_list_tmk(const struct ward_list *list, uint64_t number, struct ward_tmk *tmk,
		struct ward_error *error) WARD_MUST_USE;
/* What was said of the entry; an empty remark when nothing was. */
WARD_API struct ward_remark ward_list_remark_on(const struct ward_list *list, uint64_t entry);
/* Whether the remark switches its entry off at this time; 0 is no time, and then for good counts.
 */
WARD_API bool ward_remark_is_off(const struct ward_remark *remark, int64_t now);
/* ARGUMENT says what is wrong with it. */
WARD_API ward_err ward_remark_check(const struct ward_remark *remark,
		struct ward_error *error) WARD_MUST_USE;
/* A number that tells lists apart, the same under every name that a list has had; below 2^32. */
WARD_API uint32_t ward_list_tag(const struct ward_list *list);
/* Reads everything and compares checksums and structure.  CORRUPT says what and where. */
WARD_API ward_err ward_list_verify(const struct ward_list *list, ward_progress *progress,
		void *context, struct ward_error *error) WARD_MUST_USE;

/* ---- hits ---- */

struct ward_hit {
	const struct ward_list *list; /* valid as long as the list or view it came from */
	uint64_t entry;               /* the record's number */
	ward_signal signal;           /* the listed one */
	ward_str labels;   /* the entry's, or the list's default; borrowed from the list */
	uint32_t distance; /* bits for PDQ, squared for PhotoDNA, 0 for digests */
	uint32_t affirmed; /* opinions on the listed signal */
	uint32_t disputed;
	bool excluded; /* an exclusion list holds the asked or the listed signal, or: */
	bool off;      /* the entry is switched off (ward_list_remark) */
};

/* Grows as needed; the caller frees it, and may use it for many questions. */
struct ward_hits {
	struct ward_hit *at;
	size_t count;
	size_t room;
	size_t max;     /* keep at most this many, the nearest first; 0 is no bound */
	uint64_t total; /* how many there were, also beyond max */
};

WARD_API void ward_hits_free(struct ward_hits *hits);
WARD_API void ward_hits_clear(struct ward_hits *hits); /* keeps memory and max */

/*
 * Appends every entry of one list on or within `radius` of the signal, also
 * of a list that is off or expired, or an entry that is.  A negative radius is the list's own; it
 * applies to PDQ, and digests are exact.  Fails with NOMEM, or ARGUMENT for a
 * radius above 63.
 */
WARD_API ward_err ward_list_search(const struct ward_list *list, const ward_signal *signal,
		int radius, struct ward_hits *hits, struct ward_error *error) WARD_MUST_USE;

/* ---- all lists of a folder ---- */

struct ward_bank;
struct ward_bank_view;

/* Opens every list below `folder` (none is fine). A broken list is an error: nothing is skipped. */
WARD_API ward_err ward_bank_open(const char *folder, struct ward_bank **bank,
		struct ward_error *error) WARD_MUST_USE;
WARD_API void ward_bank_free(struct ward_bank *bank);
/*
 * Looks whether any list has a new version, and if so swaps in a new view;
 * threads that hold the old view finish on it.  A list that cannot be opened
 * keeps its old version, and the failure is returned.  Cheap when nothing changed.
 */
WARD_API ward_err ward_bank_refresh(struct ward_bank *bank, bool *changed,
		struct ward_error *error) WARD_MUST_USE;
/* The current view: immutable, counted; every acquire needs its release. */
WARD_API struct ward_bank_view *ward_bank_acquire(struct ward_bank *bank);
WARD_API void ward_bank_release(struct ward_bank_view *view);

WARD_API size_t ward_bank_list_count(const struct ward_bank_view *view);
WARD_API const struct ward_list *ward_bank_list(const struct ward_bank_view *view, size_t index);
WARD_API const struct ward_list *ward_bank_find(const struct ward_bank_view *view, ward_str name);

struct ward_search {
	int radius;            /* negative: each list's own */
	int64_t now;           /* Unix seconds, to pass over expired lists; 0 keeps them */
	const ward_str *lists; /* only these names, on or off; NULL is every enabled list */
	size_t list_count;
	bool all_orientations;    /* PDQ: the signal is the base, `dihedral` the other 7 */
	const ward_pdq *dihedral; /* WARD_DIHEDRAL_COUNT hashes for each signal asked */
};

/* The default: every enabled list at its own radius. */
WARD_API struct ward_search ward_search_default(void);

/*
 * Appends the hits of every list asked, nearest first, an entry found in
 * several orientations once.  A hit is marked when an exclusion list that is
 * on and not expired, whichever lists are asked, holds the asked signal, one
 * of its orientations, or the listed signal: just that one, not one near it.
 * Entries of exclusion lists are not hits themselves.  A hit whose entry is
 * switched off at `now` is marked, too.  NOT_FOUND when a list that is named is
 * not there.
 */
WARD_API ward_err ward_bank_search(const struct ward_bank_view *view, const ward_signal *signal,
		const struct ward_search *search, struct ward_hits *hits,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Many PDQ questions at once, faster than one by one: found[i] answers
 * signals[i] (each set up by the caller, zeroed or with max).
 */
WARD_API ward_err ward_bank_search_batch(const struct ward_bank_view *view,
		const ward_signal *signals, size_t count, const struct ward_search *search,
		struct ward_hits *found, struct ward_error *error) WARD_MUST_USE;

/* ---- videos: which listed ones show what this one shows ---- */

/* A stretch of the asked video that is a stretch of the listed one, in seconds of each. */
struct ward_video_span {
	double asked_from, asked_to;
	double listed_from, listed_to;
	uint32_t frames; /* of the asked one, that were found there */
};

#define WARD_VIDEO_SPANS_MAX 8

struct ward_video_hit {
	const struct ward_list *list; /* valid as long as the view it came from */
	uint64_t entry;
	ward_str labels; /* the entry's, or the list's default; borrowed from the list */
	/* By frames, when both have some: 0 is the asked video, 1 the listed one. */
	struct ward_vpdq_match match;
	uint32_t distance; /* bits, between the two frames that are nearest */
	struct ward_video_span spans[WARD_VIDEO_SPANS_MAX]; /* the longest first */
	size_t span_count;
	/* By TMK, when both have a feature that is near enough to look. */
	bool has_tmk;
	double level1, level2;
	bool excluded; /* an exclusion list holds the asked or the listed video, or: */
	bool off;      /* the entry is switched off */
};

/* As struct ward_hits: grows as needed, freed by the caller. */
struct ward_video_hits {
	struct ward_video_hit *at;
	size_t count;
	size_t room;
	size_t max;     /* keep at most this many, the most alike first; 0 is no bound */
	uint64_t total; /* how many there were, also beyond max */
};

WARD_API void ward_video_hits_free(struct ward_video_hits *hits);

struct ward_video_question {
	const struct ward_vpdq *frames; /* NULL: by TMK alone */
	const struct ward_tmk *tmk;     /* NULL: by frames alone */
	bool exhaustive; /* compares every frame of the largest lists, too (docs/guide/videos.md) */
};

/* Two videos are alike when so much of either is in the other; python-threatexchange's number. */
#define WARD_VIDEO_PERCENT 80.0
/* Or when so many pictures that differ from each other are in both: a part that was taken over. */
#define WARD_VIDEO_PICTURES 3

/*
 * Appends the listed videos that are alike, the most alike first, from the lists that `search`
 * asks; its radius is for frames.  Frames that say nothing do not count (of low quality; held by
 * an exclusion list; common: near to frames of more than 32 videos of a list and of one in a
 * hundred, as a maker's title is).  By TMK, both levels must reach WARD_TMK_ALIKE.
 *
 * A listed video is found by every frame of it that the asked one has, and by none of them only
 * when the list is large and all are far away (src/bank/index/video_index.c).  Fails with NOMEM,
 * ARGUMENT, and NOT_FOUND when a list that is named is not there.
 */
WARD_API ward_err ward_bank_search_video(const struct ward_bank_view *view,
		const struct ward_video_question *question, const struct ward_search *search,
		struct ward_video_hits *hits, struct ward_error *error) WARD_MUST_USE;

/* The larger of the two shares of a hit's frames, 0 to 100. */
WARD_API double ward_video_hit_percent(const struct ward_video_hit *hit);

#ifdef __cplusplus
}
#endif
#endif
