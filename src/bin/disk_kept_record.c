#include "bin/disk_kept_record.h"

enum { PDQ_BYTES = 32 };

/* ---- fields ---- */

static void pass_u64(struct disk_codec *codec, uint64_t *value)
{
	uint8_t bytes[8];

	if (!codec->out) {
		*value = ward_read_u64le(&codec->in);
		return;
	}
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(*value >> 8 * i);
	ward_buf_add(codec->out, bytes, sizeof(bytes));
}

static void pass_u32(struct disk_codec *codec, uint32_t *value)
{
	uint64_t wide = *value;

	pass_u64(codec, &wide);
	codec->failed |= wide > UINT32_MAX;
	*value = (uint32_t)wide;
}

static void pass_i64(struct disk_codec *codec, int64_t *value)
{
	uint64_t wide = (uint64_t)*value;

	pass_u64(codec, &wide);
	*value = (int64_t)wide;
}

static void pass_bool(struct disk_codec *codec, bool *value)
{
	uint64_t wide = *value;

	pass_u64(codec, &wide);
	*value = wide != 0;
}

/* One of an enumeration's `count` values; 0 where it is none. */
static unsigned pass_choice(struct disk_codec *codec, unsigned value, unsigned count)
{
	uint64_t wide = value;

	pass_u64(codec, &wide);
	if (wide < count)
		return (unsigned)wide;
	codec->failed = true;
	return 0;
}

static void pass_size(struct disk_codec *codec, size_t *size)
{
	uint64_t wide = *size;

	pass_u64(codec, &wide);
	*size = (size_t)wide;
}

void disk_pass_count(struct disk_codec *codec, size_t *count)
{
	uint64_t wide = *count;

	pass_u64(codec, &wide);
	*count = (size_t)wide;
	/* Each thing that is counted takes some bytes. */
	if (!codec->out && wide > ward_reader_left(&codec->in)) {
		codec->failed = true;
		*count = 0;
	}
}

static void pass_raw(struct disk_codec *codec, void *bytes, size_t len)
{
	if (codec->out) {
		ward_buf_add(codec->out, bytes, len);
		return;
	}
	ward_bytes read = ward_read_bytes(&codec->in, len);

	if (read.len == len)
		memcpy(bytes, read.ptr, len);
	else
		codec->failed = true;
}

static void pass_text(struct disk_codec *codec, ward_str *text)
{
	size_t len = text->len;

	disk_pass_count(codec, &len);
	if (codec->out) {
		ward_buf_str(codec->out, *text);
		return;
	}
	ward_bytes read = ward_read_bytes(&codec->in, len);

	codec->failed |= read.len != len;
	*text = (ward_str){ (const char *)read.ptr, read.len };
}

/* As above, ended by a NUL; NULL is told from "". */
static void pass_words(struct disk_codec *codec, const char **words)
{
	ward_str text = ward_str_from(*words);
	bool any = *words != NULL;

	pass_bool(codec, &any);
	pass_text(codec, &text);
	if (codec->out)
		return;
	*words = any ? ward_arena_str(codec->arena, text).ptr : NULL;
	codec->failed |= any && !*words;
}

/* Text of a struct's own array. */
static void pass_array(struct disk_codec *codec, char *words, size_t room)
{
	ward_str text = ward_str_from(words);

	pass_text(codec, &text);
	if (codec->out)
		return;
	codec->failed |= text.len >= room;
	snprintf(words, room, "%.*s", WARD_FMT(text));
}

/* ---- a run ---- */

static void pass_account_begin(struct disk_codec *codec, struct disk_account *account)
{
	pass_words(codec, &account->path);
	pass_u64(codec, &account->bytes);
	pass_size(codec, &account->segments);
}

static void pass_list(struct disk_codec *codec, struct disk_report_list *list)
{
	struct ward_list_info info = list->info ? *list->info : (struct ward_list_info){ 0 };
	struct ward_list_info *kept;

	pass_array(codec, info.name, sizeof(info.name));
	pass_array(codec, info.source, sizeof(info.source));
	info.sense = (ward_list_sense)pass_choice(codec, info.sense, WARD_SENSE_COUNT);
	pass_bool(codec, &info.enabled);
	pass_i64(codec, &info.changed);
	pass_words(codec, &list->version);
	pass_u64(codec, &list->entries);
	if (codec->out)
		return;
	kept = ward_new(codec->arena, struct ward_list_info, 1);
	if (kept)
		*kept = info;
	codec->failed |= !kept;
	list->info = kept;
}

static bool make_rooms(struct disk_codec *codec, struct disk_report *report,
		struct disk_account **images, struct disk_report_list **lists)
{
	if (codec->out)
		return true;
	*images = ward_new(codec->arena, struct disk_account, report->image_count + 1);
	*lists = ward_new(codec->arena, struct disk_report_list, report->list_count + 1);
	codec->failed |= !*images || !*lists || report->setting_count > DISK_SETTINGS_MAX;
	return !codec->failed;
}

void disk_pass_run(struct disk_codec *codec, struct disk_report *report,
		struct disk_account **images, struct disk_report_list **lists)
{
	pass_i64(codec, &report->began);
	pass_words(codec, &report->version);
	pass_words(codec, &report->command);
	pass_words(codec, &report->case_number);
	pass_words(codec, &report->examiner);
	disk_pass_count(codec, &report->image_count);
	disk_pass_count(codec, &report->list_count);
	disk_pass_count(codec, &report->setting_count);
	if (!make_rooms(codec, report, images, lists))
		return;
	for (size_t i = 0; i < report->image_count; i++)
		pass_account_begin(codec, &(*images)[i]);
	for (size_t i = 0; i < report->list_count; i++)
		pass_list(codec, &(*lists)[i]);
	for (size_t i = 0; i < report->setting_count; i++) {
		pass_words(codec, &report->settings[i].name);
		pass_array(codec, report->settings[i].value, sizeof(report->settings[i].value));
	}
}

/* ---- what was found ---- */

void disk_pass_row(struct disk_codec *codec, struct disk_kept_row *row)
{
	pass_u32(codec, &row->image);
	pass_text(codec, &row->path);
	pass_u64(codec, &row->inode);
	pass_u64(codec, &row->offset);
	pass_text(codec, &row->json);
	pass_text(codec, &row->table);
}

void disk_pass_find(struct disk_codec *codec, struct disk_find *find)
{
	uint64_t flags = find->flags;

	pass_u32(codec, &find->times);
	find->kind = (ward_finding_kind)pass_choice(codec, find->kind, WARD_FINDING_KIND_COUNT);
	find->verdict = (ward_verdict_kind)pass_choice(codec, find->verdict,
			WARD_VERDICT_KIND_COUNT);
	pass_u64(codec, &flags);
	find->flags = (unsigned)(flags & DISK_FLAGS);
	find->media = (ward_media_kind)pass_choice(codec, find->media, WARD_MEDIA_KIND_COUNT);
	pass_u32(codec, &find->distance);
	pass_u32(codec, &find->frame);
	pass_bool(codec, &find->has_distance);
	pass_bool(codec, &find->has_inode);
	pass_bool(codec, &find->has_digests);
	pass_bool(codec, &find->has_pdq);
	pass_bool(codec, &find->has_parent);
	pass_u64(codec, &find->inode);
	pass_u64(codec, &find->offset);
	pass_u64(codec, &find->size);
	pass_u64(codec, &find->bytes);
	pass_i64(codec, &find->modified);
	pass_i64(codec, &find->accessed);
	pass_i64(codec, &find->changed);
	pass_i64(codec, &find->created);
	pass_text(codec, &find->member);
	pass_text(codec, &find->list);
	pass_text(codec, &find->labels);
	pass_text(codec, &find->message);
	pass_raw(codec, &find->digests, sizeof(find->digests));
	pass_raw(codec, find->parent_md5, sizeof(find->parent_md5));
	pass_raw(codec, find->pdq.bytes, PDQ_BYTES);
	find->pdq.kind = WARD_SIGNAL_PDQ;
}

void disk_pass_unread(struct disk_codec *codec, struct disk_kept_row *row)
{
	pass_text(codec, &row->path);
	pass_text(codec, &row->message);
	row->err = (ward_err)pass_choice(codec, row->err, WARD_ERR_COUNT);
}

/* ---- the end ---- */

void disk_pass_image(struct disk_codec *codec, uint32_t *index, struct disk_account *account)
{
	pass_u32(codec, index);
	pass_account_begin(codec, account);
	pass_size(codec, &account->volumes);
	pass_u64(codec, &account->files);
	pass_u64(codec, &account->deleted);
	pass_u64(codec, &account->carved);
	pass_u64(codec, &account->again);
	pass_bool(codec, &account->has_digests);
	pass_raw(codec, &account->digests, sizeof(account->digests));
	pass_words(codec, &account->expected);
	account->fit = (enum disk_fit)pass_choice(codec, account->fit, DISK_FIT_WHOLE + 1);
	pass_bool(codec, &account->changed);
	pass_bool(codec, &account->verify);
	pass_bool(codec, &account->verified);
}

void disk_pass_end(struct disk_codec *codec, struct disk_report *report)
{
	struct scan_totals *totals = &report->totals;
	uint32_t stopped = (uint32_t)report->stopped;

	pass_i64(codec, &report->ended);
	pass_u32(codec, &stopped);
	report->stopped = stopped < 128 ? (int)stopped : 0;
	pass_bool(codec, &report->cut_short);
	pass_u64(codec, &totals->files);
	pass_u64(codec, &totals->bytes);
	pass_u64(codec, &totals->found);
	pass_u64(codec, &totals->known);
	pass_u64(codec, &totals->near);
	pass_u64(codec, &totals->unreadable);
	for (size_t i = 0; i < WARD_VERDICT_KIND_COUNT; i++)
		pass_u64(codec, &totals->verdicts[i]);
	pass_u64(codec, &totals->failed);
	pass_u64(codec, &totals->seen);
}
