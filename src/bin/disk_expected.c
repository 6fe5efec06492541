#include "bin/disk_expected.h"

#include "base/file.h"

enum {
	FILE_MAX = 1 << 20, /* a list of all files of an image in hundreds of parts is 100 KiB */
	DIGESTS_MAX = 4096, /* that are kept of one image */
	TOKENS_MAX = 4,     /* digests in a line: MD5, SHA-1, SHA-256, and one for good measure */
	DIGEST_BYTES_MAX = 32,
};

/* ---- keeping ---- */

void disk_expected_free(struct disk_expected *expected)
{
	free(expected->digests);
	for (size_t i = 0; i < expected->trouble_count; i++)
		free(expected->troubles[i].path);
	*expected = (struct disk_expected){ 0 };
}

static bool has(const struct disk_expected *expected, const struct disk_expected_digest *digest)
{
	for (size_t i = 0; i < expected->count; i++) {
		if (expected->digests[i].file == digest->file &&
				strcmp(expected->digests[i].text, digest->text) == 0)
			return true;
	}
	return false;
}

static bool keep(struct disk_expected *expected, const struct disk_expected_digest *digest)
{
	if (has(expected, digest))
		return true;
	if (expected->count == DIGESTS_MAX)
		return false;
	if (expected->count == expected->room) {
		size_t room = expected->room ? expected->room * 2 : 8;
		struct disk_expected_digest *grown =
				realloc(expected->digests, room * sizeof(*grown));

		if (!grown)
			return false;
		expected->digests = grown;
		expected->room = room;
	}
	expected->digests[expected->count++] = *digest;
	return true;
}

/* ---- one digest ---- */

static bool parse_digest(ward_str text, struct disk_expected_digest *digest)
{
	uint8_t bytes[DIGEST_BYTES_MAX];
	size_t len = text.len / 2;

	if ((len != 16 && len != 20 && len != 32) || !ward_hex_parse(text, bytes, len))
		return false;
	ward_hex_format(bytes, len, digest->text);
	digest->file = DISK_EXPECTED_WHOLE;
	return true;
}

ward_err disk_expected_add(struct disk_expected *expected, ward_str digest,
		struct ward_error *error)
{
	struct disk_expected_digest one;

	if (!parse_digest(digest, &one))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a digest has 32, 40 or 64 hexadecimal digits");
	return keep(expected, &one) ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

/* ---- a line ---- */

struct line {
	ward_str digests[TOKENS_MAX];
	size_t count;
	ward_str before, behind; /* the digests, without space around */
};

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t word_at(ward_str text, size_t at)
{
	size_t end = at;

	while (end < text.len && is_alnum(text.ptr[end]))
		end++;
	return end - at;
}

static ward_str part_of(ward_str text, size_t from, size_t to)
{
	return ward_str_trim((ward_str){ text.ptr + from, to - from });
}

/* The first words of a line that are digests; a name behind them may look like one. */
static bool split(ward_str text, struct line *line)
{
	struct disk_expected_digest digest;
	size_t first = 0, last = 0;

	line->count = 0;
	for (size_t at = 0; at < text.len;) {
		size_t len = word_at(text, at);
		ward_str word = { text.ptr + at, len };

		if (len > 0 && line->count < TOKENS_MAX && parse_digest(word, &digest)) {
			first = line->count ? first : at;
			last = at + len;
			line->digests[line->count++] = word;
		} else if (len > 0 && line->count > 0) {
			break;
		}
		at += len ? len : 1;
	}
	if (line->count == 0)
		return false;
	line->before = part_of(text, 0, first);
	line->behind = part_of(text, last, text.len);
	return true;
}

/* "ab cd ef ...", as older certutils write it. */
static bool split_spaced(ward_str text, char room[DISK_EXPECTED_MAX], struct line *line)
{
	size_t len = (text.len + 1) / 3;

	if (text.len % 3 != 2 || (len != 16 && len != 20 && len != 32))
		return false;
	for (size_t i = 0; i < len; i++) {
		memcpy(room + 2 * i, text.ptr + 3 * i, 2);
		if (i > 0 && text.ptr[3 * i - 1] != ' ')
			return false;
	}
	room[2 * len] = '\0';
	return split(ward_str_from(room), line) && line->count == 1 &&
	       line->digests[0].len == 2 * len;
}

/* ---- what stands before it ---- */

static bool contains(ward_str text, const char *word)
{
	ward_str wanted = ward_str_from(word);

	for (size_t i = 0; i + wanted.len <= text.len; i++) {
		if (ward_str_eq_nocase((ward_str){ text.ptr + i, wanted.len }, wanted))
			return true;
	}
	return false;
}

/* Other digests are as long: SHA3-256, BLAKE2s, MD4. */
static bool names_algorithm(ward_str text, size_t digits)
{
	if (contains(text, "hmac"))
		return false;
	if (digits == 32)
		return contains(text, "md5");
	if (digits == 40)
		return contains(text, "sha1") || contains(text, "sha-1");
	return contains(text, "sha256") || contains(text, "sha-256") || contains(text, "sha2-256");
}

/* "16777216," before the digests of hashdeep, or nothing. */
static bool is_plain(ward_str before)
{
	size_t digits = 0;

	while (digits < before.len && before.ptr[digits] >= '0' && before.ptr[digits] <= '9')
		digits++;
	return before.len == 0 || ward_str_eq(before, WARD_STR("\\")) ||
	       (digits > 0 && digits + 1 == before.len && before.ptr[digits] == ',');
}

/* "NAME" of "SHA256 (NAME) =". */
static bool is_bsd(ward_str before, size_t digits, ward_str *name, bool *ours)
{
	ward_str rest = before;

	if (!ward_str_ends(before, WARD_STR("=")) || !memchr(before.ptr, '(', before.len))
		return false;
	ward_str algorithm = ward_str_cut(&rest, '(');

	rest.len--;
	rest = ward_str_trim(rest);
	if (!ward_str_ends(rest, WARD_STR(")")))
		return false;
	rest.len--;
	*name = rest;
	*ours = names_algorithm(algorithm, digits);
	return true;
}

/* Of a piece of the disk: dcfldd's "0 - 1048576: ", dc3dd's "(md5), sectors 0 - 511". */
static bool is_piece(const struct line *line)
{
	const char *begin = line->before.ptr;
	bool numbers = line->before.len > 0;

	for (size_t i = 0; i < line->before.len; i++)
		numbers &= strchr("0123456789 -:", begin[i]) != NULL;
	return (numbers && memchr(begin, '-', line->before.len)) ||
	       (ward_str_starts(line->behind, WARD_STR("(")) && contains(line->behind, "sectors "));
}

static ward_str bare_name(ward_str name)
{
	while (name.len > 0 && strchr("*,;\"' \t|", name.ptr[0]))
		name = (ward_str){ name.ptr + 1, name.len - 1 };
	while (name.len > 0 && strchr(",;\"' \t", name.ptr[name.len - 1]))
		name.len--;
	for (size_t i = name.len; i-- > 0;) {
		if (name.ptr[i] == '/' || name.ptr[i] == '\\')
			return (ward_str){ name.ptr + i + 1, name.len - i - 1 };
	}
	return ward_str_eq(name, WARD_STR("-")) ? WARD_STR("") : name;
}

/* Is a line's `i`th digest one that is known here?  `name` is "" when none is said. */
static bool understand(const struct line *line, size_t i, ward_str *name)
{
	size_t digits = line->digests[i].len;
	bool ours = true;

	*name = WARD_STR("");
	if (is_bsd(line->before, digits, name, &ours)) {
		*name = bare_name(*name);
		return ours;
	}
	if (is_piece(line))
		return false;
	if (is_plain(line->before)) {
		/* "(sha256)" of dc3dd is no name. */
		if (!ward_str_starts(line->behind, WARD_STR("(")))
			*name = bare_name(line->behind);
		return true;
	}
	if (line->before.ptr[0] == '#' || line->before.ptr[0] == ';' ||
			!names_algorithm(line->before, digits))
		return false;
	/* "SHA256  DIGEST  C:\x.dd", as Get-FileHash has it; what follows other words is a remark.
	 */
	if (word_at(line->before, 0) == line->before.len)
		*name = bare_name(line->behind);
	return true;
}

/* ---- a text ---- */

/* What was read of one, before it is known which of it counts. */
struct reading {
	struct disk_expected *expected;
	struct disk_expected_names names;
	size_t taken;
	/* Of a name that is none of the image's: the only one, or no use. */
	struct disk_expected strangers;
	ward_str stranger;
	bool strangers_differ;
};

static size_t file_named(const struct reading *reading, ward_str name)
{
	for (size_t i = 0; i < reading->names.count; i++) {
		if (ward_str_eq_nocase(bare_name(ward_str_from(reading->names.paths[i])), name))
			return i;
	}
	return DISK_EXPECTED_WHOLE;
}

static void take_digest(struct reading *reading, ward_str text, ward_str name)
{
	struct disk_expected_digest digest;

	if (!parse_digest(text, &digest))
		return;
	digest.file = file_named(reading, name);
	if (name.len == 0 || digest.file != DISK_EXPECTED_WHOLE) {
		if (reading->names.count == 1)
			digest.file = DISK_EXPECTED_WHOLE;
		reading->taken += keep(reading->expected, &digest);
		return;
	}
	if (reading->strangers.count > 0 && !ward_str_eq(reading->stranger, name))
		reading->strangers_differ = true;
	reading->stranger = name;
	(void)keep(&reading->strangers, &digest);
}

static void take_line(struct reading *reading, ward_str text)
{
	char room[DISK_EXPECTED_MAX];
	struct line line;
	ward_str name;

	text = ward_str_trim(text);
	if (!split(text, &line) && !split_spaced(text, room, &line))
		return;
	for (size_t i = 0; i < line.count; i++) {
		if (understand(&line, i, &name))
			take_digest(reading, line.digests[i], name);
	}
}

static void take_lines(struct reading *reading, ward_str text)
{
	while (text.len > 0) {
		ward_str line = ward_str_cut(&text, '\n');

		/* Of a Macintosh's lines there is but one, and all lie in it. */
		while (line.len > 0)
			take_line(reading, ward_str_cut(&line, '\r'));
	}
	if (reading->taken > 0 || reading->strangers_differ || !reading->names.strangers)
		return;
	for (size_t i = 0; i < reading->strangers.count; i++)
		reading->taken += keep(reading->expected, &reading->strangers.digests[i]);
}

/* What has two bytes a sign, one; what is no ASCII is no matter here but in names. */
static ward_str narrow(ward_bytes text, char *to)
{
	size_t low = text.ptr[0] == 0xff ? 0 : 1, len = 0;

	for (size_t i = 2; i + 1 < text.len; i += 2)
		to[len++] = text.ptr[i + 1 - low] ? '?' : (char)text.ptr[i + low];
	return (ward_str){ to, len };
}

bool disk_expected_parse(struct disk_expected *expected, ward_bytes text,
		struct disk_expected_names names)
{
	struct reading reading = { .expected = expected, .names = names };
	bool wide = text.len >= 2 &&
		    (memcmp(text.ptr, "\xff\xfe", 2) == 0 || memcmp(text.ptr, "\xfe\xff", 2) == 0);
	bool marked = text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0;
	char *narrowed = wide ? malloc(text.len) : NULL;
	ward_str lines = { (const char *)text.ptr + (marked ? 3 : 0), text.len - (marked ? 3 : 0) };

	if (wide)
		lines = narrowed ? narrow(text, narrowed) : WARD_STR("");
	take_lines(&reading, lines);
	disk_expected_free(&reading.strangers);
	free(narrowed);
	return reading.taken > 0;
}

/* ---- beside an image ---- */

static void meet(struct disk_expected *expected, const char *path, const struct ward_error *error)
{
	struct disk_expected_trouble *trouble = &expected->troubles[expected->trouble_count];

	if (expected->trouble_count == DISK_EXPECTED_TROUBLES)
		return;
	trouble->path = strdup(path);
	trouble->error = *error;
	expected->trouble_count += trouble->path != NULL;
}

static void read_file(struct disk_expected *expected, const char *path,
		struct disk_expected_names names)
{
	struct ward_error error = { 0 };
	char *text = NULL;
	size_t len = 0;
	ward_err err = file_read(path, FILE_MAX, &text, &len, &error);

	if (!err && !disk_expected_parse(expected, (ward_bytes){ (const uint8_t *)text, len },
				    names))
		err = ward_fail(&error, WARD_E_FORMAT,
				"it holds no digest of the image that is understood: nothing was "
				"compared with it");
	if (err && err != WARD_E_NOT_FOUND && names.strangers)
		meet(expected, path, &error);
	free(text);
}

/* A text may be about anything: it is no trouble when it is. */
static void read_beside(struct disk_expected *expected, ward_str stem,
		struct disk_expected_names names)
{
	static const char *const suffixes[] = { ".sha256", ".sha1", ".md5", ".txt" };
	size_t room = stem.len + 16;
	char *path = malloc(room);

	for (size_t i = 0; path && i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		snprintf(path, room, "%.*s%s", WARD_FMT(stem), suffixes[i]);
		names.strangers = strcmp(suffixes[i], ".txt") != 0;
		read_file(expected, path, names);
	}
	free(path);
}

void disk_expected_beside(struct disk_expected *expected, const struct disk_image *image)
{
	size_t count = disk_image_segments(image);
	const char **paths = calloc(count, sizeof(*paths));
	const char *first = disk_image_path(image, 0), *dot = strrchr(first, '.');
	struct disk_expected_names names = { paths, count, true };

	for (size_t i = 0; paths && i < count; i++)
		paths[i] = disk_image_path(image, i);
	if (paths)
		read_beside(expected, ward_str_from(first), names);
	if (paths && count > 1 && dot)
		read_beside(expected, (ward_str){ first, (size_t)(dot - first) }, names);
	free(paths);
}
