#include "measure/chart.h"

#include <inttypes.h>
#include <math.h>

#include "measure/guard.h"
#include "measure/tell.h"

/* The plot lies between these, of 360 by HEIGHT. */
enum { WIDTH = 360, HEIGHT = 190, LEFT = 44, RIGHT = 352, TOP = 24, BOTTOM = 162 };

void measure_html(struct ward_buf *out, ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		const char *found = strchr("&<>\"'", text.ptr[i]);

		if (text.ptr[i] && found)
			ward_buf_printf(out, "&#%d;", text.ptr[i]);
		else
			ward_buf_char(out, text.ptr[i]);
	}
}

/* ---- a scale ---- */

struct scale {
	const char *unit;
	double divide; /* of a number, to be in the unit */
	double step;   /* between two lines of the grid, in the unit */
	double max;    /* of the axis, in the unit */
};

/* 1, 2 or 5 times a power of ten, so that at most five lines are drawn; no parts of a whole. */
static double nice_step(double max)
{
	static const double parts[] = { 1, 2, 5, 10 };
	double power = 1;

	while (max / (10 * power) > 5)
		power *= 10;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (max / (parts[i] * power) <= 5)
			return parts[i] * power;
	}
	return 10 * power;
}

static struct scale make_scale(const struct measure_table *table, double max)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = { { "days", 86400 }, { "hours", 3600 }, { "minutes", 60 }, { "seconds", 1 } };
	struct scale scale = { table->metric->unit, 1, 1, 0 };

	if (table->metric->kind == MEASURE_SHARE)
		return (struct scale){ "%", 1, 25, 100 };
	if (measure_is_duration(table->metric)) {
		size_t i = 0;

		while (i < 3 && max < 2 * units[i].seconds)
			i++;
		scale.unit = units[i].unit;
		scale.divide = units[i].seconds;
	}
	scale.step = nice_step(max / scale.divide);
	scale.max = ceil(max / scale.divide / scale.step) * scale.step;
	if (scale.max < scale.step)
		scale.max = scale.step;
	return scale;
}

static double y_of(const struct scale *scale, double number)
{
	return BOTTOM - (BOTTOM - TOP) * (number / scale->divide) / scale->max;
}

/* ---- what is drawn of a cell ---- */

/* NAN where there is nothing to draw. */
static double number_of(const struct measure_table *table, const struct measure_numbers *numbers,
		bool second)
{
	switch (table->metric->kind) {
	case MEASURE_SHARE:
		return numbers->hidden || numbers->of == 0
				       ? (double)NAN
				       : 100.0 * (double)numbers->value / (double)numbers->of;
	case MEASURE_TIME:
		if (numbers->hidden || numbers->value == 0)
			return (double)NAN;
		return (double)(second ? numbers->p90_s : numbers->median_s);
	case MEASURE_COUNT:
	case MEASURE_LEVEL:
		break;
	}
	return numbers->hidden ? (double)NAN : (double)numbers->value;
}

/* Below 0: there is nothing at all. */
static double largest(const struct measure_table *table)
{
	double max = -1;

	for (size_t i = 0; i < table->spans.count; i++) {
		double number = number_of(table, &table->all.at[i],
				table->metric->kind == MEASURE_TIME);

		if (number > max)
			max = number;
	}
	return max;
}

/* ---- over the periods ---- */

static double x_of(const struct measure_table *table, double index)
{
	return LEFT + (RIGHT - LEFT) * (index + 0.5) / (double)table->spans.count;
}

static void write_date(const struct measure_table *table, size_t span, const char *anchor, int x,
		struct ward_buf *out)
{
	static const int lengths[MEASURE_STEPS] = { 10, 10, 7, 4 };
	char day[MEASURE_DATE_MAX];

	measure_day_format(table->spans.start[span], day);
	ward_buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%.*s</text>", x,
			BOTTOM + 17, anchor, lengths[table->step], day);
}

static void write_axes(const struct measure_table *table, const struct scale *scale,
		struct ward_buf *out)
{
	size_t count = table->spans.count, middle = count / 2;

	ward_buf_printf(out, "<text x=\"4\" y=\"12\">%s</text>", scale->unit);
	int ticks = (int)lround(scale->max / scale->step);

	for (int i = 0; i <= ticks; i++) {
		double tick = i * scale->step, y = y_of(scale, tick * scale->divide);

		ward_buf_printf(out,
				"<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" "
				"y=\"%.1f\" text-anchor=\"end\">%.0f</text>",
				LEFT, y, RIGHT, LEFT - 5, y + 4, tick);
	}
	write_date(table, 0, count > 1 ? "start" : "middle", count > 1 ? LEFT : (LEFT + RIGHT) / 2,
			out);
	if (count > 2)
		write_date(table, middle, "middle", (int)x_of(table, (double)middle), out);
	if (count > 1)
		write_date(table, count - 1, "end", RIGHT, out);
}

static void write_bars(const struct measure_table *table, const struct scale *scale,
		struct ward_buf *out)
{
	double room = (double)(RIGHT - LEFT) / (double)table->spans.count;
	double width = room > 40 ? 32 : room * 0.8;

	for (size_t i = 0; i < table->spans.count; i++) {
		const struct measure_numbers *numbers = &table->all.at[i];
		double x = x_of(table, (double)i) - width / 2;
		double y = numbers->hidden ? BOTTOM - 12 : y_of(scale, (double)numbers->value);

		ward_buf_printf(out,
				"<rect class=\"%s\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" "
				"height=\"%.1f\"/>",
				numbers->hidden ? "hid" : "mark", x, y, width, BOTTOM - y);
	}
}

/* A line breaks where there is nothing; a lone point is a dot. */
static void write_line(const struct measure_table *table, const struct scale *scale, bool second,
		struct ward_buf *out)
{
	const char *class = second ? "second" : "mark";
	bool on = false;

	ward_buf_printf(out, "<path class=\"line %s\" d=\"", class);
	for (size_t i = 0; i < table->spans.count; i++) {
		double number = number_of(table, &table->all.at[i], second);

		if (!isnan(number))
			ward_buf_printf(out, "%c%.1f %.1f", on ? 'L' : 'M', x_of(table, (double)i),
					y_of(scale, number));
		on = !isnan(number);
	}
	ward_buf_str(out, WARD_STR("\"/>"));
	for (size_t i = 0; i < table->spans.count; i++) {
		double number = number_of(table, &table->all.at[i], second);

		if (!isnan(number))
			ward_buf_printf(out,
					"<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" "
					"r=\"%.1f\"/>",
					class, x_of(table, (double)i), y_of(scale, number),
					table->spans.count > 60 ? 0.9 : 2.2);
	}
}

static void open_svg(const char *title, int height, struct ward_buf *out)
{
	ward_buf_printf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH,
			height);
	measure_html(out, ward_str_from(title));
	ward_buf_str(out, WARD_STR(": a plot; the table below has its numbers\">"));
}

void measure_chart_periods(const struct measure_table *table, struct ward_buf *out)
{
	double max = largest(table);
	struct scale scale = make_scale(table, max > 0 ? max : 1);

	if (table->spans.count == 0)
		return;
	open_svg(table->metric->name, HEIGHT, out);
	write_axes(table, &scale, out);
	if (table->metric->kind == MEASURE_COUNT)
		write_bars(table, &scale, out);
	else
		write_line(table, &scale, false, out);
	if (table->metric->kind == MEASURE_TIME) {
		write_line(table, &scale, true, out);
		ward_buf_printf(out,
				"<text x=\"%d\" y=\"12\" text-anchor=\"end\">"
				"<tspan class=\"mark\">median</tspan> \u00b7 "
				"<tspan class=\"second\">90 of 100</tspan></text>",
				RIGHT);
	}
	ward_buf_str(out, WARD_STR("</svg>\n"));
}

/* ---- by key ---- */

enum { ROW = 22, ROWS_MAX = 12, LABEL = 112, LABEL_MAX = 18, BAR_END = 300 };

/* Below 0: hidden. */
static int64_t sum_of(const struct measure_table *table, const struct measure_series *series)
{
	int64_t sum = 0;

	if (table->metric->kind == MEASURE_LEVEL)
		return series->at[table->spans.count - 1].value;
	for (size_t i = 0; i < table->spans.count; i++) {
		if (series->at[i].hidden)
			return -1;
		sum += series->at[i].value;
	}
	return sum;
}

/* Cut where a letter begins. */
static void write_label(ward_str key, struct ward_buf *out)
{
	size_t len = key.len, letters = 0;

	for (size_t i = 0; i < key.len && len == key.len; i++) {
		if (((unsigned char)key.ptr[i] & 0xc0) != 0x80 && letters++ == LABEL_MAX)
			len = i;
	}
	measure_html(out, (ward_str){ key.ptr, len });
	ward_buf_str(out, len < key.len ? WARD_STR("\u2026") : WARD_STR(""));
}

static void write_key(const struct measure_series *series, int64_t sum, int64_t max, size_t row,
		struct ward_buf *out)
{
	double width = sum > 0 ? (double)(BAR_END - LABEL) * (double)sum / (double)max : 0;
	int y = (int)row * ROW;

	ward_buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LABEL - 6, y + 15);
	write_label(series->key, out);
	ward_buf_printf(out,
			"</text><rect class=\"mark\" x=\"%d\" y=\"%d\" width=\"%.1f\" "
			"height=\"%d\"/><text x=\"%.1f\" y=\"%d\">",
			LABEL, y + 3, width, ROW - 6, LABEL + width + 5, y + 15);
	if (sum < 0)
		ward_buf_str(out, WARD_STR(MEASURE_HIDDEN));
	else
		ward_buf_printf(out, "%" PRId64, sum);
	ward_buf_str(out, WARD_STR("</text>"));
}

bool measure_chart_keys(const struct measure_table *table, struct ward_buf *out)
{
	enum measure_kind kind = table->metric->kind;
	size_t rows = table->series_count < ROWS_MAX ? table->series_count : ROWS_MAX;
	int64_t max = 0;

	if (rows == 0 || table->spans.count == 0 ||
			(kind != MEASURE_COUNT && kind != MEASURE_LEVEL))
		return false;
	for (size_t i = 0; i < rows; i++) {
		int64_t sum = sum_of(table, &table->series[i]);

		max = sum > max ? sum : max;
	}
	open_svg(table->metric->name, (int)rows * ROW + 4, out);
	for (size_t i = 0; i < rows; i++)
		write_key(&table->series[i], sum_of(table, &table->series[i]), max, i, out);
	ward_buf_str(out, WARD_STR("</svg>\n"));
	return true;
}
