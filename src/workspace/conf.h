/*
 * conf.h - the text of ward.conf as a tree
 *
 * The syntax is the part of UCL that people know from nginx and rspamd:
 *
 *     # to the end of the line, or between slash-stars
 *     server {
 *             port = 8750;            # also "port: 8750" and "port 8750"
 *             address = "127.0.0.1"
 *     }
 *     rule "known" { finding = [known, near]; verdict = hold }
 *     .include "rules.conf"
 *
 * A value ends at a semicolon, a comma or the end of the line.  Every node knows its file and line,
 * so whoever reads the tree can say where a mistake is.  Text alone is parsed here; whoever calls
 * opens the files of `.include`.  Sizes and depth are bounded: any text gives a tree or an error.
 */
#ifndef CONF_H
#define CONF_H

#include <ward/base.h>

enum conf_kind {
	CONF_VALUE,
	CONF_SECTION,
};

struct conf_node {
	enum conf_kind kind;
	ward_str name;
	ward_str title;          /* of a section: rule "title" { } */
	ward_str value;          /* of an array: its values with blanks between */
	struct conf_node *child; /* of a section: the first */
	struct conf_node *next;  /* in the order of the text */
	const char *file;        /* as it was named, for messages */
	unsigned line;           /* 1-based */
};

/* Text longer than this, includes counted, is no configuration. */
#define CONF_BYTES_MAX ((size_t)1 << 20)
#define CONF_PATH_MAX  100
#define CONF_DEPTH_MAX 8 /* sections in sections; includes in includes */

/*
 * Gives the text of an included file, which lives in the arena.  NULL in
 * conf_parse: nothing may be included.
 */
typedef ward_err conf_include(void *context, ward_str path, struct ward_arena *arena,
		ward_str *text, struct ward_error *error);

/* The first node of the text, NULL when it is empty; everything lives in the arena. */
ward_err conf_parse(struct ward_arena *arena, const char *file, ward_str text,
		conf_include *include, void *context, struct conf_node **first,
		struct ward_error *error) WARD_MUST_USE;

/* ward_fail with "FILE:LINE: " before the words. */
ward_err conf_fail(const struct conf_node *node, struct ward_error *error, const char *fmt, ...)
		WARD_PRINTF(3, 4);

#endif
