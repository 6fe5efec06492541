/*
 * A report goes in in two steps.  Items are sealed into files first, each made
 * durable alone, by as many threads as there are; then one short work adds all
 * rows.  A kill between the two leaves sealed files without a row, which the
 * vault sweeps away later, and no report; whoever sent it was told nothing, and
 * sends it again.
 */
#include <sodium.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "intake/alike.h"
#include "intake/check.h"
#include "intake/inner.h"

/* An item on its way: sealed, and what is known of it. */
struct arriving {
	const struct intake_item_new *item;
	char id[ID_TEXT_MAX];
	struct vault_sealed *sealed; /* NULL: only a hash came */
	const struct vault_facts *facts;
	bool has_form;
	struct intake_form form;
	uint8_t form_key[32];
};

struct adding {
	const struct intake *intake;
	const struct intake_new *report;
	struct arriving *items;
	struct vault_sealed *contact;
	char id[ID_TEXT_MAX]; /* of this one; `added` has another's when that was first */
	bool has_once, has_receipt;
	bool first_has_receipt; /* the one that was there already */
	uint8_t once[32];
	struct intake_receipt receipt;
	struct intake_added added;
};

/* ---- a report that was there already ---- */

static ward_err find_again(struct adding *adding, struct store_tx *tx, struct ward_error *error)
{
	const struct intake_new *report = adding->report;
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT id, body, receipt IS NOT NULL FROM intake_reports "
			"WHERE channel = $1 AND holder = $2 AND once = $3",
			STORE_VALUES(store_string(intake_channel_name(report->channel)),
					store_text(report->holder),
					store_blob((ward_bytes){ adding->once, 32 })),
			&rows, error);

	if (err)
		return err;
	ward_str id = store_get_text(rows, 0);
	ward_bytes body = store_get_blob(rows, 1);
	bool same = !report->body_sha256 || body.len != 32 ||
		    memcmp(body.ptr, report->body_sha256, 32) == 0;

	snprintf(adding->added.report, sizeof(adding->added.report), "%.*s", WARD_FMT(id));
	adding->added.again = true;
	adding->first_has_receipt = store_get_int(rows, 2) != 0;
	err = store_rows_end(rows, error);
	if (!err && !same)
		err = ward_fail(error, WARD_E_CONFLICT,
				"another report came with this idempotency key before");
	return err;
}

/* Looks before anything is sealed: most that comes again does so long after. */
static ward_err look_before(struct adding *adding, struct ward_error *error)
{
	struct ward_error none;
	struct store_tx *tx;

	if (!adding->has_once)
		return WARD_OK;
	ward_err err = store_read(adding->intake->store, &tx, error);

	if (err)
		return err;
	err = find_again(adding, tx, &none);
	store_read_end(tx);
	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	return err ? ward_fail(error, err, "%s", none.message) : WARD_OK;
}

/* ---- before the work ---- */

static void set_keys(struct adding *adding)
{
	const struct intake_new *report = adding->report;
	ward_str channel = ward_str_from(intake_channel_name(report->channel));
	ward_str texts[] = { channel, report->holder, report->once };

	adding->has_once = report->once.len > 0;
	if (adding->has_once)
		intake_digest(adding->intake, "once", texts, 3, adding->once);
}

/*
 * A receipt that is made here for a report that may be sent again is made of
 * the sender's own key and body: so it is the same each time, and the store,
 * which has neither, cannot give it.
 */
static ward_err set_receipt(struct adding *adding, struct ward_error *error)
{
	const struct intake_new *report = adding->report;
	char body[65] = "";
	uint8_t random[32];
	ward_str receipt = report->receipt;

	if (report->receipt_wanted && receipt.len == 0) {
		id_random(random, sizeof(random));
		if (report->body_sha256)
			ward_hex_format(report->body_sha256, 32, body);
		ward_str channel = ward_str_from(intake_channel_name(report->channel));
		ward_str texts[] = { channel, report->holder, report->once, ward_str_from(body) };

		if (adding->has_once)
			intake_digest(adding->intake, "receipt", texts, 4, random);
		intake_receipt_words(random, adding->added.receipt);
		sodium_memzero(random, sizeof(random));
		receipt = ward_str_from(adding->added.receipt);
	}
	adding->has_receipt = receipt.len > 0;
	if (!adding->has_receipt || adding->added.again)
		return WARD_OK;
	return intake_receipt_keys(receipt, adding->intake->secret, &adding->receipt, error);
}

static void set_form(struct arriving *arriving)
{
	crypto_hash_sha256_state state;
	const char *kind = intake_kind_name(arriving->item->kind);

	arriving->has_form = intake_form(arriving->item, &arriving->form);
	if (!arriving->has_form)
		return;
	ward_str text = ward_buf_text(&arriving->form.text);

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)kind, strlen(kind) + 1);
	crypto_hash_sha256_update(&state, (const uint8_t *)text.ptr, text.len);
	crypto_hash_sha256_final(&state, arriving->form_key);
}

static ward_str type_of(const struct intake_item_new *item)
{
	if (item->type.len > 0)
		return item->type;
	return item->kind == INTAKE_MEDIA ? WARD_STR("application/octet-stream")
					  : WARD_STR("text/plain");
}

static ward_err seal_item(struct adding *adding, struct arriving *arriving,
		struct ward_error *error)
{
	const struct intake_item_new *item = arriving->item;
	ward_bytes text = { (const uint8_t *)item->text.ptr, item->text.len };
	char origin[ID_TEXT_MAX + 8];

	if (!item->from_fd && item->bytes.len == 0 && text.len == 0)
		return WARD_OK;
	snprintf(origin, sizeof(origin), "report:%s", adding->id);
	ward_err err = vault_seal(adding->intake->vault,
			&(struct vault_arrival){ .from_fd = item->from_fd,
					.fd = item->fd,
					.bytes = item->bytes.len > 0 ? item->bytes : text,
					.kind = type_of(item),
					.origin = ward_str_from(origin) },
			&arriving->sealed, error);

	if (!err)
		arriving->facts = vault_sealed_facts(arriving->sealed);
	return err;
}

static ward_err seal_all(struct adding *adding, struct ward_error *error)
{
	const struct intake_new *report = adding->report;
	ward_err err = WARD_OK;

	for (size_t i = 0; !err && i < report->item_count; i++) {
		struct arriving *arriving = &adding->items[i];

		arriving->item = &report->items[i];
		set_form(arriving);
		err = seal_item(adding, arriving, error);
		/* A thing has one id, in the vault as here. */
		if (!err && arriving->facts)
			memcpy(arriving->id, arriving->facts->id, sizeof(arriving->id));
		else if (!err)
			id_new(arriving->id);
	}
	if (!err && report->contact.len > 0)
		err = intake_seal_text(adding->intake, report->contact, WARD_STR("text/plain"),
				ward_str_from(adding->id), &adding->contact, error);
	return err;
}

/* ---- the work ---- */

static struct store_value blob_or_null(bool some, const uint8_t *bytes, size_t len)
{
	return some ? store_blob((ward_bytes){ bytes, len }) : store_null();
}

/* `changed` 0: somebody added it meanwhile, by the same key. */
static ward_err add_report_row(struct adding *adding, struct store_tx *tx, uint64_t *changed,
		struct ward_error *error)
{
	const struct intake_new *report = adding->report;
	int64_t now = clock_now();

	return store_run(tx,
			"INSERT INTO intake_reports (id, at, channel, holder, once, body, "
			"reporter, "
			"urgency, jurisdiction, language, context, contact, state, state_at, "
			"receipt, receipt_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
			"$11, $12, $13, $14, $15, $16) "
			"ON CONFLICT (channel, holder, once) DO NOTHING",
			STORE_VALUES(store_string(adding->id), store_int(now),
					store_string(intake_channel_name(report->channel)),
					store_text(report->holder),
					blob_or_null(adding->has_once, adding->once, 32),
					blob_or_null(adding->has_once && report->body_sha256,
							report->body_sha256, 32),
					store_string(intake_reporter_name(report->reporter)),
					store_int(report->urgency),
					store_text(report->jurisdiction),
					store_text(report->language), store_text(report->context),
					adding->contact ? store_string(vault_sealed_facts(
									  adding->contact)
											  ->id)
							: store_null(),
					store_int(INTAKE_RECEIVED), store_int(now),
					blob_or_null(adding->has_receipt, adding->receipt.lookup,
							32),
					blob_or_null(adding->has_receipt,
							adding->receipt.public_key, 32)),
			changed, error);
}

static ward_err add_item_row(struct adding *adding, struct store_tx *tx, size_t place,
		const struct arriving *arriving, const struct alike *alike,
		struct ward_error *error)
{
	const struct intake_item_new *item = arriving->item;
	const struct vault_facts *facts = arriving->facts;
	ward_signal pdq = ward_pdq_signal(item->pdq);

	return store_send(tx,
			"INSERT INTO intake_items (id, report, place, kind, payload, type, bytes, "
			"md5, sha1, sha256, pdq, pdq_quality, form, form_key, host, first, alike, "
			"closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
			"$13, "
			"$14, $15, $16, $17, 0)",
			STORE_VALUES(store_string(arriving->id), store_string(adding->id),
					store_int((int64_t)place),
					store_string(intake_kind_name(item->kind)),
					store_string(facts ? facts->id : NULL),
					store_text(item->type),
					store_int(facts ? (int64_t)facts->digests.bytes : 0),
					blob_or_null(facts, facts ? facts->digests.md5 : NULL, 16),
					blob_or_null(facts, facts ? facts->digests.sha1 : NULL, 20),
					blob_or_null(facts, facts ? facts->digests.sha256 : NULL,
							32),
					blob_or_null(item->has_pdq, pdq.bytes, ALIKE_PDQ_SIZE),
					store_int(item->has_pdq ? item->pdq_quality : 0),
					arriving->has_form
							? store_text((ward_str){
									  arriving->form.text.ptr,
									  arriving->form.text.len })
							: store_null(),
					blob_or_null(arriving->has_form, arriving->form_key, 32),
					arriving->has_form ? store_string(arriving->form.host)
							   : store_null(),
					store_string(alike->first), store_string(alike->how)),
			error);
}

static ward_err add_item(struct adding *adding, struct store_tx *tx, size_t place,
		struct ward_error *error)
{
	struct arriving *arriving = &adding->items[place];
	const struct intake_item_new *item = arriving->item;
	struct alike_item looked = { .id = ward_str_from(arriving->id),
		.sha256 = arriving->facts ? arriving->facts->digests.sha256 : NULL,
		.form_key = arriving->has_form ? arriving->form_key : NULL,
		.has_pdq = item->has_pdq,
		.pdq = item->pdq,
		.pdq_quality = item->pdq_quality };
	struct alike alike;
	ward_err err = alike_find(tx, &looked, &alike, error);

	if (!err && arriving->sealed)
		err = vault_put(tx, arriving->sealed, &adding->report->actor, error);
	if (!err)
		err = add_item_row(adding, tx, place, arriving, &alike, error);
	if (!err && alike.apart)
		err = alike_keep(tx, &looked, ward_str_from(alike.first), error);
	return err;
}

static ward_err add_log(struct adding *adding, struct store_tx *tx, struct ward_error *error)
{
	const struct intake_new *report = adding->report;
	char object[ID_TEXT_MAX + 8], detail[200];

	snprintf(object, sizeof(object), "report:%s", adding->id);
	snprintf(detail, sizeof(detail),
			"{\"channel\":\"%s\",\"reporter\":\"%s\",\"urgency\":\"%s\",\"items\":%zu}",
			intake_channel_name(report->channel),
			intake_reporter_name(report->reporter),
			intake_urgency_name(report->urgency), report->item_count);
	return audit_add(tx,
			&(struct audit_entry){ .actor = report->actor.actor,
					.role = report->actor.role,
					.action = WARD_STR("report.received"),
					.object = ward_str_from(object),
					.detail = ward_str_from(detail) },
			error);
}

static ward_err add_all(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct adding *adding = context;
	const struct intake *intake = adding->intake;
	uint64_t changed = 0;

	/* Anew each time: what was found in an attempt that failed may be gone with it. */
	adding->added.again = false;
	memcpy(adding->added.report, adding->id, sizeof(adding->id));
	ward_err err = add_report_row(adding, tx, &changed, error);

	if (!err && changed == 0)
		return find_again(adding, tx, error);
	for (size_t i = 0; !err && i < adding->report->item_count; i++)
		err = add_item(adding, tx, i, error);
	if (!err && adding->contact)
		err = vault_put(tx, adding->contact, &adding->report->actor, error);
	if (!err && intake->also)
		err = intake->also(intake->context, tx, ward_str_from(adding->id), error);
	return err ? err : add_log(adding, tx, error);
}

/* ---- all of it ---- */

static void forget(struct adding *adding)
{
	for (size_t i = 0; adding->items && i < adding->report->item_count; i++) {
		vault_sealed_free(adding->items[i].sealed);
		if (adding->items[i].has_form)
			ward_buf_free(&adding->items[i].form.text);
	}
	free(adding->items);
	vault_sealed_free(adding->contact);
	intake_receipt_wipe(&adding->receipt);
}

static ward_err add(struct adding *adding, struct ward_error *error)
{
	set_keys(adding);
	ward_err err = look_before(adding, error);

	if (!err)
		err = set_receipt(adding, error);
	if (err || adding->added.again)
		return err;
	id_new(adding->id);
	adding->items = calloc(adding->report->item_count, sizeof(*adding->items));
	if (!adding->items)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the report's items");
	err = seal_all(adding, error);
	return err ? err : store_write(adding->intake->store, add_all, adding, error);
}

ward_err intake_add(struct intake *intake, const struct intake_new *report,
		struct intake_added *added, struct ward_error *error)
{
	struct adding adding = { .intake = intake, .report = report };
	ward_err err = intake_check(report, error);

	if (err)
		return err;
	err = add(&adding, error);
	forget(&adding);
	if (err)
		return err;
	/* Words that would open nothing are not given out. */
	if (adding.added.again && !adding.first_has_receipt)
		adding.added.receipt[0] = '\0';
	adding.added.items = report->item_count;
	*added = adding.added;
	return WARD_OK;
}
