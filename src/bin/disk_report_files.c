#include "bin/disk_report_files.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "bin/files.h"

enum { PATH_MAX_OURS = 4096 };

/* ---- formats ---- */

static bool write_html(FILE *out, const struct disk_report *report)
{
	disk_report_html(out, report);
	return true;
}

static bool write_csv(FILE *out, const struct disk_report *report)
{
	disk_report_csv(out, report);
	return true;
}

static const struct format {
	const char *name;
	bool (*write)(FILE *out, const struct disk_report *report);
} formats[] = {
	{ "html", write_html },
	{ "csv", write_csv },
	{ "vics", disk_report_vics },
	{ "icse", disk_report_icse },
};

/* "html=FILE"; NULL when it is none. */
static const struct format *read_word(const char *word, const char **path)
{
	ward_str rest = ward_str_from(word);
	ward_str name = ward_str_cut(&rest, '=');

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (rest.len > 0 && ward_str_eq(name, ward_str_from(formats[i].name))) {
			*path = rest.ptr;
			return &formats[i];
		}
	}
	return NULL;
}

/* ---- before the scan ---- */

static ward_err folder_of(const char *path, char folder[PATH_MAX_OURS], struct ward_error *error)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len >= PATH_MAX_OURS)
		return ward_fail(error, WARD_E_ARGUMENT, "--report: the path is too long");
	if (!slash)
		snprintf(folder, PATH_MAX_OURS, ".");
	else
		snprintf(folder, PATH_MAX_OURS, "%.*s", len ? (int)len : 1, path);
	return WARD_OK;
}

static ward_err fail(const char *path, int number, struct ward_error *error)
{
	struct ward_error why = files_error(number);

	return ward_fail(error, why.code, "--report: %s: %s", path, strerror(number));
}

static ward_err check_one(const struct cli *cli, const char *word, struct ward_error *error)
{
	const char *path;
	char folder[PATH_MAX_OURS];
	struct stat st;

	if (!read_word(word, &path))
		return ward_fail(error, WARD_E_ARGUMENT,
				"--report wants FORMAT=FILE, and FORMAT is html, csv, vics or "
				"icse");
	if (folder_of(path, folder, error) != WARD_OK)
		return error->code;
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return ward_fail(error, WARD_E_ARGUMENT, "--report: %s is no file", path);
	if (lstat(path, &st) == 0 && !cli_flag(cli, "overwrite"))
		return ward_fail(error, WARD_E_EXISTS,
				"--report: %s is there already (--overwrite writes over it)", path);
	return access(folder, W_OK | X_OK) == 0 ? WARD_OK : fail(folder, errno, error);
}

ward_err disk_report_files_check(const struct cli *cli, struct ward_error *error)
{
	const char *word, *other, *path, *other_path;

	for (int i = 0; (word = cli_many(cli, "report", i)) != NULL; i++) {
		ward_err err = check_one(cli, word, error);

		for (int k = 0; !err && k < i; k++) {
			other = cli_many(cli, "report", k);
			if (read_word(other, &other_path) && read_word(word, &path) &&
					strcmp(path, other_path) == 0)
				err = ward_fail(error, WARD_E_ARGUMENT,
						"--report: %s is named twice", path);
		}
		for (int k = 0; !err && k < cli->arg_count; k++) {
			if (read_word(word, &path) && strcmp(path, cli->args[k]) == 0)
				err = ward_fail(error, WARD_E_ARGUMENT, "--report: %s is an image",
						path);
		}
		if (err)
			return err;
	}
	return WARD_OK;
}

bool disk_report_files_any(const struct cli *cli)
{
	return cli_many(cli, "report", 0) != NULL;
}

/* ---- behind it ---- */

static ward_err write_to(const struct format *format, int fd, const char *path,
		const struct disk_report *report, struct ward_error *error)
{
	FILE *out = fdopen(fd, "w");

	if (!out) {
		ward_err err = fail(path, errno, error);

		close(fd);
		return err;
	}
	errno = 0;
	bool made = format->write(out, report);
	bool written = fflush(out) == 0 && !ferror(out) && fsync(fd) == 0;
	int number = errno;

	written &= fclose(out) == 0;
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "--report: %s: out of memory", path);
	return written ? WARD_OK : fail(path, number ? number : EIO, error);
}

/* Takes the name only when nobody else did; file systems without links are asked first. */
static ward_err give_name(const char *made, const char *path, bool overwrite,
		struct ward_error *error)
{
	struct stat st;

	if (overwrite)
		return rename(made, path) == 0 ? WARD_OK : fail(path, errno, error);
	if (link(made, path) == 0)
		return unlink(made) == 0 ? WARD_OK : fail(made, errno, error);
	if (errno == EEXIST || lstat(path, &st) == 0)
		return fail(path, EEXIST, error);
	return rename(made, path) == 0 ? WARD_OK : fail(path, errno, error);
}

static ward_err write_one(const struct format *format, const char *path, bool overwrite,
		const struct disk_report *report, struct ward_error *error)
{
	char folder[PATH_MAX_OURS], made[PATH_MAX_OURS + 32];
	ward_err err = folder_of(path, folder, error);

	if (err)
		return err;
	snprintf(made, sizeof(made), "%s/.ward-report-XXXXXX", folder);
	int fd = mkstemp(made);

	if (fd < 0)
		return fail(path, errno, error);
	err = write_to(format, fd, path, report, error);
	if (!err)
		err = give_name(made, path, overwrite, error);
	if (err)
		(void)unlink(made);
	else
		err = file_sync_folder(folder, error);
	return err;
}

ward_err disk_report_files_write(const struct cli *cli, const struct disk_report *report,
		struct ward_error *error)
{
	ward_err first = WARD_OK;
	const char *word, *path;

	for (int i = 0; (word = cli_many(cli, "report", i)) != NULL; i++) {
		const struct format *format = read_word(word, &path);
		struct ward_error why = { 0 };

		if (!format || write_one(format, path, cli_flag(cli, "overwrite"), report, &why) ==
						WARD_OK)
			continue;
		if (!first) {
			*error = why;
			first = why.code;
		}
	}
	return first;
}
