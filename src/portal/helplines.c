#include "portal/helplines.h"

#include <jansson.h>

enum { COUNTRIES_MAX = 300, NUMBERS_MAX = 8, TEXT_MAX = 200, ARENA_MAX = 4 << 20 };

struct helplines {
	struct ward_arena arena;
	struct country *countries;
	size_t count;
};

/* A text of the object, copied; "" when it is not there, ptr NULL when it is no good. */
static ward_str text_of(const json_t *object, const char *name, struct ward_arena *arena)
{
	const json_t *value = json_object_get(object, name);
	const char *text = json_string_value(value);

	if (!value)
		return WARD_STR("");
	if (!text || json_string_length(value) > TEXT_MAX)
		return (ward_str){ NULL, 0 };
	return ward_arena_str(arena, (ward_str){ text, json_string_length(value) });
}

/* "0800 1111" is dialled 08001111; other marks than these do not stand in a number. */
static ward_str digits_of(ward_str number, struct ward_arena *arena)
{
	char *digits = ward_new(arena, char, number.len + 1);
	size_t len = 0;

	for (size_t i = 0; digits && i < number.len; i++) {
		char c = number.ptr[i];

		if ((c >= '0' && c <= '9') || (c == '+' && i == 0))
			digits[len++] = c;
		else if (c != ' ' && c != '-')
			return (ward_str){ NULL, 0 };
	}
	return len > 1 ? (ward_str){ digits, len } : (ward_str){ NULL, 0 };
}

static ward_str host_of(ward_str url)
{
	ward_str rest = { url.ptr + 8, url.len - 8 };
	ward_str host = ward_str_cut(&rest, '/');

	return ward_str_starts(host, WARD_STR("www.")) ? (ward_str){ host.ptr + 4, host.len - 4 }
						       : host;
}

static bool read_number(const json_t *object, struct ward_arena *arena, struct helpline *line)
{
	*line = (struct helpline){
		.number = text_of(object, "number", arena),
		.name = text_of(object, "name", arena),
		.language = text_of(object, "language", arena),
		.source = text_of(object, "source", arena),
	};
	if (!line->number.ptr || !line->name.ptr || !line->language.ptr || !line->source.ptr ||
			!ward_str_starts(line->source, WARD_STR("https://")))
		return false;
	line->host = host_of(line->source);
	line->digits = digits_of(line->number, arena);
	return line->digits.ptr != NULL;
}

/* A named helpline says in which language its name is. */
static bool read_numbers(const json_t *array, bool named, struct ward_arena *arena,
		const struct helpline **lines, size_t *count)
{
	size_t size = json_array_size(array);
	struct helpline *read = ward_new(arena, struct helpline, size + 1);

	if (!read || !json_is_array(array) || size > NUMBERS_MAX)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (!read_number(json_array_get(array, i), arena, &read[i]))
			return false;
		if (named && (read[i].name.len == 0 || read[i].language.len == 0))
			return false;
	}
	*lines = read;
	*count = size;
	return true;
}

/* A country may have none, and older files do not speak of them. */
static bool read_own(const json_t *array, struct ward_arena *arena, struct country *country)
{
	return !array || read_numbers(array, true, arena, &country->own, &country->own_count);
}

static bool read_country(const json_t *object, struct ward_arena *arena, struct country *country)
{
	const json_t *names = json_object_get(object, "names");

	country->code = text_of(object, "code", arena);
	if (!country->code.ptr || country->code.len != 2)
		return false;
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		country->names[i] = text_of(names, languages[i].code, arena);
		if (country->names[i].len == 0)
			return false;
	}
	return read_numbers(json_object_get(object, "emergency"), false, arena, &country->emergency,
			       &country->emergency_count) &&
	       country->emergency_count > 0 &&
	       read_numbers(json_object_get(object, "children"), true, arena, &country->children,
			       &country->children_count) &&
	       read_own(json_object_get(object, "own"), arena, country);
}

static ward_err read_countries(const json_t *array, struct helplines *helplines,
		struct ward_error *error)
{
	size_t count = json_array_size(array);

	if (count == 0 || count > COUNTRIES_MAX)
		return ward_fail(error, WARD_E_FORMAT,
				"the helplines have no countries, or more than %d", COUNTRIES_MAX);
	helplines->countries = ward_new(&helplines->arena, struct country, count);
	if (!helplines->countries)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (; helplines->count < count; helplines->count++) {
		struct country *country = &helplines->countries[helplines->count];
		bool good = read_country(json_array_get(array, helplines->count), &helplines->arena,
				country);

		if (!good)
			return ward_fail(error, WARD_E_FORMAT,
					"helplines: country %zu lacks a code, a name in some "
					"language, an emergency number, or a number's source",
					helplines->count + 1);
		if (helplines_find(helplines, country->code))
			return ward_fail(error, WARD_E_FORMAT, "helplines: %.2s is there twice",
					country->code.ptr);
	}
	return WARD_OK;
}

ward_err helplines_read(ward_str json, struct helplines **helplines, struct ward_error *error)
{
	struct helplines *read = calloc(1, sizeof(*read));
	json_error_t wrong;
	json_t *root = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &wrong);
	ward_err err;

	if (!read) {
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	} else if (!root) {
		err = ward_fail(error, WARD_E_FORMAT, "helplines: line %d is no JSON", wrong.line);
	} else {
		ward_arena_init(&read->arena, ARENA_MAX);
		err = read_countries(json_object_get(root, "countries"), read, error);
	}
	json_decref(root);
	if (err)
		helplines_free(read);
	else
		*helplines = read;
	return err;
}

void helplines_free(struct helplines *helplines)
{
	if (!helplines)
		return;
	ward_arena_free(&helplines->arena);
	free(helplines);
}

size_t helplines_count(const struct helplines *helplines)
{
	return helplines->count;
}

const struct country *helplines_at(const struct helplines *helplines, size_t index)
{
	return &helplines->countries[index];
}

const struct country *helplines_find(const struct helplines *helplines, ward_str code)
{
	for (size_t i = 0; i < helplines->count; i++) {
		if (ward_str_eq(helplines->countries[i].code, code))
			return &helplines->countries[i];
	}
	return NULL;
}
