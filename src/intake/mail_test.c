#include "intake/mail.h"

#include "base/file.h"
#include "intake/intake_test.h"

static struct mail_parts parts;

static ward_err apart(const char *mail)
{
	return mail_take_apart((ward_bytes){ (const uint8_t *)mail, strlen(mail) }, &parts, &error);
}

static bool is_part(size_t index, bool text, const char *type, const char *bytes)
{
	const struct mail_part *part = &parts.at[index];

	return index < parts.count && part->text == text &&
	       ward_str_eq(part->type, ward_str_from(type)) && part->bytes.len == strlen(bytes) &&
	       memcmp(part->bytes.ptr, bytes, part->bytes.len) == 0;
}

static const char two_parts[] = "From: ann@example.org\r\n"
				"Subject: =?utf-8?q?h=C3=A9llo?=\r\n"
				"MIME-Version: 1.0\r\n"
				"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
				"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
				"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
				"a caf=E9 by the bridge\r\n"
				"--b\r\nContent-Type: image/png; name=\"../../etc/x.png\"\r\n"
				"Content-Disposition: attachment\r\n"
				"Content-Transfer-Encoding: base64\r\n\r\n"
				"YSBicmlkZ2U=\r\n"
				"--b--\r\n";

static void a_mail_is_its_texts_and_what_is_attached(void)
{
	CHECK_EQ(apart(two_parts), WARD_OK);
	CHECK_EQ(parts.count, 2);
	CHECK(parts.at[0].text);
	CHECK(strncmp((const char *)parts.at[0].bytes.ptr, "a caf\xc3\xa9 by the bridge", 21) == 0);
	CHECK(is_part(1, false, "image/png", "a bridge"));
	mail_parts_free(&parts);
}

/* The jail has no files, so conversions are loaded before it is closed. */
static void texts_of_the_worlds_character_sets_are_read(void)
{
	static const struct {
		const char *set, *bytes, *text;
	} samples[] = {
		{ "koi8-r", "\xcd\xc1\xd1\xcb", "маяк" },
		{ "windows-1256", "\xe3\xe4\xc7\xd1\xc9", "منارة" },
		{ "gb18030", "\xb5\xc6\xcb\xfe", "灯塔" },
		{ "iso-2022-jp", "\x1b$B%F\x1b(B", "テ" },
		{ "utf-8", "φάρος", "φάρος" },
	};
	char mail[300];

	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		snprintf(mail, sizeof(mail), "Content-Type: text/plain; charset=%s\r\n\r\n%s",
				samples[i].set, samples[i].bytes);
		CHECK_EQ(apart(mail), WARD_OK);
		CHECK(is_part(0, true, "text/plain", samples[i].text));
		mail_parts_free(&parts);
	}
}

static void a_mail_within_a_mail_is_opened_too_and_not_without_end(void)
{
	struct ward_buf mail;

	ward_buf_init(&mail, 1 << 20);
	for (int i = 0; i < 5; i++)
		ward_buf_str(&mail, WARD_STR("Content-Type: message/rfc822\r\n\r\n"));
	ward_buf_str(&mail, WARD_STR("Content-Type: text/plain\r\n\r\na boat\r\n"));
	CHECK_EQ(apart(ward_buf_text(&mail).ptr), WARD_OK);
	CHECK_EQ(parts.count, 1);
	mail_parts_free(&parts);
	ward_buf_clear(&mail);
	for (int i = 0; i < 1000; i++)
		ward_buf_str(&mail, WARD_STR("Content-Type: message/rfc822\r\n\r\n"));
	ward_buf_str(&mail, WARD_STR("Content-Type: text/plain\r\n\r\na boat\r\n"));
	CHECK_EQ(apart(ward_buf_text(&mail).ptr), WARD_E_FORMAT);
	ward_buf_free(&mail);
}

static const char *with_parts(int count)
{
	static struct ward_buf mail;

	ward_buf_free(&mail);
	ward_buf_init(&mail, 4 << 20);
	ward_buf_str(&mail, WARD_STR("Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
	for (int i = 0; i < count; i++)
		ward_buf_printf(&mail, "--b\r\nContent-Type: text/plain\r\n\r\nboat %d\r\n", i);
	ward_buf_str(&mail, WARD_STR("--b--\r\n"));
	return ward_buf_text(&mail).ptr;
}

/* Nothing is left out of a mail that is taken apart. */
static void parts_are_counted_and_none_is_left_out(void)
{
	CHECK_EQ(apart(with_parts(MAIL_PARTS_MAX)), WARD_OK);
	CHECK_EQ(parts.count, MAIL_PARTS_MAX);
	mail_parts_free(&parts);
	CHECK_EQ(apart(with_parts(MAIL_PARTS_MAX + 1)), WARD_E_FORMAT);
}

/* ---- a Maildir ---- */

static char maildir[64];
static struct mail_counts counts;
static unsigned told;

static void tell(void *context, const char *why)
{
	(void)context;
	printf("# %s\n", why);
	told++;
}

static const char *within(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", maildir, name);
	return path;
}

static bool start_maildir(void)
{
	static const char *const folders[] = { "new", "cur", "tmp" };
	bool good = open_intake(NULL, NULL);

	told = 0;
	snprintf(maildir, sizeof(maildir), "%s", "/tmp/ward-maildir-XXXXXX");
	good = good && mkdtemp(maildir);
	for (size_t i = 0; good && i < 3; i++)
		good = file_make_folders(within(folders[i]), 0700, &error) == WARD_OK;
	return good;
}

static void end_maildir(void)
{
	remove_folder(maildir);
	close_intake();
}

static bool deliver(const char *name, const char *mail)
{
	char path[40];

	snprintf(path, sizeof(path), "new/%s", name);
	return file_replace(within(path), (ward_bytes){ (const uint8_t *)mail, strlen(mail) }, 0600,
			       &error) == WARD_OK;
}

static ward_err take(void)
{
	return intake_maildir(intake, maildir, tell, NULL, &counts, &error);
}

static void a_mail_is_a_report_once_and_moves_behind_it(void)
{
	CHECK(start_maildir());
	CHECK(deliver("1.a", two_parts));
	CHECK_EQ(take(), WARD_OK);
	CHECK_EQ(counts.added, 1);
	CHECK(!is_there(within("new/1.a")) && is_there(within("cur/1.a:2,S")));
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_items WHERE kind = 'text'"), 1);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_items WHERE kind = 'media' AND type = "
		     "'image/png' AND bytes = 8"),
			1);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports WHERE contact IS NULL AND channel = "
		     "'mail'"),
			1);
	/* As after a kill between report and move: it comes again, and is not a second one. */
	CHECK(deliver("1.a", two_parts));
	CHECK_EQ(take(), WARD_OK);
	CHECK_EQ(counts.added, 0);
	CHECK_EQ(counts.again, 1);
	CHECK(!is_there(within("new/1.a")));
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports"), 1);
	CHECK_EQ(take(), WARD_OK);
	CHECK_EQ(counts.added + counts.again + counts.failed, 0);
	end_maildir();
}

static void what_is_no_mail_is_kept_as_it_is(void)
{
	CHECK(start_maildir());
	CHECK(deliver("1.a", "\x01\x02 lighthouse"));
	CHECK(deliver("2.a", ""));
	/* And a mail with more in it than is looked at, as a whole. */
	CHECK(deliver("3.a", with_parts(MAIL_PARTS_MAX + 1)));
	CHECK_EQ(take(), WARD_OK);
	CHECK_EQ(counts.added, 2);
	CHECK_EQ(told, 0);
	CHECK(is_there(within("cur/1.a:2,S")) && is_there(within("cur/2.a:2,S")));
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_items"), 2);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_items WHERE type = 'message/rfc822'"), 2);
	end_maildir();
}

static ward_err refuse(void *context, struct store_tx *tx, ward_str report,
		struct ward_error *failure)
{
	(void)context, (void)tx, (void)report;
	return ward_fail(failure, WARD_E_DENIED, "no queue takes it");
}

static void a_mail_that_cannot_be_taken_stays(void)
{
	struct intake *other;

	CHECK(start_maildir());
	CHECK(deliver("1.a", two_parts));
	CHECK_EQ(intake_open(keys, store, vault, refuse, NULL, &other, &error), WARD_OK);
	CHECK_EQ(intake_maildir(other, maildir, tell, NULL, &counts, &error), WARD_OK);
	intake_free(other);
	CHECK_EQ(counts.failed, 1);
	CHECK_EQ(told, 1);
	CHECK(is_there(within("new/1.a")));
	CHECK_EQ(take(), WARD_OK);
	CHECK_EQ(counts.added, 1);
	end_maildir();
}

/* It is not taken as one that nobody can read. */
static void without_what_reads_mails_they_stay(void)
{
	const char *program = getenv("WARD_MAIL");

	CHECK(program);
	CHECK(start_maildir());
	CHECK(deliver("1.a", two_parts));
	CHECK(setenv("WARD_MAIL", "/nonexistent/ward-mail", 1) == 0);
	CHECK_EQ(take(), WARD_OK);
	CHECK_EQ(counts.added, 0);
	CHECK_EQ(told, 1);
	/* One that ends at once, whatever the mail: the mail is kept whole. */
	CHECK(setenv("WARD_MAIL", "/bin/false", 1) == 0);
	CHECK_EQ(apart(two_parts), WARD_E_FORMAT);
	CHECK(setenv("WARD_MAIL", program, 1) == 0);
	CHECK_EQ(take(), WARD_OK);
	CHECK_EQ(counts.added, 1);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_items"), 2);
	end_maildir();
}

static void links_folders_and_hidden_files_are_no_mails(void)
{
	CHECK(start_maildir());
	CHECK(symlink("/etc/hostname", within("new/link")) == 0);
	CHECK(mkdir(within("new/folder"), 0700) == 0);
	CHECK(deliver(".hidden", two_parts));
	CHECK_EQ(take(), WARD_OK);
	CHECK_EQ(counts.added + counts.again + counts.failed, 0);
	CHECK_EQ(intake_maildir(intake, "/nonexistent", tell, NULL, &counts, &error),
			WARD_E_NOT_FOUND);
	end_maildir();
}

static const struct test_case cases[] = {
	{ "a mail is its texts, and what is attached", a_mail_is_its_texts_and_what_is_attached },
	{ "texts of the world's character sets are read",
			texts_of_the_worlds_character_sets_are_read },
	{ "a mail within a mail is opened too, and not without end",
			a_mail_within_a_mail_is_opened_too_and_not_without_end },
	{ "parts are counted, and none is left out", parts_are_counted_and_none_is_left_out },
	{ "a mail is a report once, and moves behind it",
			a_mail_is_a_report_once_and_moves_behind_it },
	{ "what is no mail is kept as it is", what_is_no_mail_is_kept_as_it_is },
	{ "a mail that cannot be taken stays", a_mail_that_cannot_be_taken_stays },
	{ "without what reads mails they stay", without_what_reads_mails_they_stay },
	{ "links, folders and hidden files are no mails",
			links_folders_and_hidden_files_are_no_mails },
};
TEST_MAIN(cases)
