/* vPDQ's two written forms: a file of lines, and an array of strings on one line. */
#include <ward/vpdq.h>

#include <math.h>

/* ---- numbers ---- */

static bool parse_digits(ward_str *rest, double *value, int *digits)
{
	*digits = 0;
	while (rest->len > 0 && *rest->ptr >= '0' && *rest->ptr <= '9') {
		*value = *value * 10 + (*rest->ptr - '0');
		++*digits;
		*rest = (ward_str){ rest->ptr + 1, rest->len - 1 };
	}
	return *digits > 0;
}

static bool skip(ward_str *rest, char c)
{
	if (rest->len == 0 || *rest->ptr != c)
		return false;
	*rest = (ward_str){ rest->ptr + 1, rest->len - 1 };
	return true;
}

/* Two digits with a sign, as C and Python print them. */
static bool parse_exponent(ward_str *rest, int *exponent)
{
	bool negative = skip(rest, '-');
	double value = 0;
	int digits;

	if (!negative)
		(void)skip(rest, '+');
	if (!parse_digits(rest, &value, &digits) || digits > 2)
		return false;
	*exponent = negative ? -(int)value : (int)value;
	return true;
}

/*
 * Seconds, as "12.345" or "1.23e+03", whatever the locale.  At most 15 digits: all that a double
 * holds exactly, so that what was read is what is nearest to it, and prints the same again.
 */
static bool parse_seconds(ward_str text, double *seconds)
{
	double value = 0;
	int whole, behind = 0, exponent = 0;

	if (!parse_digits(&text, &value, &whole))
		return false;
	if (skip(&text, '.') && !parse_digits(&text, &value, &behind))
		return false;
	if (skip(&text, 'e') && !parse_exponent(&text, &exponent))
		return false;
	if (text.len > 0 || whole + behind > 15)
		return false;
	exponent -= behind;
	*seconds = exponent < 0 ? value / pow(10, -exponent) : value * pow(10, exponent);
	return true;
}

static bool parse_quality(ward_str text, int *quality)
{
	uint64_t value;

	if (!ward_u64_parse(text, &value) || value > 100)
		return false;
	*quality = (int)value;
	return true;
}

static bool parse_number(ward_str text, uint32_t *number)
{
	uint64_t value;

	if (!ward_u64_parse(text, &value) || value > UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

/* ---- the file ---- */

/* Digits before and behind the point, with the point of no locale. */
static void write_seconds(struct ward_buf *out, double seconds)
{
	char text[400]; /* the largest double has 309 digits */

	snprintf(text, sizeof(text), "%.3f", seconds);
	char *comma = strchr(text, ',');

	if (comma)
		*comma = '.';
	ward_buf_str(out, ward_str_from(text));
}

void ward_vpdq_write(const struct ward_vpdq *list, struct ward_buf *out)
{
	char hash[65];

	for (size_t i = 0; i < list->count; i++) {
		const struct ward_vpdq_frame *frame = &list->frames[i];

		ward_buf_printf(out, "%u,%d,%s,", (unsigned)frame->number, frame->quality,
				ward_pdq_format(frame->hash, hash));
		write_seconds(out, frame->time_s);
		ward_buf_char(out, '\n');
	}
}

static ward_err read_line(ward_str line, size_t number, struct ward_vpdq *list,
		struct ward_error *error)
{
	struct ward_vpdq_frame frame = { 0 };

	if (!parse_number(ward_str_cut(&line, ','), &frame.number))
		return ward_fail(error, WARD_E_FORMAT,
				"line %zu: a frame's line begins with its number", number);
	if (!parse_quality(ward_str_cut(&line, ','), &frame.quality))
		return ward_fail(error, WARD_E_FORMAT, "line %zu: a quality is from 0 to 100",
				number);
	if (!ward_pdq_parse(ward_str_cut(&line, ','), &frame.hash))
		return ward_fail(error, WARD_E_FORMAT, "line %zu: a hash is 64 hex digits", number);
	if (!parse_seconds(ward_str_cut(&line, ','), &frame.time_s))
		return ward_fail(error, WARD_E_FORMAT, "line %zu: a time is seconds, as 12.345",
				number);
	return ward_vpdq_add(list, &frame, error);
}

static ward_err finish(ward_err err, struct ward_vpdq *made, struct ward_vpdq *list)
{
	if (err)
		ward_vpdq_free(made);
	else
		*list = *made;
	return err;
}

ward_err ward_vpdq_read(ward_str text, struct ward_vpdq *list, struct ward_error *error)
{
	struct ward_vpdq made = { 0 };
	ward_err err = WARD_OK;

	for (size_t number = 1; !err && text.len > 0; number++) {
		ward_str line = ward_str_cut(&text, '\n');

		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		err = read_line(line, number, &made, error);
	}
	if (!err && made.count == 0)
		err = ward_fail(error, WARD_E_FORMAT, "there is no frame in it");
	return finish(err, &made, list);
}

/* ---- the signal ---- */

/*
 * Three digits as Python's format code ".3" gives them: no zeros at the end but one behind the
 * point, and an exponent from 100 on and below 0.0001.
 */
static void write_three_digits(struct ward_buf *out, double seconds)
{
	char text[32], digits[8];

	snprintf(text, sizeof(text), "%.2e", seconds); /* d.dde+xx */
	text[1] = '.';
	int exponent = (int)strtol(text + 5, NULL, 10);

	snprintf(digits, sizeof(digits), "%c%.2s", text[0], text + 2);
	for (size_t len = 3; len > 1 && digits[len - 1] == '0'; len--)
		digits[len - 1] = '\0';
	if (exponent >= 2 || exponent < -4)
		ward_buf_printf(out, "%c%s%se%c%02d", digits[0], digits[1] ? "." : "", digits + 1,
				exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
	else if (exponent == 1)
		ward_buf_printf(out, "%c%c.%c", digits[0], digits[1] ? digits[1] : '0',
				digits[1] && digits[2] ? digits[2] : '0');
	else if (exponent == 0)
		ward_buf_printf(out, "%c.%s", digits[0], digits[1] ? digits + 1 : "0");
	else
		ward_buf_printf(out, "0.%.*s%s", -exponent - 1, "000", digits);
}

void ward_vpdq_write_signal(const struct ward_vpdq *list, struct ward_buf *out)
{
	char hash[65];

	ward_buf_char(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		const struct ward_vpdq_frame *frame = &list->frames[i];

		ward_buf_printf(out, "%s\"%s,%d,", i > 0 ? ", " : "",
				ward_pdq_format(frame->hash, hash), frame->quality);
		write_three_digits(out, frame->time_s);
		ward_buf_char(out, '"');
	}
	ward_buf_char(out, ']');
}

static void skip_space(ward_str *rest)
{
	while (rest->len > 0 && strchr(" \t\r\n", *rest->ptr))
		*rest = (ward_str){ rest->ptr + 1, rest->len - 1 };
}

static ward_err read_string(ward_str *rest, struct ward_vpdq *list, struct ward_error *error)
{
	struct ward_vpdq_frame frame = { .number = (uint32_t)list->count };
	const char *end = rest->len > 0 ? memchr(rest->ptr, '"', rest->len) : NULL;

	if (!end)
		return ward_fail(error, WARD_E_FORMAT, "string %zu does not end", list->count + 1);
	ward_str text = ward_str_cut(rest, '"');

	if (!ward_pdq_parse(ward_str_cut(&text, ','), &frame.hash) ||
			!parse_quality(ward_str_cut(&text, ','), &frame.quality) ||
			!parse_seconds(text, &frame.time_s))
		return ward_fail(error, WARD_E_FORMAT, "string %zu is not \"hash,quality,seconds\"",
				list->count + 1);
	return ward_vpdq_add(list, &frame, error);
}

/* Behind the opening bracket. */
static ward_err read_strings(ward_str *rest, struct ward_vpdq *list, struct ward_error *error)
{
	ward_err err = WARD_OK;
	bool more = true;

	while (!err && more) {
		skip_space(rest);
		if (!skip(rest, '"'))
			return ward_fail(error, WARD_E_FORMAT,
					"a signal of vPDQ is an array of strings");
		err = read_string(rest, list, error);
		skip_space(rest);
		more = skip(rest, ',');
	}
	return err;
}

ward_err ward_vpdq_read_signal(ward_str text, struct ward_vpdq *list, struct ward_error *error)
{
	struct ward_vpdq made = { 0 };
	ward_err err;

	skip_space(&text);
	if (!skip(&text, '['))
		return ward_fail(error, WARD_E_FORMAT, "a signal of vPDQ is an array of strings");
	err = read_strings(&text, &made, error);
	if (!err && !skip(&text, ']'))
		err = ward_fail(error, WARD_E_FORMAT, "the array does not end");
	skip_space(&text);
	if (!err && text.len > 0)
		err = ward_fail(error, WARD_E_FORMAT, "something follows the array");
	return finish(err, &made, list);
}
