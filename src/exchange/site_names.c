/*
 * Names are kept from their last letter to their first, with a zero for a dot:
 * then the order of bytes is the order of labels from the right, and what stands
 * below a name begins with it and a zero.
 */
#include "exchange/site_names.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 253

struct item {
	uint32_t at; /* in the pool */
	uint8_t len;
	bool below;
	uint8_t action;
	bool mandatory;
	uint32_t above;
	uint32_t safe; /* the row of the table */
};

struct exchange_site_names {
	const struct ward_site_view *view;
	struct exchange_site_dns options;
	char *pool;
	size_t pool_len, pool_room;
	struct item *items;
	size_t count, room;
	uint64_t left_out;
	bool failed; /* no memory, or more than the pool's numbers reach */
};

/* ---- gathering ---- */

static void turn(const char *from, size_t len, char *to)
{
	for (size_t i = 0; i < len; i++) {
		char c = from[len - 1 - i];

		to[i] = c == '.' ? '\0' : c == '\0' ? '.' : c;
	}
}

static bool grow(void **memory, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? 2 * *room : 4096, bytes;
	void *grown;

	if (count < *room)
		return true;
	while (more <= count)
		more *= 2;
	if (ckd_mul(&bytes, more, size))
		return false;
	grown = realloc(*memory, bytes);
	if (!grown)
		return false;
	*memory = grown;
	*room = more;
	return true;
}

/*
 * Browsers take hosts that DNS has no room for, and signs that mean something in
 * the files of resolvers; one such name would keep a server from the whole file.
 */
static bool fits_dns(ward_str name)
{
	if (name.len == 0 || name.len > NAME_MAX_LEN || name.ptr[name.len - 1] == '.')
		return false;
	while (name.len > 0) {
		ward_str label = ward_str_cut(&name, '.');

		if (label.len == 0 || label.len > 63)
			return false;
		for (size_t i = 0; i < label.len; i++) {
			char c = label.ptr[i];

			if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' &&
					c != '_')
				return false;
		}
	}
	return true;
}

static void add(struct exchange_site_names *names, ward_str name, bool below, struct item kind)
{
	if (!fits_dns(name)) {
		names->left_out++;
		return;
	}
	if (names->failed || names->pool_len + name.len > UINT32_MAX ||
			!grow((void **)&names->pool, &names->pool_room, names->pool_len + name.len,
					1) ||
			!grow((void **)&names->items, &names->room, names->count,
					sizeof(*names->items))) {
		names->failed = true;
		return;
	}
	turn(name.ptr, name.len, names->pool + names->pool_len);
	kind.at = (uint32_t)names->pool_len;
	kind.len = (uint8_t)name.len;
	kind.below = below;
	names->items[names->count++] = kind;
	names->pool_len += name.len;
}

static ward_err no_memory(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "no memory for the names of the lists");
}

/* Whether a key's host is a name: pages of addresses are no business of DNS. */
static bool is_name(ward_str host)
{
	struct ward_network network;

	return host.len > 0 && host.ptr[0] != '[' && !ward_network_read(host, &network);
}

static void add_entry(struct exchange_site_names *names, const struct ward_site_info *info,
		const struct ward_site_entry *entry)
{
	ward_str host = entry->key;

	switch (entry->kind) {
	case WARD_SITE_HOST:
	case WARD_SITE_DOMAIN:
		if (is_name(host))
			add(names, host, entry->kind == WARD_SITE_DOMAIN,
					(struct item){ .action = info->sense == WARD_SITE_ALLOW
										 ? EXCHANGE_SITE_ALLOWS
										 : EXCHANGE_SITE_BLOCKS });
		else
			names->left_out++;
		break;
	case WARD_SITE_PAGE:
	case WARD_SITE_PREFIX:
		host = ward_str_cut(&host, '/');
		if (info->sense != WARD_SITE_BLOCK)
			break;
		if (names->options.steer && is_name(host))
			add(names, host, false,
					(struct item){ .action = EXCHANGE_SITE_STEERS,
							.mandatory = info->mandatory });
		else
			names->left_out++;
		break;
	case WARD_SITE_NETWORK:
	case WARD_SITE_HASH:
	case WARD_SITE_KIND_COUNT:
		names->left_out++;
		break;
	}
}

static bool is_taken(const struct exchange_site_names *names, const struct ward_site_info *info)
{
	return info->enabled && info->sense != WARD_SITE_LOG &&
	       (names->options.hidden || !info->hidden) &&
	       (info->expires == 0 || info->expires > names->options.now);
}

static ward_err add_list(struct exchange_site_names *names, const struct ward_site_list *list,
		struct ward_error *error)
{
	const struct ward_site_info *info = ward_site_list_info(list);
	struct ward_site_cursor *cursor;
	struct ward_site_entry entry;
	ward_err err;

	if (!is_taken(names, info))
		return WARD_OK;
	cursor = calloc(1, sizeof(*cursor));
	if (!cursor)
		return no_memory(error);
	while (!names->failed && ward_site_list_next(list, cursor, &entry)) {
		if (entry.expires == 0 || entry.expires > names->options.now)
			add_entry(names, info, &entry);
	}
	err = names->failed ? no_memory(error) : ward_site_list_end(list, cursor, error);
	free(cursor);
	return err;
}

static void add_safe(struct exchange_site_names *names)
{
	ward_str name, host;

	for (uint32_t i = 0; exchange_safe_search_at(i, names->options.safe, &name, &host); i++)
		add(names, name, false, (struct item){ .action = EXCHANGE_SITE_SAFE, .safe = i });
}

/* ---- order ---- */

static int order(const void *left, const void *right, void *context)
{
	const struct item *a = left, *b = right;
	const struct exchange_site_names *names = context;
	int by_name = memcmp(names->pool + a->at, names->pool + b->at,
			a->len < b->len ? a->len : b->len);

	if (by_name != 0)
		return by_name;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->below != b->below)
		return a->below ? -1 : 1;
	return (int)a->action - (int)b->action;
}

/* qsort without its context, which is not in every system's: a merge sort from below. */
static bool sort(struct exchange_site_names *names)
{
	struct item *from = names->items, *to = calloc(names->count + 1, sizeof(*to));
	size_t count = names->count;

	if (!to)
		return false;
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t start = 0; start < count; start += 2 * width) {
			size_t a = start, middle = start + width < count ? start + width : count,
			       b = middle,
			       end = start + 2 * width < count ? start + 2 * width : count;

			for (size_t at = start; at < end; at++) {
				bool left = a < middle &&
					    (b == end || order(&from[a], &from[b], names) <= 0);

				to[at] = from[left ? a++ : b++];
			}
		}
		struct item *other = from;

		from = to;
		to = other;
	}
	names->items = from;
	names->room = names->count + 1;
	free(to);
	return true;
}

static bool same_name(const struct exchange_site_names *names, const struct item *a,
		const struct item *b)
{
	return a->len == b->len && memcmp(names->pool + a->at, names->pool + b->at, a->len) == 0;
}

static bool stands_below(const struct exchange_site_names *names, const struct item *item,
		const struct item *above)
{
	const char *text = names->pool + item->at;

	return item->len > above->len && text[above->len] == '\0' &&
	       memcmp(text, names->pool + above->at, above->len) == 0;
}

/* ---- judging ---- */

struct judgement {
	bool blocked, allowed, mandatory, softened;
};

static bool is_softened(const struct exchange_site_dns *options, const struct ward_site_hit *hit)
{
	return options->steer && options->is_softened &&
	       options->is_softened(options->context, ward_site_list_info(hit->list), hit->category,
			       hit->class_code);
}

/*
 * The lists' word on a name.  Of what stands below a domain, any host is asked
 * about, so that an entry of the domain's own host has no part in it.
 */
static struct judgement judge(const struct exchange_site_names *names, const struct item *item,
		struct ward_site_hits *hits)
{
	static const uint8_t no_address[16];
	char text[NAME_MAX_LEN + 3] = "-.";
	struct judgement judgement = { 0 };
	size_t skip = item->below ? 0 : 2;

	turn(names->pool + item->at, item->len, text + 2);
	ward_site_ask_host(names->view, (ward_str){ text + skip, item->len + 2u - skip },
			WARD_HOST_NAME, no_address, names->options.now, hits);
	for (size_t i = 0; i < hits->count; i++) {
		const struct ward_site_info *info = ward_site_list_info(hits->at[i].list);

		if (!is_taken(names, info) || hits->at[i].kind == WARD_SITE_HASH)
			continue;
		judgement.blocked = judgement.blocked || info->sense == WARD_SITE_BLOCK;
		judgement.allowed = judgement.allowed || info->sense == WARD_SITE_ALLOW;
		judgement.softened = judgement.softened ||
				     (info->sense == WARD_SITE_BLOCK &&
						     is_softened(&names->options, &hits->at[i]));
		judgement.mandatory = judgement.mandatory ||
				      (info->sense == WARD_SITE_BLOCK && info->mandatory);
	}
	return judgement;
}

/* What one name is answered with; items of it are first..end, in order of action. */
static struct item settle(const struct exchange_site_names *names, size_t first, size_t end,
		struct ward_site_hits *hits)
{
	struct item item = names->items[first];
	struct judgement judgement = judge(names, &item, hits);

	if (judgement.mandatory || (judgement.blocked && !judgement.allowed)) {
		item.action = judgement.softened && !judgement.mandatory ? EXCHANGE_SITE_STEERS
									 : EXCHANGE_SITE_BLOCKS;
		item.mandatory = judgement.mandatory;
		return item;
	}
	item.action = EXCHANGE_SITE_ALLOWS;
	item.mandatory = false;
	for (size_t i = first; i < end; i++) {
		const struct item *other = &names->items[i];

		/* Steering goes before a safe search: of that host a page is listed. */
		if (other->action == EXCHANGE_SITE_STEERS &&
				(!judgement.allowed || other->mandatory)) {
			item.action = EXCHANGE_SITE_STEERS;
			break;
		}
		if (other->action == EXCHANGE_SITE_SAFE) {
			item.action = EXCHANGE_SITE_SAFE;
			item.safe = other->safe;
		}
	}
	return item;
}

/* Settles each name, and keeps those that say another thing than what is above them. */
static bool settle_all(struct exchange_site_names *names)
{
	struct ward_site_hits *hits = calloc(1, sizeof(*hits));
	size_t above[NAME_MAX_LEN], depth = 0, kept = 0, end;

	if (!hits)
		return false;
	for (size_t first = 0; first < names->count; first = end) {
		const struct item *this = &names->items[first];

		for (end = first + 1; end < names->count &&
				      this->below == names->items[end].below &&
				      same_name(names, this, &names->items[end]);)
			end++;
		struct item item = settle(names, first, end, hits);

		while (depth > 0) {
			const struct item *top = &names->items[above[depth - 1]];

			if (stands_below(names, &item, top) || same_name(names, &item, top))
				break;
			depth--;
		}
		const struct item *top = depth > 0 ? &names->items[above[depth - 1]] : NULL;

		/* The order of the law is stronger than a plain block, and is told. */
		if (top ? top->action == item.action && top->mandatory >= item.mandatory &&
								item.action != EXCHANGE_SITE_SAFE
			: item.action == EXCHANGE_SITE_ALLOWS)
			continue;
		item.above = (uint32_t)(top ? above[depth - 1] : kept);
		if (item.below)
			above[depth++] = kept;
		names->items[kept++] = item;
	}
	names->count = kept;
	free(hits);
	return true;
}

/* ---- the set ---- */

ward_err exchange_site_names_new(const struct ward_site_view *view,
		const struct exchange_site_dns *options, struct exchange_site_names **out,
		struct ward_error *error)
{
	struct exchange_site_names *names = calloc(1, sizeof(*names));
	ward_err err = WARD_OK;

	if (!names)
		return no_memory(error);
	names->view = view;
	names->options = *options;
	for (size_t i = 0; i < ward_site_view_lists(view) && !err; i++)
		err = add_list(names, ward_site_view_list(view, i), error);
	add_safe(names);
	if (!err && (names->failed || names->count >= UINT32_MAX || !sort(names) ||
				    !settle_all(names)))
		err = no_memory(error);
	if (err) {
		exchange_site_names_free(names);
		return err;
	}
	*out = names;
	return WARD_OK;
}

void exchange_site_names_free(struct exchange_site_names *names)
{
	if (!names)
		return;
	free(names->pool);
	free(names->items);
	free(names);
}

size_t exchange_site_names_count(const struct exchange_site_names *names)
{
	return names->count;
}

uint64_t exchange_site_names_left_out(const struct exchange_site_names *names)
{
	return names->left_out;
}

void exchange_site_names_at(const struct exchange_site_names *names, size_t index,
		struct exchange_site_name *name)
{
	const struct item *item = &names->items[index];
	ward_str ignored;

	turn(names->pool + item->at, item->len, name->name);
	name->name[item->len] = '\0';
	name->below = item->below;
	name->action = (enum exchange_site_action)item->action;
	name->mandatory = item->mandatory;
	name->above = item->above;
	name->safe = WARD_STR("");
	if (name->action == EXCHANGE_SITE_SAFE)
		(void)exchange_safe_search_at(item->safe, names->options.safe, &ignored,
				&name->safe);
}
