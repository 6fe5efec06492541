/*
 * opinions.h - what people said about listed signals
 *
 * A journal of JSON lines, oldest first, which is only ever added to, and
 * synced after each.  The last opinion of each person on a signal counts.
 * When a writer is killed, the last line may be torn: a reader passes over
 * it, and the next writer takes it away.  Opinions are on signals, so they
 * outlive the versions of the list.
 */
#ifndef BANK_OPINIONS_H
#define BANK_OPINIONS_H

#include <ward/bank.h>

#define OPINIONS_NAME "opinions.jsonl"

#endif
