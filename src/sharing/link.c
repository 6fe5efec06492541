/* Links of file-sharing networks: which hashes they name. */
#include <ward/sharing.h>

struct gathered {
	ward_signal *at;
	size_t count;
};

static void gather(struct gathered *found, ward_signal_kind kind, ward_str text)
{
	if (found->count < WARD_SHARING_LINK_MAX &&
			ward_signal_parse(kind, text, &found->at[found->count]))
		found->count++;
}

static bool starts_nocase(ward_str text, ward_str with)
{
	return text.len >= with.len && ward_str_eq_nocase((ward_str){ text.ptr, with.len }, with);
}

static ward_str behind(ward_str text, size_t len)
{
	return (ward_str){ text.ptr + len, text.len - len };
}

/* ---- ed2k ---- */

/* "ed2k://|file|NAME|SIZE|HASH|p=HASHSET|h=AICH|/": NAME holds no bar. */
static void read_ed2k(ward_str rest, struct gathered *found)
{
	ward_str size, hash;
	uint64_t bytes;

	(void)ward_str_cut(&rest, '|');
	size = ward_str_cut(&rest, '|');
	hash = ward_str_cut(&rest, '|');
	if (!ward_u64_parse(size, &bytes))
		return;
	gather(found, WARD_SIGNAL_ED2K, hash);
	while (rest.len > 0) {
		ward_str part = ward_str_cut(&rest, '|');

		if (starts_nocase(part, WARD_STR("h=")))
			gather(found, WARD_SIGNAL_AICH, behind(part, 2));
	}
}

/* ---- magnets ---- */

static const struct urn {
	const char *name;
	ward_signal_kind kind;
} urns[] = {
	{ "btih:", WARD_SIGNAL_BTIH },
	{ "btmh:", WARD_SIGNAL_BTMH },
	{ "ed2k:", WARD_SIGNAL_ED2K },
	{ "ed2khash:", WARD_SIGNAL_ED2K },
	{ "aich:", WARD_SIGNAL_AICH },
	{ "tree:tiger:", WARD_SIGNAL_TTH },
	{ "tree:tiger/:", WARD_SIGNAL_TTH },
	{ "tth:", WARD_SIGNAL_TTH },
	{ "md5:", WARD_SIGNAL_MD5 },
};

/* Gnutella tells SHA-1 in base32. */
static void gather_sha1(struct gathered *found, ward_str text)
{
	ward_signal signal = { .kind = WARD_SIGNAL_SHA1 };

	if (found->count < WARD_SHARING_LINK_MAX && ward_base32_parse(text, signal.bytes, 20))
		found->at[found->count++] = signal;
	else
		gather(found, WARD_SIGNAL_SHA1, text);
}

static void read_urn(ward_str urn, struct gathered *found)
{
	if (!starts_nocase(urn, WARD_STR("urn:")))
		return;
	urn = behind(urn, 4);
	for (size_t i = 0; i < sizeof(urns) / sizeof(*urns); i++) {
		if (starts_nocase(urn, ward_str_from(urns[i].name)))
			gather(found, urns[i].kind, behind(urn, strlen(urns[i].name)));
	}
	if (starts_nocase(urn, WARD_STR("sha1:")))
		gather_sha1(found, behind(urn, 5));
	/* SHA-1 and Tiger tree, with a dot between */
	if (starts_nocase(urn, WARD_STR("bitprint:"))) {
		ward_str both = behind(urn, 9);

		gather_sha1(found, ward_str_cut(&both, '.'));
		gather(found, WARD_SIGNAL_TTH, both);
	}
}

/* "xt=urn:..."; of several they are numbered, "xt.1=" and so on. */
static void read_parameter(ward_str parameter, struct gathered *found)
{
	ward_str name = ward_str_cut(&parameter, '=');

	if (ward_str_eq_nocase(name, WARD_STR("xt")) || starts_nocase(name, WARD_STR("xt.")))
		read_urn(parameter, found);
}

/* ---- both ---- */

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A whole ed2k link, or one parameter of a magnet: names are of 255 characters at most. */
#define PIECE_MAX 4096

/* A hash needs no escape, but bars and colons get them from browsers.  "" for what is too long. */
static ward_str undo_percent(ward_str text, char out[PIECE_MAX])
{
	size_t len = 0;

	if (text.len > PIECE_MAX)
		return (ward_str){ out, 0 };
	for (size_t i = 0; i < text.len; i++) {
		bool escaped = text.ptr[i] == '%' && i + 2 < text.len &&
			       hex_of(text.ptr[i + 1]) >= 0 && hex_of(text.ptr[i + 2]) >= 0;

		out[len++] = escaped ? (char)(hex_of(text.ptr[i + 1]) << 4 |
						       hex_of(text.ptr[i + 2]))
				     : text.ptr[i];
		i += escaped ? 2 : 0;
	}
	return (ward_str){ out, len };
}

size_t ward_sharing_link(ward_str text, ward_signal out[WARD_SHARING_LINK_MAX])
{
	struct gathered found = { out, 0 };
	char plain[PIECE_MAX];

	text = ward_str_trim(text);
	if (starts_nocase(text, WARD_STR("ed2k://"))) {
		text = undo_percent(behind(text, 7), plain);
		if (starts_nocase(text, WARD_STR("|file|")))
			read_ed2k(behind(text, 6), &found);
	} else if (starts_nocase(text, WARD_STR("magnet:?"))) {
		for (ward_str rest = behind(text, 8); rest.len > 0;)
			read_parameter(undo_percent(ward_str_cut(&rest, '&'), plain), &found);
	}
	return found.count;
}
