/*
 * file.h - files at the edges: whole reads, read-only maps, durable replacement
 *
 * A file is replaced by writing a new one beside it, syncing it, renaming it
 * over the old name and syncing the folder: whoever looks sees the old
 * content or the new, also after a crash.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <ward/base.h>

/*
 * All of a file of at most `len_max` bytes, NUL-terminated behind its length, from malloc.  Of a
 * file that states no size (those of /proc) the first 4096 bytes.
 */
ward_err file_read(const char *path, size_t len_max, char **text, size_t *len,
		struct ward_error *error) WARD_MUST_USE;

/* Durable replacement, as above; the file is made with `mode` before umask. */
ward_err file_replace(const char *path, ward_bytes content, unsigned mode,
		struct ward_error *error) WARD_MUST_USE;

/* Syncs a folder, so that renames in it are durable. */
ward_err file_sync_folder(const char *path, struct ward_error *error) WARD_MUST_USE;

/* Makes a folder and its parents, durably; one that is there is fine. */
ward_err file_make_folders(const char *path, unsigned mode, struct ward_error *error) WARD_MUST_USE;

struct file_map {
	const uint8_t *ptr;
	size_t len;
};

/* Maps a regular file read-only; an empty one has a NULL pointer. */
ward_err file_map_open(const char *path, struct file_map *map,
		struct ward_error *error) WARD_MUST_USE;
void file_map_close(struct file_map *map);

/* Writes everything or fails; goes on after a signal or a short write. */
ward_err file_write_all(int fd, const void *bytes, size_t len,
		struct ward_error *error) WARD_MUST_USE;

/* So many bytes from there on, or IO: it cannot be read, or is shorter. */
ward_err file_read_at(int fd, uint64_t offset, void *bytes, size_t len,
		struct ward_error *error) WARD_MUST_USE;

/* An anonymous file in memory, empty; -1 with `error` set. */
int file_memory(const char *name, struct ward_error *error) WARD_MUST_USE;

/*
 * The path of a program that lies where this one does, links followed, as in
 * the folder they are built into; NULL when there is none.  The caller frees.
 */
char *file_beside_program(const char *name);

#endif
