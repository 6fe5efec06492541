/*
 * scan.h - the pipeline: bytes in, findings and a verdict out
 *
 * A scan identifies a file by content, computes its digests, has the jailed
 * worker decode pictures and unpack archives, hashes what comes out, asks the
 * bank, and lets the policy judge.  It alone decides to descend and holds the
 * one budget.  What could not be read is a finding; nothing is ever called
 * clean because something failed.
 *
 * Error, verdict and decision are three things.  A ward_err means that the
 * scan itself could not be made (no memory, the file vanished).  A verdict is
 * what the policy makes of the findings.  A decision is a person's, and is not
 * made here: a score or a heuristic can hold and queue, never more, and the
 * type of the finding sees to that.
 *
 * A scanner belongs to one thread at a time; the bank view and the policy may
 * be shared by all.
 */
#ifndef WARD_SCAN_H
#define WARD_SCAN_H

#include <ward/bank.h>
#include <ward/base.h>
#include <ward/box.h>
#include <ward/hash.h>
#include <ward/media.h>
#include <ward/sharing.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ward_site_view; /* site.h */
struct ward_terms;     /* text.h */

/* ---- findings ---- */

typedef enum ward_finding_kind {
	WARD_FINDING_KNOWN = 0,  /* a signal on a deny list, exactly (digest, or distance 0) */
	WARD_FINDING_NEAR,       /* a PDQ or PhotoDNA hash near a listed one */
	WARD_FINDING_ALLOWED,    /* a digest on a known-good list */
	WARD_FINDING_EXCLUDED,   /* would have been a hit, but an exclusion list holds it */
	WARD_FINDING_UNREADABLE, /* could not be read: broken, unsupported, a crash, a time-out */
	WARD_FINDING_LIMIT,      /* larger than we agreed to handle */
	WARD_FINDING_ENCRYPTED,  /* a member that cannot be opened without its password */
	WARD_FINDING_SCORE,      /* a model or heuristic; may hold and queue, never more */
	WARD_FINDING_LINK,       /* a link in a text is on a site list that blocks */
	WARD_FINDING_KIND_COUNT
} ward_finding_kind;

WARD_API const char *ward_finding_kind_name(ward_finding_kind kind); /* "known", "near", ... */

struct ward_finding {
	ward_finding_kind kind;
	ward_str path;  /* member within the archive, "" for the file itself; a!b!c when nested */
	uint32_t frame; /* of an animated picture */
	/* "rot90", "upright", "borders cut", "borders cut, rot90", ... when the picture changed so
	 * matched */
	ward_str orientation;
	/* A frame of a video: when the first and the last that match the entry are shown, seconds.
	 */
	bool has_time;
	double from_s, until_s;
	/* A listed video that is alike (then `asked` and `listed` are none); its `list` is NULL. */
	const struct ward_video_hit *video;
	/* hits */
	ward_str list;
	ward_str source;
	ward_str labels;
	ward_signal asked;  /* what the file has */
	ward_signal listed; /* what the list has */
	uint64_t entry;
	uint32_t distance;
	uint32_t affirmed, disputed;
	/* unreadable, limit */
	ward_err err;
	ward_str message; /* a sentence without content or names */
	/* score */
	double score;
	/* link: in its one form; "" when the list is hidden */
	ward_str link;
};

/* ---- policy ---- */

typedef enum ward_verdict_kind {
	WARD_ALLOW = 0,
	WARD_HOLD,
	WARD_BLOCK,
	WARD_VERDICT_KIND_COUNT
} ward_verdict_kind;

WARD_API const char *ward_verdict_name(ward_verdict_kind kind); /* "allow", "hold", "block" */

struct ward_verdict {
	ward_verdict_kind kind;
	ward_str queue; /* where a person should look; "" for nowhere */
	int priority;   /* 0..100, higher sooner */
	ward_str rule;  /* the name of the rule that decided; "default" when none matched */
	size_t finding; /* which finding it matched; SIZE_MAX when none */
	bool softened;  /* the rule said block, and a score may only hold */
};

/*
 * One rule: matches a finding when every condition that is set holds.  The
 * first rule that matches any finding decides (findings gravest first).
 */
struct ward_rule {
	ward_str name;
	uint32_t findings; /* bit set of 1u << ward_finding_kind; 0 is any */
	ward_str list;     /* a list's name; "" is any */
	ward_str label;    /* one of the hit's labels, or its scheme as "scheme:"; "" is any */
	int distance_max;  /* negative is any */
	int disputed_max;  /* negative is any: matches while at most so many disputes */
	double score_min;  /* for scores */
	ward_verdict_kind verdict;
	ward_str queue;
	int priority;
};

struct ward_policy; /* immutable once made; share it */

/* Copies the rules.  Fails with NOMEM or, for a rule that makes no sense, ARGUMENT. */
WARD_API ward_err ward_policy_new(const struct ward_rule *rules, size_t count,
		struct ward_policy **policy, struct ward_error *error) WARD_MUST_USE;
/*
 * Without a file: known blocks and queues (90), near holds and queues (70),
 * unreadable, limit and encrypted hold (20, no queue), the rest is allowed.
 */
WARD_API struct ward_policy *ward_policy_default(void); /* NULL without memory */
WARD_API void ward_policy_free(struct ward_policy *policy);
WARD_API size_t ward_policy_rules(const struct ward_policy *policy);
WARD_API const struct ward_rule *ward_policy_rule(const struct ward_policy *policy, size_t index);
/* What the policy makes of findings; cannot fail. */
WARD_API struct ward_verdict ward_policy_judge(const struct ward_policy *policy,
		const struct ward_finding *findings, size_t count);
/* Why: does this rule match this finding, and if not, which condition fails ("list", ...)?  NULL:
 * it matches. */
WARD_API const char *ward_rule_misses(const struct ward_rule *rule,
		const struct ward_finding *finding);

/* ---- scanning ---- */

struct ward_scan_options {
	struct ward_limits limits;
	ward_decode_size size; /* FAST for look-up, FULL for exact hashes */
	bool all_orientations; /* look up the 8 dihedral hashes of each picture */
	bool archives;         /* open them */
	/*
	 * Compare a frame a second of videos, where lists hold pictures or videos.  Else of a video
	 * its digests are looked up, and what it is, is told.
	 */
	bool videos;
	bool sharing;    /* file-sharing hashes of every file, not only where lists hold some */
	bool hash_only;  /* no look-up: findings only about readability */
	bool both_paths; /* also pdq512 and its 8 dihedral hashes (ward hash) */
	bool apply_orientation; /* hash the picture turned upright by its EXIF orientation as well
				 */
	bool borders;           /* hash and look up a picture without its even borders as well */
	int radius;             /* negative: each list's own */
	int64_t now;            /* Unix seconds: expired lists are passed over */
	/* For looking into one video; 0 is what limits.time_ms leaves.  What is not reached is
	 * told. */
	uint32_t video_time_ms;
	/*
	 * Of texts, on their own and within mails, PDFs and the like: links are looked up in these
	 * lists, and these terms are looked for; a score from `terms_from` on is told.  NULL: not.
	 */
	const struct ward_site_view *sites;
	const struct ward_terms *terms;
	double terms_from;
};

/* 31..: default limits, FAST, archives, own radius. */
WARD_API struct ward_scan_options ward_scan_options_default(void);

/* What was computed from one picture frame. */
struct ward_frame_hash {
	uint32_t frame;
	ward_frame_view view;
	uint32_t scale; /* 1 is exact */
	struct ward_pdq_result pdq;
	/* with both_paths, first frame only: */
	bool has_512;
	struct ward_pdq_result pdq512;
	ward_pdq dihedral512[WARD_DIHEDRAL_COUNT];
	/* when the picture has an EXIF orientation above 1 and apply_orientation is set */
	bool has_upright;
	ward_pdq upright;
	/* with borders, when the picture has some: what is within them (ward_image_find_inner) */
	bool has_inner;
	struct ward_pdq_result inner;
};

/* One file, or one member of an archive. */
struct ward_item {
	ward_str path; /* "" for the file itself */
	ward_media_kind kind;
	uint64_t bytes;
	bool has_digests;
	struct ward_digests digests;
	bool has_sharing; /* with options.sharing, or when a list holds hashes of these kinds */
	struct ward_sharing_hashes sharing;
	struct ward_picture_facts facts; /* of pictures */
	const struct ward_frame_hash *frames;
	size_t frame_count;
	ward_err err; /* why it could not be read, when it could not */
	ward_str message;
};

struct ward_report {
	const struct ward_item *items; /* the file first, then members in order */
	size_t item_count;
	const struct ward_finding *findings; /* gravest first */
	size_t finding_count;
	struct ward_verdict verdict;
	uint64_t time_us;
};

struct ward_scanner;

struct ward_scanner_options {
	const char *worker; /* as in ward_box_options */
	size_t memory_max;  /* of one report; 0 is 256 MiB */
};

WARD_API struct ward_scanner *ward_scanner_new(const struct ward_scanner_options *options);
WARD_API void ward_scanner_free(struct ward_scanner *scanner);

/*
 * Scans a regular file or memory file from its beginning.  `view` may be NULL
 * with hash_only.  The report is borrowed from the scanner until the next scan.
 */
WARD_API ward_err ward_scan_fd(struct ward_scanner *scanner, int fd, uint64_t size,
		const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, const struct ward_report **report,
		struct ward_error *error) WARD_MUST_USE;

/* A regular file or memory file, read from its beginning. */
struct ward_scan_file {
	int fd;
	uint64_t size;
};

/*
 * What a file of many turned out to be: its report, borrowed until this returns, or NULL, and
 * then `error` says why it could not be scanned.  False ends the scan.
 */
typedef bool ward_scan_told(void *context, size_t index, const struct ward_report *report,
		const struct ward_error *error);

/*
 * Scans many files, in order, with the same outcome as one after another.
 * Small ones are read and digested together, which takes a fraction of the
 * time; a hundred or more at a time serve best.  Uses 16 MiB more memory.
 * Fails when the call makes no sense, or with NOMEM; a file's own failure is told.
 */
WARD_API ward_err ward_scan_many(struct ward_scanner *scanner, const struct ward_scan_file *files,
		size_t count, const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, ward_scan_told *told, void *context,
		struct ward_error *error) WARD_MUST_USE;
WARD_API ward_err ward_scan_bytes(struct ward_scanner *scanner, ward_bytes bytes,
		const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, const struct ward_report **report,
		struct ward_error *error) WARD_MUST_USE;
/*
 * For pixels the caller already holds: hash, look up, judge.  No worker is used.
 */
WARD_API ward_err ward_scan_image(struct ward_scanner *scanner, const struct ward_image *image,
		const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, const struct ward_report **report,
		struct ward_error *error) WARD_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
