#include "exchange/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define GATHER ((size_t)1 << 16)

static void folder_of(const char *path, char folder[4096])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (!slash || len == 0)
		snprintf(folder, 4096, "%s", slash ? "/" : ".");
	else {
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
}

/* In a folder that hands on its group, the group reads what is written. */
static void let_group_read(const struct exchange_out *out)
{
	struct stat folder, file;
	char path[4096];

	folder_of(out->path, path);
	if (stat(path, &folder) < 0 || !(folder.st_mode & S_ISGID) || fstat(out->fd, &file) < 0 ||
			file.st_gid != folder.st_gid)
		return;
	(void)fchmod(out->fd, (file.st_mode & 0777) | S_IRGRP);
}

ward_err exchange_out_begin(struct exchange_out *out, const char *path, unsigned mode,
		struct ward_error *error)
{
	int len = path ? snprintf(out->beside, sizeof(out->beside), "%s.new.%d", path,
					 (int)getpid())
		       : 0;

	out->path = path;
	out->keep_old = false;
	out->err = WARD_OK;
	out->fd = path ? -1 : STDOUT_FILENO;
	ward_buf_init(&out->text, 4 * GATHER);
	if (len < 0 || (size_t)len >= sizeof(out->beside))
		return ward_fail(error, WARD_E_ARGUMENT, "the path is too long");
	if (!path)
		return WARD_OK;
	(void)unlink(out->beside);
	/* What it holds may be hidden: readable by others only when the mode says so. */
	out->fd = open(out->beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (out->fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot make %s: %s", out->beside,
				strerror(errno));
	let_group_read(out);
	return WARD_OK;
}

void exchange_out_flush(struct exchange_out *out)
{
	if (out->text.failed && !out->err)
		out->err = ward_fail(&out->why, WARD_E_NOMEM, "no memory for what is written");
	if (!out->err)
		out->err = file_write_all(out->fd, out->text.ptr, out->text.len, &out->why);
	ward_buf_clear(&out->text);
}

void exchange_out_str(struct exchange_out *out, ward_str text)
{
	if (out->text.len + text.len >= GATHER)
		exchange_out_flush(out);
	if (text.len < GATHER)
		ward_buf_str(&out->text, text);
	else if (!out->err)
		out->err = file_write_all(out->fd, text.ptr, text.len, &out->why);
}

void exchange_out_text(struct exchange_out *out, const char *text)
{
	exchange_out_str(out, ward_str_from(text));
}

void exchange_out_printf(struct exchange_out *out, const char *fmt, ...)
{
	char line[4096];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(line)) {
		out->err = ward_fail(&out->why, WARD_E_LIMIT, "a line to be written is too long");
		return;
	}
	exchange_out_str(out, (ward_str){ line, (size_t)len });
}

/* Younger by a second than what is there. */
static void make_younger(const struct exchange_out *out)
{
	struct stat old, new;
	struct timespec times[2];

	if (stat(out->path, &old) < 0 || fstat(out->fd, &new) < 0 ||
			new.st_mtim.tv_sec > old.st_mtim.tv_sec)
		return;
	times[0] = times[1] = (struct timespec){ .tv_sec = old.st_mtim.tv_sec + 1 };
	(void)futimens(out->fd, times);
}

static ward_err sync_folder(const char *path, struct ward_error *error)
{
	char folder[4096];

	folder_of(path, folder);
	return file_sync_folder(folder, error);
}

/* Another name for what is there, so that nobody's letting go of it is the last. */
static bool hold_old(const struct exchange_out *out, char held[4096])
{
	int len = snprintf(held, 4096, "%s.old.%d", out->path, (int)getpid());

	if (!out->keep_old || len < 0 || len >= 4096)
		return false;
	(void)unlink(held);
	return link(out->path, held) == 0;
}

/* It takes the place of the version before, whose pages are freed here and now. */
static void keep_held(const struct exchange_out *out, const char *held)
{
	char old[4096];
	int len = snprintf(old, sizeof(old), "%s.old", out->path);

	if (len >= 0 && (size_t)len < sizeof(old))
		(void)rename(held, old);
	/* Still there when that failed. */
	(void)unlink(held);
}

static ward_err put_in_force(struct exchange_out *out, struct ward_error *error)
{
	char held[4096];

	if (!out->path)
		return WARD_OK;
	make_younger(out);
	bool is_held = hold_old(out, held);

	if (fsync(out->fd) < 0 || rename(out->beside, out->path) < 0) {
		ward_err err = ward_fail(error, WARD_E_IO, "cannot write %s: %s", out->path,
				strerror(errno));

		if (is_held)
			(void)unlink(held);
		return err;
	}
	if (is_held)
		keep_held(out, held);
	return sync_folder(out->path, error);
}

static void finish(struct exchange_out *out, bool drop)
{
	if (out->path && out->fd >= 0) {
		close(out->fd);
		if (drop)
			unlink(out->beside);
	}
	out->fd = -1;
	ward_buf_free(&out->text);
}

void exchange_out_drop(struct exchange_out *out)
{
	finish(out, true);
}

ward_err exchange_out_end(struct exchange_out *out, ward_err err, struct ward_error *error)
{
	exchange_out_flush(out);
	if (!err && out->err)
		err = ward_fail(error, out->err, "%s", out->why.message);
	if (!err)
		err = put_in_force(out, error);
	finish(out, err != WARD_OK);
	return err;
}
