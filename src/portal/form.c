#include "portal/form.h"

/* ---- escapes ---- */

static size_t unescape(ward_str text, char *out)
{
	size_t len = 0;
	uint8_t byte;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '%' && text.len - i > 2 &&
				ward_hex_parse((ward_str){ text.ptr + i + 1, 2 }, &byte, 1)) {
			out[len++] = (char)byte;
			i += 2;
		} else {
			out[len++] = text.ptr[i] == '+' ? ' ' : text.ptr[i];
		}
	}
	return len;
}

/* ---- text ---- */

/* The bytes of the well-formed character at the start; 0 when it is none. */
static size_t character(const char *at, size_t left, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)at[0];
	size_t len = first < 0x80   ? 1
		     : first < 0xc2 ? 0
		     : first < 0xe0 ? 2
		     : first < 0xf0 ? 3
		     : first < 0xf5 ? 4
				    : 0;
	uint32_t value = len == 1 ? first : first & (0x7fu >> len);

	if (len == 0 || len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | ((unsigned char)at[i] & 0x3f);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*code = value;
	return len;
}

static bool is_unwanted(uint32_t code)
{
	return (code < 32 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0) ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* U+FFFD */
static const char replacement[3] = { '\xef', '\xbf', '\xbd' };

/* A bad byte becomes three, so `out` has three times the room. */
static size_t clean(const char *text, size_t len, char *out)
{
	size_t out_len = 0;

	for (size_t i = 0; i < len;) {
		uint32_t code;
		size_t bytes = character(text + i, len - i, &code);

		if (bytes == 0) {
			memcpy(out + out_len, replacement, sizeof(replacement));
			out_len += sizeof(replacement);
			i++;
			continue;
		}
		if (!is_unwanted(code)) {
			memcpy(out + out_len, text + i, bytes);
			out_len += bytes;
		}
		i += bytes;
	}
	return out_len;
}

static ward_str decode(ward_str text, struct ward_arena *arena)
{
	char *raw = ward_new(arena, char, text.len + 1);
	char *out = ward_new(arena, char, 3 * text.len + 1);

	if (!raw || !out)
		return (ward_str){ NULL, 0 };
	return (ward_str){ out, clean(raw, unescape(text, raw), out) };
}

ward_err form_parse(ward_str body, struct ward_arena *arena, struct form *form,
		struct ward_error *error)
{
	struct form parsed = { 0 };

	while (body.len > 0) {
		ward_str pair = ward_str_cut(&body, '&');
		ward_str name = ward_str_cut(&pair, '=');

		if (name.len == 0)
			continue;
		if (parsed.count == FORM_FIELDS_MAX)
			return ward_fail(error, WARD_E_LIMIT, "a form has at most %d fields",
					FORM_FIELDS_MAX);
		struct form_field *field = &parsed.fields[parsed.count++];

		field->name = decode(name, arena);
		field->value = decode(pair, arena);
		if (!field->name.ptr || !field->value.ptr)
			return ward_fail(error, WARD_E_NOMEM, "a form is too large");
	}
	*form = parsed;
	return WARD_OK;
}

ward_str form_value(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++) {
		if (ward_str_eq(form->fields[i].name, ward_str_from(name)))
			return form->fields[i].value;
	}
	return WARD_STR("");
}

size_t form_length(ward_str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return count;
}
