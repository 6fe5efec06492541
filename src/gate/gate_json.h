/*
 * gate_json.h - an answer with all that led to it, as JSON: the same for the command and the API
 */
#ifndef GATE_JSON_H
#define GATE_JSON_H

#include "base/json.h"
#include "gate/gate.h"

struct gate_told {
	const struct gate_rules *rules;
	size_t group;
	ward_str text; /* as it was asked */
	const struct ward_link *link;
	const struct ward_site_hits *hits;
	const struct gate_answer *answer;
	bool hidden; /* entries of hidden lists are shown, too */
};

/* The entry as it is written, or "(hidden)". */
void gate_write_entry(const struct ward_site_hit *hit, bool hidden, struct ward_buf *out);

void gate_json_answer(struct json *json, const struct gate_told *told);

#endif
