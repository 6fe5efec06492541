/*
 * ward match - which listed entries lie on or near a signal
 *
 * Signals come as arguments or line by line on standard input; answers go out
 * as soon as what was read is answered, so that the command can sit in a pipe
 * or at the end of one for ever, in constant memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "bin/cli.h"
#include "bin/known.h"
#include "bin/picture.h"
#include "bin/scan_print.h"
#include "scan/report_json.h"

#include <ward/sharing.h>

/* Questions answered together; a pipe hands over about a thousand lines at once. */
enum { BATCH = 1024, LINE_MAX_BYTES = 4096, SHOWN_BYTES = 64, LISTS_MAX = 64 };

/* Of the answers to one batch, before they are written. */
#define OUTPUT_MAX ((size_t)1 << 30)

struct question {
	ward_signal signal;      /* kind NONE: `asked` is no signal */
	ward_str asked;          /* what was given; borrowed until the batch is answered */
	const char *orientation; /* of a picture's hash; NULL otherwise */
};

struct match {
	const struct cli *cli;
	bool json;
	int radius;
	ward_signal_kind kind; /* of a text that does not say */
	/* where to look */
	struct known known; /* lists by name, when any is */
	ward_str names[LISTS_MAX];
	size_t name_count;
	struct ward_list *lists[LISTS_MAX]; /* lists by path */
	size_t list_count;
	/* the batch */
	struct question questions[BATCH];
	size_t count;
	struct ward_hits found[BATCH];
	struct ward_buf text;
	bool too_long; /* what is read belongs to a line that was answered as too long */
	/* the outcome */
	uint64_t hits;
	uint64_t troubles;
};

/* ---- lists ---- */

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static ward_err open_list(struct match *match, const char *name, struct ward_error *error)
{
	bool is_path = strchr(name, '/') || (!match->cli->workspace && is_folder(name));
	ward_err err;

	if (match->name_count == LISTS_MAX || match->list_count == LISTS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "at most %d lists can be named", LISTS_MAX);
	if (is_path) {
		err = ward_list_open(name, &match->lists[match->list_count], error);
		match->list_count += err == WARD_OK;
		return err;
	}
	if (!match->known.bank) {
		err = known_open(match->cli, &match->known, error);
		if (err)
			return err;
	}
	if (!ward_bank_find(match->known.view, ward_str_from(name)))
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no list named %s", name);
	match->names[match->name_count++] = ward_str_from(name);
	return WARD_OK;
}

static ward_err open_lists(struct match *match, struct ward_error *error)
{
	ward_err err = WARD_OK;
	const char *name;

	for (int i = 0; !err && (name = cli_many(match->cli, "list", i)); i++)
		err = open_list(match, name, error);
	if (!err && match->name_count == 0 && match->list_count == 0)
		err = known_open(match->cli, &match->known, error);
	if (!err && match->known.workspace && !cli_flag(match->cli, "radius"))
		match->radius = workspace_settings(match->known.workspace)->radius;
	return err;
}

/* ---- asking ---- */

static ward_err ask_lists(struct match *match, size_t i, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t k = 0; k < match->list_count && !err; k++)
		err = ward_list_search(match->lists[k], &match->questions[i].signal, match->radius,
				&match->found[i], error);
	return err;
}

/* PDQ questions go to the bank together, the rest one by one. */
static ward_err ask_bank(struct match *match, struct ward_error *error)
{
	static ward_signal signals[BATCH];
	static struct ward_hits found[BATCH];
	static size_t place[BATCH];
	struct ward_search search = ward_search_default();
	size_t count = 0;
	ward_err err = WARD_OK;

	search.radius = match->radius;
	search.lists = match->name_count > 0 ? match->names : NULL;
	search.list_count = match->name_count;
	/* A list asked by its name is asked, expired or not. */
	search.now = match->name_count > 0 ? 0 : clock_now();
	for (size_t i = 0; i < match->count && !err; i++) {
		const ward_signal *signal = &match->questions[i].signal;

		if (signal->kind == WARD_SIGNAL_PDQ) {
			signals[count] = *signal;
			found[count] = match->found[i];
			place[count++] = i;
		} else if (signal->kind != WARD_SIGNAL_NONE) {
			err = ward_bank_search(match->known.view, signal, &search, &match->found[i],
					error);
		}
	}
	if (!err && count > 0)
		err = ward_bank_search_batch(match->known.view, signals, count, &search, found,
				error);
	/* Their memory may have grown, whether all went well or not. */
	for (size_t k = 0; k < count; k++)
		match->found[place[k]] = found[k];
	return err;
}

static ward_err ask(struct match *match, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < match->count; i++)
		ward_hits_clear(&match->found[i]);
	if (match->known.view)
		err = ask_bank(match, error);
	for (size_t i = 0; i < match->count && !err; i++) {
		if (match->questions[i].signal.kind != WARD_SIGNAL_NONE)
			err = ask_lists(match, i, error);
	}
	return err;
}

/* ---- answering ---- */

static void write_hit(struct json *json, const struct ward_hit *hit, const char *orientation)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	json_object(json);
	json_key_text(json, "list", ward_list_info(hit->list)->name);
	json_key_text(json, "signal", ward_signal_format(&hit->signal, text));
	json_key_uint(json, "entry", hit->entry);
	json_key_uint(json, "distance", hit->distance);
	json_key(json, "labels");
	report_json_labels(json, hit->labels);
	if (orientation)
		json_key_text(json, "orientation", orientation);
	if (hit->affirmed > 0 || hit->disputed > 0) {
		json_key_uint(json, "affirmed", hit->affirmed);
		json_key_uint(json, "disputed", hit->disputed);
	}
	if (hit->excluded)
		json_key_bool(json, "excluded", true);
	json_object_end(json);
}

static void write_answer(struct match *match, const struct question *question,
		const struct ward_hits *hits)
{
	char text[WARD_SIGNAL_TEXT_MAX];
	struct json json = json_to(&match->text);

	json_object(&json);
	if (question->signal.kind == WARD_SIGNAL_NONE) {
		json_key_str(&json, "signal", question->asked);
		json_key_text(&json, "error", ward_err_name(WARD_E_FORMAT));
		json_key_text(&json, "message", "this is no signal");
	} else {
		json_key_text(&json, "type", ward_signal_kind_name(question->signal.kind));
		json_key_text(&json, "signal", ward_signal_format(&question->signal, text));
		json_key(&json, "hits");
		json_array(&json);
		for (size_t i = 0; i < hits->count; i++)
			write_hit(&json, &hits->at[i], question->orientation);
		json_array_end(&json);
	}
	json_object_end(&json);
	ward_buf_char(&match->text, '\n');
}

static void print_answer(struct match *match, const struct question *question,
		const struct ward_hits *hits)
{
	struct ward_buf *out = &match->text;
	char text[WARD_SIGNAL_TEXT_MAX];

	if (question->signal.kind == WARD_SIGNAL_NONE) {
		scan_print_text(out, question->asked);
		ward_buf_str(out, WARD_STR("\n  this is no signal\n"));
		return;
	}
	ward_buf_printf(out, "%s:%s", ward_signal_kind_name(question->signal.kind),
			ward_signal_format(&question->signal, text));
	if (question->orientation)
		ward_buf_printf(out, " (%s)", question->orientation);
	ward_buf_str(out, hits->count > 0 ? WARD_STR("\n") : WARD_STR("\n  not listed\n"));
	for (size_t i = 0; i < hits->count; i++) {
		const struct ward_hit *hit = &hits->at[i];

		ward_buf_printf(out, "  distance %-3" PRIu32 "  %s entry %" PRIu64 "  ",
				hit->distance, ward_list_info(hit->list)->name, hit->entry);
		scan_print_text(out, hit->labels);
		ward_buf_str(out, hit->excluded ? WARD_STR("  (excluded)\n") : WARD_STR("\n"));
	}
}

/* What an exclusion list holds is shown, and counts for nothing. */
static uint64_t counting(const struct ward_hits *hits)
{
	uint64_t count = 0;

	for (size_t i = 0; i < hits->count; i++)
		count += !hits->at[i].excluded;
	return count;
}

/* Answers what has gathered; an unanswerable batch is the end. */
static ward_err answer(struct match *match, struct ward_error *error)
{
	ward_err err = match->count > 0 ? ask(match, error) : WARD_OK;

	ward_buf_clear(&match->text);
	for (size_t i = 0; i < match->count && !err; i++) {
		match->hits += counting(&match->found[i]);
		match->troubles += match->questions[i].signal.kind == WARD_SIGNAL_NONE;
		if (match->json)
			write_answer(match, &match->questions[i], &match->found[i]);
		else
			print_answer(match, &match->questions[i], &match->found[i]);
		if (match->text.len < (size_t)1 << 20 && i + 1 < match->count)
			continue;
		if (match->text.failed)
			return ward_fail(error, WARD_E_NOMEM, "an answer is too large to print");
		fwrite(match->text.ptr, 1, match->text.len, stdout);
		ward_buf_clear(&match->text);
	}
	match->count = 0;
	if (!err && (fflush(stdout) != 0 || ferror(stdout)))
		err = ward_fail(error, WARD_E_IO, "the output could not be written");
	return err;
}

static ward_err add(struct match *match, struct question question, struct ward_error *error)
{
	match->questions[match->count++] = question;
	return match->count == BATCH ? answer(match, error) : WARD_OK;
}

/* A link of a file-sharing network: each hash that it names is a question. */
static ward_err add_link(struct match *match, ward_str link, size_t *count,
		struct ward_error *error)
{
	ward_signal signals[WARD_SHARING_LINK_MAX];
	ward_err err = WARD_OK;

	*count = ward_sharing_link(link, signals);
	for (size_t i = 0; i < *count && !err; i++)
		err = add(match, (struct question){ .signal = signals[i], .asked = link }, error);
	return err;
}

/* 64 digits alone are a PDQ hash here, unless --type says otherwise. */
static ward_err add_text(struct match *match, ward_str text, struct ward_error *error)
{
	struct question question = { .asked = ward_str_trim(text) };
	size_t linked;

	if (question.asked.len == 0 || question.asked.ptr[0] == '#')
		return WARD_OK;
	ward_err err = add_link(match, question.asked, &linked, error);

	if (err || linked > 0)
		return err;
	if (!ward_signal_parse(match->kind, question.asked, &question.signal) &&
			!ward_signal_parse(WARD_SIGNAL_NONE, question.asked, &question.signal) &&
			(match->kind != WARD_SIGNAL_NONE ||
					!ward_signal_parse(WARD_SIGNAL_PDQ, question.asked,
							&question.signal)))
		question.signal.kind = WARD_SIGNAL_NONE;
	return add(match, question, error);
}

/* ---- standard input ---- */

/*
 * Answers the whole lines in the buffer and moves the rest to its front.  The
 * questions borrow their text from it, so the batch is answered before.
 */
static ward_err take_lines(struct match *match, char *buffer, size_t *len, struct ward_error *error)
{
	ward_str rest = { buffer, *len };
	ward_err err = WARD_OK;

	while (!err && rest.len > 0 && memchr(rest.ptr, '\n', rest.len)) {
		ward_str line = ward_str_cut(&rest, '\n');

		/* The end of one whose beginning was answered. */
		if (match->too_long)
			match->too_long = false;
		else
			err = add_text(match, line, error);
	}
	if (!err && match->too_long)
		rest.len = 0;
	if (!err && rest.len > LINE_MAX_BYTES) {
		err = add(match, (struct question){ .asked = { rest.ptr, SHOWN_BYTES } }, error);
		match->too_long = true;
		rest.len = 0;
	}
	if (!err)
		err = answer(match, error);
	memmove(buffer, rest.ptr, rest.len);
	*len = rest.len;
	return err;
}

static ward_err match_stdin(struct match *match, struct ward_error *error)
{
	static char buffer[(1 << 16) + LINE_MAX_BYTES];
	size_t len = 0;
	ward_err err = WARD_OK;

	while (!err) {
		ssize_t got = read(STDIN_FILENO, buffer + len, sizeof(buffer) - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ward_fail(error, WARD_E_IO, "standard input cannot be read: %s",
					strerror(errno));
		if (got == 0)
			break;
		len += (size_t)got;
		err = take_lines(match, buffer, &len, error);
	}
	/* The last line may lack its end. */
	if (!err && !match->too_long)
		err = add_text(match, (ward_str){ buffer, len }, error);
	return err ? err : answer(match, error);
}

/* ---- pictures ---- */

/* All 8 looks of each picture, every pixel hashed as the reference command does. */
static ward_err match_pictures(struct match *match, struct ward_error *error)
{
	struct picture_reader reader;
	ward_err err = picture_reader_open(&reader, true, error);

	for (int i = 0; i < match->cli->arg_count && !err; i++) {
		const char *path = match->cli->args[i];
		const struct ward_frame_hash *frame = NULL;
		const struct ward_item *item;
		struct ward_error own = { 0 };

		if (picture_read(&reader, path, &item, &own) == WARD_OK) {
			frame = picture_first(item);
			(void)ward_fail(&own, WARD_E_FORMAT, "%.*s",
					item->err ? (int)item->message.len : 13,
					item->err ? item->message.ptr : "not a picture");
		}
		if (!frame || !frame->has_512) {
			match->troubles++;
			cli_fail(match->cli, "%s: %s", path, own.message);
			continue;
		}
		for (int k = 0; k < WARD_DIHEDRAL_COUNT && !err; k++)
			err = add(match,
					(struct question){ .signal = ward_pdq_signal(
									   frame->dihedral512[k]),
							.orientation = ward_dihedral_name(
									(ward_dihedral)k) },
					error);
		if (!err)
			err = answer(match, error);
	}
	picture_reader_close(&reader);
	return err;
}

/* ---- the verb ---- */

static ward_err match_arguments(struct match *match, struct ward_error *error)
{
	const struct cli *cli = match->cli;
	ward_err err = WARD_OK;

	if (cli_flag(cli, "any-orientation"))
		return match_pictures(match, error);
	for (int i = 0; i < cli->arg_count && !err; i++) {
		if (strcmp(cli->args[i], "-") == 0) {
			err = answer(match, error);
			if (!err)
				err = match_stdin(match, error);
		} else {
			err = add_text(match, ward_str_from(cli->args[i]), error);
		}
	}
	return err ? err : answer(match, error);
}

static void close_all(struct match *match)
{
	for (size_t i = 0; i < BATCH; i++)
		ward_hits_free(&match->found[i]);
	for (size_t i = 0; i < match->list_count; i++)
		ward_list_free(match->lists[i]);
	known_close(&match->known);
	ward_buf_free(&match->text);
}

static int run_match(struct cli *cli)
{
	static struct match match;
	const char *type = cli_text(cli, "type");
	struct ward_error error;
	int status;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which signals? (- reads them from standard input)");
	match.cli = cli;
	match.json = cli_flag(cli, "json");
	match.radius = (int)cli_number(cli, "radius", -1);
	match.kind = type ? ward_signal_kind_from(ward_str_from(type)) : WARD_SIGNAL_NONE;
	if (type && match.kind == WARD_SIGNAL_NONE)
		return cli_usage(cli, "--type wants md5, sha1, sha256, pdq or photodna");
	ward_buf_init(&match.text, OUTPUT_MAX);
	if (open_lists(&match, &error) != WARD_OK || match_arguments(&match, &error) != WARD_OK)
		status = cli_fail_error(cli, &error);
	else if (match.troubles > 0)
		status = cli_fail(cli, "%" PRIu64 " of what was asked could not be read",
				match.troubles);
	else
		status = match.hits > 0 ? CLI_FOUND : CLI_OK;
	close_all(&match);
	return status;
}

static const struct cli_option options[] = {
	{ "list", 'l', CLI_MANY, "LIST", "a list's name, or a list's folder (default: all)", 0, 0 },
	{ "radius", 'r', CLI_NUMBER, "BITS", "PDQ distance (default: each list's own)", 0, 63 },
	{ "type", 't', CLI_TEXT, "TYPE", "md5, sha1, sha256, pdq or photodna", 0, 0 },
	{ "any-orientation", 0, CLI_FLAG, NULL, "the arguments are pictures: ask all 8 looks", 0,
			0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

const struct cli_verb verb_match = {
	.name = "match",
	.arguments = "SIGNAL|-...",
	.options = options,
	.run = run_match,
};
