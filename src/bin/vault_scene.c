#include "bin/vaults.h"

#include <errno.h>
#include <sodium.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "people/people.h"

#define ARENA_MAX ((size_t)64 << 20)

enum { PATH_ROOM = 4096, SHARE_FILE_MAX = 8192 };

/* ---- the scene ---- */

ward_err vault_scene_path(const struct vault_scene *scene, const char *name, char *path,
		size_t room, struct ward_error *error)
{
	int len = snprintf(path, room, "%s/%s", workspace_folder(scene->workspace), name);

	return len > 0 && (size_t)len < room ? WARD_OK
					     : ward_fail(error, WARD_E_ARGUMENT,
							       "the workspace's path is too long");
}

void vault_scene_close(struct vault_scene *scene)
{
	vault_free(scene->vault);
	store_free(scene->store);
	workspace_free(scene->workspace);
	ward_arena_free(&scene->arena);
}

int vault_scene_do(struct cli *cli, vault_act *act)
{
	struct vault_scene scene;
	struct ward_error error;

	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = act(cli, &scene, &error);

	vault_scene_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

ward_err vault_scene_open(const struct cli *cli, struct vault_scene *scene,
		struct ward_error *error)
{
	*scene = (struct vault_scene){ .store = NULL };
	ward_arena_init(&scene->arena, ARENA_MAX);
	ward_err err = known_workspace(cli, &scene->workspace, error);

	if (!err)
		err = workspace_store(scene->workspace, false, &scene->store, error);
	if (!err)
		err = vault_of_workspace(workspace_folder(scene->workspace), scene->store,
				&scene->vault, error);
	if (err)
		vault_scene_close(scene);
	return err;
}

/* ---- who is there ---- */

static ward_err find_person(struct vault_scene *scene, const char *login, struct person *person,
		struct people_sealed *sealed, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(scene->store, &tx, error);

	if (err)
		return err;
	err = people_find(tx, ward_str_from(login), &scene->arena, person, error);
	if (!err && person->state != PEOPLE_ACTIVE)
		err = ward_fail(error, WARD_E_DENIED, "\"%s\" is not active", login);
	if (!err)
		err = people_keys_load(tx, person->id, sealed, error);
	store_read_end(tx);
	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err,
				"there is nobody who logs in as \"%s\" and has set a vault phrase",
				login);
	return err;
}

/*
 * A line of standard input without its end; false when there is none.  Byte by byte, so that no
 * buffer keeps a copy of it.  Of a longer one `room` - 1 bytes are taken, and it is read to its
 * end: what is left is no other's line.
 */
static bool read_line(char *line, size_t room)
{
	size_t len = 0;
	bool some = false;
	char c;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		some = some || got == 1;
		if (got != 1 || c == '\n')
			break;
		if (len + 1 < room)
			line[len++] = c;
	}
	line[len] = '\0';
	line[strcspn(line, "\r")] = '\0';
	sodium_memzero(&c, sizeof(c));
	return some;
}

/* The terminal does not show it. */
static ward_err read_phrase(const char *login, char *phrase, size_t room, struct ward_error *error)
{
	struct termios shown, hidden;
	bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;

	if (terminal) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		fprintf(stderr, "Vault phrase of %s: ", login);
		fflush(stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	bool got = read_line(phrase, room);

	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	if (!got)
		return ward_fail(error, WARD_E_DENIED,
				"the vault phrase of \"%s\" is wanted, and standard input has no "
				"line",
				login);
	return WARD_OK;
}

static ward_err unlock(struct vault_person *made, const struct people_sealed *sealed,
		const char *login, struct ward_error *error)
{
	static const size_t room = PEOPLE_PHRASE_MAX + 4;
	char *phrase = sodium_malloc(room);
	ward_err err = phrase ? read_phrase(login, phrase, room, error)
			      : ward_fail(error, WARD_E_NOMEM, "no memory for a phrase");

	made->ring = people_ring_new(1);
	if (!err && !made->ring)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for a key");
	if (!err)
		err = people_ring_unlock(made->ring, WARD_STR("ward"), sealed,
				ward_str_from(phrase), error);
	sodium_free(phrase);
	return err;
}

ward_err vault_person_prove(const struct cli *cli, struct vault_scene *scene, const char *option,
		enum people_permission permission, struct vault_person *person,
		struct ward_error *error)
{
	const char *login = cli_text(cli, option);
	struct vault_person made = { .ring = NULL };
	struct people_sealed sealed;
	struct person found;

	if (!login)
		return ward_fail(error, WARD_E_ARGUMENT,
				"who does this? --%s LOGIN says it, and their vault phrase proves "
				"it",
				option);
	ward_err err = find_person(scene, login, &found, &sealed, error);

	if (!err && !(found.permissions & PEOPLE_BIT(permission)))
		err = ward_fail(error, WARD_E_DENIED, "\"%s\" has no role with the permission %s",
				login, people_permission_name(permission));
	if (!err)
		err = unlock(&made, &sealed, login, error);
	if (err) {
		vault_person_leave(&made);
		return err;
	}
	snprintf(made.actor, sizeof(made.actor), "person:%.*s", WARD_FMT(found.id));
	made.roles = found.roles;
	*person = made;
	return WARD_OK;
}

void vault_person_leave(struct vault_person *person)
{
	if (person->ring)
		people_ring_free(person->ring);
	person->ring = NULL;
}

struct vault_actor vault_person_actor(const struct vault_person *person)
{
	return (struct vault_actor){ ward_str_from(person->actor), person->roles };
}

struct borrowed {
	struct vault_scene *scene;
	const struct vault_person *person;
	struct vault_access *access;
};

static ward_err use_key(void *context, const uint8_t public_key[PEOPLE_KEY_SIZE],
		const uint8_t secret_key[PEOPLE_KEY_SIZE], struct ward_error *error)
{
	struct borrowed *borrowed = context;
	struct vault_actor actor = vault_person_actor(borrowed->person);

	(void)public_key;
	return vault_unlock(borrowed->scene->vault, &actor, secret_key, &borrowed->access, error);
}

ward_err vault_person_access(struct vault_scene *scene, struct vault_person *person,
		struct vault_access **access, struct ward_error *error)
{
	struct borrowed borrowed = { scene, person, NULL };
	ward_err err = people_ring_borrow(person->ring, WARD_STR("ward"), use_key, &borrowed,
			error);

	if (!err)
		*access = borrowed.access;
	return err;
}

ward_err vault_two_prove(const struct cli *cli, struct vault_scene *scene,
		enum people_permission permission, enum people_permission second,
		struct vault_two *two, struct ward_error *error)
{
	*two = (struct vault_two){ .pair = { .use = NULL } };
	ward_err err = vault_person_prove(cli, scene, "as", permission, &two->first, error);

	if (!err)
		err = vault_person_prove(cli, scene, "second", second, &two->second, error);
	if (err) {
		vault_two_leave(two);
		return err;
	}
	two->pair.first = vault_person_actor(&two->first);
	two->pair.second = vault_person_actor(&two->second);
	return WARD_OK;
}

void vault_two_leave(struct vault_two *two)
{
	vault_person_leave(&two->first);
	vault_person_leave(&two->second);
}

ward_err vault_holder_find(struct vault_scene *scene, const char *login,
		char actor[ID_TEXT_MAX + 8], uint8_t public_key[PEOPLE_KEY_SIZE],
		struct ward_error *error)
{
	struct people_sealed sealed;
	struct person person;
	ward_err err = find_person(scene, login, &person, &sealed, error);

	if (err)
		return err;
	snprintf(actor, ID_TEXT_MAX + 8, "person:%.*s", WARD_FMT(person.id));
	memcpy(public_key, sealed.public_key, PEOPLE_KEY_SIZE);
	return WARD_OK;
}

/* ---- shares ---- */

ward_err vault_shares_access(const struct cli *cli, struct vault_scene *scene,
		const struct vault_pair *pair, struct vault_access **access,
		struct ward_error *error)
{
	const char *reason = cli_text(cli, "reason");
	char *texts[32] = { NULL };
	ward_str shares[32];
	unsigned count = 0;
	ward_err err = WARD_OK;

	while (!err && count < 32 && cli_many(cli, "share", (int)count)) {
		size_t len = 0;

		err = file_read(cli_many(cli, "share", (int)count), SHARE_FILE_MAX, &texts[count],
				&len, error);
		if (!err)
			shares[count++].len = len;
	}
	for (unsigned i = 0; i < count; i++)
		shares[i].ptr = texts[i];
	if (!err)
		err = vault_unlock_shares(scene->vault, shares, count, pair, ward_str_from(reason),
				access, error);
	for (unsigned i = 0; i < count; i++) {
		sodium_memzero(texts[i], shares[i].len);
		free(texts[i]);
	}
	return err;
}

ward_err vault_shares_print(void *context, const char *key, const char *const *shares,
		unsigned count, struct ward_error *error)
{
	(void)context;
	(void)key;
	for (unsigned i = 0; i < count; i++)
		printf("%s\n", shares[i]);
	return fflush(stdout) == 0 && !ferror(stdout)
			       ? WARD_OK
			       : ward_fail(error, WARD_E_IO,
						 "the shares cannot be printed, so no key was "
						 "made");
}

/* ---- recipients ---- */

ward_err vault_recipient_read(const char *text, uint8_t key[32], struct ward_error *error)
{
	ward_str line = ward_str_from(text), word = WARD_STR("x25519:");
	char *read = NULL;
	size_t len;
	ward_err err = WARD_OK;

	if (!ward_str_starts(line, word)) {
		err = file_read(text, 4096, &read, &len, error);
		if (err)
			return err;
		line = ward_str_trim((ward_str){ read, len });
	}
	bool good = ward_str_starts(line, word);

	line.ptr += good ? word.len : 0;
	line.len -= good ? word.len : 0;
	good = good && ward_base64_parse(line, key, 32);
	free(read);
	return good ? WARD_OK
		    : ward_fail(error, WARD_E_FORMAT,
				      "a recipient's key is x25519: and 32 bytes as base64; \"ward "
				      "verify --new-secret FILE\" makes one");
}
