/* What the pages say can be read out of them again, in the order it was written. */
#include "filing/package.h"

#include "base/file.h"
#include "filing/check.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

extern char **environ;

static struct ward_arena arena;
static char folder[] = "/tmp/ward-package-XXXXXX";
static struct ward_error error;

static char *read_source(const char *name, size_t *len)
{
	char path[4096], *text = NULL;

	snprintf(path, sizeof(path), "%s/%s", getenv("WARD_SOURCE_ROOT"), name);
	return file_read(path, 1 << 20, &text, len, &error) ? NULL : text;
}

static struct package_template *template_of(const char *name)
{
	struct package_template *read = NULL;
	size_t len = 0;
	char *text = read_source(name, &len);

	if (!text || package_template_read((ward_str){ text, len }, &read, &error))
		read = NULL;
	free(text);
	return read;
}

static bool draft_of(ward_str text, struct filing_draft *draft)
{
	struct filing_findings findings = { .arena = &arena };

	return filing_draft_read(&arena, text, draft, &findings, &error) == WARD_OK &&
	       findings.errors == 0;
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

static bool write_package(const char *template, ward_str json, const char *name, bool test)
{
	struct package_facts facts = { WARD_STR("0190-id"), WARD_STR("case-1"), 1772323200, test };
	struct package_template *words = template_of(template);
	struct filing_draft draft;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	bool good = words && draft_of(json, &draft) &&
		    filing_package_write(words, &draft, &facts, path, &error) == WARD_OK;

	package_template_free(words);
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

	CHECK(write_package("data/authorities/generic.json", ward_str_from(json), "scripts", true));
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
		char name[64];

		snprintf(name, sizeof(name), "data/authorities/%s.json", authorities[i]);
		CHECK(write_package(name, (ward_str){ full, len }, authorities[i], false));
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

	CHECK(write_package("data/authorities/generic.json", ward_str_from(json), "proved", false));
	CHECK_EQ(run("cd proved && sha256sum --quiet -c MANIFEST && test $(wc -l < MANIFEST) = 3"),
			0);
	/* A package is not written over. */
	CHECK(!write_package("data/authorities/generic.json", ward_str_from(json), "proved",
			false));
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
	CHECK(write_package("data/authorities/generic.json", ward_str_from(json), "long", false));
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
	struct package_template *read;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK(package_template_read(ward_str_from(texts[i]), &read, &error) != WARD_OK);
}

static const struct test_case cases[] = {
	{ "every script is read out again, in its order",
			every_script_is_read_out_again_in_its_order },
	{ "nothing of a report is left out", nothing_of_a_report_is_left_out },
	{ "the manifest proves the files, and a package is not written over",
			the_manifest_proves_the_files },
	{ "a long text goes over pages", a_long_text_goes_over_pages },
	{ "what is no authority is refused", what_is_no_authority_is_refused },
};

int main(void)
{
	ward_arena_init(&arena, (size_t)256 << 20);
	if (!mkdtemp(folder))
		return 1;
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	ward_arena_free(&arena);
	if (run("rm -rf scripts* generic* ncecc* accce* nca* proved* long*") != 0 ||
			rmdir(folder) != 0)
		printf("# %s is left behind\n", folder);
	return status;
}
