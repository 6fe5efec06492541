/*
 * chart.h - a table as a drawing: SVG for a page, with axes, labels and units
 *
 * A drawing is 360 wide, so that its letters can be read on a telephone; wide
 * pages set several side by side.  Its colours are the page's: the classes are
 * "mark", "second", "grid" and "hid".
 */
#ifndef MEASURE_CHART_H
#define MEASURE_CHART_H

#include "measure/measure.h"

/* Over the periods, of all keys together: bars of counts, lines of the others. */
void measure_chart_periods(const struct measure_table *table, struct ward_buf *out);
/* By key, over all periods together; false, and nothing written, where there is nothing to draw. */
bool measure_chart_keys(const struct measure_table *table, struct ward_buf *out);

/* As text, or inside a quoted attribute. */
void measure_html(struct ward_buf *out, ward_str text);

#endif
