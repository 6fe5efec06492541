/*
 * intake.h - reports arriving, from anyone, and what the reporter may learn of them
 *
 * A report is who says it (a kind, never a name), by which way, and items:
 * a picture or film, a text, an account, an address, a conversation.  What was
 * sent is sealed in the vault on its way in; tables hold facts about it alone.
 * When intake_add has returned WARD_OK, the report survives a kill and a loss
 * of power, and the same report sent again with the same key is not a second
 * one.
 *
 * An item that is like one that was there before says so: the same bytes, the
 * same address or account, or a picture that looks the same among those that
 * nobody has decided yet.
 *
 *     receipt.h   six words to come back with
 *     talk.h      what reporter and desk write to each other
 *     url_form.h  one spelling for an address
 *     csv.h       reports in a table
 *     mail.h      reports in a Maildir
 *
 * Nothing is kept that tells who a reporter is: no address of their machine,
 * and how to reach them only when they said so, sealed as all else.
 *
 * An intake may be used by any thread.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <ward/hash.h>

#include "intake/receipt.h"
#include "vault/vault.h"

/* ---- words that are fixed ---- */

enum intake_channel {
	INTAKE_API = 0,
	INTAKE_SCAN,
	INTAKE_PORTAL,
	INTAKE_CSV,
	INTAKE_MAIL,
	INTAKE_CONSOLE,
	INTAKE_CHANNELS
};

enum intake_reporter {
	INTAKE_PUBLIC = 0,
	INTAKE_MEMBER,
	INTAKE_TRUSTED,
	INTAKE_HELPLINE,
	INTAKE_POLICE,
	INTAKE_HOTLINE,
	INTAKE_AUTOMATIC,
	INTAKE_CHILD,
	INTAKE_PARENT,
	INTAKE_TEACHER,
	INTAKE_REPORTERS
};

enum intake_kind {
	INTAKE_MEDIA = 0,
	INTAKE_TEXT,
	INTAKE_ACCOUNT,
	INTAKE_URL,
	INTAKE_CONVERSATION,
	INTAKE_KINDS
};

enum intake_urgency { INTAKE_AS_ANY = 0, INTAKE_SOON, INTAKE_NOW, INTAKE_URGENCIES };
enum intake_state {
	INTAKE_RECEIVED = 0,
	INTAKE_READING,
	INTAKE_DONE,
	INTAKE_WITHDRAWN,
	INTAKE_STATES
};

/* "api", "public", "media", "any", "received" and so on; false when there is no such word. */
const char *intake_channel_name(enum intake_channel channel);
const char *intake_reporter_name(enum intake_reporter reporter);
const char *intake_kind_name(enum intake_kind kind);
const char *intake_urgency_name(enum intake_urgency urgency);
const char *intake_state_name(enum intake_state state);
bool intake_channel_parse(ward_str text, enum intake_channel *channel) WARD_MUST_USE;
bool intake_reporter_parse(ward_str text, enum intake_reporter *reporter) WARD_MUST_USE;
bool intake_kind_parse(ward_str text, enum intake_kind *kind) WARD_MUST_USE;
bool intake_urgency_parse(ward_str text, enum intake_urgency *urgency) WARD_MUST_USE;

/* ---- what comes in ---- */

enum {
	INTAKE_ITEMS_MAX = 1000, /* of a report */
	INTAKE_TEXT_MAX = 1 << 20,
	INTAKE_URL_MAX = 8192,
	INTAKE_ACCOUNT_MAX = 512,
	INTAKE_CONTEXT_MAX = 8000,
	INTAKE_CONTACT_MAX = 2000,
	INTAKE_ONCE_MAX = 200,
};

struct intake_item_new {
	enum intake_kind kind;
	/* Of an account, an address, a text: itself.  Of an account "service/name" or "name". */
	ward_str text;
	/* Of media and a conversation: bytes, or a descriptor to be read from where it stands. */
	ward_bytes bytes;
	bool from_fd;
	int fd;
	ward_str type; /* a media type, as the sender claims; "" is not said */
	/* Of a picture, where somebody has looked: also without the picture itself. */
	bool has_pdq;
	ward_pdq pdq;
	unsigned pdq_quality;
};

struct intake_new {
	enum intake_channel channel;
	ward_str holder; /* the API key's name, a person's id; "" where there is none */
	/* The sender's word for this report: sent again it is the same one.  "" is none. */
	ward_str once;
	/* Of all that was sent, when `once` is given: another digest is another report, and
	 * CONFLICT. NULL: whatever comes with this key is taken for the same. */
	const uint8_t *body_sha256;
	enum intake_reporter reporter;
	enum intake_urgency urgency;
	ward_str jurisdiction, language;
	ward_str context; /* a JSON object of codes and numbers; or "" */
	ward_str contact; /* how to reach the reporter, who said so; or "" */
	const struct intake_item_new *items;
	size_t item_count;
	/* What the reporter will come back with, told by the caller; or, with `receipt_wanted`,
	 * made here. */
	ward_str receipt;
	bool receipt_wanted;
	struct vault_actor actor; /* as the log names it: "key:NAME", "portal", "system" */
};

struct intake_added {
	char report[ID_TEXT_MAX];
	bool again;                            /* it was there already, by the same key */
	char receipt[INTAKE_RECEIPT_TEXT_MAX]; /* that was made here; "" also of one without */
	size_t items;
};

struct intake;

/*
 * What else belongs to the same work, as the desk's job: called within it,
 * once the report's rows are there, and perhaps again (store_work).  Not
 * called for a report that was there already.
 */
typedef ward_err intake_also(void *context, struct store_tx *tx, ward_str report,
		struct ward_error *error);

/*
 * `keys` is the workspace's folder of keys, where intake.key (0600) is made at
 * the first use: without it receipts cannot be guessed from a copy of the
 * store, and with another one those that were given out are not known any
 * more.  Store and vault are borrowed; so is what belongs to `also` (may be NULL).
 */
ward_err intake_open(const char *keys, struct store *store, struct vault *vault, intake_also *also,
		void *context, struct intake **intake, struct ward_error *error) WARD_MUST_USE;
void intake_free(struct intake *intake);
struct store *intake_store(const struct intake *intake);

/*
 * Seals the items, and adds report, items, `also` and the row of the log
 * ("report.received") in one work.  ARGUMENT when something makes no sense,
 * with a sentence for whoever sent it; LIMIT; CONFLICT as above; what the
 * vault and the store fail with.
 */
ward_err intake_add(struct intake *intake, const struct intake_new *report,
		struct intake_added *added, struct ward_error *error) WARD_MUST_USE;

/* ---- looking ---- */

struct intake_report {
	ward_str id;
	int64_t at;
	ward_str channel, holder, reporter, jurisdiction, language, context;
	enum intake_urgency urgency;
	enum intake_state state;
	int64_t state_at;
	ward_str contact; /* the vault's item; "" is none */
	bool has_receipt;
};

struct intake_item {
	ward_str id, report, kind, type;
	ward_str payload; /* the vault's item; "" is none */
	int64_t place, bytes;
	bool has_digests, has_pdq;
	uint8_t md5[16], sha1[20], sha256[32];
	ward_pdq pdq;
	int64_t pdq_quality;
	ward_str form, host; /* "" is none */
	ward_str first; /* of those that are alike, the one that was there first; or its own id */
	ward_str alike; /* how: "", "digest", "form", "near" */
	int64_t closed_at; /* 0: it waits for a decision */
};

struct intake_item_list {
	struct intake_item *at;
	size_t count;
};

/* NOT_FOUND when there is none.  Text lies in the arena. */
ward_err intake_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct intake_report *report, struct ward_error *error) WARD_MUST_USE;
ward_err intake_items(struct store_tx *tx, ward_str report, struct ward_arena *arena,
		struct intake_item_list *items, struct ward_error *error) WARD_MUST_USE;
ward_err intake_item_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct intake_item *item, struct ward_error *error) WARD_MUST_USE;
/* Those that are like this one, it among them; the oldest first. */
ward_err intake_alike(struct store_tx *tx, ward_str first, unsigned items_max,
		struct ward_arena *arena, struct intake_item_list *items,
		struct ward_error *error) WARD_MUST_USE;

struct intake_question {
	ward_str channel, holder, reporter; /* "" is any */
	int64_t since, until;               /* 0 is open */
	ward_str before;                    /* older than this report: the next page; "" is all */
	unsigned reports_max;
};

/* Newest first; `each` has borrowed text, and false from it ends. */
ward_err intake_list(struct store_tx *tx, const struct intake_question *question,
		bool (*each)(void *context, const struct intake_report *report), void *context,
		struct ward_error *error) WARD_MUST_USE;

/* ---- what the desk tells ---- */

/* A decision was made about this item: pictures are no longer compared with it. */
ward_err intake_item_close(struct store_tx *tx, ward_str item,
		struct ward_error *error) WARD_MUST_USE;
/* What the reporter may learn of how far it is.  A report that is withdrawn stays so: CONFLICT. */
ward_err intake_state_set(struct store_tx *tx, ward_str report, enum intake_state state,
		struct ward_error *error) WARD_MUST_USE;

struct intake_counts {
	uint64_t reports, done, withdrawn;
};
/* Of the reports of a channel ("" is any) since then. */
ward_err intake_count(struct store_tx *tx, ward_str channel, int64_t since,
		struct intake_counts *counts, struct ward_error *error) WARD_MUST_USE;

#endif
