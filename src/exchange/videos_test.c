/* Videos in files of lists, read and written. */
#include "base/test.h"
#include "exchange/exchange.h"

#include <math.h>

#define HASH  "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
#define OTHER "30a10efd71cc3d429013d48d0ffffc52e34e0e17ada952a9d29685211ea9e5af"

static struct ward_error error;

struct text {
	const char *at;
	size_t left;
};

static ward_err give(void *context, uint8_t *to, size_t room, size_t *got, struct ward_error *why)
{
	struct text *text = context;

	(void)why;
	*got = text->left < room ? text->left : room;
	if (*got > 0)
		memcpy(to, text->at, *got);
	text->at += *got;
	text->left -= *got;
	return WARD_OK;
}

/* What the first record was, copied, and how many there were. */
static struct {
	size_t records, bad;
	struct ward_vpdq frames;
	struct ward_tmk *tmk;
	char why[256];
	enum exchange_format format;
} got;

static void forget(void)
{
	ward_vpdq_free(&got.frames);
	free(got.tmk);
	memset(&got, 0, sizeof(got));
}

static bool keep(const struct exchange_record *told)
{
	const struct ward_vpdq *frames = told->record.frames;
	bool ok = true;

	got.bad += told->bad != NULL;
	if (got.records++ > 0)
		return true;
	snprintf(got.why, sizeof(got.why), "%s",
			told->bad      ? told->bad
			: told->partly ? told->partly
				       : "");
	for (size_t i = 0; frames && i < frames->count; i++)
		ok &= !ward_vpdq_add(&got.frames, &frames->frames[i], NULL);
	if (told->record.tmk) {
		got.tmk = malloc(sizeof(*got.tmk));
		if (got.tmk)
			memcpy(got.tmk, told->record.tmk, sizeof(*got.tmk));
		ok &= got.tmk != NULL;
	}
	return ok;
}

static bool read_as(enum exchange_format format, const char *bytes, size_t len)
{
	const struct exchange_read_options options = { .format = format };
	struct text text = { bytes, len };
	struct exchange_reader *reader;
	struct exchange_record record;
	bool more = true, ok = true;

	forget();
	if (exchange_reader_from(give, &text, &options, &reader, &error))
		return false;
	got.format = exchange_reader_format(reader);
	while (ok && !exchange_reader_next(reader, &record, &more, &error) && more)
		ok = keep(&record);
	exchange_reader_free(reader);
	return ok;
}

static bool read_text(const char *text)
{
	return read_as(EXCHANGE_AUTO, text, strlen(text));
}

static void a_file_of_vpdq_is_one_video(void)
{
	CHECK(read_text("0,90," HASH ",0.000\n30,80," OTHER ",1.001\n"));
	CHECK_EQ(got.format, EXCHANGE_VPDQ);
	CHECK_EQ(got.records, 1);
	CHECK_EQ(got.frames.count, 2);
	CHECK_EQ(got.frames.frames[1].number, 30);
	CHECK_EQ(got.frames.frames[1].quality, 80);
	CHECK(fabs(got.frames.frames[1].time_s - 1.001) < 1e-9);
	CHECK(read_text("0,90," HASH ",0.000\n30,80," OTHER "\n"));
	CHECK_EQ(got.bad, 1);
	CHECK(strstr(got.why, "line 2"));
	forget();
}

static void its_signal_is_read_wherever_it_stands(void)
{
	static const char *const texts[] = {
		"[\"" HASH ",90,0.0\", \"" OTHER ",80,1.0\"]\n",
		"{\"vpdq\":[\"" HASH ",90,0.0\",\"" OTHER ",80,1.0\"]}\n",
		"{\"vpdq\":\"[\\\"" HASH ",90,0.0\\\",\\\"" OTHER ",80,1.0\\\"]\"}\n",
		"vpdq [\"" HASH ",90,0.0\", \"" OTHER ",80,1.0\"]\nvpdq [\"" OTHER ",80,1.0\"]\n",
	};
	static const enum exchange_format formats[] = { EXCHANGE_VPDQ, EXCHANGE_JSONL,
		EXCHANGE_JSONL, EXCHANGE_THREATEXCHANGE };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		CHECK(read_text(texts[i]));
		CHECK_EQ(got.format, formats[i]);
		CHECK_EQ(got.records, i == 3 ? 2 : 1);
		CHECK_EQ(got.bad, 0);
		CHECK_EQ(got.frames.count, 2);
		CHECK_EQ(got.frames.frames[0].quality, 90);
	}
	forget();
}

static void what_is_no_video_is_bad_and_the_rest_of_the_record_is_kept(void)
{
	CHECK(read_text("{\"vpdq\":[\"" HASH ",90\"]}\n{\"vpdq\":[]}\n{\"tmk\":\"QUJD\"}\n"));
	CHECK_EQ(got.records, 3);
	CHECK_EQ(got.bad, 3);
	CHECK(read_text("{\"md5\":\"0123456789abcdef0123456789abcdef\",\"vpdq\":[3]}\n"));
	CHECK_EQ(got.bad, 0);
	CHECK(strstr(got.why, "vpdq"));
	CHECK(read_text("vpdq [\"" HASH ",90,0.0\"]\nvpdq [\n"));
	CHECK_EQ(got.records, 2);
	CHECK_EQ(got.bad, 1);
	forget();
}

static struct ward_buf file;

static struct ward_tmk *draw_tmk(void)
{
	struct ward_tmk *tmk = calloc(1, sizeof(*tmk));

	tmk->frames = 77;
	for (int i = 0; i < WARD_TMK_VALUES; i++) {
		tmk->average[i] = (float)(i * 37 % 101) - 50;
		for (int p = 0; p < WARD_TMK_PERIODS; p++)
			tmk->cosines[p][i % WARD_TMK_COEFFICIENTS][i] = (float)i;
	}
	ward_buf_free(&file);
	ward_buf_init(&file, WARD_TMK_BYTES + 1);
	ward_tmk_write(tmk, &file);
	return tmk;
}

static bool same_tmk(const struct ward_tmk *tmk)
{
	struct ward_buf other;
	bool same;

	ward_buf_init(&other, WARD_TMK_BYTES);
	ward_tmk_write(tmk, &other);
	same = ward_str_eq(ward_buf_text(&file), ward_buf_text(&other));
	ward_buf_free(&other);
	return same;
}

static void a_file_of_tmk_is_one_video(void)
{
	free(draw_tmk());
	CHECK(read_as(EXCHANGE_AUTO, file.ptr, file.len));
	CHECK_EQ(got.format, EXCHANGE_TMK);
	CHECK_EQ(got.records, 1);
	CHECK(got.tmk && same_tmk(got.tmk));
	CHECK(read_as(EXCHANGE_AUTO, file.ptr, file.len - 1));
	CHECK_EQ(got.records, 1);
	CHECK_EQ(got.bad, 1);
	ward_buf_char(&file, 'x');
	CHECK(read_as(EXCHANGE_AUTO, file.ptr, file.len));
	CHECK_EQ(got.bad, 1);
	forget();
	ward_buf_free(&file);
}

/* ---- writing ---- */

static ward_err take(void *context, ward_bytes bytes, struct ward_error *why)
{
	struct ward_buf *out = context;

	(void)why;
	ward_buf_str(out, (ward_str){ (const char *)bytes.ptr, bytes.len });
	return WARD_OK;
}

/* What the record is in a format, and how much of it had no place. */
static uint64_t write_in(enum exchange_format format, const struct ward_record *record,
		struct ward_buf *out)
{
	const struct ward_list_info info = { .name = "films" };
	struct exchange_writer *writer;
	uint64_t left_out;

	ward_buf_clear(out);
	if (exchange_writer_new(format, &info, take, out, &writer, &error) ||
			exchange_writer_add(writer, record, &error) ||
			exchange_writer_finish(writer, &error))
		abort();
	left_out = exchange_writer_left_out(writer);
	exchange_writer_free(writer);
	return left_out;
}

static void what_is_written_is_read_again_or_counted_as_left_out(void)
{
	struct ward_vpdq frames = { 0 };
	struct ward_tmk *tmk = draw_tmk();
	struct ward_record record = { .quality = 255, .frames = &frames, .tmk = tmk };
	struct ward_buf out;

	ward_buf_init(&out, (size_t)8 << 20);
	CHECK(!ward_vpdq_read(WARD_STR("0,90," HASH ",0.000\n30,80," OTHER ",1234.567\n"), &frames,
			&error));
	CHECK_EQ(write_in(EXCHANGE_JSONL, &record, &out), 0);
	CHECK(read_as(EXCHANGE_AUTO, out.ptr, out.len));
	CHECK_EQ(got.bad, 0);
	CHECK_EQ(got.frames.count, 2);
	CHECK(fabs(got.frames.frames[1].time_s - 1234.567) < 1e-9);
	CHECK(got.tmk && same_tmk(got.tmk));
	CHECK_EQ(write_in(EXCHANGE_THREATEXCHANGE, &record, &out), 1);
	CHECK(read_as(EXCHANGE_AUTO, out.ptr, out.len));
	CHECK_EQ(got.frames.count, 2);
	CHECK_EQ(write_in(EXCHANGE_CSV, &record, &out), 2);
	CHECK_EQ(write_in(EXCHANGE_TEXT, &record, &out), 2);
	CHECK_EQ(write_in(EXCHANGE_NCMEC, &record, &out), 2);
	forget();
	ward_vpdq_free(&frames);
	ward_buf_free(&out);
	ward_buf_free(&file);
	free(tmk);
}

static const struct test_case cases[] = {
	{ "a file of vPDQ is one video", a_file_of_vpdq_is_one_video },
	{ "its signal is read wherever it stands", its_signal_is_read_wherever_it_stands },
	{ "what is no video is bad, and the rest of the record is kept",
			what_is_no_video_is_bad_and_the_rest_of_the_record_is_kept },
	{ "a file of TMK is one video", a_file_of_tmk_is_one_video },
	{ "what is written is read again, or counted as left out",
			what_is_written_is_read_again_or_counted_as_left_out },
};
TEST_MAIN(cases)
