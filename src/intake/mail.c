#include "intake/mail.h"

#include "box/errand.h"

enum { MEMORY_MAX = 768 << 20 };

_Static_assert(MAIL_ANSWER_MAX >= MAIL_BYTES_MAX + MAIL_PARTS_MAX * 256, "heads have room, too");

/* ---- the answer ---- */

bool mail_parts_read(ward_bytes written, struct mail_parts *parts)
{
	struct ward_reader reader = ward_reader_from(written);

	parts->count = 0;
	for (;;) {
		uint8_t what = ward_read_u8(&reader);

		if (what == 'E')
			return !reader.failed && ward_reader_left(&reader) == 0;
		if ((what != 'T' && what != 'A') || parts->count == MAIL_PARTS_MAX)
			return false;
		struct mail_part *part = &parts->at[parts->count++];
		size_t type = ward_read_u32le(&reader), len = ward_read_u32le(&reader);
		ward_bytes name = ward_read_bytes(&reader, type);

		part->text = what == 'T';
		part->type = (ward_str){ (const char *)name.ptr, name.len };
		part->bytes = ward_read_bytes(&reader, len);
		if (reader.failed)
			return false;
	}
}

void mail_parts_free(struct mail_parts *parts)
{
	free(parts->memory);
	parts->memory = NULL;
	parts->count = 0;
}

/* ---- the process ---- */

/* A mail that kills it is one that cannot be taken apart; a program that is not there is not. */
static ward_err run(ward_bytes mail, char **answer, size_t *len, struct ward_error *error)
{
	static const struct errand errand = { "WARD_MAIL", "ward-mail", "a mail", MAIL_ANSWER_MAX,
		MAIL_TIME_S, MEMORY_MAX };
	ward_err err = errand_run(&errand, mail, answer, len, error);

	return err == WARD_E_WORKER || err == WARD_E_TIMEOUT || err == WARD_E_FORMAT
			       ? ward_fail(error, WARD_E_FORMAT, "the mail cannot be taken apart")
			       : err;
}

ward_err mail_take_apart(ward_bytes mail, struct mail_parts *parts, struct ward_error *error)
{
	char *answer = NULL;
	size_t len = 0;
	ward_err err = run(mail, &answer, &len, error);

	if (!err && !mail_parts_read((ward_bytes){ (const uint8_t *)answer, len }, parts))
		err = ward_fail(error, WARD_E_FORMAT, "the mail cannot be taken apart");
	if (err)
		free(answer);
	else
		parts->memory = answer;
	return err;
}
