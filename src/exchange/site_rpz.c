/*
 * Response policy zones (draft-vixie-dnsop-dns-rpz-00): a master file (RFC 1035
 * 5.1) in which owner names are triggers and CNAMEs say what is to be done.
 *
 *     name        that name
 *     *.name      all below it
 *     ... .rpz-ip and the like: not about names
 *
 * What is done (site_rpz.h): blocks are entries, and so is a page of the zone's in
 * place of the site; what allows is an exception; a rewrite is left out.
 *
 * A name with its wildcard is one domain here, so a name waits for the record
 * behind it.
 */
#include "exchange/site_rpz.h"

#include <stdlib.h>

#include "exchange/site_format.h"

#define NAME_MAX_TEXT 1024
#define TOKENS_MAX    24

struct zone {
	char origin[NAME_MAX_TEXT];  /* with a dot at the end; "" is not known */
	char apex[NAME_MAX_TEXT];    /* of the SOA */
	char owner[NAME_MAX_TEXT];   /* the last record's, for those that name none */
	char waiting[NAME_MAX_TEXT]; /* a trigger; "" is none */
	enum exchange_rpz_action waiting_action;
	uint64_t waiting_line;
	char said[NAME_MAX_TEXT]; /* the last that was handed out, with its wildcard: "*.name" */
	struct ward_buf entry;    /* a record over several lines */
	int depth;                /* of parentheses */
	bool quoted;
	uint64_t entry_line;
	struct exchange_safe_pairs safe;
};

static bool out_of_memory(struct exchange_site_record *record)
{
	return exchange_site_record_bad(record, "no memory for the zone");
}

static struct zone *zone_of(struct exchange_site_reader *reader)
{
	struct zone *zone = reader->state;

	if (!zone) {
		zone = calloc(1, sizeof(*zone));
		if (zone) {
			ward_buf_init(&zone->entry, reader->options.record_max);
			exchange_safe_search_all(&zone->safe);
		}
		reader->state = zone;
	}
	return zone;
}

static void zone_free(struct exchange_site_reader *reader)
{
	struct zone *zone = reader->state;

	if (zone)
		ward_buf_free(&zone->entry);
}

/* ---- text of the zone ---- */

/* Adds a line without its comment and its parentheses; true when the record is whole. */
static bool gather(struct zone *zone, ward_str line)
{
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		if (c == '\\' && i + 1 < line.len) {
			ward_buf_char(&zone->entry, c);
			ward_buf_char(&zone->entry, line.ptr[++i]);
			continue;
		}
		if (c == '"')
			zone->quoted = !zone->quoted;
		if (c == ';' && !zone->quoted)
			break;
		if (!zone->quoted && (c == '(' || c == ')')) {
			zone->depth += c == '(' ? 1 : -1;
			c = ' ';
		}
		ward_buf_char(&zone->entry, c);
	}
	zone->quoted = false; /* a string ends in its line */
	if (zone->depth > 0) {
		ward_buf_char(&zone->entry, ' ');
		return false;
	}
	zone->depth = 0;
	return true;
}

/* "name" or "name." as a whole name with its dot; false when it does not fit. */
static bool absolute(const struct zone *zone, ward_str name, char out[NAME_MAX_TEXT])
{
	int len;

	if (ward_str_eq(name, WARD_STR("@")))
		len = snprintf(out, NAME_MAX_TEXT, "%s", zone->origin);
	else if (ward_str_ends(name, WARD_STR(".")))
		len = snprintf(out, NAME_MAX_TEXT, "%.*s", WARD_FMT(name));
	else
		len = snprintf(out, NAME_MAX_TEXT, "%.*s.%s", WARD_FMT(name),
				strcmp(zone->origin, ".") == 0 ? "" : zone->origin);
	return len >= 0 && len < NAME_MAX_TEXT;
}

/* The trigger in a whole owner name: what precedes the zone's own.  False: it is not of the zone.
 */
static bool trigger_of(const struct zone *zone, const char *owner, ward_str *trigger)
{
	ward_str name = ward_str_from(owner), apex = ward_str_from(zone->apex);

	if (apex.len <= 1) {
		*trigger = (ward_str){ name.ptr, name.len - (name.len > 0) };
		return true;
	}
	if (name.len < apex.len)
		return false;
	ward_str tail = { name.ptr + name.len - apex.len, apex.len };

	if (!ward_str_eq_nocase(tail, apex))
		return false;
	*trigger = (ward_str){ name.ptr, name.len - apex.len };
	if (trigger->len > 0 && trigger->ptr[--trigger->len] != '.')
		return false;
	return true;
}

/* ---- triggers ---- */

static bool hand_out(struct exchange_site_reader *reader, struct zone *zone, ward_str name,
		enum exchange_rpz_action action, struct exchange_site_record *record)
{
	bool below = ward_str_starts(name, WARD_STR("*."));

	if (below)
		name = (ward_str){ name.ptr + 2, name.len - 2 };
	record->op = action == EXCHANGE_RPZ_ALLOWS ? EXCHANGE_SITE_EXCEPT : EXCHANGE_SITE_ADD;
	record->walled = action == EXCHANGE_RPZ_WALLS;
	snprintf(zone->said, sizeof(zone->said), "%s%.*s", below ? "*." : "", WARD_FMT(name));
	return exchange_site_record_entry(reader, name,
			below ? WARD_SITE_BARE_DOMAIN : WARD_SITE_BARE_HOST, record);
}

/* The name that waits has no wildcard behind it. */
static bool let_go(struct exchange_site_reader *reader, struct exchange_site_record *record)
{
	struct zone *zone = reader->state;
	ward_str name;

	if (!zone || !zone->waiting[0])
		return false;
	ward_buf_str(&reader->text, ward_str_from(zone->waiting));
	name = ward_buf_text(&reader->text);
	zone->waiting[0] = '\0';
	record->line = zone->waiting_line;
	record->raw = (ward_bytes){ (const uint8_t *)name.ptr, name.len };
	return hand_out(reader, zone, name, zone->waiting_action, record);
}

static bool is_trigger_of_another_kind(ward_str trigger)
{
	static const char *const kinds[] = { "rpz-ip", "rpz-nsip", "rpz-client-ip", "rpz-nsdname",
		NULL };
	int i = 0;

	while (kinds[i] && !ward_str_ends(trigger, ward_str_from(kinds[i])))
		i++;
	return kinds[i] != NULL;
}

/* True when a record came of it; the line is to be given again when `again` is set. */
static bool take_trigger(struct exchange_site_reader *reader, struct zone *zone, ward_str trigger,
		enum exchange_rpz_action action, struct exchange_site_record *record, bool *again)
{
	ward_str waiting = ward_str_from(zone->waiting), said = ward_str_from(zone->said);
	bool below = ward_str_starts(trigger, WARD_STR("*."));
	ward_str name = below ? (ward_str){ trigger.ptr + 2, trigger.len - 2 } : trigger;

	if (waiting.len > 0) {
		if (!below && ward_str_eq_nocase(name, waiting))
			return false; /* the second of A and AAAA */
		if (!below || !ward_str_eq_nocase(name, waiting) ||
				zone->waiting_action != action) {
			*again = true;
			return let_go(reader, record);
		}
		zone->waiting[0] = '\0';
		return hand_out(reader, zone, trigger, action, record);
	}
	if (below) {
		if (ward_str_eq_nocase(trigger, said))
			return false;
		record->widened = !ward_str_eq_nocase(name, said);
		return hand_out(reader, zone, trigger, action, record);
	}
	/* "*.name" came before "name", or the name twice. */
	if (ward_str_eq_nocase(name, said) ||
			(said.len == name.len + 2 && ward_str_starts(said, WARD_STR("*.")) &&
					ward_str_eq_nocase(name,
							(ward_str){ said.ptr + 2, said.len - 2 })))
		return false;
	memcpy(zone->waiting, name.ptr, name.len);
	zone->waiting[name.len] = '\0';
	zone->waiting_action = action;
	zone->waiting_line = record->line;
	return false;
}

/* ---- records ---- */

struct tokens {
	ward_str at[TOKENS_MAX];
	size_t count;
	bool owner; /* the first is one */
};

static void split(ward_str text, struct tokens *tokens)
{
	size_t i = 0;

	*tokens = (struct tokens){ .owner = text.len > 0 && text.ptr[0] != ' ' &&
					    text.ptr[0] != '\t' };
	while (i < text.len && tokens->count < TOKENS_MAX) {
		size_t from;

		while (i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '\t'))
			i++;
		from = i;
		while (i < text.len && text.ptr[i] != ' ' && text.ptr[i] != '\t')
			i++;
		if (i > from)
			tokens->at[tokens->count++] = (ward_str){ text.ptr + from, i - from };
	}
}

static bool is_ttl(ward_str word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (!(c >= '0' && c <= '9') && !strchr("smhdwSMHDW", c))
			return false;
	}
	return word.len > 0 && word.ptr[0] >= '0' && word.ptr[0] <= '9';
}

static bool directive(struct zone *zone, const struct tokens *tokens,
		struct exchange_site_record *record)
{
	if (ward_str_eq_nocase(tokens->at[0], WARD_STR("$TTL")))
		return false;
	if (!ward_str_eq_nocase(tokens->at[0], WARD_STR("$ORIGIN")))
		return exchange_site_record_unsupported(record,
				"$INCLUDE and $GENERATE are not followed");
	char name[NAME_MAX_TEXT];

	if (tokens->count < 2 || !absolute(zone, tokens->at[1], name))
		return exchange_site_record_bad(record, "an origin is a name");
	memcpy(zone->origin, name, sizeof(name));
	return false;
}

static bool take_soa(struct exchange_site_reader *reader, struct zone *zone,
		const struct tokens *tokens, size_t at, struct exchange_site_record *record)
{
	uint64_t serial;

	memcpy(zone->apex, zone->owner, sizeof(zone->apex));
	if (!zone->origin[0])
		memcpy(zone->origin, zone->owner, sizeof(zone->origin));
	if (tokens->count < at + 3 || !ward_u64_parse(tokens->at[at + 2], &serial) ||
			serial > UINT32_MAX)
		return exchange_site_record_bad(record, "the SOA has no serial");
	reader->serial = (uint32_t)serial;
	return false;
}

/* Why what is done to a name is no entry; NULL: it is one. */
static const char *why_not(enum exchange_rpz_action action)
{
	switch (action) {
	case EXCHANGE_RPZ_SAFE_SEARCH:
		return "a search engine's safer host: a rewrite, which blocks nothing";
	case EXCHANGE_RPZ_SAME_SITE:
		return "another host of the same site: a rewrite, which blocks nothing";
	case EXCHANGE_RPZ_TCP_ONLY:
		return "rpz-tcp-only blocks nothing";
	case EXCHANGE_RPZ_UNKNOWN:
		return "an action that is not known";
	case EXCHANGE_RPZ_NOTHING:
	case EXCHANGE_RPZ_BLOCKS:
	case EXCHANGE_RPZ_WALLS:
	case EXCHANGE_RPZ_ALLOWS:
	case EXCHANGE_RPZ_NO_DOT:
		break;
	}
	return NULL;
}

static bool take_data(struct exchange_site_reader *reader, struct zone *zone, ward_str type,
		ward_str data, struct exchange_site_record *record, bool *again)
{
	enum exchange_rpz_action action;
	ward_str trigger, name;

	if (!trigger_of(zone, zone->owner, &trigger))
		return exchange_site_record_bad(record, "the owner is not in the zone");
	if (trigger.len == 0)
		return false; /* the zone's own NS and the like */
	if (is_trigger_of_another_kind(trigger))
		return exchange_site_record_unsupported(record,
				"a trigger on addresses or name servers is no place");
	if (trigger.len == 1 && trigger.ptr[0] == '*')
		return exchange_site_record_unsupported(record, "everything is no place");
	name = trigger;
	if (ward_str_starts(name, WARD_STR("*.")))
		name = (ward_str){ name.ptr + 2, name.len - 2 };
	action = exchange_rpz_action_of(&zone->safe, name, type, data);
	if (action == EXCHANGE_RPZ_NOTHING)
		return false; /* TXT and others say more about a trigger that has an A, too */
	if (action == EXCHANGE_RPZ_NO_DOT)
		return exchange_site_record_bad(record, "an action ends with a dot");
	if (why_not(action))
		return exchange_site_record_unsupported(record, why_not(action));
	return take_trigger(reader, zone, trigger, action, record, again);
}

static bool take_record(struct exchange_site_reader *reader, struct zone *zone,
		struct exchange_site_record *record, bool *again)
{
	struct tokens tokens;
	size_t at;

	split(ward_buf_text(&zone->entry), &tokens);
	if (tokens.count == 0)
		return false;
	if (tokens.at[0].ptr[0] == '$')
		return directive(zone, &tokens, record);
	if (tokens.owner && (memchr(tokens.at[0].ptr, '\\', tokens.at[0].len) ||
					    !absolute(zone, tokens.at[0], zone->owner)))
		return exchange_site_record_bad(record, "the owner is no name");
	at = tokens.owner ? 1 : 0;
	while (at < tokens.count && (is_ttl(tokens.at[at]) || ward_str_eq_nocase(tokens.at[at],
									      WARD_STR("IN"))))
		at++;
	if (at + 1 >= tokens.count)
		return exchange_site_record_bad(record, "the record has no type and data");
	if (ward_str_eq_nocase(tokens.at[at], WARD_STR("SOA")))
		return take_soa(reader, zone, &tokens, at + 1, record);
	return take_data(reader, zone, tokens.at[at], tokens.at[at + 1], record, again);
}

static bool next_zone_line(struct exchange_site_reader *reader, ward_str line,
		struct exchange_site_record *record)
{
	struct zone *zone = zone_of(reader);
	bool again = false, came;

	if (!zone)
		return out_of_memory(record);
	if (!reader->going_on) {
		if (zone->entry.len == 0)
			zone->entry_line = reader->line;
		if (!gather(zone, line) && !zone->entry.failed)
			return false;
	}
	record->line = zone->entry_line;
	if (zone->entry.failed)
		came = exchange_site_record_bad(record, "the record is too long");
	else
		came = take_record(reader, zone, record, &again);
	if (again) {
		/* The name that waited went first; this record is looked at once more. */
		reader->rest = line;
		reader->has_rest = true;
		return came;
	}
	zone->depth = 0;
	ward_buf_clear(&zone->entry);
	return came;
}

static bool zone_end(struct exchange_site_reader *reader, struct exchange_site_record *record)
{
	struct zone *zone = reader->state;

	if (zone && zone->depth > 0) {
		zone->depth = 0;
		record->line = zone->entry_line;
		return exchange_site_record_bad(record, "a parenthesis does not end");
	}
	return let_go(reader, record);
}

const struct exchange_site_reading exchange_site_reading_rpz = { .line = next_zone_line,
	.end = zone_end,
	.free = zone_free };
