#include "scan/report_json.h"
#include "base/clock.h"

void report_json_remark(struct json *json, const struct ward_list *list, uint64_t entry)
{
	struct ward_remark remark = ward_list_remark_on(list, entry);
	bool for_good = remark.off_until == WARD_OFF_FOR_GOOD;
	char text[CLOCK_TEXT_MAX];

	if (remark.off_until != 0)
		json_key_text(json, "off_until",
				for_good ? NULL : clock_format(remark.off_until, text));
	if (remark.note[0])
		json_key_text(json, "note", remark.note);
}

void report_json_labels(struct json *json, ward_str labels)
{
	json_array(json);
	while (labels.len > 0) {
		ward_str word = ward_str_cut(&labels, ' ');

		if (word.len > 0)
			json_str(json, word);
	}
	json_array_end(json);
}

static void write_signal(struct json *json, const char *name, const ward_signal *signal)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	json_key_text(json, name, ward_signal_format(signal, text));
}

static void write_stretch(struct json *json, const char *name, double from, double to)
{
	json_key(json, name);
	json_array(json);
	json_double(json, from, 3);
	json_double(json, to, 3);
	json_array_end(json);
}

static void write_number(struct json *json, const char *name, double value, int digits)
{
	json_key(json, name);
	json_double(json, value, digits);
}

void report_json_alike(struct json *json, const struct ward_video_hit *video)
{
	if (video->match.frames[0] > 0) {
		write_number(json, "asked_percent", ward_vpdq_percent(&video->match, 0), 2);
		write_number(json, "listed_percent", ward_vpdq_percent(&video->match, 1), 2);
	}
	json_key(json, "spans");
	json_array(json);
	for (size_t i = 0; i < video->span_count; i++) {
		const struct ward_video_span *span = &video->spans[i];

		json_object(json);
		write_stretch(json, "asked", span->asked_from, span->asked_to);
		write_stretch(json, "listed", span->listed_from, span->listed_to);
		json_key_uint(json, "frames", span->frames);
		json_object_end(json);
	}
	json_array_end(json);
	if (video->has_tmk) {
		write_number(json, "tmk_level1", video->level1, 6);
		write_number(json, "tmk_level2", video->level2, 6);
	}
}

static void write_signals(struct json *json, const struct ward_finding *finding)
{
	if (finding->video) {
		json_key_text(json, "type", "video");
		json_key(json, "video");
		json_object(json);
		report_json_alike(json, finding->video);
		json_object_end(json);
		return;
	}
	json_key_text(json, "type", ward_signal_kind_name(finding->asked.kind));
	write_signal(json, "signal", &finding->asked);
	write_signal(json, "listed", &finding->listed);
}

static void write_hit(struct json *json, const struct ward_finding *finding)
{
	json_key_str(json, "list", finding->list);
	json_key_str(json, "source", finding->source);
	json_key(json, "labels");
	report_json_labels(json, finding->labels);
	if (finding->kind == WARD_FINDING_LINK) {
		json_key_uint(json, "entry", finding->entry);
		if (finding->link.len > 0)
			json_key_str(json, "link", finding->link);
		return;
	}
	write_signals(json, finding);
	json_key_uint(json, "entry", finding->entry);
	json_key_uint(json, "distance", finding->distance);
	if (finding->orientation.len > 0)
		json_key_str(json, "orientation", finding->orientation);
	if (finding->has_time)
		write_stretch(json, "seconds", finding->from_s, finding->until_s);
	if (finding->affirmed > 0 || finding->disputed > 0) {
		json_key_uint(json, "affirmed", finding->affirmed);
		json_key_uint(json, "disputed", finding->disputed);
	}
}

void report_json_finding(struct json *json, const struct ward_finding *finding)
{
	json_object(json);
	json_key_text(json, "kind", ward_finding_kind_name(finding->kind));
	if (finding->path.len > 0)
		json_key_str(json, "path", finding->path);
	if (finding->frame > 0)
		json_key_uint(json, "frame", finding->frame);
	if (finding->list.len > 0)
		write_hit(json, finding);
	if (finding->kind == WARD_FINDING_SCORE) {
		json_key(json, "score");
		json_double(json, finding->score, 4);
	}
	if (finding->err != WARD_OK)
		json_key_text(json, "error", ward_err_name(finding->err));
	if (finding->message.len > 0)
		json_key_str(json, "message", finding->message);
	json_object_end(json);
}

static void write_pdq(struct json *json, const char *name, ward_pdq hash)
{
	char text[65];

	json_key_text(json, name, ward_pdq_format(hash, text));
}

static void write_frame(struct json *json, const struct ward_frame_hash *frame)
{
	json_object(json);
	json_key_uint(json, "frame", frame->frame);
	json_key_text(json, "view", frame->view == WARD_VIEW_COMPOSITED ? "composited" : "stored");
	json_key_uint(json, "scale", frame->scale);
	write_pdq(json, "pdq", frame->pdq.hash);
	json_key_int(json, "quality", frame->pdq.quality);
	if (frame->has_512) {
		write_pdq(json, "pdq512", frame->pdq512.hash);
		json_key_int(json, "quality512", frame->pdq512.quality);
	}
	if (frame->has_upright)
		write_pdq(json, "upright", frame->upright);
	if (frame->has_inner) {
		write_pdq(json, "inner", frame->inner.hash);
		json_key_int(json, "quality_inner", frame->inner.quality);
	}
	json_object_end(json);
}

static void write_digests(struct json *json, const struct ward_digests *digests)
{
	static const ward_signal_kind kinds[] = { WARD_SIGNAL_MD5, WARD_SIGNAL_SHA1,
		WARD_SIGNAL_SHA256 };

	for (size_t i = 0; i < 3; i++) {
		ward_signal signal = ward_digests_signal(digests, kinds[i]);

		write_signal(json, ward_signal_kind_name(kinds[i]), &signal);
	}
}

static void write_sharing(struct json *json, const struct ward_sharing_hashes *hashes)
{
	for (unsigned i = 0; i < WARD_SHARING_KINDS; i++) {
		ward_signal_kind kind = ward_sharing_kind(i);
		ward_signal signal;

		if (ward_sharing_signal(hashes, kind, &signal))
			write_signal(json, ward_signal_kind_name(kind), &signal);
	}
}

static void write_facts(struct json *json, const struct ward_picture_facts *facts)
{
	json_key_uint(json, "width", facts->width);
	json_key_uint(json, "height", facts->height);
	json_key_uint(json, "orientation", facts->orientation);
}

void report_json_item(struct json *json, const struct ward_item *item)
{
	json_object(json);
	if (item->path.len > 0)
		json_key_str(json, "path", item->path);
	json_key_text(json, "kind", ward_media_name(item->kind));
	json_key_uint(json, "bytes", item->bytes);
	if (item->has_digests)
		write_digests(json, &item->digests);
	if (item->has_sharing)
		write_sharing(json, &item->sharing);
	if (item->facts.width > 0)
		write_facts(json, &item->facts);
	if (item->frame_count > 0) {
		json_key(json, "frames");
		json_array(json);
		for (size_t i = 0; i < item->frame_count; i++)
			write_frame(json, &item->frames[i]);
		json_array_end(json);
	}
	if (item->err != WARD_OK) {
		json_key_text(json, "error", ward_err_name(item->err));
		json_key_str(json, "message", item->message);
	}
	json_object_end(json);
}

void report_json(struct json *json, const struct ward_report *report)
{
	const struct ward_verdict *verdict = &report->verdict;

	json_key(json, "verdict");
	json_object(json);
	json_key_text(json, "kind", ward_verdict_name(verdict->kind));
	json_key_str(json, "queue", verdict->queue);
	json_key_int(json, "priority", verdict->priority);
	json_key_str(json, "rule", verdict->rule);
	if (verdict->softened)
		json_key_bool(json, "softened", true);
	json_object_end(json);

	json_key(json, "findings");
	json_array(json);
	for (size_t i = 0; i < report->finding_count; i++)
		report_json_finding(json, &report->findings[i]);
	json_array_end(json);

	json_key(json, "items");
	json_array(json);
	for (size_t i = 0; i < report->item_count; i++)
		report_json_item(json, &report->items[i]);
	json_array_end(json);
	json_key_uint(json, "time_us", report->time_us);
}

void report_json_video(struct json *json, const struct ward_list *list, uint64_t entry)
{
	struct ward_vpdq frames = { 0 };
	struct ward_tmk *tmk = malloc(sizeof(*tmk));

	if (!ward_list_frames(list, entry, &frames, NULL)) {
		json_key_uint(json, "vpdq_frames", frames.count);
		json_key(json, "seconds");
		json_double(json, frames.frames[frames.count - 1].time_s, 3);
	}
	if (tmk && !ward_list_tmk(list, entry, tmk, NULL))
		json_key_uint(json, "tmk_frames", tmk->frames);
	ward_vpdq_free(&frames);
	free(tmk);
}

void report_json_video_counts(struct json *json, uint64_t vpdq, uint64_t tmk)
{
	json_key_uint(json, "vpdq", vpdq);
	json_key_uint(json, "tmk", tmk);
}
