/*
 * ward site audit - entries that take down more than was meant, or nothing at all
 */
#include <inttypes.h>

#include "base/clock.h"
#include "bin/known.h"
#include "bin/scan_print.h"
#include "bin/sites.h"
#include "bin/sites_shared.h"

#define LINE_MAX_TEXT ((size_t)1 << 20)
#define WIDE_BITS_4   24
#define WIDE_BITS_6   48

struct auditing {
	const struct cli *cli;
	const struct sites_shared *shared;
	const struct ward_site_view *view;
	const struct ward_site_list *list;
	uint64_t found, number;
	int64_t now;
	struct ward_buf place, memory, line;
	/* Of the entry that is looked at. */
	struct ward_site_entry at;
	const struct ward_site_entry *entry; /* it; NULL: of the list as a whole */
	struct ward_site_hits hits;
	struct ward_site_cursor *other;
};

/* ---- telling ---- */

struct finding {
	const char *level; /* "grave", "warning", "note" */
	const char *what;  /* a short stable word */
	const char *says;
	const char *instead;
};

/* What is on a hidden list is told to nobody: its own id of the entry, or its place in the list. */
static ward_str name_of(struct auditing *a)
{
	ward_buf_clear(&a->place);
	if (!a->entry)
		ward_buf_str(&a->place, WARD_STR("(the list)"));
	else if (!ward_site_list_info(a->list)->hidden)
		ward_site_entry_write(a->entry, &a->place);
	else if (a->entry->ref.len > 0)
		ward_buf_printf(&a->place, "ref %.*s", WARD_FMT(a->entry->ref));
	else
		ward_buf_printf(&a->place, "entry %" PRIu64, a->number);
	return ward_buf_text(&a->place);
}

static void tell_json(struct auditing *a, const struct finding *finding)
{
	struct json json = json_to(&a->line);

	json_object(&json);
	json_key_text(&json, "list", ward_site_list_info(a->list)->name);
	json_key_text(&json, "level", finding->level);
	json_key_text(&json, "finding", finding->what);
	json_key_str(&json, "place", name_of(a));
	json_key_text(&json, "says", finding->says);
	json_key_text(&json, "instead", finding->instead);
	json_object_end(&json);
}

static void tell(struct auditing *a, const struct finding *finding)
{
	a->found++;
	if (cli_flag(a->cli, "json")) {
		tell_json(a, finding);
	} else {
		ward_buf_printf(&a->line, "%-7s  %s  ", finding->level,
				ward_site_list_info(a->list)->name);
		scan_print_text(&a->line, name_of(a));
		ward_buf_printf(&a->line, ": %s; %s", finding->says, finding->instead);
	}
	sites_put_line(&a->line);
}

/* ---- one entry by itself ---- */

static ward_str host_of(const struct ward_site_entry *entry)
{
	ward_str rest = entry->key;

	return ward_str_cut(&rest, '/');
}

static void check_shared(struct auditing *a)
{
	ward_str host = host_of(a->entry);
	ward_str kind = sites_shared_kind(a->shared, host);
	bool root = ward_str_eq(a->entry->key, host) ||
		    (a->entry->kind == WARD_SITE_PREFIX && a->entry->key.len == host.len + 1);
	char says[160];

	if (!root || a->entry->kind == WARD_SITE_PAGE || kind.len == 0)
		return;
	if (ward_str_eq(kind, WARD_STR("suffix"))) {
		tell(a, &(struct finding){ "grave", "public-suffix",
					"everything under a public suffix is taken down",
					"name the host or the pages that are meant" });
		return;
	}
	snprintf(says, sizeof(says), "many others live there (%.*s)", WARD_FMT(kind));
	tell(a, &(struct finding){ "grave", "shared-host", says,
				"name the pages that are meant, or what is below their path" });
}

static void check_network(struct auditing *a)
{
	struct ward_network network;
	unsigned wide, whole;

	if (!ward_network_read(a->entry->key, &network))
		return;
	wide = network.kind == WARD_HOST_IPV4 ? WIDE_BITS_4 : WIDE_BITS_6;
	whole = network.kind == WARD_HOST_IPV4 ? 32 : 128;
	if (network.bits < wide)
		tell(a, &(struct finding){ "grave", "wide-network",
					"a network of this size is shared by many",
					"name the addresses or pages that are meant" });
	else
		tell(a, &(struct finding){ network.bits < whole ? "warning" : "note", "address",
					"an address mostly serves many hosts, and changes hands",
					"name the host or the page, and let it expire" });
}

static void check_original(struct auditing *a)
{
	ward_str text = a->entry->original;
	const char *colon = text.len ? memchr(text.ptr, ':', text.len) : NULL;
	ward_str scheme = { text.ptr, colon ? (size_t)(colon - text.ptr) : 0 };
	bool has_scheme = colon && (size_t)(text.ptr + text.len - colon) > 3 &&
			  memcmp(colon, "://", 3) == 0;

	if (text.len > 0 && memchr(text.ptr, '#', text.len))
		tell(a, &(struct finding){ "warning", "fragment",
					"it was written with a fragment, which no browser sends: "
					"it "
					"holds the whole page",
					"see whether the page as a whole is meant" });
	if (has_scheme && !ward_str_eq_nocase(scheme, WARD_STR("http")) &&
			!ward_str_eq_nocase(scheme, WARD_STR("https")))
		tell(a, &(struct finding){ "note", "scheme",
					"it was written with a scheme that no web gateway sees",
					"take it off, unless the same page is on the web" });
}

static void check_name(struct auditing *a)
{
	ward_str host = host_of(a->entry);

	if (host.len > 0 && host.ptr[0] != '[' && !memchr(host.ptr, '.', host.len) &&
			!ward_host_is_suffix(host))
		tell(a, &(struct finding){ "note", "no-name",
					"a name of one label is asked for inside of a network "
					"alone",
					"write the full name" });
}

static void check_end(struct auditing *a)
{
	if (a->entry->expires != 0 && a->entry->expires <= a->now)
		tell(a, &(struct finding){ "note", "expired", "it has expired and holds nothing",
					"take it off, or look again and renew it" });
}

/* ---- one entry beside others ---- */

/* The link that an entry is itself. */
static bool ask(struct auditing *a)
{
	const struct ward_site_entry *entry = a->entry;
	struct ward_link link;

	a->hits.count = a->hits.total = 0;
	if (entry->kind == WARD_SITE_HASH)
		return false;
	if (entry->kind == WARD_SITE_NETWORK) {
		struct ward_network network;

		if (!ward_network_read(entry->key, &network))
			return false;
		ward_site_ask_host(a->view, entry->key, network.kind, network.address, a->now,
				&a->hits);
		return true;
	}
	if (ward_link_read(entry->key, WARD_LINK_LOOKUP, &a->memory, &link, NULL))
		return false;
	if (entry->kind == WARD_SITE_HOST || entry->kind == WARD_SITE_DOMAIN)
		ward_site_ask_host(a->view, link.host, link.host_kind, link.address, a->now,
				&a->hits);
	else
		ward_site_ask(a->view, &link, a->now, &a->hits);
	return true;
}

static bool network_covers(ward_str key, ward_str other)
{
	struct ward_network inner, outer;

	return ward_network_read(key, &inner) && ward_network_read(other, &outer) &&
	       outer.bits <= inner.bits && ward_network_has(&outer, inner.kind, inner.address);
}

/* Does all that the entry holds lie in that of the hit as well? */
static bool covers(struct auditing *a, const struct ward_site_hit *hit,
		const struct ward_site_entry *other)
{
	const struct ward_site_entry *entry = a->entry;

	if (hit->kind == entry->kind && ward_str_eq(other->key, entry->key))
		return hit->list != a->list;
	switch (entry->kind) {
	case WARD_SITE_PAGE:
		return hit->kind != WARD_SITE_HASH;
	case WARD_SITE_PREFIX:
		return hit->kind != WARD_SITE_PAGE && hit->kind != WARD_SITE_HASH;
	case WARD_SITE_HOST:
		return hit->kind == WARD_SITE_DOMAIN ||
		       (hit->kind == WARD_SITE_NETWORK && hit->list == a->list);
	case WARD_SITE_DOMAIN:
		return hit->kind == WARD_SITE_DOMAIN;
	case WARD_SITE_NETWORK:
		return hit->kind == WARD_SITE_NETWORK && network_covers(entry->key, other->key);
	case WARD_SITE_HASH:
	case WARD_SITE_KIND_COUNT:
		break;
	}
	return false;
}

static void tell_covered(struct auditing *a, const struct ward_site_entry *other)
{
	struct ward_buf text;
	char says[256];
	bool hidden = ward_site_list_info(a->list)->hidden;
	bool broad = a->entry->kind == WARD_SITE_PAGE || a->entry->kind == WARD_SITE_PREFIX;

	ward_buf_init(&text, LINE_MAX_TEXT);
	ward_site_entry_write(other, &text);
	snprintf(says, sizeof(says), "%s%.*s of the same list holds it already",
			hidden ? "a wider entry" : "",
			hidden ? 0 : (int)(text.len < 160 ? text.len : 160),
			ward_buf_text(&text).ptr);
	tell(a, &(struct finding){ broad ? "warning" : "note", "covered", says,
				broad ? "one of the two is not meant: the pages, or all of the site"
				      : "take it off" });
	ward_buf_free(&text);
}

/* An entry of the other sense that holds the same place. */
static void tell_contrary(struct auditing *a, const struct ward_site_hit *hit)
{
	char says[160];

	snprintf(says, sizeof(says), "the list %s says the opposite of it",
			ward_site_list_info(hit->list)->name);
	tell(a, &(struct finding){ "warning", "contrary", says,
				"see which of the two is right, and take the other off" });
}

static void check_others(struct auditing *a)
{
	ward_site_sense sense = ward_site_list_info(a->list)->sense;
	bool covered = false, contrary = false;

	if (!ask(a))
		return;
	for (size_t i = 0; i < a->hits.count; i++) {
		const struct ward_site_hit *hit = &a->hits.at[i];
		ward_site_sense other = ward_site_list_info(hit->list)->sense;
		struct ward_site_entry entry;

		if ((hit->list == a->list && covered) || (hit->list != a->list && contrary))
			continue;
		ward_site_hit_entry(hit, a->other, &entry);
		if (hit->list == a->list && covers(a, hit, &entry)) {
			covered = true;
			tell_covered(a, &entry);
		} else if (hit->list != a->list && sense != WARD_SITE_LOG &&
				other != WARD_SITE_LOG && other != sense) {
			contrary = true;
			tell_contrary(a, hit);
		}
	}
}

/* ---- lists ---- */

static void check_list(struct auditing *a)
{
	const struct ward_site_info *info = ward_site_list_info(a->list);

	a->entry = NULL;
	if (ward_site_info_has_expired(info, a->now))
		tell(a, &(struct finding){ "grave", "list-expired",
					"the whole list has expired and holds nothing",
					"bring a new version, or set another expiry" });
	else if (ward_site_info_is_stale(info, a->now))
		tell(a, &(struct finding){ "warning", "list-stale",
					"nothing has come of it for longer than it should take",
					"look whether its updates arrive" });
	if (!info->enabled)
		tell(a, &(struct finding){ "note", "list-off", "the list is switched off",
					"switch it on, or remove it" });
}

static void check_entry(struct auditing *a)
{
	if (a->entry->kind == WARD_SITE_NETWORK)
		check_network(a);
	else if (a->entry->kind != WARD_SITE_HASH) {
		check_shared(a);
		check_name(a);
	}
	check_original(a);
	check_end(a);
	check_others(a);
}

static ward_err audit_list(struct auditing *a, struct ward_error *error)
{
	struct ward_site_cursor *cursor = calloc(1, sizeof(*cursor));
	ward_err err;

	if (!cursor)
		return ward_fail(error, WARD_E_NOMEM, "no memory to go through a list");
	check_list(a);
	for (a->number = 0; ward_site_list_next(a->list, cursor, &a->at); a->number++) {
		a->entry = &a->at;
		check_entry(a);
	}
	err = ward_site_list_end(a->list, cursor, error);
	free(cursor);
	return err;
}

static ward_err audit_all(struct auditing *a, struct ward_error *error)
{
	const char *only = a->cli->arg_count > 0 ? a->cli->args[0] : NULL;
	bool any = !only;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < ward_site_view_lists(a->view) && !err; i++) {
		a->list = ward_site_view_list(a->view, i);
		if (only && strcmp(ward_site_list_info(a->list)->name, only) != 0)
			continue;
		any = true;
		err = audit_list(a, error);
	}
	if (!err && !any)
		err = ward_fail(error, WARD_E_NOT_FOUND,
				"there is no site list named %s; \"ward site ls\" shows them",
				only);
	return err;
}

static void tell_damaged(void *context, ward_str name, const struct ward_error *why)
{
	(void)cli_fail(context, "%.*s: %s", WARD_FMT(name), why->message);
}

static ward_err open_all(struct cli *cli, struct ward_site_view **view,
		struct sites_shared **shared, struct ward_error *error)
{
	struct workspace *workspace;
	ward_err err = known_workspace(cli, &workspace, error);

	if (err)
		return err;
	err = sites_shared_open(shared, error);
	if (!err)
		err = ward_site_view_open(workspace_sites(workspace), tell_damaged, cli, view,
				error);
	workspace_free(workspace);
	return err;
}

int sites_audit(struct cli *cli)
{
	struct auditing a = { .cli = cli, .now = clock_now() };
	struct ward_site_view *view = NULL;
	struct sites_shared *shared = NULL;
	struct ward_error error;
	ward_err err;

	if (cli->arg_count > 1)
		return cli_usage(cli, "one list, or none for all of them");
	err = open_all(cli, &view, &shared, &error);
	a.view = view;
	a.shared = shared;
	a.other = calloc(1, sizeof(*a.other));
	ward_buf_init(&a.place, LINE_MAX_TEXT);
	ward_buf_init(&a.memory, (size_t)4 * WARD_LINK_MAX);
	ward_buf_init(&a.line, LINE_MAX_TEXT);
	if (!err && !a.other)
		err = ward_fail(&error, WARD_E_NOMEM, "no memory to go through the lists");
	if (!err)
		err = audit_all(&a, &error);
	ward_buf_free(&a.place);
	ward_buf_free(&a.memory);
	ward_buf_free(&a.line);
	free(a.other);
	ward_site_view_free(view);
	sites_shared_free(shared);
	if (err)
		return cli_fail_error(cli, &error);
	return a.found > 0 ? CLI_FOUND : CLI_OK;
}
