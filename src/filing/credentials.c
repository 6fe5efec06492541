#include "filing/credentials.h"

#include "base/file.h"
#include "base/tree.h"

#include <sodium.h>
#include <sys/stat.h>

enum { FILE_MAX = 4096 };

static bool take(const struct json_t *root, const char *name, char *out, size_t room)
{
	ward_str text = tree_text(tree_member(root, name));

	if (text.len == 0 || text.len >= room || memchr(text.ptr, '\0', text.len))
		return false;
	memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
	return true;
}

static ward_err read_text(ward_str text, struct filing_credentials *credentials,
		struct ward_error *error)
{
	struct json_t *root = tree_read(text, NULL);
	ward_str tag = tree_text(tree_member(root, "environment"));
	struct filing_credentials read = { .environment = FILING_TEST };
	bool good = root && take(root, "user", read.user, sizeof(read.user)) &&
		    take(root, "password", read.password, sizeof(read.password)) &&
		    (ward_str_eq(tag, WARD_STR("test")) ||
				    ward_str_eq(tag, WARD_STR("production")));

	if (good) {
		if (ward_str_eq(tag, WARD_STR("production")))
			read.environment = FILING_PRODUCTION;
		*credentials = read;
	}
	tree_free(root);
	sodium_memzero(&read, sizeof(read));
	return good ? WARD_OK
		    : ward_fail(error, WARD_E_FORMAT,
				      "the account's file is {\"environment\": \"test\" or "
				      "\"production\", \"user\": \"…\", \"password\": \"…\"}");
}

ward_err filing_credentials_read(const char *path, struct filing_credentials *credentials,
		struct ward_error *error)
{
	struct stat about;
	char *text;
	size_t len;

	if (stat(path, &about) != 0)
		return ward_fail(error, WARD_E_NOT_FOUND,
				"there is no account at NCMEC in the workspace "
				"(cybertip.credentials)");
	if ((about.st_mode & 077) != 0)
		return ward_fail(error, WARD_E_DENIED,
				"others can read the account's file; make it private: chmod 600");
	ward_err err = file_read(path, FILE_MAX, &text, &len, error);

	if (err)
		return err;
	err = read_text((ward_str){ text, len }, credentials, error);
	sodium_memzero(text, len);
	free(text);
	return err;
}

void filing_credentials_wipe(struct filing_credentials *credentials)
{
	sodium_memzero(credentials, sizeof(*credentials));
}

enum filing_environment filing_environment_of(bool settings_say_production,
		const struct filing_credentials *credentials)
{
	return settings_say_production && credentials &&
					       credentials->environment == FILING_PRODUCTION
			       ? FILING_PRODUCTION
			       : FILING_TEST;
}
