/* ward text compile, ward text check - an operator's lists of terms */
#include "base/file.h"
#include "base/json.h"
#include "bin/text.h"

#define LIST_MAX ((size_t)1 << 30)
#define READ_AT  ((size_t)1 << 16)

static ward_err read_stdin(char **bytes, size_t *len, struct ward_error *error)
{
	struct ward_buf buf;

	ward_buf_init(&buf, LIST_MAX);
	for (;;) {
		char *room = ward_buf_reserve(&buf, READ_AT);
		size_t got = room ? fread(room, 1, READ_AT, stdin) : 0;

		if (got == 0)
			break;
		buf.len += got;
	}
	if (buf.failed || ferror(stdin)) {
		ward_buf_free(&buf);
		return ward_fail(error, WARD_E_IO, "standard input cannot be read, or is too long");
	}
	*len = buf.len;
	*bytes = buf.ptr ? buf.ptr : calloc(1, 1);
	return *bytes ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

ward_err text_read_file(const char *path, char **bytes, size_t *len, struct ward_error *error)
{
	return strcmp(path, "-") == 0 ? read_stdin(bytes, len, error)
				      : file_read(path, LIST_MAX, bytes, len, error);
}

/* "weighted", "banned", "exception": of e2guardian; "ward" is ours. */
static bool read_format(const char *name, ward_term_format *format)
{
	static const char *const names[] = { "ward", "e2-weighted", "e2-banned", "e2-exception" };

	for (size_t i = 0; i < 4; i++) {
		if (strcmp(name, names[i]) == 0) {
			*format = (ward_term_format)i;
			return true;
		}
	}
	return false;
}

static ward_err add_file(struct ward_term_list *list, const char *path, ward_term_format format,
		struct ward_error *error)
{
	struct ward_error why = { 0 };
	char *bytes = NULL;
	size_t len = 0;
	ward_err err = text_read_file(path, &bytes, &len, &why);

	if (!err)
		err = ward_term_list_read(list, (ward_str){ bytes, len }, format, &why);
	free(bytes);
	return err ? ward_fail(error, err, "%s: %s", path, why.message) : WARD_OK;
}

/* All lists that are named; NULL when it was told what is wrong. */
static struct ward_term_list *read_lists(struct cli *cli)
{
	unsigned options = cli_flag(cli, "repeats") ? WARD_FOLD_REPEATS : 0;
	struct ward_term_list *list = ward_term_list_new(options);
	const char *name = cli_text(cli, "format");
	ward_term_format format = WARD_TERM_FORMAT_WARD;
	struct ward_error error = { 0 };
	ward_err err = list ? WARD_OK : ward_fail(&error, WARD_E_NOMEM, "out of memory");

	if (name && !read_format(name, &format))
		err = ward_fail(&error, WARD_E_ARGUMENT,
				"--format is ward, e2-weighted, e2-banned or e2-exception");
	for (int i = 0; i < cli->arg_count && !err; i++)
		err = add_file(list, cli->args[i], format, &error);
	if (!err)
		return list;
	cli_fail_error(cli, &error);
	ward_term_list_free(list);
	return NULL;
}

ward_err text_load_terms(const char *path, struct ward_terms **terms, struct ward_error *error)
{
	struct ward_error why = { 0 };
	struct ward_term_list *list = NULL;
	char *bytes = NULL;
	size_t len = 0;
	ward_err err = text_read_file(path, &bytes, &len, &why);

	if (!err && len >= 8 && memcmp(bytes, "WARDTRM", 7) == 0) {
		err = ward_terms_load((ward_bytes){ (const uint8_t *)bytes, len }, terms, &why);
	} else if (!err) {
		list = ward_term_list_new(0);
		err = list ? ward_term_list_read(list, (ward_str){ bytes, len },
					     WARD_TERM_FORMAT_WARD, &why)
			   : ward_fail(&why, WARD_E_NOMEM, "out of memory");
		if (!err)
			err = ward_terms_compile(list, terms, &why);
	}
	ward_term_list_free(list);
	free(bytes);
	return err ? ward_fail(error, err, "%s: %s", path, why.message) : WARD_OK;
}

/* ---- compile ---- */

const struct cli_option text_compile_options[] = {
	{ "output", 'o', CLI_TEXT, "FILE", "where the compiled terms go", 0, 0 },
	{ "format", 0, CLI_TEXT, "NAME", "ward, e2-weighted, e2-banned or e2-exception", 0, 0 },
	{ "repeats", 0, CLI_FLAG, NULL, "a letter that is repeated counts once", 0, 0 },
	{ 0 },
};

int text_run_compile(struct cli *cli)
{
	const char *path = cli_text(cli, "output");
	struct ward_terms *terms = NULL;
	struct ward_term_list *list;
	struct ward_error error;
	struct ward_buf out;
	ward_err err;

	if (cli->arg_count == 0 || !path)
		return cli_usage(cli, "which lists, and where to? (LIST... -o FILE)");
	list = read_lists(cli);
	if (!list)
		return CLI_TROUBLE;
	ward_buf_init(&out, SIZE_MAX / 4);
	err = ward_terms_compile(list, &terms, &error);
	if (!err)
		err = ward_terms_save(terms, &out, &error);
	if (!err)
		err = file_replace(path, (ward_bytes){ (const uint8_t *)out.ptr, out.len }, 0600,
				&error);
	if (!err)
		printf("%zu terms, %zu bytes, version %s\n", ward_terms_count(terms), out.len,
				ward_terms_version(terms));
	ward_buf_free(&out);
	ward_terms_free(terms);
	ward_term_list_free(list);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- check ---- */

const struct cli_option text_check_options[] = {
	{ "format", 0, CLI_TEXT, "NAME", "ward, e2-weighted, e2-banned or e2-exception", 0, 0 },
	{ "repeats", 0, CLI_FLAG, NULL, "a letter that is repeated counts once", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

struct check {
	const struct ward_term_list *list;
	bool json;
	size_t doubts;
};

static void print_doubt(void *context, ward_term_doubt doubt, size_t term, size_t other)
{
	static const char *const sentences[WARD_TERM_DOUBT_COUNT] = { "folds to the same as",
		"is so short that it will be met everywhere",
		"counts inside of words, and stands inside of", "is nothing but a number" };
	struct check *check = context;
	ward_str text = ward_term_list_at(check->list, term).text;
	ward_str second = ward_term_list_at(check->list, other).text;

	check->doubts++;
	if (check->json) {
		struct ward_buf out;
		struct json json;

		ward_buf_init(&out, 8192);
		json = json_to(&out);
		json_object(&json);
		json_key_text(&json, "doubt", ward_term_doubt_name(doubt));
		json_key_str(&json, "term", text);
		if (term != other)
			json_key_str(&json, "other", second);
		json_object_end(&json);
		puts(ward_buf_text(&out).ptr);
		ward_buf_free(&out);
	} else if (term != other) {
		printf("\"%.*s\" %s \"%.*s\"\n", WARD_FMT(text), sentences[doubt],
				WARD_FMT(second));
	} else {
		printf("\"%.*s\" %s\n", WARD_FMT(text), sentences[doubt]);
	}
}

int text_run_check(struct cli *cli)
{
	struct check check = { .json = cli_flag(cli, "json") };
	struct ward_term_list *list;
	struct ward_error error;
	ward_err err;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which lists?");
	list = read_lists(cli);
	if (!list)
		return CLI_TROUBLE;
	check.list = list;
	err = ward_term_list_check(list, print_doubt, &check, &error);
	ward_term_list_free(list);
	if (err)
		return cli_fail_error(cli, &error);
	return check.doubts ? CLI_FOUND : CLI_OK;
}
