/*
 * Reads all of a file: checksums, the order of its entries, and that each is found.
 */
#include "base/checksum.h"
#include "site/file.h"

#include <inttypes.h>
#include <stdlib.h>

static ward_err corrupt(struct ward_error *error, const char *what, uint64_t entry)
{
	return ward_fail(error, WARD_E_CORRUPT,
			"the file of a site list is damaged: entry %" PRIu64 " %s", entry, what);
}

static ward_err verify_parts(const struct site_file *file, struct ward_error *error)
{
	for (unsigned i = 0; i < SITE_PARTS; i++) {
		if (checksum_of(file->part[i].ptr, file->part[i].len) !=
				file->head.part[i].checksum)
			return ward_fail(error, WARD_E_CORRUPT,
					"the file of a site list is damaged: the checksum of its "
					"%s is another",
					site_part_name(i));
	}
	return WARD_OK;
}

static bool is_found(const struct site_file *file, const struct site_walk *walk)
{
	ward_str word = site_walk_word(walk);
	struct site_target target = { { word }, word.len };
	ward_site_kind kind = walk->step.kind;
	struct site_group group;
	struct site_step step;

	if (kind == WARD_SITE_DOMAIN || kind == WARD_SITE_HOST)
		return site_file_group(file, site_word_name(word, file->seed), word, &group) &&
		       (kind == WARD_SITE_HOST ? group.has_host && group.host.entry == walk->step.entry
					       : group.has_domain && group.domain.entry ==
										       walk->step.entry);
	return site_file_find(file, site_word_place(kind, word, file->seed), kind, &target,
			       &step) &&
	       step.entry == walk->step.entry;
}

static bool is_behind(ward_str word, ward_site_kind kind, ward_str last, ward_site_kind last_kind)
{
	int order = ward_str_cmp(word, last);

	return order > 0 || (order == 0 && site_kind_order(kind) > site_kind_order(last_kind));
}

/* The key of every word is one, and makes the same word. */
static bool is_word(const struct site_walk *walk, char *key, struct ward_buf *again)
{
	ward_str word = site_walk_word(walk);
	ward_site_kind kind = walk->step.kind;
	ward_str text = { key, site_word_key(kind, word, key) };

	ward_buf_clear(again);
	return !site_key_word(kind, text, again, NULL) && ward_str_eq(ward_buf_text(again), word);
}

struct verifier {
	const struct site_file *file;
	char *word, *last, *key;
	struct ward_buf again;
};

static ward_err verify_entries(struct verifier *v, struct ward_error *error)
{
	const struct site_file *file = v->file;
	ward_site_kind last_kind = WARD_SITE_PAGE;
	struct site_walk walk;
	ward_str last = { v->last, 0 };
	uint64_t count = 0;

	site_walk_begin(&walk, file, v->word);
	for (; site_walk_next(&walk); count++) {
		ward_str word = site_walk_word(&walk);

		if (count > 0 && !is_behind(word, walk.step.kind, last, last_kind))
			return corrupt(error, "is out of order", count);
		if (!is_word(&walk, v->key, &v->again))
			return corrupt(error, "is no place", count);
		if (walk.step.meta >= file->head.metas)
			return corrupt(error, "has a category that is not there", count);
		if (!is_found(file, &walk))
			return corrupt(error, "is not found by its name", count);
		memcpy(v->last, word.ptr, word.len);
		last.len = word.len;
		last_kind = walk.step.kind;
	}
	return count == file->head.entries ? WARD_OK : corrupt(error, "cannot be read", count);
}

ward_err site_file_verify(const struct site_file *file, struct ward_error *error)
{
	struct verifier v = { .file = file };
	ward_err err = verify_parts(file, error);

	if (err)
		return err;
	ward_buf_init(&v.again, SITE_WORD_ROOM);
	v.word = malloc(SITE_WORD_ROOM);
	v.last = malloc(SITE_WORD_ROOM);
	v.key = malloc(SITE_WORD_ROOM);
	if (v.word && v.last && v.key)
		err = verify_entries(&v, error);
	else
		err = ward_fail(error, WARD_E_NOMEM, "no memory to verify a list");
	ward_buf_free(&v.again);
	free(v.word);
	free(v.last);
	free(v.key);
	return err;
}
