#include "agent/mounts.h"

#include "agent/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOUNTS_MAX = 100000, TEXT_MAX = 64 << 20 };

/* The kernel's names for file systems that live on another machine, or in a program. */
static bool is_remote(ward_str type)
{
	static const char *const types[] = { "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs",
		"9p", "ceph", "glusterfs", "lustre", "davfs", "virtiofs", "coda", "ocfs2", "gfs2" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (ward_str_eq(type, ward_str_from(types[i])))
			return true;
	}
	/* "fuse", "fuse.sshfs", "fuse.rclone": whoever is behind it need not tell.  Not
	 * "fuseblk", which is a disk of this machine. */
	return ward_str_eq(type, WARD_STR("fuse")) || ward_str_starts(type, WARD_STR("fuse."));
}

static bool is_pseudo(ward_str type)
{
	static const char *const types[] = { "proc", "sysfs", "devtmpfs", "devpts", "cgroup",
		"cgroup2", "securityfs", "debugfs", "tracefs", "configfs", "pstore", "bpf",
		"efivarfs", "mqueue", "hugetlbfs", "autofs", "fusectl", "binfmt_misc", "rpc_pipefs",
		"nsfs", "nfsd", "selinuxfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (ward_str_eq(type, ward_str_from(types[i])))
			return true;
	}
	return false;
}

/* "\040" is a blank: in place, as it only gets shorter. */
static char *unescape(ward_str text)
{
	char *out = malloc(text.len + 1);
	size_t len = 0;

	for (size_t i = 0; out && i < text.len; i++) {
		const char *c = text.ptr + i;
		bool octal = *c == '\\' && i + 3 < text.len && c[1] >= '0' && c[1] <= '3' &&
			     c[2] >= '0' && c[2] <= '7' && c[3] >= '0' && c[3] <= '7';

		out[len++] = octal ? (char)((c[1] - '0') << 6 | (c[2] - '0') << 3 | (c[3] - '0'))
				   : *c;
		i += octal ? 3 : 0;
	}
	if (out)
		out[len] = '\0';
	return out;
}

/* "36 35 98:0 /root /path options fields... - type source options" */
static bool parse_line(ward_str line, struct mount *mount)
{
	ward_str id = ward_str_cut(&line, ' ');

	(void)ward_str_cut(&line, ' ');
	(void)ward_str_cut(&line, ' ');
	(void)ward_str_cut(&line, ' ');
	ward_str path = ward_str_cut(&line, ' ');

	while (line.len > 0 && !ward_str_eq(ward_str_cut(&line, ' '), WARD_STR("-")))
		;
	ward_str type = ward_str_cut(&line, ' ');

	if (!ward_u64_parse(id, &mount->id) || path.len == 0 || path.ptr[0] != '/' ||
			type.len == 0 || type.len >= sizeof(mount->type))
		return false;
	memcpy(mount->type, type.ptr, type.len);
	mount->type[type.len] = '\0';
	mount->remote = is_remote(type);
	mount->pseudo = is_pseudo(type);
	mount->path = unescape(path);
	return mount->path != NULL;
}

ward_err mounts_parse(ward_str text, struct mounts *mounts, struct ward_error *error)
{
	struct mounts read = { .count = 0 };
	size_t room = 0;

	while (text.len > 0 && read.count < MOUNTS_MAX) {
		struct mount mount = { .id = 0 };

		if (read.count == room) {
			struct mount *more =
					realloc(read.at, (room ? 2 * room : 32) * sizeof(*read.at));

			if (!more) {
				mounts_free(&read);
				return ward_fail(error, WARD_E_NOMEM, "out of memory");
			}
			read.at = more;
			room = room ? 2 * room : 32;
		}
		if (parse_line(ward_str_cut(&text, '\n'), &mount))
			read.at[read.count++] = mount;
	}
	*mounts = read;
	return WARD_OK;
}

ward_err mounts_read(struct mounts *mounts, struct ward_error *error)
{
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	struct ward_buf text;
	ssize_t got = 1;

	if (fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot read the table of mounts: %s",
				strerror(errno));
	ward_buf_init(&text, TEXT_MAX);
	while (got > 0) {
		char *room = ward_buf_reserve(&text, 16384);

		got = room ? read(fd, room, 16384) : -1;
		if (got > 0)
			text.len += (size_t)got;
	}
	close(fd);
	ward_err err = got < 0 || text.failed
				       ? ward_fail(error, WARD_E_IO,
							 "the table of mounts cannot be read")
				       : mounts_parse(ward_buf_text(&text), mounts, error);

	ward_buf_free(&text);
	return err;
}

void mounts_free(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++)
		free(mounts->at[i].path);
	free(mounts->at);
	*mounts = (struct mounts){ 0 };
}

const struct mount *mounts_find(const struct mounts *mounts, const char *path)
{
	const struct mount *found = NULL;

	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *mount = &mounts->at[i];

		if (place_is_within(path, mount->path) &&
				(!found || strlen(mount->path) >= strlen(found->path)))
			found = mount;
	}
	return found;
}

bool mounts_has(const struct mounts *mounts, uint64_t id, const char *path)
{
	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->at[i].id == id && strcmp(mounts->at[i].path, path) == 0)
			return true;
	}
	return false;
}
