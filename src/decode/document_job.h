/*
 * document_job.h - what the readers of documents share: handing out members, keeping trouble
 *
 * A call that returns an error ends the job; trouble with a part of the file
 * is kept by document_trouble, and the job goes on.
 */
#ifndef DECODE_DOCUMENT_JOB_H
#define DECODE_DOCUMENT_JOB_H

#include "decode/document.h"

struct document {
	ward_bytes file;
	const struct ward_decode_options *options;
	const struct decode_sink *sink;
	const char *what; /* "mail", for sentences */
	uint64_t bytes;   /* handed out so far */
	uint64_t packed;  /* that were unpacked here, as they are in the file */
	uint32_t parts;
	struct ward_error *error; /* never NULL here; the first trouble's, until the job ends */
	ward_err trouble;
};

/* A member begins; LIMIT when there are more than agreed. */
ward_err document_part(struct document *document, ward_str name, bool encrypted) WARD_MUST_USE;
/* Its next bytes; LIMIT when they are more than agreed. */
ward_err document_data(struct document *document, ward_bytes bytes) WARD_MUST_USE;
/* Keeps the first trouble; its sentence names no member. */
void document_trouble(struct document *document, ward_err code, const char *sentence);

/* Without a folder: a name that a mail gives may have one, and means nothing by it. */
ward_str document_base_name(ward_str name);

/* document_mail.c: one message; `prefix` stands before the names of its parts. */
ward_err document_mail(struct document *document, ward_bytes message,
		ward_str prefix) WARD_MUST_USE;
/* document_mbox.c */
ward_err document_mbox(struct document *document) WARD_MUST_USE;
/* document_tnef.c: what Outlook packs into a "winmail.dat"; FORMAT is trouble, kept already. */
bool document_tnef_is(ward_bytes file);
ward_err document_tnef(struct document *document, ward_bytes file, ward_str prefix) WARD_MUST_USE;

/* pdf.c */
ward_err document_pdf(struct document *document) WARD_MUST_USE;

/* document_ole.c: Thumbs.db, .msg, .doc, .xls, .ppt */
ward_err document_ole(struct document *document) WARD_MUST_USE;

/* document_thumbcache.c */
ward_err document_thumbcache(struct document *document) WARD_MUST_USE;

/* document_sqlite.c */
ward_err document_sqlite(struct document *document) WARD_MUST_USE;

/* document_rtf.c */
ward_err document_rtf(struct document *document) WARD_MUST_USE;
/* rtf_text.c: its text, as "text.txt" */
ward_err document_rtf_text(struct document *document) WARD_MUST_USE;

/* document_pst.c */
ward_err document_pst(struct document *document) WARD_MUST_USE;

/* document_ds_store.c */
ward_err document_ds_store(struct document *document) WARD_MUST_USE;

/* document_sets_linux.c: opens what will be asked for; iconv_open then knows no other. */
void document_sets_load(void);

#endif
