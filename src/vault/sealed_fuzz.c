/*
 * A sealed file from a stranger, opened with a key they do not know; or, when the first byte is
 * odd, a text that is to be a share.
 */
#include <assert.h>

#include "seal/sealed.h"
#include "vault/shares.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct cursor {
	const uint8_t *at;
	size_t left;
};

static ward_err from(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	struct cursor *cursor = context;

	(void)error;
	*len = cursor->left < room ? cursor->left : room;
	if (*len > 0)
		memcpy(into, cursor->at, *len);
	cursor->at += *len;
	cursor->left -= *len;
	return WARD_OK;
}

static ward_err count(void *context, ward_bytes plain, struct ward_error *error)
{
	(void)error;
	*(size_t *)context += plain.len;
	return WARD_OK;
}

static void read_share(ward_str text)
{
	struct share share, again;
	char printed[SHARE_TEXT_MAX];

	if (share_parse(text, &share, NULL))
		return;
	/* What was read is printed, and read again as the same. */
	share_format(&share, printed);
	ward_err err = share_parse(ward_str_from(printed), &again, NULL);

	assert(!err && memcmp(&share, &again, sizeof(share)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The corpus was sealed under this: all zero, so that some inputs do open. */
	struct sealed_name name = { .id = { 0 } };
	struct sealed_totals totals;
	size_t plain = 0;

	if (size == 0)
		return 0;
	if (data[0] & 1) {
		read_share((ward_str){ (const char *)data + 1, size - 1 });
		return 0;
	}
	struct cursor cursor = { data + 1, size - 1 };

	if (sealed_open(&name, from, &cursor, count, &plain, &totals, NULL) == WARD_OK)
		assert(totals.plain.bytes == plain && totals.sealed_bytes == size - 1);
	return 0;
}
