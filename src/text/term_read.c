/* Lists of terms as operators have them: ward's own lines, and e2guardian's phrase lists. */
#include "text/term_list.h"
#include "text/terms.h"

#include <math.h>

#define WEIGHT_DEFAULT 10
#define WITHIN_MAX     1000000

/* ---- ward's own ---- */

static bool read_weight(ward_str text, double *weight)
{
	char digits[32], *end;
	double value;

	if (text.len == 0 || text.len >= sizeof(digits))
		return false;
	memcpy(digits, text.ptr, text.len);
	digits[text.len] = 0;
	value = strtod(digits, &end);
	if (*end || !isfinite(value) || fabs(value) > TERMS_WEIGHT_MAX)
		return false;
	*weight = value;
	return true;
}

static bool read_kind(ward_str text, ward_term_kind *kind)
{
	for (unsigned i = 0; i < WARD_TERM_KIND_COUNT; i++) {
		if (ward_str_eq(text, ward_str_from(ward_term_kind_name((ward_term_kind)i)))) {
			*kind = (ward_term_kind)i;
			return true;
		}
	}
	return false;
}

static bool read_within(ward_str text, uint32_t *within)
{
	uint64_t value;

	if (!ward_u64_parse(text, &value) || value == 0 || value > WITHIN_MAX)
		return false;
	*within = (uint32_t)value;
	return true;
}

static bool add_with(struct ward_term *term, ward_str text)
{
	if (text.len == 0 || term->with_count == WARD_TERM_PARTS_MAX - 1)
		return false;
	term->with[term->with_count++] = text;
	return true;
}

/* One attribute; NULL, or what is wrong with it. */
static const char *read_attribute(ward_str name, ward_str value, struct ward_term *term)
{
	if (ward_str_eq(name, WARD_STR("weight")))
		return read_weight(value, &term->weight) ? NULL : "a weight is a number";
	if (ward_str_eq(name, WARD_STR("kind")))
		return read_kind(value, &term->kind) ? NULL
						     : "a kind is weighted, banned or exception";
	if (ward_str_eq(name, WARD_STR("within")))
		return read_within(value, &term->within) ? NULL
							 : "within is a number of words, from 1";
	if (ward_str_eq(name, WARD_STR("with")))
		return add_with(term, value) ? NULL : "a combination has 2 to 8 parts";
	if (ward_str_eq(name, WARD_STR("context"))) {
		term->part = ward_str_eq(value, WARD_STR("part"));
		return term->part || ward_str_eq(value, WARD_STR("word"))
				       ? NULL
				       : "a context is word or part";
	}
	if (ward_str_eq(name, WARD_STR("category")))
		term->category = value;
	else if (ward_str_eq(name, WARD_STR("language")))
		term->language = value;
	else
		return "there is no such attribute";
	return NULL;
}

static ward_err read_own_line(struct ward_term_list *list, ward_str line, struct ward_error *error)
{
	struct ward_term term = { .weight = WEIGHT_DEFAULT };
	const char *wrong = NULL;

	term.text = ward_str_trim(ward_str_cut(&line, '\t'));
	while (line.len > 0 && !wrong) {
		ward_str value = ward_str_trim(ward_str_cut(&line, '\t'));
		ward_str name = ward_str_cut(&value, '=');

		if (name.len > 0)
			wrong = read_attribute(name, value, &term);
	}
	if (!wrong && term.within > 0 && term.with_count == 0)
		wrong = "within needs a with";
	if (wrong)
		return ward_fail(error, WARD_E_FORMAT, "%s", wrong);
	return term_list_add(list, &term, error);
}

/* ---- e2guardian's ---- */

/*
 * "<phrase>" anywhere, "< phrase >" as words; several with commas between must
 * all be on the page; of weighted lists a number in brackets ends the line.
 */
static const char *read_phrases(ward_str line, ward_term_format format, struct ward_term *term)
{
	bool weighted = format == WARD_TERM_FORMAT_E2_WEIGHTED, first = true, comma = false;
	ward_str phrase = { NULL, 0 };

	while (line.len > 0) {
		if (line.ptr[0] != '<')
			return "a phrase stands in <brackets>";
		ward_str_cut(&line, '<');
		if (!memchr(line.ptr, '>', line.len))
			return "a bracket is open";
		phrase = ward_str_cut(&line, '>');
		if (weighted && !first && !comma)
			break;
		if (first) {
			term->text = ward_str_trim(phrase);
			term->part = !(phrase.len > 2 && phrase.ptr[0] == ' ' &&
					phrase.ptr[phrase.len - 1] == ' ');
		} else if (!add_with(term, ward_str_trim(phrase))) {
			return "a combination has 2 to 8 parts";
		}
		first = false;
		line = ward_str_trim(line);
		comma = line.len > 0 && line.ptr[0] == ',';
		if (comma) {
			ward_str_cut(&line, ',');
			line = ward_str_trim(line);
			if (line.len == 0)
				return "a phrase is missing behind the comma";
		} else if (!weighted) {
			return line.len == 0 ? NULL : "something stands behind the phrases";
		}
		phrase.ptr = NULL;
	}
	if (weighted && (!phrase.ptr || !read_weight(phrase, &term->weight)))
		return "a weight is a number in <brackets> behind the phrases";
	return ward_str_trim(line).len == 0 ? NULL : "something stands behind the weight";
}

static ward_err read_e2_line(struct ward_term_list *list, ward_str line, ward_term_format format,
		struct ward_error *error)
{
	struct ward_term term = { .weight = WEIGHT_DEFAULT };
	const char *wrong;

	if (ward_str_starts(line, WARD_STR(".Include")))
		return ward_fail(error, WARD_E_FORMAT,
				"includes are not followed: give the file itself");
	if (format == WARD_TERM_FORMAT_E2_BANNED)
		term.kind = WARD_TERM_BANNED;
	if (format == WARD_TERM_FORMAT_E2_EXCEPTION)
		term.kind = WARD_TERM_EXCEPTION;
	wrong = read_phrases(line, format, &term);
	if (wrong)
		return ward_fail(error, WARD_E_FORMAT, "%s", wrong);
	return term_list_add(list, &term, error);
}

ward_err ward_term_list_read(struct ward_term_list *list, ward_str text, ward_term_format format,
		struct ward_error *error)
{
	size_t count = list->count;
	struct ward_error why = { 0 };
	ward_err err = WARD_OK;
	unsigned number = 0;

	if (ward_str_starts(text, WARD_STR("\xef\xbb\xbf")))
		text = (ward_str){ text.ptr + 3, text.len - 3 };
	while (text.len > 0 && !err) {
		ward_str line = ward_str_trim(ward_str_cut(&text, '\n'));

		number++;
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (!ward_utf8_valid(line))
			err = ward_fail(&why, WARD_E_FORMAT, "not UTF-8");
		else if (format == WARD_TERM_FORMAT_WARD)
			err = read_own_line(list, line, &why);
		else
			err = read_e2_line(list, line, format, &why);
	}
	if (!err)
		return WARD_OK;
	list->count = count;
	return ward_fail(error, err, "line %u: %s", number, why.message);
}
