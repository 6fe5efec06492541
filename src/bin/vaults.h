/*
 * vaults.h - what the actions of `ward vault` share: the scene, and who is there
 *
 * An action that changes something is somebody's: `--as LOGIN`, and where two
 * persons are wanted `--second LOGIN`.  Each proves it with their vault phrase, typed at the
 * terminal without being shown, or, when standard input is no terminal, a line
 * of it each, in this order.
 */
#ifndef BIN_VAULTS_H
#define BIN_VAULTS_H

#include "bin/cli.h"
#include "bin/known.h"
#include "people/people_keys.h"
#include "vault/holds.h"
#include "vault/package.h"
#include "vault/vault_keys.h"

struct vault_scene {
	struct workspace *workspace;
	struct store *store;
	struct vault *vault;
	struct ward_arena arena;
};

/* On failure nothing is left open. */
ward_err vault_scene_open(const struct cli *cli, struct vault_scene *scene,
		struct ward_error *error) WARD_MUST_USE;
void vault_scene_close(struct vault_scene *scene);
/* One act within a scene of its own: CLI_OK, or what was told of its error. */
typedef ward_err vault_act(const struct cli *cli, struct vault_scene *scene,
		struct ward_error *error);
int vault_scene_do(struct cli *cli, vault_act *act);
/* "WORKSPACE/NAME" */
ward_err vault_scene_path(const struct vault_scene *scene, const char *name, char *path,
		size_t room, struct ward_error *error) WARD_MUST_USE;

/* Somebody who has proved who they are. */
struct vault_person {
	char actor[ID_TEXT_MAX + 8]; /* "person:ID" */
	ward_str roles;
	struct people_ring *ring; /* with their key unlocked */
};

/* By an option's login.  DENIED for a wrong phrase, and without the permission. */
ward_err vault_person_prove(const struct cli *cli, struct vault_scene *scene, const char *option,
		enum people_permission permission, struct vault_person *person,
		struct ward_error *error) WARD_MUST_USE;
void vault_person_leave(struct vault_person *person);
struct vault_actor vault_person_actor(const struct vault_person *person);
/* What they hold of the vault. */
ward_err vault_person_access(struct vault_scene *scene, struct vault_person *person,
		struct vault_access **access, struct ward_error *error) WARD_MUST_USE;

/* `--as` and `--second`. */
struct vault_two {
	struct vault_person first, second;
	struct vault_pair pair;
};
ward_err vault_two_prove(const struct cli *cli, struct vault_scene *scene,
		enum people_permission permission, enum people_permission second,
		struct vault_two *two, struct ward_error *error) WARD_MUST_USE;
void vault_two_leave(struct vault_two *two);

/* The id of who has this login, and their public key for the vault. */
ward_err vault_holder_find(struct vault_scene *scene, const char *login,
		char actor[ID_TEXT_MAX + 8], uint8_t public_key[PEOPLE_KEY_SIZE],
		struct ward_error *error) WARD_MUST_USE;

/* Access by `--share FILE...`, for two persons. */
ward_err vault_shares_access(const struct cli *cli, struct vault_scene *scene,
		const struct vault_pair *pair, struct vault_access **access,
		struct ward_error *error) WARD_MUST_USE;

/* Prints shares; a vault_show. */
ward_err vault_shares_print(void *context, const char *key, const char *const *shares,
		unsigned count, struct ward_error *error) WARD_MUST_USE;

/* "x25519:BASE64", or a file with such a line. */
ward_err vault_recipient_read(const char *text, uint8_t key[32],
		struct ward_error *error) WARD_MUST_USE;

/* The rows of `actions`, each in its file. */
int vault_run_init(struct cli *cli);
int vault_run_keys(struct cli *cli);
int vault_run_give(struct cli *cli);
int vault_run_take(struct cli *cli);
int vault_run_unlock(struct cli *cli);
int vault_run_rotate(struct cli *cli);
int vault_run_shares(struct cli *cli);
int vault_run_ls(struct cli *cli);
int vault_run_show(struct cli *cli);
int vault_run_holds(struct cli *cli);
int vault_run_clocks(struct cli *cli);
int vault_run_check(struct cli *cli);
int vault_run_hold(struct cli *cli);
int vault_run_renew(struct cli *cli);
int vault_run_release(struct cli *cli);
int vault_run_purge(struct cli *cli);
int vault_run_export(struct cli *cli);
int vault_run_sender(struct cli *cli);

#endif
