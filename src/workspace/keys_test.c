#include "workspace/keys.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"

static char path[64];
static struct ward_error error;

static void new_folder(void)
{
	char folder[] = "/tmp/ward-keys-XXXXXX";

	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/api", folder);
}

static struct key like(const char *name, uint32_t scopes)
{
	struct key key = { .scopes = scopes, .rate = 60 };

	snprintf(key.name, sizeof(key.name), "%s", name);
	return key;
}

static void a_missing_file_is_an_empty_table(void)
{
	struct keys *keys;

	new_folder();
	CHECK_EQ(keys_read(path, &keys, &error), WARD_OK);
	CHECK_EQ(keys_count(keys), 0);
	CHECK(!keys_at(keys, 0));
	CHECK(!keys_check(keys, WARD_STR("ward_x"), 1));
	keys_free(keys);
}

static void a_token_opens_what_it_was_made_for(void)
{
	struct key one = like("one", KEY_SCAN | KEY_READ), two = like("two", KEY_ALL);
	char token[KEY_TOKEN_MAX], other[KEY_TOKEN_MAX];
	struct keys *keys;

	new_folder();
	CHECK_EQ(keys_add(path, &one, token, &error), WARD_OK);
	CHECK_EQ(keys_add(path, &two, other, &error), WARD_OK);
	CHECK_EQ(strlen(token), 48);
	CHECK(strncmp(token, "ward_", 5) == 0 && strcmp(token, other) != 0);
	CHECK_EQ(strspn(token + 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
				   "_"),
			43);
	CHECK_EQ(keys_read(path, &keys, &error), WARD_OK);
	const struct key *key = keys_check(keys, ward_str_from(token), 1);

	CHECK(key && strcmp(key->name, "one") == 0 && key->rate == 60);
	CHECK_EQ(key->scopes, KEY_SCAN | KEY_READ);
	CHECK(key->created > 1600000000);
	token[20] = token[20] == 'A' ? 'B' : 'A';
	CHECK(!keys_check(keys, ward_str_from(token), 1));
	CHECK(!keys_check(keys, WARD_STR(""), 1));
	keys_free(keys);
}

static void the_file_holds_no_token_and_nobody_else_may_read_it(void)
{
	struct key one = like("one", KEY_SCAN);
	char token[KEY_TOKEN_MAX];
	struct stat st;
	char *text;
	size_t len;

	new_folder();
	CHECK_EQ(keys_add(path, &one, token, &error), WARD_OK);
	CHECK_EQ(file_read(path, 4096, &text, &len, &error), WARD_OK);
	CHECK(!strstr(text, token) && !strstr(text, token + 5));
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	free(text);
}

static void an_expired_key_opens_nothing(void)
{
	struct key one = like("one", KEY_SCAN);
	char token[KEY_TOKEN_MAX];
	struct keys *keys;

	new_folder();
	one.expires = 1000;
	CHECK_EQ(keys_add(path, &one, token, &error), WARD_OK);
	CHECK_EQ(keys_read(path, &keys, &error), WARD_OK);
	CHECK(keys_check(keys, ward_str_from(token), 999));
	CHECK(!keys_check(keys, ward_str_from(token), 1000));
	keys_free(keys);
}

static void a_removed_key_opens_nothing(void)
{
	struct key one = like("one", KEY_SCAN), two = like("two", KEY_SCAN);
	char first[KEY_TOKEN_MAX], second[KEY_TOKEN_MAX];
	struct keys *keys;

	new_folder();
	CHECK_EQ(keys_add(path, &one, first, &error), WARD_OK);
	CHECK_EQ(keys_add(path, &two, second, &error), WARD_OK);
	CHECK_EQ(keys_remove(path, WARD_STR("one"), &error), WARD_OK);
	CHECK_EQ(keys_remove(path, WARD_STR("one"), &error), WARD_E_NOT_FOUND);
	CHECK_EQ(keys_read(path, &keys, &error), WARD_OK);
	CHECK_EQ(keys_count(keys), 1);
	CHECK(!keys_check(keys, ward_str_from(first), 1));
	CHECK(keys_check(keys, ward_str_from(second), 1));
	keys_free(keys);
}

static void what_makes_no_sense_is_refused(void)
{
	struct key good = like("one", KEY_SCAN), no_scope = like("two", 0);
	struct key bad_name = like("../two", KEY_SCAN), unknown_scope = like("two", KEY_ALL + 1);
	char token[KEY_TOKEN_MAX];

	new_folder();
	CHECK_EQ(keys_add(path, &good, token, &error), WARD_OK);
	CHECK_EQ(keys_add(path, &good, token, &error), WARD_E_EXISTS);
	CHECK_EQ(keys_add(path, &no_scope, token, &error), WARD_E_ARGUMENT);
	CHECK_EQ(keys_add(path, &bad_name, token, &error), WARD_E_ARGUMENT);
	CHECK_EQ(keys_add(path, &unknown_scope, token, &error), WARD_E_ARGUMENT);
}

static void a_broken_line_is_told_and_nothing_is_guessed(void)
{
	struct keys *keys;

	CHECK_EQ(keys_parse(WARD_STR("# head\nlighthouse all 0 0 0 00ff\n"), "keys", &keys, &error),
			WARD_E_CORRUPT);
	CHECK(strncmp(error.message, "keys, line 2: ", 14) == 0);
	CHECK(!strstr(error.message, "lighthouse"));
}

static void scopes_are_read_and_written(void)
{
	uint32_t scopes;
	char text[64];

	CHECK(key_scopes_parse(WARD_STR("scan, read"), &scopes));
	CHECK_EQ(scopes, KEY_SCAN | KEY_READ);
	key_scopes_format(scopes, text, sizeof(text));
	CHECK_STR(text, "scan,read");
	CHECK(key_scopes_parse(WARD_STR("all"), &scopes));
	key_scopes_format(scopes, text, sizeof(text));
	CHECK_STR(text, "scan,read,write,metrics,report,ask");
	CHECK(!key_scopes_parse(WARD_STR(""), &scopes));
	CHECK(!key_scopes_parse(WARD_STR("scan,root"), &scopes));
	key_scopes_format(KEY_ALL, text, 8);
	CHECK_STR(text, "scan,re");
}

enum { WRITERS = 8, EACH = 8 };

static void *add_some(void *context)
{
	char token[KEY_TOKEN_MAX];
	struct ward_error failed;

	for (int i = 0; i < EACH; i++) {
		struct key key = like("", KEY_SCAN);

		snprintf(key.name, sizeof(key.name), "key-%d-%d", *(int *)context, i);
		if (keys_add(path, &key, token, &failed) != WARD_OK)
			return context;
	}
	return NULL;
}

static void writers_at_once_lose_no_key(void)
{
	pthread_t threads[WRITERS];
	int numbers[WRITERS];
	struct keys *keys;

	new_folder();
	for (int i = 0; i < WRITERS; i++) {
		numbers[i] = i;
		CHECK_EQ(pthread_create(&threads[i], NULL, add_some, &numbers[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		CHECK(!failed);
	}
	CHECK_EQ(keys_read(path, &keys, &error), WARD_OK);
	CHECK_EQ(keys_count(keys), WRITERS * EACH);
	keys_free(keys);
}

static const struct test_case cases[] = {
	{ "a missing file is an empty table", a_missing_file_is_an_empty_table },
	{ "a token opens what it was made for", a_token_opens_what_it_was_made_for },
	{ "the file holds no token and nobody else may read it",
			the_file_holds_no_token_and_nobody_else_may_read_it },
	{ "an expired key opens nothing", an_expired_key_opens_nothing },
	{ "a removed key opens nothing", a_removed_key_opens_nothing },
	{ "what makes no sense is refused", what_makes_no_sense_is_refused },
	{ "a broken line is told and nothing is guessed",
			a_broken_line_is_told_and_nothing_is_guessed },
	{ "scopes are read and written", scopes_are_read_and_written },
	{ "writers at once lose no key", writers_at_once_lose_no_key },
};
TEST_MAIN(cases)
