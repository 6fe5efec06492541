/*
 * schema.h - NCMEC's schema and field rules as tables
 *
 * tables.c is made of the schema, the rules and the codes by
 * tools/filing-tables; nothing of it is written by hand.  A type says what an
 * element holds: a value, or parts in the one order the schema allows.  Every
 * part and attribute names the rule it answers to, so that whoever checks a
 * value knows which rule it would break.
 *
 * All of it is const.
 */
#ifndef FILING_SCHEMA_H
#define FILING_SCHEMA_H

#include <ward/base.h>

enum filing_value {
	FILING_PARTS = 0, /* no text of its own */
	FILING_TEXT,
	FILING_TOKEN, /* text without blanks around it */
	FILING_WORD,  /* one of a list */
	FILING_BOOLEAN,
	FILING_MARK, /* "true", or not there */
	FILING_INT,
	FILING_LONG,
	FILING_DOUBLE,
	FILING_DATE,
	FILING_DATETIME, /* with a zone */
};

enum filing_pattern {
	FILING_PATTERN_NONE = 0,
	FILING_PATTERN_DIGITS,       /* [0-9]+ */
	FILING_PATTERN_CALLING_CODE, /* \+[0-9]{1,3} */
};

struct filing_attribute {
	const char *name;
	enum filing_value value;
	enum filing_pattern pattern;
	const char *const *words; /* of FILING_WORD; ends with NULL */
	bool required;
	unsigned rule;
};

struct filing_part;

struct filing_type {
	const char *name; /* NULL for a bare value */
	enum filing_value value;
	enum filing_pattern pattern;
	const char *const *words;
	bool one_of; /* exactly one of the parts */
	const struct filing_part *parts;
	unsigned part_count;
	const struct filing_attribute *attributes;
	unsigned attribute_count;
	unsigned rule; /* of the text itself; or FILING_NO_RULE */
};

struct filing_part {
	const char *name;
	const struct filing_type *type;
	bool required;
	bool many;
	unsigned choice; /* parts with the same number, if it is not 0, exclude each other */
	unsigned rule;
};

#define FILING_NO_RULE 0xffffu

/* The two documents that are sent. */
extern const struct filing_type *const filing_type_report;
extern const struct filing_type *const filing_type_details;

/* ---- rules ---- */

enum filing_format {
	FILING_FORMAT_NONE = 0,
	FILING_FORMAT_IP,
	FILING_FORMAT_EMAIL,
	FILING_FORMAT_URL,
	FILING_FORMAT_US_STATE,
	FILING_FORMAT_COUNTRY,
	FILING_FORMAT_REPORT_ID,
	FILING_FORMAT_FILE_ID,
};

/* What a rule says of more than its own value (cross.c). */
enum filing_cross {
	FILING_CROSS_NONE = 0,
	FILING_CROSS_CALLING_CODE, /* a number does not begin with its country's code again */
	FILING_CROSS_DATED,        /* what has a date of verification is verified */
	FILING_CROSS_VIEWED,       /* whoever viewed the EXIF data viewed the file */
	FILING_CROSS_REGION,       /* a city in the US has a state of the US */
	FILING_CROSS_ON_PERSON,    /* an incident's address stands on a person, too */
	FILING_CROSS_HAS_EMAIL,    /* whoever reports can be written to */
	FILING_CROSS_ON_OR_AFTER,  /* not before @disabledDate */
	FILING_CROSS_AFTER,        /* behind @disabledDate */
	FILING_CROSS_AGE_OR_BIRTH, /* one of the two */
	FILING_CROSS_OURS,         /* the report that this file belongs to */
	FILING_CROSS_SUPPLEMENTAL, /* a supplemental file is not classified */
};

struct filing_rule {
	const char *id; /* "person/firstName", "associatedAccount/platform/@thirdPartyUser" */
	uint32_t max, local_max; /* characters; 0 is any number */
	bool nonblank, past, ranged, once_unless_batched;
	int64_t low, high;
	enum filing_format format;
	enum filing_pattern pattern;
	enum filing_cross cross;
};

/* The first `filing_rules_stated` are NCMEC's; those behind them the schema alone knows. */
extern const unsigned filing_rules_stated, filing_rule_count;
extern const struct filing_rule filing_rules[];

/* SHA-256 of the schema the tables were made of, in hexadecimal. */
extern const char filing_schema_sha256[];

#endif
