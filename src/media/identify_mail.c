#include "media/identify_mail.h"

/* Longer is no "From " line: an address has 254 characters at most. */
#define FROM_LINE_MAX 512

/* A line of `rest` without its end, which is taken off; `whole` is false where it breaks off. */
static ward_bytes cut_line(ward_bytes *rest, bool *whole)
{
	size_t len = 0;

	while (len < rest->len && rest->ptr[len] != '\n')
		len++;
	*whole = len < rest->len;
	ward_bytes line = { rest->ptr, len };

	rest->ptr += len + (*whole ? 1 : 0);
	rest->len -= len + (*whole ? 1 : 0);
	if (*whole && line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* ---- fields of a header ---- */

/*
 * What counts.  A trace is written by programs on the way of a mail, or by the
 * one that made it, and by nobody who types a letter.
 */
static const struct field {
	const char *name;
	bool is_trace;
} fields[] = {
	{ "received", true },
	{ "return-path", true },
	{ "message-id", true },
	{ "mime-version", true },
	{ "delivered-to", true },
	{ "dkim-signature", true },
	{ "x-mozilla-status", true },
	{ "x-gmail-labels", true },
	{ "from", false },
	{ "to", false },
	{ "cc", false },
	{ "bcc", false },
	{ "date", false },
	{ "subject", false },
	{ "sender", false },
	{ "reply-to", false },
	{ "newsgroups", false },
	{ "content-type", false },
};

struct header {
	bool good;
	unsigned seen; /* a bit for each of the fields */
	unsigned known, traces;
};

/* The length of the name that a field begins with, RFC 5322 2.2; 0 when it is none. */
static size_t field_name(ward_bytes line)
{
	size_t len = 0;

	while (len < line.len && line.ptr[len] > ' ' && line.ptr[len] < 0x7f &&
			line.ptr[len] != ':')
		len++;
	return len < line.len && line.ptr[len] == ':' ? len : 0;
}

static bool is_text(ward_bytes line)
{
	for (size_t i = 0; i < line.len; i++) {
		if ((line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
			return false;
	}
	return true;
}

static void count_field(struct header *header, ward_str name)
{
	for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if ((header->seen >> i & 1) != 0 ||
				!ward_str_eq_nocase(name, ward_str_from(fields[i].name)))
			continue;
		header->seen |= 1u << i;
		header->known++;
		header->traces += fields[i].is_trace ? 1 : 0;
	}
}

/* Up to the empty line, or to where we see no further. */
static struct header read_header(ward_bytes rest)
{
	struct header header = { .good = true };
	bool first = true, whole = true;

	while (header.good && rest.len > 0) {
		ward_bytes line = cut_line(&rest, &whole);
		bool goes_on = !first && line.len > 0 &&
			       (line.ptr[0] == ' ' || line.ptr[0] == '\t');
		size_t name = goes_on ? 0 : field_name(line);

		if (line.len == 0 && whole)
			break;
		/* Some servers kept the line of an mbox within the header, quoted. */
		bool quoted = line.len > 6 && memcmp(line.ptr, ">From ", 6) == 0;

		header.good = is_text(line) && (goes_on || name > 0 || quoted || !whole);
		if (name > 0)
			count_field(&header, (ward_str){ (const char *)line.ptr, name });
		first = false;
	}
	return header;
}

/* ---- the line before a message ---- */

static bool is_one_of(ward_bytes word, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (word.len == 3 && memcmp(word.ptr, names[i], 3) == 0)
			return true;
	}
	return false;
}

static bool is_day(ward_bytes word)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

	return is_one_of(word, days, sizeof(days) / sizeof(*days));
}

static bool is_month(ward_bytes word)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };

	return is_one_of(word, months, sizeof(months) / sizeof(*months));
}

static bool is_time(ward_bytes word)
{
	if (word.len != 5 && word.len != 8)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		bool digit = word.ptr[i] >= '0' && word.ptr[i] <= '9';

		if (i % 3 == 2 ? word.ptr[i] != ':' : !digit)
			return false;
	}
	return true;
}

static ward_bytes cut_word(ward_bytes *rest)
{
	size_t from = 0, to;

	while (from < rest->len && rest->ptr[from] == ' ')
		from++;
	for (to = from; to < rest->len && rest->ptr[to] != ' ';)
		to++;
	ward_bytes word = { rest->ptr + from, to - from };

	*rest = (ward_bytes){ rest->ptr + to, rest->len - to };
	return word;
}

/* The sender may be of several words; then come the day, its month, and a time behind that. */
bool identify_mail_from(ward_bytes line)
{
	if (line.len < 5 || line.len > FROM_LINE_MAX || memcmp(line.ptr, "From ", 5) != 0 ||
			!is_text(line))
		return false;
	ward_bytes rest = { line.ptr + 5, line.len - 5 };
	ward_bytes word = cut_word(&rest), before = { NULL, 0 };

	/* The first word is the sender's. */
	do {
		before = word;
		word = cut_word(&rest);
	} while (word.len > 0 && !(is_day(before) && is_month(word)));
	while (word.len > 0 && !is_time(word))
		word = cut_word(&rest);
	return word.len > 0;
}

ward_bytes identify_mail_message(ward_bytes file)
{
	ward_bytes rest = file;
	uint64_t len = 0;
	size_t digits = 0;
	bool whole;
	ward_bytes line = cut_line(&rest, &whole);

	while (digits < line.len && digits < 12 && line.ptr[digits] >= '0' &&
			line.ptr[digits] <= '9')
		len = len * 10 + (uint64_t)(line.ptr[digits++] - '0');
	for (size_t i = digits; i < line.len; i++) {
		if (line.ptr[i] != ' ')
			return file;
	}
	if (digits == 0 || !whole)
		return file;
	return (ward_bytes){ rest.ptr, len < rest.len ? (size_t)len : rest.len };
}

ward_media_kind identify_mail(ward_bytes head)
{
	ward_bytes rest = head;
	bool whole;
	ward_bytes line = cut_line(&rest, &whole);

	if (whole && identify_mail_from(line)) {
		struct header header = read_header(rest);

		return header.good && header.known >= 2 ? WARD_MEDIA_MBOX : WARD_MEDIA_UNKNOWN;
	}
	struct header header = read_header(identify_mail_message(head));

	return header.good && header.known >= 3 && header.traces >= 1 ? WARD_MEDIA_MAIL
								      : WARD_MEDIA_UNKNOWN;
}
