#include "filing/pages.h"

#include "base/clock.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

/* A4 in points, and its margins. */
static const double page_width = 595.28, page_height = 841.89, margin = 56, step = 16;
enum { PAGES_MAX = 2000 };

struct pages {
	struct ward_buf *out;
	cairo_surface_t *surface;
	cairo_t *cairo;
	char *footer;
	double y;
	unsigned count;
};

static const char *const fonts[] = {
	[PAGES_TITLE] = "DejaVu Sans Bold 15",
	[PAGES_HEADING] = "DejaVu Sans Bold 11",
	[PAGES_TEXT] = "DejaVu Sans 9.5",
	[PAGES_SMALL] = "DejaVu Sans 7.5",
};

static cairo_status_t take(void *context, const unsigned char *bytes, unsigned len)
{
	struct pages *pages = context;

	ward_buf_add(pages->out, bytes, len);
	return pages->out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static PangoLayout *lay_out(struct pages *pages, enum pages_style style, double width,
		ward_str text)
{
	PangoLayout *layout = pango_cairo_create_layout(pages->cairo);
	PangoFontDescription *font = pango_font_description_from_string(fonts[style]);
	cairo_font_options_t *options = cairo_font_options_create();

	/* Glyphs where the font puts them, not on whole points: else joined letters of Arabic drift
	 * apart, and whoever copies the text out gets blanks within words. */
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(pango_layout_get_context(layout), options);
	pango_context_set_round_glyph_positions(pango_layout_get_context(layout), FALSE);
	cairo_font_options_destroy(options);

	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_auto_dir(layout, TRUE);
	pango_layout_set_text(layout, text.ptr, (int)text.len);
	return layout;
}

static void put_footer(struct pages *pages)
{
	char text[300];

	snprintf(text, sizeof(text), "%.240s - %u", pages->footer, pages->count);
	PangoLayout *layout =
			lay_out(pages, PAGES_SMALL, page_width - 2 * margin, ward_str_from(text));

	cairo_move_to(pages->cairo, margin, page_height - margin + 12);
	pango_cairo_show_layout(pages->cairo, layout);
	g_object_unref(layout);
}

static void next_page(struct pages *pages)
{
	put_footer(pages);
	cairo_show_page(pages->cairo);
	pages->count++;
	pages->y = margin;
}

static void put_lines(struct pages *pages, PangoLayout *layout, double x)
{
	PangoLayoutIter *iter = pango_layout_get_iter(layout);

	do {
		PangoRectangle line;
		double height;

		pango_layout_iter_get_line_extents(iter, NULL, &line);
		height = (double)line.height / PANGO_SCALE;
		if (pages->y + height > page_height - margin && pages->count < PAGES_MAX)
			next_page(pages);
		double baseline = (double)(pango_layout_iter_get_baseline(iter) - line.y) /
				  PANGO_SCALE;

		cairo_move_to(pages->cairo, x + (double)line.x / PANGO_SCALE, pages->y + baseline);
		pango_cairo_show_layout_line(pages->cairo,
				pango_layout_iter_get_line_readonly(iter));
		pages->y += height;
	} while (pango_layout_iter_next_line(iter) && pages->count < PAGES_MAX);
	pango_layout_iter_free(iter);
}

struct pages *pages_new(struct ward_buf *out, ward_str title, ward_str footer, int64_t at)
{
	struct pages *pages = calloc(1, sizeof(*pages));
	char when[CLOCK_TEXT_MAX], *name = strndup(title.ptr, title.len);

	if (!pages || !name) {
		free(pages);
		free(name);
		return NULL;
	}
	pages->out = out;
	pages->y = margin;
	pages->count = 1;
	pages->footer = strndup(footer.ptr, footer.len);
	pages->surface = cairo_pdf_surface_create_for_stream(take, pages, page_width, page_height);
	pages->cairo = cairo_create(pages->surface);
	cairo_pdf_surface_set_metadata(pages->surface, CAIRO_PDF_METADATA_TITLE, name);
	cairo_pdf_surface_set_metadata(pages->surface, CAIRO_PDF_METADATA_CREATE_DATE,
			clock_format(at, when));
	free(name);
	return pages;
}

/*
 * So much is laid out at once: pango's memory is a hundred times a text's, or more, and where a
 * line can break anywhere its time grows with the square of the piece.
 */
enum { PIECE_MAX = 4 << 10, UNBROKEN_MAX = 1 << 10 };

/* Cut behind a space where there is one, and never within a character. */
static ward_str take_piece(ward_str *text)
{
	size_t len = text->len;

	if (len > PIECE_MAX) {
		len = PIECE_MAX;
		while (len > UNBROKEN_MAX && text->ptr[len - 1] != ' ')
			len--;
		while (text->ptr[len - 1] != ' ' && ((uint8_t)text->ptr[len] & 0xc0) == 0x80)
			len--;
	}
	ward_str piece = { text->ptr, len };

	*text = (ward_str){ text->ptr + len, text->len - len };
	return piece;
}

void pages_add(struct pages *pages, enum pages_style style, unsigned indent, ward_str text)
{
	double x = margin + step * (indent < 12 ? indent : 12);

	if (!ward_utf8_valid(text) || text.len > INT32_MAX || pages->count >= PAGES_MAX)
		return;
	if (style == PAGES_HEADING)
		pages->y += 8;
	/* The direction is the first piece's, not each one's own. */
	PangoDirection direction = PANGO_DIRECTION_NEUTRAL;

	while (text.len > 0 && pages->count < PAGES_MAX) {
		PangoLayout *layout =
				lay_out(pages, style, page_width - margin - x, take_piece(&text));

		if (direction == PANGO_DIRECTION_NEUTRAL) {
			direction = pango_layout_get_direction(layout, 0);
		} else {
			pango_layout_set_auto_dir(layout, FALSE);
			pango_context_set_base_dir(pango_layout_get_context(layout), direction);
			pango_layout_context_changed(layout);
		}
		put_lines(pages, layout, x);
		g_object_unref(layout);
	}
	pages->y += style == PAGES_TEXT ? 2 : 5;
}

ward_err pages_end(struct pages *pages, struct ward_error *error)
{
	bool full = pages->count >= PAGES_MAX;

	if (pages->footer)
		put_footer(pages);
	cairo_show_page(pages->cairo);
	cairo_destroy(pages->cairo);
	cairo_surface_finish(pages->surface);
	bool bad = cairo_surface_status(pages->surface) != CAIRO_STATUS_SUCCESS || !pages->footer;

	cairo_surface_destroy(pages->surface);
	free(pages->footer);
	free(pages);
	if (full)
		return ward_fail(error, WARD_E_LIMIT, "the report has more than %d pages",
				PAGES_MAX);
	return bad ? ward_fail(error, WARD_E_IO, "the pages could not be written") : WARD_OK;
}
