#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"

static struct collected got;

static ward_err read_as(ward_media_kind kind, ward_bytes file)
{
	uint8_t *copy;
	ward_bytes bytes = collect_copy(file, &copy);

	collect_clear(&got);
	ward_err err = document_read(kind, bytes, &got.options, &got.sink, &got.error);

	free(copy);
	return err;
}

#define BYTES(literal)   ((ward_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })
#define READ_MAIL(words) read_as(WARD_MEDIA_MAIL, BYTES(words))

static bool part_is(uint32_t part, const char *name, const char *words)
{
	return part < got.part_count && strcmp(got.part_names[part], name) == 0 &&
	       strcmp(ward_buf_text(&got.part_bytes[part]).ptr, words) == 0;
}

#define HEAD  "From: a\nTo: b\nMIME-Version: 1.0\n"
#define MIXED "Content-Type: multipart/mixed; boundary=x\n\n"

/* ---- mails ---- */

static void parts_arrive_decoded_by_their_names(void)
{
	CHECK_EQ(READ_MAIL(HEAD MIXED "--x\nContent-Type: text/plain\n\nThe lamp.\n"
				      "--x\nContent-Type: image/png; name=a.png\n"
				      "Content-Transfer-Encoding: base64\n\nbGFtcA==\n"
				      "--x\nContent-Disposition: attachment; filename=b.txt\n"
				      "Content-Transfer-Encoding: quoted-printable\n\nl=61=\nmp\n"
				      "--x\nContent-Type: image/jpeg\n\njpeg\n--x--\n"),
			WARD_OK);
	CHECK_EQ(got.part_count, 4);
	CHECK(part_is(0, "part 1.txt", "The lamp."));
	CHECK(part_is(1, "a.png", "lamp"));
	CHECK(part_is(2, "b.txt", "lamp"));
	CHECK(part_is(3, "part 4.jpg", "jpeg"));
}

static void a_mail_of_one_part_is_one_member(void)
{
	CHECK_EQ(READ_MAIL(HEAD "\nWords.\n"), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "part 1.txt", "Words.\n"));
	CHECK_EQ(READ_MAIL(HEAD "Content-Type: image/png; name=\"c/d\\\\e.png\"\n"
				"Content-Transfer-Encoding: x-uuencode\n\n"
				"begin 644 e.png\n$;&%M<```\n`\nend\n"),
			WARD_OK);
	CHECK(part_is(0, "e.png", "lamp"));
}

static void apples_mail_ends_where_it_says(void)
{
	CHECK_EQ(READ_MAIL("44 \nFrom: a\nTo: b\nContent-Type: image/png\n\n12345<plist>"),
			WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "part 1.png", "12345"));
	/* More than there is. */
	CHECK_EQ(READ_MAIL("99\nFrom: a\nContent-Type: image/png\n\n123"), WARD_OK);
	CHECK(part_is(0, "part 1.png", "123"));
}

static void names_are_decoded(void)
{
	CHECK_EQ(READ_MAIL(HEAD MIXED "--x\nContent-Type: image/png; "
				      "name=\"=?utf-8?B?w7wucG5n?=\"\n\na\n"
				      "--x\nContent-Disposition: attachment; "
				      "filename*=iso-8859-1''%fc.png\n\nb\n"
				      "--x\nContent-Disposition: attachment; "
				      "filename*0*=utf-8''%c3%bc;\n"
				      " filename*1=\"x.png\"\n\nc\n"
				      "--x\nContent-Type: image/png; "
				      "name=\"=?windows-1252?Q?=80.png?=\"\n\nd\n"
				      "--x\nContent-Type: image/png; "
				      "name=\"=?ebcdic-us?Q?=81.png?=\"\n\ne\n"
				      "--x\nContent-Type: image/png; "
				      "name=\"=?iso-2022-jp?B?GyRCRXQbKEI=?=\"\n\nf\n"),
			WARD_OK);
	CHECK_EQ(got.part_count, 6);
	CHECK(part_is(0, "\xc3\xbc.png", "a"));
	CHECK(part_is(1, "\xc3\xbc.png", "b"));
	CHECK(part_is(2, "\xc3\xbcx.png", "c"));
	CHECK(part_is(3, "\xe2\x82\xac.png", "d"));
	CHECK(ward_utf8_valid(ward_str_from(got.part_names[4])));
	CHECK(part_is(5, "\xe7\x81\xaf", "f\n"));
}

static void a_message_within_one_is_behind_its_name(void)
{
	CHECK_EQ(READ_MAIL(HEAD MIXED "--x\nContent-Type: message/rfc822\n"
				      "Content-Disposition: attachment; filename=old.eml\n\n"
				      "From: c\n\nfirst\n"
				      "--x\nContent-Type: message/rfc822\n\n" HEAD
				      "Content-Type: image/png; name=a.png\n\npng\n"
				      "--x\n\nlast\n--x--\n"),
			WARD_OK);
	CHECK_EQ(got.part_count, 3);
	CHECK(part_is(0, "old.eml!part 1.txt", "first"));
	CHECK(part_is(1, "part 2!a.png", "png"));
	CHECK(part_is(2, "part 3.txt", "last"));
}

static void an_mbox_numbers_its_messages(void)
{
	CHECK_EQ(read_as(WARD_MEDIA_MBOX, BYTES("From a Sat Jan  3 01:05:34 1996\nFrom: a\n\none\n"
						"From here on, words.\n\nFrom then on, too.\n"
						"From b Sat Jan  3 01:05:34 1996\n\n"
						"From b Sat Jan  3 01:05:34 1996\r\nFrom: a\r\n\r\n"
						"From c Sat Jan  3 01:05:34 1996\nSubject: x\n"
						"Content-Type: image/png; name=a.png\n\npng")),
			WARD_OK);
	CHECK_EQ(got.part_count, 3);
	CHECK(part_is(0, "1!part 1.txt",
			"one\nFrom here on, words.\n\nFrom then on, too.\n"
			"From b Sat Jan  3 01:05:34 1996\n\n"));
	CHECK(part_is(1, "2!part 1.txt", ""));
	CHECK(part_is(2, "3!a.png", "png"));
}

#define TNEF_HEAD  "\x78\x9f\x3e\x22\x01\x00"
#define TNEF_BEGIN "\x02\x02\x90\x06\x00\x01\x00\x00\x00z\x00\x00"

static void winmail_dat_is_opened(void)
{
	CHECK_EQ(READ_MAIL(HEAD MIXED "--x\nContent-Type: application/ms-tnef; name=winmail.dat\n"
				      "Content-Transfer-Encoding: binary\n\n" TNEF_HEAD TNEF_BEGIN
				      "\x02\x10\x80\x01\x00\x06\x00\x00\x00"
				      "a.png\0"
				      "\x00\x00"
				      "\x02\x0f\x80\x06\x00\x04\x00\x00\x00"
				      "lamp"
				      "\x00\x00" TNEF_BEGIN "\x02\x0f\x80\x06\x00\x02\x00\x00\x00"
				      "zz"
				      "\x00\x00"
				      "\n--x\nContent-Type: application/ms-tnef; "
				      "name=w.dat\n\nnone\n--x--\n"),
			WARD_OK);
	CHECK_EQ(got.part_count, 3);
	CHECK(part_is(0, "winmail.dat!a.png", "lamp"));
	CHECK(part_is(1, "winmail.dat!part 2", "zz"));
	CHECK(part_is(2, "w.dat", "none"));
	CHECK_EQ(READ_MAIL(HEAD "Content-Type: application/ms-tnef\n\n" TNEF_HEAD
				"\x02\x0f\x80\x06\x00\xff\xff\xff\xff"
				"lamp"),
			WARD_E_FORMAT);
	CHECK_STR(got.error.message, "a winmail.dat is damaged");
}

static void what_is_encrypted_is_said_to_be(void)
{
	CHECK_EQ(READ_MAIL(HEAD "Content-Type: multipart/encrypted; boundary=x;"
				" protocol=\"application/pgp-encrypted\"\n\n"
				"--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
				"--x\nContent-Type: application/octet-stream\n\nabc\n--x--\n"),
			WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "encrypted", "") && got.part_encrypted[0]);
	CHECK_EQ(READ_MAIL(HEAD "Content-Type: application/pkcs7-mime; smime-type=enveloped-data;"
				" name=smime.p7m\n\nabc\n"),
			WARD_OK);
	CHECK(part_is(0, "smime.p7m", "") && got.part_encrypted[0]);
	CHECK_EQ(READ_MAIL(HEAD "Content-Type: application/pkcs7-mime; smime-type=signed-data;"
				" name=smime.p7m\n\nabc\n"),
			WARD_E_UNSUPPORTED);
	CHECK(part_is(0, "smime.p7m", "abc\n") && !got.part_encrypted[0]);
}

/* ---- hostile ones ---- */

static void a_boundary_that_is_never_closed_hides_nothing(void)
{
	CHECK_EQ(READ_MAIL(HEAD MIXED "before\n--x\nContent-Type: multipart/mixed; boundary=y\n\n"
				      "--y\nContent-Type: image/png; name=a.png\n\npng\n"),
			WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "a.png", "png\n"));
	CHECK_EQ(READ_MAIL(HEAD "Content-Type: multipart/mixed\n\n--x\n\nwords\n--x--\n"), WARD_OK);
}

static void parts_within_parts_end_at_a_depth(void)
{
	struct ward_buf mail;

	ward_buf_init(&mail, 1 << 20);
	ward_buf_str(&mail, WARD_STR(HEAD));
	for (int i = 0; i < 3000; i++)
		ward_buf_printf(&mail, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i,
				i);
	CHECK_EQ(read_as(WARD_MEDIA_MAIL, (ward_bytes){ (uint8_t *)mail.ptr, mail.len }),
			WARD_E_LIMIT);
	ward_buf_clear(&mail);
	for (int i = 0; i < 3000; i++)
		ward_buf_str(&mail, WARD_STR("Content-Type: message/rfc822\n\n"));
	CHECK_EQ(read_as(WARD_MEDIA_MAIL, (ward_bytes){ (uint8_t *)mail.ptr, mail.len }),
			WARD_E_LIMIT);
	CHECK_STR(got.error.message, "parts of the mail lie deeper within each other than 64");
	ward_buf_free(&mail);
}

static void a_header_without_end_is_read_in_time(void)
{
	struct ward_buf mail;

	ward_buf_init(&mail, 16 << 20);
	for (int i = 0; i < 50000; i++)
		ward_buf_str(&mail, WARD_STR("Received: by lamp\nTo: a@lamp, b@lamp\n"));
	ward_buf_str(&mail, WARD_STR("Content-Type: image/png"));
	for (int i = 0; i < 5000; i++)
		ward_buf_printf(&mail, ";\n name*%d=a", i);
	ward_buf_str(&mail, WARD_STR("\n\npng"));
	CHECK_EQ(read_as(WARD_MEDIA_MAIL, (ward_bytes){ (uint8_t *)mail.ptr, mail.len }), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(ward_buf_text(&got.part_bytes[0]).ptr, "png");
	ward_buf_free(&mail);
}

static void more_than_agreed_ends_the_job(void)
{
	static const char two[] = HEAD MIXED "--x\n\nwords\n--x\n\nwords\n--x--\n";

	got.options.limits.parts_max = 1;
	CHECK_EQ(READ_MAIL(two), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the mail has more members than the limit of 1");
	got.options.limits = ward_limits_default();
	got.options.limits.bytes_max = 9;
	CHECK_EQ(READ_MAIL(two), WARD_E_LIMIT);
	CHECK_STR(got.error.message,
			"the mail unpacks to more than the limit of 9 bytes, in member 2");
	got.options.limits.bytes_max = 10;
	CHECK_EQ(READ_MAIL(two), WARD_OK);
	got.options.limits = ward_limits_default();
}

static void what_is_no_document_is_said_so(void)
{
	CHECK_EQ(read_as(WARD_MEDIA_ZIP, BYTES("PK")), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "zip is no document");
}

static const struct test_case cases[] = {
	{ "parts arrive decoded, by their names", parts_arrive_decoded_by_their_names },
	{ "a mail of one part is one member", a_mail_of_one_part_is_one_member },
	{ "Apple's mail ends where it says", apples_mail_ends_where_it_says },
	{ "names are decoded", names_are_decoded },
	{ "a message within one is behind its name", a_message_within_one_is_behind_its_name },
	{ "an mbox numbers its messages", an_mbox_numbers_its_messages },
	{ "winmail.dat is opened", winmail_dat_is_opened },
	{ "what is encrypted is said to be", what_is_encrypted_is_said_to_be },
	{ "a boundary that is never closed hides nothing",
			a_boundary_that_is_never_closed_hides_nothing },
	{ "parts within parts end at a depth", parts_within_parts_end_at_a_depth },
	{ "a header without end is read in time", a_header_without_end_is_read_in_time },
	{ "more than agreed ends the job", more_than_agreed_ends_the_job },
	{ "what is no document is said so", what_is_no_document_is_said_so },
};

int main(void)
{
	document_prepare();
	collect_init(&got);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	collect_clear(&got);
	return failed;
}
