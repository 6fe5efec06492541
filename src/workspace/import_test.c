/*
 * Imports from memory, so that a test can say what the source does.
 */
#include "workspace/workspace.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"

#define PDQ "a448cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
#define MD5 "e1747fb2ef9c4aa0f54a76d3e4a7588a"

static char folder[32];
static struct workspace *workspace;
static struct ward_error error;

static void new_workspace(void)
{
	memcpy(folder, "/tmp/ward-import-XXXXXX", 24);
	if (!mkdtemp(folder) || workspace_init(folder, &error) != WARD_OK ||
			workspace_open(folder, &workspace, &error) != WARD_OK)
		abort();
}

/* A source that gives its text in small pieces, and may fail at its end. */
struct text {
	ward_str left;
	size_t piece;
	bool fails;
};

static ward_err read_text(void *context, uint8_t *to, size_t room, size_t *got,
		struct ward_error *why)
{
	struct text *text = context;
	size_t len = text->left.len < text->piece ? text->left.len : text->piece;

	if (len == 0 && text->fails)
		return ward_fail(why, WARD_E_IO, "the line is dead");
	len = len < room ? len : room;
	if (len > 0)
		memcpy(to, text->left.ptr, len);
	text->left.ptr += len;
	text->left.len -= len;
	*got = len;
	return WARD_OK;
}

struct told {
	int bad;
	size_t source;
	uint64_t number;
	char why[240];
};

static void tell(void *context, size_t source, const struct exchange_record *record)
{
	struct told *told = context;

	told->bad++;
	told->source = source;
	told->number = record->record.number;
	snprintf(told->why, sizeof(told->why), "%s", record->bad);
}

static struct told told;

static struct workspace_import wants(const char *name)
{
	struct workspace_import import = { .bad = tell, .context = &told };

	told = (struct told){ 0 };
	if (!ward_list_info_init(&import.info, ward_str_from(name)))
		abort();
	return import;
}

static ward_err import_texts(const struct workspace_import *import, struct text *texts,
		size_t count, struct workspace_imported *result)
{
	struct workspace_source sources[4];

	for (size_t i = 0; i < count; i++)
		sources[i] = (struct workspace_source){ .fd = -1,
			.read = read_text,
			.context = &texts[i] };
	error = (struct ward_error){ 0 };
	return workspace_import(workspace, import, sources, count, result, &error);
}

static ward_err import_text(const struct workspace_import *import, const char *text,
		struct workspace_imported *result)
{
	struct text one = { ward_str_from(text), 7, false };

	return import_texts(import, &one, 1, result);
}

static struct ward_list *open_list(const char *name)
{
	char path[4096];
	struct ward_list *list = NULL;

	if (workspace_list_folder(workspace, ward_str_from(name), path, sizeof(path), &error) ||
			ward_list_open(path, &list, &error) != WARD_OK)
		return NULL;
	return list;
}

static int files_in(const char *name)
{
	char path[4096];
	int count = 0;
	struct dirent *entry;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}

static void several_sources_are_one_version(void)
{
	struct text texts[] = { { WARD_STR("pdq:" PDQ "\n"), 3, false },
		{ WARD_STR("lamp\n" MD5 "\n"), 100, false } };
	struct workspace_import import = wants("many");
	struct workspace_imported result;
	struct ward_record record;

	new_workspace();
	CHECK_EQ(import_texts(&import, texts, 2, &result), WARD_OK);
	CHECK_EQ(result.records, 3);
	CHECK_EQ(result.added, 2);
	CHECK_EQ(result.bad, 1);
	CHECK_EQ(told.bad, 1);
	CHECK_EQ(told.source, 1);
	CHECK_EQ(told.number, 1);
	struct ward_list *list = open_list("many");

	CHECK(list && ward_list_entry(list, 2, &record));
	CHECK_EQ(record.signals[0].kind, WARD_SIGNAL_MD5);
	CHECK(!ward_list_entry(list, 1, &record));
	ward_list_free(list);
	workspace_free(workspace);
}

static void a_record_loses_only_the_signal_that_says_nothing(void)
{
	struct workspace_import import = wants("pairs");
	struct workspace_imported result;
	struct ward_record record;
	char zero[65];

	memset(zero, '0', 64);
	zero[64] = '\0';
	char text[512];

	snprintf(text, sizeof(text), "md5,pdq\n" MD5 ",%s\n" MD5 "," PDQ "\n", zero);
	import.read.format = EXCHANGE_CSV;
	new_workspace();
	CHECK_EQ(import_text(&import, text, &result), WARD_OK);
	CHECK_EQ(result.added, 2);
	CHECK_EQ(result.degenerate, 1);
	struct ward_list *list = open_list("pairs");

	CHECK(list && ward_list_entry(list, 0, &record));
	CHECK_EQ(record.signal_count, 1);
	CHECK_EQ(record.signals[0].kind, WARD_SIGNAL_MD5);
	CHECK(ward_list_entry(list, 1, &record));
	CHECK_EQ(record.signal_count, 2);
	ward_list_free(list);
	workspace_free(workspace);
}

static void a_hash_of_low_quality_is_put_aside(void)
{
	struct workspace_import import = wants("flat");
	struct workspace_imported result;

	import.read.format = EXCHANGE_CSV;
	new_workspace();
	CHECK_EQ(import_text(&import, "pdq,quality\n" PDQ ",49\n" PDQ ",50\n" PDQ ",\n", &result),
			WARD_OK);
	CHECK_EQ(result.records, 3);
	CHECK_EQ(result.added, 2);
	CHECK_EQ(result.low_quality, 1);
	CHECK_EQ(told.number, 0);
	import.keep_degenerate = true;
	CHECK_EQ(import_text(&import, "pdq,quality\n" PDQ ",49\n", &result), WARD_OK);
	CHECK_EQ(result.added, 1);
	CHECK_STR(result.quarantine, "");
	workspace_free(workspace);
}

static void a_source_that_fails_leaves_the_list_and_no_quarantine(void)
{
	struct text broken = { WARD_STR("lamp\n" MD5 "\n"), 5, true };
	struct workspace_import import = wants("list");
	struct workspace_imported result;

	new_workspace();
	CHECK_EQ(import_text(&import, "pdq:" PDQ "\n", &result), WARD_OK);
	CHECK_EQ(import_texts(&import, &broken, 1, &result), WARD_E_IO);
	struct ward_list *list = open_list("list");

	CHECK(list);
	CHECK_EQ(ward_list_signals(list, WARD_SIGNAL_PDQ), 1);
	CHECK_EQ(ward_list_signals(list, WARD_SIGNAL_MD5), 0);
	CHECK_EQ(files_in("quarantine"), 0);
	ward_list_free(list);
	workspace_free(workspace);
}

static void imports_within_a_second_have_quarantines_of_their_own(void)
{
	struct workspace_import import = wants("list");
	struct workspace_imported result;

	new_workspace();
	for (int i = 1; i <= 3; i++) {
		CHECK_EQ(import_text(&import, "lamp\n" MD5 "\n", &result), WARD_OK);
		CHECK_EQ(files_in("quarantine"), i);
	}
	workspace_free(workspace);
}

static void bytes_that_are_no_text_are_kept_as_base64(void)
{
	struct text text = { WARD_STR(MD5 "\n\x80\x81\x01\n" MD5 "\n"), 100, false };
	struct workspace_import import = wants("list");
	struct workspace_imported result;
	char *content;
	size_t len;

	import.read.format = EXCHANGE_TEXT;
	new_workspace();
	CHECK_EQ(import_texts(&import, &text, 1, &result), WARD_OK);
	CHECK_EQ(file_read(result.quarantine, 4096, &content, &len, &error), WARD_OK);
	CHECK(strstr(content, "\"raw_base64\":\"gIEB\""));
	free(content);
	workspace_free(workspace);
}

static void a_name_that_is_no_name_is_refused(void)
{
	struct workspace_import import = wants("list");
	struct workspace_imported result;

	new_workspace();
	snprintf(import.info.name, sizeof(import.info.name), "../list");
	CHECK_EQ(import_text(&import, MD5 "\n", &result), WARD_E_ARGUMENT);
	CHECK_EQ(files_in("lists"), 0);
	workspace_free(workspace);
}

#define ENTRY(id, class, md5)                                                    \
	"<image><member id=\"1\">m</member><id>" id                              \
	"</id><classification>" class "</classification><fingerprints><md5>" md5 \
				      "</md5></fingerprints></image>"
#define PAGE(text) "<queryResult><images>" text "</images></queryResult>"
#define MD5_B      "f1747fb2ef9c4aa0f54a76d3e4a7588a"

static void a_later_record_of_the_same_thing_takes_its_place(void)
{
	struct workspace_import import = wants("feed");
	struct text pages[] = {
		{ WARD_STR(PAGE(ENTRY("a", "A1", MD5) ENTRY("b", "A1", MD5_B))), 50, false },
		{ WARD_STR(PAGE(ENTRY("a", "A2", MD5) "<deletedImage><member id=\"1\"/><id>b</id>"
						      "</deletedImage>")),
				50, false },
	};
	struct workspace_imported result;
	struct ward_record record;
	uint64_t cursor = 0;

	new_workspace();
	CHECK_EQ(import_texts(&import, pages, 2, &result), WARD_OK);
	CHECK_EQ(result.added, 3);
	CHECK_EQ(result.replaced, 1);
	CHECK_EQ(result.removed, 1);
	struct ward_list *list = open_list("feed");

	CHECK_EQ(ward_list_entries(list), 1);
	CHECK(ward_list_next(list, &cursor, &record));
	CHECK(ward_str_eq(record.labels, WARD_STR("industry:A2")));
	ward_list_free(list);
	/* And of what is listed already. */
	import.delta = true;
	CHECK_EQ(import_text(&import, PAGE(ENTRY("a", "B1", MD5) ENTRY("c", "A1", MD5_B)), &result),
			WARD_OK);
	CHECK_EQ(result.replaced, 1);
	list = open_list("feed");
	CHECK_EQ(ward_list_entries(list), 2);
	ward_list_free(list);
	/* A page of nothing but deletions is a page. */
	CHECK_EQ(import_text(&import,
				 PAGE("<deletedImage><member id=\"1\"/><id>a</id></deletedImage>"),
				 &result),
			WARD_OK);
	CHECK_EQ(result.removed, 1);
	list = open_list("feed");
	CHECK_EQ(ward_list_entries(list), 1);
	ward_list_free(list);
	workspace_free(workspace);
}

static void files_without_a_record_do_not_empty_a_list(void)
{
	struct workspace_import import = wants("list");
	struct workspace_imported result;

	new_workspace();
	CHECK_EQ(import_text(&import, "", &result), WARD_OK);
	CHECK_EQ(import_text(&import, MD5 "\n", &result), WARD_OK);
	CHECK_EQ(import_text(&import, "", &result), WARD_E_FORMAT);
	CHECK_EQ(import_text(&import, "md5,label\n", &result), WARD_E_FORMAT);
	struct ward_list *list = open_list("list");

	CHECK_EQ(ward_list_entries(list), 1);
	ward_list_free(list);
	import.allow_empty = true;
	CHECK_EQ(import_text(&import, "", &result), WARD_OK);
	list = open_list("list");
	CHECK_EQ(ward_list_entries(list), 0);
	ward_list_free(list);
	workspace_free(workspace);
}

static void what_a_source_calls_harmless_is_not_denied(void)
{
	static const char file[] = "md5,label\n" MD5 ",vics-us:0\n" MD5_B ",vics-us:1\n";
	struct workspace_import import = wants("list");
	struct workspace_imported result;
	ward_str only = WARD_STR("vics-us:0");

	new_workspace();
	CHECK_EQ(import_text(&import, file, &result), WARD_OK);
	CHECK_EQ(result.added, 1);
	CHECK_EQ(result.harmless, 1);
	CHECK_EQ(told.number, 0);
	import.info.sense = WARD_SENSE_ALLOW;
	CHECK_EQ(import_text(&import, file, &result), WARD_OK);
	CHECK_EQ(result.added, 2);
	import.only = &only;
	import.only_count = 1;
	CHECK_EQ(import_text(&import, file, &result), WARD_OK);
	CHECK_EQ(result.added, 1);
	CHECK_EQ(result.passed_over, 1);
	workspace_free(workspace);
}

static void labels_that_no_scheme_knows_are_kept_and_told(void)
{
	static const char file[] =
			"md5,label\n" MD5 ",industry:A1\n" MD5 ",industry:A9\n" MD5 ",harbour:1\n";
	struct workspace_import import = wants("list");
	struct workspace_imported result;
	struct ward_record record;

	new_workspace();
	CHECK_EQ(import_text(&import, file, &result), WARD_OK);
	CHECK_EQ(result.added, 3);
	CHECK_EQ(result.unknown_labels, 2);
	CHECK_EQ(result.unknown_label_first, 1);
	struct ward_list *list = open_list("list");

	CHECK(ward_list_entry(list, 1, &record));
	CHECK(ward_str_eq(record.labels, WARD_STR("industry:A9")));
	ward_list_free(list);
	/* A list's own scheme may be anybody's. */
	snprintf(import.info.scheme, sizeof(import.info.scheme), "harbour");
	CHECK_EQ(import_text(&import, file, &result), WARD_OK);
	CHECK_EQ(result.unknown_labels, 1);
	workspace_free(workspace);
}

static void an_error_names_the_source_it_is_in(void)
{
	struct workspace_import import = wants("list");
	struct workspace_imported result;
	struct text text = { WARD_STR("{\"value\":["), 50, false };
	struct workspace_source source = { .fd = -1,
		.name = "here.json",
		.read = read_text,
		.context = &text };

	import.read.format = EXCHANGE_VICS;
	new_workspace();
	CHECK_EQ(workspace_import(workspace, &import, &source, 1, &result, &error), WARD_E_FORMAT);
	CHECK(strstr(error.message, "here.json: "));
	workspace_free(workspace);
}

static const struct test_case cases[] = {
	{ "several sources are one version", several_sources_are_one_version },
	{ "a record loses only the signal that says nothing",
			a_record_loses_only_the_signal_that_says_nothing },
	{ "a hash of low quality is put aside", a_hash_of_low_quality_is_put_aside },
	{ "a source that fails leaves the list and no quarantine",
			a_source_that_fails_leaves_the_list_and_no_quarantine },
	{ "imports within a second have quarantines of their own",
			imports_within_a_second_have_quarantines_of_their_own },
	{ "bytes that are no text are kept as base64", bytes_that_are_no_text_are_kept_as_base64 },
	{ "a later record of the same thing takes its place",
			a_later_record_of_the_same_thing_takes_its_place },
	{ "files without a record do not empty a list",
			files_without_a_record_do_not_empty_a_list },
	{ "what a source calls harmless is not denied",
			what_a_source_calls_harmless_is_not_denied },
	{ "labels that no scheme knows are kept and told",
			labels_that_no_scheme_knows_are_kept_and_told },
	{ "an error names the source it is in", an_error_names_the_source_it_is_in },
	{ "a name that is no name is refused", a_name_that_is_no_name_is_refused },
};
TEST_MAIN(cases)
