#include "measure/tell.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "measure/guard.h"

/* ---- JSON ---- */

static void key_number(struct json *json, const char *name, bool told, int64_t number)
{
	json_key(json, name);
	if (told)
		json_int(json, number);
	else
		json_null(json);
}

static void write_row(struct json *json, const struct measure_table *table, size_t span,
		const struct measure_series *series, bool all)
{
	const struct measure_numbers *numbers = &series->at[span];
	enum measure_kind kind = table->metric->kind;
	bool told = !numbers->hidden;
	bool share = told && kind == MEASURE_SHARE;
	bool time = told && kind == MEASURE_TIME && numbers->value > 0;
	char day[MEASURE_DATE_MAX];

	json_object(json);
	json_key_text(json, "period", measure_day_format(table->spans.start[span], day));
	json_key(json, "key");
	if (all)
		json_null(json);
	else
		json_str(json, series->key);
	key_number(json, "value", told, numbers->value);
	key_number(json, "of", share, numbers->of);
	json_key(json, "share");
	if (share && numbers->of > 0)
		json_double(json, (double)numbers->value / (double)numbers->of, 4);
	else
		json_null(json);
	key_number(json, "median_s", time, numbers->median_s);
	key_number(json, "p75_s", time, numbers->p75_s);
	key_number(json, "p90_s", time, numbers->p90_s);
	json_key_bool(json, "hidden", numbers->hidden);
	json_object_end(json);
}

static void write_table(struct json *json, const struct measure_table *table)
{
	json_object(json);
	json_key_text(json, "metric", table->metric->id);
	json_key_text(json, "name", table->metric->name);
	json_key_text(json, "unit", table->metric->unit);
	json_key_text(json, "kind", measure_kind_name(table->metric->kind));
	json_key_text(json, "by", table->by ? table->by->name : NULL);
	json_key_bool(json, "guarded", table->guarded);
	json_key_text(json, "step", measure_step_name(table->step));
	json_key(json, "rows");
	json_array(json);
	for (size_t span = 0; span < table->spans.count; span++) {
		for (size_t i = 0; i < table->series_count; i++)
			write_row(json, table, span, &table->series[i], false);
		write_row(json, table, span, &table->all, true);
	}
	json_array_end(json);
	json_object_end(json);
}

void measure_write_json(const struct measure_answer *answer, struct ward_buf *out)
{
	char text[CLOCK_TEXT_MAX], day[MEASURE_DATE_MAX];
	struct json json = json_to(out);

	json_object(&json);
	json_key_text(&json, "from", measure_day_format(answer->from, day));
	json_key_text(&json, "to", measure_day_format(answer->to, day));
	json_key_text(&json, "step", measure_step_name(answer->step));
	json_key_text(&json, "made_at", clock_format(answer->made_at, text));
	json_key_int(&json, "hidden_under", MEASURE_HIDDEN_UNDER);
	json_key(&json, "tables");
	json_array(&json);
	for (size_t i = 0; i < answer->table_count; i++)
		write_table(&json, &answer->tables[i]);
	json_array_end(&json);
	json_object_end(&json);
}

/* ---- CSV ---- */

/* A key may be an operator's word: quoted where RFC 4180 asks for it, and never a formula. */
static void csv_text(struct ward_buf *out, ward_str text)
{
	bool formula = text.len > 0 && strchr("=+-@\t\r", text.ptr[0]);

	ward_buf_char(out, '"');
	if (formula)
		ward_buf_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			ward_buf_char(out, '"');
		ward_buf_char(out, text.ptr[i]);
	}
	ward_buf_char(out, '"');
}

static void csv_number(struct ward_buf *out, bool told, int64_t number)
{
	if (told)
		ward_buf_printf(out, ",%" PRId64, number);
	else
		ward_buf_char(out, ',');
}

static void csv_row(const struct measure_table *table, size_t span,
		const struct measure_series *series, bool all, struct ward_buf *out)
{
	const struct measure_numbers *numbers = &series->at[span];
	bool told = !numbers->hidden;
	bool share = told && table->metric->kind == MEASURE_SHARE;
	bool time = told && table->metric->kind == MEASURE_TIME && numbers->value > 0;
	char day[MEASURE_DATE_MAX];

	ward_buf_printf(out, "%s,%s,%s,%s,", table->metric->id, table->by ? table->by->name : "",
			measure_step_name(table->step),
			measure_day_format(table->spans.start[span], day));
	if (!all)
		csv_text(out, series->key);
	csv_number(out, told, numbers->value);
	csv_number(out, share, numbers->of);
	if (share && numbers->of > 0)
		ward_buf_printf(out, ",%.4f", (double)numbers->value / (double)numbers->of);
	else
		ward_buf_char(out, ',');
	csv_number(out, time, numbers->median_s);
	csv_number(out, time, numbers->p75_s);
	csv_number(out, time, numbers->p90_s);
	ward_buf_printf(out, ",%d\r\n", numbers->hidden);
}

void measure_write_csv(const struct measure_answer *answer, struct ward_buf *out)
{
	ward_buf_str(out, WARD_STR("metric,by,step,period,key,value,of,share,median_s,p75_s,p90_s,"
				   "hidden\r\n"));
	for (size_t t = 0; t < answer->table_count; t++) {
		const struct measure_table *table = &answer->tables[t];

		for (size_t span = 0; span < table->spans.count; span++) {
			for (size_t i = 0; i < table->series_count; i++)
				csv_row(table, span, &table->series[i], false, out);
			csv_row(table, span, &table->all, true, out);
		}
	}
}

/* ---- text ---- */

bool measure_is_duration(const struct measure_metric *metric)
{
	return strcmp(metric->unit, "seconds") == 0;
}

void measure_write_duration(int64_t seconds, struct ward_buf *out)
{
	int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (seconds < 60)
		ward_buf_printf(out, "%" PRId64 " s", seconds);
	else if (minutes < 60)
		ward_buf_printf(out, "%" PRId64 " min", minutes);
	else if (hours < 48)
		ward_buf_printf(out, "%" PRId64 " h %" PRId64 " min", hours, minutes % 60);
	else
		ward_buf_printf(out, "%" PRId64 " d %" PRId64 " h", days, hours % 24);
}

void measure_write_numbers(const struct measure_table *table, const struct measure_numbers *numbers,
		struct ward_buf *out)
{
	enum measure_kind kind = table->metric->kind;

	if (numbers->hidden) {
		ward_buf_str(out, WARD_STR(MEASURE_HIDDEN));
	} else if (kind == MEASURE_SHARE && numbers->of > 0) {
		ward_buf_printf(out, "%.1f %% (%" PRId64 " of %" PRId64 ")",
				100.0 * (double)numbers->value / (double)numbers->of,
				numbers->value, numbers->of);
	} else if (kind == MEASURE_TIME && numbers->value > 0) {
		measure_write_duration(numbers->median_s, out);
		ward_buf_str(out, WARD_STR(" (90 %: "));
		measure_write_duration(numbers->p90_s, out);
		ward_buf_printf(out, "; %" PRId64 " cases)", numbers->value);
	} else if (kind == MEASURE_SHARE || kind == MEASURE_TIME) {
		ward_buf_str(out, WARD_STR("-"));
	} else if (measure_is_duration(table->metric)) {
		measure_write_duration(numbers->value, out);
	} else {
		ward_buf_printf(out, "%" PRId64, numbers->value);
	}
}

static void text_row(const struct measure_table *table, size_t span,
		const struct measure_series *series, bool all, struct ward_buf *out)
{
	ward_str key = all ? WARD_STR("all") : series->key;
	char day[MEASURE_DATE_MAX];

	measure_day_format(table->spans.start[span], day);
	if (table->by)
		ward_buf_printf(out, "  %s  %-24.*s  ", day, WARD_FMT(key));
	else
		ward_buf_printf(out, "  %s  ", day);
	measure_write_numbers(table, &series->at[span], out);
	ward_buf_char(out, '\n');
}

static void text_table(const struct measure_table *table, struct ward_buf *out)
{
	ward_buf_printf(out, "%s%s%s, %s, by %s\n", table->metric->name, table->by ? " by " : "",
			table->by ? table->by->name : "", table->metric->unit,
			measure_step_name(table->step));
	if (table->spans.count == 0)
		ward_buf_str(out, WARD_STR("  no whole month is over yet\n"));
	for (size_t span = 0; span < table->spans.count; span++) {
		for (size_t i = 0; i < table->series_count; i++)
			text_row(table, span, &table->series[i], false, out);
		text_row(table, span, &table->all, true, out);
	}
}

void measure_write_text(const struct measure_answer *answer, struct ward_buf *out)
{
	for (size_t i = 0; i < answer->table_count; i++) {
		if (i > 0)
			ward_buf_char(out, '\n');
		text_table(&answer->tables[i], out);
	}
}

/* ---- the catalogue ---- */

static void catalogue_metric(struct json *json, const struct measure_metric *metric)
{
	json_object(json);
	json_key_text(json, "id", metric->id);
	json_key_text(json, "group", metric->group);
	json_key_text(json, "name", metric->name);
	json_key_text(json, "definition", metric->definition);
	json_key_text(json, "unit", metric->unit);
	json_key_text(json, "kind", measure_kind_name(metric->kind));
	json_key_bool(json, "guarded", metric->people);
	json_key_text(json, "published_by", metric->published_by[0] ? metric->published_by : NULL);
	json_key(json, "by");
	json_array(json);
	for (size_t i = 0; i < MEASURE_SPLITS_OF_ONE && metric->ways[i].split; i++)
		json_str(json, ward_str_from(metric->ways[i].split->name));
	json_array_end(json);
	json_object_end(json);
}

void measure_write_catalogue_json(struct ward_buf *out)
{
	const struct measure_split *split;
	struct json json = json_to(out);

	json_object(&json);
	json_key(&json, "metrics");
	json_array(&json);
	for (size_t i = 0; i < measure_metric_count(); i++)
		catalogue_metric(&json, &measure_metrics[i]);
	json_array_end(&json);
	json_key(&json, "splits");
	json_array(&json);
	for (size_t i = 0; (split = measure_split_at(i)) != NULL; i++) {
		json_object(&json);
		json_key_text(&json, "name", split->name);
		json_key_text(&json, "says", split->says);
		json_key_bool(&json, "guarded", split->guarded);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_key_int(&json, "hidden_under", MEASURE_HIDDEN_UNDER);
	json_object_end(&json);
}

void measure_write_catalogue_text(struct ward_buf *out)
{
	for (size_t i = 0; i < measure_metric_count(); i++) {
		const struct measure_metric *metric = &measure_metrics[i];

		ward_buf_printf(out, "%s (%s, %s)\n  %s: %s\n", metric->id, metric->group,
				metric->unit, metric->name, metric->definition);
		for (size_t w = 0; w < MEASURE_SPLITS_OF_ONE && metric->ways[w].split; w++)
			ward_buf_printf(out, "%s%s", w == 0 ? "  by " : ", ",
					metric->ways[w].split->name);
		ward_buf_str(out, metric->ways[0].split ? WARD_STR("\n") : WARD_STR(""));
	}
}
