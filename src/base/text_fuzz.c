/*
 * Any bytes as text: the first one picks who reads the rest.  What is read and
 * printed again must read the same, and what we write is always UTF-8.
 */
#include <assert.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void numbers(ward_str text)
{
	char printed[32];
	uint64_t u, u_again;
	int64_t i, i_again;

	if (ward_u64_parse(text, &u)) {
		snprintf(printed, sizeof(printed), "%" PRIu64, u);
		assert(ward_u64_parse(ward_str_from(printed), &u_again) && u == u_again);
	}
	if (ward_i64_parse(text, &i)) {
		snprintf(printed, sizeof(printed), "%" PRId64, i);
		assert(ward_i64_parse(ward_str_from(printed), &i_again) && i == i_again);
	}
}

static void hex(ward_str text)
{
	uint8_t bytes[128], again[128];
	char printed[2 * sizeof(bytes) + 1];
	size_t len = text.len / 2;

	if (len > sizeof(bytes) || !ward_hex_parse(text, bytes, len))
		return;
	ward_hex_format(bytes, len, printed);
	assert(ward_str_eq_nocase(ward_str_from(printed), text));
	assert(ward_hex_parse(ward_str_from(printed), again, len));
	assert(memcmp(bytes, again, len) == 0);
}

static void base64(ward_str text)
{
	uint8_t bytes[128], again[128];
	char printed[4 * ((sizeof(bytes) + 2) / 3) + 1];

	for (size_t len = 0; len <= sizeof(bytes); len++) {
		if (!ward_base64_parse(text, bytes, len))
			continue;
		ward_base64_format(bytes, len, printed);
		assert(ward_base64_parse(ward_str_from(printed), again, len));
		assert(memcmp(bytes, again, len) == 0);
		/* Every bit of the text counts, so without its padding it is what we print. */
		assert(ward_str_starts(ward_str_from(printed), text) ||
				ward_str_starts(text, ward_str_from(printed)));
	}
}

static void json(ward_str text)
{
	struct ward_buf buf;

	ward_buf_init(&buf, (size_t)1 << 20);
	struct json json = json_to(&buf);

	json_array(&json);
	json_str(&json, text);
	json_array_end(&json);
	ward_str written = ward_buf_text(&buf);

	assert(!buf.failed && ward_utf8_valid(written));
	assert(ward_str_starts(written, WARD_STR("[\"")) &&
			ward_str_ends(written, WARD_STR("\"]")));
	for (size_t i = 0; i < written.len; i++)
		assert((unsigned char)written.ptr[i] >= 0x20);
	ward_buf_free(&buf);
}

static void times(ward_str text)
{
	char printed[CLOCK_TEXT_MAX];
	int64_t when, again;

	if (!clock_parse(text, &when))
		return;
	clock_format(when, printed);
	assert(clock_parse(ward_str_from(printed), &again) && when == again);
}

static void pieces(ward_str text)
{
	size_t len = 0, cuts = 0, commas = 0;
	ward_str trimmed = ward_str_trim(text), rest = text;

	assert(trimmed.len <= text.len);
	for (size_t i = 0; i < text.len; i++)
		commas += text.ptr[i] == ',';
	while (rest.len > 0) {
		len += ward_str_cut(&rest, ',').len;
		cuts++;
	}
	assert(len + commas == text.len);
	assert(cuts == commas || cuts == commas + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(ward_str) = { numbers, hex, base64, json, times, pieces };

	if (size > 0)
		readers[data[0] % (sizeof(readers) / sizeof(*readers))](
				(ward_str){ (const char *)data + 1, size - 1 });
	return 0;
}
