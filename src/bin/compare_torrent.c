#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "bin/compare_torrent.h"
#include "bin/files.h"
#include "bin/scan_print.h"

#include <ward/media.h>

#define OUTPUT_MAX ((size_t)1 << 20)

struct comparison {
	const char *path, *torrent_path;
	int fd;
	uint64_t size;
	struct ward_torrent *torrent;
	uint8_t *bytes;
	struct ward_torrent_match match;
	bool found;
};

ward_err torrent_open(int fd, uint64_t size, struct ward_torrent **torrent, uint8_t **bytes,
		struct ward_error *error)
{
	ward_err err;

	if (size > WARD_TORRENT_BYTES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a torrent is at most %zu bytes",
				WARD_TORRENT_BYTES_MAX);
	*bytes = malloc((size_t)size + 1);
	if (!*bytes)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a torrent");
	err = file_read_at(fd, 0, *bytes, (size_t)size, error);
	if (!err)
		err = ward_torrent_read((ward_bytes){ *bytes, (size_t)size }, torrent, error);
	if (err) {
		free(*bytes);
		*bytes = NULL;
	}
	return err;
}

/* -1 when it is no file that could be opened; then others say so. */
static int open_file(const char *path, uint64_t *size, bool *is_torrent)
{
	uint8_t head[WARD_MEDIA_HEAD];
	int fd = files_open(path, O_RDONLY | O_NONBLOCK);
	struct stat st;
	ssize_t len;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
			(len = pread(fd, head, sizeof(head), 0)) < 0) {
		close(fd);
		return -1;
	}
	*size = (uint64_t)st.st_size;
	*is_torrent = ward_media_identify((ward_bytes){ head, (size_t)len }) == WARD_MEDIA_TORRENT;
	return fd;
}

static ward_err read_own(void *context, uint64_t offset, uint8_t *to, size_t size,
		struct ward_error *error)
{
	const struct comparison *comparison = context;

	return file_read_at(comparison->fd, offset, to, size, error);
}

/* Of what was compared, none when no file of the torrent has this size. */
static const struct ward_torrent_file *file_of(const struct comparison *comparison)
{
	return comparison->match.file == SIZE_MAX
			       ? NULL
			       : ward_torrent_file(comparison->torrent, comparison->match.file);
}

static void write_json(const struct comparison *comparison, struct ward_buf *out)
{
	const struct ward_torrent_file *file = file_of(comparison);
	struct json json = json_to(out);

	json_object(&json);
	scan_print_path(&json, comparison->path);
	json_key_text(&json, "torrent", comparison->torrent_path);
	json_key_bool(&json, "similar", comparison->found);
	json_key_bool(&json, "same_root", comparison->match.root);
	json_key_uint(&json, "pieces", comparison->match.pieces);
	json_key_uint(&json, "equal", comparison->match.equal);
	if (file)
		json_key_str(&json, "file", file->path);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

static void write_words(const struct comparison *comparison, struct ward_buf *out)
{
	const struct ward_torrent_file *file = file_of(comparison);
	const struct ward_torrent_match *match = &comparison->match;

	if (!file) {
		ward_buf_printf(out, "none of the torrent's %zu files has %" PRIu64 " bytes\n",
				ward_torrent_file_count(comparison->torrent), comparison->size);
		return;
	}
	if (match->root)
		ward_buf_str(out, WARD_STR("the same, by the torrent's root of it: "));
	else if (match->pieces == 0)
		ward_buf_str(out,
				WARD_STR("as large as one, which shares its pieces with others: "));
	else
		ward_buf_printf(out, "%s, %" PRIu64 " of %" PRIu64 " pieces: ",
				comparison->found ? "the same" : "not the same", match->equal,
				match->pieces);
	scan_print_text(out, file->path);
	ward_buf_char(out, '\n');
}

static int compare(struct cli *cli, struct comparison *comparison, int torrent_fd,
		uint64_t torrent_size)
{
	struct ward_buf out;
	struct ward_error error;
	ward_err err = torrent_open(torrent_fd, torrent_size, &comparison->torrent,
			&comparison->bytes, &error);

	if (!err)
		err = ward_torrent_find(comparison->torrent, comparison->size, read_own, comparison,
				&comparison->match, &comparison->found, &error);
	if (!err) {
		ward_buf_init(&out, OUTPUT_MAX);
		if (cli_flag(cli, "json"))
			write_json(comparison, &out);
		else
			write_words(comparison, &out);
		fputs(ward_buf_text(&out).ptr, stdout);
		ward_buf_free(&out);
	}
	ward_torrent_free(comparison->torrent);
	free(comparison->bytes);
	if (err)
		return cli_fail_error(cli, &error);
	return comparison->found ? CLI_FOUND : CLI_OK;
}

bool compare_torrent(struct cli *cli, int *status)
{
	uint64_t sizes[2] = { 0, 0 };
	bool is_torrent[2] = { false, false };
	int fds[2];
	bool ours;

	for (int i = 0; i < 2; i++)
		fds[i] = open_file(cli->args[i], &sizes[i], &is_torrent[i]);
	ours = fds[0] >= 0 && fds[1] >= 0 && is_torrent[0] != is_torrent[1];
	if (ours) {
		int of = is_torrent[0] ? 0 : 1;
		struct comparison comparison = {
			.path = cli->args[1 - of],
			.torrent_path = cli->args[of],
			.fd = fds[1 - of],
			.size = sizes[1 - of],
		};

		*status = compare(cli, &comparison, fds[of], sizes[of]);
	}
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return ours;
}
