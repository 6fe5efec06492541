/*
 * Any lines as one blocking list, and what DNS is then told of it: names that fit
 * DNS, each once and in order, and every listed name blocked, by itself or by a
 * name above it.  A host that is listed alone blocks nothing below it.
 */
#include "exchange/site_names.h"
#include "exchange/site_write.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 64, LINE_MAX_LEN = 512 };

static char folder[64], lists[80], list[96], cdb[96];

static void clear(void)
{
	struct ward_error error;

	if (ward_site_delete(list, &error) != WARD_OK)
		rmdir(list);
	unlink(cdb);
}

static void end(void)
{
	char old[120];

	clear();
	snprintf(old, sizeof(old), "%s.old", cdb);
	unlink(old);
	rmdir(lists);
	rmdir(folder);
}

static bool begin(void)
{
	if (folder[0])
		return true;
	snprintf(folder, sizeof(folder), "%s",
			access("/dev/shm", W_OK) == 0 ? "/dev/shm/ward-names-XXXXXX"
						      : "/tmp/ward-names-XXXXXX");
	if (!mkdtemp(folder))
		return false;
	snprintf(lists, sizeof(lists), "%s/sites", folder);
	snprintf(list, sizeof(list), "%s/any", lists);
	snprintf(cdb, sizeof(cdb), "%s/names.cdb", folder);
	atexit(end);
	return mkdir(lists, 0700) == 0;
}

/* ---- the plain way ---- */

/* What DNS and the files of its servers have room for. */
static bool fits(ward_str name)
{
	bool good = name.len > 0 && name.len <= 253;

	for (bool more = good; more;) {
		more = memchr(name.ptr, '.', name.len) != NULL;
		ward_str label = ward_str_cut(&name, '.');

		good = good && label.len >= 1 && label.len <= 63;
		for (size_t i = 0; i < label.len; i++)
			good = good && (isalnum((unsigned char)label.ptr[i]) ||
						       label.ptr[i] == '-' || label.ptr[i] == '_');
	}
	return good;
}

struct given {
	ward_str host; /* "" is no name */
	bool below;
};

static char pool[1 << 16];
static size_t pool_len;
static struct given given[LINES_MAX];
static size_t given_count;

static void take_line(struct ward_site_writer *writer, ward_str line)
{
	struct ward_site_entry entry = { 0 };
	struct ward_network network;
	struct ward_buf own;
	struct ward_error error;

	ward_buf_init(&own, 1 << 16);
	if (line.len <= LINE_MAX_LEN &&
			ward_site_entry_read(line, WARD_SITE_BARE_DOMAIN, &own, &entry, &error) ==
					WARD_OK &&
			ward_site_writer_add(writer, &entry, &error) == WARD_OK &&
			(entry.kind == WARD_SITE_HOST || entry.kind == WARD_SITE_DOMAIN) &&
			fits(entry.key) && !ward_network_read(entry.key, &network)) {
		assert(entry.key.len <= sizeof(pool) - pool_len);
		memcpy(pool + pool_len, entry.key.ptr, entry.key.len);
		given[given_count++] = (struct given){ { pool + pool_len, entry.key.len },
			entry.kind == WARD_SITE_DOMAIN };
		pool_len += entry.key.len;
	}
	ward_buf_free(&own);
}

/* Is `name` `of`, or below it? */
static bool is_at_or_below(ward_str name, ward_str of, bool *same)
{
	*same = ward_str_eq(name, of);
	return *same || (name.len > of.len + 1 && name.ptr[name.len - of.len - 1] == '.' &&
					memcmp(name.ptr + name.len - of.len, of.ptr, of.len) == 0);
}

static bool is_blocked(const struct exchange_site_names *names, ward_str name)
{
	for (size_t i = 0; i < exchange_site_names_count(names); i++) {
		struct exchange_site_name one;
		bool same;

		exchange_site_names_at(names, i, &one);
		if (is_at_or_below(name, ward_str_from(one.name), &same) && (same || one.below))
			return one.action == EXCHANGE_SITE_BLOCKS;
	}
	return false;
}

static bool is_listed(ward_str name)
{
	for (size_t i = 0; i < given_count; i++) {
		bool same;

		if (is_at_or_below(name, given[i].host, &same) && (same || given[i].below))
			return true;
	}
	return false;
}

/* ---- what must hold ---- */

static void check(const struct exchange_site_names *names)
{
	char below[EXCHANGE_SITE_NAME_MAX + 8];

	for (size_t i = 0; i < exchange_site_names_count(names); i++) {
		struct exchange_site_name one;

		exchange_site_names_at(names, i, &one);
		assert(fits(ward_str_from(one.name)));
		assert(one.action == EXCHANGE_SITE_BLOCKS && is_listed(ward_str_from(one.name)));
		assert(one.above <= i);
	}
	for (size_t i = 0; i < given_count; i++) {
		ward_str name = { below, 0 };

		assert(is_blocked(names, given[i].host));
		name.len = (size_t)snprintf(below, sizeof(below), "x.%.*s",
				WARD_FMT(given[i].host));
		assert(name.len > 253 || is_blocked(names, name) == is_listed(name));
	}
}

static void look(const struct ward_site_view *view)
{
	const struct exchange_site_dns options = { .now = 1 };
	struct exchange_site_names *names = NULL;
	struct exchange_site_written written;
	struct ward_error error;

	assert(exchange_site_names_new(view, &options, &names, &error) == WARD_OK);
	check(names);
	assert(exchange_site_cdb_write(view, &options, cdb, &written, &error) == WARD_OK);
	assert(written.names == exchange_site_names_count(names));
	exchange_site_names_free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_site_view *view = NULL;
	struct ward_site_writer *writer = NULL;
	struct ward_site_info info;
	struct ward_error error;
	ward_str rest = { (const char *)data, size };

	if (!begin())
		abort();
	given_count = pool_len = 0;
	if (!ward_site_info_init(&info, WARD_STR("any")) ||
			ward_site_create(list, &info, &writer, &error) != WARD_OK)
		abort();
	for (size_t i = 0; i < LINES_MAX && rest.len > 0; i++)
		take_line(writer, ward_str_cut(&rest, '\n'));
	assert(ward_site_writer_commit(writer, &error) == WARD_OK);
	assert(ward_site_view_open(lists, NULL, NULL, &view, &error) == WARD_OK);
	look(view);
	ward_site_view_free(view);
	clear();
	return 0;
}
