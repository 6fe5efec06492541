#include "exchange/site_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "exchange/out.h"

struct writing {
	const struct ward_site_view *view;
	const struct exchange_site_dns *options;
	struct exchange_out out;
	struct exchange_site_written written;
	struct ward_buf text; /* of one entry */
	struct ward_buf link; /* of the place it is asked about as */
};

/* ---- names ---- */

typedef bool put_name(struct writing *writing, const struct exchange_site_name *name);

static bool put_hosts(struct writing *writing, const struct exchange_site_name *name)
{
	const struct exchange_site_dns *options = writing->options;
	bool page = options->answer == EXCHANGE_SITE_PAGE;
	const char *four = page ? options->page4 : "0.0.0.0", *six = page ? options->page6 : "::";

	if (name->action == EXCHANGE_SITE_STEERS) {
		four = options->steer4;
		six = options->steer6;
	} else if (name->action != EXCHANGE_SITE_BLOCKS) {
		return false;
	}
	if (four[0])
		exchange_out_printf(&writing->out, "%s %s\n", four, name->name);
	if (six[0])
		exchange_out_printf(&writing->out, "%s %s\n", six, name->name);
	return true;
}

/* "address=/name/" holds a name with all below it, and "/ *.name/" those below alone. */
static void dnsmasq_line(struct writing *writing, const char *star, const char *name,
		const char *address)
{
	exchange_out_printf(&writing->out, "address=/%s%s/%s\n", star, name, address);
}

static void dnsmasq_answer(struct writing *writing, const char *star, const char *name,
		const char *four, const char *six)
{
	if (four[0])
		dnsmasq_line(writing, star, name, four);
	if (six[0])
		dnsmasq_line(writing, star, name, six);
	if (!four[0] && !six[0])
		dnsmasq_line(writing, star, name, "");
}

static bool put_dnsmasq(struct writing *writing, const struct exchange_site_name *name)
{
	const struct exchange_site_dns *options = writing->options;
	bool page = options->answer == EXCHANGE_SITE_PAGE;
	const char *four = page ? options->page4 : "", *six = page ? options->page6 : "";

	switch (name->action) {
	case EXCHANGE_SITE_BLOCKS:
		dnsmasq_answer(writing, "", name->name, four, six);
		break;
	case EXCHANGE_SITE_STEERS:
		dnsmasq_answer(writing, "", name->name, options->steer4, options->steer6);
		break;
	case EXCHANGE_SITE_ALLOWS:
		exchange_out_printf(&writing->out, "server=/%s/#\n", name->name);
		/* What is below an exception of one name stays as it was. */
		if (!name->below)
			dnsmasq_answer(writing, "*.", name->name, four, six);
		return true;
	case EXCHANGE_SITE_SAFE:
		return false; /* a CNAME needs an address that dnsmasq knows */
	}
	if (!name->below)
		exchange_out_printf(&writing->out, "server=/*.%s/#\n", name->name);
	return true;
}

static void unbound_data(struct writing *writing, const char *name, const char *four,
		const char *six)
{
	unsigned ttl = writing->options->ttl ? writing->options->ttl : 60;

	if (four[0])
		exchange_out_printf(&writing->out, "local-data: \"%s. %u A %s\"\n", name, ttl,
				four);
	if (six[0])
		exchange_out_printf(&writing->out, "local-data: \"%s. %u AAAA %s\"\n", name, ttl,
				six);
}

static void unbound_zone(struct writing *writing, const char *name, const char *type)
{
	exchange_out_printf(&writing->out, "local-zone: \"%s.\" %s\n", name, type);
}

static bool unbound_block(struct writing *writing, const struct exchange_site_name *name)
{
	const struct exchange_site_dns *options = writing->options;
	bool page = options->answer == EXCHANGE_SITE_PAGE;

	if (name->below && !page) {
		unbound_zone(writing, name->name, "always_nxdomain");
		return true;
	}
	/* A name alone cannot be no such domain there: it gets the address of nothing. */
	unbound_zone(writing, name->name, name->below ? "redirect" : "transparent");
	unbound_data(writing, name->name, page ? options->page4 : "0.0.0.0",
			page ? options->page6 : "::");
	return true;
}

static bool put_unbound(struct writing *writing, const struct exchange_site_name *name)
{
	switch (name->action) {
	case EXCHANGE_SITE_BLOCKS:
		return unbound_block(writing, name);
	case EXCHANGE_SITE_STEERS:
		unbound_zone(writing, name->name, name->below ? "redirect" : "transparent");
		unbound_data(writing, name->name, writing->options->steer4,
				writing->options->steer6);
		return true;
	case EXCHANGE_SITE_ALLOWS:
		if (!name->below)
			return false; /* it would let through what is below it, too */
		unbound_zone(writing, name->name, "always_transparent");
		return true;
	case EXCHANGE_SITE_SAFE:
		break;
	}
	unbound_zone(writing, name->name, "redirect");
	exchange_out_printf(&writing->out, "local-data: \"%s. %u CNAME %.*s.\"\n", name->name,
			writing->options->ttl ? writing->options->ttl : 60, WARD_FMT(name->safe));
	return true;
}

static bool put_squid(struct writing *writing, const struct exchange_site_name *name)
{
	if (name->action == EXCHANGE_SITE_BLOCKS)
		exchange_out_printf(&writing->out, "%s%s\n", name->below ? "." : "", name->name);
	return name->action == EXCHANGE_SITE_BLOCKS;
}

/* A site there is always taken with those below it. */
static bool put_e2guardian(struct writing *writing, const struct exchange_site_name *name)
{
	if (name->action != EXCHANGE_SITE_BLOCKS || !name->below)
		return false;
	exchange_out_printf(&writing->out, "%s\n", name->name);
	return true;
}

static ward_err put_names(struct writing *writing, put_name *put, struct ward_error *error)
{
	struct exchange_site_names *names;
	struct exchange_site_name name;
	ward_err err = exchange_site_names_new(writing->view, writing->options, &names, error);

	if (err)
		return err;
	writing->written.left_out = exchange_site_names_left_out(names);
	for (size_t i = 0; i < exchange_site_names_count(names); i++) {
		exchange_site_names_at(names, i, &name);
		if (put(writing, &name))
			writing->written.names++;
		else
			writing->written.left_out++;
	}
	exchange_site_names_free(names);
	return WARD_OK;
}

/* ---- entries ---- */

typedef bool put_entry(struct writing *writing, const struct ward_site_list *list,
		const struct ward_site_entry *entry);

static void put_pattern(struct writing *writing, ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] && strchr("\\.[]{}()*+?^$|", text.ptr[i]))
			ward_buf_char(&writing->text, '\\');
		ward_buf_char(&writing->text, text.ptr[i]);
	}
}

static bool is_taken(const struct writing *writing, const struct ward_site_info *info)
{
	return info->enabled && (writing->options->hidden || !info->hidden) &&
	       (info->expires == 0 || info->expires > writing->options->now);
}

/* Does a hit allow all that the entry holds?  A page does not allow what is below it. */
static bool allows(const struct writing *writing, const struct ward_site_entry *entry,
		const struct ward_site_hit *hit)
{
	const struct ward_site_info *info = ward_site_list_info(hit->list);

	return info->sense == WARD_SITE_ALLOW && is_taken(writing, info) && hit->certain &&
	       (entry->kind == WARD_SITE_PAGE || hit->kind != WARD_SITE_PAGE);
}

/* A page, or what is below a path, that is to be blocked, and that no list allows. */
static bool blocks_path(struct writing *writing, const struct ward_site_list *list,
		const struct ward_site_entry *entry)
{
	const struct ward_site_info *info = ward_site_list_info(list);
	struct ward_site_hits hits;
	struct ward_link link;
	bool allowed = false;

	if ((entry->kind != WARD_SITE_PAGE && entry->kind != WARD_SITE_PREFIX) ||
			info->sense != WARD_SITE_BLOCK)
		return false;
	/* What cannot be asked about is blocked, as it is said. */
	if (info->mandatory ||
			ward_link_read(entry->key, WARD_LINK_LOOKUP, &writing->link, &link, NULL))
		return true;
	ward_site_ask(writing->view, &link, writing->options->now, &hits);
	for (size_t i = 0; i < hits.count && !allowed; i++)
		allowed = allows(writing, entry, &hits.at[i]);
	return !allowed;
}

static bool put_squid_url(struct writing *writing, const struct ward_site_list *list,
		const struct ward_site_entry *entry)
{
	ward_str path = entry->key, host = ward_str_cut(&path, '/');
	bool page = entry->kind == WARD_SITE_PAGE;

	if (!blocks_path(writing, list, entry))
		return false;
	/* The pattern of a prefix ends where a part of the path does. */
	if (!page && ward_str_ends(path, WARD_STR("/")))
		path.len--;
	ward_buf_clear(&writing->text);
	ward_buf_str(&writing->text, WARD_STR("^https?://"));
	put_pattern(writing, host);
	ward_buf_str(&writing->text, WARD_STR("(:[0-9]+)?/"));
	put_pattern(writing, path);
	ward_buf_str(&writing->text, !page ? (path.len ? WARD_STR("([/?]|$)") : WARD_STR(""))
				     : path.len && memchr(path.ptr, '?', path.len)
						     ? WARD_STR("$")
						     : WARD_STR("([?].*)?$"));
	ward_buf_char(&writing->text, '\n');
	exchange_out_str(&writing->out, ward_buf_text(&writing->text));
	return true;
}

/* A link there is taken with what is below it. */
static bool put_e2guardian_url(struct writing *writing, const struct ward_site_list *list,
		const struct ward_site_entry *entry)
{
	ward_str key = entry->key;

	if (!blocks_path(writing, list, entry))
		return false;
	while (ward_str_ends(key, WARD_STR("/")))
		key.len--;
	/* The whole host would be taken for its front page. */
	if (!memchr(key.ptr, '/', key.len))
		return false;
	exchange_out_printf(&writing->out, "%.*s\n", WARD_FMT(key));
	return true;
}

static void nft_element(struct writing *writing, const char *set, ward_host_kind kind, ward_str key)
{
	exchange_out_printf(&writing->out, "add element inet ward %s%c { %.*s }\n", set,
			kind == WARD_HOST_IPV4 ? '4' : '6', WARD_FMT(key));
}

/* What the law closes is in two sets: rules look at the one before what is allowed. */
static bool put_nft(struct writing *writing, const struct ward_site_list *list,
		const struct ward_site_entry *entry)
{
	const struct ward_site_info *info = ward_site_list_info(list);
	struct ward_network network;
	bool block = info->sense == WARD_SITE_BLOCK;

	if (entry->kind != WARD_SITE_NETWORK || info->sense == WARD_SITE_LOG ||
			!ward_network_read(entry->key, &network))
		return false;
	nft_element(writing, block ? "block" : "allow", network.kind, entry->key);
	if (block && info->mandatory)
		nft_element(writing, "order", network.kind, entry->key);
	return true;
}

/* Loaded in one go; the rules that use the sets are the operator's and stay. */
static void begin_nft(struct writing *writing)
{
	static const char *const sets[] = { "block4", "block6", "allow4", "allow6", "order4",
		"order6" };

	exchange_out_text(&writing->out, "add table inet ward\n");
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		exchange_out_printf(&writing->out,
				"add set inet ward %s { type ipv%c_addr; flags interval; "
				"auto-merge; "
				"}\nflush set inet ward %s\n",
				sets[i], sets[i][5], sets[i]);
}

static void key_str(struct json *json, const char *name, ward_str text)
{
	if (text.len > 0)
		json_key_str(json, name, text);
}

static ward_str or_list(ward_str own, const char *lists)
{
	return own.len > 0 ? own : ward_str_from(lists);
}

static bool put_json(struct writing *writing, const struct ward_site_list *list,
		const struct ward_site_entry *entry)
{
	const struct ward_site_info *info = ward_site_list_info(list);
	struct ward_buf place;
	struct json json;
	char when[CLOCK_TEXT_MAX];

	ward_buf_init(&place, 4 * (size_t)WARD_LINK_MAX);
	ward_site_entry_write(entry, &place);
	ward_buf_clear(&writing->text);
	json = json_to(&writing->text);
	json_object(&json);
	json_key_str(&json, "entry", ward_buf_text(&place));
	json_key_text(&json, "kind", ward_site_kind_name(entry->kind));
	json_key_text(&json, "list", info->name);
	json_key_text(&json, "sense", ward_site_sense_name(info->sense));
	key_str(&json, "category", or_list(entry->category, info->category));
	key_str(&json, "class", or_list(entry->class_code, info->class_code));
	key_str(&json, "reason", entry->reason);
	key_str(&json, "ref", entry->ref);
	key_str(&json, "original", entry->original);
	if (entry->expires)
		json_key_text(&json, "expires", clock_format(entry->expires, when));
	json_object_end(&json);
	ward_buf_char(&writing->text, '\n');
	exchange_out_str(&writing->out, ward_buf_text(&writing->text));
	ward_buf_free(&place);
	return true;
}

static void put_cell(struct writing *writing, ward_str cell, char behind)
{
	bool quoted = false;

	/* A cell that begins so is a formula to spreadsheets. */
	if (cell.len > 0 && strchr("+-@", cell.ptr[0]))
		quoted = true;
	for (size_t i = 0; i < cell.len; i++)
		quoted = quoted || strchr(",\"\r\n;", cell.ptr[i]);
	if (quoted)
		ward_buf_char(&writing->text, '"');
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] == '"')
			ward_buf_char(&writing->text, '"');
		ward_buf_char(&writing->text, cell.ptr[i] == '\n' ? ' ' : cell.ptr[i]);
	}
	if (quoted)
		ward_buf_char(&writing->text, '"');
	ward_buf_char(&writing->text, behind);
}

static bool put_csv(struct writing *writing, const struct ward_site_list *list,
		const struct ward_site_entry *entry)
{
	const struct ward_site_info *info = ward_site_list_info(list);
	struct ward_buf place;
	char when[CLOCK_TEXT_MAX] = "";

	ward_buf_init(&place, 4 * (size_t)WARD_LINK_MAX);
	ward_site_entry_write(entry, &place);
	if (entry->expires)
		clock_format(entry->expires, when);
	ward_buf_clear(&writing->text);
	put_cell(writing, ward_buf_text(&place), ',');
	put_cell(writing, or_list(entry->category, info->category), ',');
	put_cell(writing, or_list(entry->class_code, info->class_code), ',');
	put_cell(writing, ward_str_from(when), ',');
	put_cell(writing, entry->ref, ',');
	put_cell(writing, entry->reason, ',');
	put_cell(writing, ward_str_from(info->name), '\n');
	exchange_out_str(&writing->out, ward_buf_text(&writing->text));
	ward_buf_free(&place);
	return true;
}

static bool put_line(struct writing *writing, const struct ward_site_list *list,
		const struct ward_site_entry *entry)
{
	(void)list;
	ward_buf_clear(&writing->text);
	ward_site_entry_write(entry, &writing->text);
	ward_buf_char(&writing->text, '\n');
	exchange_out_str(&writing->out, ward_buf_text(&writing->text));
	return true;
}

static ward_err put_entries(struct writing *writing, put_entry *put, struct ward_error *error)
{
	struct ward_site_cursor *cursor = calloc(1, sizeof(*cursor));
	struct ward_site_entry entry;
	ward_err err = WARD_OK;

	if (!cursor)
		return ward_fail(error, WARD_E_NOMEM, "no memory for an entry");
	for (size_t i = 0; i < ward_site_view_lists(writing->view) && !err; i++) {
		const struct ward_site_list *list = ward_site_view_list(writing->view, i);

		if (!is_taken(writing, ward_site_list_info(list)))
			continue;
		memset(cursor, 0, sizeof(*cursor));
		while (ward_site_list_next(list, cursor, &entry)) {
			if (entry.expires != 0 && entry.expires <= writing->options->now)
				continue;
			if (put(writing, list, &entry))
				writing->written.names++;
			else
				writing->written.left_out++;
		}
		err = ward_site_list_end(list, cursor, error);
	}
	free(cursor);
	return err;
}

/* ---- formats ---- */

static void begin_csv(struct writing *writing)
{
	exchange_out_text(&writing->out, "entry,category,class,expires,ref,reason,list\n");
}

static void begin_unbound(struct writing *writing)
{
	exchange_out_text(&writing->out, "server:\n");
}

static const struct {
	const char *name;
	put_name *names;
	put_entry *entries;
	void (*begin)(struct writing *writing);
	bool machines;
} outputs[EXCHANGE_SITE_OUT_COUNT] = {
	[EXCHANGE_SITE_OUT_CDB] = { "cdb", NULL, NULL, NULL, true },
	[EXCHANGE_SITE_OUT_RPZ] = { "rpz", NULL, NULL, NULL, true },
	[EXCHANGE_SITE_OUT_HOSTS] = { "hosts", put_hosts, NULL, NULL, true },
	[EXCHANGE_SITE_OUT_DNSMASQ] = { "dnsmasq", put_dnsmasq, NULL, NULL, true },
	[EXCHANGE_SITE_OUT_UNBOUND] = { "unbound", put_unbound, NULL, begin_unbound, true },
	[EXCHANGE_SITE_OUT_SQUID] = { "squid", put_squid, NULL, NULL, true },
	[EXCHANGE_SITE_OUT_E2GUARDIAN] = { "e2guardian", put_e2guardian, NULL, NULL, true },
	[EXCHANGE_SITE_OUT_SQUID_URLS] = { "squid-urls", NULL, put_squid_url, NULL, true },
	[EXCHANGE_SITE_OUT_E2GUARDIAN_URLS] = { "e2guardian-urls", NULL, put_e2guardian_url, NULL,
			true },
	[EXCHANGE_SITE_OUT_NFT] = { "nft", NULL, put_nft, begin_nft, true },
	[EXCHANGE_SITE_OUT_JSON] = { "json", NULL, put_json, NULL, false },
	[EXCHANGE_SITE_OUT_CSV] = { "csv", NULL, put_csv, begin_csv, false },
	[EXCHANGE_SITE_OUT_LINES] = { "lines", NULL, put_line, NULL, false },
};

const char *exchange_site_output_name(enum exchange_site_output output)
{
	return output < EXCHANGE_SITE_OUT_COUNT ? outputs[output].name : "?";
}

enum exchange_site_output exchange_site_output_from(ward_str name)
{
	int output = 0;

	while (output < EXCHANGE_SITE_OUT_COUNT &&
			!ward_str_eq(name, ward_str_from(outputs[output].name)))
		output++;
	return (enum exchange_site_output)output;
}

bool exchange_site_output_is_for_machines(enum exchange_site_output output)
{
	return output < EXCHANGE_SITE_OUT_COUNT && outputs[output].machines;
}

static ward_err check(enum exchange_site_output output, const struct exchange_site_dns *options,
		struct ward_error *error)
{
	if (options->hidden && !outputs[output].machines)
		return ward_fail(error, WARD_E_DENIED,
				"hidden lists are written only for machines, not as %s",
				outputs[output].name);
	if (outputs[output].names && options->answer == EXCHANGE_SITE_PAGE && !options->page4[0] &&
			!options->page6[0])
		return ward_fail(error, WARD_E_ARGUMENT, "the address of the block page is wanted");
	if (outputs[output].names && options->steer && !options->steer4[0] && !options->steer6[0])
		return ward_fail(error, WARD_E_ARGUMENT,
				"the address of the proxy that is steered to is wanted");
	return WARD_OK;
}

static ward_err put_all(enum exchange_site_output output, struct writing *writing,
		struct ward_error *error)
{
	if (outputs[output].begin)
		outputs[output].begin(writing);
	return outputs[output].names ? put_names(writing, outputs[output].names, error)
				     : put_entries(writing, outputs[output].entries, error);
}

ward_err exchange_site_write(enum exchange_site_output output, const struct ward_site_view *view,
		const struct exchange_site_dns *options, const char *path,
		struct exchange_site_written *written, struct ward_error *error)
{
	struct writing writing = { .view = view, .options = options };
	ward_err err = check(output, options, error);

	if (err)
		return err;
	if (output == EXCHANGE_SITE_OUT_CDB && !path)
		return ward_fail(error, WARD_E_ARGUMENT, "a CDB file is wanted a path for");
	if (output == EXCHANGE_SITE_OUT_CDB)
		return exchange_site_cdb_write(view, options, path, written, error);
	if (output == EXCHANGE_SITE_OUT_RPZ)
		return exchange_site_rpz_write(view, options, path, NULL, written, error);
	err = exchange_out_begin(&writing.out, path, options->hidden ? 0600 : 0644, error);
	if (err)
		return err;
	ward_buf_init(&writing.text, (size_t)1 << 20);
	ward_buf_init(&writing.link, WARD_LINK_MEMORY_MAX);
	err = put_all(output, &writing, error);
	ward_buf_free(&writing.text);
	ward_buf_free(&writing.link);
	err = exchange_out_end(&writing.out, err, error);
	if (!err && written)
		*written = writing.written;
	return err;
}
