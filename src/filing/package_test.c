/* What the pages say can be read out of them again, in the order it was written. */
#include "filing/package.h"

#include "base/file.h"

#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

extern char **environ;

static char folder[] = "/tmp/ward-package-XXXXXX";
static struct ward_error error;

static char *read_source(const char *name, size_t *len)
{
	char path[4096], *text = NULL;

	snprintf(path, sizeof(path), "%s/%s", getenv("WARD_SOURCE_ROOT"), name);
	return file_read(path, 1 << 20, &text, len, &error) ? NULL : text;
}

static struct filing_authority *authority_of(const char *name)
{
	struct filing_authority *read = NULL;

	return filing_authority_find(NULL, ward_str_from(name), &read, &error) ? NULL : read;
}

static int run(const char *command)
{
	static char sh[] = "sh", dash_c[] = "-c";
	static char copy[4096];
	char *words[] = { sh, dash_c, copy, NULL };
	int status;
	pid_t pid;

	snprintf(copy, sizeof(copy), "cd %s && %s", folder, command);
	if (posix_spawnp(&pid, "sh", NULL, NULL, words, environ) != 0 ||
			waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 126;
	return WEXITSTATUS(status);
}

static bool have_pdftotext(void)
{
	return run("command -v pdftotext >/dev/null") == 0;
}

/* The text of the pages, as pdftotext reads it; NULL when it cannot. */
static char *text_of_pages(const char *package)
{
	char command[512], path[256], *text = NULL;
	size_t len;

	snprintf(command, sizeof(command), "pdftotext -enc UTF-8 %s/report.pdf %s.txt", package,
			package);
	snprintf(path, sizeof(path), "%s/%s.txt", folder, package);
	if (run(command) != 0 || file_read(path, 1 << 24, &text, &len, &error))
		return NULL;
	return text;
}

static bool make(const char *authority, ward_str json, bool test, struct filing_package *package)
{
	struct filing_package_facts facts = { WARD_STR("0190-id"), WARD_STR("case-1"), 1772323200,
		test };
	struct filing_authority *words = authority_of(authority);
	bool good = words && filing_package_make(words, json, &facts, package, &error) == WARD_OK;

	filing_authority_free(words);
	return good;
}

static bool write_package(const char *authority, ward_str json, const char *name, bool test)
{
	struct filing_package package;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!make(authority, json, test, &package))
		return false;
	if (!package.has_pages)
		printf("# no pages: %s\n", package.why.message);
	bool good = package.has_pages && filing_package_write(&package, path, &error) == WARD_OK;

	filing_package_free(&package);
	return good;
}

#define ARABIC "\xd9\x85\xd9\x86\xd8\xa7\xd8\xb1\xd8\xa9" /* a lighthouse */
#define ARABIC_2 \
	"\xd8\xb9\xd9\x84\xd9\x89 \xd8\xa7\xd9\x84\xd8\xa8\xd8\xad\xd8\xb1" /* by the sea */
#define HEBREW "\xd7\x9e\xd7\x92\xd7\x93\xd7\x9c\xd7\x95\xd7\xa8"           /* a lighthouse */

static void every_script_is_read_out_again_in_its_order(void)
{
	static const char json[] =
			"{\"report\":{\"incidentSummary\":{\"incidentType\":\"Misleading "
			"Domain Name\",\"platform\":\"Harbour Chat\",\"incidentDateTime\":"
			"\"2026-01-01T00:00:00Z\"},\"additionalInfo\":\"" ARABIC " " ARABIC_2
			"\",\"personOrUserReported\":{\"screenName\":\"" HEBREW "\","
			"\"displayName\":[\"\xce\xa6\xce\xac\xcf\x81\xce\xbf\xcf\x82\"]}}}";

	CHECK(write_package("generic", ward_str_from(json), "scripts", true));
	if (!have_pdftotext())
		CHECK_SKIP("pdftotext is not installed");
	char *text = text_of_pages("scripts");

	CHECK(text);
	bool good = strstr(text, "Harbour Chat") && strstr(text, "Kind of incident") &&
		    strstr(text, ARABIC) && strstr(text, ARABIC " " ARABIC_2) &&
		    strstr(text, HEBREW) &&
		    strstr(text, "\xce\xa6\xce\xac\xcf\x81\xce\xbf\xcf\x82") &&
		    strstr(text, "TEST: this is no real report");

	if (!good)
		printf("# %.1500s\n", text);
	free(text);
	CHECK(good);
}

/* Every value of a full report is in the pages, whichever authority they are for. */
static void nothing_of_a_report_is_left_out(void)
{
	static const char *const authorities[] = { "generic", "ncecc", "accce", "nca" };
	size_t len = 0;

	if (!have_pdftotext())
		CHECK_SKIP("pdftotext is not installed");
	char *full = read_source("tests/vectors/ncmec/full.json", &len);

	for (size_t i = 0; i < 4; i++) {
		CHECK(write_package(authorities[i], (ward_str){ full, len }, authorities[i],
				false));
		char *text = text_of_pages(authorities[i]);

		CHECK(text);
		bool good = strstr(text, "Harbour Police") && strstr(text, "Quay School") &&
			    strstr(text, "192.0.2.10") && strstr(text, "2001:db8::2") &&
			    strstr(text, "ExampleCam") && strstr(text, "keeper@harbour.example") &&
			    strstr(text, "Drawn by code.") && !strstr(text, "TEST");

		free(text);
		CHECK(good);
	}
	free(full);
}

static void the_manifest_proves_the_files(void)
{
	static const char json[] = "{\"report\":{\"additionalInfo\":\"x\"}}";

	CHECK(write_package("generic", ward_str_from(json), "proved", false));
	CHECK_EQ(run("cd proved && sha256sum --quiet -c MANIFEST && test $(wc -l < MANIFEST) = 3"),
			0);
	/* A package is not written over. */
	CHECK(!write_package("generic", ward_str_from(json), "proved", false));
	CHECK_EQ(error.code, WARD_E_EXISTS);
}

static void a_long_text_goes_over_pages(void)
{
	static char json[300000];
	size_t at = (size_t)snprintf(json, sizeof(json),
			"{\"report\":{\"additionalInfo\":\"first ");

	while (at < 250000)
		at += (size_t)snprintf(json + at, sizeof(json) - at, "lamp and sea ");
	snprintf(json + at, sizeof(json) - at, "last\"}}");
	CHECK(write_package("generic", ward_str_from(json), "long", false));
	if (!have_pdftotext())
		CHECK_SKIP("pdftotext is not installed");
	char *text = text_of_pages("long");

	CHECK(text);
	bool good = strstr(text, "first lamp") && strstr(text, "last");
	unsigned pages = 0;

	for (const char *c = text; *c; c++)
		pages += *c == '\f';
	free(text);
	CHECK(good);
	CHECK(pages > 20);
}

static void what_is_no_authority_is_refused(void)
{
	static const char *const texts[] = { "", "[]", "{}",
		"{\"authority\":\"a\",\"title\":\"b\"}",
		"{\"authority\":1,\"title\":\"b\",\"labels\":{}}" };
	struct filing_authority *read;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK(filing_authority_read(ward_str_from(texts[i]), &read, &error) != WARD_OK);
}

static bool has(const char *text, const char *words)
{
	if (text && strstr(text, words))
		return true;
	printf("# not there: %s\n", words);
	return false;
}

/* Escaped as JSON does: a source with the sign itself would be read in two ways. */
#define RLO            "\\u202e"
#define LINE_SEPARATOR "\xe2\x80\xa8"

/* No value can look like another field, turn its neighbours around, or keep the pages from being.
 */
static void a_strangers_words_stay_in_their_place(void)
{
	static const char json[] =
			"{\"report\":{\"additionalInfo\":\"one\\u0007\\nVictim: two\\r\\n"
			"three" LINE_SEPARATOR
			"four\",\"personOrUserReported\":{\"screenName\":\"a" RLO
			"b\",\"displayName\":[\"<b>&amp;</b>\",\"" ARABIC " z " HEBREW "\"]}}}";

	CHECK(write_package("generic", ward_str_from(json), "hostile", false));
	if (!have_pdftotext())
		CHECK_SKIP("pdftotext is not installed");
	char *text = text_of_pages("hostile");
	bool good = has(text, "More: one\n| Victim: two\n| three\n| four") &&
		    has(text, "a[U+202E]b") && has(text, "<b>&amp;</b>") && has(text, HEBREW) &&
		    has(text, ARABIC);

	free(text);
	CHECK(good);
}

/* A word without end, marks upon marks, every plane, and text that is no UTF-8. */
static void no_text_keeps_the_pages_from_being_made(void)
{
	static char json[3 << 20];
	size_t at = (size_t)snprintf(json, sizeof(json), "{\"report\":{\"additionalInfo\":\"");
	struct filing_package package;

	for (int i = 0; i < 100000; i++)
		json[at++] = 'x';
	for (int i = 0; i < 20000; i++) {
		for (const char *mark = "e\xcc\x81\xcc\x88"; *mark; mark++)
			json[at++] = *mark;
	}
	for (uint32_t c = 0x10000; c < 0x110000; c += 0x101) {
		json[at++] = (char)(0xf0 | c >> 18);
		json[at++] = (char)(0x80 | (c >> 12 & 0x3f));
		json[at++] = (char)(0x80 | (c >> 6 & 0x3f));
		json[at++] = (char)(0x80 | (c & 0x3f));
	}
	for (uint32_t c = 0x800; c < 0xfffe; c += 7) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		json[at++] = (char)(0xe0 | c >> 12);
		json[at++] = (char)(0x80 | (c >> 6 & 0x3f));
		json[at++] = (char)(0x80 | (c & 0x3f));
	}
	at += (size_t)snprintf(json + at, sizeof(json) - at, "\"}}");
	CHECK(make("generic", (ward_str){ json, at }, false, &package));
	if (!package.has_pages)
		printf("# %s\n", package.why.message);
	CHECK(package.has_pages);
	filing_package_free(&package);
}

static unsigned parts_of(struct filing_package *package)
{
	struct ward_buf tar;

	ward_buf_init(&tar, 1 << 20);
	unsigned found = 0;

	if (filing_package_tar(package, &tar, &error) == WARD_OK) {
		const char *text = ward_buf_text(&tar).ptr;

		for (size_t at = 0; at + 512 <= tar.len; at += 512) {
			found |= strcmp(text + at, "MISSING.txt") == 0 ? 1 : 0;
			found |= strcmp(text + at, "report.json") == 0 ? 2 : 0;
			found |= strcmp(text + at, "report.xml") == 0 ? 4 : 0;
			found |= strcmp(text + at, "MANIFEST") == 0 ? 8 : 0;
			found |= strcmp(text + at, "report.pdf") == 0 ? 16 : 0;
		}
	}
	ward_buf_free(&tar);
	return found;
}

static void without_pages_the_rest_is_there_and_says_so(void)
{
	static const struct {
		const char *program;
		ward_err err;
	} troubles[] = {
		{ "/nonexistent/ward-pages", WARD_E_NOT_FOUND },
		{ "/bin/false", WARD_E_WORKER },
	};
	static const char json[] = "{\"report\":{\"additionalInfo\":\"x\"}}";
	static char program[4096];

	snprintf(program, sizeof(program), "%s", getenv("WARD_PAGES"));
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++) {
		struct filing_package package;

		CHECK(setenv("WARD_PAGES", troubles[i].program, 1) == 0);
		CHECK(make("generic", ward_str_from(json), false, &package));
		CHECK(!package.has_pages);
		CHECK_EQ(package.why.code, troubles[i].err);
		CHECK_EQ(parts_of(&package), 1 | 2 | 4 | 8);
		CHECK(strstr(ward_buf_text(&package.manifest).ptr, "  MISSING.txt\n"));
		CHECK(strstr(ward_buf_text(&package.missing).ptr, ward_err_name(troubles[i].err)));
		filing_package_free(&package);
	}
	CHECK(setenv("WARD_PAGES", program, 1) == 0);
}

static void what_is_no_draft_has_no_package(void)
{
	struct filing_package package;

	CHECK(!make("generic", WARD_STR("{"), false, &package));
	CHECK_EQ(error.code, WARD_E_FORMAT);
}

/* A name that an action gives is never a path. */
static void an_authority_is_found_by_its_name_alone(void)
{
	static const char *const names[] = { "", "ncmec", "../generic", "a/b", ".", "-a", "A",
		"nobody", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct filing_authority *read;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		CHECK_EQ(filing_authority_find(folder, ward_str_from(names[i]), &read, &error),
				WARD_E_NOT_FOUND);
	}
	CHECK_EQ(run("mkdir own && mkdir own/authorities && "
		     "echo "
		     "'{\"id\":\"nca\",\"authority\":\"Harbour\",\"title\":\"t\",\"labels\":{},"
		     "\"clock\":\"own\"}' > own/authorities/nca.json && "
		     "echo '{' > own/authorities/nobody.json"),
			0);
	char path[256];

	snprintf(path, sizeof(path), "%s/own", folder);
	CHECK_EQ(filing_authority_find(path, WARD_STR("nca"), &read, &error), WARD_OK);
	CHECK_STR(read->authority.ptr, "Harbour");
	CHECK_STR(read->clock.ptr, "own");
	filing_authority_free(read);
	CHECK_EQ(filing_authority_find(path, WARD_STR("nobody"), &read, &error), WARD_E_FORMAT);
	CHECK_EQ(filing_authority_find(path, WARD_STR("ncecc"), &read, &error), WARD_OK);
	filing_authority_free(read);
}

/* A folder with a MANIFEST is whole: on a full disk there is none, and it is told. */
static void a_full_disk_leaves_no_package_that_looks_whole(void)
{
	struct rlimit before, small;
	struct filing_package package;
	char path[256], manifest[300];

	snprintf(path, sizeof(path), "%s/full", folder);
	snprintf(manifest, sizeof(manifest), "%s/MANIFEST", path);
	CHECK(make("generic", WARD_STR("{\"report\":{\"additionalInfo\":\"x\"}}"), false,
			&package));
	CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
	small = (struct rlimit){ 1000, before.rlim_max };
	CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &small) == 0);
	ward_err err = filing_package_write(&package, path, &error);

	CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
	CHECK_EQ(err, WARD_E_IO);
	CHECK(access(manifest, F_OK) != 0);
	/* When there is room again it is written as it was. */
	CHECK_EQ(run("rm -rf full"), 0);
	CHECK_EQ(filing_package_write(&package, path, &error), WARD_OK);
	CHECK(access(manifest, F_OK) == 0);
	filing_package_free(&package);
}

static const struct test_case cases[] = {
	{ "every script is read out again, in its order",
			every_script_is_read_out_again_in_its_order },
	{ "nothing of a report is left out", nothing_of_a_report_is_left_out },
	{ "the manifest proves the files, and a package is not written over",
			the_manifest_proves_the_files },
	{ "a long text goes over pages", a_long_text_goes_over_pages },
	{ "what is no authority is refused", what_is_no_authority_is_refused },
	{ "a stranger's words stay in their place", a_strangers_words_stay_in_their_place },
	{ "no text keeps the pages from being made", no_text_keeps_the_pages_from_being_made },
	{ "without pages the rest is there, and says so",
			without_pages_the_rest_is_there_and_says_so },
	{ "what is no draft has no package", what_is_no_draft_has_no_package },
	{ "a full disk leaves no package that looks whole",
			a_full_disk_leaves_no_package_that_looks_whole },
	{ "an authority is found by its name alone", an_authority_is_found_by_its_name_alone },
};

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	if (run("rm -rf scripts* generic* ncecc* accce* nca* proved* long* hostile* own full") !=
					0 ||
			rmdir(folder) != 0)
		printf("# %s is left behind\n", folder);
	return status;
}
