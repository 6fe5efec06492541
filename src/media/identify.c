/*
 * What a file is, by its first bytes.  Strong marks (a magic number nobody
 * writes by chance) are asked first, then headers that are short but can be
 * checked for sense, and text last of all.
 *
 * A file may be several things at once; it is then what its beginning says,
 * because that is what a viewer shows.  Among brands of an ISO media file a
 * picture's wins: a viewer that knows it will show the picture.
 */
#include "media/identify_mail.h"

/* ---- marks at a fixed place ---- */

static const struct mark {
	uint8_t at;
	uint8_t len;
	char bytes[17];
	ward_media_kind kind;
} marks[] = {
	{ 0, 3, "\xff\xd8\xff", WARD_MEDIA_JPEG },
	{ 0, 8, "\x89PNG\r\n\x1a\n", WARD_MEDIA_PNG },
	{ 0, 6, "GIF87a", WARD_MEDIA_GIF },
	{ 0, 6, "GIF89a", WARD_MEDIA_GIF },
	{ 0, 4, "II*\0", WARD_MEDIA_TIFF },
	{ 0, 4, "MM\0*", WARD_MEDIA_TIFF },
	{ 0, 8, "II+\0\x08\0\0\0", WARD_MEDIA_TIFF }, /* BigTIFF */
	{ 0, 8, "MM\0+\0\x08\0\0", WARD_MEDIA_TIFF },
	{ 0, 4, "PK\x03\x04", WARD_MEDIA_ZIP },
	{ 0, 4, "PK\x05\x06", WARD_MEDIA_ZIP },           /* without members */
	{ 0, 8, "PK\x07\x08PK\x03\x04", WARD_MEDIA_ZIP }, /* once meant for several disks */
	{ 0, 8, "PK00PK\x03\x04", WARD_MEDIA_ZIP },
	{ 0, 6, "7z\xbc\xaf\x27\x1c", WARD_MEDIA_SEVENZIP },
	{ 0, 3, "\x1f\x8b\x08", WARD_MEDIA_GZIP },
	{ 0, 6,
			"\xfd"
			"7zXZ\0",
			WARD_MEDIA_GZIP },
	{ 0, 4, "\x28\xb5\x2f\xfd", WARD_MEDIA_GZIP }, /* zstd */
	{ 0, 4, "\x04\x22\x4d\x18", WARD_MEDIA_GZIP }, /* lz4 */
	{ 0, 5, "LZIP\x01", WARD_MEDIA_GZIP },
	{ 0, 6, "Rar!\x1a\x07", WARD_MEDIA_RAR },
	{ 0, 8, "MSCF\0\0\0\0", WARD_MEDIA_CAB },
	{ 0, 8, "!<arch>\n", WARD_MEDIA_AR },
	{ 0, 4, "\x1a\x45\xdf\xa3", WARD_MEDIA_VIDEO }, /* Matroska, WebM */
	{ 0, 4, "FLV\x01", WARD_MEDIA_VIDEO },
	{ 0, 4, "\0\0\x01\xba", WARD_MEDIA_VIDEO }, /* MPEG programme stream */
	{ 0, 4, "\0\0\x01\xb3", WARD_MEDIA_VIDEO }, /* MPEG video */
	{ 0, 16, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", WARD_MEDIA_VIDEO },
	{ 0, 4, ".RMF", WARD_MEDIA_VIDEO },
	{ 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", WARD_MEDIA_OLE },
	{ 0, 16, "SQLite format 3\0", WARD_MEDIA_SQLITE },
	/* Beside a database: its write-ahead log, its rollback journal. */
	{ 0, 7, "\x37\x7f\x06\x82\0\x2d\xe2", WARD_MEDIA_SQLITE },
	{ 0, 7, "\x37\x7f\x06\x83\0\x2d\xe2", WARD_MEDIA_SQLITE },
	{ 0, 8, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", WARD_MEDIA_SQLITE },
	{ 0, 8, "\0\0\0\1Bud1", WARD_MEDIA_DS_STORE },
	{ 0, 4, "{\\rt", WARD_MEDIA_RTF },  /* Word opens it without the "f", too */
	{ 4, 4, "moov", WARD_MEDIA_VIDEO }, /* QuickTime before ftyp */
	{ 4, 4, "mdat", WARD_MEDIA_VIDEO },
	{ 4, 4, "wide", WARD_MEDIA_VIDEO },
	{ 0, 4, "fLaC", WARD_MEDIA_AUDIO },
	{ 0, 8, "MThd\0\0\0\x06", WARD_MEDIA_AUDIO },
	{ 0, 5, "#!AMR", WARD_MEDIA_AUDIO },
	{ 0, 8, "caff\0\x01\0\0", WARD_MEDIA_AUDIO },
	{ 0, 4, "wvpk", WARD_MEDIA_AUDIO },
};

static bool has(ward_bytes head, size_t at, const char *bytes, size_t len)
{
	return head.len >= at + len && memcmp(head.ptr + at, bytes, len) == 0;
}

static ward_media_kind by_mark(ward_bytes head)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (has(head, marks[i].at, marks[i].bytes, marks[i].len))
			return marks[i].kind;
	}
	return WARD_MEDIA_UNKNOWN;
}

/* ---- families: a container's mark, then what is in it ---- */

static ward_media_kind riff(ward_bytes head)
{
	if (has(head, 0, "FORM", 4))
		return has(head, 8, "AIF", 3) ? WARD_MEDIA_AUDIO : WARD_MEDIA_UNKNOWN;
	if (!has(head, 0, "RIFF", 4) && !has(head, 0, "RF64", 4))
		return WARD_MEDIA_UNKNOWN;
	if (has(head, 8, "WEBP", 4))
		return WARD_MEDIA_WEBP;
	if (has(head, 8, "AVI ", 4))
		return WARD_MEDIA_VIDEO;
	return has(head, 8, "WAVE", 4) ? WARD_MEDIA_AUDIO : WARD_MEDIA_UNKNOWN;
}

/* The first page of an Ogg stream names its codec behind the segment table. */
static ward_media_kind ogg(ward_bytes head)
{
	if (!has(head, 0, "OggS\0", 5) || head.len < 28)
		return WARD_MEDIA_UNKNOWN;
	size_t codec = (size_t)27 + head.ptr[26];
	bool moves = has(head, codec, "\x80theora", 7) || has(head, codec, "fishead\0", 8) ||
		     has(head, codec, "BBCD\0", 5) || has(head, codec, "\1video", 6);

	return moves ? WARD_MEDIA_VIDEO : WARD_MEDIA_AUDIO;
}

static ward_media_kind brand_kind(const uint8_t *brand)
{
	static const struct {
		char brand[5];
		ward_media_kind kind;
	} brands[] = {
		{ "avif", WARD_MEDIA_AVIF }, { "avis", WARD_MEDIA_AVIF },
		{ "heic", WARD_MEDIA_HEIF }, { "heix", WARD_MEDIA_HEIF },
		{ "heim", WARD_MEDIA_HEIF }, { "heis", WARD_MEDIA_HEIF },
		{ "hevc", WARD_MEDIA_HEIF }, { "hevx", WARD_MEDIA_HEIF },
		{ "hevm", WARD_MEDIA_HEIF }, { "hevs", WARD_MEDIA_HEIF },
		{ "M4A ", WARD_MEDIA_AUDIO }, { "M4B ", WARD_MEDIA_AUDIO },
		{ "M4P ", WARD_MEDIA_AUDIO }, { "F4A ", WARD_MEDIA_AUDIO },
		{ "crx ", WARD_MEDIA_UNKNOWN }, /* a camera's raw file */
	};

	for (size_t i = 0; i < sizeof(brands) / sizeof(*brands); i++) {
		if (memcmp(brand, brands[i].brand, 4) == 0)
			return brands[i].kind;
	}
	return WARD_MEDIA_VIDEO;
}

/* "mif1" and "msf1" say only that pictures are in it; the codec's brand stands beside them. */
static bool is_general_picture(const uint8_t *brand)
{
	return memcmp(brand, "mif1", 4) == 0 || memcmp(brand, "mif2", 4) == 0 ||
	       memcmp(brand, "msf1", 4) == 0;
}

static ward_media_kind iso_media(ward_bytes head)
{
	struct ward_reader reader = ward_reader_from(head);
	uint32_t box_len = ward_read_u32be(&reader);
	ward_bytes type = ward_read_bytes(&reader, 4);
	ward_bytes major = ward_read_bytes(&reader, 4);

	ward_read_u32be(&reader); /* a minor version */
	if (reader.failed || memcmp(type.ptr, "ftyp", 4) != 0)
		return WARD_MEDIA_UNKNOWN;
	ward_media_kind kind = brand_kind(major.ptr);
	bool is_general = is_general_picture(major.ptr);

	for (size_t at = 16; at + 4 <= box_len && at + 4 <= head.len; at += 4) {
		ward_media_kind other = brand_kind(head.ptr + at);

		if (!ward_media_is_picture(kind) && ward_media_is_picture(other))
			kind = other;
		is_general = is_general || is_general_picture(head.ptr + at);
	}
	return is_general && !ward_media_is_picture(kind) ? WARD_MEDIA_HEIF : kind;
}

/* ---- short headers, checked for sense ---- */

static ward_media_kind bzip2(ward_bytes head)
{
	bool is = has(head, 0, "BZh", 3) && head.len >= 10 && head.ptr[3] >= '1' &&
		  head.ptr[3] <= '9' &&
		  (has(head, 4, "\x31\x41\x59\x26\x53\x59", 6) ||
				  has(head, 4, "\x17\x72\x45\x38\x50\x90", 6));

	return is ? WARD_MEDIA_GZIP : WARD_MEDIA_UNKNOWN;
}

static ward_media_kind bmp(ward_bytes head)
{
	struct ward_reader reader = ward_reader_from(head);

	/* Lengths, and where the samples are: viewers do without a good answer there. */
	ward_read_bytes(&reader, 14);
	uint32_t header_len = ward_read_u32le(&reader);
	bool is = has(head, 0, "BM", 2) && !reader.failed &&
		  (header_len == 12 || (header_len >= 16 && header_len <= 124));

	return is ? WARD_MEDIA_BMP : WARD_MEDIA_UNKNOWN;
}

/* [MS-PST] 2.2.2.6: its mark, a sum, and whose it is: SM, or SO of a copy. */
static ward_media_kind pst(ward_bytes head)
{
	bool is = has(head, 0, "!BDN", 4) && (has(head, 8, "SM", 2) || has(head, 8, "SO", 2));

	return is ? WARD_MEDIA_PST : WARD_MEDIA_UNKNOWN;
}

/* Its mark is four letters that a text may begin with: the version must be one that is known. */
static ward_media_kind thumbcache(ward_bytes head)
{
	bool is = has(head, 0, "CMMM", 4) && head.len >= 24 && head.ptr[4] >= 20 &&
		  head.ptr[4] <= 40 && has(head, 5, "\0\0\0", 3);

	return is ? WARD_MEDIA_THUMBCACHE : WARD_MEDIA_UNKNOWN;
}

/* Without a mark: the usual properties, a dictionary of a power of two, and a length or none. */
static ward_media_kind lzma(ward_bytes head)
{
	struct ward_reader reader = ward_reader_from(head);
	uint8_t properties = ward_read_u8(&reader);
	uint32_t dictionary = ward_read_u32le(&reader);
	uint64_t length = ward_read_u64le(&reader);
	uint8_t first = ward_read_u8(&reader); /* of the range coder: always 0 */
	bool is_power = dictionary >= 1 << 12 && (dictionary & (dictionary - 1)) == 0;
	bool is = !reader.failed && properties == 0x5d && is_power && first == 0 &&
		  (length == UINT64_MAX || length < (uint64_t)1 << 38);

	return is ? WARD_MEDIA_GZIP : WARD_MEDIA_UNKNOWN;
}

/* "compress": two bytes of mark, then how many bits a code may have, and codes of 9 bits. */
static ward_media_kind compress(ward_bytes head)
{
	bool is = has(head, 0, "\x1f\x9d", 2) && head.len >= 5 && (head.ptr[2] & 0x60) == 0 &&
		  (head.ptr[2] & 0x1f) >= 9 && (head.ptr[2] & 0x1f) <= 16;

	return is ? WARD_MEDIA_GZIP : WARD_MEDIA_UNKNOWN;
}

/* The method's name is at a fixed place: "-lh5-" and its brothers. */
static ward_media_kind lha(ward_bytes head)
{
	bool is = head.len >= 22 && has(head, 2, "-l", 2) && head.ptr[6] == '-' &&
		  (head.ptr[4] == 'h' || head.ptr[4] == 'z') && head.ptr[20] <= 2 &&
		  ((head.ptr[5] >= '0' && head.ptr[5] <= '7') || head.ptr[5] == 'd' ||
				  head.ptr[5] == 's');

	return is ? WARD_MEDIA_LHA : WARD_MEDIA_UNKNOWN;
}

static bool is_digits(ward_bytes head, size_t from, size_t count, uint32_t base)
{
	for (size_t i = from; i < from + count; i++) {
		uint8_t c = i < head.len ? head.ptr[i] : 0;
		bool is_digit = c >= '0' && c < '0' + (base < 10 ? base : 10);
		bool is_letter = base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));

		if (!is_digit && !is_letter)
			return false;
	}
	return true;
}

/* Six digits would be text as well: all of the first header must be digits. */
static ward_media_kind cpio(ward_bytes head)
{
	bool is_new = has(head, 0, "070701", 6) || has(head, 0, "070702", 6);
	bool is = (is_new && is_digits(head, 6, 104, 16)) ||
		  (has(head, 0, "070707", 6) && is_digits(head, 6, 70, 8));

	return is ? WARD_MEDIA_CPIO : WARD_MEDIA_UNKNOWN;
}

/*
 * The descriptors of a disc are in sectors of 2048 bytes, the first in the 17th.  What is before
 * them (a boot record, often) is no mark of the disc, so they are asked last.
 */
static ward_media_kind disc_or(ward_media_kind otherwise, ward_bytes head)
{
	if (has(head, 32769, "CD001", 5))
		return WARD_MEDIA_ISO;
	/* ECMA-167: the sequence of a volume begins, where ISO 9660 would have its descriptor. */
	return has(head, 32769, "BEA01\1", 6) ? WARD_MEDIA_UDF : otherwise;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Passes over white space and comments, then digits; false when there are none of either. */
static bool pnm_number(ward_bytes *rest)
{
	size_t i = 0, digits;

	while (i < rest->len && (is_space(rest->ptr[i]) || rest->ptr[i] == '#')) {
		if (rest->ptr[i] == '#') {
			while (i < rest->len && rest->ptr[i] != '\n' && rest->ptr[i] != '\r')
				i++;
		} else {
			i++;
		}
	}
	/* A comment as long as what we see: there may be digits behind it. */
	if (i == rest->len && i > 0 && rest->len > WARD_MEDIA_HEAD / 2)
		return true;
	digits = i;
	while (digits < rest->len && rest->ptr[digits] >= '0' && rest->ptr[digits] <= '9')
		digits++;
	bool found = i > 0 && digits > i;

	*rest = (ward_bytes){ rest->ptr + digits, rest->len - digits };
	return found;
}

static ward_media_kind pnm(ward_bytes head)
{
	if (head.len < 3 || head.ptr[0] != 'P' || head.ptr[1] < '1' || head.ptr[1] > '6')
		return WARD_MEDIA_UNKNOWN;
	ward_bytes rest = { head.ptr + 2, head.len - 2 };

	return pnm_number(&rest) && pnm_number(&rest) ? WARD_MEDIA_PNM : WARD_MEDIA_UNKNOWN;
}

/* True, with `value` set, when a tar header's field is octal digits in white space. */
static bool tar_octal(ward_bytes field, uint32_t *value)
{
	size_t i = 0;

	*value = 0;
	while (i < field.len && field.ptr[i] == ' ')
		i++;
	size_t first = i;

	while (i < field.len && field.ptr[i] >= '0' && field.ptr[i] <= '7')
		*value = *value * 8 + (field.ptr[i++] - '0');
	return i > first && (i == field.len || field.ptr[i] == ' ' || field.ptr[i] == 0);
}

/* Old archives have no magic, but every header since the first carries its sum. */
static ward_media_kind tar(ward_bytes head)
{
	uint32_t sum = 0, stated;
	int32_t signed_sum = 0;

	if (head.len < 512 || head.ptr[0] == 0 ||
			!tar_octal((ward_bytes){ head.ptr + 148, 8 }, &stated))
		return WARD_MEDIA_UNKNOWN;
	for (int i = 0; i < 512; i++) {
		uint8_t byte = i >= 148 && i < 156 ? ' ' : head.ptr[i];

		sum += byte;
		signed_sum += (int8_t)byte; /* as some old programs wrote it */
	}
	return sum == stated || signed_sum == (int32_t)stated ? WARD_MEDIA_TAR : WARD_MEDIA_UNKNOWN;
}

/* A sync byte every 188 bytes, or 192 where each packet has a time stamp. */
static ward_media_kind mpeg_transport(ward_bytes head)
{
	static const struct {
		size_t first, step;
	} grids[] = { { 0, 188 }, { 4, 192 } };

	for (int i = 0; i < 2; i++) {
		size_t at = grids[i].first, seen = 0;

		while (at < head.len && head.ptr[at] == 0x47) {
			at += grids[i].step;
			seen++;
		}
		if (seen >= 4 && at >= head.len)
			return WARD_MEDIA_VIDEO;
	}
	return WARD_MEDIA_UNKNOWN;
}

/* The length of the MPEG audio frame (layer 2, 3) that begins here; 0 when none does. */
static size_t mpeg_audio_frame(const uint8_t *at)
{
	static const uint16_t kbits[3][15] = {
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 },
		{ 0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384 },
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
	};
	static const uint32_t rates[3] = { 44100, 48000, 32000 };
	unsigned version = at[1] >> 3 & 3, layer = at[1] >> 1 & 3;
	unsigned bits = at[2] >> 4, rate = at[2] >> 2 & 3;

	if (at[0] != 0xff || (at[1] & 0xe0) != 0xe0 || version == 1 || (layer != 1 && layer != 2) ||
			bits == 0 || bits == 15 || rate == 3)
		return 0;
	bool is_first = version == 3;
	uint32_t hertz = rates[rate] >> (is_first ? 0 : version == 2 ? 1 : 2);
	uint32_t bytes_a_kbit = layer == 1 && !is_first ? 72000 : 144000;

	return bytes_a_kbit * kbits[is_first ? layer - 1 : 2][bits] / hertz + (at[2] >> 1 & 1);
}

/* The length of the AAC (ADTS) frame that begins here; 0 when none does. */
static size_t aac_frame(const uint8_t *at)
{
	size_t len = (size_t)(at[3] & 3) << 11 | (size_t)at[4] << 3 | at[5] >> 5;

	return at[0] == 0xff && (at[1] & 0xf6) == 0xf0 && (at[2] >> 2 & 15) < 13 && len > 7 ? len
											    : 0;
}

/* Eleven bits of sync mean little: two frames must follow each other. */
static ward_media_kind audio_frames(ward_bytes head)
{
	static size_t (*const frames[])(const uint8_t *) = { mpeg_audio_frame, aac_frame };

	for (int i = 0; i < 2; i++) {
		size_t at = 0, step = 1;
		int seen = 0;

		while (step > 0 && head.len >= 8 && at <= head.len - 8) {
			step = frames[i](head.ptr + at);
			at += step;
			seen += step > 0;
		}
		if (step > 0 && seen >= 2)
			return WARD_MEDIA_AUDIO;
	}
	return has(head, 0, "ID3", 3) && head.len >= 10 && head.ptr[3] < 5 &&
					       ((head.ptr[6] | head.ptr[7] | head.ptr[8] |
								head.ptr[9]) &
							       0x80) == 0
			       ? WARD_MEDIA_AUDIO
			       : WARD_MEDIA_UNKNOWN;
}

/* Readers of PDF look for its mark in the first 1024 bytes. */
static ward_media_kind pdf(ward_bytes head)
{
	for (size_t at = 0; at < 1024 && at + 5 <= head.len; at++) {
		if (has(head, at, "%PDF-", 5))
			return WARD_MEDIA_PDF;
	}
	return WARD_MEDIA_UNKNOWN;
}

/* A dictionary of bencode that begins with a key that torrents have. */
static ward_media_kind torrent(ward_bytes head)
{
	static const char *const keys[] = { "8:announce", "13:announce-list", "7:comment",
		"10:created by", "13:creation date", "8:encoding", "9:httpseeds", "4:info",
		"5:nodes", "12:piece layers", "8:url-list" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		size_t len = strlen(keys[i]);

		if (head.len > len + 1 && head.ptr[0] == 'd' &&
				memcmp(head.ptr + 1, keys[i], len) == 0)
			return WARD_MEDIA_TORRENT;
	}
	return WARD_MEDIA_UNKNOWN;
}

/* ---- text ---- */

/* What we see may end within a character: that much is left off. */
static size_t whole_characters(ward_bytes head)
{
	for (size_t back = 1; back <= 3 && back < head.len; back++) {
		uint8_t byte = head.ptr[head.len - back];
		size_t need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;

		if (need > 0)
			return need > back ? head.len - back : head.len;
		if (byte < 0x80)
			break;
	}
	return head.len;
}

static ward_media_kind text(ward_bytes head)
{
	ward_str words = { (const char *)head.ptr, whole_characters(head) };

	for (size_t i = 0; i < words.len; i++) {
		uint8_t c = head.ptr[i];
		bool is_c1 = c == 0xc2 && i + 1 < words.len && head.ptr[i + 1] < 0xa0;

		if ((c < ' ' && !(c >= '\t' && c <= '\r')) || c == 0x7f || is_c1)
			return WARD_MEDIA_UNKNOWN;
	}
	return ward_utf8_valid(words) ? WARD_MEDIA_TEXT : WARD_MEDIA_UNKNOWN;
}

ward_media_kind ward_media_identify(ward_bytes head)
{
	static ward_media_kind (*const ask[])(ward_bytes) = {
		by_mark,
		riff,
		ogg,
		iso_media,
		bzip2,
		lzma,
		compress,
		lha,
		cpio,
		bmp,
		pst,
		thumbcache,
		pnm,
		tar,
		mpeg_transport,
		audio_frames,
		identify_mail,
		pdf,
		torrent,
		text,
	};
	ward_media_kind kind = WARD_MEDIA_UNKNOWN;
	ward_bytes all = head;

	if (head.len == 0)
		return WARD_MEDIA_EMPTY;
	if (head.len > WARD_MEDIA_HEAD)
		head.len = WARD_MEDIA_HEAD;
	for (size_t i = 0; i < sizeof(ask) / sizeof(*ask) && kind == WARD_MEDIA_UNKNOWN; i++)
		kind = ask[i](head);
	return kind == WARD_MEDIA_UNKNOWN || kind == WARD_MEDIA_TEXT ? disc_or(kind, all) : kind;
}
