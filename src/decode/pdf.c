#include "decode/pdf.h"

#include <stdlib.h>

/* What a link list may hold. */
#define LINKS_BYTES_MAX ((size_t)4 << 20)

/* ---- small questions ---- */

bool pdf_is_new(struct pdf *pdf, qpdf_oh object)
{
	int id = qpdf_oh_get_object_id(pdf->qpdf, object);

	/* What has no number is part of what holds it, and cannot lead back. */
	if (id <= 0)
		return true;
	if (id > pdf->objects)
		return false;
	uint8_t bit = (uint8_t)(1u << id % 8);
	bool is_new = !(pdf->seen[id / 8] & bit);

	pdf->seen[id / 8] |= bit;
	return is_new;
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

/* The largest number that an object in the file has, by the look of it. */
static long largest_object(ward_bytes file)
{
	const uint8_t *end = file.ptr + file.len, *next = file.ptr;
	long largest = 0;

	while ((next = memchr(next, 'o', (size_t)(end - next))) != NULL) {
		if (end - next >= 3 && memcmp(next, "obj", 3) == 0) {
			long number = object_number(file, (size_t)(next - file.ptr));

			largest = number > largest ? number : largest;
		}
		next++;
	}
	return largest < PDF_OBJECTS_MAX ? largest : PDF_OBJECTS_MAX;
}

/*
 * A file that breaks off has lost its trailer, and qpdf reads none without.  An
 * empty one is as good for who looks at all objects.
 */
static enum opened open_without_end(qpdf_data *qpdf, ward_bytes file, char **copy)
{
	static const char format[] = "\ntrailer\n<< /Size %ld >>\nstartxref\n0\n%%%%EOF\n";
	enum { TRAILER_BYTES = 80 };

	*copy = malloc(file.len + TRAILER_BYTES);
	if (!*copy)
		return BROKEN;
	memcpy(*copy, file.ptr, file.len);
	int added = snprintf(*copy + file.len, TRAILER_BYTES, format, largest_object(file) + 1);

	qpdf_cleanup(qpdf);
	enum opened opened = open_bytes(qpdf,
			(ward_bytes){ (uint8_t *)*copy, file.len + (size_t)added });

	return opened == OPENED ? OPENED_REPAIRED : opened;
}

/* ---- all of it ---- */

static int count_objects(qpdf_data qpdf, ward_bytes file)
{
	long most = largest_object(file);
	qpdf_oh trailer = qpdf_get_trailer(qpdf);
	qpdf_oh size = qpdf_oh_get_key_if_dict(qpdf, trailer, "/Size");
	long long said = 0;

	/*
	 * Numbers in an object stream are seen nowhere else.  Pictures and files are never in
	 * one; and a file that has more objects than bytes is one that lies.
	 */
	if (qpdf_oh_get_value_as_longlong(qpdf, size, &said) && said - 1 > most) {
		long long sane = said - 1 < (long long)file.len ? said - 1 : (long long)file.len;

		sane = sane < PDF_OBJECTS_MAX ? sane : PDF_OBJECTS_MAX;
		most = sane > most ? (long)sane : most;
	}
	qpdf_oh_release_all(qpdf);
	return (int)most;
}

static ward_err look(struct document *document, qpdf_data qpdf)
{
	struct pdf pdf = {
		.document = document,
		.qpdf = qpdf,
		.objects = count_objects(qpdf, document->file),
	};

	pdf.seen = calloc(1, (size_t)pdf.objects / 8 + 1);
	if (!pdf.seen)
		return ward_fail(document->error, WARD_E_NOMEM, "no memory to read the pdf");
	ward_buf_init(&pdf.links, LINKS_BYTES_MAX);
	ward_buf_init(&pdf.name, SIZE_MAX);
	ward_err err = pdf_walk(&pdf);

	ward_buf_free(&pdf.links);
	ward_buf_free(&pdf.name);
	free(pdf.seen);
	return err;
}

ward_err document_pdf(struct document *document)
{
	qpdf_data qpdf;
	char *copy = NULL;
	enum opened opened = open_bytes(&qpdf, document->file);
	ward_err err = WARD_OK;

	if (opened == BROKEN)
		opened = open_without_end(&qpdf, document->file, &copy);
	if (opened == CLOSED)
		err = document_part(document, WARD_STR(""), true);
	if (opened == OPENED || opened == OPENED_REPAIRED)
		err = look(document, qpdf);
	if (opened == BROKEN)
		document_trouble(document, WARD_E_FORMAT, "the pdf cannot be read");
	if (opened == OPENED_REPAIRED)
		document_trouble(document, WARD_E_FORMAT,
				"the pdf is damaged; what could be found in it was looked at");
	qpdf_cleanup(&qpdf);
	free(copy);
	return err;
}
