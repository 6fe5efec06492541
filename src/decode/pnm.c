/*
 * PBM, PGM and PPM, as text (P1..P3) and as bytes (P4..P6): a few numbers in
 * words, and then the samples.  A file may hold several pictures one after
 * the other; the first is the one that is read.
 */
#include "decode/format.h"

struct pnm {
	char form; /* '1'..'6' */
	uint32_t width;
	uint32_t height;
	uint32_t most; /* the value of white; for bits 1 */
	uint32_t channels;
	struct ward_reader rest; /* the samples */
};

static bool is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next byte, or -1 at the end. */
static int peek(const struct ward_reader *reader)
{
	return ward_reader_left(reader) > 0 ? *reader->next : -1;
}

static void skip_space(struct ward_reader *reader)
{
	bool in_comment = false;

	while (peek(reader) >= 0 && (in_comment || is_space(peek(reader)) || peek(reader) == '#')) {
		uint8_t c = ward_read_u8(reader);

		in_comment = c == '#' || (in_comment && c != '\n' && c != '\r');
	}
}

/* A decimal number behind white space and comments; false when there is none, or it is too large.
 */
static bool read_number(struct ward_reader *reader, uint32_t *value)
{
	uint32_t number = 0;
	bool fits = true, found = false;

	skip_space(reader);
	while (fits && peek(reader) >= '0' && peek(reader) <= '9') {
		uint32_t digit = ward_read_u8(reader) - '0';

		fits = !ckd_mul(&number, number, 10u) && !ckd_add(&number, number, digit);
		found = true;
	}
	*value = number;
	return found && fits;
}

static ward_err read_header(const struct decode_job *job, struct pnm *pnm)
{
	struct ward_reader *reader = &pnm->rest;

	*pnm = (struct pnm){ .most = 1, .rest = ward_reader_from(job->file) };
	uint8_t mark = ward_read_u8(reader);

	pnm->form = (char)ward_read_u8(reader);
	if (mark != 'P' || pnm->form < '1' || pnm->form > '6')
		return ward_fail(job->error, WARD_E_FORMAT, "the pnm picture has no P1..P6");
	pnm->channels = pnm->form == '3' || pnm->form == '6' ? 3 : 1;
	bool whole = read_number(reader, &pnm->width) && read_number(reader, &pnm->height) &&
		     (pnm->form == '1' || pnm->form == '4' || read_number(reader, &pnm->most));

	if (!whole)
		return ward_fail(job->error, WARD_E_FORMAT,
				"the pnm picture's header is not whole");
	if (pnm->most == 0 || pnm->most > 65535)
		return ward_fail(job->error, WARD_E_FORMAT,
				"the pnm picture says white is %u; it must be 1 to 65535",
				pnm->most);
	/* One white space between header and bytes. */
	if (pnm->form >= '4')
		ward_read_u8(reader);
	return WARD_OK;
}

static uint32_t bits_of(uint32_t most)
{
	uint32_t bits = 0;

	for (; most > 0; most >>= 1)
		bits++;
	return bits;
}

ward_err pnm_facts(struct decode_job *job)
{
	struct pnm pnm;
	ward_err err = read_header(job, &pnm);

	if (err)
		return err;
	job->facts.width = pnm.width;
	job->facts.height = pnm.height;
	job->facts.bits = bits_of(pnm.most);
	return WARD_OK;
}

/* ---- samples: each fills one row and is false when they break off within it ---- */

/* In PBM 1 is black, and digits may stand without white space between them. */
static bool row_of_digits(struct pnm *pnm, uint8_t *row)
{
	for (uint32_t x = 0; x < pnm->width; x++) {
		skip_space(&pnm->rest);
		if (peek(&pnm->rest) != '0' && peek(&pnm->rest) != '1')
			return false;
		row[x] = ward_read_u8(&pnm->rest) == '1' ? 0 : 255;
	}
	return true;
}

static bool row_of_numbers(struct pnm *pnm, uint8_t *row)
{
	for (size_t i = 0; i < (size_t)pnm->width * pnm->channels; i++) {
		uint32_t value;

		if (!read_number(&pnm->rest, &value))
			return false;
		row[i] = decode_8_of(value < pnm->most ? value : pnm->most, pnm->most);
	}
	return true;
}

static bool row_of_bits(struct pnm *pnm, uint8_t *row)
{
	size_t need = ((size_t)pnm->width + 7) / 8;
	ward_bytes bits = ward_read_bytes(&pnm->rest, need);

	for (uint32_t x = 0; x < pnm->width && bits.len == need; x++)
		row[x] = bits.ptr[x / 8] >> (7 - x % 8) & 1 ? 0 : 255;
	return bits.len == need;
}

static bool row_of_bytes(struct pnm *pnm, uint8_t *row)
{
	size_t count = (size_t)pnm->width * pnm->channels, each = pnm->most > 255 ? 2 : 1;
	ward_bytes bytes = ward_read_bytes(&pnm->rest, count * each);

	if (bytes.len != count * each)
		return false;
	if (pnm->most == 255) {
		memcpy(row, bytes.ptr, count);
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t value = each == 1 ? bytes.ptr[i]
					   : (uint32_t)bytes.ptr[2 * i] << 8 | bytes.ptr[2 * i + 1];

		row[i] = decode_8_of(value < pnm->most ? value : pnm->most, pnm->most);
	}
	return true;
}

ward_err pnm_paint(struct decode_job *job)
{
	static bool (*const rows[])(struct pnm *, uint8_t *) = { row_of_digits, row_of_numbers,
		row_of_numbers, row_of_bits, row_of_bytes, row_of_bytes };
	struct pnm pnm;
	ward_err err = read_header(job, &pnm);

	if (err)
		return err;
	uint8_t *canvas = decode_canvas(job, pnm.width, pnm.height, pnm.channels);

	if (!canvas)
		return job->error->code;
	size_t stride = (size_t)pnm.width * pnm.channels;
	uint32_t y = 0;

	while (y < pnm.height && rows[pnm.form - '1'](&pnm, canvas + y * stride))
		y++;
	memset(canvas + y * stride, 0, (pnm.height - y) * stride);
	err = decode_tell(job, canvas, pnm.width, pnm.height, pnm.channels, 1, 0, 0);
	if (!err && y < pnm.height)
		err = ward_fail(job->error, WARD_E_FORMAT,
				"the pnm picture breaks off in row %u of %u", y, pnm.height);
	return err;
}
