/*
 * reply.h - what NCMEC answers, and what its codes mean
 *
 * An answer is a few elements of XML.  They are read by a reader of our own
 * that knows no entities but the five, no document type, no external anything,
 * and bounds what it takes; anything else is no answer.
 *
 * What an answer lacks is a finding by the rules of check.h.  An answer that
 * lacks what the call needs (a code; the number of the report that was opened)
 * is no answer either, and what happened to the call is not known.
 */
#ifndef FILING_REPLY_H
#define FILING_REPLY_H

#include "filing/check.h"

/* Longer than this is no answer. */
#define FILING_REPLY_MAX   ((size_t)1 << 20)
#define FILING_REPLY_FILES 10000

enum filing_call {
	FILING_CALL_STATUS = 0,
	FILING_CALL_XSD,
	FILING_CALL_SUBMIT,
	FILING_CALL_UPLOAD,
	FILING_CALL_FILEINFO,
	FILING_CALL_FINISH,
	FILING_CALL_RETRACT,
};

struct filing_reply {
	int64_t code;
	ward_str description;
	uint64_t report_id; /* 0: none was told */
	ward_str file_id;
	ward_str hash;
	ward_str *files; /* of finish */
	unsigned file_count;
};

/*
 * Reads the answer to a call; texts live in the arena.  FORMAT when it is none.  Faults that leave
 * it usable are warnings.
 */
ward_err filing_reply_read(struct ward_arena *arena, enum filing_call call, ward_str text,
		struct filing_reply *reply, struct filing_findings *findings,
		struct ward_error *error) WARD_MUST_USE;

/* ---- codes ---- */

enum filing_code_class {
	FILING_CODE_OK = 0,
	FILING_CODE_SERVER,     /* wait and try again */
	FILING_CODE_AUTH,       /* stop, and tell a person */
	FILING_CODE_CLIENT,     /* our fault: stop */
	FILING_CODE_VALIDATION, /* the document's fault: show it to whoever can mend it */
	FILING_CODE_STATE,      /* it is not as we believed */
};

struct filing_code {
	int code;
	enum filing_code_class class;
	const char *means;
};

extern const unsigned filing_code_count;
extern const struct filing_code filing_codes[];

enum {
	FILING_CODE_NO_ACCESS = 2000,
	FILING_CODE_NO_REPORT = 5001,
	FILING_CODE_RETRACTED = 5101,
	FILING_CODE_FINISHED = 5102,
};

/* One that nobody has told us of is CLIENT: it is shown, and not tried again. */
struct filing_code filing_code_of(int64_t code);

#endif
