/*
 * The text of a page, or of a form: what its instructions show, in their
 * order, as UTF-8.  A gap between glyphs is a space, another line a new one:
 * where something is shown is reckoned as far as that needs (ISO 32000-1, 9.4).
 */
#include "decode/pdf_text.h"

#include <math.h>
#include <stdlib.h>

#include "decode/pdf_font.h"

#define FONTS_MAX    32      /* kept; pages hardly have more */
#define ENTRIES_MAX  4000000 /* of all fonts that are read, again and again if need be */
#define OPERANDS_MAX 8
#define STATES_MAX   32
#define PART_BYTES   ((size_t)2 << 20) /* then another part begins: readers of pages take so much */

/* Of a font's size: a gap that is a space, and a step that is another line. */
#define GAP_SPACE 0.18f
#define STEP_LINE 0.5f

struct pdf_text {
	struct pdf_font fonts[FONTS_MAX];
	unsigned font_count, next_font;
	size_t entries_left;
	struct ward_buf out;   /* not told yet */
	struct ward_buf bytes; /* of the string at hand */
	unsigned parts;
};

/* What "q" keeps and "Q" brings back. */
struct state {
	const struct pdf_font *font;
	float size, between, words, across, leading;
};

struct matrix {
	float a, b, c, d, e, f;
};

struct show {
	struct pdf *pdf;
	struct pdf_text *text;
	qpdf_oh fonts; /* of the resources */
	ward_bytes from;
	struct state now, kept[STATES_MAX];
	unsigned kept_count;
	struct matrix pen, line;
	bool has_end; /* something was shown, and ended here: */
	float end_x, end_y;
	float operands[OPERANDS_MAX];
	unsigned operand_count;
	struct pdf_token string, name;
	size_t list;        /* behind the last "[" */
	bool is_in_picture; /* between BI and ID */
	ward_err err;       /* of what was told */
};

/* ---- what is told ---- */

/* The first `len` bytes of what there is. */
static ward_err tell(struct pdf *pdf, size_t len)
{
	struct pdf_text *text = pdf->text;
	ward_err err;

	if (text->out.len == 0)
		return WARD_OK;
	ward_buf_clear(&pdf->name);
	if (++text->parts == 1)
		ward_buf_str(&pdf->name, WARD_STR("text.txt"));
	else
		ward_buf_printf(&pdf->name, "text %u.txt", text->parts);
	err = document_part(pdf->document, ward_buf_text(&pdf->name), false);
	if (!err)
		err = document_data(pdf->document,
				(ward_bytes){ (const uint8_t *)text->out.ptr, len });
	memmove(text->out.ptr, text->out.ptr + len, text->out.len - len);
	text->out.len -= len;
	return err;
}

/* All but the last word, which may go on. */
static ward_err tell_words(struct pdf *pdf)
{
	const struct ward_buf *out = &pdf->text->out;
	size_t len = out->len;

	while (len > 0 && out->ptr[len - 1] != '\n' && out->ptr[len - 1] != ' ')
		len--;
	return tell(pdf, len > 0 ? len : out->len);
}

static void new_line(struct pdf_text *text)
{
	if (text->out.len > 0 && text->out.ptr[text->out.len - 1] != '\n')
		ward_buf_char(&text->out, '\n');
}

static void new_word(struct pdf_text *text)
{
	char last = text->out.len > 0 ? text->out.ptr[text->out.len - 1] : '\n';

	if (last != '\n' && last != ' ')
		ward_buf_char(&text->out, ' ');
}

/* ---- fonts ---- */

/* A name as a key: what stands in it as "#" and two digits is a letter (7.3.5).  False when it is
 * longer than one may be. */
static bool name_key(ward_bytes name, char *key, size_t size)
{
	size_t len = 0;

	key[len++] = '/';
	for (size_t i = 0; i < name.len; i++) {
		uint8_t letter = name.ptr[i];

		if (letter == '#' && name.len - i > 2 &&
				ward_hex_parse((ward_str){ (const char *)name.ptr + i + 1, 2 },
						&letter, 1))
			i += 2;
		if (len + 1 >= size)
			return false;
		key[len++] = (char)letter;
	}
	key[len] = 0;
	return true;
}

/* The font that the resources name; its place stays while it is the state's: of 32, the oldest
 * goes. */
static const struct pdf_font *find_font(struct show *show, const struct pdf_token *name)
{
	struct pdf_text *text = show->text;
	struct pdf *pdf = show->pdf;
	char key[130];

	if (name->kind != PDF_TOKEN_NAME || !name_key(name->text, key, sizeof(key)))
		return NULL;
	qpdf_oh object = qpdf_oh_get_key_if_dict(pdf->qpdf, show->fonts, key);
	int id = qpdf_oh_get_object_id(pdf->qpdf, object);
	struct pdf_font *font = NULL;

	for (unsigned i = 0; i < text->font_count && id > 0 && !font; i++)
		font = text->fonts[i].id == id ? &text->fonts[i] : NULL;
	if (!font && qpdf_oh_is_dictionary(pdf->qpdf, object)) {
		font = &text->fonts[text->next_font];
		if (text->font_count < FONTS_MAX)
			text->font_count++;
		else
			pdf_font_free(font);
		text->next_font = (text->next_font + 1) % FONTS_MAX;
		pdf_font_read(pdf, object, font, &text->entries_left);
		if (text->entries_left == 0)
			document_trouble(pdf->document, WARD_E_LIMIT,
					"the fonts of the pdf are more than are read; some of its "
					"text was not");
	}
	qpdf_oh_release(pdf->qpdf, object);
	return font;
}

/* ---- showing ---- */

static void move_pen(struct show *show, float across)
{
	show->pen.e += across * show->pen.a;
	show->pen.f += across * show->pen.b;
}

/* Between what was shown last and what comes may be a space, or a line's end. */
static void look_at_gap(struct show *show)
{
	const struct matrix *pen = &show->pen;
	float length = hypotf(pen->a, pen->b), size = fabsf(show->now.size) * length;
	float x = pen->e - show->end_x, y = pen->f - show->end_y;

	if (!show->has_end || !(length > 0) || !(size > 0)) {
		new_line(show->text);
		return;
	}
	float across = (x * pen->a + y * pen->b) / length;
	float down = (y * pen->a - x * pen->b) / length;

	if (fabsf(down) > STEP_LINE * size || across < -size)
		new_line(show->text);
	else if (across > GAP_SPACE * size)
		new_word(show->text);
}

static void show_bytes(struct show *show, const struct ward_buf *bytes)
{
	const struct pdf_font *font = show->now.font;
	size_t step = font && font->is_wide ? 2 : 1;

	if (!font)
		return;
	look_at_gap(show);
	for (size_t i = 0; i + step <= bytes->len; i += step) {
		uint16_t code = (uint8_t)bytes->ptr[i];

		if (step == 2)
			code = (uint16_t)(code << 8 | (uint8_t)bytes->ptr[i + 1]);
		float width = pdf_font_width(font, code) * show->now.size + show->now.between;

		if (step == 1 && code == ' ')
			width += show->now.words;
		pdf_font_letters(font, code, &show->text->out);
		if (show->text->out.len >= PART_BYTES && !show->err)
			show->err = tell_words(show->pdf);
		move_pen(show, width * show->now.across);
	}
	show->has_end = true;
	show->end_x = show->pen.e;
	show->end_y = show->pen.f;
}

static void show_string(struct show *show, const struct pdf_token *token)
{
	pdf_token_bytes(token, &show->text->bytes);
	show_bytes(show, &show->text->bytes);
}

/* 9.4.3, TJ: strings, and numbers by thousandths that the pen goes back. */
static void show_list(struct show *show)
{
	size_t at = show->list;
	struct pdf_token token = { .kind = PDF_TOKEN_MARK };

	while (token.kind != PDF_TOKEN_END) {
		token = pdf_token_next(show->from, &at);
		if (token.kind == PDF_TOKEN_NUMBER)
			move_pen(show, -token.number * 0.001f * show->now.size * show->now.across);
		else if (token.kind == PDF_TOKEN_STRING)
			show_string(show, &token);
		else
			break;
	}
}

/* ---- instructions ---- */

static float operand(const struct show *show, unsigned from_last)
{
	return from_last < show->operand_count ? show->operands[show->operand_count - 1 - from_last]
					       : 0;
}

static void next_line(struct show *show, float x, float y)
{
	struct matrix *line = &show->line;

	line->e += x * line->a + y * line->c;
	line->f += x * line->b + y * line->d;
	show->pen = *line;
}

static const struct matrix unmoved = { 1, 0, 0, 1, 0, 0 };

static void set_matrix(struct show *show)
{
	show->line = (struct matrix){ operand(show, 5), operand(show, 4), operand(show, 3),
		operand(show, 2), operand(show, 1), operand(show, 0) };
	show->pen = show->line;
}

/* Where the pen is, and how it writes. */
static bool do_state(struct show *show, const struct pdf_token *word)
{
	if (pdf_token_is(word, "BT"))
		show->pen = show->line = unmoved;
	else if (pdf_token_is(word, "Tm"))
		set_matrix(show);
	else if (pdf_token_is(word, "Td"))
		next_line(show, operand(show, 1), operand(show, 0));
	else if (pdf_token_is(word, "TD")) {
		show->now.leading = -operand(show, 0);
		next_line(show, operand(show, 1), operand(show, 0));
	} else if (pdf_token_is(word, "T*"))
		next_line(show, 0, -show->now.leading);
	else if (pdf_token_is(word, "Tc"))
		show->now.between = operand(show, 0);
	else if (pdf_token_is(word, "Tw"))
		show->now.words = operand(show, 0);
	else if (pdf_token_is(word, "Tz"))
		show->now.across = operand(show, 0) / 100;
	else if (pdf_token_is(word, "TL"))
		show->now.leading = operand(show, 0);
	else if (pdf_token_is(word, "Tf")) {
		show->now.size = operand(show, 0);
		show->now.font = find_font(show, &show->name);
	} else
		return false;
	return true;
}

static bool do_show(struct show *show, const struct pdf_token *word)
{
	bool is_quote = pdf_token_is(word, "'"), is_double = pdf_token_is(word, "\"");

	if (pdf_token_is(word, "TJ") && show->list > 0) {
		show_list(show);
		return true;
	}
	if (!is_quote && !is_double && !pdf_token_is(word, "Tj"))
		return false;
	if (is_double) {
		show->now.words = operand(show, 1);
		show->now.between = operand(show, 0);
	}
	if (is_quote || is_double)
		next_line(show, 0, -show->now.leading);
	if (show->string.kind == PDF_TOKEN_STRING)
		show_string(show, &show->string);
	return true;
}

static void do_other(struct show *show, const struct pdf_token *word, size_t *at)
{
	if (pdf_token_is(word, "q") && show->kept_count < STATES_MAX) {
		show->kept[show->kept_count++] = show->now;
	} else if (pdf_token_is(word, "Q") && show->kept_count > 0) {
		show->now = show->kept[--show->kept_count];
		show->has_end = false;
	} else if (pdf_token_is(word, "cm")) {
		/* Where it is now is not where it was by the same numbers. */
		show->has_end = false;
	} else if (pdf_token_is(word, "BI")) {
		show->is_in_picture = true;
	} else if (pdf_token_is(word, "ID") && show->is_in_picture) {
		/* By itself it is no word, and hides nothing. */
		show->is_in_picture = false;
		*at = pdf_inline_end(show->from, *at);
	}
}

static void take_token(struct show *show, const struct pdf_token *token, size_t *at)
{
	switch (token->kind) {
	case PDF_TOKEN_NUMBER:
		if (show->operand_count == OPERANDS_MAX) {
			memmove(show->operands, show->operands + 1,
					(OPERANDS_MAX - 1) * sizeof(*show->operands));
			show->operand_count--;
		}
		show->operands[show->operand_count++] = token->number;
		break;
	case PDF_TOKEN_STRING:
		show->string = *token;
		break;
	case PDF_TOKEN_NAME:
		show->name = *token;
		break;
	case PDF_TOKEN_MARK:
		if (pdf_token_is(token, "["))
			show->list = *at;
		break;
	case PDF_TOKEN_WORD:
		if (!do_state(show, token) && !do_show(show, token))
			do_other(show, token, at);
		show->operand_count = 0;
		show->string.kind = show->name.kind = PDF_TOKEN_END;
		show->list = 0;
		break;
	case PDF_TOKEN_END:
		break;
	}
}

/* ---- a page ---- */

/* Drawings without a letter need not be taken apart. */
static bool may_have_text(ward_bytes text)
{
	const uint8_t *end = text.ptr + text.len, *next = text.ptr;

	while (next < end && (next = memchr(next, 'B', (size_t)(end - next))) != NULL) {
		if (end - next > 1 && next[1] == 'T')
			return true;
		next++;
	}
	return false;
}

static struct pdf_text *text_of(struct pdf *pdf)
{
	if (!pdf->text) {
		pdf->text = calloc(1, sizeof(*pdf->text));
		if (!pdf->text)
			return NULL;
		pdf->text->entries_left = ENTRIES_MAX;
		ward_buf_init(&pdf->text->out, SIZE_MAX);
		ward_buf_init(&pdf->text->bytes, SIZE_MAX);
	}
	return pdf->text;
}

ward_err pdf_text(struct pdf *pdf, ward_bytes text, qpdf_oh resources)
{
	struct show show = { .pdf = pdf, .from = text, .now = { .across = 1 } };
	struct pdf_token token = { .kind = PDF_TOKEN_MARK };
	size_t at = 0;

	if (text.len == 0 || !may_have_text(text))
		return WARD_OK;
	show.text = text_of(pdf);
	if (!show.text)
		return ward_fail(pdf->document->error, WARD_E_NOMEM, "no memory for a pdf's text");
	show.pen = show.line = unmoved;
	show.fonts = qpdf_oh_get_key_if_dict(pdf->qpdf, resources, "/Font");
	while (token.kind != PDF_TOKEN_END && !show.err) {
		token = pdf_token_next(text, &at);
		take_token(&show, &token, &at);
	}
	new_line(show.text);
	qpdf_oh_release(pdf->qpdf, show.fonts);
	if (!show.err && show.text->out.failed)
		show.err = ward_fail(pdf->document->error, WARD_E_NOMEM,
				"no memory for a pdf's text");
	return show.err;
}

ward_err pdf_text_end(struct pdf *pdf)
{
	return pdf->text ? tell(pdf, pdf->text->out.len) : WARD_OK;
}

void pdf_text_free(struct pdf_text *text)
{
	if (!text)
		return;
	for (unsigned i = 0; i < text->font_count; i++)
		pdf_font_free(&text->fonts[i]);
	ward_buf_free(&text->out);
	ward_buf_free(&text->bytes);
	free(text);
}
