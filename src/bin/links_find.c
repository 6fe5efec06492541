/* ward link find - the links in texts, pages and mails */
#include "base/file.h"
#include "base/json.h"
#include "bin/links.h"
#include "bin/scan_print.h"
#include "intake/mail.h"
#include "text/encoding.h"

enum { FILE_MAX = 64 << 20, DECODED_MAX = 3 * FILE_MAX };

enum shape { SHAPE_TEXT, SHAPE_HTML, SHAPE_MAIL };

struct find_run {
	const struct cli *cli;
	bool json;
	const char *path;
	size_t part; /* of a mail, from 1; 0: the file itself */
	bool has_base;
	struct ward_link base;
	struct ward_buf base_memory;   /* of the one that was named */
	struct ward_buf page_memory;   /* of a page's own <base> */
	struct ward_buf memory, again; /* of a link: joined, and canonical */
	struct ward_buf text;
	uint64_t found;
	unsigned troubles;
};

/* ---- what it is ---- */

static bool has_word(ward_str text, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		ward_str word = ward_str_from(words[i]);

		for (size_t at = 0; at + word.len <= text.len; at++) {
			if (ward_str_eq_nocase((ward_str){ text.ptr + at, word.len }, word))
				return true;
		}
	}
	return false;
}

/* "Name: value" or a continued line, up to an empty one, and a name that mails have. */
static bool looks_like_mail(ward_str text)
{
	static const char *const names[] = { "from:", "received:", "return-path:", "mime-version:",
		"message-id:", "delivered-to:", "content-type:", NULL };
	bool known = false;

	if (ward_str_starts(text, WARD_STR("From ")))
		ward_str_cut(&text, '\n');
	for (size_t i = 0; i < 40 && text.len > 0; i++) {
		ward_str line = ward_str_cut(&text, '\n');
		size_t len = 0;

		if (line.len == 0 || line.ptr[0] == '\r')
			return known;
		if (i > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
			continue;
		while (len < line.len && line.ptr[len] > ' ' && line.ptr[len] < 0x7f &&
				line.ptr[len] != ':')
			len++;
		if (len == 0 || len == line.len || line.ptr[len] != ':')
			return false;
		known = known || has_word((ward_str){ line.ptr, len + 1 }, names);
	}
	return known;
}

static enum shape shape_of(ward_str text)
{
	static const char *const tags[] = { "<!doctype html", "<html", "<head", "<body", "<title",
		"<meta ", "<script", "<div", "<table", "<p>", "<a href", "<img ", NULL };
	ward_str front = { text.ptr, text.len < 4096 ? text.len : 4096 };

	if (looks_like_mail(text))
		return SHAPE_MAIL;
	return has_word(front, tags) ? SHAPE_HTML : SHAPE_TEXT;
}

static bool shape_named(const char *word, ward_str text, enum shape *shape)
{
	if (!word)
		*shape = shape_of(text);
	else if (strcmp(word, "text") == 0)
		*shape = SHAPE_TEXT;
	else if (strcmp(word, "html") == 0)
		*shape = SHAPE_HTML;
	else
		*shape = SHAPE_MAIL;
	return true;
}

/* ---- which encoding ---- */

static struct encoding encoding_of(ward_str text, ward_str type, bool html)
{
	size_t head = text.len < ENCODING_HEAD ? text.len : ENCODING_HEAD;
	struct encoding encoding = encoding_choose((ward_bytes){ (const uint8_t *)text.ptr, head },
			type, html);

	struct encoding other;

	/* That the beginning is UTF-8 says little, when all of it is there and is none. */
	if (strcmp(encoding.by, "utf-8") == 0 && !ward_utf8_valid(text) &&
			encoding_find(WARD_STR("windows-1252"), &other))
		return other;
	return encoding;
}

/* The text in UTF-8: as it is, or decoded into `memory`. */
static ward_err decode(const struct encoding *encoding, struct ward_buf *memory, ward_str *text,
		struct ward_error *error)
{
	ward_bytes bytes = { (const uint8_t *)text->ptr, text->len };
	struct ward_decoder *decoder;

	if (!encoding->system)
		return WARD_OK;
	decoder = ward_decoder_new(encoding);
	if (!decoder)
		return ward_fail(error, WARD_E_UNSUPPORTED, "%s cannot be read here",
				encoding->name);
	bytes = (ward_bytes){ bytes.ptr + encoding->mark_len, bytes.len - encoding->mark_len };
	ward_decoder_feed(decoder, bytes, memory);
	ward_decoder_end(decoder, memory);
	ward_decoder_free(decoder);
	*text = ward_buf_text(memory);
	return memory->failed ? ward_fail(error, WARD_E_LIMIT, "it is too large in UTF-8")
			      : WARD_OK;
}

/* ---- one link ---- */

/* The canonical form of what was found; "" where it leads nowhere by itself. */
static ward_str canonical(struct find_run *run, ward_str text)
{
	struct ward_link link;

	if (run->has_base) {
		if (ward_link_join(text, &run->base, &run->memory, &link, NULL))
			return (ward_str){ "", 0 };
		text = link.url;
	}
	if (ward_link_read(text, WARD_LINK_LOOKUP, &run->again, &link, NULL))
		return (ward_str){ "", 0 };
	return link.url;
}

/* From here on the page's links are read by its own base. */
static void take_base(struct find_run *run, ward_str text)
{
	struct ward_link link;
	ward_err err = ward_link_join(text, run->has_base ? &run->base : NULL, &run->memory, &link,
			NULL);

	if (!err)
		err = ward_link_read(link.url, WARD_LINK_WHATWG, &run->page_memory, &run->base,
				NULL);
	run->has_base = run->has_base || !err;
}

static bool tell(void *context, const struct ward_found_link *found)
{
	struct find_run *run = context;
	struct json json = json_to(&run->text);
	bool is_text = ward_str_eq(found->where, WARD_STR("text"));
	bool had_base = run->has_base;

	/* What stands in text is never relative. */
	run->has_base = had_base && !is_text;

	ward_str url = canonical(run, found->text);

	run->has_base = had_base;
	run->found++;
	ward_buf_clear(&run->text);
	if (run->json) {
		json_object(&json);
		scan_print_path(&json, run->path);
		if (run->part > 0)
			json_key_uint(&json, "part", run->part);
		json_key_uint(&json, "offset", found->offset);
		json_key_str(&json, "where", found->where);
		json_key_bool(&json, "loads", found->loads);
		json_key_str(&json, "text", found->text);
		json_key(&json, "url");
		if (url.len > 0)
			json_str(&json, url);
		else
			json_null(&json);
		json_object_end(&json);
	} else {
		scan_print_text(&run->text, url.len > 0 ? url : found->text);
		ward_buf_char(&run->text, '\t');
		scan_print_text(&run->text, found->where);
	}
	ward_buf_char(&run->text, '\n');
	fwrite(run->text.ptr ? run->text.ptr : "", 1, run->text.len, stdout);
	if (ward_str_eq(found->where, WARD_STR("base href")))
		take_base(run, found->text);
	return !ferror(stdout);
}

/* ---- one file ---- */

static ward_err find_in(struct find_run *run, ward_str text, ward_links_in in,
		struct ward_error *error)
{
	bool had_base = run->has_base;
	struct ward_link base = run->base;
	ward_err err = ward_links_find(text, in, tell, run, error);

	run->has_base = had_base;
	run->base = base;
	return err;
}

/* A page or a text in whichever encoding.  What it is may be seen only when it is decoded. */
static ward_err find_in_bytes(struct find_run *run, ward_str text, ward_str type, enum shape shape,
		bool named, struct ward_error *error)
{
	const struct encoding encoding = encoding_of(text, type, shape == SHAPE_HTML);
	struct ward_buf memory;

	ward_buf_init(&memory, DECODED_MAX);
	ward_err err = decode(&encoding, &memory, &text, error);

	if (!named && shape == SHAPE_TEXT && shape_of(text) == SHAPE_HTML)
		shape = SHAPE_HTML;
	if (!err)
		err = find_in(run, text,
				shape == SHAPE_HTML ? WARD_LINKS_IN_HTML : WARD_LINKS_IN_TEXT,
				error);
	ward_buf_free(&memory);
	return err;
}

static ward_err find_in_mail(struct find_run *run, ward_str mail, struct ward_error *error)
{
	struct mail_parts *parts = calloc(1, sizeof(*parts));
	ward_err err = WARD_E_NOMEM;

	if (!parts)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a mail");
	err = mail_take_apart((ward_bytes){ (const uint8_t *)mail.ptr, mail.len }, parts, error);
	for (size_t i = 0; !err && i < parts->count; i++) {
		const struct mail_part *part = &parts->at[i];
		ward_str text = { (const char *)part->bytes.ptr, part->bytes.len };

		run->part = i + 1;
		bool html = ward_str_starts(part->type, WARD_STR("text/html"));

		/* What is read with the mail is UTF-8 by now; what is attached is as it came. */
		if (part->text)
			err = find_in(run, text, html ? WARD_LINKS_IN_HTML : WARD_LINKS_IN_TEXT,
					error);
		else if (ward_str_starts(part->type, WARD_STR("text/")))
			err = find_in_bytes(run, text, WARD_STR(""), html ? SHAPE_HTML : SHAPE_TEXT,
					true, error);
	}
	run->part = 0;
	mail_parts_free(parts);
	free(parts);
	return err;
}

/* All of standard input, bounded as files are. */
static ward_err read_stdin(char **text, size_t *len, struct ward_error *error)
{
	struct ward_buf all;
	size_t got;

	ward_buf_init(&all, FILE_MAX);
	do {
		char *to = ward_buf_reserve(&all, 65536);

		got = to ? fread(to, 1, 65536, stdin) : 0;
		all.len += got;
	} while (got > 0);
	if (all.failed && !feof(stdin)) {
		ward_buf_free(&all);
		return ward_fail(error, WARD_E_LIMIT, "it is larger than %d MiB", FILE_MAX >> 20);
	}
	*text = all.ptr;
	*len = all.len;
	return WARD_OK;
}

static ward_err find_in_file(struct find_run *run, struct ward_error *error)
{
	const char *as = cli_text(run->cli, "as");
	char *bytes = NULL;
	size_t len = 0;
	enum shape shape = SHAPE_TEXT;
	ward_err err = strcmp(run->path, "-") == 0
				       ? read_stdin(&bytes, &len, error)
				       : file_read(run->path, FILE_MAX, &bytes, &len, error);
	ward_str text = { bytes ? bytes : "", len };

	if (!err && shape_named(as, text, &shape))
		err = shape == SHAPE_MAIL ? find_in_mail(run, text, error)
					  : find_in_bytes(run, text, WARD_STR(""), shape,
							    as != NULL, error);
	free(bytes);
	return err;
}

static int read_base(struct find_run *run)
{
	const char *base = cli_text(run->cli, "base");
	struct ward_error error;

	if (!base)
		return CLI_OK;
	if (ward_link_read(ward_str_from(base), WARD_LINK_WHATWG, &run->base_memory, &run->base,
			    &error))
		return cli_fail(run->cli, "--base: %s", error.message);
	run->has_base = true;
	return CLI_OK;
}

int links_run_find(struct cli *cli)
{
	struct find_run run = { .cli = cli, .json = cli_flag(cli, "json") };
	const char *as = cli_text(cli, "as");
	struct ward_error error;
	int status;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which files? (- is standard input)");
	if (as && strcmp(as, "text") != 0 && strcmp(as, "html") != 0 && strcmp(as, "mail") != 0)
		return cli_usage(cli, "--as is text, html or mail");
	ward_buf_init(&run.base_memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&run.page_memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&run.memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&run.again, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&run.text, (size_t)8 * WARD_LINK_MEMORY_MAX);
	status = read_base(&run);
	for (int i = 0; !status && i < cli->arg_count && !ferror(stdout); i++) {
		run.path = cli->args[i];
		if (find_in_file(&run, &error)) {
			run.troubles++;
			cli_fail(cli, "file %d: %s", i + 1, error.message);
		}
	}
	ward_buf_free(&run.base_memory);
	ward_buf_free(&run.page_memory);
	ward_buf_free(&run.memory);
	ward_buf_free(&run.again);
	ward_buf_free(&run.text);
	if (status || run.troubles)
		return CLI_TROUBLE;
	return run.found > 0 ? CLI_FOUND : CLI_OK;
}

const struct cli_option links_find_options[] = {
	{ "as", 'a', CLI_TEXT, "SHAPE", "text, html or mail (default: what it looks like)", 0, 0 },
	{ "base", 'b', CLI_TEXT, "URL", "where a page came from, to read its relative links by", 0,
			0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};
