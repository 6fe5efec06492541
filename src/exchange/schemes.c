#include "exchange/schemes.h"

/* What Media of VICS are marked with, besides their category. */
#define VICS_FLAGS " VictimIdentified OffenderIdentified IsDistributed IsSuspected SelfGenerated"

/*
 * Codes between blanks; "*" takes any, "#" any number.  From the published
 * documents of each: NCMEC's hash sharing, INTERPOL's baseline, ICCAM, the
 * Sentencing Council, the scales before it, Project VIC's profiles, Project
 * Arachnid, the Traffic Light Protocol 2.0.
 */
static const struct scheme {
	const char *name;
	const char *codes;
} schemes[] = {
	{ "industry", "A1 A2 B1 B2" },
	{ "interpol_baseline", "yes no baseline non-baseline" },
	{ "iccam", "baseline national ignore" },
	{ "uk_sentencing_council", "A B C" },
	{ "sap", "1 2 3 4 5" },
	{ "copine", "1 2 3 4 5 6 7 8 9 10" },
	{ "arachnid", "csam harmful-abusive-material no-known-match test" },
	{ "vics", "#" VICS_FLAGS },
	{ "vics-default", "#" VICS_FLAGS },
	{ "vics-us", "0 1 2 3 4 5" VICS_FLAGS },
	{ "vics-uk", "0 1 2 3 4 5" VICS_FLAGS },
	{ "tlp", "red amber amber+strict green clear" },
	/* What a decision says of children; counted by src/measure. */
	{ "age", "0-2 3-6 7-10 11-13 14-15 16-17" },
	{ "sex", "girls boys both" },
	{ "made", "self-generated live synthetic" },
	/* Their codes are their users' own, or not public. */
	{ "inhope_ucs", "*" },
	{ "threatexchange", "*" },
	{ "local", "*" },
	{ "ward", "*" },
};

static bool is_number(ward_str text)
{
	uint64_t value;

	return ward_u64_parse(text, &value);
}

static bool is_code(const char *codes, ward_str code)
{
	ward_str rest = ward_str_from(codes);

	while (rest.len > 0) {
		ward_str one = ward_str_cut(&rest, ' ');

		if (ward_str_eq(one, WARD_STR("*")) || ward_str_eq(one, code) ||
				(ward_str_eq(one, WARD_STR("#")) && is_number(code)))
			return true;
	}
	return false;
}

enum scheme_answer scheme_check(ward_str label)
{
	ward_str code = label, name = ward_str_cut(&code, ':');

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (ward_str_eq(name, ward_str_from(schemes[i].name)))
			return is_code(schemes[i].codes, code) ? SCHEME_KNOWS : SCHEME_NOT_ITS;
	}
	return SCHEME_UNKNOWN;
}

/* Files of cases hold what their examiners found to be nothing, beside what they look for. */
bool scheme_harmless(ward_str label)
{
	static const char *const labels[] = { "vics-us:0", "iccam:ignore",
		"arachnid:no-known-match", "threatexchange:NON_MALICIOUS",
		"threatexchange:NEGATIVE_CLASS" };

	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		if (ward_str_eq(label, ward_str_from(labels[i])))
			return true;
	}
	return false;
}

bool scheme_name_valid(ward_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && (i == 0 || !strchr("-_.", c) || !c))
			return false;
	}
	return name.len > 0;
}

bool scheme_row(size_t index, const char **name, const char **codes)
{
	if (index >= sizeof(schemes) / sizeof(*schemes))
		return false;
	*name = schemes[index].name;
	*codes = schemes[index].codes;
	return true;
}

bool scheme_labels_valid(ward_str labels)
{
	bool valid = true;

	while (labels.len > 0 && valid) {
		ward_str word = ward_str_cut(&labels, ' ');
		const char *colon = word.len > 0 ? memchr(word.ptr, ':', word.len) : NULL;

		valid = word.len == 0 ||
			(colon && colon > word.ptr && colon < word.ptr + word.len - 1);
	}
	return valid;
}
