#include "site/file.h"

#include "base/checksum.h"

#include <stddef.h>
#include <sys/mman.h>

/* ---- opening ---- */

const char *site_part_name(unsigned part)
{
	static const char *const names[SITE_PARTS] = { "text", "blocks", "tags", "slots", "metas",
		"words", "extra blocks", "extras" };

	return part < SITE_PARTS ? names[part] : "unknown";
}

static ward_err corrupt(struct ward_error *error, const char *what)
{
	return ward_fail(error, WARD_E_CORRUPT, "the file of a site list is damaged: %s", what);
}

static ward_err read_parts(struct site_file *file, struct ward_error *error)
{
	for (int i = 0; i < SITE_PARTS; i++) {
		const struct site_part_place *place = &file->head.part[i];

		if (place->offset % SITE_ALIGN != 0 || place->offset > file->bytes.len ||
				place->size > file->bytes.len - place->offset)
			return corrupt(error, "a part lies outside of it");
		file->part[i] = (ward_bytes){ file->bytes.ptr + place->offset, place->size };
	}
	return WARD_OK;
}

/* Sizes that go with the counts: what is reached by a number is then there. */
static ward_err check_counts(struct site_file *file, struct ward_error *error)
{
	const struct site_head *head = &file->head;
	uint64_t blocks = head->entries / SITE_BLOCK + (head->entries % SITE_BLOCK != 0);

	if (head->entries >= SITE_ENTRIES_MAX || head->groups > UINT32_MAX ||
			head->homes > head->groups || head->metas > SITE_METAS_MAX)
		return corrupt(error, "it counts more than there can be");
	file->block_count = blocks;
	if (file->part[SITE_BLOCKS].len != (blocks + 1) * sizeof(uint64_t) ||
			file->part[SITE_TAGS].len != head->groups * SITE_GROUP * sizeof(uint16_t) ||
			file->part[SITE_SLOTS].len !=
					head->groups * SITE_GROUP * sizeof(uint32_t) ||
			file->part[SITE_METAS].len != head->metas * 4 * sizeof(uint32_t) ||
			(file->part[SITE_EXTRA_BLOCKS].len != 0 &&
					file->part[SITE_EXTRA_BLOCKS].len !=
							blocks * sizeof(uint64_t)))
		return corrupt(error, "a part has not the size that goes with the counts");
	return WARD_OK;
}

ward_err site_file_read(ward_bytes bytes, struct site_file *file, struct ward_error *error)
{
	struct site_file read = { .bytes = bytes };
	struct site_head *head = &read.head;
	struct ward_site_info info;
	ward_err err;

	if (bytes.len < sizeof(*head))
		return corrupt(error, "it is too short");
	memcpy(head, bytes.ptr, sizeof(*head));
	if (memcmp(head->magic, SITE_MAGIC, sizeof(head->magic)) != 0)
		return corrupt(error, "it does not begin as one");
	if (head->byte_order != SITE_BYTE_ORDER || head->version != SITE_VERSION)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the file of a site list is of another machine or version");
	if (head->checksum != checksum_of(head, offsetof(struct site_head, checksum)))
		return corrupt(error, "the checksum of its head is another");
	if (head->size != bytes.len)
		return corrupt(error, "it has not its size");
	if (!site_said_read(&head->said, &info))
		return corrupt(error, "what it says about itself makes no sense");
	err = read_parts(&read, error);
	if (!err)
		err = check_counts(&read, error);
	read.seed = site_seed_mend(head->seed);
	if (!err)
		*file = read;
	return err;
}

ward_err site_file_open(const char *path, struct site_file *file, struct ward_error *error)
{
	struct file_map map;
	ward_err err = file_map_open(path, &map, error);

	if (err)
		return err;
	err = site_file_read((ward_bytes){ map.ptr, map.len }, file, error);
	if (err) {
		file_map_close(&map);
		return err;
	}
	file->map = map;
	/* One entry here, one there: reading ahead would bring what nobody asks for. */
	(void)posix_madvise((void *)(uintptr_t)map.ptr, map.len, POSIX_MADV_RANDOM);
	return WARD_OK;
}

void site_file_close(struct site_file *file)
{
	file_map_close(&file->map);
	*file = (struct site_file){ 0 };
}

/* ---- what the list says about itself ---- */

static const struct {
	size_t offset, room;
} said_texts[] = {
	{ offsetof(struct ward_site_info, name), WARD_SITE_NAME_MAX },
	{ offsetof(struct ward_site_info, source), WARD_SITE_TEXT_MAX },
	{ offsetof(struct ward_site_info, licence), WARD_SITE_TEXT_MAX },
	{ offsetof(struct ward_site_info, category), WARD_SITE_NAME_MAX },
	{ offsetof(struct ward_site_info, class_code), WARD_SITE_NAME_MAX },
};

bool site_said_read(const struct site_said *said, struct ward_site_info *info)
{
	struct ward_site_info read;
	ward_str name = { said->text[0], strnlen(said->text[0], sizeof(said->text[0])) };

	if (!ward_site_info_init(&read, name) || said->sense >= WARD_SITE_SENSE_COUNT ||
			said->salt_len > sizeof(said->salt) ||
			!memchr(said->urn, '\0', sizeof(said->urn)))
		return false;
	for (size_t i = 0; i < sizeof(said_texts) / sizeof(*said_texts); i++) {
		if (!memchr(said->text[i], '\0', said_texts[i].room))
			return false;
		memcpy((char *)&read + said_texts[i].offset, said->text[i], said_texts[i].room);
	}
	memcpy(read.urn, said->urn, sizeof(read.urn));
	memcpy(read.publisher, said->publisher, sizeof(read.publisher));
	memcpy(read.last, said->last, sizeof(read.last));
	memcpy(read.salt, said->salt, sizeof(read.salt));
	read.sense = (ward_site_sense)said->sense;
	read.mandatory = said->mandatory != 0;
	read.hidden = said->hidden != 0;
	read.enabled = said->enabled != 0;
	read.has_publisher = said->has_publisher != 0;
	read.salt_len = said->salt_len;
	read.sequence = said->sequence;
	read.issued = said->issued;
	read.expires = said->expires;
	read.stale_after_s = said->stale_after_s;
	read.entry_life_s = said->entry_life_s;
	read.created = said->created;
	read.changed = said->changed;
	*info = read;
	return true;
}

struct site_said site_said_write(const struct ward_site_info *info)
{
	struct site_said said = { .sense = (uint8_t)info->sense,
		.mandatory = info->mandatory,
		.hidden = info->hidden,
		.enabled = info->enabled,
		.has_publisher = info->has_publisher,
		.salt_len = info->salt_len,
		.sequence = info->sequence,
		.issued = info->issued,
		.expires = info->expires,
		.stale_after_s = info->stale_after_s,
		.entry_life_s = info->entry_life_s,
		.created = info->created,
		.changed = info->changed };

	for (size_t i = 0; i < sizeof(said_texts) / sizeof(*said_texts); i++)
		memcpy(said.text[i], (const char *)info + said_texts[i].offset, said_texts[i].room);
	memcpy(said.urn, info->urn, sizeof(said.urn));
	memcpy(said.publisher, info->publisher, sizeof(said.publisher));
	memcpy(said.last, info->last, sizeof(said.last));
	memcpy(said.salt, info->salt, sizeof(said.salt));
	return said;
}

/* ---- what is said of an entry ---- */

static ward_str word_at(const struct site_file *file, uint32_t begin, uint32_t end)
{
	ward_bytes words = file->part[SITE_WORDS];

	if (begin > end || end > words.len)
		return (ward_str){ "", 0 };
	return (ward_str){ (const char *)words.ptr + begin, end - begin };
}

struct site_meta site_file_meta(const struct site_file *file, uint32_t meta)
{
	uint32_t at[4];

	if (meta >= file->head.metas)
		return (struct site_meta){ { "", 0 }, { "", 0 }, { "", 0 } };
	memcpy(at, file->part[SITE_METAS].ptr + meta * sizeof(at), sizeof(at));
	return (struct site_meta){ word_at(file, at[0], at[1]), word_at(file, at[1], at[2]),
		word_at(file, at[2], at[3]) };
}
