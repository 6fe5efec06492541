/*
 * Shapes that tools of examiners import: a case of VICS 2.0 (JSON) and INTERPOL's ICSE columns.
 *
 * Both name files by MD5, so finds are put together by it, and what has no digests is left out.
 * Nothing is said that no list said: a category is a list's own, for these very bytes, or null,
 * which in VICS is "not categorised" (0 is a category: in the US profile, of no concern).
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "bin/disk_report.h"

enum { PROFILE_MAX = 17, PIECE = 1 << 16, COMMENTS_MAX = 8192 };

/* ---- by MD5 ---- */

static bool is_listed(const struct disk_find *find)
{
	return find->has_digests &&
	       (find->kind == WARD_FINDING_KNOWN || find->kind == WARD_FINDING_NEAR);
}

/* Where it is: of two finds in one file, only what they say differs. */
static int compare_place(const struct disk_find *a, const struct disk_find *b)
{
	int order = (a->image > b->image) - (a->image < b->image);

	if (order == 0)
		order = ward_str_cmp(a->path, b->path);
	if (order == 0)
		order = (a->inode > b->inode) - (a->inode < b->inode);
	if (order == 0)
		order = (a->offset > b->offset) - (a->offset < b->offset);
	return order ? order : ward_str_cmp(a->member, b->member);
}

static int compare(const void *one, const void *two)
{
	const struct disk_find *a = *(const struct disk_find *const *)one;
	const struct disk_find *b = *(const struct disk_find *const *)two;
	int order = memcmp(a->digests.md5, b->digests.md5, 16);

	if (order == 0)
		order = memcmp(a->digests.sha256, b->digests.sha256, 32);
	if (order == 0)
		order = compare_place(a, b);
	/* The finds' own order within. */
	return order ? order : (a > b) - (a < b);
}

/* From malloc; NULL without memory. */
static const struct disk_find **sort(const struct disk_report *report, size_t *count)
{
	const struct disk_find **sorted =
			calloc(report->hits + 1, sizeof(const struct disk_find *));

	*count = 0;
	for (size_t i = 0; sorted && i < report->hits; i++) {
		if (is_listed(&report->finds[i]))
			sorted[(*count)++] = &report->finds[i];
	}
	if (sorted)
		qsort(sorted, *count, sizeof(const struct disk_find *), compare);
	return sorted;
}

static bool same_bytes(const struct disk_find *a, const struct disk_find *b)
{
	return memcmp(a->digests.md5, b->digests.md5, 16) == 0 &&
	       memcmp(a->digests.sha256, b->digests.sha256, 32) == 0;
}

/* How many from the first on are of the same bytes. */
static size_t same(const struct disk_find *const *from, size_t left)
{
	size_t count = 1;

	while (count < left && same_bytes(from[0], from[count]))
		count++;
	return count;
}

/* ---- what the lists say ---- */

/* "us" and 1 of the label "vics-us:1"; "" of "vics:1".  False when it is no category. */
static bool read_category(ward_str label, ward_str *profile, uint64_t *category)
{
	ward_str scheme = ward_str_cut(&label, ':');

	if (ward_str_eq(scheme, WARD_STR("vics")))
		*profile = WARD_STR("");
	else if (ward_str_starts(scheme, WARD_STR("vics-")))
		*profile = (ward_str){ scheme.ptr + 5, scheme.len - 5 };
	else
		return false;
	return profile->len < PROFILE_MAX && ward_u64_parse(label, category) && *category <= 99;
}

struct profile {
	char name[PROFILE_MAX]; /* "": none is known */
	bool any, several;
};

static void meet_profile(struct profile *profile, ward_str name)
{
	if (profile->any && !ward_str_eq(name, ward_str_from(profile->name)))
		profile->several = true;
	snprintf(profile->name, sizeof(profile->name), "%.*s", WARD_FMT(name));
	profile->any = true;
}

/* A file has one profile for all its categories; of several, none can be said. */
static struct profile profile_of(const struct disk_find *const *finds, size_t count)
{
	struct profile profile = { "", false, false };

	for (size_t i = 0; i < count; i++) {
		ward_str labels = finds[i]->labels, name;
		uint64_t category;

		while (finds[i]->kind == WARD_FINDING_KNOWN && labels.len > 0) {
			if (read_category(ward_str_cut(&labels, ' '), &name, &category))
				meet_profile(&profile, name);
		}
	}
	return profile;
}

/* Which list says so, when all that say something say the same. */
static const struct disk_find *category_of(const struct disk_find *const *finds, size_t count,
		const struct profile *profile, uint64_t *category)
{
	const struct disk_find *who = NULL;

	for (size_t i = 0; i < count && !profile->several; i++) {
		ward_str labels = finds[i]->labels, name;
		uint64_t said;

		while (finds[i]->kind == WARD_FINDING_KNOWN && labels.len > 0) {
			if (!read_category(ward_str_cut(&labels, ' '), &name, &said))
				continue;
			if (who && said != *category)
				return NULL;
			who = finds[i];
			*category = said;
		}
	}
	return who;
}

/* Does a list say this word of these very bytes? */
static bool says(const struct disk_find *const *finds, size_t count, ward_str word)
{
	for (size_t i = 0; i < count; i++) {
		ward_str labels = finds[i]->labels;

		while (finds[i]->kind == WARD_FINDING_KNOWN && labels.len > 0) {
			ward_str code = ward_str_cut(&labels, ' ');
			ward_str scheme = ward_str_cut(&code, ':');

			if ((ward_str_starts(scheme, WARD_STR("vics")) &&
					    ward_str_eq(code, word)) ||
					(ward_str_eq(scheme, WARD_STR("interpol_baseline")) &&
							ward_str_eq(word, WARD_STR("Baseline")) &&
							ward_str_eq(code, WARD_STR("yes"))))
				return true;
		}
	}
	return false;
}

/* ---- VICS ---- */

static void key_hex(struct json *json, const char *name, const uint8_t *bytes, size_t len)
{
	char text[2 * 32 + 1];

	ward_hex_format(bytes, len, text);
	json_key_text(json, name, text);
}

static void key_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	if (when != 0)
		json_key_text(json, name, clock_format(when, text));
}

/* The last part behind a slash, and what is before it. */
static ward_str cut_name(ward_str *path)
{
	size_t at = path->len;

	while (at > 0 && path->ptr[at - 1] != '/')
		at--;
	ward_str name = { path->ptr + at, path->len - at };

	path->len = at;
	return name;
}

static void key_path(struct json *json, const char *file, const char *folder, ward_str path)
{
	ward_str name = cut_name(&path);

	json_key_str(json, file, name);
	json_key_str(json, folder, path);
}

/* One place where these bytes were found. */
static void write_file(struct json *json, const struct disk_find *find)
{
	bool inside = find->member.len > 0;

	json_object(json);
	key_hex(json, "MD5", find->digests.md5, 16);
	key_path(json, "FileName", "FilePath", inside ? find->member : find->path);
	key_time(json, "Created", find->created);
	key_time(json, "Written", find->modified);
	key_time(json, "Accessed", find->accessed);
	/* As public writers of this format have them: words, and only when it is so. */
	if (find->flags & DISK_CARVED)
		json_key_text(json, "Unallocated", "true");
	if (find->flags & DISK_DELETED)
		json_key_text(json, "Deleted", "true");
	json_key_str(json, "SourceID", find->image_name);
	if (inside) {
		if (find->has_parent)
			key_hex(json, "ParentMD5", find->parent_md5, 16);
		key_path(json, "ParentFileName", "ParentFilePath", find->path);
	}
	if (find->offset != DISK_NOWHERE)
		json_key_uint(json, inside ? "ParentPhysicalLocation" : "PhysicalLocation",
				find->offset);
	json_object_end(json);
}

static void write_alternative(struct json *json, const struct disk_find *find, const char *name,
		const char *value)
{
	json_object(json);
	key_hex(json, "MD5", find->digests.md5, 16);
	json_key_text(json, "HashName", name);
	json_key_text(json, "HashValue", value);
	json_object_end(json);
}

static void write_alternatives(struct json *json, const struct disk_find *const *finds,
		size_t count)
{
	char value[WARD_SIGNAL_TEXT_MAX];

	json_key(json, "AlternativeHashes");
	json_array(json);
	ward_hex_format(finds[0]->digests.sha256, 32, value);
	write_alternative(json, finds[0], "SHA256", value);
	for (size_t i = 0; i < count; i++) {
		if (!finds[i]->has_pdq)
			continue;
		ward_signal_format(&finds[i]->pdq, value);
		write_alternative(json, finds[0], "PDQ", value);
		break;
	}
	json_array_end(json);
}

/* The same, of another place not far before it. */
static bool was_said(const struct disk_find *const *finds, size_t index)
{
	const struct disk_find *find = finds[index];

	for (size_t i = index; i-- > 0 && index - i <= 64;) {
		if (find->kind == finds[i]->kind && find->distance == finds[i]->distance &&
				ward_str_eq(find->list, finds[i]->list) &&
				ward_str_eq(find->labels, finds[i]->labels))
			return true;
	}
	return false;
}

/* Which lists hold it, and how near: what an examiner asks first.  The first of very many. */
static void write_comments(struct json *json, const struct disk_find *const *finds, size_t count)
{
	struct ward_buf text;

	ward_buf_init(&text, COMMENTS_MAX * 2);
	for (size_t i = 0; i < count && text.len < COMMENTS_MAX; i++) {
		const struct disk_find *find = finds[i];

		if (was_said(finds, i))
			continue;
		ward_buf_printf(&text, "%s%s on %.*s", text.len ? "; " : "",
				ward_finding_kind_name(find->kind), WARD_FMT(find->list));
		if (find->kind == WARD_FINDING_NEAR)
			ward_buf_printf(&text, ", distance %" PRIu32, find->distance);
		if (find->labels.len > 0)
			ward_buf_printf(&text, " (%.*s)", WARD_FMT(find->labels));
	}
	if (!text.failed)
		json_key_str(json, "Comments", ward_buf_text(&text));
	ward_buf_free(&text);
}

static void write_media(struct json *json, const struct disk_find *const *finds, size_t count,
		uint64_t number, const struct profile *profile)
{
	static const char *const flags[] = { "VictimIdentified", "OffenderIdentified",
		"IsDistributed", "IsSuspected", "SelfGenerated" };
	uint64_t category = 0;
	const struct disk_find *who = category_of(finds, count, profile, &category);

	json_object(json);
	json_key_uint(json, "MediaID", number);
	json_key(json, "Category");
	if (who)
		json_uint(json, category);
	else
		json_null(json);
	key_hex(json, "MD5", finds[0]->digests.md5, 16);
	key_hex(json, "SHA1", finds[0]->digests.sha1, 20);
	json_key_uint(json, "MediaSize", finds[0]->bytes);
	if (finds[0]->media != WARD_MEDIA_UNKNOWN)
		json_key_text(json, "MimeType", ward_media_mime(finds[0]->media));
	if (who) {
		json_key_text(json, "IsPrecategorized", "true");
		json_key_str(json, "PrecategorizationSource", who->list);
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (says(finds, count, ward_str_from(flags[i])))
			json_key_text(json, flags[i], "true");
	}
	write_comments(json, finds, count);
	write_alternatives(json, finds, count);
	json_key(json, "MediaFiles");
	json_array(json);
	for (size_t i = 0; i < count; i++) {
		/* One place is told once, however many lists hold the file. */
		if (i == 0 || compare_place(finds[i - 1], finds[i]) != 0)
			write_file(json, finds[i]);
	}
	json_array_end(json);
	json_object_end(json);
}

static void write_case(struct json *json, const struct disk_report *report)
{
	char id[ID_TEXT_MAX];

	json_object(json);
	json_key_text(json, "CaseID", id_new(id));
	if (report->case_number)
		json_key_text(json, "CaseNumber", report->case_number);
	if (report->examiner)
		json_key_text(json, "ContactName", report->examiner);
	json_key_text(json, "SourceApplicationName", "ward");
	json_key_text(json, "SourceApplicationVersion", report->version);
}

/* "Default", or the lists' own in capitals: "US". */
static void write_context(struct json *json, const struct profile *profile)
{
	char name[PROFILE_MAX] = "Default", text[128];

	if (profile->any && !profile->several && profile->name[0]) {
		snprintf(name, sizeof(name), "%s", profile->name);
		for (char *c = name; *c; c++)
			*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
	}
	if (strcmp(name, "DEFAULT") == 0)
		snprintf(name, sizeof(name), "Default");
	snprintf(text, sizeof(text),
			"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/%s/"
			"$metadata#Cases",
			name);
	json_key_text(json, "@odata.context", text);
}

static void flush(FILE *out, struct ward_buf *text)
{
	fwrite(text->ptr, 1, text->len, out);
	ward_buf_clear(text);
}

bool disk_report_vics(FILE *out, const struct disk_report *report)
{
	struct ward_buf text;
	struct json json = json_to(&text);
	size_t count;
	const struct disk_find **finds = sort(report, &count);
	bool written = finds != NULL;
	uint64_t number = 0;

	ward_buf_init(&text, SIZE_MAX);
	struct profile profile = profile_of(finds, count);

	json_object(&json);
	write_context(&json, &profile);
	json_key(&json, "value");
	json_array(&json);
	write_case(&json, report);
	json_key(&json, "Media");
	json_array(&json);
	for (size_t i = 0; i < count;) {
		size_t group = same(finds + i, count - i);

		write_media(&json, finds + i, group, ++number, &profile);
		i += group;
		written &= !text.failed;
		if (text.len >= PIECE)
			flush(out, &text);
	}
	json_array_end(&json);
	json_key_uint(&json, "TotalMediaFiles", number);
	json_object_end(&json);
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(&text, '\n');
	written &= !text.failed;
	flush(out, &text);
	ward_buf_free(&text);
	free(finds);
	return written;
}

/* ---- ICSE ---- */

static const char *yes(bool said)
{
	return said ? "y" : "";
}

/* The columns are what is public of it; what ward does not know stays empty, and is no "n". */
bool disk_report_icse(FILE *out, const struct disk_report *report)
{
	size_t count;
	const struct disk_find **finds = sort(report, &count);
	char md5[33], sha1[41];

	fputs("MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;"
	      "Series name;Number of submissions;File Available;Media Type;Baseline\r\n",
			out);
	for (size_t i = 0; i < count;) {
		const struct disk_find *const *at = finds + i;
		size_t group = same(at, count - i);
		ward_str mime = ward_str_from(ward_media_mime(at[0]->media));

		ward_hex_format(at[0]->digests.md5, 16, md5);
		ward_hex_format(at[0]->digests.sha1, 20, sha1);
		fprintf(out, "%s;%s;;;%s;%s;%s;;;;%s;%s\r\n", md5, sha1,
				yes(says(at, group, WARD_STR("IsDistributed"))),
				yes(says(at, group, WARD_STR("VictimIdentified"))),
				yes(says(at, group, WARD_STR("OffenderIdentified"))),
				ward_str_starts(mime, WARD_STR("image/"))   ? "image"
				: ward_str_starts(mime, WARD_STR("video/")) ? "video"
									    : "",
				yes(says(at, group, WARD_STR("Baseline"))));
		i += group;
	}
	free(finds);
	return finds != NULL;
}
