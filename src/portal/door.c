#include "portal/door.h"

#include "base/clock.h"
#include "base/json.h"
#include "intake/site_appeals.h"
#include "intake/talk.h"

enum { CONTEXT_MAX = 4096, ITEMS_MORE = 2, DAY_S = 24 * 3600 };

static bool is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

/* ---- a report ---- */

static void add_code(struct json *json, const char *name, ward_str value)
{
	if (value.len > 0)
		json_key_str(json, name, value);
}

static void write_context(const struct portal_report *report, struct ward_buf *buf)
{
	struct json json = json_to(buf);

	json_object(&json);
	json_key_text(&json, "what", report->what);
	add_code(&json, "place", ward_str_from(report->place));
	add_code(&json, "topic", ward_str_from(report->topic));
	add_code(&json, "when", ward_str_from(report->when));
	add_code(&json, "date", report->date);
	add_code(&json, "time", report->time);
	add_code(&json, "zone", report->zone);
	json_key_text(&json, "answer", report->contact);
	json_object_end(&json);
}

/*
 * What people write as an address is one when it has a dot and no blank;
 * intake finds its canonical form, or keeps it as it stands.
 */
static bool is_address(ward_str text)
{
	return memchr(text.ptr, '.', text.len) && !memchr(text.ptr, ' ', text.len);
}

static enum intake_kind kind_of(const struct portal_report *report)
{
	bool account = is(report->what, "account");

	if (account && report->address.len <= INTAKE_ACCOUNT_MAX && !is_address(report->address))
		return INTAKE_ACCOUNT;
	if (is_address(report->address) && report->address.len <= INTAKE_URL_MAX)
		return INTAKE_URL;
	return INTAKE_TEXT;
}

/* Without an address, words or hashes, what was chosen is all there is: it is the text. */
static size_t fill_items(const struct portal_report *report, ward_str context,
		struct intake_item_new *items)
{
	size_t count = 0;
	char hex[65];

	if (report->address.len > 0)
		items[count++] = (struct intake_item_new){ .kind = kind_of(report),
			.text = report->address };
	if (report->words.len > 0)
		items[count++] = (struct intake_item_new){ .kind = INTAKE_TEXT,
			.text = report->words };
	for (size_t i = 0; i < report->hash_count; i++) {
		struct intake_item_new *item = &items[count++];

		*item = (struct intake_item_new){ .kind = INTAKE_MEDIA,
			.pdq_quality = report->hashes[i].quality };
		ward_hex_format(report->hashes[i].pdq, sizeof(report->hashes[i].pdq), hex);
		item->has_pdq = ward_pdq_parse(ward_str_from(hex), &item->pdq);
	}
	if (count == 0)
		items[count++] = (struct intake_item_new){ .kind = INTAKE_TEXT, .text = context };
	return count;
}

/* A child whom somebody is hurting or pressing now does not wait behind what merely lies somewhere.
 */
static enum intake_urgency urgency_of(const struct portal_report *report)
{
	static const char *const soon[] = { "grooming", "sexual_extortion", "exploitation",
		"abuse" };

	for (size_t i = 0; i < sizeof(soon) / sizeof(*soon); i++) {
		if (is(report->topic, soon[i]))
			return INTAKE_SOON;
	}
	return INTAKE_AS_ANY;
}

static ward_err door_file(void *context, const struct portal_report *report,
		struct ward_error *error)
{
	struct intake_item_new *items = calloc(report->hash_count + ITEMS_MORE, sizeof(*items));
	struct ward_buf codes;
	struct intake_added added;
	ward_err err;

	if (!items)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_buf_init(&codes, CONTEXT_MAX);
	write_context(report, &codes);
	struct intake_new one = {
		.channel = INTAKE_PORTAL,
		.once = ward_str_from(report->key),
		.reporter = INTAKE_PUBLIC,
		.urgency = urgency_of(report),
		.language = ward_str_from(report->language),
		.context = ward_buf_text(&codes),
		.contact = report->mail,
		.items = items,
		.receipt = ward_str_from(report->receipt),
		.actor = { WARD_STR("portal"), WARD_STR("") },
	};

	one.item_count = fill_items(report, one.context, items);
	err = codes.failed ? ward_fail(error, WARD_E_NOMEM, "out of memory")
			   : intake_add(context, &one, &added, error);
	ward_buf_free(&codes);
	free(items);
	return err;
}

/* ---- by receipt ---- */

static enum portal_state state_of(enum intake_state state)
{
	switch (state) {
	case INTAKE_READING:
		return PORTAL_READING;
	case INTAKE_DONE:
		return PORTAL_DONE;
	case INTAKE_WITHDRAWN:
		return PORTAL_WITHDRAWN;
	case INTAKE_RECEIVED:
	case INTAKE_STATES:
		break;
	}
	return PORTAL_RECEIVED;
}

static ward_err door_read(void *context, const char *receipt, struct ward_arena *arena,
		struct portal_answer *answer, struct ward_error *error)
{
	struct intake_talk talk;
	ward_err err = intake_talk(context, ward_str_from(receipt), arena, &talk, error);

	if (err)
		return err;
	struct portal_message *answers = ward_new(arena, struct portal_message, talk.count + 1);
	struct portal_message *additions = ward_new(arena, struct portal_message, talk.count + 1);
	struct portal_answer read = { .state = state_of(talk.state),
		.answers = answers,
		.additions = additions };

	if (!answers || !additions)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (size_t i = 0; i < talk.count; i++) {
		struct portal_message message = { talk.at[i].text, talk.at[i].at };

		if (talk.at[i].by_reporter)
			additions[read.addition_count++] = message;
		else
			answers[read.answer_count++] = message;
	}
	*answer = read;
	return WARD_OK;
}

static ward_err door_add(void *context, const char *receipt, const char *key, ward_str words,
		struct ward_error *error)
{
	return intake_talk_add(context, ward_str_from(receipt), ward_str_from(key), words, error);
}

static ward_err door_withdraw(void *context, const char *receipt, struct ward_error *error)
{
	return intake_withdraw(context, ward_str_from(receipt), error);
}

/* ---- counts ---- */

static ward_err door_count(void *context, struct portal_counts *counts, struct ward_error *error)
{
	struct store_tx *tx;
	struct intake_counts told;
	ward_err err = store_read(intake_store(context), &tx, error);

	if (err)
		return err;
	err = intake_count(tx, WARD_STR("portal"), clock_now() - (int64_t)PORTAL_DAYS * DAY_S,
			&told, error);
	store_read_end(tx);
	if (!err)
		*counts = (struct portal_counts){ PORTAL_DAYS, told.reports, told.done,
			told.withdrawn };
	return err;
}

/* ---- a block that is a mistake ---- */

static ward_err add_mistake(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct portal_mistake *mistake = context;
	char id[ID_TEXT_MAX];
	const struct intake_site_appeal_new appeal = {
		.once = ward_str_from(mistake->key),
		.blocked = ward_str_from(mistake->blocked),
		.list = mistake->list,
		.entry = mistake->entry,
		.host = mistake->host,
		.language = ward_str_from(mistake->language),
		.words = mistake->words,
		.ordered = mistake->ordered,
		.contact = mistake->contact,
	};

	return intake_site_appeal_add(tx, &appeal, id, error);
}

static ward_err door_mistake(void *context, const struct portal_mistake *mistake,
		struct ward_error *error)
{
	struct portal_mistake copy = *mistake;

	return store_write(intake_store(context), add_mistake, &copy, error);
}

struct portal_intake portal_before(struct intake *intake)
{
	return (struct portal_intake){ intake, door_file, door_read, door_add, door_withdraw,
		door_count, door_mistake };
}
