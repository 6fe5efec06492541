#include "decode/pdf_text.h"

#include <stdlib.h>

/* What a link list may hold. */
#define LINKS_BYTES_MAX ((size_t)4 << 20)

/* ---- small questions ---- */

/* Sets the bit of a number; true when it was not set. */
static bool mark(uint8_t *bits, long number)
{
	uint8_t bit = (uint8_t)(1u << number % 8);
	bool is_new = !(bits[number / 8] & bit);

	bits[number / 8] |= bit;
	return is_new;
}

bool pdf_is_new(struct pdf *pdf, qpdf_oh object, enum pdf_role role)
{
	int id = qpdf_oh_get_object_id(pdf->qpdf, object);

	/* What has no number is part of what holds it, and cannot lead back. */
	if (id <= 0)
		return true;
	return id <= PDF_OBJECTS_MAX && mark(pdf->seen[role], id);
}

char *pdf_keys(struct pdf *pdf, qpdf_oh dictionary)
{
	struct ward_buf keys;

	if (!qpdf_oh_is_dictionary(pdf->qpdf, dictionary))
		return NULL;
	ward_buf_init(&keys, SIZE_MAX);
	qpdf_oh_begin_dict_key_iter(pdf->qpdf, dictionary);
	while (qpdf_oh_dict_more_keys(pdf->qpdf)) {
		const char *key = qpdf_oh_dict_next_key(pdf->qpdf);

		if (key[0] != 0)
			ward_buf_add(&keys, key, strlen(key) + 1);
	}
	ward_buf_char(&keys, 0);
	if (!keys.failed)
		return keys.ptr;
	ward_buf_free(&keys);
	return NULL;
}

bool pdf_number(struct pdf *pdf, qpdf_oh dictionary, const char *key, long long *value)
{
	qpdf_oh held = qpdf_oh_get_key_if_dict(pdf->qpdf, dictionary, key);
	bool is = qpdf_oh_get_value_as_longlong(pdf->qpdf, held, value);

	if (!is)
		*value = 0;
	qpdf_oh_release(pdf->qpdf, held);
	return is;
}

bool pdf_is_name(struct pdf *pdf, qpdf_oh dictionary, const char *key, const char *name)
{
	qpdf_oh held = qpdf_oh_get_key_if_dict(pdf->qpdf, dictionary, key);
	bool is = qpdf_oh_is_name_and_equals(pdf->qpdf, held, name);

	qpdf_oh_release(pdf->qpdf, held);
	return is;
}

/* ---- opening ---- */

enum opened { OPENED, OPENED_REPAIRED, CLOSED, BROKEN };

/* A damaged table of objects was made anew from what looks like objects: there may be more. */
static bool was_repaired(qpdf_data qpdf)
{
	bool repaired = false;

	while (qpdf_more_warnings(qpdf)) {
		const char *said = qpdf_get_error_message_detail(qpdf, qpdf_next_warning(qpdf));

		repaired = repaired || strstr(said, "econstruct") != NULL;
	}
	return repaired;
}

static enum opened open_bytes(qpdf_data *qpdf, ward_bytes file)
{
	*qpdf = qpdf_init();
	qpdf_silence_errors(*qpdf);
	qpdf_set_suppress_warnings(*qpdf, QPDF_TRUE);
	QPDF_ERROR_CODE code = qpdf_read_memory(*qpdf, "", (const char *)file.ptr, file.len, NULL);

	if (!(code & QPDF_ERRORS))
		return was_repaired(*qpdf) ? OPENED_REPAIRED : OPENED;
	enum qpdf_error_code_e why = qpdf_get_error_code(*qpdf, qpdf_get_error(*qpdf));

	/* Ways to encrypt that are not known need a key, too. */
	return why == qpdf_e_password || why == qpdf_e_unsupported ? CLOSED : BROKEN;
}

/* The number in front of "N G obj", whose "obj" is at `at`; 0 when there is none. */
static long object_number(ward_bytes file, size_t at)
{
	long number = 0, unit = 1;
	size_t i = at;

	for (int part = 0; part < 2; part++) {
		size_t digits = i;

		while (digits > 0 && (file.ptr[digits - 1] == ' ' || file.ptr[digits - 1] == '\n' ||
						     file.ptr[digits - 1] == '\r'))
			digits--;
		for (i = digits; i > 0 && digits - i < 7 && file.ptr[i - 1] >= '0' &&
				 file.ptr[i - 1] <= '9';
				i--) {
			if (part == 0)
				continue;
			number += (file.ptr[i - 1] - '0') * unit;
			unit *= 10;
		}
		if (i == digits)
			return 0;
	}
	return number;
}

/* Marks the objects that the file has, by the look of it, and returns the largest number. */
static long find_objects(ward_bytes file, uint8_t *there)
{
	const uint8_t *end = file.ptr + file.len, *next = file.ptr;
	long largest = 0;

	while ((next = memchr(next, 'o', (size_t)(end - next))) != NULL) {
		long number = end - next >= 3 && memcmp(next, "obj", 3) == 0
					      ? object_number(file, (size_t)(next - file.ptr))
					      : 0;

		if (number > 0 && number <= PDF_OBJECTS_MAX) {
			(void)mark(there, number);
			largest = number > largest ? number : largest;
		}
		next++;
	}
	return largest;
}

/*
 * A file that breaks off has lost its trailer, and qpdf reads none without.  An
 * empty one is as good for who looks at all objects.
 */
static enum opened open_without_end(qpdf_data *qpdf, ward_bytes file, long largest, char **copy)
{
	static const char format[] = "\ntrailer\n<< /Size %ld >>\nstartxref\n0\n%%%%EOF\n";
	enum { TRAILER_BYTES = 80 };

	*copy = malloc(file.len + TRAILER_BYTES);
	if (!*copy)
		return BROKEN;
	memcpy(*copy, file.ptr, file.len);
	int added = snprintf(*copy + file.len, TRAILER_BYTES, format, largest + 1);

	qpdf_cleanup(qpdf);
	enum opened opened = open_bytes(qpdf,
			(ward_bytes){ (uint8_t *)*copy, file.len + (size_t)added });

	return opened == OPENED ? OPENED_REPAIRED : opened;
}

/* ---- all of it ---- */

/*
 * Numbers in an object stream are seen nowhere else, so all up to what the
 * trailer says are asked for.  Pictures and files are never in such a stream; and a
 * trailer that tells of more objects than the file has bytes lies.
 */
static void believe_trailer(struct pdf *pdf)
{
	qpdf_oh trailer = qpdf_get_trailer(pdf->qpdf);
	qpdf_oh size = qpdf_oh_get_key_if_dict(pdf->qpdf, trailer, "/Size");
	size_t len = pdf->document->file.len;
	long long said = 0;

	(void)qpdf_oh_get_value_as_longlong(pdf->qpdf, size, &said);
	qpdf_oh_release_all(pdf->qpdf);
	for (long number = 1; number < said && (size_t)number < len && number <= PDF_OBJECTS_MAX;
			number++) {
		(void)mark(pdf->there, number);
		pdf->last = number > pdf->last ? number : pdf->last;
	}
}

static ward_err look(struct pdf *pdf)
{
	ward_buf_init(&pdf->links, LINKS_BYTES_MAX);
	ward_buf_init(&pdf->name, SIZE_MAX);
	believe_trailer(pdf);
	ward_err err = pdf_walk(pdf);

	pdf_text_free(pdf->text);
	ward_buf_free(&pdf->links);
	ward_buf_free(&pdf->name);
	return err;
}

static ward_err read_pdf(struct pdf *pdf)
{
	struct document *document = pdf->document;
	char *copy = NULL;
	ward_err err = WARD_OK;
	enum opened opened = open_bytes(&pdf->qpdf, document->file);

	pdf->last = find_objects(document->file, pdf->there);
	if (opened == BROKEN)
		opened = open_without_end(&pdf->qpdf, document->file, pdf->last, &copy);
	if (opened == CLOSED)
		err = document_part(document, WARD_STR(""), true);
	if (opened == OPENED || opened == OPENED_REPAIRED)
		err = look(pdf);
	if (opened == BROKEN)
		document_trouble(document, WARD_E_FORMAT, "the pdf cannot be read");
	if (opened == OPENED_REPAIRED)
		document_trouble(document, WARD_E_FORMAT,
				"the pdf is damaged; what could be found in it was looked at");
	/* It says so when it is let go with an error that nobody has heard. */
	(void)qpdf_get_error(pdf->qpdf);
	qpdf_cleanup(&pdf->qpdf);
	free(copy);
	return err;
}

ward_err document_pdf(struct document *document)
{
	struct pdf pdf = {
		.document = document,
		.there = calloc(1, PDF_OBJECTS_MAX / 8 + 1),
	};
	bool has_all = pdf.there != NULL;

	for (int i = 0; i < PDF_ROLES; i++) {
		pdf.seen[i] = calloc(1, PDF_OBJECTS_MAX / 8 + 1);
		has_all = has_all && pdf.seen[i];
	}
	ward_err err = has_all ? read_pdf(&pdf)
			       : ward_fail(document->error, WARD_E_NOMEM,
						 "no memory to read the pdf");

	for (int i = 0; i < PDF_ROLES; i++)
		free(pdf.seen[i]);
	free(pdf.there);
	return err;
}
