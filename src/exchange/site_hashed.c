#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/out.h"
#include "exchange/site_expression.h"

bool exchange_site_expression(const struct ward_site_entry *entry, struct ward_buf *out)
{
	bool whole = ward_str_ends(entry->key, WARD_STR("/"));

	ward_buf_clear(out);
	switch (entry->kind) {
	case WARD_SITE_DOMAIN:
		ward_buf_str(out, entry->key);
		ward_buf_char(out, '/');
		return true;
	case WARD_SITE_PAGE:
		/* "host/" and "host/path/" are asked about all that is below them. */
		ward_buf_str(out, entry->key);
		return !whole;
	case WARD_SITE_PREFIX:
		ward_buf_str(out, entry->key);
		if (!whole)
			ward_buf_char(out, '/');
		return true;
	case WARD_SITE_HOST:
	case WARD_SITE_NETWORK:
	case WARD_SITE_HASH:
	case WARD_SITE_KIND_COUNT:
		break;
	}
	return false;
}

/* As ward_link_expressions makes them of what is asked. */
enum { FOLDERS_MAX = 4, LABELS_MAX = 5 };

bool exchange_site_expression_is_whole(const struct ward_site_entry *entry)
{
	ward_str path = entry->key, host = ward_str_cut(&path, '/');
	size_t labels = 1, folders = 1;

	for (size_t i = 0; i < host.len; i++)
		labels += host.ptr[i] == '.';
	for (size_t i = 0; i < path.len; i++)
		folders += path.ptr[i] == '/';
	return (entry->kind != WARD_SITE_PREFIX || folders <= FOLDERS_MAX) &&
	       (entry->kind != WARD_SITE_DOMAIN || labels <= LABELS_MAX);
}

void exchange_site_expression_hash(const struct exchange_site_hashing *hashing, ward_str expression,
		char out[65])
{
	crypto_hash_sha256_state state;
	uint8_t hash[32];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, hashing->salt, hashing->salt_len);
	crypto_hash_sha256_update(&state, (const uint8_t *)expression.ptr, expression.len);
	crypto_hash_sha256_final(&state, hash);
	ward_hex_format(hash, hashing->bits / 8, out);
}

struct hashes {
	char (*at)[65];
	size_t count, room;
	uint64_t left_out, in_part;
};

static bool add(struct hashes *hashes, const struct exchange_site_hashing *hashing,
		ward_str expression)
{
	if (hashes->count == hashes->room) {
		size_t room = hashes->room ? 2 * hashes->room : 1024, bytes;
		void *grown;

		if (ckd_mul(&bytes, room, sizeof(*hashes->at)) ||
				!(grown = realloc(hashes->at, bytes)))
			return false;
		hashes->at = grown;
		hashes->room = room;
	}
	exchange_site_expression_hash(hashing, expression, hashes->at[hashes->count++]);
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static ward_err gather(const struct ward_site_view *view, const struct exchange_site_dns *options,
		const struct exchange_site_hashing *hashing, struct hashes *hashes,
		struct ward_error *error)
{
	struct ward_site_cursor *cursor = calloc(1, sizeof(*cursor));
	struct ward_site_entry entry;
	struct ward_buf text;
	ward_err err = WARD_OK;
	bool good = cursor != NULL;

	ward_buf_init(&text, (size_t)1 << 20);
	for (size_t i = 0; i < ward_site_view_lists(view) && good && !err; i++) {
		const struct ward_site_list *list = ward_site_view_list(view, i);
		const struct ward_site_info *info = ward_site_list_info(list);

		if (!info->enabled || info->sense != WARD_SITE_BLOCK ||
				(info->hidden && !options->hidden) ||
				ward_site_info_has_expired(info, options->now))
			continue;
		memset(cursor, 0, sizeof(*cursor));
		while (good && ward_site_list_next(list, cursor, &entry)) {
			if (entry.expires != 0 && entry.expires <= options->now)
				continue;
			if (exchange_site_expression(&entry, &text))
				good = add(hashes, hashing, ward_buf_text(&text));
			else
				hashes->left_out++;
			hashes->in_part += !exchange_site_expression_is_whole(&entry);
		}
		if (good)
			err = ward_site_list_end(list, cursor, error);
	}
	ward_buf_free(&text);
	free(cursor);
	return good ? err : ward_fail(error, WARD_E_NOMEM, "no memory for the hashes");
}

static void put_all(struct exchange_out *out, const struct exchange_site_hashing *hashing,
		const struct hashes *hashes, struct exchange_site_written *written)
{
	char salt[65];

	ward_hex_format(hashing->salt, hashing->salt_len, salt);
	exchange_out_printf(out, "{\"salt\":\"%s\"}\n", salt);
	for (size_t i = 0; i < hashes->count; i++) {
		/* Two entries may have one beginning. */
		if (i > 0 && strcmp(hashes->at[i], hashes->at[i - 1]) == 0)
			continue;
		exchange_out_printf(out, "{\"entry\":\"sha256:%s\"}\n", hashes->at[i]);
		written->names++;
	}
}

ward_err exchange_site_hashed_write(const struct ward_site_view *view,
		const struct exchange_site_dns *options,
		const struct exchange_site_hashing *hashing, const char *path,
		struct exchange_site_written *written, struct ward_error *error)
{
	struct exchange_site_written counted = { 0 };
	struct hashes hashes = { 0 };
	struct exchange_out out;
	ward_err err;

	if (hashing->bits < 32 || hashing->bits > 256 || hashing->bits % 8 != 0)
		return ward_fail(error, WARD_E_ARGUMENT,
				"of a hash 32 to 256 bits are given, in whole bytes");
	if (sodium_init() < 0)
		return ward_fail(error, WARD_E_IO, "libsodium cannot be used");
	err = gather(view, options, hashing, &hashes, error);
	if (!err)
		err = exchange_out_begin(&out, path, 0644, error);
	if (!err) {
		if (hashes.count > 0)
			qsort(hashes.at, hashes.count, sizeof(*hashes.at), by_text);
		put_all(&out, hashing, &hashes, &counted);
		err = exchange_out_end(&out, WARD_OK, error);
	}
	counted.left_out = hashes.left_out + hashes.in_part;
	free(hashes.at);
	if (!err && written)
		*written = counted;
	return err;
}
