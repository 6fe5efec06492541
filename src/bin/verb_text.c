/* ward text - words of a page: folded, and which terms are among them */
#include "base/json.h"
#include "bin/scan_print.h"
#include "bin/text.h"

static int run_fold(struct cli *cli)
{
	struct ward_fold *fold = ward_fold_new(cli_flag(cli, "repeats") ? WARD_FOLD_REPEATS : 0);
	const char *path = cli->arg_count ? cli->args[0] : "-";
	struct ward_error error;
	char *bytes = NULL;
	size_t len = 0;
	ward_str folded;
	ward_err err = fold ? text_read_file(path, &bytes, &len, &error)
			    : ward_fail(&error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = ward_fold_text(fold, (ward_str){ bytes, len }, &folded, &error);
	if (!err) {
		fwrite(folded.ptr, 1, folded.len, stdout);
		putchar('\n');
	}
	free(bytes);
	ward_fold_free(fold);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- scan ---- */

static void write_hit(struct json *json, const struct ward_terms *terms,
		const struct ward_page_hit *hit)
{
	struct ward_term term = ward_terms_at(terms, hit->term);

	json_object(json);
	json_key_str(json, "term", term.text);
	json_key_str(json, "category", term.category);
	json_key_text(json, "kind", ward_term_kind_name(term.kind));
	json_key(json, "weight");
	json_double(json, term.weight, 6);
	json_key_text(json, "where", ward_page_where_name(hit->where));
	json_key_uint(json, "offset", hit->offset);
	json_key_uint(json, "len", hit->len);
	json_key_uint(json, "word", hit->word);
	json_key_str(json, "excerpt", hit->excerpt);
	json_object_end(json);
}

/* The parts of a score by their names. */
static const struct {
	const char *name;
	size_t at;
} parts[] = {
	{ "terms", offsetof(struct ward_page_score, terms) },
	{ "density", offsetof(struct ward_page_score, density) },
	{ "harmless", offsetof(struct ward_page_score, harmless) },
	{ "links", offsetof(struct ward_page_score, links) },
	{ "pictures", offsetof(struct ward_page_score, pictures) },
	{ "host", offsetof(struct ward_page_score, host) },
	{ "total", offsetof(struct ward_page_score, total) },
};

#define PARTS (sizeof(parts) / sizeof(*parts))

static double part_of(const struct ward_page_score *score, size_t index)
{
	double value;

	memcpy(&value, (const char *)score + parts[index].at, sizeof(value));
	return value;
}

static void write_object(struct ward_buf *out, const char *path, const struct ward_terms *terms,
		const struct ward_page_result *result)
{
	struct json json = json_to(out);

	json_object(&json);
	scan_print_path(&json, path);
	json_key_uint(&json, "bytes", result->bytes);
	json_key_uint(&json, "words", result->words);
	json_key_bool(&json, "html", result->html);
	json_key_bool(&json, "cut", result->cut);
	json_key_bool(&json, "crowded", result->crowded);
	json_key_text(&json, "encoding", result->encoding);
	json_key_text(&json, "encoding_by", result->encoding_by);
	json_key_uint(&json, "hit_total", result->hit_total);
	json_key(&json, "hits");
	json_array(&json);
	for (size_t i = 0; i < result->hit_count; i++)
		write_hit(&json, terms, &result->hits[i]);
	json_array_end(&json);
	json_key(&json, "score");
	json_object(&json);
	for (size_t i = 0; i < PARTS; i++) {
		json_key(&json, parts[i].name);
		json_double(&json, part_of(&result->score, i), 6);
	}
	json_key_bool(&json, "banned", result->score.banned);
	json_key_bool(&json, "exception", result->score.exception);
	json_object_end(&json);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

static void write_lines(struct ward_buf *out, const char *path, const struct ward_terms *terms,
		const struct ward_page_result *result)
{
	scan_print_text(out, ward_str_from(path));
	ward_buf_printf(out, ": score %.4g", result->score.total);
	for (size_t i = 0; i + 1 < PARTS; i++) {
		double value = part_of(&result->score, i);

		if (value < 0 || value > 0)
			ward_buf_printf(out, ", %s %.4g", parts[i].name, value);
	}
	ward_buf_printf(out, "; %llu words, %llu hits\n", (unsigned long long)result->words,
			(unsigned long long)result->hit_total);
	for (size_t i = 0; i < result->hit_count; i++) {
		const struct ward_page_hit *hit = &result->hits[i];
		struct ward_term term = ward_terms_at(terms, hit->term);

		ward_buf_printf(out, "  %zu %s \"", hit->offset, ward_page_where_name(hit->where));
		scan_print_text(out, term.text);
		ward_buf_printf(out, "\" %.6g: ", term.weight);
		/* Of a hostile page: it may speak to the terminal. */
		scan_print_text(out, hit->excerpt);
		ward_buf_char(out, '\n');
	}
}

struct scan_run {
	struct ward_terms *terms;
	struct ward_page *page;
	ward_str type;
	bool json, found;
};

static ward_err scan_file(struct scan_run *run, const char *path, struct ward_error *error)
{
	const struct ward_page_result *result;
	struct ward_buf out;
	char *bytes = NULL;
	size_t len = 0;
	ward_err err = text_read_file(path, &bytes, &len, error);

	if (err)
		return err;
	ward_page_begin(run->page, run->type);
	err = ward_page_feed(run->page, (ward_bytes){ (const uint8_t *)bytes, len }, error);
	if (!err)
		err = ward_page_end(run->page, NULL, &result, error);
	free(bytes);
	if (err)
		return err;
	run->found |= result->hit_total > 0;
	ward_buf_init(&out, SIZE_MAX / 4);
	if (run->json)
		write_object(&out, path, run->terms, result);
	else
		write_lines(&out, path, run->terms, result);
	fputs(ward_buf_text(&out).ptr, stdout);
	ward_buf_free(&out);
	return WARD_OK;
}

static int run_scan(struct cli *cli)
{
	struct scan_run run = { .json = cli_flag(cli, "json"),
		.type = ward_str_from(cli_text(cli, "type")) };
	const char *path = cli_text(cli, "terms");
	struct ward_error error = { 0 };
	ward_err err;

	if (cli->arg_count == 0 || !path)
		return cli_usage(cli, "which terms, in which files? (--terms FILE FILE|-...)");
	err = text_load_terms(path, &run.terms, &error);
	if (!err) {
		run.page = ward_page_new(run.terms, NULL);
		if (!run.page)
			err = ward_fail(&error, WARD_E_NOMEM, "out of memory");
	}
	if (err)
		cli_fail_error(cli, &error);
	for (int i = 0; i < cli->arg_count && run.page; i++) {
		/* What cannot be read keeps none of the others from being looked at. */
		if (scan_file(&run, cli->args[i], &error)) {
			err = error.code;
			cli_fail(cli, "file %d: %s", i + 1, error.message);
		}
	}
	ward_page_free(run.page);
	ward_terms_free(run.terms);
	if (err)
		return CLI_TROUBLE;
	return run.found ? CLI_FOUND : CLI_OK;
}

static const struct cli_option fold_options[] = {
	{ "repeats", 0, CLI_FLAG, NULL, "a letter that is repeated counts once", 0, 0 },
	{ 0 },
};

static const struct cli_option scan_options[] = {
	{ "terms", 0, CLI_TEXT, "FILE", "a list of terms, as text or compiled", 0, 0 },
	{ "type", 0, CLI_TEXT, "NAME", "the content type; else each file is looked at", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ "fold", "[FILE|-]", "Print text as terms are compared with it", fold_options, run_fold,
			NULL },
	{ "scan", "FILE|-...", "Find terms in pages and texts, and score them", scan_options,
			run_scan, NULL },
	{ "check", "LIST...", "Tell which terms should be looked at before they are used",
			text_check_options, text_run_check, NULL },
	{ "compile", "LIST...", "Make one file of lists of terms", text_compile_options,
			text_run_compile, NULL },
	{ 0 },
};

const struct cli_verb verb_text = {
	.name = "text",
	.actions = actions,
};
