#include "exchange/format.h"

bool record_signal(struct exchange_reader *reader, ward_signal_kind kind, ward_str text,
		ward_signal *signal)
{
	if (text.len == 0)
		return false;
	if (kind == WARD_SIGNAL_NONE)
		kind = reader->options.kind;
	/* A prefix ("sha256:...") says more than a column or an option does. */
	if (memchr(text.ptr, ':', text.len))
		kind = WARD_SIGNAL_NONE;
	/*
	 * A kind that was said is meant: half a PDQ hash looks like an MD5, and taken for
	 * one it would never match again, and nobody would be told.
	 */
	if (kind != WARD_SIGNAL_NONE)
		return ward_signal_parse(kind, text, signal);
	if (ward_signal_parse(WARD_SIGNAL_NONE, text, signal))
		return true;
	if (!ward_signal_parse(WARD_SIGNAL_PDQ, text, signal))
		return false;
	reader->guessed = true;
	return true;
}

bool record_add(struct exchange_record *record, const ward_signal *signal)
{
	struct ward_record *to = &record->record;

	for (size_t i = 0; i < to->signal_count; i++) {
		if (ward_signal_eq(&to->signals[i], signal))
			return true;
	}
	if (to->signal_count == WARD_RECORD_SIGNALS_MAX)
		return false;
	to->signals[to->signal_count++] = *signal;
	return true;
}

bool record_quality(ward_str text, uint8_t *quality)
{
	uint64_t value;

	if (!ward_u64_parse(text, &value) || value > 100)
		return false;
	*quality = (uint8_t)value;
	return true;
}

/* ---- labels ---- */

static bool divides(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == ';' || c == '|';
}

static void add_label(struct exchange_reader *reader, ward_str word, ward_str scheme)
{
	struct ward_buf *labels = &reader->labels;

	if (labels->len > 0)
		ward_buf_char(labels, ' ');
	if (!memchr(word.ptr, ':', word.len)) {
		ward_buf_str(labels, scheme);
		ward_buf_char(labels, ':');
	}
	/* Control characters would break lines of what is written later. */
	for (size_t i = 0; i < word.len; i++)
		ward_buf_char(labels, (unsigned char)word.ptr[i] < ' ' ? '_' : word.ptr[i]);
}

void record_labels(struct exchange_reader *reader, ward_str words, ward_str scheme)
{
	size_t at = 0;

	if (scheme.len == 0)
		scheme = ward_str_from(reader->options.scheme && reader->options.scheme[0]
						       ? reader->options.scheme
						       : "local");
	while (at < words.len) {
		size_t from = at;

		while (at < words.len && !divides(words.ptr[at]))
			at++;
		if (at > from)
			add_label(reader, (ward_str){ words.ptr + from, at - from }, scheme);
		at++;
	}
}

void record_done(struct exchange_reader *reader, struct exchange_record *record, const char *why)
{
	record->record.labels = ward_buf_text(&reader->labels);
	if (record->record.signal_count == 0 && !record->record.frames && !record->record.tmk)
		record->bad = why ? why : "the record holds no signal";
	else
		record->partly = why;
}
