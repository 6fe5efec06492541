/*
 * What a hash stands for, which only a link that has it tells.
 */
#include <ward/hash.h>
#include <ward/site.h>

#include <stdlib.h>
#include <string.h>

struct behind {
	ward_bytes salt, hash;
	bool found;
	ward_str host, path; /* of the link's expression */
};

/* The most exact one comes first. */
static void compare(void *context, ward_str host, ward_str path)
{
	struct behind *behind = context;
	const ward_bytes pieces[3] = { behind->salt, { (const uint8_t *)host.ptr, host.len },
		{ (const uint8_t *)path.ptr, path.len } };
	uint8_t digest[32];

	if (behind->found)
		return;
	ward_sha256(pieces, 3, digest);
	if (memcmp(digest, behind->hash.ptr, behind->hash.len) != 0)
		return;
	behind->found = true;
	behind->host = host;
	behind->path = path;
}

/* Its digest stands for all below only as far as expressions go down. */
static bool holds_below(ward_str path)
{
	unsigned folders = 0;

	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] == '?')
			return false;
		folders += path.ptr[i] == '/';
	}
	return ward_str_ends(path, WARD_STR("/")) && folders <= 4;
}

/*
 * A hash of a name's front holds all of the name and of those below it; one of a
 * path holds it under names above, too, but what is said here is the link's own.
 */
static void write_place(const struct ward_link *link, const struct behind *behind,
		struct ward_buf *out)
{
	if (ward_str_eq(behind->path, WARD_STR("/"))) {
		ward_buf_str(out, behind->host);
		return;
	}
	ward_buf_str(out, link->host);
	ward_buf_str(out, behind->path);
	if (holds_below(behind->path))
		ward_buf_str(out, WARD_STR("..."));
}

bool ward_site_hit_place(const struct ward_site_hit *hit, const struct ward_link *link,
		struct ward_buf *out)
{
	const struct ward_site_info *info = ward_site_list_info(hit->list);
	struct ward_site_cursor *cursor = calloc(1, sizeof(*cursor));
	struct ward_site_entry entry = { .key = { "", 0 } };
	struct behind behind = { .salt = { info->salt, info->salt_len } };
	uint8_t hash[32];

	if (!cursor) {
		out->failed = true;
		return false;
	}
	ward_site_hit_entry(hit, cursor, &entry);
	behind.hash = (ward_bytes){ hash, entry.key.len / 2 };
	if (entry.kind == WARD_SITE_HASH && behind.hash.len > 0 &&
			behind.hash.len <= sizeof(hash) &&
			ward_hex_parse(entry.key, hash, behind.hash.len))
		(void)ward_link_expressions(link, compare, &behind);
	free(cursor);
	if (behind.found)
		write_place(link, &behind, out);
	return behind.found;
}
