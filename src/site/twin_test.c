/*
 * Lists and links drawn at random, asked of ward and of a plain twin that goes
 * through all entries and holds each against the link, by the words of
 * ward/site.h.
 */
#include "site/site_test.h"

#define ROUNDS  12
#define LISTS   3
#define ENTRIES 300
#define ASKED   120

static uint64_t state;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

/* ---- the twin ---- */

struct twin_entry {
	ward_site_kind kind;
	char key[200];
	int64_t expires;
	char reason[24];
};

struct twin {
	struct twin_entry at[ENTRIES * 2];
	size_t count;
	struct ward_site_info info;
};

static struct twin twins[LISTS];

static void twin_remove(struct twin *twin, const struct twin_entry *entry, bool *removed)
{
	*removed = false;
	for (size_t i = 0; i < twin->count; i++) {
		if (twin->at[i].kind != entry->kind || strcmp(twin->at[i].key, entry->key) != 0)
			continue;
		twin->at[i] = twin->at[--twin->count];
		*removed = true;
		return;
	}
}

static void twin_add(struct twin *twin, const struct twin_entry *entry)
{
	bool removed;

	twin_remove(twin, entry, &removed);
	twin->at[twin->count++] = *entry;
}

/* ---- drawing ---- */

static const char *const labels[] = { "a", "b", "site", "longer-than-seven", "x1", "exactly" };
static const char *const parts[] = { "p", "q.html", "part-with-a-name", "1", "~x" };

static void draw_host(char *out)
{
	size_t len = 0;

	for (uint64_t i = draw(3); i > 0; i--)
		len += (size_t)snprintf(out + len, 40, "%s.", labels[draw(6)]);
	snprintf(out + len, 40, "%s.%s", labels[draw(6)], draw(2) ? "test" : "example");
}

static void draw_address(char *out, bool four)
{
	if (four)
		snprintf(out, 60, "10.%d.%d.%d", (int)draw(3), (int)draw(2), (int)draw(4));
	else
		snprintf(out, 60, "2001:db8:%d::%d", 1 + (int)draw(3), 1 + (int)draw(3));
}

static void draw_path(char *out, bool prefix)
{
	size_t len = (size_t)snprintf(out, 4, "/");

	for (uint64_t i = draw(4); i > 0; i--)
		len += (size_t)snprintf(out + len, 40, "%s/", parts[draw(5)]);
	if (!prefix && draw(3))
		len += (size_t)snprintf(out + len, 40, "%s", parts[draw(5)]);
	if (!prefix && draw(3) == 0)
		snprintf(out + len, 40, "?%s=%d", parts[draw(3)], (int)draw(3));
}

static void draw_any_host(char *out)
{
	char address[60];
	bool four = draw(2);

	if (draw(6)) {
		draw_host(out);
		return;
	}
	draw_address(address, four);
	snprintf(out, 80, four ? "%s" : "[%s]", address);
}

static void hash_of(const struct twin *twin, const char *expression, size_t len, char hex[65])
{
	const ward_bytes pieces[2] = { { twin->info.salt, twin->info.salt_len },
		{ (const uint8_t *)expression, len } };
	uint8_t digest[32];

	ward_sha256(pieces, 2, digest);
	ward_hex_format(digest, 32, hex);
}

static void draw_hash(const struct twin *twin, char *out)
{
	char expression[300], path[160], hex[65];

	draw_any_host(expression);
	draw_path(path, draw(2));
	strncat(expression, path, sizeof(expression) - strlen(expression) - 1);
	hash_of(twin, expression, strlen(expression), hex);
	snprintf(out, 65, "%.*s", (int)(8 << draw(4)), hex);
}

static void draw_network(char *out)
{
	bool four = draw(2);
	char address[60], text[80];
	struct ward_network network;
	struct ward_site_entry entry = { 0 };

	draw_address(address, four);
	if (draw(2))
		snprintf(text, sizeof(text), "%s", address);
	else
		snprintf(text, sizeof(text), "%s/%d", address, (int)draw(four ? 33 : 129));
	if (!ward_network_read(ward_str_from(text), &network) || !read_entry(text, &entry))
		abort();
	snprintf(out, 100, "%.*s", WARD_FMT(entry.key));
}

static void draw_entry(const struct twin *twin, struct twin_entry *entry)
{
	char path[160];

	*entry = (struct twin_entry){ .kind = (ward_site_kind)draw(WARD_SITE_KIND_COUNT),
		.expires = draw(4) ? 0 : 900 + (int64_t)draw(200) };
	snprintf(entry->reason, sizeof(entry->reason), "%s", draw(2) ? "" : parts[draw(5)]);
	if (entry->kind == WARD_SITE_HASH) {
		draw_hash(twin, entry->key);
	} else if (entry->kind == WARD_SITE_NETWORK) {
		draw_network(entry->key);
	} else if (entry->kind == WARD_SITE_DOMAIN) {
		draw_host(entry->key);
	} else {
		draw_any_host(entry->key);
		path[0] = '\0';
		if (entry->kind != WARD_SITE_HOST)
			draw_path(path, entry->kind == WARD_SITE_PREFIX);
		strncat(entry->key, path, sizeof(entry->key) - strlen(entry->key) - 1);
	}
}

static struct ward_site_entry entry_of(const struct twin_entry *entry)
{
	return (struct ward_site_entry){ .kind = entry->kind,
		.key = ward_str_from(entry->key),
		.reason = ward_str_from(entry->reason),
		.expires = entry->expires };
}

/* ---- making ---- */

static bool add_many(struct twin *twin, struct ward_site_writer *writer, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct twin_entry drawn;
		struct ward_site_entry entry;
		bool removed = false, was = false;

		draw_entry(twin, &drawn);
		entry = entry_of(&drawn);
		if (draw(5) == 0) {
			twin_remove(twin, &drawn, &was);
			if (ward_site_writer_remove(writer, &entry, &removed, &error) ||
					removed != was)
				return false;
		} else {
			twin_add(twin, &drawn);
			if (ward_site_writer_add(writer, &entry, &error))
				return false;
		}
	}
	return true;
}

static bool make_one(int number)
{
	struct twin *twin = &twins[number];
	struct ward_site_writer *writer = NULL;
	char name[8];
	bool good;

	snprintf(name, sizeof(name), "l%d", number);
	twin->info = info_of(name);
	twin->count = 0;
	twin->info.salt_len = (uint8_t)draw(5);
	memset(twin->info.salt, 7, sizeof(twin->info.salt));
	twin->info.enabled = draw(8) != 0;
	good = !ward_site_create(in_folder(name), &twin->info, &writer, &error) &&
	       add_many(twin, writer, draw(ENTRIES)) && commit(writer);
	for (uint64_t i = draw(3); good && i > 0; i--) {
		writer = change(name);
		good = writer && add_many(twin, writer, draw(ENTRIES / 12)) && commit(writer);
	}
	return good;
}

/* ---- what the twin says ---- */

struct expressions {
	const struct twin *twin;
	const char *key;
	bool found;
};

static void compare_hash(void *context, ward_str host, ward_str path)
{
	struct expressions *asked = context;
	char text[400], hex[65];
	int len = snprintf(text, sizeof(text), "%.*s%.*s", WARD_FMT(host), WARD_FMT(path));

	hash_of(asked->twin, text, (size_t)len, hex);
	asked->found |= strncmp(hex, asked->key, strlen(asked->key)) == 0;
}

static bool is_below(ward_str host, ward_str domain)
{
	return ward_str_eq(host, domain) ||
	       (ward_str_ends(host, domain) && host.len > domain.len &&
			       host.ptr[host.len - domain.len - 1] == '.');
}

static bool page_holds(ward_str key, const struct ward_link *link)
{
	char text[600];

	snprintf(text, sizeof(text), "%.*s%.*s", WARD_FMT(link->host), WARD_FMT(link->path));
	if (ward_str_eq(key, ward_str_from(text)))
		return true;
	snprintf(text, sizeof(text), "%.*s%.*s?%.*s", WARD_FMT(link->host), WARD_FMT(link->path),
			WARD_FMT(link->query));
	return link->query.len > 0 && ward_str_eq(key, ward_str_from(text));
}

static bool holds(const struct twin *twin, const struct twin_entry *entry,
		const struct ward_link *link, bool whole)
{
	ward_str key = ward_str_from(entry->key);
	struct expressions asked = { twin, entry->key, false };
	struct ward_network network;
	char text[600];

	switch (entry->kind) {
	case WARD_SITE_PAGE:
		return whole && page_holds(key, link);
	case WARD_SITE_PREFIX:
		snprintf(text, sizeof(text), "%.*s%.*s", WARD_FMT(link->host),
				WARD_FMT(link->path));
		return whole && ward_str_starts(ward_str_from(text), key);
	case WARD_SITE_HOST:
		return ward_str_eq(key, link->host);
	case WARD_SITE_DOMAIN:
		return link->host_kind == WARD_HOST_NAME && is_below(link->host, key);
	case WARD_SITE_NETWORK:
		return ward_network_read(key, &network) &&
		       ward_network_has(&network, link->host_kind, link->address);
	case WARD_SITE_HASH:
		(void)ward_link_expressions(link, compare_hash, &asked);
		return asked.found;
	case WARD_SITE_KIND_COUNT:
		break;
	}
	return false;
}

static size_t twin_hits(const struct twin *twin, const struct ward_link *link, bool whole,
		int64_t now)
{
	size_t count = 0;

	for (size_t i = 0; i < twin->count && twin->info.enabled; i++) {
		const struct twin_entry *entry = &twin->at[i];

		count += (entry->expires == 0 || entry->expires > now) &&
			 holds(twin, entry, link, whole);
	}
	return count;
}

static bool twin_has_pages(ward_str host, int64_t now)
{
	for (int i = 0; i < LISTS; i++) {
		for (size_t j = 0; j < twins[i].count && twins[i].info.enabled; j++) {
			const struct twin_entry *entry = &twins[i].at[j];
			ward_str key = ward_str_from(entry->key);

			if ((entry->kind == WARD_SITE_PAGE || entry->kind == WARD_SITE_PREFIX) &&
					(entry->expires == 0 || entry->expires > now) &&
					key.len > host.len && ward_str_starts(key, host) &&
					key.ptr[host.len] == '/')
				return true;
		}
	}
	return false;
}

/* Each hit is one of the twin's entries, with what is said there. */
static bool hit_is_true(const struct ward_site_hit *hit, const struct ward_link *link, bool whole)
{
	static struct ward_site_cursor cursor;
	const struct twin *twin = &twins[ward_site_list_info(hit->list)->name[1] - '0'];
	struct ward_site_entry entry;

	ward_site_hit_entry(hit, &cursor, &entry);
	for (size_t i = 0; i < twin->count; i++) {
		const struct twin_entry *at = &twin->at[i];

		if (at->kind == entry.kind && ward_str_eq(entry.key, ward_str_from(at->key)))
			return at->expires == hit->expires &&
			       ward_str_eq(hit->reason, ward_str_from(at->reason)) &&
			       holds(twin, at, link, whole);
	}
	return false;
}

static bool ask_both(const struct ward_site_view *view, const struct ward_link *link, bool whole,
		int64_t now)
{
	size_t want = 0;

	if (whole)
		ward_site_ask(view, link, now, &hits);
	else
		ward_site_ask_host(view, link->host, link->host_kind, link->address, now, &hits);
	for (int i = 0; i < LISTS; i++)
		want += twin_hits(&twins[i], link, whole, now);
	if (hits.total != want) {
		printf("# %.*s%.*s: %zu hits, the twin has %zu\n", WARD_FMT(link->host),
				WARD_FMT(link->path), hits.total, want);
		return false;
	}
	for (size_t i = 0; i < hits.count; i++) {
		if (!hit_is_true(&hits.at[i], link, whole))
			return false;
		if (i > 0 && hits.at[i].list == hits.at[i - 1].list &&
				hits.at[i].kind < hits.at[i - 1].kind)
			return false;
	}
	return true;
}

static bool ask_one(const struct ward_site_view *view)
{
	char text[400], host[160], path[200];
	int64_t now = 850 + (int64_t)draw(300);
	struct ward_link link, alone;

	draw_any_host(host);
	draw_path(path, false);
	snprintf(text, sizeof(text), "http://%s%s", host, path);
	if (ward_link_read(ward_str_from(text), WARD_LINK_LOOKUP, &link_memory, &link, &error))
		return false;
	alone = link;
	alone.path = WARD_STR("/");
	alone.query = WARD_STR("");
	return ask_both(view, &link, true, now) && ask_both(view, &alone, false, now) &&
	       ward_site_host_has_pages(view, link.host, now) == twin_has_pages(link.host, now);
}

static bool walk_is_true(const struct ward_site_list *list, const struct twin *twin)
{
	static struct ward_site_cursor cursor;
	struct ward_site_entry entry;
	size_t count = 0;

	cursor.base = cursor.delta = 0;
	while (ward_site_list_next(list, &cursor, &entry)) {
		bool found = false;

		count++;
		for (size_t i = 0; i < twin->count && !found; i++)
			found = twin->at[i].kind == entry.kind &&
				ward_str_eq(entry.key, ward_str_from(twin->at[i].key)) &&
				entry.expires == twin->at[i].expires &&
				ward_str_eq(entry.reason, ward_str_from(twin->at[i].reason));
		if (!found)
			return false;
	}
	return count == twin->count && ward_site_list_entries(list) == count;
}

static void every_answer_is_the_twins(void)
{
	state = (uint64_t)getpid();
	printf("# seed %d\n", (int)getpid());
	for (int round = 0; round < ROUNDS; round++) {
		struct ward_site_view *view;

		fresh_folder();
		for (int i = 0; i < LISTS; i++)
			CHECK(make_one(i));
		view = open_view();
		CHECK(view);
		for (int i = 0; i < ASKED; i++)
			CHECK(ask_one(view));
		for (int i = 0; i < LISTS; i++) {
			CHECK(!ward_site_list_verify(ward_site_view_list(view, (size_t)i), &error));
			CHECK(walk_is_true(ward_site_view_list(view, (size_t)i), &twins[i]));
		}
		ward_site_view_free(view);
	}
}

static const struct test_case cases[] = {
	{ "every answer is that of a twin who goes through all entries",
			every_answer_is_the_twins },
};
TEST_MAIN(cases)
