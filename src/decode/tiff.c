/*
 * TIFF and BigTIFF, by libtiff, from memory.  Every directory of the main chain
 * is a page, and every page is a frame: also those that call themselves reduced
 * or a mask, since another picture may be in them.
 *
 * The chain is walked here: its length is known before anything is decoded, it
 * cannot go in circles, and a page that cannot be read does not hide those
 * behind it.
 */
#include "decode/tiff.h"

#include <stdarg.h>
#include <stdlib.h>

/* ---- troubles ---- */

ward_err tiff_fail(struct tiff *tiff, const struct tiff_page *page, ward_err err, const char *fmt,
		...)
{
	char words[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	if (page->number == 1 && tiff->job->facts.frames == 1)
		return ward_fail(tiff->job->error, err, "the tiff picture %s", words);
	return ward_fail(tiff->job->error, err, "page %u of the tiff picture %s", page->number,
			words);
}

ward_err tiff_fail_in_words(struct tiff *tiff, const struct tiff_page *page, const char *what)
{
	if (strstr(tiff->words, "limit defined in open options"))
		return tiff_fail(tiff, page, WARD_E_LIMIT, "needs more memory than agreed: %s",
				tiff->words);
	return tiff_fail(tiff, page, WARD_E_FORMAT, "%s: %s", what, tiff->words);
}

void tiff_note_trouble(struct tiff *tiff)
{
	if (!tiff->trouble.code)
		tiff->trouble = *tiff->job->error;
}

/* ---- what libtiff calls ---- */

static uint64_t length(const struct tiff *tiff)
{
	return (uint64_t)tiff->job->file.len * (tiff->goes_on ? 2 : 1);
}

static tmsize_t on_read(thandle_t handle, void *to, tmsize_t wanted)
{
	struct tiff *tiff = handle;
	uint64_t left = tiff->at < length(tiff) ? length(tiff) - tiff->at : 0;
	size_t len = wanted < 0 ? 0 : (uint64_t)wanted < left ? (size_t)wanted : (size_t)left;
	size_t there = tiff->at < tiff->job->file.len ? tiff->job->file.len - (size_t)tiff->at : 0;

	if (there > len)
		there = len;
	if (there > 0)
		memcpy(to, tiff->job->file.ptr + tiff->at, there);
	if (len > there)
		memset((uint8_t *)to + there, 0, len - there);
	tiff->cut = tiff->cut || (uint64_t)wanted > there;
	tiff->some = tiff->some || there > 0;
	tiff->at += len;
	return (tmsize_t)len;
}

static tmsize_t on_write(thandle_t handle, void *from, tmsize_t len)
{
	(void)handle, (void)from, (void)len;
	return -1;
}

static toff_t on_seek(thandle_t handle, toff_t to, int whence)
{
	struct tiff *tiff = handle;

	/* Sums come round, as a file offset below nothing would. */
	tiff->at = to + (whence == SEEK_CUR ? tiff->at : whence == SEEK_END ? length(tiff) : 0);
	return tiff->at;
}

static int on_close(thandle_t handle)
{
	(void)handle;
	return 0;
}

static toff_t on_size(thandle_t handle)
{
	return length(handle);
}

WARD_PRINTF(4, 0)
static int on_error(TIFF *file, void *context, const char *module, const char *fmt, va_list args)
{
	struct tiff *tiff = context;

	(void)file, (void)module;
	if (tiff->words[0] == 0)
		vsnprintf(tiff->words, sizeof(tiff->words), fmt, args);
	return 1;
}

/* Most are about directories and do no harm; these say that samples are not what they were. */
WARD_PRINTF(4, 0)
static int on_warning(TIFF *file, void *context, const char *module, const char *fmt, va_list args)
{
	struct tiff *tiff = context;
	char words[sizeof(tiff->words)];

	(void)file;
	vsnprintf(words, sizeof(words), fmt, args);
	bool damage = strncmp(words, "Corrupt JPEG data", 17) == 0 ||
		      strncmp(words, "Premature end of JPEG", 21) == 0 ||
		      (module && strncmp(module, "Fax", 3) == 0);

	if (damage && tiff->goes_on && tiff->words[0] == 0)
		memcpy(tiff->words, words, sizeof(words));
	return 1;
}

static bool open_tiff(struct tiff *tiff, struct decode_job *job)
{
	uint64_t memory_max = job->options->limits.memory_max;
	TIFFOpenOptions *options = TIFFOpenOptionsAlloc();

	*tiff = (struct tiff){ .job = job };
	if (!options) {
		(void)ward_fail(job->error, WARD_E_NOMEM, "no memory to read a tiff picture");
		return false;
	}
	/* 0 would mean no limit. */
	TIFFOpenOptionsSetMaxSingleMemAlloc(options, memory_max == 0          ? 1
						     : memory_max < INT64_MAX ? (tmsize_t)memory_max
									      : INT64_MAX);
	TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, tiff);
	TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, tiff);
	/* Read only ("r"), the header alone until a page is asked for ("h"), and nothing is mapped
	 * ("m"). */
	tiff->file = TIFFClientOpenExt("picture", "rhm", tiff, on_read, on_write, on_seek, on_close,
			on_size, NULL, NULL, options);
	TIFFOpenOptionsFree(options);
	if (!tiff->file)
		tiff_fail_in_words(tiff, &(struct tiff_page){ .number = 1 }, "has no header");
	return tiff->file != NULL;
}

/* ---- the chain of directories ---- */

struct chain {
	struct decode_job *job;
	bool little;        /* the least significant byte first */
	bool big;           /* numbers of 64 bits */
	uint64_t at;        /* this directory; 0 behind the last */
	uint64_t first;     /* directory */
	uint64_t furthest;  /* directory so far */
	uint32_t number;    /* of this directory, from 1 */
	const char *broken; /* why it ended too early, or NULL */
};

/* True, with `value` set, when so many bytes of number are there. */
static bool number_at(const struct chain *chain, uint64_t at, size_t len, uint64_t *value)
{
	ward_bytes file = chain->job->file;

	if (at > file.len || len > file.len - at)
		return false;
	*value = 0;
	for (size_t i = 0; i < len; i++)
		*value = *value << 8 | file.ptr[at + (chain->little ? len - 1 - i : i)];
	return true;
}

/* What the directory at `at` says is the next one's place. */
static bool next_of(const struct chain *chain, uint64_t at, uint64_t *next)
{
	uint64_t entries, entries_len;

	return number_at(chain, at, chain->big ? 8 : 2, &entries) &&
	       !ckd_mul(&entries_len, entries, chain->big ? 20u : 12u) &&
	       !ckd_add(&at, at, entries_len) && !ckd_add(&at, at, chain->big ? 8u : 2u) &&
	       number_at(chain, at, chain->big ? 8 : 4, next);
}

/* Directories mostly follow each other; only a step back can be a circle. */
static bool was_before(const struct chain *chain, uint64_t next)
{
	uint64_t at = chain->first;
	bool found = false;

	if (next > chain->furthest)
		return false;
	for (uint32_t i = 0; i < chain->number && !found; i++) {
		found = at == next;
		if (!next_of(chain, at, &at))
			break;
	}
	return found;
}

static void chain_begin(struct chain *chain, struct decode_job *job)
{
	uint64_t version = 0;

	*chain = (struct chain){ .job = job, .number = 1 };
	chain->little = job->file.len > 0 && job->file.ptr[0] == 'I';
	chain->big = number_at(chain, 2, 2, &version) && version == 43;
	if (!number_at(chain, chain->big ? 8 : 4, chain->big ? 8 : 4, &chain->first))
		chain->broken = "breaks off in its header";
	chain->at = chain->furthest = chain->first;
}

static void chain_next(struct chain *chain)
{
	uint64_t next = 0;

	if (!next_of(chain, chain->at, &next))
		chain->broken = "breaks off in a directory";
	else if (next != 0 && was_before(chain, next))
		chain->broken = "has pages that go in a circle";
	chain->at = chain->broken ? 0 : next;
	chain->number++;
	if (chain->at > chain->furthest)
		chain->furthest = chain->at;
}

/* ---- a page's directory ---- */

static uint16_t small_field(TIFF *file, uint32_t tag, uint16_t otherwise)
{
	uint16_t value;

	return TIFFGetFieldDefaulted(file, tag, &value) == 1 ? value : otherwise;
}

/* What fax machines send is black on white, and three samples are a colour. */
static uint16_t likely_photometric(const struct tiff_page *page)
{
	bool fax = page->compression == COMPRESSION_CCITTRLE ||
		   page->compression == COMPRESSION_CCITTRLEW ||
		   page->compression == COMPRESSION_CCITTFAX3 ||
		   page->compression == COMPRESSION_CCITTFAX4;

	return page->samples >= 3 ? PHOTOMETRIC_RGB
	       : fax              ? PHOTOMETRIC_MINISWHITE
				  : PHOTOMETRIC_MINISBLACK;
}

static uint32_t colours_of(uint16_t photometric)
{
	switch (photometric) {
	case PHOTOMETRIC_MINISWHITE:
	case PHOTOMETRIC_MINISBLACK:
	case PHOTOMETRIC_PALETTE:
	case PHOTOMETRIC_MASK:
	case PHOTOMETRIC_LOGL:
		return 1;
	case PHOTOMETRIC_SEPARATED:
		return 4;
	default:
		return 3;
	}
}

static void read_alpha(TIFF *file, struct tiff_page *page)
{
	uint16_t count = 0, *kinds = NULL;

	if (TIFFGetFieldDefaulted(file, TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1 || !kinds)
		return;
	/* They are the last ones of a pixel. */
	for (uint32_t i = 0; i < count && count < page->samples && page->alpha == 0; i++) {
		if (kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA) {
			page->alpha = page->samples - count + i;
			page->premultiplied = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
		}
	}
	/* An alpha among the colours is none, and inks are read without it. */
	if (page->alpha < page->colours || page->colours == 4)
		page->alpha = 0;
}

static ward_err read_page(struct tiff *tiff, const struct chain *chain, struct tiff_page *page)
{
	*page = (struct tiff_page){ .number = chain->number };
	tiff->words[0] = 0;
	tiff->goes_on = false;
	if (!TIFFSetSubDirectory(tiff->file, chain->at) ||
			!TIFFGetField(tiff->file, TIFFTAG_IMAGEWIDTH, &page->width) ||
			!TIFFGetField(tiff->file, TIFFTAG_IMAGELENGTH, &page->height))
		return tiff_fail_in_words(tiff, page, "has a broken directory");
	page->bits = small_field(tiff->file, TIFFTAG_BITSPERSAMPLE, 1);
	page->samples = small_field(tiff->file, TIFFTAG_SAMPLESPERPIXEL, 1);
	page->planar = small_field(tiff->file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
	page->format = small_field(tiff->file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
	page->compression = small_field(tiff->file, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
	page->inks = small_field(tiff->file, TIFFTAG_INKSET, INKSET_CMYK);
	page->photometric = small_field(tiff->file, TIFFTAG_PHOTOMETRIC, likely_photometric(page));

	uint16_t orientation;

	if (TIFFGetField(tiff->file, TIFFTAG_ORIENTATION, &orientation) == 1 && orientation <= 8)
		page->orientation = orientation;
	page->colours = colours_of(page->photometric);
	read_alpha(tiff->file, page);
	return WARD_OK;
}

/* ---- facts ---- */

static void set_facts(struct decode_job *job, const struct tiff_page *page)
{
	job->facts.width = page->width;
	job->facts.height = page->height;
	job->facts.orientation = page->orientation;
	job->facts.bits = page->photometric == PHOTOMETRIC_PALETTE ? 8
			  : page->bits > 16                        ? 16
								   : page->bits;
	job->facts.has_alpha = page->alpha != 0;
	job->facts.is_cmyk = page->photometric == PHOTOMETRIC_SEPARATED;
}

/* The first page that has a size speaks for the picture. */
static ward_err count_pages(struct tiff *tiff)
{
	struct decode_job *job = tiff->job;
	struct chain chain;
	struct tiff_page page;
	bool found = false;

	job->facts.frames = 0;
	/* One more than allowed is enough to know. */
	for (chain_begin(&chain, job);
			chain.at != 0 && job->facts.frames <= job->options->limits.frames_max;
			chain_next(&chain)) {
		job->facts.frames++;
		if (found)
			continue;
		found = read_page(tiff, &chain, &page) == WARD_OK;
		if (found)
			set_facts(job, &page);
		else
			tiff_note_trouble(tiff);
	}
	if (found)
		return WARD_OK;
	if (!tiff->trouble.code)
		return ward_fail(job->error, WARD_E_FORMAT, "the tiff picture %s",
				chain.broken ? chain.broken : "holds no page");
	*job->error = tiff->trouble;
	return tiff->trouble.code;
}

ward_err tiff_facts(struct decode_job *job)
{
	struct tiff tiff;

	if (!open_tiff(&tiff, job))
		return job->error->code;
	ward_err err = count_pages(&tiff);

	TIFFClose(tiff.file);
	return err;
}

/* ---- pixels ---- */

static ward_err tell_pages(struct tiff *tiff)
{
	struct decode_job *job = tiff->job;
	struct chain chain;
	struct tiff_page page;
	uint32_t frames = 0;
	ward_err err = WARD_OK;

	for (chain_begin(&chain, job); chain.at != 0; chain_next(&chain)) {
		bool told = false;

		err = decode_frame_allowed(job, chain.number - 1);
		if (err)
			return err;
		if (read_page(tiff, &chain, &page))
			tiff_note_trouble(tiff);
		else
			err = tiff_tell_page(tiff, &page, frames, &told);
		frames += told;
		if (err || (told && job->options->first_frame_only))
			return err;
	}
	if (chain.broken) {
		(void)ward_fail(job->error, WARD_E_FORMAT, "the tiff picture %s behind page %u",
				chain.broken, chain.number - 1);
		tiff_note_trouble(tiff);
	}
	return WARD_OK;
}

ward_err tiff_paint(struct decode_job *job)
{
	struct tiff tiff;

	if (!open_tiff(&tiff, job))
		return job->error->code;
	ward_err err = tell_pages(&tiff);

	TIFFClose(tiff.file);
	if (err || !tiff.trouble.code)
		return err;
	*job->error = tiff.trouble;
	return tiff.trouble.code;
}
