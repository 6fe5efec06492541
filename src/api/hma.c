#include "api/hma.h"

#include "api/scanning.h"

#include <stdarg.h>

enum { ENTRY_BITS = 32, TAG_BITS = 21 };

ward_signal_kind hma_kind(ward_str type)
{
	return ward_signal_kind_from(type);
}

const char *hma_type(ward_signal_kind kind)
{
	return kind == WARD_SIGNAL_MD5 ? "video_md5" : ward_signal_kind_name(kind);
}

static uint64_t tag_of(const struct ward_list *list)
{
	return ward_list_tag(list) & (((uint64_t)1 << TAG_BITS) - 1);
}

uint64_t hma_id(const struct ward_list *list, uint64_t entry)
{
	return tag_of(list) << ENTRY_BITS | (entry & UINT32_MAX);
}

bool hma_entry(const struct ward_list *list, uint64_t id, uint64_t *entry)
{
	*entry = id & UINT32_MAX;
	return id >> ENTRY_BITS == tag_of(list);
}

bool hma_is_bank(const struct ward_list *list)
{
	return ward_list_info(list)->sense == WARD_SENSE_DENY;
}

void hma_refuse(struct request *request, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	request_trouble(request, PROBLEM_BAD_REQUEST, "%s", text);
}

/* ---- hashing ---- */

/* The one file: a form's field with a file name, or what the url gave. */
static const struct part *find_file(struct request *request)
{
	const struct part *found = NULL;

	for (size_t i = 0; i < request->part_count; i++) {
		if (request->url.len == 0 && !request->parts[i].is_file)
			continue;
		if (found) {
			hma_refuse(request, "Only one file allowed per request");
			return NULL;
		}
		found = &request->parts[i];
	}
	if (!found)
		hma_refuse(request, "Missing multipart/form-data file upload, or url");
	return found;
}

/* What the file is said to be; by its content when only a url says where it is. */
static bool is_video(struct request *request, const struct part *part, const struct ward_item *item,
		bool *video)
{
	ward_str type = ward_str_from(part->field);

	if (type.len == 0)
		type = request_query(request, "content_type");
	if (type.len == 0) {
		*video = item->kind == WARD_MEDIA_VIDEO;
		return true;
	}
	*video = ward_str_eq(type, WARD_STR("video"));
	if (*video || ward_str_eq(type, WARD_STR("photo")))
		return true;
	hma_refuse(request, "no such content_type: it is photo or video");
	return false;
}

static bool is_wanted(struct request *request, const char *type)
{
	ward_str types = request_query(request, "types");

	if (types.len == 0)
		return true;
	while (types.len > 0) {
		if (ward_str_eq(ward_str_trim(ward_str_cut(&types, ',')), ward_str_from(type)))
			return true;
	}
	return false;
}

static bool keep_photo(struct request *request, const struct ward_item *item,
		struct hma_hashes *hashes)
{
	if (item->err || item->frame_count == 0) {
		hma_refuse(request, "the file cannot be read as a photo%s%.*s",
				item->err ? ": " : "", WARD_FMT(item->message));
		return false;
	}
	hashes->count = 1;
	hashes->at[0].kind = WARD_SIGNAL_PDQ;
	if (item->frames[0].pdq.quality >= WARD_PDQ_QUALITY_MIN)
		hashes->at[0].signal = ward_pdq_signal(item->frames[0].pdq.hash);
	return true;
}

static void keep_video(const struct ward_item *item, struct hma_hashes *hashes)
{
	hashes->count = 1;
	hashes->at[0].kind = WARD_SIGNAL_MD5;
	hashes->at[0].signal = ward_digests_signal(&item->digests, WARD_SIGNAL_MD5);
}

bool hma_hash_file(struct request *request, struct hma_hashes *hashes)
{
	const struct part *part = find_file(request);
	struct ward_scan_options options;
	const struct ward_report *report;
	struct ward_error error;
	bool video;

	if (!part || !scanning_options(request, &options))
		return false;
	options.hash_only = true;
	options.archives = false;
	options.size = WARD_DECODE_FULL; /* bit by bit what HMA's hasher says */
	if (scanning_file(request, part, NULL, &options, &report, &error)) {
		request_failure(request, &error);
		return false;
	}
	*hashes = (struct hma_hashes){ 0 };
	if (!is_video(request, part, &report->items[0], &video))
		return false;
	if (!is_wanted(request, video ? "video_md5" : "pdq")) {
		hma_refuse(request, "none of the signal types asked for exists for this content");
		return false;
	}
	if (!video)
		return keep_photo(request, &report->items[0], hashes);
	keep_video(&report->items[0], hashes);
	return true;
}

void hma_write_hashes(struct json *json, const struct hma_hashes *hashes)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	json_object(json);
	for (size_t i = 0; i < hashes->count; i++) {
		bool empty = hashes->at[i].signal.kind == WARD_SIGNAL_NONE;

		json_key_text(json, hma_type(hashes->at[i].kind),
				empty ? "" : ward_signal_format(&hashes->at[i].signal, text));
	}
	json_object_end(json);
}
