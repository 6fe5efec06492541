#include "portal/block.h"

#include <jansson.h>
#include <sodium.h>

#include "portal/pages.h"

enum { ARENA_MAX = 1 << 20, LINE_MAX_BYTES = 2000 };

/* Its own style, and that is all. */
const char portal_block_policy[] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
				   "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const char *portal_block_reason_name(enum portal_block_reason reason)
{
	static const char *const names[PORTAL_BLOCK_REASONS] = { "abuse", "category", "held",
		"time" };

	return (unsigned)reason < PORTAL_BLOCK_REASONS ? names[reason] : "none";
}

/* ---- the stop page's words ---- */

struct portal_stop {
	struct ward_arena arena;
	ward_str title[LANGUAGE_COUNT];
	ward_str lines[LANGUAGE_COUNT][PORTAL_STOP_LINES];
	size_t lines_count[LANGUAGE_COUNT];
};

static bool take_text(const json_t *value, struct ward_arena *arena, ward_str *text)
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len == 0 || len > LINE_MAX_BYTES)
		return false;
	*text = ward_arena_str(arena, (ward_str){ json_string_value(value), len });
	return text->ptr != NULL;
}

static bool take_page(const json_t *page, size_t language, struct portal_stop *stop)
{
	const json_t *lines = json_object_get(page, "text");
	size_t count = json_array_size(lines);

	if (count < 1 || count > PORTAL_STOP_LINES ||
			!take_text(json_object_get(page, "title"), &stop->arena,
					&stop->title[language]))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!take_text(json_array_get(lines, i), &stop->arena, &stop->lines[language][i]))
			return false;
	stop->lines_count[language] = count;
	return true;
}

ward_err portal_stop_read(ward_str json, struct portal_stop **stop, struct ward_error *error)
{
	struct portal_stop *read = calloc(1, sizeof(*read));
	json_error_t wrong;
	json_t *root = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &wrong);
	ward_err err = WARD_OK;

	if (!read)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	else if (!root)
		err = ward_fail(error, WARD_E_FORMAT, "the stop page: line %d is no JSON",
				wrong.line);
	if (read)
		ward_arena_init(&read->arena, ARENA_MAX);
	for (size_t i = 0; i < LANGUAGE_COUNT && !err; i++) {
		const json_t *pages = json_object_get(root, "pages");

		if (!take_page(json_object_get(pages, languages[i].code), i, read))
			err = ward_fail(error, WARD_E_FORMAT,
					"the stop page: \"%s\" has no title, no text, or more than "
					"%d lines of it",
					languages[i].code, PORTAL_STOP_LINES);
	}
	json_decref(root);
	if (err)
		portal_stop_free(read);
	else
		*stop = read;
	return err;
}

void portal_stop_free(struct portal_stop *stop)
{
	if (!stop)
		return;
	ward_arena_free(&stop->arena);
	free(stop);
}

/* ---- the page ---- */

unsigned portal_block_status(const struct portal_block *block)
{
	return block->ordered ? 451 : 403;
}

static const struct number_line *lines_of(struct ward_arena *arena, const struct helpline *lines,
		size_t count)
{
	struct number_line *out = ward_new(arena, struct number_line, count + 1);

	for (size_t i = 0; out && i < count; i++)
		out[i] = (struct number_line){ lines[i].number, lines[i].digits, lines[i].host,
			lines[i].name, lines[i].language };
	return out;
}

static void add_helplines(const struct portal_block *block, struct ward_arena *arena,
		struct page_block *page)
{
	const struct country *country =
			block->helplines ? helplines_find(block->helplines, block->country) : NULL;

	if (!country)
		return;
	page->children = lines_of(arena, country->children, country->children_count);
	page->children_count = page->children ? country->children_count : 0;
	page->own = lines_of(arena, country->own, country->own_count);
	page->own_count = page->own ? country->own_count : 0;
	page->lined = page->children_count > 0;
}

/* A page of the portal's, as a whole address. */
static ward_str portal_page(const struct portal_block *block, const struct language *language,
		struct ward_arena *arena, const char *name)
{
	ward_str base = block->base;

	while (ward_str_ends(base, WARD_STR("/")))
		base.len--;
	return ward_str_from(ward_arena_printf(arena, "%.*s/%s/%s", WARD_FMT(base), language->code,
			name));
}

static void add_links(const struct portal_block *block, const struct language *language,
		struct ward_arena *arena, struct page_block *page)
{
	page->based = block->base.len > 0;
	if (!page->based)
		return;
	page->help = portal_page(block, language, arena, "help");
	page->stop = portal_page(block, language, arena, "stop");
	page->report = portal_page(block, language, arena, "report");
	page->reporting = !block->no_reports;
	page->appealable = block->token.len > 0;
	if (page->appealable)
		page->mistake = ward_str_from(ward_arena_printf(arena, "%.*s?about=%.*s",
				WARD_FMT(portal_page(block, language, arena, "mistake")),
				WARD_FMT(block->token)));
}

static ward_str title_of(const struct portal_block *block, const struct language *language)
{
	static const enum say titles[PORTAL_BLOCK_REASONS] = {
		[PORTAL_BLOCK_ABUSE] = SAY_BLOCK_CATEGORY_TITLE, /* without words of its own */
		[PORTAL_BLOCK_CATEGORY] = SAY_BLOCK_CATEGORY_TITLE,
		[PORTAL_BLOCK_HELD] = SAY_BLOCK_HELD_TITLE,
		[PORTAL_BLOCK_TIME] = SAY_BLOCK_TIME_TITLE,
	};

	if (block->reason == PORTAL_BLOCK_ABUSE && block->stop)
		return block->stop->title[language - languages];
	return language->says[titles[block->reason]];
}

void portal_block_page(const struct portal_block *block, const struct language *language,
		struct ward_buf *out)
{
	bool abuse = block->reason == PORTAL_BLOCK_ABUSE;
	struct ward_arena arena;
	struct frame frame = {
		.language = language,
		.direction = language->right_to_left ? WARD_STR("rtl") : WARD_STR("ltr"),
		.owner = block->owner,
		.named = block->owner.len > 0,
	};
	struct page_block page = {
		.title = title_of(block, language),
		.abuse = abuse,
		.category = block->reason == PORTAL_BLOCK_CATEGORY,
		.held = block->reason == PORTAL_BLOCK_HELD,
		.time = block->reason == PORTAL_BLOCK_TIME,
		.kind = !abuse && block->category.len > 0,
		.name = block->category,
		.until = block->reason == PORTAL_BLOCK_TIME && block->until.len > 0,
		.when = block->until,
		.hosted = block->host.len > 0,
		.host = block->host,
		.ordered = block->ordered,
		.office = block->authority.len > 0,
		.authority = block->authority,
		.reachable = block->contact.len > 0,
		.contact = block->contact,
	};

	ward_arena_init(&arena, ARENA_MAX);
	if (abuse && block->stop) {
		page.lines = block->stop->lines[language - languages];
		page.lines_count = block->stop->lines_count[language - languages];
	}
	if (abuse)
		add_helplines(block, &arena, &page);
	add_links(block, language, &arena, &page);
	page_block(out, &frame, &page);
	ward_arena_free(&arena);
}

/* ---- the token ---- */

enum {
	NONCE = crypto_secretbox_NONCEBYTES,
	TOKEN_PLAIN_MAX = 16 + 4 * 2 + 64 + PORTAL_ENTRY_MAX + 2 * PORTAL_BLOCK_TEXT_MAX,
	TOKEN_MAX = NONCE + crypto_secretbox_MACBYTES + TOKEN_PLAIN_MAX,
	TOKEN_VERSION = 1,
	BASE64_KIND = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

void portal_block_key(const uint8_t portal_key[PORTAL_TOKEN_KEY], uint8_t key[PORTAL_TOKEN_KEY])
{
	crypto_kdf_derive_from_key(key, PORTAL_TOKEN_KEY, 5, "wardport", portal_key);
}

static void put_number(uint8_t **at, uint64_t number, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*(*at)++ = (uint8_t)(number >> (8 * i));
}

/* What is longer is cut: it is for a person to read. */
static void put_text(uint8_t **at, ward_str text, size_t len_max)
{
	size_t len = text.len < len_max ? text.len : len_max;

	put_number(at, len, 2);
	memcpy(*at, len > 0 ? text.ptr : "", len);
	*at += len;
}

void portal_block_seal(const struct portal_block_about *about, const uint8_t key[PORTAL_TOKEN_KEY],
		int64_t now, struct ward_buf *out)
{
	uint8_t plain[TOKEN_PLAIN_MAX], sealed[TOKEN_MAX], *at = plain;
	char text[4 * TOKEN_MAX / 3 + 5];

	put_number(&at, TOKEN_VERSION, 1);
	put_number(&at, (uint64_t)about->reason, 1);
	put_number(&at, about->ordered, 1);
	put_number(&at, (uint64_t)now, 8);
	put_text(&at, about->list, 64);
	put_text(&at, about->entry, PORTAL_ENTRY_MAX);
	put_text(&at, about->host, PORTAL_BLOCK_TEXT_MAX);
	put_text(&at, about->authority, PORTAL_BLOCK_TEXT_MAX);
	size_t len = (size_t)(at - plain);

	randombytes_buf(sealed, NONCE);
	crypto_secretbox_easy(sealed + NONCE, plain, len, sealed, key);
	sodium_bin2base64(text, sizeof(text), sealed, NONCE + crypto_secretbox_MACBYTES + len,
			BASE64_KIND);
	ward_buf_str(out, ward_str_from(text));
	sodium_memzero(plain, sizeof(plain));
}

static ward_str take_str(struct ward_reader *reader, struct ward_arena *arena)
{
	ward_bytes bytes = ward_read_bytes(reader, ward_read_u16le(reader));

	return ward_arena_str(arena, (ward_str){ (const char *)bytes.ptr, bytes.len });
}

static bool read_plain(ward_bytes plain, int64_t now, struct ward_arena *arena,
		struct portal_block_about *about)
{
	struct ward_reader reader = ward_reader_from(plain);
	bool version = ward_read_u8(&reader) == TOKEN_VERSION;
	uint8_t reason = ward_read_u8(&reader);

	*about = (struct portal_block_about){ .reason = (enum portal_block_reason)reason,
		.ordered = ward_read_u8(&reader) != 0 };
	int64_t made = (int64_t)ward_read_u64le(&reader);

	about->list = take_str(&reader, arena);
	about->entry = take_str(&reader, arena);
	about->host = take_str(&reader, arena);
	about->authority = take_str(&reader, arena);
	return version && reason < PORTAL_BLOCK_REASONS && !reader.failed &&
	       ward_reader_left(&reader) == 0 && made <= now + 3600 &&
	       now - made < PORTAL_TOKEN_LIFE_S && about->list.ptr && about->entry.ptr &&
	       about->host.ptr && about->authority.ptr;
}

bool portal_block_open(ward_str token, const uint8_t key[PORTAL_TOKEN_KEY], int64_t now,
		struct ward_arena *arena, struct portal_block_about *about)
{
	uint8_t sealed[TOKEN_MAX], plain[TOKEN_PLAIN_MAX];
	struct portal_block_about read;
	const char *end = NULL;
	size_t len = 0;

	if (sodium_base642bin(sealed, sizeof(sealed), token.ptr, token.len, NULL, &len, &end,
			    BASE64_KIND) != 0 ||
			end != token.ptr + token.len || len < NONCE + crypto_secretbox_MACBYTES)
		return false;
	size_t box = len - NONCE;

	if (crypto_secretbox_open_easy(plain, sealed + NONCE, box, sealed, key) != 0 ||
			!read_plain((ward_bytes){ plain, box - crypto_secretbox_MACBYTES }, now,
					arena, &read))
		return false;
	*about = read;
	return true;
}
