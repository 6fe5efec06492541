/*
 * The publisher's side of signed pages.
 *
 * What the feed says already is found by reading it: a table from the digest of
 * each entry's place to the digest of all it says.  What the list holds and the
 * table does not is added; what the table holds and the list does not is
 * retracted, with its words taken from the feed, which is read once more.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exchange/input.h"
#include "exchange/out.h"
#include "exchange/page.h"
#include "exchange/site_expression.h"

#define DIGEST 16

struct slot {
	uint8_t place[DIGEST];
	uint8_t says[DIGEST];
	bool used, listed; /* in the feed; in the list, too */
	bool told;         /* its retraction is written */
};

struct table {
	struct slot *slots;
	size_t count, room; /* room is a power of two */
};

struct signing {
	const struct exchange_pages_signing *wants;
	const struct ward_site_list *list;
	uint8_t secret[64], key[32];
	struct table table;
	struct page page; /* the next: its number, the one before, ... */
	int64_t last_from;
	struct ward_buf memory, text, place, out;
	struct page_making making;
	bool open; /* a page is begun */
	struct exchange_out file;
	struct exchange_pages_signed result;
};

/* ---- the table ---- */

static size_t slot_of(const struct table *table, const uint8_t place[DIGEST])
{
	size_t at;

	memcpy(&at, place, sizeof(at));
	at &= table->room - 1;
	while (table->slots[at].used && memcmp(table->slots[at].place, place, DIGEST) != 0)
		at = (at + 1) & (table->room - 1);
	return at;
}

static bool table_grow(struct table *table)
{
	struct table grown = { .room = table->room ? 2 * table->room : 1024 };

	if (2 * (table->count + 1) < table->room)
		return true;
	grown.slots = calloc(grown.room, sizeof(*grown.slots));
	if (!grown.slots)
		return false;
	for (size_t i = 0; i < table->room; i++) {
		if (table->slots[i].used)
			grown.slots[slot_of(&grown, table->slots[i].place)] = table->slots[i];
	}
	grown.count = table->count;
	free(table->slots);
	*table = grown;
	return true;
}

static struct slot *table_find(const struct table *table, const uint8_t place[DIGEST])
{
	struct slot *slot = table->room ? &table->slots[slot_of(table, place)] : NULL;

	return slot && slot->used ? slot : NULL;
}

/* A retracted entry stays as a slot that says nothing. */
static bool table_put(struct table *table, const uint8_t place[DIGEST], const uint8_t *says)
{
	struct slot *slot;

	if (!table_grow(table))
		return false;
	slot = &table->slots[slot_of(table, place)];
	table->count += !slot->used;
	slot->used = true;
	memcpy(slot->place, place, DIGEST);
	if (says)
		memcpy(slot->says, says, DIGEST);
	else
		memset(slot->says, 0, DIGEST);
	return true;
}

static bool says_nothing(const struct slot *slot)
{
	return sodium_is_zero(slot->says, DIGEST) == 1;
}

static void digest_word(crypto_generichash_state *state, ward_str word)
{
	uint64_t len = word.len;

	crypto_generichash_update(state, (const uint8_t *)&len, sizeof(len));
	crypto_generichash_update(state, (const uint8_t *)word.ptr, word.len);
}

/* Of a place as its page writes it, and of all that is said of it. */
static void digest(ward_str kind, ward_str key, const struct ward_site_entry *entry,
		uint8_t place[DIGEST], uint8_t says[DIGEST])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, DIGEST);
	digest_word(&state, kind);
	digest_word(&state, key);
	crypto_generichash_final(&state, place, DIGEST);
	crypto_generichash_init(&state, NULL, 0, DIGEST);
	digest_word(&state, entry->category);
	digest_word(&state, entry->class_code);
	digest_word(&state, entry->reason);
	digest_word(&state, entry->ref);
	crypto_generichash_update(&state, (const uint8_t *)&entry->expires, sizeof(entry->expires));
	crypto_generichash_final(&state, says, DIGEST);
	says[0] |= 1; /* never all zero */
}

/* ---- the feed that is there ---- */

typedef ward_err each_page(struct signing *signing, const struct page *page,
		struct ward_error *error);

static ward_str member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value)
			       ? (ward_str){ json_string_value(value), json_string_length(value) }
			       : WARD_STR("");
}

static ward_err read_fd(void *context, uint8_t *to, size_t room, size_t *got,
		struct ward_error *error)
{
	const int *fd = context;
	ssize_t len = read(*fd, to, room);

	if (len < 0)
		return ward_fail(error, WARD_E_IO, "cannot read the feed: %s", strerror(errno));
	*got = (size_t)len;
	return WARD_OK;
}

static ward_err each(struct signing *signing, int fd, each_page *visit, struct ward_error *error)
{
	struct input input;
	struct page page;
	ward_str line;
	bool whole, more = true;
	ward_err err;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return ward_fail(error, WARD_E_IO, "the feed cannot be read twice");
	err = input_init(&input, read_fd, &fd, EXCHANGE_PAGE_MAX, error);
	while (!err && more) {
		err = input_line(&input, EXCHANGE_PAGE_MAX, &line, &whole, &more, error);
		if (err || !more)
			break;
		err = exchange_page_read(line, signing->key, &page, error);
		if (err)
			break;
		err = visit(signing, &page, error);
		exchange_page_free(&page);
	}
	input_free(&input);
	return err;
}

/* What each change says, into the table; and that the feed is whole. */
static ward_err learn_page(struct signing *signing, const struct page *page,
		struct ward_error *error)
{
	struct page_change change;
	uint8_t place[DIGEST], says[DIGEST];

	if (!ward_str_eq(page->urn, ward_str_from(signing->wants->urn)))
		return ward_fail(error, WARD_E_DENIED, "the feed is of another list");
	if (signing->page.seq > 0 &&
			(page->seq != signing->page.seq + 1 || !page->has_prev ||
					memcmp(page->prev, signing->page.prev, 32) != 0))
		return ward_fail(error, WARD_E_CORRUPT, "the feed is broken behind page %" PRIu64,
				signing->page.seq);
	for (size_t i = 0; i < json_array_size(page->changes); i++) {
		const json_t *object = json_array_get(page->changes, i);
		ward_str kind = member(object, "kind"), key = member(object, "key");

		/* A page of our own holds nothing that makes no sense. */
		if (!exchange_page_change(object, &signing->memory, &signing->text, &change, error))
			return WARD_E_CORRUPT;
		digest(kind, key, &change.entry, place, says);
		if (!table_put(&signing->table, place, change.retract ? NULL : says))
			return ward_fail(error, WARD_E_NOMEM, "no memory for the feed");
	}
	signing->page.seq = page->seq;
	memcpy(signing->page.prev, page->hash, 32);
	memcpy(signing->page.salt, page->salt, sizeof(page->salt));
	signing->page.salt_len = page->salt_len;
	signing->last_from = page->from;
	return WARD_OK;
}

/* ---- pages ---- */

static ward_err close_page(struct signing *signing, struct ward_error *error)
{
	ward_err err = exchange_page_end(&signing->making, signing->secret, signing->page.prev,
			error);

	signing->page.has_prev = true;
	signing->open = false;
	signing->result.pages++;
	if (!err)
		exchange_out_str(&signing->file, ward_buf_text(&signing->out));
	ward_buf_clear(&signing->out);
	return err;
}

static void open_page(struct signing *signing)
{
	signing->page.seq++;
	signing->page.has_prev = signing->page.seq > 1;
	if (signing->page.parts)
		signing->page.part++;
	ward_buf_clear(&signing->out);
	exchange_page_begin(&signing->making, &signing->out, &signing->page, signing->key);
	signing->open = true;
}

static bool is_full(const struct signing *signing)
{
	return signing->making.changes == EXCHANGE_PAGE_CHANGES ||
	       signing->out.len - signing->making.body > EXCHANGE_PAGE_MAX / 2;
}

static ward_err put_change(struct signing *signing, bool retract, ward_str kind, ward_str key,
		const struct ward_site_entry *entry, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (!signing->open)
		open_page(signing);
	exchange_page_add(&signing->making, retract, kind, key, entry);
	if (is_full(signing))
		err = close_page(signing, error);
	return err;
}

/* ---- the list ---- */

typedef ward_err each_entry(struct signing *signing, ward_str kind, ward_str key,
		const struct ward_site_entry *entry, struct ward_error *error);

/* An entry's kind and key as a page writes them; of a hashed list its hash.  False: left out. */
static bool written(struct signing *signing, const struct ward_site_entry *entry, ward_str *kind,
		ward_str *key, char hash[65])
{
	*kind = ward_str_from(entry->kind == WARD_SITE_PAGE   ? "url"
			      : entry->kind == WARD_SITE_HASH ? "sha256"
							      : ward_site_kind_name(entry->kind));
	*key = entry->key;
	if (!signing->wants->hashed)
		return true;
	if (!exchange_site_expression(entry, &signing->place))
		return false;
	signing->result.left_out += !exchange_site_expression_is_whole(entry);
	exchange_site_expression_hash(&signing->wants->hashing, ward_buf_text(&signing->place),
			hash);
	*kind = WARD_STR("sha256");
	*key = ward_str_from(hash);
	return true;
}

static ward_err each_listed(struct signing *signing, each_entry *visit, struct ward_error *error)
{
	struct ward_site_cursor *cursor = calloc(1, sizeof(*cursor));
	struct ward_site_entry entry;
	ward_err err = cursor ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory for an entry");

	while (!err && ward_site_list_next(signing->list, cursor, &entry)) {
		ward_str kind, key;
		char hash[65];

		if (entry.expires != 0 && entry.expires <= signing->wants->now)
			continue;
		if (written(signing, &entry, &kind, &key, hash))
			err = visit(signing, kind, key, &entry, error);
		else
			signing->result.left_out++;
	}
	/* What cannot be read is not gone: it must not be retracted. */
	if (!err)
		err = ward_site_list_end(signing->list, cursor, error);
	free(cursor);
	return err;
}

/* As put_change does it, to know beforehand how many parts there will be. */
static ward_err count_entry(struct signing *signing, ward_str kind, ward_str key,
		const struct ward_site_entry *entry, struct ward_error *error)
{
	(void)error;
	if (!signing->open) {
		signing->page.parts++;
		ward_buf_clear(&signing->out);
		exchange_page_begin(&signing->making, &signing->out, &signing->page, signing->key);
	}
	exchange_page_add(&signing->making, false, kind, key, entry);
	signing->open = !is_full(signing);
	signing->result.added++;
	return WARD_OK;
}

static ward_err put_entry(struct signing *signing, ward_str kind, ward_str key,
		const struct ward_site_entry *entry, struct ward_error *error)
{
	return put_change(signing, false, kind, key, entry, error);
}

static ward_err add_new(struct signing *signing, ward_str kind, ward_str key,
		const struct ward_site_entry *entry, struct ward_error *error)
{
	uint8_t place[DIGEST], says[DIGEST];
	struct slot *slot;

	digest(kind, key, entry, place, says);
	slot = table_find(&signing->table, place);
	if (slot)
		slot->listed = true;
	if (slot && memcmp(slot->says, says, DIGEST) == 0)
		return WARD_OK;
	signing->result.added++;
	return put_change(signing, false, kind, key, entry, error);
}

static ward_err retract_gone(struct signing *signing, const struct page *page,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < json_array_size(page->changes) && !err; i++) {
		const json_t *object = json_array_get(page->changes, i);
		ward_str kind = member(object, "kind"), key = member(object, "key");
		struct ward_site_entry none = { 0 };
		uint8_t place[DIGEST], says[DIGEST];
		struct slot *slot;

		digest(kind, key, &none, place, says);
		slot = table_find(&signing->table, place);
		if (!slot || slot->listed || slot->told || says_nothing(slot))
			continue;
		slot->told = true;
		signing->result.retracted++;
		err = put_change(signing, true, kind, key, NULL, error);
	}
	return err;
}

/* ---- the whole ---- */

static ward_err put_snapshot(struct signing *signing, struct ward_error *error)
{
	ward_err err = each_listed(signing, count_entry, error);

	signing->open = false;
	signing->result.left_out = 0;
	if (signing->page.parts == 0)
		signing->page.parts = 1;
	if (!err)
		err = each_listed(signing, put_entry, error);
	/* The only page of an empty list. */
	if (!err && signing->page.part == 0)
		open_page(signing);
	if (!err && signing->open)
		err = close_page(signing, error);
	assert(err || signing->page.part == signing->page.parts);
	return err;
}

/* The feed as it is, in front of what is new. */
static ward_err copy_feed(struct signing *signing, int fd, struct ward_error *error)
{
	char piece[16384];
	ssize_t len = 0;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return ward_fail(error, WARD_E_IO, "the feed cannot be read twice");
	while ((len = read(fd, piece, sizeof(piece))) > 0)
		exchange_out_str(&signing->file, (ward_str){ piece, (size_t)len });
	return len < 0 ? ward_fail(error, WARD_E_IO, "cannot read the feed") : WARD_OK;
}

static ward_err put_changes(struct signing *signing, int fd, struct ward_error *error)
{
	const struct exchange_pages_signing *wants = signing->wants;
	ward_err err = copy_feed(signing, fd, error);

	if (!err)
		err = each_listed(signing, add_new, error);
	if (!err)
		err = each(signing, fd, retract_gone, error);
	/* A page without changes says that the list still holds. */
	if (!err && !signing->open && signing->result.pages == 0 && wants->life_s > 0 &&
			wants->now - signing->last_from >= wants->life_s / 2)
		open_page(signing);
	if (!err && signing->open)
		err = close_page(signing, error);
	return err;
}

static bool other_salt(const struct signing *signing)
{
	const struct exchange_site_hashing *hashing = &signing->wants->hashing;
	size_t len = signing->wants->hashed ? hashing->salt_len : 0;

	return signing->page.salt_len != len ||
	       (len > 0 && memcmp(signing->page.salt, hashing->salt, len) != 0);
}

static ward_err sign(struct signing *signing, int fd, const char *path, struct ward_error *error)
{
	const struct exchange_pages_signing *wants = signing->wants;
	bool snapshot = wants->snapshot || fd < 0;
	bool names_hidden = ward_site_list_info(signing->list)->hidden && !wants->hashed;
	ward_err err = fd >= 0 ? each(signing, fd, learn_page, error) : WARD_OK;

	if (err)
		return err;
	snapshot = snapshot || other_salt(signing);
	signing->page.urn = ward_str_from(wants->urn);
	signing->page.from = wants->now;
	signing->page.expires = wants->life_s ? wants->now + wants->life_s : 0;
	signing->page.salt_len = wants->hashed ? wants->hashing.salt_len : 0;
	memcpy(signing->page.salt, wants->hashing.salt, sizeof(signing->page.salt));
	/* With the names of a hidden list in it, it is for whom the publisher gives it. */
	err = exchange_out_begin(&signing->file, path, names_hidden ? 0600 : 0644, error);
	if (err)
		return err;
	err = snapshot ? put_snapshot(signing, error) : put_changes(signing, fd, error);
	/* Nothing to be said: the feed that is there stays. */
	if (!err && signing->result.pages == 0) {
		exchange_out_drop(&signing->file);
		return WARD_OK;
	}
	return exchange_out_end(&signing->file, err, error);
}

/* Two who go on behind the same page would make two of one number, and each a chain of its own. */
static ward_err hold_feed(const char *path, int fd, struct ward_error *error)
{
	struct stat held, there;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &held) < 0 || stat(path, &there) < 0 ||
			held.st_ino != there.st_ino || held.st_dev != there.st_dev)
		return ward_fail(error, WARD_E_CONFLICT,
				"somebody else is signing this feed: try it again");
	return WARD_OK;
}

ward_err exchange_pages_sign(const struct ward_site_list *list, const char *path,
		const struct exchange_pages_signing *wants, struct exchange_pages_signed *result,
		struct ward_error *error)
{
	struct signing signing = { .wants = wants, .list = list };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ward_err err;

	if (fd < 0 && errno != ENOENT)
		return ward_fail(error, WARD_E_IO, "cannot open %s: %s", path, strerror(errno));
	err = fd >= 0 ? hold_feed(path, fd, error) : WARD_OK;
	if (err) {
		close(fd);
		return err;
	}
	if (sodium_init() < 0)
		err = ward_fail(error, WARD_E_IO, "libsodium cannot be used");
	else if (!wants->urn[0])
		err = ward_fail(error, WARD_E_ARGUMENT, "the list's URN is wanted");
	else {
		crypto_sign_seed_keypair(signing.key, signing.secret, wants->seed);
		ward_buf_init(&signing.memory, (size_t)4 << 20);
		ward_buf_init(&signing.text, (size_t)4 << 20);
		ward_buf_init(&signing.place, (size_t)1 << 20);
		ward_buf_init(&signing.out, 2 * EXCHANGE_PAGE_MAX);
		err = sign(&signing, fd, path, error);
		ward_buf_free(&signing.memory);
		ward_buf_free(&signing.text);
		ward_buf_free(&signing.place);
		ward_buf_free(&signing.out);
		free(signing.table.slots);
	}
	sodium_memzero(signing.secret, sizeof(signing.secret));
	if (fd >= 0)
		close(fd);
	if (err)
		return err;
	signing.result.sequence = signing.page.seq;
	*result = signing.result;
	return WARD_OK;
}
