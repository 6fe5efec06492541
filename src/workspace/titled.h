/*
 * titled.h - sections of ward.conf of which there may be many, each with a title
 *
 *     rule "disputed" { ... }
 *     group "class 7" { ... }
 *
 * What reads such a section gives the names that it knows and a function for one
 * of them; that a title is there, sound and the only one of its kind, that no name
 * is unknown or set twice, is seen to here, in the same words for all of them.
 */
#ifndef TITLED_H
#define TITLED_H

#include "workspace/conf.h"

enum { TITLED_NAMES_MAX = 16, TITLED_TITLE_MAX = 64, TITLED_TEXT_MAX = 256 };

/* A kind of section. */
struct titled {
	const char *section; /* "rule", as it is written */
	const char *one;     /* "a rule", in sentences */
	const char *const *names;
	size_t count; /* at most TITLED_NAMES_MAX */
	/* Reads the value of names[which] into what is being made. */
	ward_err (*read)(const struct conf_node *node, size_t which, void *into,
			struct ward_error *error);
};

bool titled_is(const struct titled *kind, const struct conf_node *node);

/*
 * Reads one section, which is among those behind `first`.  `given` holds, when
 * this succeeds, the node of each name or NULL.
 */
ward_err titled_read(const struct titled *kind, const struct conf_node *first,
		const struct conf_node *section, void *into,
		const struct conf_node *given[TITLED_NAMES_MAX],
		struct ward_error *error) WARD_MUST_USE;

/* A text of one line, 1 to TITLED_TEXT_MAX - 1 bytes. */
ward_err titled_text(const struct conf_node *node, ward_str *text,
		struct ward_error *error) WARD_MUST_USE;
ward_err titled_switch(const struct conf_node *node, bool *on,
		struct ward_error *error) WARD_MUST_USE;

#endif
