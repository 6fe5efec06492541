/*
 * ZIP, TAR, 7z, RAR, disc images, CAB, LHA, cpio, ar, and one compressed
 * stream, by libarchive.  Of its forty formats only these are registered,
 * nothing is guessed beyond what ward_media_identify said, and nothing runs a
 * program.  XAR is left out: libarchive gives its list to an XML library.
 *
 * A compressed stream is an archive with one member; gzip may have stored its
 * name.  What is inside (often a TAR) is another level, for the scan to open.
 *
 * A damaged member does not hide those behind it: its number and the trouble
 * are kept, and the job fails with them at the end.  Words about trouble are
 * libarchive's own about formats; a member's name is never among them.
 */
#include "decode/format.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK_BYTES (256 << 10)

struct unpacking {
	struct decode_job *job;
	struct archive *archive;
	uint64_t bytes; /* handed out so far */
	uint32_t members;
	uint8_t block[BLOCK_BYTES];
};

/*
 * Members carry times in local time and names in UTF-8 or UTF-16, and libarchive
 * has the C library convert them.  That must not look for files inside the jail:
 * time is UTC, and with a UTF-8 locale libarchive converts names by itself.
 */
void archive_ready(void)
{
	(void)setenv("TZ", "UTC0", 1);
	tzset();
	(void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* ---- trouble ---- */

static ward_err code_of(struct archive *archive, const char *words)
{
	if (archive_errno(archive) == ENOMEM)
		return WARD_E_NOMEM;
	return strstr(words, "nsupported") || strstr(words, "not supported") ? WARD_E_UNSUPPORTED
									     : WARD_E_FORMAT;
}

/* The first trouble is told; those behind it often follow from it. */
static void remember(struct unpacking *to, ward_err *trouble)
{
	const char *words = archive_error_string(to->archive);

	if (*trouble)
		return;
	if (!words)
		words = "it is damaged";
	*trouble = code_of(to->archive, words);
	if (to->members > 0)
		(void)ward_fail(to->job->error, *trouble, "the %s archive, member %u: %s",
				ward_media_name(to->job->facts.kind), to->members, words);
	else
		(void)ward_fail(to->job->error, *trouble, "the %s archive cannot be read: %s",
				ward_media_name(to->job->facts.kind), words);
}

/* ---- one member ---- */

static ward_err tell_block(struct unpacking *to, size_t len)
{
	const struct ward_limits *limits = &to->job->options->limits;

	if (len > limits->bytes_max - to->bytes)
		return ward_fail(to->job->error, WARD_E_LIMIT,
				"the %s archive unpacks to more than the limit of %llu bytes, in "
				"member %u",
				ward_media_name(to->job->facts.kind),
				(unsigned long long)limits->bytes_max, to->members);
	to->bytes += len;
	return to->job->sink->data(to->job->sink->context, (ward_bytes){ to->block, len });
}

static ward_err tell_data(struct unpacking *to, ward_err *trouble)
{
	ward_err err = WARD_OK;
	la_ssize_t len = 1;

	/* archive_read_data fills the holes of sparse members with zeroes. */
	while (!err && len > 0) {
		len = archive_read_data(to->archive, to->block, sizeof(to->block));
		if (len > 0)
			err = tell_block(to, (size_t)len);
	}
	if (!err && len < 0)
		remember(to, trouble);
	return err;
}

static ward_err tell_part(struct unpacking *to, ward_str name, bool encrypted)
{
	const struct ward_limits *limits = &to->job->options->limits;

	if (to->members >= limits->parts_max)
		return ward_fail(to->job->error, WARD_E_LIMIT,
				"the %s archive has more members than the limit of %u",
				ward_media_name(to->job->facts.kind), limits->parts_max);
	to->members++;
	return to->job->sink->part(to->job->sink->context, name, encrypted);
}

/* Folders, links and devices have no bytes of their own; a hard link in a pax archive may. */
static bool is_member(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0;
	return archive_entry_filetype(entry) == AE_IFREG ||
	       (archive_entry_filetype(entry) == 0 && archive_entry_size(entry) > 0);
}

/* libarchive calls a compressed stream "data" where no name is stored; only gzip can store one. */
static bool has_name(const struct unpacking *to)
{
	ward_bytes file = to->job->file;

	return to->job->facts.kind != WARD_MEDIA_GZIP ||
	       (file.len > 3 && file.ptr[0] == 0x1f && file.ptr[1] == 0x8b &&
			       (file.ptr[3] & 8) != 0);
}

static ward_err tell_member(struct unpacking *to, struct archive_entry *entry, ward_err *trouble)
{
	bool encrypted = archive_entry_is_encrypted(entry) > 0;

	if (!is_member(entry))
		return WARD_OK;
	const char *name = has_name(to) ? archive_entry_pathname(entry) : NULL;
	ward_err err = tell_part(to, ward_str_from(name), encrypted);

	return err || encrypted ? err : tell_data(to, trouble);
}

/* ---- the archive ---- */

/* A 7z archive may encrypt the list of its members, too: then it is one encrypted thing. */
static bool is_closed(const struct unpacking *to)
{
	return to->members == 0 && archive_read_has_encrypted_entries(to->archive) > 0;
}

static ward_err tell_all(struct unpacking *to)
{
	ward_err err = WARD_OK, trouble = WARD_OK;
	struct archive_entry *entry;
	int got = ARCHIVE_OK;

	while (!err && got >= ARCHIVE_WARN) {
		/*
		 * libarchive takes a name that cannot be converted for a lack of memory, and
		 * ends the process, when errno still says so from an allocation before.
		 */
		errno = 0;
		got = archive_read_next_header(to->archive, &entry);
		if (got == ARCHIVE_RETRY)
			got = ARCHIVE_WARN;
		else if (got == ARCHIVE_EOF)
			break;
		else if (got >= ARCHIVE_WARN)
			err = tell_member(to, entry, &trouble);
	}
	/* A compressed stream of no bytes is still one member. */
	if (!err && got == ARCHIVE_EOF && to->members == 0 &&
			to->job->facts.kind == WARD_MEDIA_GZIP)
		err = tell_part(to, ward_str_from(NULL), false);
	else if (!err && got < ARCHIVE_WARN && is_closed(to))
		err = tell_part(to, ward_str_from(NULL), true);
	else if (!err && got < ARCHIVE_WARN)
		remember(to, &trouble);
	return err ? err : trouble;
}

/* The one filter a compressed stream begins with; what it unpacks to is not looked into. */
static int add_filter(struct archive *archive, ward_bytes file)
{
	static const struct {
		uint8_t first, second; /* bytes of its mark; lzma has none, and begins with these */
		int filter;
	} filters[] = {
		{ 0x1f, 0x8b, ARCHIVE_FILTER_GZIP },
		{ 'B', 'Z', ARCHIVE_FILTER_BZIP2 },
		{ 0xfd, '7', ARCHIVE_FILTER_XZ },
		{ 0x28, 0xb5, ARCHIVE_FILTER_ZSTD },
		{ 0x04, 0x22, ARCHIVE_FILTER_LZ4 },
		{ 'L', 'Z', ARCHIVE_FILTER_LZIP },
		{ 0x5d, 0, ARCHIVE_FILTER_LZMA },
	};

	/* Appended, libarchive's reader of these looks into a file that is not open yet, and
	 * crashes. */
	if (file.len >= 2 && file.ptr[0] == 0x1f && file.ptr[1] == 0x9d)
		return archive_read_support_filter_compress(archive);
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters) && file.len >= 2; i++) {
		if (file.ptr[0] == filters[i].first && file.ptr[1] == filters[i].second)
			return archive_read_append_filter(archive, filters[i].filter);
	}
	archive_set_error(archive, EILSEQ, "%s", "Unrecognized compression format");
	return ARCHIVE_FATAL;
}

/* Of RAR, two that have little in common but their first bytes. */
static int add_rar(struct archive *archive)
{
	int got = archive_read_support_format_rar(archive);

	return got < ARCHIVE_WARN ? got : archive_read_support_format_rar5(archive);
}

static int (*const readers[WARD_MEDIA_KIND_COUNT])(struct archive *) = {
	[WARD_MEDIA_ZIP] = archive_read_support_format_zip,
	[WARD_MEDIA_TAR] = archive_read_support_format_tar,
	[WARD_MEDIA_SEVENZIP] = archive_read_support_format_7zip,
	[WARD_MEDIA_RAR] = add_rar,
	[WARD_MEDIA_ISO] = archive_read_support_format_iso9660,
	[WARD_MEDIA_CAB] = archive_read_support_format_cab,
	[WARD_MEDIA_LHA] = archive_read_support_format_lha,
	[WARD_MEDIA_CPIO] = archive_read_support_format_cpio,
	[WARD_MEDIA_AR] = archive_read_support_format_ar,
};

static int add_format(struct archive *archive, ward_media_kind kind, ward_bytes file)
{
	if (readers[kind])
		return readers[kind](archive);
	/* Nothing at all, unpacked, is what the raw format will not take. */
	int got = archive_read_support_format_empty(archive);

	if (got >= ARCHIVE_WARN)
		got = archive_read_support_format_raw(archive);
	return got < ARCHIVE_WARN ? got : add_filter(archive, file);
}

/* A compressed stream that is damaged from its start opens as an empty one, with an error left. */
static bool open_file(struct unpacking *to)
{
	ward_media_kind kind = to->job->facts.kind;
	ward_bytes file = to->job->file;

	return add_format(to->archive, kind, file) >= ARCHIVE_WARN &&
	       archive_read_open_memory(to->archive, file.ptr, file.len) >= ARCHIVE_WARN &&
	       (kind != WARD_MEDIA_GZIP || archive_errno(to->archive) == 0);
}

static ward_err unpack(struct unpacking *to)
{
	ward_err trouble = WARD_OK;

	if (open_file(to))
		return tell_all(to);
	remember(to, &trouble);
	return trouble;
}

ward_err decode_archive(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, const struct decode_sink *sink,
		struct ward_error *error)
{
	struct ward_error unheard;
	struct decode_job job = {
		.file = file,
		.options = options,
		.sink = sink,
		.facts = { .kind = kind },
		.error = error ? error : &unheard,
	};

	if (!ward_media_is_archive(kind) || ward_media_is_document(kind))
		return ward_fail(job.error, WARD_E_UNSUPPORTED,
				"%s is not an archive that is opened here", ward_media_name(kind));
	struct unpacking *to = calloc(1, sizeof(*to));
	ward_err err = WARD_E_NOMEM;

	if (to)
		to->archive = archive_read_new();
	if (to && to->archive) {
		to->job = &job;
		err = unpack(to);
		archive_read_free(to->archive);
	} else {
		err = ward_fail(job.error, err, "no memory to open the archive");
	}
	free(to);
	return err;
}
