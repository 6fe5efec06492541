/*
 * queue.h - records of documents that are pushed through a parser
 *
 * VICS and NCMEC files are one document of any size.  A piece of it is given
 * to the parser when the queue is empty, and the records that come out wait
 * here.  A record being built is `now`; what is kept of its text is short.
 */
#ifndef EXCHANGE_QUEUE_H
#define EXCHANGE_QUEUE_H

#include "exchange/format.h"

#define QUEUE_TEXT_MAX 512
#define QUEUE_PIECE    16384 /* bytes given to the parser at a time */

struct queued {
	struct exchange_record record;
	char labels[QUEUE_TEXT_MAX]; /* words, as record_labels wants them */
	char ref[QUEUE_TEXT_MAX];
	char raw[QUEUE_TEXT_MAX]; /* "NAME=VALUE …" of what a signal should have been */
};

struct queue {
	struct queued now;
	struct queued *waiting;
	size_t first; /* the next to be handed out */
	size_t count;
	size_t room;
	bool failed; /* no memory */
};

void queue_free(struct queue *queue);
/* Begins a new record. */
void queue_begin(struct queue *queue);
/* A signal, as text, of the record being built; one that makes no sense makes it bad in part. */
void queue_signal(struct queue *queue, ward_signal_kind kind, const char *name, ward_str text);
void queue_wrong(struct queue *queue, const char *why);
/* One label, "scheme:code" without white space inside, as it is made. */
void queue_label(struct queue *queue, ward_str scheme, ward_str code);
void queue_ref(struct queue *queue, ward_str ref);
/* Puts the record in line. */
void queue_end(struct queue *queue);
/* Takes the first of the line; false when nobody waits. */
bool queue_take(struct queue *queue, struct exchange_reader *reader,
		struct exchange_record *record);

#endif
