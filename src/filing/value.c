#include "filing/value.h"

#include "base/clock.h"
#include "filing/tree.h"

#include <arpa/inet.h>

uint64_t filing_length(ward_str text)
{
	uint64_t count = 0;

	while (text.len > 0)
		count += filing_xml_char(filing_next_char(&text));
	return count;
}

bool filing_unwritable(ward_str text)
{
	while (text.len > 0) {
		if (!filing_xml_char(filing_next_char(&text)))
			return true;
	}
	return false;
}

/* Blanks of every script, so that a field of them is not taken for a filled one. */
static bool is_blank(uint32_t c)
{
	return c <= 0x20 || c == 0x7f || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000 || c == 0xfeff;
}

bool filing_blank(ward_str text)
{
	while (text.len > 0) {
		uint32_t c = filing_next_char(&text);

		if (filing_xml_char(c) && !is_blank(c))
			return false;
	}
	return true;
}

/* ---- types ---- */

bool filing_boolean(ward_str text, bool *value)
{
	bool yes = ward_str_eq(text, WARD_STR("true")) || ward_str_eq(text, WARD_STR("1"));

	if (!yes && !ward_str_eq(text, WARD_STR("false")) && !ward_str_eq(text, WARD_STR("0")))
		return false;
	*value = yes;
	return true;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* True when the text begins with the shape, in which 0 stands for any digit. */
static bool has_shape(ward_str text, const char *shape)
{
	size_t len = strlen(shape);

	if (text.len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (shape[i] == '0' ? !digit(text.ptr[i]) : text.ptr[i] != shape[i])
			return false;
	}
	return true;
}

static ward_str behind(ward_str text, size_t count)
{
	return (ward_str){ text.ptr + count, text.len - count };
}

/* Z, or an offset of at most 14 hours. */
static bool is_zone(ward_str zone)
{
	uint64_t hours, minutes;

	if (ward_str_eq(zone, WARD_STR("Z")))
		return true;
	if (zone.len != 6 || (!has_shape(zone, "+00:00") && !has_shape(zone, "-00:00")) ||
			!ward_u64_parse((ward_str){ zone.ptr + 1, 2 }, &hours) ||
			!ward_u64_parse((ward_str){ zone.ptr + 4, 2 }, &minutes))
		return false;
	return minutes <= 59 && hours * 60 + minutes <= 14 * 60;
}

/* The schema's years begin with 1, and its minutes have 60 seconds. */
bool filing_datetime(ward_str text, int64_t *when)
{
	if (!has_shape(text, "0000-00-00T00:00:00") || has_shape(text, "0000-") == false ||
			ward_str_starts(text, WARD_STR("0000")))
		return false;
	ward_str rest = behind(text, 19);

	if (text.ptr[17] > '5')
		return false;
	if (rest.len > 0 && rest.ptr[0] == '.') {
		size_t digits = 1;

		while (digits < rest.len && digit(rest.ptr[digits]))
			digits++;
		/* A fraction longer than nanoseconds is nobody's clock. */
		if (digits == 1 || digits > 10)
			return false;
		rest = behind(rest, digits);
	}
	return is_zone(rest) && clock_parse(text, when);
}

bool filing_date(ward_str text, int64_t *when)
{
	return text.len == 10 && has_shape(text, "0000-00-00") &&
	       !ward_str_starts(text, WARD_STR("0000")) && clock_parse(text, when);
}

static bool is_long(ward_str text, int64_t low, int64_t high)
{
	int64_t value;

	return ward_i64_parse(text, &value) && value >= low && value <= high;
}

/* Digits with a fraction, as people write degrees; no infinity, no exponent. */
static bool is_double(ward_str text)
{
	size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
	size_t whole = at;

	while (whole < text.len && digit(text.ptr[whole]))
		whole++;
	size_t end = whole;

	if (end < text.len && text.ptr[end] == '.') {
		end++;
		while (end < text.len && digit(text.ptr[end]))
			end++;
		if (end == whole + 1)
			return false;
	}
	return whole > at && end == text.len && text.len <= 40;
}

static bool is_token(ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((uint8_t)text.ptr[i] <= 0x20)
			return false;
	}
	return text.len > 0;
}

static bool is_word(const char *const *words, ward_str text)
{
	for (; *words; words++) {
		if (ward_str_eq(text, ward_str_from(*words)))
			return true;
	}
	return false;
}

const char *filing_value_wrong(enum filing_value value, const char *const *words, ward_str text)
{
	int64_t when;
	bool yes;

	switch (value) {
	case FILING_PARTS:
	case FILING_TEXT:
		return NULL;
	case FILING_TOKEN:
		return is_token(text) ? NULL : "an id without blanks";
	case FILING_WORD:
		return is_word(words, text) ? NULL : "one of the schema's words";
	case FILING_BOOLEAN:
		return filing_boolean(text, &yes) ? NULL : "true or false";
	case FILING_MARK:
		return text.len == 0 || (filing_boolean(text, &yes) && yes)
				       ? NULL
				       : "true, or to be left out";
	case FILING_INT:
		return is_long(text, INT32_MIN, INT32_MAX) ? NULL : "a whole number";
	case FILING_LONG:
		return is_long(text, INT64_MIN, INT64_MAX) ? NULL : "a whole number";
	case FILING_DOUBLE:
		return is_double(text) ? NULL : "a number of degrees, as -12.5";
	case FILING_DATE:
		return filing_date(text, &when) ? NULL : "a date as 2011-03-01";
	case FILING_DATETIME:
		return filing_datetime(text, &when)
				       ? NULL
				       : "a date and time with its zone, as 2026-03-01T12:00:00Z";
	}
	return "a value of a known kind";
}

const char *filing_pattern_wrong(enum filing_pattern pattern, ward_str text)
{
	size_t from = 0;

	if (pattern == FILING_PATTERN_NONE)
		return NULL;
	if (pattern == FILING_PATTERN_CALLING_CODE) {
		if (text.len < 2 || text.len > 4 || text.ptr[0] != '+')
			return "\"+\" and one to three digits";
		from = 1;
	}
	for (size_t i = from; i < text.len; i++) {
		if (!digit(text.ptr[i]))
			return from ? "\"+\" and one to three digits" : "digits alone";
	}
	return text.len > 0 ? NULL : "digits alone";
}

/* ---- formats ---- */

static bool is_ip(ward_str text)
{
	char copy[INET6_ADDRSTRLEN];
	uint8_t address[16];

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.ptr, '\0', text.len))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return inet_pton(AF_INET, copy, address) == 1 || inet_pton(AF_INET6, copy, address) == 1;
}

ward_str filing_local_part(ward_str email)
{
	size_t at = email.len;

	while (at > 0 && email.ptr[at - 1] != '@')
		at--;
	return (ward_str){ email.ptr, at > 0 ? at - 1 : 0 };
}

/* Letters, digits and hyphens, or characters of other scripts; no hyphen at an end. */
static bool is_label(ward_str label)
{
	for (size_t i = 0; i < label.len; i++) {
		uint8_t c = (uint8_t)label.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit((char)c) ||
			      c >= 0x80;

		if (!letter && !(c == '-' && i > 0 && i + 1 < label.len))
			return false;
	}
	return label.len > 0 && label.len <= 63;
}

static bool is_domain(ward_str domain)
{
	unsigned labels = 0;

	/* An empty last label would be lost by the cutting. */
	if (ward_str_ends(domain, WARD_STR(".")))
		return false;
	for (; domain.len > 0; labels++) {
		if (!is_label(ward_str_cut(&domain, '.')))
			return false;
	}
	return labels >= 2;
}

/* Dots do not stand at an end or behind one another; blanks and separators not at all. */
static bool is_local(ward_str local)
{
	for (size_t i = 0; i < local.len; i++) {
		uint8_t c = (uint8_t)local.ptr[i];

		if (c <= 0x20 || c == 0x7f || strchr("()<>[]:;@\\,\"", c))
			return false;
		if (c == '.' && (i == 0 || i + 1 == local.len || local.ptr[i + 1] == '.'))
			return false;
	}
	return local.len > 0;
}

static bool is_email(ward_str text)
{
	ward_str local = filing_local_part(text);

	return local.len > 0 && is_local(local) && is_domain(behind(text, local.len + 1));
}

static bool is_scheme(ward_str scheme)
{
	for (size_t i = 0; i < scheme.len; i++) {
		char c = scheme.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(i > 0 && (digit(c) || c == '+' || c == '-' || c == '.')))
			return false;
	}
	return scheme.len > 0;
}

/* SCHEME://HOST…, without blanks and what a URL has to escape. */
static bool is_url(ward_str text)
{
	ward_str rest = text;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.ptr[i];

		if (c <= 0x20 || c == 0x7f || strchr("<>\"`{}|\\^", c))
			return false;
	}
	if (!is_scheme(ward_str_cut(&rest, ':')) || !ward_str_starts(rest, WARD_STR("//")))
		return false;
	rest = behind(rest, 2);
	return rest.len > 0 && !strchr("/?#:@", rest.ptr[0]);
}

static bool is_upper_pair(ward_str text)
{
	return text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z';
}

const char *filing_format_wrong(enum filing_format format, ward_str text)
{
	int64_t id;

	switch (format) {
	case FILING_FORMAT_NONE:
		return NULL;
	case FILING_FORMAT_IP:
		return is_ip(text) ? NULL : "an IPv4 or IPv6 address";
	case FILING_FORMAT_EMAIL:
		return is_email(text) ? NULL : "an e-mail address";
	case FILING_FORMAT_URL:
		return is_url(text) ? NULL : "a whole URL, as https://host.example/path";
	case FILING_FORMAT_US_STATE:
		return is_upper_pair(text) ? NULL : "the two letters of a state of the US";
	case FILING_FORMAT_COUNTRY:
		return is_upper_pair(text) ? NULL : "the two letters of a country";
	case FILING_FORMAT_REPORT_ID:
		return ward_i64_parse(text, &id) && id > 0 ? NULL : "the number of a report";
	case FILING_FORMAT_FILE_ID:
		return is_token(text) ? NULL : "the id of an uploaded file";
	}
	return "a value of a known form";
}
