/*
 * The published vectors of Safe Browsing and of the URL Standard ($WARD_GOLDEN/url),
 * every one of them.  Where ward answers otherwise, tests/vectors/link/differences says
 * so with a reason, and this program fails when that list and the answers differ, either
 * way.
 */
#include "base/test.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <ward/link.h>

#include "link/address.h"
#include "link/host.h"

enum { DIFFERENCES_MAX = 256 };

static struct {
	char *lines[DIFFERENCES_MAX];
	bool met[DIFFERENCES_MAX];
	int count;
} known;

static struct ward_buf memory, base_memory, host_memory;

/* ---- files ---- */

static char *golden_file(const char *name)
{
	char path[1024];
	const char *golden = getenv("WARD_GOLDEN");
	struct ward_buf text;
	size_t len;
	FILE *file;

	if (!golden)
		return NULL;
	snprintf(path, sizeof(path), "%s/url/%s", golden, name);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	ward_buf_init(&text, 1 << 24);
	do {
		char *to = ward_buf_reserve(&text, 1 << 16);

		len = to ? fread(to, 1, 1 << 16, file) : 0;
		text.len += len;
	} while (len > 0);
	fclose(file);
	ward_buf_text(&text);
	return text.ptr;
}

static void known_read(void)
{
	char path[1024];
	char line[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/vectors/link/differences",
			getenv("WARD_SOURCE_ROOT"));
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] && line[0] != '#' && known.count < DIFFERENCES_MAX)
			known.lines[known.count++] = strdup(line);
	}
	if (file)
		fclose(file);
}

/* ---- telling a difference ---- */

static int asked, differing, unknown;

/* As the list writes an input: printable ASCII stands for itself. */
static void escape(const char *text, size_t len, char *out, size_t room)
{
	size_t at = 0;

	for (size_t i = 0; i < len && at + 5 < room; i++) {
		uint8_t c = (uint8_t)text[i];

		if (c > 0x20 && c < 0x7f && c != '\\')
			out[at++] = (char)c;
		else
			at += (size_t)snprintf(out + at, room - at, "\\x%02x", c);
	}
	out[at] = 0;
}

static void judge(const char *file, const char *input, size_t len, const char *base, bool same,
		const char *got)
{
	char escaped[800];
	char line[1000];

	asked++;
	if (same)
		return;
	differing++;
	escape(input, len, escaped, sizeof(escaped));
	if (len == 0)
		snprintf(escaped, sizeof(escaped), "(empty)");
	snprintf(line, sizeof(line), "%s %s%s%s", file, escaped, base ? " " : "", base ? base : "");
	for (int i = 0; i < known.count; i++) {
		if (strcmp(known.lines[i], line) == 0) {
			known.met[i] = true;
			return;
		}
	}
	unknown++;
	printf("# not in the list: %s\n#   ward says %s\n", line, got);
}

static void begin(void)
{
	asked = differing = unknown = 0;
}

static void told(const char *file)
{
	printf("# %s: %d vectors, %d differ\n", file, asked, differing);
}

/* ---- Safe Browsing ---- */

/* Undoes what the tables write as "\t", "\x80"; the length. */
static size_t undo(char *text)
{
	char *to = text;

	for (char *from = text; *from; from++) {
		unsigned value;

		if (*from != '\\') {
			*to++ = *from;
		} else if (from[1] == 'x' && sscanf(from + 2, "%2x", &value) == 1) {
			*to++ = (char)value;
			from += 3;
		} else {
			from++;
			*to++ = *from == 't'   ? '\t'
				: *from == 'n' ? '\n'
				: *from == 'r' ? '\r'
					       : *from;
		}
	}
	*to = 0;
	return (size_t)(to - text);
}

typedef void table_row(const char *file, char *input, size_t len, char *columns[4]);

static bool table(const char *file, table_row *row)
{
	char name[64];
	char *text;

	snprintf(name, sizeof(name), "sb/%s.tsv", file);
	text = golden_file(name);
	if (!text)
		return false;
	begin();
	for (char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		char *next = line + len + (line[len] ? 1 : 0);
		char *columns[4] = { line };

		line[len] = 0;
		for (int i = 1; i < 4; i++) {
			char *tab = strchr(columns[i - 1], '\t');

			columns[i] = tab ? tab + 1 : columns[i - 1] + strlen(columns[i - 1]);
			if (tab)
				*tab = 0;
		}
		if (line[0] != '#')
			row(file, columns[0], undo(columns[0]), columns);
		line = next;
	}
	free(text);
	told(file);
	return true;
}

static bool read_sb(const char *input, size_t len, struct ward_link *link)
{
	return ward_link_read((ward_str){ input, len }, WARD_LINK_SAFE_BROWSING, &memory, link,
			       NULL) == WARD_OK;
}

static const char *text_of(ward_str text)
{
	static char out[4][2048];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(out[turn], sizeof(out[turn]), "%.*s", WARD_FMT(text));
	return out[turn];
}

static void row_canonical(const char *file, char *input, size_t len, char *columns[4])
{
	struct ward_link link;
	bool ok = read_sb(input, len, &link);
	const char *got = ok ? text_of(link.url) : "!fail";

	judge(file, input, len, NULL, strcmp(got, columns[1]) == 0, got);
}

/* Without query, port and fragment. */
static void row_without_query(const char *file, char *input, size_t len, char *columns[4])
{
	struct ward_link link;
	bool ok = read_sb(input, len, &link);
	char got[4096] = "!fail";

	if (ok)
		snprintf(got, sizeof(got), "%s://%s%s", text_of(link.scheme), text_of(link.host),
				text_of(link.path));
	judge(file, input, len, NULL, strcmp(got, columns[1]) == 0, got);
}

static void row_parts(const char *file, char *input, size_t len, char *columns[4])
{
	struct ward_link link;
	bool ok = read_sb(input, len, &link);
	bool same = ok ? ward_str_eq(link.host, ward_str_from(columns[1])) &&
						    ward_str_eq(link.path,
								    ward_str_from(columns[2])) &&
						    ward_str_eq(link.query,
								    ward_str_from(columns[3]))
		       : columns[1][0] == 0;

	judge(file, input, len, NULL, same, ok ? text_of(link.url) : "!fail");
}

static void row_host(const char *file, char *input, size_t len, char *columns[4])
{
	struct ward_link link;
	bool ok = read_sb(input, len, &link);
	const char *got = ok ? text_of(link.host) : "!fail";

	judge(file, input, len, NULL, strcmp(got, columns[1]) == 0, got);
}

static void row_path(const char *file, char *input, size_t len, char *columns[4])
{
	struct ward_link link;
	bool ok = read_sb(input, len, &link);
	const char *got = ok ? text_of(link.path) : "!fail";

	judge(file, input, len, NULL, strcmp(got, columns[1]) == 0, got);
}

static void row_ip(const char *file, char *input, size_t len, char *columns[4])
{
	uint8_t address[4];
	char got[32] = "!notip";

	if (link_ipv4_read_loose((ward_str){ input, len }, address))
		snprintf(got, sizeof(got), "%u.%u.%u.%u", address[0], address[1], address[2],
				address[3]);
	judge(file, input, len, NULL, strcmp(got, columns[1]) == 0, got);
}

static void safe_browsing_canonical_forms_are_the_published_ones(void)
{
	if (!table("canon_google_docs", row_canonical))
		CHECK_SKIP("the published vectors are not here");
	CHECK_EQ(unknown, 0);
	CHECK(table("canon_chromium", row_parts));
	CHECK_EQ(unknown, 0);
	CHECK(table("canon_url_go", row_without_query));
	CHECK_EQ(unknown, 0);
	CHECK(table("host_go", row_host));
	CHECK_EQ(unknown, 0);
	CHECK(table("ip_go", row_ip));
	CHECK_EQ(unknown, 0);
	CHECK(table("path_go", row_path));
	CHECK_EQ(unknown, 0);
}

struct told {
	ward_str got[WARD_LINK_EXPRESSIONS_MAX];
	size_t count;
	char text[1 << 14];
	size_t len;
};

static void tell(void *context, ward_str host, ward_str path)
{
	struct told *told_ones = context;
	int len = snprintf(told_ones->text + told_ones->len,
			sizeof(told_ones->text) - told_ones->len, "%.*s%.*s", WARD_FMT(host),
			WARD_FMT(path));

	told_ones->got[told_ones->count++] =
			(ward_str){ told_ones->text + told_ones->len, (size_t)len };
	told_ones->len += (size_t)len;
}

static bool is_told(const struct told *told_ones, ward_str want)
{
	for (size_t i = 0; i < told_ones->count; i++) {
		if (ward_str_eq(told_ones->got[i], want))
			return true;
	}
	return false;
}

/* A set, whatever the order: as many, and every one of them. */
static bool are_told(const struct told *told_ones, const char *set)
{
	ward_str rest = ward_str_from(set);
	size_t count = 0;

	for (; rest.len > 0; count++) {
		if (!is_told(told_ones, ward_str_cut(&rest, ' ')))
			return false;
	}
	return count == told_ones->count;
}

static void row_patterns(const char *file, char *input, size_t len, char *columns[4])
{
	struct told told_ones = { .count = 0 };
	struct ward_link link;
	bool same = strcmp(columns[1], "!fail") == 0;
	bool ok = read_sb(input, len, &link);

	if (ok) {
		ward_link_expressions(&link, tell, &told_ones);
		same = are_told(&told_ones, columns[1]);
	}
	judge(file, input, len, NULL, same, ok ? text_of(link.url) : "!fail");
}

/* The paths alone: those of the first host. */
static void row_paths(const char *file, char *input, size_t len, char *columns[4])
{
	struct told told_ones = { .count = 0 };
	struct ward_link link;
	bool same = strcmp(columns[1], "!fail") == 0;

	if (read_sb(input, len, &link)) {
		link.host = WARD_STR("h");
		ward_link_expressions(&link, tell, &told_ones);
		for (size_t i = 0; i < told_ones.count; i++) {
			told_ones.got[i].ptr++;
			told_ones.got[i].len--;
		}
		same = are_told(&told_ones, columns[1]);
	}
	judge(file, input, len, NULL, same, "other paths");
}

/* Hosts and paths, whose product is what is asked. */
static void row_product(const char *file, char *input, size_t len, char *columns[4])
{
	struct told told_ones = { .count = 0 };
	struct ward_link link;
	ward_str hosts = ward_str_from(columns[1]);
	size_t count = 0;
	bool same = read_sb(input, len, &link);

	if (same)
		ward_link_expressions(&link, tell, &told_ones);
	while (hosts.len > 0) {
		ward_str host = ward_str_cut(&hosts, ' ');
		ward_str paths = ward_str_from(columns[2]);

		for (; paths.len > 0; count++) {
			ward_str path = ward_str_cut(&paths, ' ');
			char want[1024];

			snprintf(want, sizeof(want), "%.*s%.*s", WARD_FMT(host), WARD_FMT(path));
			same = same && is_told(&told_ones, ward_str_from(want));
		}
	}
	judge(file, input, len, NULL, same && count == told_ones.count, "other expressions");
}

/* Of a page, SHA-256 of its first expression; the other rows are of SHA-256 alone. */
static void row_hash(const char *file, char *input, size_t len, char *columns[4])
{
	struct told told_ones = { .count = 0 };
	struct ward_link link;
	ward_str text = { input, len };
	uint8_t digest[32];
	char hex[65];

	if (strchr(input, '/') && read_sb(input, len, &link)) {
		ward_link_expressions(&link, tell, &told_ones);
		text = told_ones.got[0];
	}
	EVP_Digest(text.ptr, text.len, digest, NULL, EVP_sha256(), NULL);
	ward_hex_format(digest, sizeof(digest), hex);
	judge(file, input, len, NULL, strcmp(hex, columns[1]) == 0, hex);
}

static void safe_browsing_expressions_are_the_published_ones(void)
{
	if (!table("patterns_go", row_patterns))
		CHECK_SKIP("the published vectors are not here");
	CHECK_EQ(unknown, 0);
	CHECK(table("paths_go", row_paths));
	CHECK_EQ(unknown, 0);
	CHECK(table("expr_chromium", row_product));
	CHECK_EQ(unknown, 0);
	CHECK(table("hash", row_hash));
	CHECK_EQ(unknown, 0);
}

/* ---- public suffixes ---- */

/* The next word in quotes; "" for null. */
static void quoted(ward_str *rest, char out[512])
{
	size_t at = 0;

	while (at < rest->len && rest->ptr[at] != '\'' && rest->ptr[at] != 'n')
		at++;
	out[0] = 0;
	*rest = (ward_str){ rest->ptr + at, rest->len - at };
	if (ward_str_starts(*rest, WARD_STR("null"))) {
		*rest = (ward_str){ rest->ptr + 4, rest->len - 4 };
	} else if (rest->len > 0) {
		ward_str_cut(rest, '\'');
		ward_str word = ward_str_cut(rest, '\'');

		snprintf(out, 512, "%.*s", WARD_FMT(word));
	}
}

static ward_str canonical_host(const char *text, struct ward_buf *into)
{
	ward_host_kind kind;
	uint8_t address[16];
	ward_str host = { "", 0 };

	if (text[0] && text[0] != '.' &&
			ward_host_read(ward_str_from(text), into, &host, &kind, address, NULL))
		host = (ward_str){ "", 0 };
	return host;
}

static void one_suffix(const char *file, const char *name, const char *want)
{
	ward_str host = canonical_host(name, &memory);
	ward_str registered = host.len > 0 ? ward_host_registered(host) : host;

	judge(file, name, strlen(name), NULL,
			ward_str_eq(registered, canonical_host(want, &host_memory)),
			text_of(registered));
}

/* "name registered" or "checkPublicSuffix('name', 'registered');", a line each. */
static bool suffixes_of(const char *file)
{
	static const ward_str call = { "checkPublicSuffix(", 18 };
	char *text = golden_file(file);
	ward_str rest = ward_str_from(text);

	begin();
	while (rest.len > 0) {
		ward_str line = ward_str_trim(ward_str_cut(&rest, '\n'));
		char name[512];
		char want[512];

		if (line.len == 0 || line.ptr[0] == '/')
			continue;
		if (ward_str_starts(line, call)) {
			line = (ward_str){ line.ptr + call.len, line.len - call.len };
			quoted(&line, name);
			quoted(&line, want);
		} else {
			ward_str first = ward_str_cut(&line, ' ');

			snprintf(name, sizeof(name), "%.*s", WARD_FMT(first));
			snprintf(want, sizeof(want), "%.*s", WARD_FMT(line));
		}
		one_suffix(file, strcmp(name, "null") ? name : "",
				strcmp(want, "null") ? want : "");
	}
	free(text);
	told(file);
	return asked > 0;
}

static void the_registered_part_is_the_published_one(void)
{
	if (!suffixes_of("test_psl.txt"))
		CHECK_SKIP("the published vectors are not here");
	CHECK_EQ(unknown, 0);
	CHECK(suffixes_of("psl_tests.txt"));
	CHECK_EQ(unknown, 0);
}

/* ---- the URL Standard ---- */

/*
 * Half a surrogate pair cannot be in a string of the Standard's: it stands for U+FFFD, and
 * so it is written here, where the JSON reader would refuse it.
 */
static void mend_surrogates(char *text)
{
	for (char *at = text; (at = strstr(at, "\\u")); at += 6) {
		unsigned first = 0;
		unsigned second = 0;

		if (at > text && at[-1] == '\\' && !(at > text + 1 && at[-2] == '\\'))
			continue;
		sscanf(at + 2, "%4x", &first);
		if (at[6] == '\\' && at[7] == 'u')
			sscanf(at + 8, "%4x", &second);
		if (first >= 0xd800 && first < 0xdc00 && second >= 0xdc00 && second < 0xe000)
			at += 6;
		else if (first >= 0xd800 && first < 0xe000)
			for (int i = 2; i < 6; i++)
				at[i] = i < 5 ? 'f' : 'd';
	}
}

static json_t *json_of(const char *name)
{
	char path[64];
	json_error_t error;
	char *text;
	json_t *json;

	snprintf(path, sizeof(path), "wpt/%s", name);
	text = golden_file(path);
	if (!text)
		return NULL;
	mend_surrogates(text);
	json = json_loads(text, JSON_ALLOW_NUL, &error);
	if (!json)
		printf("# %s: %s\n", name, error.text);
	free(text);
	return json;
}

static ward_str member(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	return (ward_str){ json_string_value(value), json_string_length(value) };
}

/* What the member says is `text` between two characters; or nothing, when it is not there. */
static bool is_member(const json_t *json, const char *name, const char *before, ward_str text,
		const char *after)
{
	char want[4096] = "";

	if (text.len > 0 || (before[0] == 0 && after[0] != 0))
		snprintf(want, sizeof(want), "%s%.*s%s", before, WARD_FMT(text), after);
	return ward_str_eq(member(json, name), ward_str_from(want));
}

static bool link_is(const json_t *test, const struct ward_link *link)
{
	char port[8] = "";

	if (link->port > 0)
		snprintf(port, sizeof(port), "%u", link->port);
	return ward_str_eq(member(test, "href"), link->url) &&
	       is_member(test, "protocol", "", link->scheme, ":") &&
	       is_member(test, "username", "", link->user, "") &&
	       is_member(test, "password", "", link->password, "") &&
	       is_member(test, "hostname", "", link->host, "") &&
	       (ward_str_eq(member(test, "port"), ward_str_from(port)) ||
			       ward_str_eq(member(test, "port"), WARD_STR("0"))) &&
	       is_member(test, "pathname", "", link->path, "") &&
	       is_member(test, "search", "?", link->query, "") &&
	       is_member(test, "hash", "#", link->fragment, "");
}

static void one_url(const json_t *test)
{
	ward_str input = member(test, "input");
	const char *base_text = json_string_value(json_object_get(test, "base"));
	struct ward_link base = { .port = 0 };
	struct ward_link link = { .port = 0 };
	bool failure = json_is_true(json_object_get(test, "failure"));
	ward_err err = WARD_OK;

	if (base_text)
		err = ward_link_read(ward_str_from(base_text), WARD_LINK_WHATWG, &base_memory,
				&base, NULL);
	if (!err)
		err = ward_link_join(input, base_text ? &base : NULL, &memory, &link, NULL);
	judge("urltestdata.json", input.ptr, input.len, base_text,
			failure ? err == WARD_E_FORMAT : !err && link_is(test, &link),
			err ? ward_err_name(err) : text_of(link.url));
	/* What was read, read again, is itself. */
	if (!err) {
		struct ward_link again;
		char *url = strndup(link.url.ptr, link.url.len);

		err = ward_link_read(ward_str_from(url), WARD_LINK_WHATWG, &memory, &again, NULL);
		if (err || !ward_str_eq(again.url, ward_str_from(url))) {
			printf("# read again: %s\n", url);
			unknown++;
		}
		free(url);
	}
}

static void urls_are_read_as_the_standard_reads_them(void)
{
	json_t *tests = json_of("urltestdata.json");
	const json_t *test;
	size_t i;

	if (!tests)
		CHECK_SKIP("the published vectors are not here");
	begin();
	json_array_foreach(tests, i, test)
	{
		if (json_is_object(test))
			one_url(test);
	}
	json_decref(tests);
	told("urltestdata.json");
	CHECK_EQ(unknown, 0);
}

/* Every byte escaped, so that the URL's parser leaves the name to the host's. */
static void one_name(const char *file, const json_t *test)
{
	ward_str input = member(test, "input");
	const json_t *want = json_object_get(test, "output");
	struct ward_link link = { .port = 0 };
	ward_err err;

	ward_buf_clear(&host_memory);
	ward_buf_str(&host_memory, WARD_STR("https://"));
	for (size_t i = 0; i < input.len; i++)
		ward_buf_printf(&host_memory, "%%%02X", (uint8_t)input.ptr[i]);
	err = ward_link_read(ward_buf_text(&host_memory), WARD_LINK_WHATWG, &memory, &link, NULL);
	judge(file, input.ptr, input.len, NULL,
			json_is_null(want) ? err == WARD_E_FORMAT
					   : !err && ward_str_eq(link.host, member(test, "output")),
			err ? ward_err_name(err) : text_of(link.host));
}

static bool names_of(const char *file)
{
	json_t *tests = json_of(file);
	const json_t *test;
	size_t i;

	begin();
	json_array_foreach(tests, i, test)
	{
		if (json_is_object(test))
			one_name(file, test);
	}
	json_decref(tests);
	if (tests)
		told(file);
	return tests != NULL;
}

/* What LOOKUP makes of a host of the Standard's: the dots tidied, a mapped address as IPv4. */
static bool is_same_host(const struct ward_link *lookup, const struct ward_link *standard)
{
	ward_host_kind kind;
	uint8_t address[16];
	ward_str host;

	return ward_host_read(standard->host, &host_memory, &host, &kind, address, NULL) ==
			       WARD_OK &&
	       ward_str_eq(lookup->host, host) && lookup->host_kind == kind &&
	       lookup->port == standard->port;
}

/* "a..", ".": DNS has no such names, whatever the parser says. */
static bool has_empty_label(ward_str host)
{
	for (size_t i = 0; i < host.len; i++) {
		if (host.ptr[i] == '.' && (i == 0 || host.ptr[i - 1] == '.'))
			return true;
	}
	return host.len == 0;
}

/* A page that a browser opens must not escape a list because the list cannot read it. */
static void what_a_browser_opens_can_be_looked_up(void)
{
	json_t *tests = json_of("urltestdata.json");
	const json_t *test;
	size_t i;
	int opened = 0;

	if (!tests)
		CHECK_SKIP("the published vectors are not here");
	json_array_foreach(tests, i, test)
	{
		ward_str input = member(test, "input");
		struct ward_link standard;
		struct ward_link lookup;

		if (!json_is_object(test) || json_is_string(json_object_get(test, "base")) ||
				ward_link_read(input, WARD_LINK_WHATWG, &base_memory, &standard,
						NULL) ||
				!ward_str_starts(standard.scheme, WARD_STR("http")) ||
				has_empty_label(standard.host))
			continue;
		opened++;
		if (ward_link_read(input, WARD_LINK_LOOKUP, &memory, &lookup, NULL) ||
				!is_same_host(&lookup, &standard)) {
			printf("# %s\n", text_of(standard.url));
			test_failed = true;
		}
	}
	json_decref(tests);
	printf("# %d links that a browser opens\n", opened);
	CHECK(opened > 100);
}

static void names_become_the_a_labels_that_browsers_ask_for(void)
{
	if (!names_of("toascii.json"))
		CHECK_SKIP("the published vectors are not here");
	CHECK_EQ(unknown, 0);
	CHECK(names_of("IdnaTestV2-removed.json"));
	CHECK_EQ(unknown, 0);
	CHECK(names_of("IdnaTestV2.json"));
	CHECK_EQ(unknown, 0);
}

/* The vectors are of documents in many encodings; a link here is UTF-8. */
static void bytes_of_a_query_are_escaped_as_published(void)
{
	json_t *tests = json_of("percent-encoding.json");
	const json_t *test;
	size_t i;

	if (!tests)
		CHECK_SKIP("the published vectors are not here");
	begin();
	json_array_foreach(tests, i, test)
	{
		ward_str input = member(test, "input");
		struct ward_link link = { .port = 0 };

		if (!json_is_object(test))
			continue;
		ward_buf_clear(&host_memory);
		ward_buf_str(&host_memory, WARD_STR("https://h/?"));
		ward_buf_str(&host_memory, input);
		ward_err err = ward_link_read(ward_buf_text(&host_memory), WARD_LINK_WHATWG,
				&memory, &link, NULL);

		judge("percent-encoding.json", input.ptr, input.len, NULL,
				!err && ward_str_eq(link.query,
							member(json_object_get(test, "output"),
									"utf-8")),
				err ? ward_err_name(err) : text_of(link.query));
	}
	json_decref(tests);
	told("percent-encoding.json");
	CHECK_EQ(unknown, 0);
}

static void every_difference_in_the_list_is_one(void)
{
	if (!getenv("WARD_GOLDEN") || asked == 0)
		CHECK_SKIP("the published vectors are not here");
	for (int i = 0; i < known.count; i++) {
		if (!known.met[i])
			printf("# no difference any more: %s\n", known.lines[i]);
		CHECK(known.met[i]);
	}
}

static const struct test_case cases[] = {
	{ "Safe Browsing's canonical forms are the published ones",
			safe_browsing_canonical_forms_are_the_published_ones },
	{ "Safe Browsing's expressions are the published ones",
			safe_browsing_expressions_are_the_published_ones },
	{ "the registered part is the published one", the_registered_part_is_the_published_one },
	{ "URLs are read as the URL Standard reads them",
			urls_are_read_as_the_standard_reads_them },
	{ "what a browser opens can be looked up", what_a_browser_opens_can_be_looked_up },
	{ "names become the A-labels that browsers ask for",
			names_become_the_a_labels_that_browsers_ask_for },
	{ "bytes of a query are escaped as published", bytes_of_a_query_are_escaped_as_published },
	{ "every difference in the list is one", every_difference_in_the_list_is_one },
};

int main(void)
{
	ward_buf_init(&memory, 16 * WARD_LINK_MAX);
	ward_buf_init(&base_memory, 16 * WARD_LINK_MAX);
	ward_buf_init(&host_memory, 16 * WARD_LINK_MAX);
	known_read();

	int failed = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	for (int i = 0; i < known.count; i++)
		free(known.lines[i]);
	ward_buf_free(&memory);
	ward_buf_free(&base_memory);
	ward_buf_free(&host_memory);
	return failed;
}
