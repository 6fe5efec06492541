/*
 * Fonts for the jail: loaded, and drawn with once, before the walls close.
 *
 * pango asks fontconfig for a face when it meets a character, and cairo opens
 * the face's file when it draws it first, and keeps ten of them open.  So
 * ward-pages has a configuration of its own of so few faces that none is ever
 * closed, each chosen for a script by the system's.
 */
#include "filing/pages_order.h"

#include "base/tree.h"
#include "filing/pages.h"

#include <fontconfig/fontconfig.h>
#include <glib.h>

/* Plain letters of a script; the most read ones first. */
static const char *const samples[] = {
	"Aa\xc3\x9f\xce\xa9\xd0\x96\xd7\x90\xd8\xa8", /* DejaVu's: Latin, Greek, Cyrillic, ... */
	"\xe7\x81\xaf\xe5\xa1\x94\xe3\x81\x82\xe3\x82\xa2", /* Han and kana */
	"\xeb\x93\xb1\xeb\x8c\x80",                         /* Hangul */
	"\xe0\xa4\xa6\xe0\xa5\x80\xe0\xa4\xaa",             /* Devanagari */
	"\xe0\xa6\xac\xe0\xa6\xbe\xe0\xa6\xa4",             /* Bengali */
	"\xe0\xb8\x9b\xe0\xb8\xa3\xe0\xb8\xb0",             /* Thai */
	"\xe0\xae\xb5\xe0\xae\xbf",                         /* Tamil */
	"\xe0\xb0\xa6\xe0\xb1\x80",                         /* Telugu */
	"\xe1\x88\x98\xe1\x89\xa5",                         /* Ethiopic */
	"\xe1\x80\x99\xe1\x80\xb8",                         /* Burmese */
	"\xe1\x9e\x94\xe1\x9f\x92",                         /* Khmer */
	"\xe0\xb6\xb4\xe0\xb7\x8a",                         /* Sinhala */
};
enum { SAMPLES = sizeof(samples) / sizeof(*samples) };

static FcCharSet *characters_of(const char *sample)
{
	FcCharSet *set = FcCharSetCreate();
	const FcChar8 *at = (const FcChar8 *)sample;
	int left = (int)strlen(sample);

	while (set && left > 0) {
		FcChar32 c;
		int len = FcUtf8ToUcs4(at, &c, left);

		if (len <= 0 || !FcCharSetAddChar(set, c))
			break;
		at += len;
		left -= len;
	}
	return set;
}

/* The system's face for the sample; NULL when it has none with all of it. */
static FcPattern *match(const char *sample, int weight)
{
	FcCharSet *wanted = characters_of(sample), *has = NULL;
	FcPattern *pattern = FcPatternCreate(), *found = NULL;
	FcResult result;

	if (wanted && pattern) {
		FcPatternAddString(pattern, FC_FAMILY, (const FcChar8 *)"DejaVu Sans");
		FcPatternAddInteger(pattern, FC_WEIGHT, weight);
		FcPatternAddCharSet(pattern, FC_CHARSET, wanted);
		FcPatternAddBool(pattern, FC_OUTLINE, FcTrue);
		FcConfigSubstitute(NULL, pattern, FcMatchPattern);
		FcDefaultSubstitute(pattern);
		found = FcFontMatch(NULL, pattern, &result);
	}
	if (found && (FcPatternGetCharSet(found, FC_CHARSET, 0, &has) != FcResultMatch ||
				     !FcCharSetIsSubset(wanted, has))) {
		FcPatternDestroy(found);
		found = NULL;
	}
	if (pattern)
		FcPatternDestroy(pattern);
	if (wanted)
		FcCharSetDestroy(wanted);
	return found;
}

static int faces_of(FcConfig *own)
{
	const FcFontSet *set = FcConfigGetFonts(own, FcSetApplication);

	return set ? set->nfont : 0;
}

static bool has_file(FcConfig *own, const FcChar8 *file)
{
	const FcFontSet *set = FcConfigGetFonts(own, FcSetApplication);
	FcChar8 *name;

	for (int i = 0; set && i < set->nfont; i++) {
		if (FcPatternGetString(set->fonts[i], FC_FILE, 0, &name) == FcResultMatch &&
				strcmp((const char *)name, (const char *)file) == 0)
			return true;
	}
	return false;
}

/* How many faces the system knows of a file: a collection has several. */
static int faces_in(const FcChar8 *file)
{
	const FcFontSet *set = FcConfigGetFonts(NULL, FcSetSystem);
	FcChar8 *name;
	int count = 0;

	for (int i = 0; set && i < set->nfont; i++) {
		count += FcPatternGetString(set->fonts[i], FC_FILE, 0, &name) == FcResultMatch &&
			 strcmp((const char *)name, (const char *)file) == 0;
	}
	return count;
}

static void add_for(FcConfig *own, const char *sample, int weight)
{
	FcPattern *found = match(sample, weight);
	FcChar8 *file;

	if (!found)
		return;
	if (FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch && !has_file(own, file) &&
			faces_of(own) + faces_in(file) <= PAGES_FONTS_MAX)
		(void)FcConfigAppFontAddFile(own, file);
	FcPatternDestroy(found);
}

/* A line of each script in each style, so that every face is open and every table is read. */
static bool draw_once(void)
{
	struct ward_buf out;

	ward_buf_init(&out, PAGES_BYTES_MAX);
	struct pages *pages = pages_new(&out, WARD_STR("-"), WARD_STR("-"), 0);

	for (int style = PAGES_TITLE; pages && style <= PAGES_SMALL; style++) {
		for (int i = 0; i < SAMPLES; i++)
			pages_add(pages, (enum pages_style)style, 0, ward_str_from(samples[i]));
	}
	bool good = pages && pages_end(pages, NULL) == WARD_OK;

	ward_buf_free(&out);
	return good;
}

/* What else is a file: the reader of JSON seeds itself from one, once, and the local time is one
 * that the C library looks at again and again. */
static bool read_once(void)
{
	struct json_t *root = tree_read(WARD_STR("{\"a\":1}"), NULL);
	bool good = root && setenv("TZ", "UTC0", 1) == 0;

	tree_free(root);
	return good;
}

/* glib's words may hold the report's, and asking where they go is a call that the jail has not. */
static GLogWriterOutput say_nothing(GLogLevelFlags level, const GLogField *fields, gsize count,
		gpointer context)
{
	(void)level, (void)fields, (void)count, (void)context;
	return G_LOG_WRITER_HANDLED;
}

bool pages_prepare(void)
{
	g_log_set_writer_func(say_nothing, NULL, NULL);
	if (!read_once() || !FcInit())
		return false;
	FcConfig *own = FcConfigCreate();

	if (!own)
		return false;
	add_for(own, samples[0], FC_WEIGHT_REGULAR);
	add_for(own, samples[0], FC_WEIGHT_BOLD);
	for (int i = 1; i < SAMPLES; i++)
		add_for(own, samples[i], FC_WEIGHT_REGULAR);
	bool good = faces_of(own) > 0 && FcConfigSetCurrent(own);

	FcConfigDestroy(own);
	return good && draw_once();
}
