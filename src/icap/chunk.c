#include "icap/chunk.h"

enum {
	SIZE,
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,
	TRAILER_LINE,
	TRAILER_LF,
	LAST_LF,
	ENDED,
	BROKEN
};

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int take_size(struct icap_chunks *chunks, uint8_t c)
{
	int value = hex_value(c);

	if (value >= 0) {
		/* Leading zeroes beyond this are nobody's. */
		if (++chunks->digits > 16 || chunks->left > (uint64_t)INT64_MAX >> 4)
			return BROKEN;
		chunks->left = chunks->left << 4 | (uint64_t)value;
		return SIZE;
	}
	if (chunks->digits == 0)
		return BROKEN;
	if (c == '\r')
		return SIZE_LF;
	chunks->matched = c == ';' ? 0 : -1;
	return c == ';' || c == ' ' || c == '\t' ? EXTENSION : BROKEN;
}

static void end_extension(struct icap_chunks *chunks)
{
	chunks->ieof |= chunks->matched == 4;
	chunks->matched = 0;
}

/* Looks for an extension that is the word "ieof", outside of quotes. */
static int take_extension(struct icap_chunks *chunks, uint8_t c)
{
	static const char word[] = "ieof";

	if (chunks->quoted) {
		if (c == '\r' || c == '\n')
			return BROKEN;
		if (!chunks->escaped && c == '"')
			chunks->quoted = false;
		chunks->escaped = !chunks->escaped && c == '\\';
		return EXTENSION;
	}
	if (c == '\r' || c == ';') {
		end_extension(chunks);
		return c == ';' ? EXTENSION : SIZE_LF;
	}
	if (c == '\n' || c == '\0')
		return BROKEN;
	if (c == '"') {
		chunks->quoted = true;
		chunks->matched = -1;
	} else if (c == ' ' || c == '\t') {
		/* Before or behind the word it means nothing; within, it is another word. */
		if (chunks->matched != 0 && chunks->matched != 4)
			chunks->matched = -1;
	} else if (chunks->matched >= 0 && chunks->matched < 4 &&
			(c | 0x20) == (uint8_t)word[chunks->matched]) {
		chunks->matched++;
	} else {
		chunks->matched = -1;
	}
	return EXTENSION;
}

static int after_size(struct icap_chunks *chunks, uint8_t c)
{
	if (c != '\n')
		return BROKEN;
	chunks->line = 0;
	chunks->digits = 0;
	if (chunks->left > 0) {
		/* Only the last chunk can be the end of a message. */
		chunks->ieof = false;
		return DATA;
	}
	return TRAILER;
}

static int step(struct icap_chunks *chunks, uint8_t c)
{
	switch (chunks->state) {
	case SIZE:
		return take_size(chunks, c);
	case EXTENSION:
		return take_extension(chunks, c);
	case SIZE_LF:
		return after_size(chunks, c);
	case DATA_CR:
		return c == '\r' ? DATA_LF : BROKEN;
	case DATA_LF:
		return c == '\n' ? SIZE : BROKEN;
	case TRAILER:
		return c == '\r' ? LAST_LF : c == '\n' || c == '\0' ? BROKEN : TRAILER_LINE;
	case TRAILER_LINE:
		return c == '\r' ? TRAILER_LF : c == '\n' || c == '\0' ? BROKEN : TRAILER_LINE;
	case TRAILER_LF:
		return c == '\n' ? TRAILER : BROKEN;
	case LAST_LF:
		return c == '\n' ? ENDED : BROKEN;
	default:
		return BROKEN;
	}
}

static bool too_long(const struct icap_chunks *chunks)
{
	bool trailer = chunks->state >= TRAILER && chunks->state <= LAST_LF;

	return chunks->line > (trailer ? ICAP_TRAILERS_MAX : ICAP_CHUNK_LINE_MAX);
}

enum icap_chunk_event icap_chunks_next(struct icap_chunks *chunks, ward_bytes *input,
		ward_bytes *data)
{
	while (input->len > 0 && chunks->state != ENDED && chunks->state != BROKEN) {
		if (chunks->state == DATA) {
			size_t len = input->len < chunks->left ? input->len : (size_t)chunks->left;

			*data = (ward_bytes){ input->ptr, len };
			input->ptr += len;
			input->len -= len;
			chunks->left -= len;
			if (chunks->left == 0)
				chunks->state = DATA_CR;
			return ICAP_CHUNK_DATA;
		}
		chunks->state = step(chunks, *input->ptr);
		chunks->line++;
		if (too_long(chunks))
			chunks->state = BROKEN;
		input->ptr++;
		input->len--;
	}
	return chunks->state == ENDED    ? ICAP_CHUNK_END
	       : chunks->state == BROKEN ? ICAP_CHUNK_BROKEN
					 : ICAP_CHUNK_MORE;
}
