#include "agent/held_attributes.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/xattr.h>

enum { NAMES_MAX = 64 << 10, HEAD = 6, NAME_MAX_BYTES = 255 };

static const char access_list[] = "system.posix_acl_access";

static bool is_access_list(ward_str name)
{
	return ward_str_eq(name, ward_str_from(access_list));
}

static bool is_users(ward_str name)
{
	return ward_str_starts(name, WARD_STR("user."));
}

static void put_le(uint8_t *to, size_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

/* False when it has no room, or cannot be read. */
static bool read_one(int fd, const char *name, uint8_t *to, size_t room, size_t *len)
{
	ward_str word = ward_str_from(name);

	if (word.len > NAME_MAX_BYTES || room < HEAD + word.len)
		return false;
	uint8_t *value = to + HEAD + word.len;
	size_t value_room = room - HEAD - word.len;
	/* A room of nothing would ask how much is wanted. */
	ssize_t got = value_room > 0 ? fgetxattr(fd, name, value, value_room) : -1;

	if (got < 0)
		return false;
	put_le(to, word.len, 2);
	put_le(to + 2, (size_t)got, 4);
	memcpy(to + HEAD, word.ptr, word.len);
	*len = HEAD + word.len + (size_t)got;
	return true;
}

/*
 * Is it worth asking for a list?  A file system that knows no "user." says so at once; smbnetfs,
 * asked for the list all the same, hangs for seconds and then gives nothing of the share at all.
 */
static bool has_users(int fd, uint32_t *left)
{
	bool has = fgetxattr(fd, "user.ward", NULL, 0) >= 0 || errno == ENODATA;

	if (!has && errno != ENOTSUP)
		++*left;
	return has;
}

static bool has_access_list(int fd, uint32_t *left)
{
	if (fgetxattr(fd, access_list, NULL, 0) >= 0)
		return true;
	if (errno != ENODATA && errno != ENOTSUP)
		++*left;
	return false;
}

struct keeping {
	int fd;
	uint8_t *to;
	size_t done;
	uint32_t *left;
};

static void keep(struct keeping *keeping, const char *name)
{
	size_t len = 0;

	if (!read_one(keeping->fd, name, keeping->to + keeping->done,
			    HELD_ATTRIBUTES_MAX - keeping->done, &len))
		++*keeping->left;
	keeping->done += len;
}

static void keep_users(struct keeping *keeping)
{
	char *names = malloc(NAMES_MAX);
	ssize_t len = names ? flistxattr(keeping->fd, names, NAMES_MAX) : -1;

	if (len < 0)
		++*keeping->left;
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
		if (is_users(ward_str_from(names + at)))
			keep(keeping, names + at);
	}
	free(names);
}

size_t held_attributes_read(int fd, uint8_t to[HELD_ATTRIBUTES_MAX], uint32_t *left)
{
	struct keeping keeping = { fd, to, 0, left };

	*left = 0;
	if (has_access_list(fd, left))
		keep(&keeping, access_list);
	if (has_users(fd, left))
		keep_users(&keeping);
	return keeping.done;
}

uint32_t held_attributes_give(int fd, ward_bytes attributes, bool owned)
{
	struct ward_reader reader = ward_reader_from(attributes);
	char name[NAME_MAX_BYTES + 1];
	uint32_t lost = 0;

	while (ward_reader_left(&reader) > 0) {
		size_t name_len = ward_read_u16le(&reader), len = ward_read_u32le(&reader);
		ward_bytes raw = ward_read_bytes(&reader, name_len);
		ward_bytes value = ward_read_bytes(&reader, len);
		ward_str word = { (const char *)raw.ptr, raw.len };

		if (reader.failed || name_len == 0 || name_len > NAME_MAX_BYTES ||
				memchr(raw.ptr, '\0', raw.len))
			return lost + 1;
		memcpy(name, raw.ptr, raw.len);
		name[raw.len] = '\0';
		if (!(is_users(word) || (is_access_list(word) && owned)) ||
				fsetxattr(fd, name, value.ptr, value.len, 0) < 0)
			lost++;
	}
	return lost;
}
