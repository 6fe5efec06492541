#include "vault/vault_test.h"

#include "vault/inner.h"
#include "vault/shares.h"

/* ---- making ---- */

static void a_vault_is_given_its_keys_once(void)
{
	struct vault_plan plan = { WARD_STR("review"), 2, 3, 2, 3 };
	struct vault_actor actor = actor_of(&anna);
	struct vault_access *access;
	struct shown again = { .keys = 0 };

	CHECK(start());
	CHECK_EQ(shown.keys, 2);
	CHECK_STR(shown.key[0], "master");
	CHECK_EQ(shown.count[0], 3);
	CHECK_STR(shown.key[1], "backup");
	CHECK_EQ(shown.count[1], 5);
	CHECK_EQ(vault_keys_make(vault, &plan, &actor, show, &again, &access, &error),
			WARD_E_EXISTS);
	CHECK_EQ(again.keys, 0);
	end();
}

static ward_err fail_to_show(void *context, const char *key, const char *const *shares,
		unsigned count, struct ward_error *failure)
{
	(void)context;
	(void)key;
	(void)shares;
	(void)count;
	return ward_fail(failure, WARD_E_IO, "the printer is out of paper");
}

static void shares_that_cannot_be_shown_change_nothing(void)
{
	struct vault_plan plan = { WARD_STR("review"), 2, 3, 2, 3 };
	struct vault_actor actor = actor_of(&anna);
	struct vault_access *access;

	CHECK(open_vault());
	CHECK_EQ(vault_keys_make(vault, &plan, &actor, fail_to_show, NULL, &access, &error),
			WARD_E_IO);
	CHECK_EQ(ask("SELECT count(*) FROM vault_keys"), 0);
	end();
}

static void a_plan_that_makes_no_sense_is_refused(void)
{
	const struct vault_plan plans[] = {
		{ WARD_STR("review"), 1, 3, 2, 3 },
		{ WARD_STR("review"), 4, 3, 2, 3 },
		{ WARD_STR("review"), 2, 33, 2, 3 },
		{ WARD_STR("review"), 2, 3, 0, 0 },
		{ WARD_STR(""), 2, 3, 2, 3 },
		{ WARD_STR("review,review"), 2, 3, 2, 3 },
		{ WARD_STR("master"), 2, 3, 2, 3 },
		{ WARD_STR("Review"), 2, 3, 2, 3 },
		{ WARD_STR("a role"), 2, 3, 2, 3 },
		{ WARD_STR("review,"
			   "a23456789012345678901234567890123"),
				2, 3, 2, 3 },
	};
	struct vault_actor actor = actor_of(&anna);
	struct vault_access *access;

	CHECK(open_vault());
	for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++)
		CHECK_EQ(vault_keys_make(vault, &plans[i], &actor, fail_to_show, NULL, &access,
					 &error),
				WARD_E_ARGUMENT);
	CHECK_EQ(ask("SELECT count(*) FROM vault_keys"), 0);
	end();
}

static bool holds(ward_bytes bytes, const uint8_t secret[VAULT_SECRET_SIZE])
{
	bool found = false;

	for (size_t at = 0; at + VAULT_SECRET_SIZE <= bytes.len; at++)
		found = found || memcmp(bytes.ptr + at, secret, VAULT_SECRET_SIZE) == 0;
	return found;
}

static ward_err unlock_with(const ward_str *shares, unsigned count, const struct who *first,
		const struct who *second, struct vault_access **access);

/* The secret halves of master, roles and people lie nowhere in the store in the clear. */
static void the_store_holds_no_secret_in_the_clear(void)
{
	static const char *const blobs[] = { "SELECT public_key FROM vault_keys",
		"SELECT wrap FROM vault_holders", "SELECT public_key FROM vault_holders",
		"SELECT wrap FROM vault_wraps" };

	CHECK(start());
	CHECK(keep("x")[0] != '\0');
	const ward_str master[] = { share_of(0, 1), share_of(0, 2) };
	struct vault_access *access;

	CHECK_EQ(unlock_with(master, 2, &anna, &boris, &access), WARD_OK);
	CHECK_EQ(access->count, 3);
	for (size_t i = 0; i < sizeof(blobs) / sizeof(*blobs); i++) {
		unsigned looked_at = 0;
		struct store_rows *rows;
		struct store_tx *tx;

		CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
		CHECK_EQ(store_query(tx, blobs[i], STORE_NO_VALUES, &rows, &error), WARD_OK);
		while (store_next(rows)) {
			ward_bytes bytes = store_get_blob(rows, 0);

			CHECK(!holds(bytes, anna.secret) && !holds(bytes, boris.secret));
			for (size_t k = 0; k < access->count; k++)
				CHECK(!holds(bytes, access->keys[k].secret_key));
			looked_at++;
		}
		CHECK_EQ(store_rows_end(rows, &error), WARD_OK);
		store_read_end(tx);
		CHECK(looked_at >= 4);
	}
	vault_access_free(access);
	end();
}

/* ---- holding ---- */

static void who_holds_a_role_gives_it_to_others(void)
{
	CHECK(start());
	const char *id = keep("a boat");
	struct vault_access *access = unlock(&anna);

	CHECK(vault_access_has(access, WARD_STR("review")));
	CHECK(!vault_access_has(access, WARD_STR("filing")));
	CHECK(!vault_access_has(access, WARD_STR("master")));
	CHECK(give(access, "review", &carol));
	CHECK(!give(access, "filing", &carol));
	CHECK_EQ(error.code, WARD_E_DENIED);
	CHECK(!give(access, "master", &carol));
	CHECK_EQ(error.code, WARD_E_NOT_FOUND);
	CHECK_STR(see(&carol, id), "a boat");
	CHECK_STR(log_of("key", "review").action, "key.given");
	CHECK_STR(log_of("key", "review").detail, "{\"generation\":1,\"holder\":\"person:carol\"}");
	vault_access_free(access);
	end();
}

static void a_role_that_is_taken_away_opens_nothing_at_the_next_unlocking(void)
{
	struct vault_actor actor = actor_of(&boris);

	CHECK(start());
	const char *id = keep("a boat");

	CHECK_EQ(vault_key_take(vault, &actor, WARD_STR("review"), WARD_STR("person:carol"),
				 WARD_STR("r"), &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(vault_key_take(vault, &actor, WARD_STR("review"), WARD_STR("person:anna"),
				 WARD_STR("she left"), &error),
			WARD_OK);
	CHECK_STR(see(&anna, id), "denied");
	CHECK_STR(log_of("key", "review").action, "key.taken");
	CHECK_STR(log_of("key", "review").reason, "she left");
	CHECK_EQ(vault_key_take(vault, &actor, WARD_STR("review"), WARD_STR("vault:x"),
				 WARD_STR(""), &error),
			WARD_E_ARGUMENT);
	end();
}

static ward_err take_not_last(const char *holder)
{
	struct vault_actor actor = actor_of(&boris);

	return vault_key_take_not_last(vault, &actor, WARD_STR("review"), ward_str_from(holder),
			WARD_STR("she left"), &error);
}

static void the_last_person_of_a_role_keeps_it(void)
{
	CHECK(start());
	const char *id = keep("a boat");
	struct vault_access *access = unlock(&anna);

	CHECK_EQ(take_not_last("person:anna"), WARD_E_CONFLICT);
	CHECK_STR(see(&anna, id), "a boat");
	CHECK(give(access, "review", &carol));
	CHECK_EQ(take_not_last("person:boris"), WARD_E_NOT_FOUND);
	CHECK_EQ(take_not_last("person:anna"), WARD_OK);
	CHECK_STR(see(&anna, id), "denied");
	CHECK_EQ(take_not_last("person:carol"), WARD_E_CONFLICT);
	CHECK_STR(see(&carol, id), "a boat");
	vault_access_free(access);
	end();
}

static void anothers_secret_opens_nothing(void)
{
	struct vault_actor actor = actor_of(&anna);
	struct vault_access *access = NULL;
	uint8_t nothing[32] = { 0 };

	CHECK(start());
	CHECK_EQ(vault_unlock(vault, &actor, boris.secret, &access, &error), WARD_E_DENIED);
	CHECK_EQ(vault_unlock(vault, &actor, nothing, &access, &error), WARD_E_DENIED);
	CHECK(access == NULL);
	/* A wrap that was moved to somebody else's name does not open either. */
	CHECK(run("UPDATE vault_holders SET holder = 'person:carol' WHERE holder = 'person:anna'"));
	actor = actor_of(&carol);
	CHECK_EQ(vault_unlock(vault, &actor, anna.secret, &access, &error), WARD_E_DENIED);
	end();
}

static ward_err refuse(void *context, struct store_tx *tx, struct ward_error *failure)
{
	(void)context;
	(void)tx;
	return ward_fail(failure, WARD_E_DENIED, "nobody confirmed it");
}

static ward_err give_by_two(const struct vault_access *access, const struct vault_pair *persons,
		const char *reason)
{
	return vault_key_give_by_two(vault, access, persons, WARD_STR("review"),
			ward_str_from(carol.name), carol.public_key, ward_str_from(reason), &error);
}

static void a_role_is_given_by_two_persons_with_what_the_second_confirmed(void)
{
	struct vault_pair persons = pair_of(&anna, &boris), alone = pair_of(&anna, &anna);
	struct vault_pair unconfirmed = persons;

	CHECK(start());
	const char *item = keep("x");
	struct vault_access *access = unlock(&anna);

	unconfirmed.use = refuse;
	CHECK_EQ(give_by_two(access, &alone, "she began today"), WARD_E_DENIED);
	CHECK_EQ(give_by_two(access, &persons, " "), WARD_E_ARGUMENT);
	CHECK_EQ(give_by_two(access, &unconfirmed, "she began today"), WARD_E_DENIED);
	CHECK_STR(see(&carol, item), "denied");
	CHECK_EQ(give_by_two(access, &persons, "she began today"), WARD_OK);
	CHECK_STR(log_of("key", "review").action, "key.given");
	CHECK_STR(log_of("key", "review").reason, "she began today");
	CHECK_STR(see(&carol, item), "x");
	vault_access_free(access);
	end();
}

static void a_public_key_that_is_none_is_not_given_a_role(void)
{
	struct who nobody = { .name = "person:nobody" };

	CHECK(start());
	struct vault_access *access = unlock(&anna);

	CHECK(!give(access, "review", &nobody)); /* all zero: a point of small order */
	CHECK_EQ(error.code, WARD_E_ARGUMENT);
	vault_access_free(access);
	end();
}

static void an_access_lasts_as_long_as_somebody_keeps_it(void)
{
	struct ward_buf plain;

	CHECK(start());
	const char *id = keep("a boat");
	struct vault_access *access = unlock(&anna), *kept = vault_access_keep(access);

	vault_access_free(access);
	ward_buf_init(&plain, 100);
	CHECK_EQ(open_with(kept, id, &plain), WARD_OK);
	vault_access_free(kept);
	ward_buf_free(&plain);
	end();
}

struct names {
	char text[400];
};

static bool take_holder(void *context, ward_str holder, int64_t since)
{
	struct names *names = context;
	size_t len = strlen(names->text);

	snprintf(names->text + len, sizeof(names->text) - len, "%.*s %d;", WARD_FMT(holder),
			(int)(since - NOW));
	return true;
}

static bool take_key(void *context, const struct vault_key *key)
{
	struct names *names = context;
	size_t len = strlen(names->text);

	snprintf(names->text + len, sizeof(names->text) - len, "%s %u %u/%u %d %s;", key->name,
			key->generation, key->needed, key->count, (int)key->items,
			key->retired_at ? "old" : "");
	return true;
}

static const char *list_keys(void)
{
	static struct names names;
	struct store_tx *tx;

	names.text[0] = '\0';
	if (store_read(store, &tx, &error) != WARD_OK)
		return "?";
	if (vault_key_list(tx, take_key, &names, &error) != WARD_OK)
		names.text[0] = '?';
	store_read_end(tx);
	return names.text;
}

static void keys_and_their_holders_are_listed(void)
{
	struct names names = { "" };
	struct store_tx *tx;

	CHECK(start());
	CHECK(keep("x")[0] != '\0');
	CHECK_STR(list_keys(), "filing 1 0/0 1 ;review 1 0/0 1 ;backup 1 3/5 1 ;master 1 2/3 1 ;");
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(vault_holder_list(tx, WARD_STR("review"), take_holder, &names, &error), WARD_OK);
	store_read_end(tx);
	CHECK_STR(names.text, "person:anna 0;");
	end();
}

/* ---- shares ---- */

static ward_err unlock_with(const ward_str *shares, unsigned count, const struct who *first,
		const struct who *second, struct vault_access **access)
{
	struct vault_pair persons = pair_of(first, second);

	return vault_unlock_shares(vault, shares, count, &persons, WARD_STR("all keys were lost"),
			access, &error);
}

static void two_persons_with_enough_shares_have_every_role(void)
{
	struct vault_access *access;
	struct ward_buf plain;

	CHECK(start());
	const char *id = keep("a boat");
	const ward_str master[] = { share_of(0, 3), share_of(0, 1) };
	const ward_str backup[] = { share_of(1, 5), share_of(1, 2), share_of(1, 3) };

	ward_buf_init(&plain, 100);
	CHECK_EQ(unlock_with(master, 2, &anna, &boris, &access), WARD_OK);
	CHECK(vault_access_has(access, WARD_STR("review")));
	CHECK(vault_access_has(access, WARD_STR("filing")));
	CHECK_STR(log_of("key", "master").action, "key.unlocked");
	CHECK_STR(log_of("key", "master").detail,
			"{\"generation\":1,\"second\":\"person:boris\",\"shares\":[3,1]}");
	CHECK_EQ(open_with(access, id, &plain), WARD_OK);
	CHECK(strstr(log_of("item", id).detail, "\"second\":\"person:boris\"") != NULL);
	/* Which is how a role that nobody holds any more is given again. */
	CHECK(give(access, "filing", &carol));
	vault_access_free(access);
	CHECK_STR(see(&carol, id), "a boat");
	CHECK_EQ(unlock_with(backup, 3, &carol, &boris, &access), WARD_OK);
	CHECK(vault_access_has(access, WARD_STR("review")));
	CHECK_STR(log_of("key", "backup").action, "key.unlocked");
	vault_access_free(access);
	ward_buf_free(&plain);
	end();
}

static void an_item_that_only_the_master_opens_is_opened_by_it(void)
{
	struct vault_access *access;
	struct ward_buf plain;

	CHECK(start());
	const char *id = keep("a boat");
	const ward_str master[] = { share_of(0, 3), share_of(0, 1) };

	CHECK(run("DELETE FROM vault_wraps WHERE key IN (SELECT id FROM vault_keys WHERE split = "
		  "0)"));
	CHECK_STR(see(&anna, id), "denied");
	CHECK_EQ(unlock_with(master, 2, &anna, &boris, &access), WARD_OK);
	ward_buf_init(&plain, 100);
	CHECK_EQ(open_with(access, id, &plain), WARD_OK);
	vault_access_free(access);
	ward_buf_free(&plain);
	end();
}

static void shares_want_two_persons(void)
{
	struct who robot = { .name = "key:robot" }, nobody = { .name = "person:" };
	struct vault_access *access = NULL;
	struct vault_pair persons = pair_of(&anna, &boris);

	CHECK(start());
	const ward_str master[] = { share_of(0, 1), share_of(0, 2) };

	CHECK_EQ(unlock_with(master, 2, &anna, &anna, &access), WARD_E_DENIED);
	CHECK_STR(error.message, "this wants two persons, and these are the same one");
	CHECK_EQ(unlock_with(master, 2, &anna, &robot, &access), WARD_E_DENIED);
	CHECK_EQ(unlock_with(master, 2, &nobody, &anna, &access), WARD_E_DENIED);
	CHECK_EQ(vault_unlock_shares(vault, master, 2, &persons, WARD_STR(""), &access, &error),
			WARD_E_ARGUMENT);
	CHECK(access == NULL);
	end();
}

static ward_err not_confirmed(void *context, struct store_tx *tx, struct ward_error *failure)
{
	(void)tx;
	(*(int *)context)++;
	return ward_fail(failure, WARD_E_DENIED, "nobody confirmed this");
}

static void what_the_second_did_not_confirm_is_not_done(void)
{
	struct vault_pair persons = pair_of(&anna, &boris);
	struct vault_access *access = NULL;
	int asked = 0;

	CHECK(start());
	const ward_str master[] = { share_of(0, 1), share_of(0, 2) };

	persons.use = not_confirmed;
	persons.context = &asked;
	CHECK_EQ(vault_unlock_shares(vault, master, 2, &persons, WARD_STR("why"), &access, &error),
			WARD_E_DENIED);
	CHECK_STR(error.message, "nobody confirmed this");
	CHECK(asked >= 1 && access == NULL);
	end();
}

static void too_few_mixed_wrong_or_foreign_shares_open_nothing(void)
{
	struct vault_access *access = NULL;
	char forged[2][SHARE_TEXT_MAX];
	struct share share;

	CHECK(start());
	const ward_str few[] = { share_of(1, 1), share_of(1, 2) };
	const ward_str mixed[] = { share_of(0, 1), share_of(1, 2), share_of(1, 3) };
	const ward_str twice[] = { share_of(0, 1), share_of(0, 1) };
	const ward_str garbled[] = { share_of(0, 1), WARD_STR("lusab babad") };

	CHECK_EQ(unlock_with(few, 2, &anna, &boris, &access), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "3 shares are needed, and 2 are given");
	CHECK_EQ(unlock_with(mixed, 3, &anna, &boris, &access), WARD_E_ARGUMENT);
	CHECK_EQ(unlock_with(twice, 2, &anna, &boris, &access), WARD_E_ARGUMENT);
	CHECK_EQ(unlock_with(few, 0, &anna, &boris, &access), WARD_E_ARGUMENT);
	CHECK_EQ(unlock_with(garbled, 2, &anna, &boris, &access), WARD_E_FORMAT);
	CHECK_STR(error.message, "share 2 of those given: a share has 24 words, and here are 2");
	/* A share that reads well and is made up: right tag, wrong bytes. */
	CHECK_EQ(share_parse(share_of(0, 2), &share, &error), WARD_OK);
	share.bytes[3] ^= 1;
	share_format(&share, forged[0]);
	const ward_str wrong[] = { share_of(0, 1), ward_str_from(forged[0]) };

	CHECK_EQ(unlock_with(wrong, 2, &anna, &boris, &access), WARD_E_DENIED);
	CHECK_STR(log_of("key", "master").action, "key.refused");
	share.tag[0] ^= 1;
	share_format(&share, forged[0]);
	share.number = 1;
	share_format(&share, forged[1]);
	const ward_str foreign[] = { ward_str_from(forged[0]), ward_str_from(forged[1]) };

	CHECK_EQ(unlock_with(foreign, 2, &anna, &boris, &access), WARD_E_NOT_FOUND);
	CHECK(access == NULL);
	end();
}

static void a_share_tells_what_it_is_of(void)
{
	struct vault_share_facts facts;

	CHECK(start());
	CHECK_EQ(vault_share_look(vault, share_of(1, 4), &facts, &error), WARD_OK);
	CHECK_STR(facts.key, "backup");
	CHECK_EQ(facts.number, 4);
	CHECK_EQ(facts.needed, 3);
	CHECK_EQ(facts.count, 5);
	CHECK_EQ(facts.generation, 1);
	CHECK(!facts.retired);
	CHECK_EQ(vault_share_look(vault, WARD_STR("hello"), &facts, &error), WARD_E_FORMAT);
	end();
}

/* ---- more roles ---- */

static void a_role_is_added_with_shares_alone(void)
{
	struct vault_access *access;

	CHECK(start());
	const ward_str master[] = { share_of(0, 1), share_of(0, 2) };
	struct vault_access *annas = unlock(&anna);

	CHECK_EQ(vault_key_add_role(vault, annas, WARD_STR("police"), &error), WARD_E_DENIED);
	vault_access_free(annas);
	const char *before = keep("sealed before");

	CHECK_EQ(unlock_with(master, 2, &anna, &boris, &access), WARD_OK);
	CHECK_EQ(vault_key_add_role(vault, access, WARD_STR("police"), &error), WARD_OK);
	CHECK_EQ(vault_key_add_role(vault, access, WARD_STR("police"), &error), WARD_E_EXISTS);
	CHECK(give(access, "police", &carol));
	vault_access_free(access);
	const char *after = keep("sealed behind it");

	CHECK_STR(see(&carol, before), "denied");
	CHECK_STR(see(&carol, after), "sealed behind it");
	/* The shares that were printed before open the new role, too. */
	CHECK_EQ(unlock_with(master, 2, &anna, &boris, &access), WARD_OK);
	CHECK(vault_access_has(access, WARD_STR("police")));
	vault_access_free(access);
	end();
}

/* ---- rotating ---- */

static void a_rotated_role_opens_what_it_opened_and_forgets_who_left(void)
{
	struct vault_rotated rotated;
	char ids[5][ID_TEXT_MAX];

	CHECK(start());
	for (int i = 0; i < 5; i++)
		memcpy(ids[i], keep("a boat"), ID_TEXT_MAX);
	struct vault_access *access = unlock(&anna);
	struct stat before, after;

	CHECK(give(access, "review", &carol));
	CHECK_EQ(stat(path_of(ids[0], ".sealed"), &before), 0);
	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("review"), WARD_STR("person:carol"), show,
				 &shown, &rotated, &error),
			WARD_OK);
	CHECK_EQ(rotated.generation, 2);
	CHECK_EQ(rotated.items, 5);
	CHECK(!rotated.taken_up);
	vault_access_free(access);
	/* The payload was not touched. */
	CHECK_EQ(stat(path_of(ids[0], ".sealed"), &after), 0);
	CHECK(before.st_ino == after.st_ino && before.st_mtime == after.st_mtime);
	const char *next = keep("sealed behind it");

	for (int i = 0; i < 5; i++) {
		CHECK_STR(see(&anna, ids[i]), "a boat");
		CHECK_STR(see(&carol, ids[i]), "denied");
	}
	CHECK_STR(see(&anna, next), "sealed behind it");
	CHECK_STR(list_keys(), "filing 1 0/0 6 ;review 1 0/0 0 old;review 2 0/0 6 ;"
			       "backup 1 3/5 6 ;master 1 2/3 6 ;");
	CHECK_EQ(ask("SELECT count(*) FROM vault_holders h JOIN vault_keys k ON k.id = h.key "
		     "WHERE k.retired_at <> 0"),
			0);
	end();
}

static void an_access_from_before_a_rotation_is_told_to_unlock_again(void)
{
	struct vault_rotated rotated;
	struct ward_buf plain;

	CHECK(start());
	struct vault_access *access = unlock(&anna);

	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("review"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_OK);
	const char *id = keep("a boat");

	ward_buf_init(&plain, 100);
	CHECK_EQ(open_with(access, id, &plain), WARD_E_DENIED);
	CHECK(strstr(error.message, "unlock again") != NULL);
	vault_access_free(access);
	ward_buf_free(&plain);
	end();
}

/* Sealed under the old generation, put under the new one. */
static void what_was_sealed_before_a_rotation_is_put_behind_it(void)
{
	struct vault_arrival arrival = { .bytes = { (const uint8_t *)"x", 1 } };
	struct put put = { .fail = WARD_OK };
	struct vault_rotated rotated;

	CHECK(start());
	struct vault_access *access = unlock(&anna);

	CHECK_EQ(vault_seal(vault, &arrival, &put.sealed, &error), WARD_OK);
	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("review"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_OK);
	CHECK_EQ(store_write(store, put_work, &put, &error), WARD_OK);
	CHECK_STR(see(&anna, vault_sealed_facts(put.sealed)->id), "x");
	CHECK_EQ(ask("SELECT count(*) FROM vault_wraps w JOIN vault_keys k ON k.id = w.key "
		     "WHERE k.retired_at <> 0"),
			0);
	vault_sealed_free(put.sealed);
	vault_access_free(access);
	end();
}

static void a_split_key_is_rotated_with_its_shares_and_the_old_ones_open_nothing(void)
{
	struct vault_rotated rotated;
	struct vault_access *access;
	struct shown old;

	CHECK(start());
	const char *id = keep("a boat");
	const ward_str master[] = { share_of(0, 1), share_of(0, 2) };
	struct vault_access *annas = unlock(&anna);

	CHECK_EQ(vault_key_rotate(vault, annas, WARD_STR("master"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_E_DENIED);
	CHECK_EQ(vault_key_rotate(vault, annas, WARD_STR("filing"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_E_DENIED);
	CHECK_EQ(vault_key_rotate(vault, annas, WARD_STR("nothing"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_E_NOT_FOUND);
	vault_access_free(annas);
	CHECK_EQ(unlock_with(master, 2, &anna, &boris, &access), WARD_OK);
	old = shown;
	shown.keys = 0;
	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("master"), WARD_STR(""), fail_to_show,
				 NULL, &rotated, &error),
			WARD_E_IO);
	CHECK_EQ(ask("SELECT count(*) FROM vault_keys"), 4);
	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("master"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_OK);
	vault_access_free(access);
	CHECK_EQ(rotated.items, 1);
	CHECK_EQ(shown.keys, 1);
	CHECK_EQ(shown.count[0], 3);
	const ward_str before[] = { ward_str_from(old.text[0][0]), ward_str_from(old.text[0][1]) };
	const ward_str now[] = { share_of(0, 2), share_of(0, 3) };
	const ward_str both[] = { share_of(0, 3), ward_str_from(old.text[0][0]) };

	CHECK_EQ(unlock_with(before, 2, &anna, &boris, &access), WARD_E_DENIED);
	CHECK(strstr(error.message, "was replaced") != NULL);
	CHECK_EQ(unlock_with(both, 2, &anna, &boris, &access), WARD_E_ARGUMENT);
	CHECK_EQ(unlock_with(now, 2, &anna, &boris, &access), WARD_OK);
	CHECK(vault_access_has(access, WARD_STR("review")));
	CHECK(give(access, "review", &carol));
	vault_access_free(access);
	CHECK_STR(see(&carol, id), "a boat");
	end();
}

/* As a crash leaves it: the next generation is in use, and some items are not moved. */
static void a_rotation_that_was_interrupted_is_taken_up(void)
{
	struct vault_rotated rotated;
	char ids[3][ID_TEXT_MAX];

	CHECK(start());
	for (int i = 0; i < 3; i++)
		memcpy(ids[i], keep("a boat"), ID_TEXT_MAX);
	/* An item that does not open stops it on the way. */
	CHECK(run("CREATE TABLE put_aside AS SELECT item, key, wrap FROM vault_wraps"));
	CHECK(run("UPDATE vault_wraps SET wrap = (SELECT p.wrap FROM put_aside p WHERE "
		  "p.item = (SELECT min(item) FROM put_aside) LIMIT 1) "
		  "WHERE item = (SELECT max(item) FROM put_aside)"));
	struct vault_access *access = unlock(&anna);

	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("review"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_E_DENIED);
	vault_access_free(access);
	CHECK_STR(see(&anna, ids[0]), "a boat");
	CHECK(run("UPDATE vault_wraps SET wrap = (SELECT p.wrap FROM put_aside p WHERE "
		  "p.item = vault_wraps.item AND p.key = vault_wraps.key)"));
	access = unlock(&anna);
	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("review"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_OK);
	CHECK(rotated.taken_up);
	CHECK_EQ(rotated.generation, 2);
	CHECK_EQ(rotated.items, 3);
	vault_access_free(access);
	for (int i = 0; i < 3; i++)
		CHECK_STR(see(&anna, ids[i]), "a boat");
	access = unlock(&anna);
	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("review"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_OK);
	CHECK_EQ(rotated.generation, 3);
	vault_access_free(access);
	end();
}

static void more_items_than_one_work_moves_are_moved(void)
{
	struct vault_rotated rotated;

	CHECK(start());
	for (int i = 0; i < 450; i++)
		CHECK(keep("a boat")[0] != '\0');
	struct vault_access *access = unlock(&anna);

	CHECK_EQ(vault_key_rotate(vault, access, WARD_STR("review"), WARD_STR(""), show, &shown,
				 &rotated, &error),
			WARD_OK);
	CHECK_EQ(rotated.items, 450);
	CHECK_EQ(ask("SELECT count(*) FROM vault_wraps"), 4 * 450);
	vault_access_free(access);
	end();
}

static const struct test_case cases[] = {
	{ "a vault is given its keys once", a_vault_is_given_its_keys_once },
	{ "shares that cannot be shown change nothing",
			shares_that_cannot_be_shown_change_nothing },
	{ "a plan that makes no sense is refused", a_plan_that_makes_no_sense_is_refused },
	{ "the store holds no secret in the clear", the_store_holds_no_secret_in_the_clear },
	{ "who holds a role gives it to others", who_holds_a_role_gives_it_to_others },
	{ "a role that is taken away opens nothing at the next unlocking",
			a_role_that_is_taken_away_opens_nothing_at_the_next_unlocking },
	{ "the last person of a role keeps it", the_last_person_of_a_role_keeps_it },
	{ "another's secret opens nothing", anothers_secret_opens_nothing },
	{ "a role is given by two persons, with what the second confirmed",
			a_role_is_given_by_two_persons_with_what_the_second_confirmed },
	{ "a public key that is none is not given a role",
			a_public_key_that_is_none_is_not_given_a_role },
	{ "an access lasts as long as somebody keeps it",
			an_access_lasts_as_long_as_somebody_keeps_it },
	{ "keys and their holders are listed", keys_and_their_holders_are_listed },
	{ "two persons with enough shares have every role",
			two_persons_with_enough_shares_have_every_role },
	{ "an item that only the master opens is opened by it",
			an_item_that_only_the_master_opens_is_opened_by_it },
	{ "shares want two persons", shares_want_two_persons },
	{ "what the second did not confirm is not done",
			what_the_second_did_not_confirm_is_not_done },
	{ "too few, mixed, wrong or foreign shares open nothing",
			too_few_mixed_wrong_or_foreign_shares_open_nothing },
	{ "a share tells what it is of", a_share_tells_what_it_is_of },
	{ "a role is added with shares alone", a_role_is_added_with_shares_alone },
	{ "a rotated role opens what it opened, and forgets who left",
			a_rotated_role_opens_what_it_opened_and_forgets_who_left },
	{ "an access from before a rotation is told to unlock again",
			an_access_from_before_a_rotation_is_told_to_unlock_again },
	{ "what was sealed before a rotation is put behind it",
			what_was_sealed_before_a_rotation_is_put_behind_it },
	{ "a split key is rotated with its shares, and the old ones open nothing",
			a_split_key_is_rotated_with_its_shares_and_the_old_ones_open_nothing },
	{ "a rotation that was interrupted is taken up",
			a_rotation_that_was_interrupted_is_taken_up },
	{ "more items than one work moves are moved", more_items_than_one_work_moves_are_moved },
};
TEST_MAIN(cases)
