#include "bin/disk_kept_record.h"

/* Of finds and rows; their text stays where it is. */
#define MEMORY_MAX ((size_t)8 << 30)

/* ---- records ---- */

/* The next one's content off the front; 0 is what is none, or torn. */
static unsigned next_record(ward_bytes *rest, ward_bytes *content)
{
	struct ward_reader head = ward_reader_from(*rest);
	uint32_t len = ward_read_u32le(&head);
	unsigned kind = ward_read_u8(&head);

	if (rest->len < DISK_KEPT_HEAD || len > rest->len - DISK_KEPT_HEAD)
		return 0;
	*content = (ward_bytes){ rest->ptr + DISK_KEPT_HEAD, len };
	rest->ptr += DISK_KEPT_HEAD + (size_t)len;
	rest->len -= DISK_KEPT_HEAD + (size_t)len;
	return kind;
}

static bool begins_well(ward_bytes bytes)
{
	return bytes.len >= DISK_KEPT_MAGIC_LEN &&
	       memcmp(bytes.ptr, DISK_KEPT_MAGIC, DISK_KEPT_MAGIC_LEN) == 0;
}

size_t disk_kept_whole(ward_bytes bytes)
{
	ward_bytes content;

	if (!begins_well(bytes))
		return 0;
	ward_bytes rest = { bytes.ptr + DISK_KEPT_MAGIC_LEN, bytes.len - DISK_KEPT_MAGIC_LEN };

	while (next_record(&rest, &content) != 0)
		;
	return bytes.len - rest.len;
}

/* ---- what they say ---- */

static struct disk_kept_row *add_row(struct disk_kept *kept)
{
	if (kept->row_count == kept->row_room) {
		size_t room = kept->row_room ? kept->row_room * 2 : 256;
		struct disk_kept_row *rows = reallocarray(kept->rows, room, sizeof(*rows));

		if (!rows)
			return NULL;
		kept->rows = rows;
		kept->row_room = room;
	}
	kept->rows[kept->row_count] = (struct disk_kept_row){ .run = kept->run };
	return &kept->rows[kept->row_count++];
}

static bool same_words(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Of the same images, by the same lists: what one did not come to, the other may have. */
static bool same_work(const struct disk_report *report, const struct disk_report *other)
{
	bool same = report->image_count == other->image_count &&
		    report->list_count == other->list_count;

	for (size_t i = 0; same && i < report->image_count; i++)
		same = same_words(report->images[i].path, other->images[i].path);
	for (size_t i = 0; same && i < report->list_count; i++)
		same = same_words(report->lists[i].info->name, other->lists[i].info->name) &&
		       same_words(report->lists[i].version, other->lists[i].version) &&
		       report->lists[i].entries == other->lists[i].entries;
	return same;
}

static void drop_rows(struct disk_kept *kept)
{
	for (size_t i = 0; i < kept->row_count; i++)
		kept->rows[i].replaced |= kept->rows[i].run < kept->run;
}

static void take_run(struct disk_codec *codec, struct disk_kept *kept)
{
	struct disk_report report = { .cut_short = true };
	struct disk_account *images = NULL;
	struct disk_report_list *lists = NULL;

	disk_pass_run(codec, &report, &images, &lists);
	if (codec->failed)
		return;
	kept->run++;
	report.images = images;
	report.lists = lists;
	if (!kept->any || !same_work(&report, &kept->report))
		drop_rows(kept);
	kept->any = true;
	kept->report = report;
	kept->images = images;
	kept->told = ward_new(codec->arena, bool, report.image_count + 1);
	codec->failed |= !kept->told;
	kept->lists = lists;
}

static void take_file(struct disk_codec *codec, struct disk_kept *kept)
{
	struct disk_kept_row *row = add_row(kept);
	struct disk_find *finds;

	codec->failed |= !row;
	if (!row)
		return;
	disk_pass_row(codec, row);
	disk_pass_count(codec, &row->find_count);
	finds = ward_new(codec->arena, struct disk_find, row->find_count + 1);
	codec->failed |= !finds || row->image >= kept->report.image_count;
	for (size_t i = 0; !codec->failed && i < row->find_count; i++) {
		disk_pass_find(codec, &finds[i]);
		finds[i].image = row->image;
		finds[i].image_name = ward_str_from(kept->images[row->image].path);
		finds[i].path = row->path;
	}
	row->finds = finds;
}

static void take_unread(struct disk_codec *codec, struct disk_kept *kept)
{
	struct disk_kept_row *row = add_row(kept);

	codec->failed |= !row;
	if (!row)
		return;
	row->unread = true;
	disk_pass_unread(codec, row);
}

static void take_image(struct disk_codec *codec, struct disk_kept *kept)
{
	struct disk_account account = { 0 };
	uint32_t index = 0;

	disk_pass_image(codec, &index, &account);
	codec->failed |= index >= kept->report.image_count;
	if (codec->failed)
		return;
	kept->images[index] = account;
	kept->told[index] = true;
}

/* A run that came to its end has told everything. */
static void take_end(struct disk_codec *codec, struct disk_kept *kept)
{
	disk_pass_end(codec, &kept->report);
	if (!kept->report.cut_short)
		drop_rows(kept);
}

static bool take_record(struct disk_kept *kept, unsigned kind, ward_bytes content)
{
	struct disk_codec codec = { .in = ward_reader_from(content), .arena = &kept->arena };

	if (kind != DISK_KEPT_RUN && !kept->any)
		return false;
	switch (kind) {
	case DISK_KEPT_RUN:
		take_run(&codec, kept);
		break;
	case DISK_KEPT_FILE:
		take_file(&codec, kept);
		break;
	case DISK_KEPT_UNREAD:
		take_unread(&codec, kept);
		break;
	case DISK_KEPT_IMAGE:
		take_image(&codec, kept);
		break;
	case DISK_KEPT_END:
		take_end(&codec, kept);
		break;
	default:
		return false;
	}
	return !codec.failed && !codec.in.failed && ward_reader_left(&codec.in) == 0;
}

/* ---- of several runs ---- */

/* What makes two rows one, in two runs; of what could not be read its path alone is known. */
static int compare_same(const struct disk_kept_row *a, const struct disk_kept_row *b)
{
	int order = (a->unread > b->unread) - (a->unread < b->unread);

	if (order == 0)
		order = ward_str_cmp(a->path, b->path);
	if (order == 0)
		order = (a->image > b->image) - (a->image < b->image);
	if (order == 0)
		order = (a->inode > b->inode) - (a->inode < b->inode);
	return order ? order : (a->offset > b->offset) - (a->offset < b->offset);
}

static int compare(const void *one, const void *two)
{
	const struct disk_kept_row *a = *(struct disk_kept_row *const *)one;
	const struct disk_kept_row *b = *(struct disk_kept_row *const *)two;
	int order = compare_same(a, b);

	return order ? order : (a->run > b->run) - (a->run < b->run);
}

/* Keeps of each thing what its last run told of it. */
static ward_err replace(struct disk_kept *kept, struct ward_error *error)
{
	struct disk_kept_row **order = calloc(kept->row_count + 1, sizeof(*order));
	const struct disk_kept_row *last = NULL;

	if (!order)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (size_t i = 0; i < kept->row_count; i++)
		order[i] = &kept->rows[i];
	qsort(order, kept->row_count, sizeof(*order), compare);
	for (size_t i = kept->row_count; i-- > 0;) {
		if (!last || compare_same(last, order[i]) != 0)
			last = order[i];
		order[i]->replaced |= order[i]->run < last->run;
	}
	free(order);
	return WARD_OK;
}

ward_err disk_kept_read(ward_bytes bytes, struct disk_kept *kept, struct ward_error *error)
{
	ward_bytes content, rest;
	unsigned kind;
	bool good = begins_well(bytes);

	*kept = (struct disk_kept){ .run = 0 };
	ward_arena_init(&kept->arena, MEMORY_MAX);
	if (good)
		rest = (ward_bytes){ bytes.ptr + DISK_KEPT_MAGIC_LEN,
			bytes.len - DISK_KEPT_MAGIC_LEN };
	while (good && (kind = next_record(&rest, &content)) != 0)
		good = take_record(kept, kind, content);
	ward_err err = good && kept->any ? replace(kept, error)
					 : ward_fail(error, WARD_E_FORMAT,
							   "it is no record of what ward disk "
							   "found, or "
							   "damaged");

	if (err)
		disk_kept_free(kept);
	return err;
}

void disk_kept_free(struct disk_kept *kept)
{
	ward_arena_free(&kept->arena);
	free(kept->rows);
	*kept = (struct disk_kept){ .run = 0 };
}
