/*
 * What a file of places is, told by its first lines.
 *
 * Each line that is neither empty nor a comment says what it looks like; the
 * most telling word decides.  Lines that look like any format (a name alone)
 * leave the file what it is without a sign: one place a line.
 */
#include "exchange/site_format.h"

#define LINES_MAX 200

static bool has(ward_str text, const char *what)
{
	size_t len = strlen(what);

	for (size_t i = 0; i + len <= text.len; i++) {
		if (ward_str_eq_nocase((ward_str){ text.ptr + i, len }, (ward_str){ what, len }))
			return true;
	}
	return false;
}

static enum exchange_site_format of_object(ward_str line)
{
	return has(line, "\"list\"") && has(line, "\"seq\"") && has(line, "\"changes\"")
			       ? EXCHANGE_SITE_PAGES
			       : EXCHANGE_SITE_JSONL;
}

static bool is_zone(ward_str line)
{
	return ward_str_starts(line, WARD_STR("$TTL")) ||
	       ward_str_starts(line, WARD_STR("$ORIGIN")) || has(line, " SOA ") ||
	       has(line, "\tSOA\t") || has(line, "\tSOA ") || has(line, " CNAME ") ||
	       has(line, "\tCNAME\t");
}

static bool is_regex(ward_str line)
{
	return line.ptr[0] == '^' || has(line, "\\.") || has(line, "https?:");
}

static enum exchange_site_format of_line(ward_str line, bool first)
{
	ward_str rest = line, word = exchange_site_word(&rest);
	struct ward_network network;
	char separator;

	if (line.ptr[0] == '{')
		return of_object(line);
	if (ward_str_starts(line, WARD_STR("[Adblock")) || ward_str_starts(line, WARD_STR("||")) ||
			ward_str_starts(line, WARD_STR("@@|")))
		return EXCHANGE_SITE_ADBLOCK;
	if (is_zone(line))
		return EXCHANGE_SITE_RPZ;
	if (first && exchange_site_csv_is_header(line, &separator))
		return EXCHANGE_SITE_CSV;
	if (rest.len > 0 && ward_network_read(word, &network) && rest.ptr[0] != '#')
		return EXCHANGE_SITE_HOSTS;
	if (is_regex(line))
		return EXCHANGE_SITE_REGEX;
	if (line.ptr[0] == '.' && line.len > 1 && !ward_str_starts(line, WARD_STR(".Include")))
		return EXCHANGE_SITE_DSTDOMAIN;
	return EXCHANGE_SITE_AUTO;
}

enum exchange_site_format exchange_site_guess(ward_str beginning)
{
	bool first = true, paths = false, dots = false;

	for (int i = 0; i < LINES_MAX && beginning.len > 0; i++) {
		ward_str line = ward_str_trim(ward_str_cut(&beginning, '\n'));
		enum exchange_site_format format;

		if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';' || line.ptr[0] == '!')
			continue;
		format = of_line(line, first);
		first = false;
		paths = paths || memchr(line.ptr, '/', line.len);
		dots = dots || format == EXCHANGE_SITE_DSTDOMAIN;
		if (format != EXCHANGE_SITE_AUTO && format != EXCHANGE_SITE_DSTDOMAIN)
			return format;
	}
	/* In a list of links ".name" is a domain, and a name alone, too. */
	return dots && !paths ? EXCHANGE_SITE_DSTDOMAIN : EXCHANGE_SITE_LINES;
}
