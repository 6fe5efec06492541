/* Words of instructions: ISO 32000-1, 7.2 and 7.3. */
#include "decode/pdf_font.h"

bool pdf_is_white(uint8_t c)
{
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_regular(uint8_t c)
{
	return !pdf_is_white(c) && !strchr("()<>[]{}/%", c);
}

static size_t behind_white(ward_bytes text, size_t at)
{
	while (at < text.len && (pdf_is_white(text.ptr[at]) || text.ptr[at] == '%')) {
		if (text.ptr[at] != '%') {
			at++;
			continue;
		}
		while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r')
			at++;
	}
	return at;
}

size_t pdf_behind_string(ward_bytes text, size_t at)
{
	size_t depth = 0;

	for (; at < text.len; at++) {
		if (text.ptr[at] == '\\')
			at++;
		else if (text.ptr[at] == '(')
			depth++;
		else if (text.ptr[at] == ')' && --depth == 0)
			return at + 1;
	}
	return text.len;
}

/* "-12.5": digits with a point at most; anything else is a word. */
static bool read_number(ward_bytes text, float *number)
{
	float value = 0, unit = 1;
	bool has_point = false, has_digit = false, minus = false;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if (i == 0 && (c == '-' || c == '+')) {
			minus = c == '-';
		} else if (c == '.' && !has_point) {
			has_point = true;
		} else if (c >= '0' && c <= '9') {
			has_digit = true;
			unit = has_point ? unit / 10 : unit;
			value = has_point ? value + (float)(c - '0') * unit
					  : value * 10 + (float)(c - '0');
		} else {
			return false;
		}
	}
	/* What no page has is none, and sums of it would be without meaning. */
	*number = value > 1e9f ? 0 : minus ? -value : value;
	return has_digit;
}

struct pdf_token pdf_token_next(ward_bytes text, size_t *at)
{
	struct pdf_token token = { .kind = PDF_TOKEN_END };
	size_t from = behind_white(text, *at), to = from + 1;

	if (from >= text.len) {
		*at = text.len;
		return token;
	}
	uint8_t c = text.ptr[from], next = to < text.len ? text.ptr[to] : 0;

	if (c == '(') {
		token.kind = PDF_TOKEN_STRING;
		to = pdf_behind_string(text, from);
	} else if ((c == '<' || c == '>') && next == c) {
		token.kind = PDF_TOKEN_MARK;
		to++;
	} else if (c == '<') {
		token.kind = PDF_TOKEN_STRING;
		while (to < text.len && text.ptr[to - 1] != '>')
			to++;
	} else if (c == '/' || is_regular(c)) {
		token.kind = c == '/' ? PDF_TOKEN_NAME : PDF_TOKEN_WORD;
		while (to < text.len && is_regular(text.ptr[to]))
			to++;
		from += c == '/';
	} else {
		token.kind = PDF_TOKEN_MARK;
	}
	token.text = (ward_bytes){ text.ptr + from, to - from };
	if (token.kind == PDF_TOKEN_WORD && read_number(token.text, &token.number))
		token.kind = PDF_TOKEN_NUMBER;
	*at = to;
	return token;
}

bool pdf_token_is(const struct pdf_token *token, const char *word)
{
	return token->text.len == strlen(word) &&
	       memcmp(token->text.ptr, word, token->text.len) == 0;
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void undo_hex(ward_bytes text, struct ward_buf *out)
{
	int half = -1;

	for (size_t i = 1; i < text.len && text.ptr[i] != '>'; i++) {
		int digit = digit_of(text.ptr[i]);

		if (digit < 0)
			continue;
		if (half >= 0)
			ward_buf_char(out, (char)(half << 4 | digit));
		half = half >= 0 ? -1 : digit;
	}
	if (half >= 0)
		ward_buf_char(out, (char)(half << 4));
}

/* What stands behind a backslash, at `*i`, which is left on its last byte. */
static void undo_escape(ward_bytes text, size_t *i, struct ward_buf *out)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	uint8_t c = text.ptr[*i];
	const char *known = c ? strchr(from, c) : NULL;
	unsigned value = 0;

	if (known) {
		ward_buf_char(out, to[known - from]);
	} else if (c >= '0' && c <= '7') {
		size_t end = *i + 3;

		for (; *i < end && *i < text.len && text.ptr[*i] >= '0' && text.ptr[*i] <= '7';
				(*i)++)
			value = value * 8 + (unsigned)(text.ptr[*i] - '0');
		(*i)--;
		ward_buf_char(out, (char)(uint8_t)value);
	} else if (c == '\r' && *i + 1 < text.len && text.ptr[*i + 1] == '\n') {
		(*i)++; /* a line that goes on */
	} else if (c != '\r' && c != '\n') {
		ward_buf_char(out, (char)c);
	}
}

void pdf_token_bytes(const struct pdf_token *token, struct ward_buf *out)
{
	ward_bytes text = token->text;

	ward_buf_clear(out);
	if (text.len == 0)
		return;
	if (text.ptr[0] == '<') {
		undo_hex(text, out);
		return;
	}
	if (text.len > 1 && text.ptr[text.len - 1] == ')')
		text.len--;
	for (size_t i = 1; i < text.len; i++) {
		if (text.ptr[i] == '\\' && i + 1 < text.len) {
			i++;
			undo_escape(text, &i, out);
		} else {
			ward_buf_char(out, (char)text.ptr[i]);
		}
	}
}
