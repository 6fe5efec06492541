#include "exchange/queue.h"

void queue_free(struct queue *queue)
{
	free(queue->waiting);
}

void queue_begin(struct queue *queue)
{
	queue->now.record = (struct exchange_record){ .record.quality = QUALITY_UNKNOWN };
	queue->now.labels[0] = queue->now.ref[0] = queue->now.raw[0] = '\0';
}

/* Appends up to `max - 1` bytes in all, control characters as "_". */
static void append(char *to, size_t max, ward_str text)
{
	size_t at = strlen(to);

	for (size_t i = 0; i < text.len && at + 1 < max; i++)
		to[at++] = (unsigned char)text.ptr[i] < ' ' ? '_' : text.ptr[i];
	to[at] = '\0';
}

void queue_wrong(struct queue *queue, const char *why)
{
	if (!queue->now.record.partly)
		queue->now.record.partly = why;
}

void queue_signal(struct queue *queue, ward_signal_kind kind, const char *name, ward_str text)
{
	struct queued *now = &queue->now;
	ward_signal signal;

	text = ward_str_trim(text);
	if (text.len == 0)
		return;
	append(now->raw, sizeof(now->raw), ward_str_from(now->raw[0] ? " " : ""));
	append(now->raw, sizeof(now->raw), ward_str_from(name));
	append(now->raw, sizeof(now->raw), WARD_STR("="));
	append(now->raw, sizeof(now->raw), text);
	if (!ward_signal_parse(kind, text, &signal))
		queue_wrong(queue, "a signal is not of its kind");
	else if (!record_add(&now->record, &signal))
		queue_wrong(queue, "the record has too many signals");
}

void queue_label(struct queue *queue, ward_str scheme, ward_str code)
{
	struct queued *now = &queue->now;

	code = ward_str_trim(code);
	if (code.len == 0)
		return;
	if (strlen(now->labels) + scheme.len + code.len + 3 > sizeof(now->labels)) {
		queue_wrong(queue, "the record has too many labels");
		return;
	}
	append(now->labels, sizeof(now->labels), ward_str_from(now->labels[0] ? " " : ""));
	append(now->labels, sizeof(now->labels), scheme);
	append(now->labels, sizeof(now->labels), WARD_STR(":"));
	for (size_t i = 0; i < code.len; i++)
		append(now->labels, sizeof(now->labels),
				code.ptr[i] == ' ' ? WARD_STR("_") : (ward_str){ code.ptr + i, 1 });
}

void queue_ref(struct queue *queue, ward_str ref)
{
	struct queued *now = &queue->now;

	append(now->ref, sizeof(now->ref), ward_str_from(now->ref[0] ? "/" : ""));
	append(now->ref, sizeof(now->ref), ward_str_trim(ref));
}

void queue_end(struct queue *queue)
{
	if (queue->count == queue->room) {
		size_t room = queue->room ? 2 * queue->room : 16, size;
		struct queued *more;

		if (ckd_mul(&size, room, sizeof(*more)) ||
				!(more = realloc(queue->waiting, size))) {
			queue->failed = true;
			return;
		}
		queue->waiting = more;
		queue->room = room;
	}
	queue->waiting[queue->count++] = queue->now;
}

bool queue_take(struct queue *queue, struct exchange_reader *reader, struct exchange_record *record)
{
	struct queued *next;
	uint64_t number = record->record.number;

	if (queue->first == queue->count) {
		queue->first = queue->count = 0;
		return false;
	}
	next = &queue->waiting[queue->first++];
	*record = next->record;
	record->record.number = number;
	record->record.ref = ward_str_from(next->ref);
	record->raw = (ward_bytes){ (const uint8_t *)next->raw, strlen(next->raw) };
	record_labels(reader, ward_str_from(next->labels), WARD_STR(""));
	if (record->removed)
		record->record.labels = WARD_STR("");
	else
		record_done(reader, record, record->partly);
	return true;
}
