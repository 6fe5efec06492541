/* Strangers' files of signals, read record by record. */
#include "base/clock.h"
#include "base/test.h"
#include "exchange/exchange.h"
#include "exchange/schemes.h"

#include <stdlib.h>

#define MD5    "0123456789abcdef0123456789abcdef"
#define MD5_B  "00112233445566778899aabbccddeeff"
#define SHA1   "0123456789abcdef0123456789abcdef01234567"
#define SHA256 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define PDQ    "f0f0f0f0f0f0f0f00f0f0f0f0f0f0f0ff0f0f0f0f0f0f0f00f0f0f0f0f0f0f0f"

/* A text given out in pieces of `piece` bytes. */
struct text {
	const char *at;
	size_t left;
	size_t piece;
};

static ward_err give(void *context, uint8_t *to, size_t room, size_t *got, struct ward_error *error)
{
	struct text *text = context;
	size_t some = text->piece < room ? text->piece : room;

	(void)error;
	*got = some < text->left ? some : text->left;
	if (*got > 0)
		memcpy(to, text->at, *got);
	text->at += *got;
	text->left -= *got;
	return WARD_OK;
}

/* What was read: one line a record, "KIND:HEX ... [qN] [LABELS] [ref=R]" or "bad N: WHY". */
static char said[65536];
static enum exchange_format told;

static void tell(const struct exchange_record *record)
{
	size_t at = strlen(said);
	char value[WARD_SIGNAL_TEXT_MAX];

	if (record->removed) {
		snprintf(said + at, sizeof(said) - at, "removed ref=%.*s\n",
				WARD_FMT(record->record.ref));
		return;
	}
	if (record->bad) {
		snprintf(said + at, sizeof(said) - at, "bad %" PRIu64 ": %s\n",
				record->record.number, record->bad);
		return;
	}
	for (size_t i = 0; i < record->record.signal_count; i++) {
		const ward_signal *signal = &record->record.signals[i];

		at += (size_t)snprintf(said + at, sizeof(said) - at, "%s%s:%s", i ? " " : "",
				ward_signal_kind_name(signal->kind),
				ward_signal_format(signal, value));
	}
	if (record->record.quality != 255)
		at += (size_t)snprintf(said + at, sizeof(said) - at, " q%d",
				record->record.quality);
	if (record->record.labels.len)
		at += (size_t)snprintf(said + at, sizeof(said) - at, " [%.*s]",
				WARD_FMT(record->record.labels));
	if (record->record.ref.len)
		at += (size_t)snprintf(said + at, sizeof(said) - at, " ref=%.*s",
				WARD_FMT(record->record.ref));
	if (record->partly)
		at += (size_t)snprintf(said + at, sizeof(said) - at, " (but %s)", record->partly);
	snprintf(said + at, sizeof(said) - at, "\n");
}

static const char *read_bytes(const char *bytes, size_t len, size_t piece,
		const struct exchange_read_options *options)
{
	struct text text = { bytes, len, piece };
	struct ward_error error = { 0 };
	struct exchange_reader *reader;
	struct exchange_record record;
	bool more = true;

	said[0] = '\0';
	if (exchange_reader_from(give, &text, options, &reader, &error)) {
		snprintf(said, sizeof(said), "%s", error.message);
		return said;
	}
	told = exchange_reader_format(reader);
	while (more) {
		if (exchange_reader_next(reader, &record, &more, &error)) {
			exchange_reader_free(reader);
			snprintf(said, sizeof(said), "%s", error.message);
			return said;
		}
		if (more)
			tell(&record);
	}
	exchange_reader_free(reader);
	return said;
}

static uint64_t count_bad(const char *bytes, size_t len,
		const struct exchange_read_options *options)
{
	struct text text = { bytes, len, 65536 };
	struct ward_error error = { 0 };
	struct exchange_reader *reader;
	struct exchange_record record;
	uint64_t bad = 0;
	bool more = true;

	if (exchange_reader_from(give, &text, options, &reader, &error))
		return 0;
	while (!exchange_reader_next(reader, &record, &more, &error) && more)
		bad += record.bad != NULL;
	exchange_reader_free(reader);
	return bad;
}

/* In pieces of one byte, of seven and at once: all the same, or NULL. */
static const char *read_all(const char *bytes, size_t len, struct exchange_read_options options)
{
	static char first[65536];

	snprintf(first, sizeof(first), "%s", read_bytes(bytes, len, 1, &options));
	if (strcmp(first, read_bytes(bytes, len, 7, &options)) != 0)
		return "differs in pieces of seven";
	if (strcmp(first, read_bytes(bytes, len, 1 << 20, &options)) != 0)
		return "differs in one piece";
	return first;
}

#define READ_AS(text, ...) \
	read_all((text), sizeof(text) - 1, (struct exchange_read_options){ __VA_ARGS__ })
#define READ(text) READ_AS(text, .kind = WARD_SIGNAL_NONE)

static void text_is_one_signal_a_line(void)
{
	CHECK_STR(READ("# a list\n" PDQ "\n\nmd5 " MD5 " 12 a:b c:d\r\nsha256:" SHA256),
			"pdq:" PDQ "\nmd5:" MD5 " q12 [a:b c:d]\nsha256:" SHA256 "\n");
	CHECK_EQ(told, EXCHANGE_TEXT);
}

static void digits_of_64_are_pdq_unless_the_caller_says_otherwise(void)
{
	CHECK_STR(READ(SHA256 "\n"), "pdq:" SHA256 "\n");
	CHECK_STR(READ_AS(SHA256 "\n", .kind = WARD_SIGNAL_SHA256), "sha256:" SHA256 "\n");
	CHECK_STR(READ("MD5\n" MD5 "\n"), "md5:" MD5 "\n");
}

static void a_bad_line_is_counted_told_and_passed_over(void)
{
	CHECK_STR(READ_AS(MD5 "\nnothing of use\n" MD5_B "\n", .format = EXCHANGE_TEXT),
			"md5:" MD5 "\nbad 1: this is no signal of a known kind\nmd5:" MD5_B "\n");
}

static void a_line_without_end_is_bad_and_the_next_one_good(void)
{
	size_t len = 3 << 20;
	char *bytes = malloc(len);
	const char *last = "\n" MD5 "\n";

	CHECK(bytes);
	memset(bytes, 'a', len);
	memcpy(bytes + len - strlen(last), last, strlen(last));
	const char *got = read_bytes(bytes, len, 10000,
			&(struct exchange_read_options){ .format = EXCHANGE_TEXT,
					.record_max = 1 << 20 });

	free(bytes);
	CHECK_STR(got, "bad 0: the line is too long\nmd5:" MD5 "\n");
}

static void csv_is_read_by_its_header(void)
{
	CHECK_STR(READ_AS("name,MD5,pdq_hash,Quality,labels,id\n"
			  "x," MD5 "," PDQ ",77,\"a:b; c\",17\n"
			  "y,,,,,\n"
			  "z,zz," PDQ ",,,\n",
				  .scheme = "home"),
			"md5:" MD5 " pdq:" PDQ " q77 [a:b home:c] ref=17\n"
			"bad 1: the record holds no signal\n"
			"pdq:" PDQ " (but a cell is no signal of its column's kind)\n");
	CHECK_EQ(told, EXCHANGE_CSV);
}

static void a_kind_that_was_said_is_meant(void)
{
	/* 64 digits are told by the kind, before or behind them; half a hash is no MD5. */
	CHECK_STR(READ("hash,type\n" SHA256 ",sha256\n" SHA256 ",SHA3-256\n" SHA256 ",\n"),
			"sha256:" SHA256 "\nbad 1: this kind of signal is not known\npdq:" SHA256
			"\n");
	CHECK_STR(READ(SHA256 ",sha256\nmd5," MD5 ",sha1," SHA1 "\n"),
			"sha256:" SHA256 "\nmd5:" MD5 " sha1:" SHA1 "\n");
	CHECK_STR(READ("pdq,note\n" MD5 ",\nsha256:" SHA256 ",\n"),
			"bad 0: a cell is no signal of its column's kind\nsha256:" SHA256 "\n");
	CHECK_STR(READ_AS(MD5 "\n" PDQ "\n", .kind = WARD_SIGNAL_PDQ),
			"bad 0: this is no signal of a known kind\npdq:" PDQ "\n");
	CHECK_STR(READ("{\"hash\":\"" SHA256 "\",\"type\":\"sha256\"}\n"
		       "{\"hash\":\"" SHA256 "\",\"type\":\"tlsh\"}\n"),
			"sha256:" SHA256 "\nbad 1: this kind of signal is not known\n");
}

static void a_comment_over_a_table_is_no_row(void)
{
	CHECK_STR(READ("# by the keeper, \"all\n#\nhash,label\n" MD5 ",x:y\n# end\n"),
			"md5:" MD5 " [x:y]\n");
	CHECK_EQ(told, EXCHANGE_CSV);
}

static void more_cells_than_names_are_told(void)
{
	CHECK_STR(READ("md5,labels\n" MD5 ",x:y,z,\n" MD5_B ",x:y,,\n"),
			"md5:" MD5 " [x:y] (but the row has more cells than the header has names)\n"
			"md5:" MD5_B " [x:y]\n");
}

static void a_word_behind_a_hash_is_its_id_or_a_label_of_the_lists_scheme(void)
{
	CHECK_STR(READ(MD5 ",alpha\n" PDQ ",55\n"), "md5:" MD5 " ref=alpha\npdq:" PDQ " q55\n");
	CHECK_STR(READ_AS(MD5 ",A1\n", .scheme = "industry"), "md5:" MD5 " [industry:A1]\n");
	CHECK_STR(READ(MD5 ";alpha\n"), "md5:" MD5 " ref=alpha\n");
	CHECK_STR(READ("\"" MD5 "\"\n"), "md5:" MD5 "\n");
}

static void what_only_wraps_a_list_is_told_with_the_way_to_it(void)
{
	CHECK(strstr(READ("\x1f\x8b\x08zzzzzz"), "import what zcat makes of it"));
	CHECK(strstr(READ("PK\3\4zzzzzz"), "import what \"unzip -p\" makes of it"));
	CHECK(strstr(READ("SQLite format 3\0zzz"), "sqlite3 -csv -header FILE"));
	CHECK(strstr(READ_AS("\x1f\x8b\x08zzzzzz", .format = EXCHANGE_TEXT), "compressed"));
}

static void one_odd_byte_does_not_end_a_document(void)
{
	/* Latin-1, a control character, a character cut off; all the rest is read. */
	CHECK_STR(READ("{\"value\":[{\"MediaID\":1,\"MD5\":\"" MD5
		       "\",\"MediaFiles\":[{\"FileName\":\"caf\xe9\x01\t\xe2\x82\"}]},"
		       "{\"MediaID\":2,\"Category\":\"\xc3\xbc\",\"MD5\":\"" MD5_B "\"}]}"),
			"md5:" MD5 " ref=1\nmd5:" MD5_B " [vics:\xc3\xbc] ref=2\n");
	CHECK_STR(READ("<queryResult><images><image><member id=\"1\">caf\xe9 \x01\xef\xbf\xbf"
		       "</member><id>x\xc3\xbc</id><fingerprints><md5>" MD5
		       "</md5></fingerprints></image></images></queryResult>\n"),
			"md5:" MD5 " ref=1/x\xc3\xbc\n");
}

static void csv_without_a_header_is_read_by_form(void)
{
	CHECK_STR(READ(PDQ ",88,s:code,2024-01-01\nsha256," SHA256 "\n"),
			"pdq:" PDQ " q88 [s:code]\nsha256:" SHA256 "\n");
}

static void quoted_cells_hold_separators_line_ends_and_quotes(void)
{
	CHECK_STR(READ("md5,labels,note\n" MD5
		       ",\"x:1,x:2\",\"two\nlines, a \"\"quote\"\"\"\n" MD5_B ",x:3,\n"),
			"md5:" MD5 " [x:1 x:2]\nmd5:" MD5_B " [x:3]\n");
}

static void a_quote_that_never_closes_costs_its_own_line_only(void)
{
	CHECK_STR(READ("md5,note\n" MD5 ",\"open\n" MD5_B ",fine\n"),
			"bad 0: a quoted cell does not end\nmd5:" MD5_B "\n");
}

/* Each line opens a quote that closes nowhere; looking a MiB far for each took minutes. */
static void quotes_without_an_end_in_every_line_cost_little(void)
{
	enum { LINES = 100000 };
	static const char head[] = "md5,note\n", line[] = "x\"y,\"\n", last[] = MD5 ",z\n";
	char *bytes = malloc(sizeof(head) + LINES * sizeof(line) + sizeof(last));
	struct exchange_read_options options = { .format = EXCHANGE_CSV };
	size_t len = 0;

	CHECK(bytes);
	memcpy(bytes, head, sizeof(head) - 1);
	len += sizeof(head) - 1;
	for (int i = 0; i < LINES; i++) {
		memcpy(bytes + len, line, sizeof(line) - 1);
		len += sizeof(line) - 1;
	}
	memcpy(bytes + len, last, sizeof(last) - 1);
	len += sizeof(last) - 1;
	uint64_t start_us = clock_ticks_us();
	uint64_t bad = count_bad(bytes, len, &options);

	free(bytes);
	CHECK_EQ(bad, LINES);
	CHECK(clock_ticks_us() - start_us < 30000000);
}

static void tsv_is_told_by_its_tabs(void)
{
	CHECK_STR(READ("sha1\tquality\n" SHA1 "\t\n"), "sha1:" SHA1 "\n");
	CHECK_EQ(told, EXCHANGE_TSV);
}

static void sums_of_every_tool_are_read_and_names_are_not(void)
{
	CHECK_STR(READ(MD5 "  a name, with, commas\n" SHA1 " *binary\n\\" MD5_B
			   "  with\\nfeed\n" SHA256 "  z\nMD5 (a) = b) = " MD5
			   "\nSHA256 (x) = " SHA256 "\n"),
			"md5:" MD5 "\nsha1:" SHA1 "\nmd5:" MD5_B "\nsha256:" SHA256 "\nmd5:" MD5
			"\nsha256:" SHA256 "\n");
	CHECK_EQ(told, EXCHANGE_MD5SUM);
}

static void nsrl_and_hashkeeper_are_told_by_their_columns(void)
{
	CHECK_STR(READ("\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\","
		       "\"OpSystemCode\",\"SpecialCode\"\n"
		       "\"" SHA1 "\",\"" MD5
		       "\",\"00000000\",\"a \"\"b\"\".txt\",1,2,\"3\",\"\"\n"),
			"sha1:" SHA1 " md5:" MD5 "\n");
	CHECK_EQ(told, EXCHANGE_NSRL);
	CHECK_STR(READ("\"file_id\",\"hashset_id\",\"file_name\",\"directory\",\"hash\",\"file_"
		       "size\"\n"
		       "12,3,\"n\",\"d\",\"" MD5 "\",99\n"),
			"md5:" MD5 " ref=12\n");
	CHECK_EQ(told, EXCHANGE_HASHKEEPER);
}

static void threatexchange_files_of_both_kinds_are_read(void)
{
	CHECK_STR(READ_AS("pdq " PDQ "\nvideo_md5 " MD5 "\n", .format = EXCHANGE_THREATEXCHANGE),
			"pdq:" PDQ "\nmd5:" MD5 "\n");
	CHECK_STR(READ_AS(PDQ ",4711,1700000000,tag_a tag_b\n", .format = EXCHANGE_THREATEXCHANGE),
			"pdq:" PDQ " [threatexchange:tag_a threatexchange:tag_b] ref=4711\n");
	/* Told by their form, too. */
	CHECK_STR(READ(PDQ ",4711,2024-01-01T00:00:00+0000,tag_a tag_b\n"),
			"pdq:" PDQ " [threatexchange:tag_a threatexchange:tag_b] ref=4711\n");
	CHECK_STR(READ("signal_type,signal_str,collab,category,tags\r\n"
		       "video_md5," MD5 ",Some,POSITIVE_CLASS,a b\r\nurl,x.example,Some,,\r\n"),
			"md5:" MD5 " [threatexchange:POSITIVE_CLASS threatexchange:a "
			"threatexchange:b]\nbad 1: this kind of signal is not known\n");
	CHECK_STR(READ("id,indicator,type,status,tags,owner_id\n9," MD5
		       ",HASH_MD5,MALICIOUS,a,1\n"),
			"md5:" MD5 " [threatexchange:MALICIOUS threatexchange:a] ref=9\n");
}

static void jsonl_is_what_ward_itself_writes(void)
{
	CHECK_STR(READ("{\"number\":3,\"signals\":[{\"kind\":\"pdq\",\"value\":\"" PDQ
		       "\"},{\"kind\":\"md5\",\"value\":\"" MD5
		       "\"}],\"quality\":91,\"labels\":[\"a:b\"],\"ref\":\"r1\"}\n"
		       "{\"path\":\"/x\",\"md5\":\"" MD5 "\",\"pdq\":\"" PDQ "\",\"pdq512\":\"" PDQ
		       "\",\"quality\":50}\n{\"error\":\"x\"}\nnothing\n"),
			"pdq:" PDQ " md5:" MD5 " q91 [a:b] ref=r1\nmd5:" MD5 " pdq:" PDQ " q50\n"
			"bad 2: the record holds no signal\nbad 3: the line is no JSON object\n");
	CHECK_EQ(told, EXCHANGE_JSONL);
}

#define PDNA                                                                                   \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+" \
	"P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9" \
	"fn+AgYKDhIWGh4iJiouMjY6P"

static void icse_s_semicolons_are_read(void)
{
	CHECK_STR(READ("MD5;SHA1;PhotoDNA;Image ID;Is distributed;Baseline\n" MD5 ";" SHA1
		       ";;X-1;y;y\n"),
			"md5:" MD5 " sha1:" SHA1 " [interpol_baseline:yes] ref=X-1\n");
}

static void vics_sets_and_cases_are_read(void)
{
	CHECK_STR(READ("{\"@odata.context\":\"http://x/DataModels/2.0.xml/US/$metadata#Media\","
		       "\"value\":[\n{\"MediaID\":1,\"Category\":\"2\",\"MD5\":\"" MD5
		       "\",\"SHA1\":null,\"PhotoDNA\":\"" PDNA
		       "\",\"IsDistributed\":\"True\",\"VictimIdentified\":false,"
		       "\"Miniature\":\"aGVsbG8=\",\"AlternativeHashes\":[{\"MD5\":\"" MD5_B
		       "\",\"HashName\":\"SHA256\",\"HashValue\":\"" SHA256 "\"}],"
		       "\"MediaFiles\":[{\"MD5\":\"" MD5_B "\",\"FileName\":\"a\"}]},"
		       "{\"MediaID\":2,\"MD5\":\"zz\"}]}"),
			"md5:" MD5 " photodna:" PDNA " sha256:" SHA256
			" [vics-us:2 vics-us:IsDistributed] ref=1\n"
			"bad 1: a signal is not of its kind\n");
	CHECK_EQ(told, EXCHANGE_VICS);
	CHECK_STR(READ("{\"odata.metadata\":\"x\",\"value\":[{\"CaseID\":\"c\",\"Media\":[{"
		       "\"MediaID\":7,\"MD5\":\"" MD5 "\",\"Category\":null},{\"MD5\":\"" MD5_B
		       "\"}],\"CaseNumber\":\"n\"}]}"),
			"md5:" MD5 " ref=7\nmd5:" MD5_B "\n");
}

static void vics_that_ends_in_its_middle_is_an_error(void)
{
	CHECK_STR(READ_AS("{\"value\":[{\"MD5\":\"" MD5 "\"},", .format = EXCHANGE_VICS),
			"this is not VICS: near byte 53 the JSON ends in its middle");
}

static void ncmec_entries_and_tombstones_are_read(void)
{
	CHECK_STR(READ("<?xml version=\"1.0\"?><queryResult xmlns=\"https://x/v2\"><images>"
		       "<image><member id=\"42\">Example</member><id>i1</id>"
		       "<classification>A1</classification><fingerprints><md5>" MD5
		       "</md5><pdq>" PDQ "</pdq><tmk-pdqf href=\"/x\"/></fingerprints>"
		       "<feedback><affirmativeFeedback type=\"Md5\"><members><member id=\"9\"/>"
		       "</members></affirmativeFeedback></feedback></image>"
		       "<deletedImage><member id=\"43\"/><id>i4</id></deletedImage></images>"
		       "<videos><video><id>v1</id></video></videos></queryResult>"),
			"md5:" MD5 " pdq:" PDQ " [industry:A1] ref=42/i1\nremoved ref=43/i4\n"
			"bad 2: the record holds no signal\n");
	CHECK_EQ(told, EXCHANGE_NCMEC);
}

static void xml_with_a_document_type_is_refused(void)
{
	const char *got = READ("<!DOCTYPE queryResult [<!ENTITY a \"aaaaaaaaaa\">]>"
			       "<queryResult>&a;</queryResult>");

	CHECK(strstr(got, "it has a document type"));
	CHECK(!strstr(got, "aaaa"));
}

/* ---- writing ---- */

static char written[65536];

static ward_err keep(void *context, ward_bytes bytes, struct ward_error *error)
{
	size_t at = strlen(written);

	(void)context;
	(void)error;
	if (at + bytes.len >= sizeof(written))
		return WARD_E_NOMEM;
	memcpy(written + at, bytes.ptr, bytes.len);
	written[at + bytes.len] = '\0';
	return WARD_OK;
}

static const char *list_scheme = "";

/* What is read of `text` is written as `format` and read again. */
static const char *through(const char *text, enum exchange_format format, uint64_t *left_out)
{
	struct text from = { text, strlen(text), 1 << 20 };
	struct exchange_read_options options = { .kind = WARD_SIGNAL_NONE };
	struct ward_error error = { 0 };
	struct ward_list_info info = { .source = "tests & others" };
	struct exchange_reader *reader;
	struct exchange_writer *writer;
	struct exchange_record record;
	bool more = true;

	snprintf(info.scheme, sizeof(info.scheme), "%s", list_scheme);
	written[0] = '\0';
	if (exchange_reader_from(give, &from, &options, &reader, &error) ||
			exchange_writer_new(format, &info, keep, NULL, &writer, &error))
		return "not begun";
	while (!exchange_reader_next(reader, &record, &more, &error) && more) {
		if (exchange_writer_add(writer, &record.record, &error))
			return "not written";
	}
	*left_out = exchange_writer_left_out(writer);
	if (exchange_writer_finish(writer, &error))
		return "not finished";
	exchange_writer_free(writer);
	exchange_reader_free(reader);
	options.format = format;
	return read_bytes(written, strlen(written), 1000, &options);
}

static const char whole[] =
		"{\"signals\":[{\"kind\":\"md5\",\"value\":\"" MD5
		"\"},{\"kind\":\"pdq\",\"value\":\"" PDQ "\"},{\"kind\":\"pdq\",\"value\":\"" SHA256
		"\"}],\"quality\":80,\"labels\":[\"industry:B2\",\"x:\\\"y,;z\"],"
		"\"ref\":\"=42/\\\"a<b&c\"}\n";

static void what_is_written_is_read_again(void)
{
	uint64_t left_out;

	CHECK_STR(through(whole, EXCHANGE_JSONL, &left_out),
			"md5:" MD5 " pdq:" PDQ " pdq:" SHA256
			" q80 [industry:B2 x:\"y local:z] ref==42/\"a<b&c\n");
	CHECK_STR(through(whole, EXCHANGE_CSV, &left_out),
			"md5:" MD5 " pdq:" PDQ " q80 [industry:B2 x:\"y local:z] ref==42/\"a<b&c\n"
			"pdq:" SHA256 " q80 [industry:B2 x:\"y local:z] ref==42/\"a<b&c\n");
	CHECK_STR(through(whole, EXCHANGE_TSV, &left_out),
			"md5:" MD5 " pdq:" PDQ " q80 [industry:B2 x:\"y local:z] ref==42/\"a<b&c\n"
			"pdq:" SHA256 " q80 [industry:B2 x:\"y local:z] ref==42/\"a<b&c\n");
	CHECK_STR(through(whole, EXCHANGE_TEXT, &left_out),
			"md5:" MD5 " [industry:B2 x:\"y local:z]\npdq:" PDQ
			" q80 [industry:B2 x:\"y local:z]\npdq:" SHA256
			" q80 [industry:B2 x:\"y local:z]\n");
	CHECK_STR(through(whole, EXCHANGE_NCMEC, &left_out),
			"md5:" MD5 " pdq:" PDQ " [industry:B2] ref==42/\"a<b&c\n");
	CHECK_EQ(left_out, 1);
	CHECK_STR(through(whole, EXCHANGE_VICS, &left_out),
			"md5:" MD5 " pdq:" PDQ " pdq:" SHA256 " ref=0\n");
	CHECK_STR(through(whole, EXCHANGE_THREATEXCHANGE, &left_out),
			"md5:" MD5 "\npdq:" PDQ "\npdq:" SHA256 "\n");
}

static void vics_is_written_with_the_profile_of_its_categories(void)
{
	static const char media[] = "{\"@odata.context\":\"x/2.0.xml/US/$metadata#Media\","
				    "\"value\":[{\"MediaID\":77,\"IsDistributed\":true,"
				    "\"Category\":1,\"MD5\":\"" MD5 "\"}]}";
	uint64_t left_out;

	list_scheme = "vics-us";
	CHECK_STR(through(media, EXCHANGE_VICS, &left_out),
			"md5:" MD5 " [vics-us:1 vics-us:IsDistributed] ref=77\n");
	CHECK_EQ(left_out, 0);
	/* The numbers of another country mean something else. */
	list_scheme = "vics-uk";
	CHECK_STR(through(media, EXCHANGE_VICS, &left_out), "md5:" MD5 " ref=77\n");
	CHECK_EQ(left_out, 2);
	list_scheme = "";
}

static void labels_are_checked_against_the_scheme_they_name(void)
{
	const char *name, *codes;

	CHECK_EQ(scheme_check(WARD_STR("industry:B2")), SCHEME_KNOWS);
	CHECK_EQ(scheme_check(WARD_STR("industry:B3")), SCHEME_NOT_ITS);
	CHECK_EQ(scheme_check(WARD_STR("industry:")), SCHEME_NOT_ITS);
	CHECK_EQ(scheme_check(WARD_STR("industry")), SCHEME_NOT_ITS);
	CHECK_EQ(scheme_check(WARD_STR("harbour:B2")), SCHEME_UNKNOWN);
	CHECK_EQ(scheme_check(WARD_STR("vics:12")), SCHEME_KNOWS);
	CHECK_EQ(scheme_check(WARD_STR("vics-us:IsDistributed")), SCHEME_KNOWS);
	CHECK_EQ(scheme_check(WARD_STR("vics-us:12")), SCHEME_NOT_ITS);
	CHECK_EQ(scheme_check(WARD_STR("local:anything")), SCHEME_KNOWS);
	for (size_t i = 0; scheme_row(i, &name, &codes); i++)
		CHECK(scheme_name_valid(ward_str_from(name)));
	CHECK(!scheme_name_valid(WARD_STR("a b")));
	CHECK(!scheme_name_valid(WARD_STR("a:b")));
	CHECK(!scheme_name_valid(WARD_STR("-a")));
	CHECK(!scheme_name_valid(WARD_STR("")));
	CHECK(scheme_labels_valid(WARD_STR("")));
	CHECK(scheme_labels_valid(WARD_STR("demo:boat  demo:sea")));
	CHECK(!scheme_labels_valid(WARD_STR("demo:boat sea")));
	CHECK(!scheme_labels_valid(WARD_STR(":boat")));
	CHECK(!scheme_labels_valid(WARD_STR("demo:")));
}

static void what_a_format_has_no_place_for_is_counted(void)
{
	uint64_t left_out;

	CHECK_STR(through("sha256:" SHA256 "\n", EXCHANGE_THREATEXCHANGE, &left_out), "");
	CHECK_EQ(left_out, 1);
	CHECK_STR(through("sha256:" SHA256 "\n", EXCHANGE_VICS, &left_out), "");
	CHECK_EQ(left_out, 1);
}

static void utf_16_of_windows_is_read_like_utf_8(void)
{
	char wide[512];
	const char *text = "md5,labels\r\n" MD5 ",x:y\r\n";
	size_t len = 0;

	wide[len++] = '\xff';
	wide[len++] = '\xfe';
	for (size_t i = 0; text[i]; i++) {
		wide[len++] = text[i];
		wide[len++] = '\0';
	}
	CHECK_STR(read_all(wide, len, (struct exchange_read_options){ .kind = WARD_SIGNAL_NONE }),
			"md5:" MD5 " [x:y]\n");
	/* Big-endian, without a mark. */
	for (size_t i = 2; i < len; i += 2) {
		wide[i - 2] = '\0';
		wide[i - 1] = wide[i];
	}
	CHECK_STR(read_all(wide, len - 2,
				  (struct exchange_read_options){ .kind = WARD_SIGNAL_NONE }),
			"md5:" MD5 " [x:y]\n");
	CHECK_STR(READ("\xef\xbb\xbfmd5\n" MD5 "\n"), "md5:" MD5 "\n");
}

static void an_empty_file_has_no_records(void)
{
	CHECK_STR(READ(""), "");
	CHECK_STR(READ("\n\n# only words\n"), "");
}

static void labels_cannot_break_a_line(void)
{
	CHECK_STR(READ("md5,labels\n" MD5 ",\"a:b\x01"
		       "c\"\n"),
			"md5:" MD5 " [a:b_c]\n");
}

static void names_of_formats_are_found_again(void)
{
	for (int i = 0; i < EXCHANGE_FORMAT_COUNT; i++)
		CHECK_EQ(exchange_format_from(ward_str_from(
					 exchange_format_name((enum exchange_format)i))),
				i);
	CHECK_EQ(exchange_format_from(WARD_STR("nonsense")), EXCHANGE_FORMAT_COUNT);
}

static const struct test_case cases[] = {
	{ "text is one signal a line, with a quality and labels", text_is_one_signal_a_line },
	{ "64 digits are PDQ unless the caller says otherwise",
			digits_of_64_are_pdq_unless_the_caller_says_otherwise },
	{ "a bad line is counted, told and passed over",
			a_bad_line_is_counted_told_and_passed_over },
	{ "a line without end is bad, and the next one good",
			a_line_without_end_is_bad_and_the_next_one_good },
	{ "CSV is read by its header", csv_is_read_by_its_header },
	{ "CSV without a header is read by form", csv_without_a_header_is_read_by_form },
	{ "a kind that was said is meant", a_kind_that_was_said_is_meant },
	{ "a comment over a table is no row", a_comment_over_a_table_is_no_row },
	{ "more cells than the header has names are told", more_cells_than_names_are_told },
	{ "a word behind a hash is its id, or a label of the list's scheme",
			a_word_behind_a_hash_is_its_id_or_a_label_of_the_lists_scheme },
	{ "what only wraps a list is told with the way to it",
			what_only_wraps_a_list_is_told_with_the_way_to_it },
	{ "one odd byte does not end a document", one_odd_byte_does_not_end_a_document },
	{ "VICS is written with the profile of its categories",
			vics_is_written_with_the_profile_of_its_categories },
	{ "labels are checked against the scheme they name",
			labels_are_checked_against_the_scheme_they_name },
	{ "quoted cells hold separators, line ends and quotes",
			quoted_cells_hold_separators_line_ends_and_quotes },
	{ "a quote that never closes costs its own line only",
			a_quote_that_never_closes_costs_its_own_line_only },
	{ "quotes without an end in every line cost little",
			quotes_without_an_end_in_every_line_cost_little },
	{ "TSV is told by its tabs", tsv_is_told_by_its_tabs },
	{ "sums of every tool are read, and names are not",
			sums_of_every_tool_are_read_and_names_are_not },
	{ "NSRL and HashKeeper are told by their columns",
			nsrl_and_hashkeeper_are_told_by_their_columns },
	{ "threatexchange's files of both kinds are read",
			threatexchange_files_of_both_kinds_are_read },
	{ "JSONL is what ward itself writes", jsonl_is_what_ward_itself_writes },
	{ "ICSE's semicolons are read", icse_s_semicolons_are_read },
	{ "VICS sets and cases are read, pictures in them not", vics_sets_and_cases_are_read },
	{ "VICS that ends in its middle is an error", vics_that_ends_in_its_middle_is_an_error },
	{ "NCMEC's entries and tombstones are read", ncmec_entries_and_tombstones_are_read },
	{ "XML with a document type is refused", xml_with_a_document_type_is_refused },
	{ "what is written is read again", what_is_written_is_read_again },
	{ "what a format has no place for is counted", what_a_format_has_no_place_for_is_counted },
	{ "UTF-16 of Windows is read like UTF-8", utf_16_of_windows_is_read_like_utf_8 },
	{ "an empty file has no records", an_empty_file_has_no_records },
	{ "labels cannot break a line", labels_cannot_break_a_line },
	{ "names of formats are found again", names_of_formats_are_found_again },
};

TEST_MAIN(cases)
