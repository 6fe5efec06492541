#include "bank/opinions.h"
#include "bank/folder.h"
#include "base/file.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one opinion ---- */

static bool text_valid(const char *text, size_t room)
{
	const char *end = memchr(text, '\0', room);

	return end && ward_utf8_valid((ward_str){ text, (size_t)(end - text) });
}

ward_err opinion_check(const struct ward_opinion *opinion, struct ward_error *error)
{
	if (opinion->kind != WARD_OPINION_AFFIRM && opinion->kind != WARD_OPINION_DISPUTE)
		return ward_fail(error, WARD_E_ARGUMENT, "an opinion affirms or disputes");
	if (opinion->signal.kind <= WARD_SIGNAL_NONE ||
			opinion->signal.kind >= WARD_SIGNAL_KIND_COUNT)
		return ward_fail(error, WARD_E_ARGUMENT, "an opinion is on a signal");
	if (!text_valid(opinion->who, sizeof(opinion->who)) || !opinion->who[0])
		return ward_fail(error, WARD_E_ARGUMENT, "an opinion says whose it is");
	if (!text_valid(opinion->reason, sizeof(opinion->reason)))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a reason is UTF-8 text of at most %d bytes",
				WARD_LIST_TEXT_MAX - 1);
	if (opinion->kind == WARD_OPINION_DISPUTE && !opinion->reason[0])
		return ward_fail(error, WARD_E_ARGUMENT, "a dispute gives its reason");
	return WARD_OK;
}

void opinion_format(const struct ward_opinion *opinion, struct ward_buf *buf)
{
	struct json json = json_to(buf);
	char text[WARD_SIGNAL_TEXT_MAX];

	json_object(&json);
	json_key_text(&json, "opinion",
			opinion->kind == WARD_OPINION_AFFIRM ? "affirm" : "dispute");
	json_key_text(&json, "kind", ward_signal_kind_name(opinion->signal.kind));
	json_key_text(&json, "signal", ward_signal_format(&opinion->signal, text));
	json_key_text(&json, "who", opinion->who);
	json_key_text(&json, "reason", opinion->reason);
	json_key_int(&json, "when", opinion->when);
	json_object_end(&json);
}

/* ---- counting ---- */

/* A person's opinion, with its place in the journal. */
struct said {
	ward_signal signal;
	char who[WARD_LIST_NAME_MAX];
	ward_opinion_kind kind;
	size_t turn;
};

static int signal_cmp(const ward_signal *a, const ward_signal *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return memcmp(a->bytes, b->bytes, ward_signal_size(a->kind));
}

static int by_person(const void *left, const void *right)
{
	const struct said *a = left, *b = right;
	int order = signal_cmp(&a->signal, &b->signal);

	if (order == 0)
		order = strcmp(a->who, b->who);
	return order != 0 ? order : a->turn < b->turn ? -1 : a->turn > b->turn;
}

static bool same_person(const struct said *a, const struct said *b)
{
	return signal_cmp(&a->signal, &b->signal) == 0 && strcmp(a->who, b->who) == 0;
}

/* Sorted by person, the last of equal ones counts. */
static void count_said(const struct said *said, size_t count, struct opinions *opinions)
{
	for (size_t i = 0; i < count; i++) {
		struct opinion_count *last = opinions->at + opinions->count - 1;

		if (i + 1 < count && same_person(&said[i], &said[i + 1]))
			continue;
		if (opinions->count == 0 || signal_cmp(&last->signal, &said[i].signal) != 0) {
			last = &opinions->at[opinions->count++];
			*last = (struct opinion_count){ .signal = said[i].signal };
		}
		last->affirmed += said[i].kind == WARD_OPINION_AFFIRM;
		last->disputed += said[i].kind == WARD_OPINION_DISPUTE;
	}
}

static size_t count_lines(ward_str text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	return lines;
}

static ward_err read_lines(ward_str journal, struct said *said, size_t lines,
		struct ward_error *error)
{
	for (size_t i = 0; i < lines; i++) {
		struct ward_error why = { 0 };
		struct ward_opinion opinion;
		ward_err err = opinion_parse(ward_str_cut(&journal, '\n'), &opinion, &why);

		if (err)
			return ward_fail(error, err, "line %zu: %s", i + 1, why.message);
		said[i].signal = opinion.signal;
		said[i].kind = opinion.kind;
		said[i].turn = i;
		memcpy(said[i].who, opinion.who, sizeof(said[i].who));
	}
	return WARD_OK;
}

ward_err opinions_parse(ward_str journal, struct opinions *opinions, struct ward_error *error)
{
	size_t lines = count_lines(journal);
	struct opinions read = { .at = calloc(lines + 1, sizeof(*read.at)) };
	struct said *said = calloc(lines + 1, sizeof(*said));
	ward_err err = WARD_OK;

	if (!read.at || !said)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for %zu opinions", lines);
	if (!err)
		err = read_lines(journal, said, lines, error);
	if (!err) {
		qsort(said, lines, sizeof(*said), by_person);
		count_said(said, lines, &read);
		*opinions = read;
	} else {
		opinions_free(&read);
	}
	free(said);
	return err;
}

/* The journal's text, for free(); NULL when there is none. */
static ward_err read_journal(const char *folder, char path[4096], char **text, size_t *len,
		struct ward_error *error)
{
	ward_err err = folder_path(folder, OPINIONS_NAME, path, error);

	*text = NULL;
	if (!err)
		err = file_read(path, OPINIONS_BYTES_MAX, text, len, error);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

ward_err opinions_read(const char *folder, struct opinions *opinions, struct ward_error *error)
{
	struct ward_error why = { 0 };
	char path[4096], *text;
	size_t len = 0;
	ward_err err = read_journal(folder, path, &text, &len, error);

	if (err)
		return err;
	if (!text) {
		*opinions = (struct opinions){ 0 };
		return WARD_OK;
	}
	err = opinions_parse((ward_str){ text, len }, opinions, &why);
	free(text);
	return err ? ward_fail(error, err, "%s: %s", path, why.message) : WARD_OK;
}

ward_err ward_list_opinions(const char *folder, ward_opinion_visit *visit, void *context,
		struct ward_error *error)
{
	char path[4096], *text;
	size_t len = 0;
	ward_err err = read_journal(folder, path, &text, &len, error);
	ward_str journal = { text, len };

	while (!err && journal.len > 0 && memchr(journal.ptr, '\n', journal.len)) {
		struct ward_error why = { 0 };
		struct ward_opinion opinion;

		err = opinion_parse(ward_str_cut(&journal, '\n'), &opinion, &why);
		err = err ? ward_fail(error, err, "%s: %s", path, why.message)
			  : visit(context, &opinion, error);
	}
	free(text);
	return err;
}

void opinions_free(struct opinions *opinions)
{
	free(opinions->at);
	*opinions = (struct opinions){ 0 };
}

static int by_signal(const void *left, const void *right)
{
	const ward_signal *asked = left;
	const struct opinion_count *count = right;

	return signal_cmp(asked, &count->signal);
}

const struct opinion_count *opinions_find(const struct opinions *opinions,
		const ward_signal *signal)
{
	if (opinions->count == 0)
		return NULL;
	return bsearch(signal, opinions->at, opinions->count, sizeof(*opinions->at), by_signal);
}

/* ---- adding to the journal ---- */

/* Where the last whole line ends: at the end, unless a writer was killed. */
static ward_err find_end(int fd, const char *path, off_t *end, struct ward_error *error)
{
	off_t at = lseek(fd, 0, SEEK_END);
	char piece[4096];

	while (at > 0) {
		off_t from = at > (off_t)sizeof(piece) ? at - (off_t)sizeof(piece) : 0;
		ssize_t got = pread(fd, piece, (size_t)(at - from), from);

		if (got != at - from)
			return ward_fail(error, WARD_E_IO, "cannot read %s", path);
		while (got > 0 && piece[got - 1] != '\n')
			got--;
		if (got > 0) {
			at = from + got;
			break;
		}
		at = from;
	}
	if (at < 0)
		return ward_fail(error, WARD_E_IO, "cannot read %s: %s", path, strerror(errno));
	*end = at;
	return WARD_OK;
}

/* A failure leaves the journal as it was: half a line is taken away again. */
static ward_err append(int fd, const char *path, ward_str line, struct ward_error *error)
{
	off_t end = 0;
	ward_err err = find_end(fd, path, &end, error);

	if (err)
		return err;
	if (ftruncate(fd, end) < 0 || lseek(fd, end, SEEK_SET) < 0 ||
			file_write_all(fd, line.ptr, line.len, NULL) || fsync(fd) < 0) {
		err = ward_fail(error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
		(void)!ftruncate(fd, end);
	}
	return err;
}

static ward_err append_locked(const char *path, ward_str line, struct ward_error *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	ward_err err;

	if (fd < 0)
		return ward_fail(error, errno == EACCES ? WARD_E_DENIED : WARD_E_IO,
				"cannot open %s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
		continue;
	err = append(fd, path, line, error);
	close(fd);
	return err;
}

ward_err ward_list_opine(const char *folder, const struct ward_opinion *opinion,
		struct ward_error *error)
{
	struct ward_buf buf;
	char path[4096];
	ward_err err = opinion_check(opinion, error);

	if (!err)
		err = folder_path(folder, MANIFEST_NAME, path, error);
	if (!err && access(path, F_OK) < 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "there is no list in %s", folder);
	if (!err)
		err = folder_path(folder, OPINIONS_NAME, path, error);
	if (err)
		return err;
	ward_buf_init(&buf, 8192);
	opinion_format(opinion, &buf);
	ward_buf_char(&buf, '\n');
	if (buf.failed)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for an opinion");
	else
		err = append_locked(path, ward_buf_text(&buf), error);
	ward_buf_free(&buf);
	/* The journal itself may be new. */
	return err ? err : file_sync_folder(folder, error);
}
