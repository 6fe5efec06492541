/*
 * Rules of ad blockers, as far as they name hosts: "||name^" is a domain with
 * all below it, "|https://name/page|" one page, "||name/path/^" what is below a
 * path.  "@@" before a rule excepts it.  A rule that only holds in parts of a
 * page, for some kinds of loads or from some sites is more than a site list
 * can say, and is told as unsupported: taken without its condition it would
 * block what its author let through.
 *
 * Syntax: https://adguard-dns.io/kb/general/dns-filtering-syntax/ and
 * https://help.adblockplus.org/hc/en-us/articles/360062733293
 *
 * Squid's url_regex is here too: the literal ones among its patterns.
 */
#include "exchange/site_format.h"

static bool has(ward_str text, const char *what)
{
	size_t len = strlen(what);

	for (size_t i = 0; i + len <= text.len; i++) {
		if (memcmp(text.ptr + i, what, len) == 0)
			return true;
	}
	return false;
}

static ward_str behind(ward_str text, size_t len)
{
	return (ward_str){ text.ptr + len, text.len - len };
}

/* Modifiers that leave a rule what it is for whole sites. */
static bool is_plain_modifier(ward_str modifier)
{
	static const char *const plain[] = { "important", "all", "document", "doc", NULL };
	int i = 0;

	while (plain[i] && !ward_str_eq(modifier, ward_str_from(plain[i])))
		i++;
	return plain[i] != NULL;
}

static bool cut_modifiers(ward_str *rule)
{
	const char *dollar = rule->len ? memchr(rule->ptr, '$', rule->len) : NULL;

	if (!dollar)
		return true;
	ward_str modifiers = behind(*rule, (size_t)(dollar - rule->ptr) + 1);

	rule->len = (size_t)(dollar - rule->ptr);
	while (modifiers.len > 0) {
		if (!is_plain_modifier(ward_str_cut(&modifiers, ',')))
			return false;
	}
	return true;
}

/* "||name^", "||name/path/^" */
static bool anchored(struct exchange_site_reader *reader, ward_str rule,
		struct exchange_site_record *record)
{
	bool ended = ward_str_ends(rule, WARD_STR("^"));

	if (ended)
		rule.len--;
	if (rule.len == 0 || memchr(rule.ptr, '*', rule.len) || memchr(rule.ptr, '^', rule.len))
		return exchange_site_record_unsupported(record, "a pattern is no place");
	if (!memchr(rule.ptr, '/', rule.len)) {
		/* "||name" alone holds "name.of-another" as well; its author means the name. */
		return exchange_site_record_entry(reader, rule,
				exchange_site_record_bare(reader, WARD_SITE_BARE_DOMAIN), record);
	}
	if (!ended && !ward_str_ends(rule, WARD_STR("/")))
		return exchange_site_record_unsupported(record,
				"the beginning of a name in a path is no place");
	ward_buf_str(&reader->text, rule);
	if (!ward_str_ends(rule, WARD_STR("/")))
		ward_buf_char(&reader->text, '/');
	ward_buf_str(&reader->text, WARD_STR("..."));
	return exchange_site_record_entry(reader, ward_buf_text(&reader->text),
			WARD_SITE_BARE_DOMAIN, record);
}

static bool rule_entry(struct exchange_site_reader *reader, ward_str rule,
		struct exchange_site_record *record)
{
	ward_str rest = rule, first;

	if (ward_str_starts(rule, WARD_STR("/")))
		return exchange_site_record_unsupported(record, "a regular expression is no place");
	if (!cut_modifiers(&rule))
		return exchange_site_record_unsupported(record,
				"the rule holds only under a condition");
	if (ward_str_starts(rule, WARD_STR("||")))
		return anchored(reader, behind(rule, 2), record);
	if (ward_str_starts(rule, WARD_STR("|http")) && ward_str_ends(rule, WARD_STR("|")) &&
			!memchr(rule.ptr, '*', rule.len) && !memchr(rule.ptr, '^', rule.len))
		return exchange_site_record_entry(reader, (ward_str){ rule.ptr + 1, rule.len - 2 },
				WARD_SITE_BARE_PAGE, record);
	/* Lines of a hosts file, and names alone, are allowed among them by DNS blockers. */
	first = exchange_site_word(&rest);
	if (rest.len > 0 && exchange_site_is_sink(first))
		return !exchange_site_is_own(rest) &&
		       exchange_site_record_entry(reader, rest,
				       exchange_site_record_bare(reader, WARD_SITE_BARE_HOST),
				       record);
	for (size_t i = 0; i < rule.len; i++) {
		char c = rule.ptr[i];

		if (c != '.' && c != '-' && c != '_' && !(c >= '0' && c <= '9') &&
				!((c | 32) >= 'a' && (c | 32) <= 'z'))
			return exchange_site_record_unsupported(record, "a pattern is no place");
	}
	return exchange_site_record_entry(reader, rule,
			exchange_site_record_bare(reader, WARD_SITE_BARE_HOST), record);
}

static bool next_rule(struct exchange_site_reader *reader, ward_str line,
		struct exchange_site_record *record)
{
	ward_str rule = ward_str_trim(line);

	if (rule.len == 0 || rule.ptr[0] == '!' || rule.ptr[0] == '[' ||
			ward_str_starts(rule, WARD_STR("# ")) || ward_str_eq(rule, WARD_STR("#")))
		return false;
	if (has(rule, "##") || has(rule, "#@#") || has(rule, "#?#") || has(rule, "#$#") ||
			has(rule, "#%#"))
		return exchange_site_record_unsupported(record,
				"what hides parts of pages is no place");
	if (ward_str_starts(rule, WARD_STR("@@"))) {
		record->op = EXCHANGE_SITE_EXCEPT;
		rule = behind(rule, 2);
	}
	return rule_entry(reader, rule, record);
}

const struct exchange_site_reading exchange_site_reading_adblock = { .line = next_rule };

/* ---- url_regex ---- */

static bool is_literal(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       (c != '\0' && strchr("._/-%=&:~,;@!", c));
}

/* Takes escapes off; an unescaped dot is taken for a dot, which is less than the pattern holds. */
static bool literal(struct ward_buf *out, ward_str pattern)
{
	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.ptr[i];

		if (c == '\\' && i + 1 < pattern.len) {
			c = pattern.ptr[++i];
			/* "\d", "\w" and "\b" are classes. */
			if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))
				return false;
		} else if (!is_literal(c)) {
			return false;
		}
		ward_buf_char(out, c);
	}
	return true;
}

static bool cut_front(ward_str *text, const char *front)
{
	if (!ward_str_starts(*text, ward_str_from(front)))
		return false;
	*text = behind(*text, strlen(front));
	return true;
}

static bool cut_scheme(ward_str *pattern)
{
	static const char *const schemes[] = { "https?://", "http(s)?://", "http[s]?://",
		"(http|https)://", "https://", "http://", "https?:\\/\\/", "http:\\/\\/", NULL };
	int i = 0;

	while (schemes[i] && !cut_front(pattern, schemes[i]))
		i++;
	return schemes[i] != NULL;
}

static bool cut_end(ward_str *text, const char *end)
{
	if (!ward_str_ends(*text, ward_str_from(end)))
		return false;
	text->len -= strlen(end);
	return true;
}

/* A pattern's end: of a page, of one with any query, or of what begins so. */
static bool cut_page_end(ward_str *pattern)
{
	if (cut_end(pattern, "([/?]|$)"))
		return false;
	return cut_end(pattern, "([?].*)?$") ||
	       (!ward_str_ends(*pattern, WARD_STR("\\$")) && cut_end(pattern, "$"));
}

/* The pattern's letters; a port that may stand behind the host is no part of a place. */
static bool whole_literal(struct ward_buf *out, ward_str pattern)
{
	static const char port[] = "(:[0-9]+)?/";
	size_t at = 0, len = sizeof(port) - 1;

	while (at + len <= pattern.len && memcmp(pattern.ptr + at, port, len) != 0)
		at++;
	if (at + len > pattern.len)
		return literal(out, pattern);
	return literal(out, (ward_str){ pattern.ptr, at }) &&
	       literal(out, behind(pattern, at + len - 1));
}

static bool next_regex(struct exchange_site_reader *reader, ward_str line,
		struct exchange_site_record *record)
{
	ward_str pattern = ward_str_trim(line);
	bool ended;

	if (pattern.len == 0 || pattern.ptr[0] == '#' || pattern.ptr[0] == '-' ||
			pattern.ptr[0] == '+')
		return false;
	(void)cut_front(&pattern, "^");
	if (!cut_scheme(&pattern))
		return exchange_site_record_unsupported(record,
				"without a scheme in front, the pattern holds in any part of a "
				"link");
	ended = cut_page_end(&pattern);
	if (!whole_literal(&reader->text, pattern))
		return exchange_site_record_unsupported(record, "the pattern is not literal");
	ward_str text = ward_buf_text(&reader->text);
	const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;

	if (!slash && !ended)
		return exchange_site_record_unsupported(record, "the host's name does not end");
	/* "^http://name/" is all of that host. */
	if (!ended && slash + 1 == text.ptr + text.len)
		return exchange_site_record_entry(reader, (ward_str){ text.ptr, text.len - 1 },
				WARD_SITE_BARE_HOST, record);
	if (!ended && text.ptr[text.len - 1] != '/')
		ward_buf_char(&reader->text, '/');
	if (!ended)
		ward_buf_str(&reader->text, WARD_STR("..."));
	return exchange_site_record_entry(reader, ward_buf_text(&reader->text), WARD_SITE_BARE_PAGE,
			record);
}

const struct exchange_site_reading exchange_site_reading_regex = { .line = next_regex };
