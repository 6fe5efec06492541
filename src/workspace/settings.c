#include "workspace/settings.h"

#include <inttypes.h>

#include "workspace/network.h"

enum setting_type {
	SETTING_SWITCH, /* bool: yes, no, on, off, true, false */
	SETTING_COUNT,
	SETTING_BYTES, /* "100MB" */
	SETTING_TIME,  /* in milliseconds: "10s" */
	SETTING_TEXT,
	SETTING_RADIUS, /* int: 0..63, or "lists" for each list's own */
};

struct setting {
	const char *section;
	const char *name;
	enum setting_type type;
	size_t at;   /* in struct settings */
	size_t size; /* of that member */
	uint64_t min, max;
	const char *says;
};

#define AT(member) offsetof(struct settings, member), sizeof(((struct settings *)NULL)->member)

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define TIB ((uint64_t)1 << 40)

#define HOUR_MS ((uint64_t)3600000)

static const struct setting table[] = {
	{ "scan", "bytes_max", SETTING_BYTES, AT(limits.bytes_max), 1, 64 * TIB,
			"of one file, its archive members together" },
	{ "scan", "pixels_max", SETTING_COUNT, AT(limits.pixels_max), 1, (uint64_t)1 << 34,
			"of one picture or frame: width times height" },
	{ "scan", "memory_max", SETTING_BYTES, AT(limits.memory_max), 64 * MIB, 64 * TIB,
			"that a worker may have for decoding" },
	{ "scan", "frames_max", SETTING_COUNT, AT(limits.frames_max), 1, 1000000,
			"of one animated picture" },
	{ "scan", "parts_max", SETTING_COUNT, AT(limits.parts_max), 1, 100000000,
			"members of all archives in one file" },
	{ "scan", "depth_max", SETTING_COUNT, AT(limits.depth_max), 1, 64,
			"archives inside archives" },
	{ "scan", "time_max", SETTING_TIME, AT(limits.time_ms), 10, 24 * HOUR_MS,
			"for one file, its members included" },
	{ "scan", "exact", SETTING_SWITCH, AT(exact), 0, 1,
			"hash every pixel of large pictures, not the fast way" },
	{ "scan", "all_orientations", SETTING_SWITCH, AT(all_orientations), 0, 1,
			"also look for pictures turned and mirrored" },
	{ "scan", "borders", SETTING_SWITCH, AT(borders), 0, 1,
			"also look for pictures without their even borders" },
	{ "scan", "archives", SETTING_SWITCH, AT(archives), 0, 1, "look into archives" },
	{ "scan", "videos", SETTING_SWITCH, AT(videos), 0, 1,
			"compare a frame a second of videos, where lists tell of pictures or "
			"videos" },
	{ "scan", "texts", SETTING_SWITCH, AT(texts), 0, 1,
			"look up links in texts, where there are site lists, and terms" },
	{ "scan", "video_time_max", SETTING_TIME, AT(video_ms), 100, 24 * HOUR_MS,
			"for looking into one video; a service has time_max" },
	{ "scan", "radius", SETTING_RADIUS, AT(radius), 0, WARD_PDQ_RADIUS_MAX,
			"PDQ distance that counts; \"lists\" is each list's own" },

	{ "server", "address", SETTING_TEXT, AT(address), 1, 0, "to listen on" },
	{ "server", "port", SETTING_COUNT, AT(port), 0, 65535, "to listen on; 0 is any free one" },
	{ "server", "body_max", SETTING_BYTES, AT(body_max), KIB, 64 * TIB, "of one request" },
	{ "server", "request_time", SETTING_TIME, AT(request_ms), 100, HOUR_MS,
			"in which a request is answered or refused" },
	{ "server", "connections_max", SETTING_COUNT, AT(connections_max), 1, 65536, "at once" },
	{ "server", "workers", SETTING_COUNT, AT(workers), 0, 1024,
			"scans at once; 0 is one a processor" },
	{ "server", "queue_max", SETTING_COUNT, AT(queue_max), 0, 1000000,
			"scans that may wait before requests are refused" },
	{ "server", "drain_time", SETTING_TIME, AT(drain_ms), 0, HOUR_MS,
			"for what runs when the service is asked to stop" },
	{ "server", "certificate", SETTING_TEXT, AT(certificate), 0, 0,
			"PEM file; with private_key the service speaks HTTPS" },
	{ "server", "private_key", SETTING_TEXT, AT(private_key), 0, 0, "PEM file" },
	{ "server", "refresh_time", SETTING_TIME, AT(refresh_ms), 50, HOUR_MS,
			"how often lists and keys are looked at for changes" },

	{ "fetch", "enabled", SETTING_SWITCH, AT(fetch), 0, 1,
			"may the service fetch a url= it is given (never from private addresses)" },
	{ "fetch", "bytes_max", SETTING_BYTES, AT(fetch_bytes_max), KIB, 64 * TIB,
			"of one fetched file" },
	{ "fetch", "time_max", SETTING_TIME, AT(fetch_ms), 100, HOUR_MS, "for one fetch" },
	{ "fetch", "redirects_max", SETTING_COUNT, AT(fetch_redirects_max), 0, 20,
			"that are followed" },

	{ "exposure", "items", SETTING_COUNT, AT(exposure_items), 0, 10000,
			"that one person may see clear in a day" },
	{ "exposure", "time", SETTING_TIME, AT(exposure_ms), 0, 24 * HOUR_MS,
			"that one person may look at something clear in a day" },
	{ "exposure", "severe", SETTING_COUNT, AT(exposure_severe), 0, 10000,
			"severe items of these" },
	{ "exposure", "warn_percent", SETTING_COUNT, AT(exposure_warn_percent), 1, 100,
			"of any of the three, from which a person is told" },
	{ "exposure", "raise_percent", SETTING_COUNT, AT(exposure_raise_percent), 0, 100,
			"of each that a supervisor may add, once a day" },
	{ "exposure", "severe_row", SETTING_COUNT, AT(exposure_severe_row), 1, 1000,
			"severe items that may come one behind the other" },
	{ "exposure", "shift_end", SETTING_TIME, AT(exposure_shift_end_ms), 0, 24 * HOUR_MS,
			"before the end of a shift, without severe items" },
	{ "exposure", "break_every", SETTING_TIME, AT(exposure_break_every_ms), 60000, 24 * HOUR_MS,
			"of work, then a break is asked for" },
	{ "exposure", "break_least", SETTING_TIME, AT(exposure_break_least_ms), 1000, 24 * HOUR_MS,
			"without looking that counts as a break" },
	{ "exposure", "view_time", SETTING_TIME, AT(exposure_view_ms), 1000, HOUR_MS,
			"that a clear view lasts before it is asked for again" },
	{ "exposure", "shadow_days", SETTING_COUNT, AT(exposure_shadow_days), 0, 365,
			"of a new person's work, with mosaics only" },
	{ "exposure", "ramp_days", SETTING_COUNT, AT(exposure_ramp_days), 0, 365,
			"from which on a new person's budget is whole" },
	{ "exposure", "ramp_percent", SETTING_COUNT, AT(exposure_ramp_percent), 1, 100,
			"of the budget on the first day behind the mosaics" },
	{ "exposure", "day_start", SETTING_TIME, AT(exposure_day_start_ms), 0, 24 * HOUR_MS - 1000,
			"after midnight UTC, when a day begins" },
	{ "exposure", "keep_days", SETTING_COUNT, AT(exposure_keep_days), 1, 36500,
			"for which it is kept who looked at what" },

	{ "store", "place", SETTING_TEXT, AT(store_place), 1, 0,
			"a file, or postgresql://USER@HOST/DATABASE" },
	{ "store", "readers", SETTING_COUNT, AT(store_readers), 1, 256,
			"that read at once; one more waits" },

	{ "cybertip", "production", SETTING_SWITCH, AT(cybertip_production), 0, 1,
			"are reports to NCMEC real; the account must be tagged so, too" },
	{ "cybertip", "credentials", SETTING_TEXT, AT(cybertip_credentials), 1, 0,
			"the file of the account at NCMEC, from the workspace" },
	{ "cybertip", "url", SETTING_TEXT, AT(cybertip_url), 0, 0,
			"another address than NCMEC's own; for tests, never production" },
	{ "cybertip", "email", SETTING_TEXT, AT(cybertip_email), 0, 0,
			"of who reports, in drafts that wardd begins" },
	{ "cybertip", "send", SETTING_SWITCH, AT(cybertip_send), 0, 1,
			"does wardd send approved reports of jobs" },

	{ "people", "origin", SETTING_TEXT, AT(people_origin), 0, 0,
			"https://HOST that people's browsers call; without it, this machine "
			"alone" },
	{ "people", "site", SETTING_TEXT, AT(people_site), 1, 0,
			"what people's devices call this installation" },
	{ "people", "idle_time", SETTING_TIME, AT(people_idle_ms), 60000, 24 * HOUR_MS,
			"in which a session that is not used is over" },
	{ "people", "session_time", SETTING_TIME, AT(people_session_ms), 300000, 168 * HOUR_MS,
			"in which a session is over in any case" },
	{ "people", "forget_time", SETTING_TIME, AT(people_forget_ms), 24 * HOUR_MS,
			100000 * HOUR_MS,
			"after which the name of somebody who left is forgotten" },
	{ "oidc", "issuer", SETTING_TEXT, AT(oidc_issuer), 0, 0,
			"https://HOST of the OpenID Connect provider people may log in through; "
			"\"\" is none" },
	{ "oidc", "client_id", SETTING_TEXT, AT(oidc_client_id), 0, 0,
			"what the provider calls ward" },
	{ "oidc", "secret_file", SETTING_TEXT, AT(oidc_secret_file), 1, 0,
			"the file of the client's secret, from the workspace; mode 0600" },
	{ "oidc", "name", SETTING_TEXT, AT(oidc_name), 1, 0, "what people call the provider" },
	{ "oidc", "trust_second_factor", SETTING_SWITCH, AT(oidc_trust_second_factor), 0, 1,
			"is a second factor at the provider enough; else ward asks for its own" },
	{ "oidc", "acr", SETTING_TEXT, AT(oidc_acr), 0, 0,
			"words of acr, with blanks between, that say a second factor was asked" },
	{ "oidc", "amr", SETTING_TEXT, AT(oidc_amr), 0, 0, "words of amr that say so" },
	{ "oidc", "time_max", SETTING_TIME, AT(oidc_ms), 100, 30000,
			"for each question to the provider" },
	{ "oidc", "clock_skew", SETTING_TIME, AT(oidc_skew_ms), 0, 300000,
			"that the provider's clock may lie apart from ours" },
	{ "intake", "maildir", SETTING_TEXT, AT(maildir), 0, 0,
			"mails in it are reports; wardd takes them" },
	{ "intake", "scans", SETTING_SWITCH, AT(intake_scans), 0, 1,
			"do scans whose rule names a queue become reports" },
	{ "intake", "scans_closed", SETTING_SWITCH, AT(intake_scans_closed), 0, 1,
			"is a verdict refused (503) whose report cannot be kept" },
	{ "portal", "listen", SETTING_TEXT, AT(portal_listen), 0, 0,
			"address and port of the public's pages; \"\" is none" },
	{ "portal", "operator", SETTING_TEXT, AT(portal_operator), 0, 0,
			"who runs it, as the pages say" },
	{ "portal", "leave", SETTING_TEXT, AT(portal_leave), 1, 0, "where the quick exit leads" },
	{ "portal", "helplines", SETTING_TEXT, AT(portal_helplines), 0, 0,
			"a file of helplines in place of the built-in ones" },
	{ "portal", "files", SETTING_TEXT, AT(portal_files), 0, 0,
			"a folder with stop.js and pdq.wasm; \"\" is the installed one" },
	{ "portal", "reports", SETTING_SWITCH, AT(portal_reports), 0, 1,
			"are reports taken; without them the vault needs no keys" },
	{ "portal", "reports_per_minute", SETTING_COUNT, AT(portal_reports_per_minute), 1, 100000,
			"of all people together; ten minutes' worth may come at once" },
	{ "portal", "connections_max", SETTING_COUNT, AT(portal_connections_max), 1, 65536,
			"at once" },
	{ "portal", "block", SETTING_SWITCH, AT(portal_block), 0, 1,
			"is a name that leads to it and is not its own told to be blocked" },
	{ "portal", "address", SETTING_TEXT, AT(portal_address), 0, 0,
			"its own, as people write it; block needs it" },
	{ "portal", "contact", SETTING_TEXT, AT(portal_contact), 0, 0,
			"of the network's operator, on block pages" },
	{ "portal", "authority", SETTING_TEXT, AT(portal_authority), 0, 0,
			"whom to ask about blocks that a law orders" },
	{ "portal", "country", SETTING_TEXT, AT(portal_country), 0, 2,
			"whose helplines block pages show" },
	{ "portal", "stop_page", SETTING_TEXT, AT(portal_stop_page), 0, 0,
			"a file of words for listed abuse in place of the built-in ones" },
	{ "network", "profile", SETTING_TEXT, AT(network_profile), 1, 0,
			"of who is in no group: child, teen, adult, or one of a profile { }" },
	{ "network", "terms", SETTING_TEXT, AT(network_terms), 0, 0,
			"compiled lists of terms for pages; \"\" is none" },
	{ "network", "status_451", SETTING_SWITCH, AT(network_status_451), 0, 1,
			"does a page that is blocked by order say 451 instead of 403" },
	{ "network", "safe_search", SETTING_SWITCH, AT(network_safe_search), 0, 1,
			"are search engines asked in their safe mode" },
	{ "network", "least", SETTING_COUNT, AT(network_least), 2, 16,
			"clients in a day, from which a blocked host is told by name" },
	{ "icap", "listen", SETTING_TEXT, AT(icap_listen), 0, 0,
			"address and port for proxies; \"\" is none" },
	{ "icap", "threads", SETTING_COUNT, AT(icap_threads), 1, 64, "that speak with proxies" },
	{ "icap", "connections_max", SETTING_COUNT, AT(icap_connections_max), 1, 1000000,
			"at once" },
	{ "icap", "requests_open", SETTING_SWITCH, AT(icap_requests_open), 0, 1,
			"does a request pass that could not be judged" },
	{ "icap", "answers_open", SETTING_SWITCH, AT(icap_answers_open), 0, 1,
			"does an answer pass that could not be looked at" },
	{ "icap", "pages", SETTING_SWITCH, AT(icap_pages), 0, 1, "are pages' words looked at" },
	{ "icap", "pictures", SETTING_SWITCH, AT(icap_pictures), 0, 1,
			"are pictures scanned as uploads are" },
	{ "icap", "body_max", SETTING_BYTES, AT(icap_body_max), KIB, 64 * GIB,
			"of one body that is looked at" },
	{ "icap", "large_open", SETTING_SWITCH, AT(icap_large_open), 0, 1,
			"do larger bodies pass unseen" },
	{ "icap", "wait", SETTING_TIME, AT(icap_wait_ms), 100, HOUR_MS, "for one look" },
	{ "dns", "cdb", SETTING_TEXT, AT(dns_cdb), 0, 0,
			"file for dnsdist, kept current; \"\" is none" },
	{ "dns", "rpz", SETTING_TEXT, AT(dns_rpz), 0, 0,
			"zone file for other resolvers, kept current; \"\" is none" },
	{ "dns", "zone", SETTING_TEXT, AT(dns_zone), 1, 0, "name of that zone" },
	{ "dns", "page", SETTING_TEXT, AT(dns_page), 0, 0,
			"addresses of the block page; \"\": there is no such name" },
	{ "dns", "steer", SETTING_TEXT, AT(dns_steer), 0, 0,
			"addresses of the proxy, for hosts with a listed page" },
};

enum { ROWS = sizeof(table) / sizeof(*table) };

struct settings settings_default(void)
{
	return (struct settings){
		.limits = ward_limits_default(),
		.borders = true,
		.archives = true,
		.videos = true,
		.texts = true,
		.video_ms = 10 * 60 * 1000,
		.radius = -1,
		.address = "127.0.0.1",
		.port = 8750,
		.body_max = 100 * MIB,
		.request_ms = 30000,
		.connections_max = 256,
		.queue_max = 256,
		.drain_ms = 10000,
		.refresh_ms = 1000,
		.fetch_bytes_max = 100 * MIB,
		.fetch_ms = 20000,
		.fetch_redirects_max = 5,
		.exposure_items = 60,
		.exposure_ms = 20 * 60000,
		.exposure_severe = 15,
		.exposure_warn_percent = 80,
		.exposure_raise_percent = 50,
		.exposure_severe_row = 3,
		.exposure_shift_end_ms = HOUR_MS,
		.exposure_break_every_ms = 45 * 60000,
		.exposure_break_least_ms = 5 * 60000,
		.exposure_view_ms = 60000,
		.exposure_shadow_days = 3,
		.exposure_ramp_days = 14,
		.exposure_ramp_percent = 25,
		.exposure_keep_days = 400,
		.store_place = "ward.db",
		.portal_leave = "https://www.wikipedia.org/",
		.portal_reports = true,
		.portal_reports_per_minute = 60,
		.portal_connections_max = 512,
		.network_profile = "adult",
		.network_least = 5,
		.icap_threads = 2,
		.icap_connections_max = 16384,
		.icap_pages = true,
		.icap_pictures = true,
		.icap_body_max = 20 * MIB,
		.icap_large_open = true,
		.icap_wait_ms = 10000,
		.dns_zone = "rpz.ward",
		.store_readers = 4,
		.cybertip_credentials = "keys/cybertip.json",
		.cybertip_send = true,
		.intake_scans = true,
		.people_site = "ward",
		.oidc_secret_file = "keys/oidc.secret",
		.oidc_name = "Single sign-on",
		.oidc_amr = "mfa",
		.oidc_ms = 5000,
		.oidc_skew_ms = 60000,
		.people_idle_ms = 30 * 60000,
		.people_session_ms = 12 * HOUR_MS,
		.people_forget_ms = 90 * 24 * HOUR_MS,
	};
}

/* ---- the nearest name ---- */

enum { NAME_MAX_LEN = 32 };

/* How many letters must be changed, added or taken away. */
static size_t letters_apart(ward_str a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1];
	size_t len = strlen(b);

	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t best = corner + (a.ptr[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = row[j];
			row[j] = best;
		}
	}
	return row[len];
}

const char *settings_nearest(ward_str name, const char *const *names, size_t count)
{
	size_t best = (name.len + 2) / 3 + 1;
	const char *nearest = NULL;

	if (name.len > NAME_MAX_LEN)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t apart = strlen(names[i]) > NAME_MAX_LEN ? best
							       : letters_apart(name, names[i]);

		if (apart < best) {
			best = apart;
			nearest = names[i];
		}
	}
	return nearest;
}

/* ---- one value ---- */

struct unit {
	const char *name;
	uint64_t times;
};

/* As in UCL: k is 1000 and kb is 1024. */
static const struct unit units_bytes[] = {
	{ "", 1 },
	{ "b", 1 },
	{ "k", 1000 },
	{ "KB", KIB },
	{ "m", 1000000 },
	{ "MB", MIB },
	{ "g", 1000000000 },
	{ "GB", GIB },
	{ "t", 1000000000000 },
	{ "TB", TIB },
	{ NULL, 0 },
};
static const struct unit units_time[] = {
	{ "ms", 1 },
	{ "", 1000 },
	{ "s", 1000 },
	{ "min", 60000 },
	{ "h", HOUR_MS },
	{ "d", 24 * HOUR_MS },
	{ NULL, 0 },
};
static const struct unit units_count[] = {
	{ "", 1 },
	{ "k", 1000 },
	{ "m", 1000000 },
	{ "g", 1000000000 },
	{ NULL, 0 },
};

static const struct unit *units_of(enum setting_type type)
{
	return type == SETTING_BYTES  ? units_bytes
	       : type == SETTING_TIME ? units_time
				      : units_count;
}

/* A whole number and a unit, with or without a blank between them. */
static bool parse_amount(ward_str text, const struct unit *units, uint64_t *value)
{
	ward_str digits = text;

	digits.len = 0;
	while (digits.len < text.len && text.ptr[digits.len] >= '0' && text.ptr[digits.len] <= '9')
		digits.len++;
	ward_str name = ward_str_trim((ward_str){ text.ptr + digits.len, text.len - digits.len });
	uint64_t number;

	if (!ward_u64_parse(digits, &number))
		return false;
	for (const struct unit *unit = units; unit->name; unit++) {
		if (ward_str_eq_nocase(name, ward_str_from(unit->name)))
			return !ckd_mul(value, number, unit->times);
	}
	return false;
}

/* The largest unit that writes the amount in whole numbers; a thousand reads best without one. */
static void format_amount(uint64_t value, const struct unit *units, char *out, size_t room)
{
	const struct unit *best = NULL;

	for (const struct unit *unit = units; unit->name; unit++) {
		bool exact = value % unit->times == 0 &&
			     (units != units_count || unit->times != 1000);

		if (exact && (!best || unit->times > best->times ||
					     (unit->times == best->times && unit->name[0])))
			best = unit;
	}
	if (value == 0 || !best)
		snprintf(out, room, "%" PRIu64, value);
	else
		snprintf(out, room, "%" PRIu64 "%s", value / best->times, best->name);
}

static bool parse_switch(ward_str text, uint64_t *value)
{
	static const char *const words[] = { "no", "off", "false", "yes", "on", "true" };

	for (uint64_t i = 0; i < 6; i++) {
		if (ward_str_eq_nocase(text, ward_str_from(words[i]))) {
			*value = i >= 3;
			return true;
		}
	}
	return false;
}

bool settings_amount(ward_str text, enum settings_unit unit, uint64_t *value)
{
	switch (unit) {
	case SETTINGS_SWITCH:
		return parse_switch(text, value);
	case SETTINGS_BYTES:
		return parse_amount(text, units_of(SETTING_BYTES), value);
	case SETTINGS_MS:
		return parse_amount(text, units_of(SETTING_TIME), value);
	case SETTINGS_COUNT:
		break;
	}
	return parse_amount(text, units_of(SETTING_COUNT), value);
}

static void format_bounds(const struct setting *row, char *out, size_t room)
{
	char min[32], max[32];

	format_amount(row->min, units_of(row->type), min, sizeof(min));
	format_amount(row->max, units_of(row->type), max, sizeof(max));
	out[0] = '\0';
	if (row->type == SETTING_SWITCH)
		snprintf(out, room, "yes or no");
	else if (row->type == SETTING_RADIUS)
		snprintf(out, room, "%s to %s, or \"lists\"", min, max);
	else if (row->type != SETTING_TEXT)
		snprintf(out, room, "%s to %s", min, max);
}

static void set_number(struct settings *settings, const struct setting *row, uint64_t value)
{
	char *at = (char *)settings + row->at;

	if (row->type == SETTING_SWITCH)
		memcpy(at, &(bool){ value != 0 }, sizeof(bool));
	else if (row->type == SETTING_RADIUS)
		memcpy(at, &(int){ (int)value }, sizeof(int));
	else if (row->size == sizeof(uint64_t))
		memcpy(at, &value, sizeof(value));
	else if (row->size == sizeof(uint32_t))
		memcpy(at, &(uint32_t){ (uint32_t)value }, sizeof(uint32_t));
	else
		memcpy(at, &(uint16_t){ (uint16_t)value }, sizeof(uint16_t));
}

static uint64_t get_number(const struct settings *settings, const struct setting *row)
{
	const char *at = (const char *)settings + row->at;
	uint64_t eight = 0;
	uint32_t four = 0;
	uint16_t two = 0;
	bool one = false;

	if (row->type == SETTING_SWITCH)
		memcpy(&one, at, sizeof(one));
	else if (row->size == sizeof(eight))
		memcpy(&eight, at, sizeof(eight));
	else if (row->size == sizeof(four))
		memcpy(&four, at, sizeof(four));
	else
		memcpy(&two, at, sizeof(two));
	return eight + four + two + one;
}

static ward_err set_text(struct settings *settings, const struct setting *row,
		const struct conf_node *node, struct ward_error *error)
{
	char *at = (char *)settings + row->at;

	if (node->value.len >= row->size || memchr(node->value.ptr, '\0', node->value.len))
		return conf_fail(node, error, "%s.%s is a text of at most %zu bytes", row->section,
				row->name, row->size - 1);
	if (node->value.len < row->min)
		return conf_fail(node, error, "%s.%s cannot be empty", row->section, row->name);
	memcpy(at, node->value.ptr, node->value.len);
	at[node->value.len] = '\0';
	return WARD_OK;
}

static ward_err set_value(struct settings *settings, const struct setting *row,
		const struct conf_node *node, struct ward_error *error)
{
	char bounds[80];
	uint64_t value;
	bool good;

	if (node->kind != CONF_VALUE)
		return conf_fail(node, error, "%s.%s is a value, not a section", row->section,
				row->name);
	if (row->type == SETTING_TEXT)
		return set_text(settings, row, node, error);
	if (row->type == SETTING_RADIUS && ward_str_eq_nocase(node->value, WARD_STR("lists"))) {
		settings->radius = -1;
		return WARD_OK;
	}
	good = row->type == SETTING_SWITCH ? parse_switch(node->value, &value)
					   : parse_amount(node->value, units_of(row->type), &value);
	if (!good || value < row->min || value > row->max) {
		format_bounds(row, bounds, sizeof(bounds));
		return conf_fail(node, error, "%s.%s wants %s", row->section, row->name, bounds);
	}
	set_number(settings, row, value);
	return WARD_OK;
}

/* ---- the tree ---- */

/* Collects the names of one section, or of all sections (each once). */
static size_t names_of(const char *section, const char *names[ROWS])
{
	size_t count = 0;

	for (size_t i = 0; i < ROWS; i++) {
		if (section && strcmp(table[i].section, section) == 0)
			names[count++] = table[i].name;
		else if (!section &&
				(i == 0 || strcmp(table[i].section, table[i - 1].section) != 0))
			names[count++] = table[i].section;
	}
	return count;
}

static ward_err unknown(const struct conf_node *node, const char *section, struct ward_error *error)
{
	const char *names[ROWS + 4];
	size_t count = names_of(section, names);

	if (!section) {
		names[count++] = "rule";
		names[count++] = "site_rule";
		names[count++] = "group";
		names[count++] = "profile";
	}
	const char *nearest = settings_nearest(node->name, names, count);

	return conf_fail(node, error, "there is no %s of this name%s%s%s%s%s",
			section ? "setting" : "section", section ? " in " : "",
			section ? section : "", nearest ? "; is it \"" : "", nearest ? nearest : "",
			nearest ? "\"?" : "; \"man ward.conf\" has them all");
}

static ward_err read_section(const struct conf_node *section, const char *name,
		const struct conf_node *given[ROWS], struct settings *settings,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (const struct conf_node *node = section->child; node && !err; node = node->next) {
		size_t i = 0;

		while (i < ROWS && (strcmp(table[i].section, name) != 0 ||
						   !ward_str_eq(node->name,
								   ward_str_from(table[i].name))))
			i++;
		if (i == ROWS)
			return unknown(node, name, error);
		if (given[i])
			return conf_fail(node, error,
					"%s.%s is set a second time; the first is %s:%u", name,
					table[i].name, given[i]->file, given[i]->line);
		given[i] = node;
		err = set_value(settings, &table[i], node, error);
	}
	return err;
}

ward_err settings_read(const struct conf_node *first, struct settings *settings,
		struct ward_error *error)
{
	const struct conf_node *given[ROWS] = { NULL };
	struct settings read = *settings;
	const char *sections[ROWS];
	size_t count = names_of(NULL, sections);
	ward_err err = WARD_OK;

	for (const struct conf_node *node = first; node && !err; node = node->next) {
		size_t i = 0;

		if (ward_str_eq(node->name, WARD_STR("rule")) || network_is_section(node))
			continue;
		while (i < count && !ward_str_eq(node->name, ward_str_from(sections[i])))
			i++;
		if (i == count)
			return unknown(node, NULL, error);
		if (node->kind != CONF_SECTION || node->title.len > 0)
			return conf_fail(node, error, "%s is a section: %s { }", sections[i],
					sections[i]);
		err = read_section(node, sections[i], given, &read, error);
	}
	if (err)
		return err;
	if ((read.certificate[0] == '\0') != (read.private_key[0] == '\0'))
		return ward_fail(error, WARD_E_FORMAT,
				"server.certificate and server.private_key go together; set both "
				"or neither");
	*settings = read;
	return WARD_OK;
}

bool settings_row(size_t index, struct setting_words *words)
{
	struct settings defaults = settings_default();

	if (index >= ROWS)
		return false;
	const struct setting *row = &table[index];

	*words = (struct setting_words){ row->section, row->name, row->says, "", "" };
	if (row->type == SETTING_TEXT)
		snprintf(words->value, sizeof(words->value), "\"%s\"",
				(const char *)&defaults + row->at);
	else if (row->type == SETTING_SWITCH)
		snprintf(words->value, sizeof(words->value), "%s",
				get_number(&defaults, row) ? "yes" : "no");
	else if (row->type == SETTING_RADIUS)
		snprintf(words->value, sizeof(words->value), "lists");
	else
		format_amount(get_number(&defaults, row), units_of(row->type), words->value,
				sizeof(words->value));
	format_bounds(row, words->bounds, sizeof(words->bounds));
	return true;
}
