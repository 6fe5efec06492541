#include "filing/credentials.h"

#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

static struct filing_credentials account;
static struct ward_error error;

static ward_err read_as(const char *text, mode_t mode)
{
	char path[] = "/tmp/ward-account-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || file_write_all(fd, text, strlen(text), &error) || fchmod(fd, mode) != 0)
		return WARD_E_IO;
	close(fd);
	ward_err err = filing_credentials_read(path, &account, &error);

	unlink(path);
	return err;
}

#define ACCOUNT(tag) "{\"environment\":\"" tag "\",\"user\":\"u\",\"password\":\"p\"}"

static void production_wants_the_setting_and_the_account(void)
{
	CHECK_EQ(read_as(ACCOUNT("test"), 0600), WARD_OK);
	CHECK_STR(account.user, "u");
	CHECK_STR(account.password, "p");
	CHECK_EQ(filing_environment_of(true, &account), FILING_TEST);
	CHECK_EQ(filing_environment_of(false, &account), FILING_TEST);
	CHECK_EQ(read_as(ACCOUNT("production"), 0600), WARD_OK);
	CHECK_EQ(filing_environment_of(false, &account), FILING_TEST);
	CHECK_EQ(filing_environment_of(true, NULL), FILING_TEST);
	CHECK_EQ(filing_environment_of(true, &account), FILING_PRODUCTION);
}

static void a_file_that_others_can_read_is_refused(void)
{
	CHECK_EQ(read_as(ACCOUNT("test"), 0640), WARD_E_DENIED);
	CHECK_EQ(read_as(ACCOUNT("test"), 0604), WARD_E_DENIED);
	CHECK_EQ(filing_credentials_read("/nowhere/at/all", &account, &error), WARD_E_NOT_FOUND);
}

static void what_is_no_account_is_refused_and_not_repeated(void)
{
	static const char *const texts[] = { "", "[]", "{}", ACCOUNT("Production"), ACCOUNT(""),
		"{\"environment\":\"test\",\"user\":\"\",\"password\":\"secret-word\"}",
		"{\"environment\":\"test\",\"user\":\"u\",\"password\":7}",
		"{\"environment\":\"test\",\"user\":\"u\\u0000v\",\"password\":\"secret-word\"}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		CHECK_EQ(read_as(texts[i], 0600), WARD_E_FORMAT);
		CHECK(!strstr(error.message, "secret-word"));
	}
}

static const struct test_case cases[] = {
	{ "production wants the setting and the account",
			production_wants_the_setting_and_the_account },
	{ "a file that others can read is refused", a_file_that_others_can_read_is_refused },
	{ "what is no account is refused, and not repeated",
			what_is_no_account_is_refused_and_not_repeated },
};
TEST_MAIN(cases)
