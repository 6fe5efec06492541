#include "bin/sites_shared.h"

#include <ward/link.h>

#include "base/file.h"

#define TABLE_MAX ((size_t)1 << 20)
#define NAMES_MAX 20000

struct sites_shared {
	char *text;
	struct name {
		ward_str host, kind;
	} * names;
	size_t count;
};

static int by_host(const void *left, const void *right)
{
	const struct name *a = left, *b = right;

	return ward_str_cmp(a->host, b->host);
}

static void read_lines(struct sites_shared *shared, ward_str text)
{
	while (text.len > 0 && shared->count < NAMES_MAX) {
		ward_str host = ward_str_trim(ward_str_cut(&text, '\n'));
		ward_str kind = ward_str_cut(&host, '\t');

		if (kind.len == 0 || kind.ptr[0] == '#' || host.len == 0)
			continue;
		shared->names[shared->count++] = (struct name){ host, kind };
	}
	if (shared->count > 0)
		qsort(shared->names, shared->count, sizeof(*shared->names), by_host);
}

ward_err sites_shared_open(struct sites_shared **shared, struct ward_error *error)
{
	struct sites_shared *made = calloc(1, sizeof(*made));
	size_t len = 0;
	ward_err err;

	if (made)
		made->names = calloc(NAMES_MAX, sizeof(*made->names));
	if (!made || !made->names) {
		free(made);
		return ward_fail(error, WARD_E_NOMEM, "no memory for the table of shared hosts");
	}
	err = file_read(WARD_DATA "/shared-hosts", TABLE_MAX, &made->text, &len, error);
	if (err && err != WARD_E_NOT_FOUND) {
		sites_shared_free(made);
		return err;
	}
	read_lines(made,
			err ? (ward_str){ (const char *)sites_shared_table, sites_shared_table_len }
			    : (ward_str){ made->text, len });
	*shared = made;
	return WARD_OK;
}

void sites_shared_free(struct sites_shared *shared)
{
	if (!shared)
		return;
	free(shared->text);
	free(shared->names);
	free(shared);
}

ward_str sites_shared_kind(const struct sites_shared *shared, ward_str host)
{
	const struct name wanted = { .host = host }, *found;

	if (ward_host_is_suffix(host))
		return WARD_STR("suffix");
	found = shared->count == 0 ? NULL
				   : bsearch(&wanted, shared->names, shared->count,
						     sizeof(*shared->names), by_host);
	return found ? found->kind : WARD_STR("");
}
