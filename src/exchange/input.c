#include "exchange/input.h"

#define STEP 65536u

ward_err input_init(struct input *input, exchange_source *source, void *context, size_t most,
		struct ward_error *error)
{
	size_t room;

	*input = (struct input){ .source = source, .context = context };
	/* Half a step of UTF-16 may grow by half again. */
	if (ckd_add(&room, most, (size_t)4 * STEP) || !(input->text = malloc(room)))
		return ward_fail(error, WARD_E_NOMEM, "no memory for records of %zu bytes", most);
	input->room = room;
	return WARD_OK;
}

void input_free(struct input *input)
{
	free(input->text);
	input->text = NULL;
}

/* ---- encodings ---- */

static void tell_encoding(struct input *input, const uint8_t *bytes, size_t len)
{
	bool wide = len >= 4 && len % 2 == 0;

	input->encoding = INPUT_UTF8;
	if (len >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
		input->encoding = INPUT_UTF16_LE;
	else if (len >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff)
		input->encoding = INPUT_UTF16_BE;
	else if (wide && bytes[0] && !bytes[1] && bytes[2] && !bytes[3])
		input->encoding = INPUT_UTF16_LE;
	else if (wide && !bytes[0] && bytes[1] && !bytes[2] && bytes[3])
		input->encoding = INPUT_UTF16_BE;
}

static void put_utf8(struct input *input, uint32_t c)
{
	uint8_t *to = input->text + input->end;

	if (c < 0x80) {
		to[0] = (uint8_t)c;
		input->end += 1;
	} else if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 0x3f));
		input->end += 2;
	} else if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c & 0x3f));
		input->end += 3;
	} else {
		to[0] = (uint8_t)(0xf0 | c >> 18);
		to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[3] = (uint8_t)(0x80 | (c & 0x3f));
		input->end += 4;
	}
}

static uint32_t unit(const struct input *input, const uint8_t *at)
{
	return input->encoding == INPUT_UTF16_LE ? (uint32_t)at[0] | (uint32_t)at[1] << 8
						 : (uint32_t)at[1] | (uint32_t)at[0] << 8;
}

#define REPLACEMENT 0xfffd

/* A lone surrogate becomes U+FFFD; half a character waits for the rest. */
static void put_utf16(struct input *input, const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	while (len - i >= 2) {
		uint32_t high = unit(input, bytes + i), low;

		if (high < 0xd800 || high > 0xdfff) {
			if (high != 0xfeff)
				put_utf8(input, high);
			i += 2;
			continue;
		}
		if (high < 0xdc00 && len - i < 4)
			break;
		low = high < 0xdc00 ? unit(input, bytes + i + 2) : 0;
		if (low >= 0xdc00 && low <= 0xdfff) {
			put_utf8(input, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
			i += 4;
		} else {
			put_utf8(input, REPLACEMENT);
			i += 2;
		}
	}
	input->odd_len = len - i;
	memmove(input->odd, bytes + i, len - i);
}

/* ---- reading ---- */

/* One step of the source; there must be room for it. */
static ward_err step(struct input *input, struct ward_error *error)
{
	uint8_t wide[STEP];
	bool narrow = input->encoding == INPUT_UTF8;
	uint8_t *to = narrow ? input->text + input->end : wide + input->odd_len;
	size_t got = 0;
	ward_err err;

	if (!narrow)
		memcpy(wide, input->odd, input->odd_len);
	err = input->source(input->context, to, STEP - input->odd_len, &got, error);
	if (err)
		return err;
	input->taken += got;
	input->ended = got == 0;
	if (narrow) {
		input->end += got;
		return WARD_OK;
	}
	got += input->odd_len;
	if (input->encoding == INPUT_UNTOLD) {
		/* A short read at the beginning waits for more before the encoding is told. */
		if (got < 4 && !input->ended) {
			memcpy(input->odd, wide, got);
			input->odd_len = got;
			return WARD_OK;
		}
		tell_encoding(input, wide, got < 4 ? got : got & ~(size_t)1);
	}
	input->odd_len = 0;
	if (input->encoding == INPUT_UTF8) {
		size_t mark = got >= 3 && memcmp(wide, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

		memcpy(input->text + input->end, wide + mark, got - mark);
		input->end += got - mark;
		return WARD_OK;
	}
	put_utf16(input, wide, got);
	/* The file ended in the middle of a character. */
	if (input->ended && input->odd_len > 0) {
		put_utf8(input, REPLACEMENT);
		input->odd_len = 0;
	}
	return WARD_OK;
}

ward_err input_see(struct input *input, size_t want, ward_bytes *seen, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (input->start > 0 && input->room - input->end < 2 * (size_t)STEP) {
		memmove(input->text, input->text + input->start, input->end - input->start);
		input->end -= input->start;
		input->start = 0;
	}
	while (!err && !input->ended && input->end - input->start < want &&
			input->room - input->end >= 2 * (size_t)STEP)
		err = step(input, error);
	if (!err)
		*seen = (ward_bytes){ input->text + input->start, input->end - input->start };
	return err;
}

void input_consume(struct input *input, size_t len)
{
	input->start += len;
	if (input->start == input->end)
		input->start = input->end = 0;
}

/* Keeps the beginning of a line that is too long, and passes over the rest. */
static ward_err pass_line(struct input *input, ward_str *line, struct ward_error *error)
{
	ward_bytes seen;
	const uint8_t *end = NULL;
	ward_err err = WARD_OK;

	line->len = line->len < sizeof(input->shown) ? line->len : sizeof(input->shown);
	memcpy(input->shown, line->ptr, line->len);
	line->ptr = input->shown;
	while (!err && !end) {
		err = input_see(input, 1, &seen, error);
		if (err || seen.len == 0)
			break;
		end = memchr(seen.ptr, '\n', seen.len);
		input_consume(input, end ? (size_t)(end - seen.ptr) + 1 : seen.len);
	}
	return err;
}

ward_err input_line(struct input *input, size_t most, ward_str *line, bool *whole, bool *more,
		struct ward_error *error)
{
	ward_bytes seen = { 0 };
	const uint8_t *end = NULL;
	size_t want = 1, looked = 0;
	ward_err err = WARD_OK;

	while (!err && !end && looked <= most) {
		err = input_see(input, want, &seen, error);
		if (err || seen.len < want)
			break;
		end = memchr(seen.ptr + looked, '\n', seen.len - looked);
		looked = seen.len;
		want = seen.len + 1;
	}
	if (err)
		return err;
	*more = seen.len > 0;
	*line = (ward_str){ (const char *)seen.ptr, end ? (size_t)(end - seen.ptr) : seen.len };
	*whole = line->len <= most;
	if (!*whole)
		return pass_line(input, line, error);
	input_consume(input, line->len + (end ? 1 : 0));
	while (line->len > 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	return WARD_OK;
}

/* How long the character is that begins here: 0 when it is none, or not whole. */
static size_t character_len(const uint8_t *at, size_t left)
{
	size_t len = at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

	if (at[0] < 0x80)
		return 1;
	if (len == 0 || len > left)
		return 0;
	/* U+FFFE and U+FFFF are no characters in XML. */
	if (len == 3 && at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe)
		return 0;
	return ward_utf8_valid((ward_str){ (const char *)at, len }) ? len : 0;
}

#define CHARACTER_MAX 4

ward_err input_piece(struct input *input, uint8_t *piece, size_t room, size_t *len,
		struct ward_error *error)
{
	ward_bytes seen;
	size_t at = 0;
	ward_err err = input_see(input, CHARACTER_MAX, &seen, error);

	if (err)
		return err;
	while (at < seen.len && at < room) {
		size_t left = seen.len - at;
		size_t whole = character_len(seen.ptr + at, left);

		/* It may go on in what was not read yet. */
		if (whole == 0 && left < CHARACTER_MAX && at > 0)
			break;
		if (whole > room - at)
			break;
		if (whole > 1)
			memcpy(piece + at, seen.ptr + at, whole);
		else
			piece[at] = whole == 0 ? '?' : seen.ptr[at] < ' ' ? ' ' : seen.ptr[at];
		at += whole > 0 ? whole : 1;
	}
	input_consume(input, at);
	*len = at;
	return WARD_OK;
}
