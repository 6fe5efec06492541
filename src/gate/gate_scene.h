/*
 * gate_scene.h - site lists of a test, made for real in a folder of its own
 */
#ifndef GATE_SCENE_H
#define GATE_SCENE_H

#include <ward/site.h>

#include "base/test.h"
#include "base/test_folder.h"
#include "gate/gate.h"

static struct ward_error error;

struct scene_list {
	const char *name;
	ward_site_sense sense;
	bool mandatory, hidden;
	const char *category;
	const char *entries[8]; /* as they are written; the rest NULL */
};

static inline ward_err scene_add(struct ward_site_writer *writer, const struct scene_list *list)
{
	struct ward_buf memory;
	ward_err err = WARD_OK;

	ward_buf_init(&memory, 1 << 20);
	for (size_t i = 0; i < 8 && list->entries[i] && !err; i++) {
		struct ward_site_entry entry = { .kind = WARD_SITE_PAGE };

		err = ward_site_entry_read(ward_str_from(list->entries[i]), WARD_SITE_BARE_DOMAIN,
				&memory, &entry, &error);
		if (!err)
			err = ward_site_writer_add(writer, &entry, &error);
	}
	ward_buf_free(&memory);
	return err;
}

/* FOLDER/sites/NAME; a list that is there is replaced. */
static inline bool scene_make(const struct scene_list *list)
{
	struct ward_site_writer *writer = NULL;
	struct ward_site_info info;
	char path[512];

	if (!ward_site_info_init(&info, ward_str_from(list->name)))
		return false;
	info.sense = list->sense;
	info.mandatory = list->mandatory;
	info.hidden = list->hidden;
	snprintf(info.category, sizeof(info.category), "%s", list->category ? list->category : "");
	snprintf(path, sizeof(path), "%s/sites/%s", folder, list->name);
	if (ward_site_create(path, &info, &writer, &error) != WARD_OK)
		return false;
	if (scene_add(writer, list) != WARD_OK) {
		ward_site_writer_cancel(writer);
		return false;
	}
	return ward_site_writer_commit(writer, &error) == WARD_OK;
}

/* All lists of the scene; NULL when one could not be opened. */
static inline struct ward_site_view *scene_view(void)
{
	struct ward_site_view *view = NULL;

	return ward_site_view_open(in_folder("sites"), NULL, NULL, &view, &error) == WARD_OK ? view
											     : NULL;
}

#endif
