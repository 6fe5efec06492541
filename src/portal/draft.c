#include "portal/draft.h"

#include "base/clock.h"
#include "base/id.h"

#include <sodium.h>

/* ---- the tables ---- */

const struct option draft_whats[] = {
	{ "site", SAY_WHAT_SITE },
	{ "picture", SAY_WHAT_PICTURE },
	{ "account", SAY_WHAT_ACCOUNT },
	{ "conversation", SAY_WHAT_CONVERSATION },
	{ "own_picture", SAY_STOP_TITLE },
};

const struct option draft_places[DRAFT_PLACES] = {
	{ "website", SAY_PLACE_WEBSITE },
	{ "social_network", SAY_PLACE_SOCIAL },
	{ "messaging", SAY_PLACE_CHAT },
	{ "gaming", SAY_PLACE_GAME },
	{ "live_streaming", SAY_PLACE_VIDEO },
	{ "email", SAY_PLACE_MAIL },
	{ "p2p", SAY_PLACE_SHARING },
	{ "onion_service", SAY_PLACE_ONION },
	{ "chatbot_or_generative_service", SAY_PLACE_MACHINE },
	{ "not_determined", SAY_PLACE_OTHER },
};

const struct option draft_topics[DRAFT_TOPICS] = {
	{ "abuse_material", SAY_TOPIC_MATERIAL },
	{ "grooming", SAY_TOPIC_GROOMING },
	{ "sexual_extortion", SAY_TOPIC_EXTORTION },
	{ "exploitation", SAY_TOPIC_EXPLOITATION },
	{ "abuse", SAY_TOPIC_ABUSE },
	{ "other", SAY_TOPIC_OTHER },
};

const struct option draft_whens[DRAFT_WHENS] = {
	{ "today", SAY_WHEN_TODAY },
	{ "yesterday", SAY_WHEN_YESTERDAY },
	{ "week", SAY_WHEN_WEEK },
	{ "earlier", SAY_WHEN_EARLIER },
	{ "unknown", SAY_WHEN_UNKNOWN },
};

const struct option draft_contacts[DRAFT_CONTACTS] = {
	{ "none", SAY_CONTACT_NONE },
	{ "code", SAY_CONTACT_CODE },
	{ "mail", SAY_CONTACT_MAIL },
};

/* Every offset from UTC that a country uses (IANA time zone database). */
const char *const draft_zones[DRAFT_ZONES] = { "-11:00", "-10:00", "-09:30", "-09:00", "-08:00",
	"-07:00", "-06:00", "-05:00", "-04:00", "-03:30", "-03:00", "-02:30", "-02:00", "-01:00",
	"+00:00", "+01:00", "+02:00", "+03:00", "+03:30", "+04:00", "+04:30", "+05:00", "+05:30",
	"+05:45", "+06:00", "+06:30", "+07:00", "+08:00", "+08:45", "+09:00", "+09:30", "+10:00",
	"+10:30", "+11:00", "+12:00", "+12:45", "+13:00", "+14:00" };

/* Its row, from 1; 0 when it is in none of the `count` ones. */
static uint8_t row_of(const struct option *options, size_t count, ward_str value)
{
	for (size_t i = 0; i < count; i++) {
		if (ward_str_eq(value, ward_str_from(options[i].value)))
			return (uint8_t)(i + 1);
	}
	return 0;
}

static const char *const step_names[STEP_COUNT] = { "what", "where", "seen", "contact", "check" };

const char *step_name(enum step step)
{
	return step_names[step];
}

bool step_named(ward_str name, enum step *step)
{
	for (int i = 0; i < STEP_COUNT; i++) {
		if (ward_str_eq(name, ward_str_from(step_names[i]))) {
			*step = (enum step)i;
			return true;
		}
	}
	return false;
}

struct draft draft_new(void)
{
	struct draft draft = { .begun = clock_now(),
		.contact = 1 /* none */,
		.address = WARD_STR(""),
		.date = WARD_STR(""),
		.time = WARD_STR(""),
		.zone = WARD_STR(""),
		.words = WARD_STR(""),
		.mail = WARD_STR("") };

	id_random(draft.key, sizeof(draft.key));
	return draft;
}

/* ---- a step's fields ---- */

/*
 * What is a little too long is kept, so that its writer can shorten it; what
 * no page of ours can have sent is cut, in bytes and between characters.
 */
enum { ADDRESS_BYTES = 8192, WORDS_BYTES = 24576, SHORT_BYTES = 512 };

static ward_str cut_to(ward_str text, size_t bytes_max)
{
	if (text.len > bytes_max) {
		text.len = bytes_max;
		while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xc0) == 0x80)
			text.len--;
	}
	return text;
}

/* One line: browsers send one, and others should not do otherwise. */
static ward_str line(const struct form *form, const char *name, size_t bytes_max)
{
	ward_str text = ward_str_trim(form_value(form, name));

	return cut_to(ward_str_cut(&text, '\n'), bytes_max);
}

void draft_take(struct draft *draft, enum step step, const struct form *form)
{
	switch (step) {
	case STEP_WHAT:
		draft->what = row_of(draft_whats, DRAFT_WHATS, form_value(form, "what"));
		break;
	case STEP_WHERE:
		draft->address = line(form, "address", ADDRESS_BYTES);
		draft->none = ward_str_eq(form_value(form, "none"), WARD_STR("yes"));
		draft->place = row_of(draft_places, DRAFT_PLACES, form_value(form, "place"));
		break;
	case STEP_SEEN:
		draft->topic = row_of(draft_topics, DRAFT_TOPICS, form_value(form, "topic"));
		draft->when = row_of(draft_whens, DRAFT_WHENS, form_value(form, "when"));
		draft->date = line(form, "date", SHORT_BYTES);
		draft->time = line(form, "time", SHORT_BYTES);
		draft->zone = line(form, "zone", SHORT_BYTES);
		draft->words = cut_to(ward_str_trim(form_value(form, "words")), WORDS_BYTES);
		break;
	case STEP_CONTACT:
		draft->contact =
				row_of(draft_contacts, DRAFT_CONTACTS, form_value(form, "contact"));
		draft->mail = line(form, "mail", SHORT_BYTES);
		/* Who writes an address wants to be written to. */
		if (draft->contact == 0)
			draft->contact = draft->mail.len > 0 ? 3 : 1;
		break;
	case STEP_CHECK:
	case STEP_COUNT:
		break;
	}
}

/* ---- what is wrong ---- */

static bool is_time(ward_str text)
{
	uint64_t hour, minute;
	ward_str rest = text;

	/* Some browsers send seconds, too. */
	return (text.len == 5 || (text.len == 8 && text.ptr[5] == ':')) && text.ptr[2] == ':' &&
	       ward_u64_parse(ward_str_cut(&rest, ':'), &hour) && hour < 24 &&
	       ward_u64_parse(ward_str_cut(&rest, ':'), &minute) && minute < 60;
}

static bool is_zone(ward_str text)
{
	for (size_t i = 0; i < DRAFT_ZONES; i++) {
		if (ward_str_eq(text, ward_str_from(draft_zones[i])))
			return true;
	}
	return false;
}

static bool is_date(ward_str text)
{
	int64_t when;

	return text.len == 10 && clock_parse(text, &when);
}

/* A name, one "@", and a host with a dot; whether mail arrives there, only mail can tell. */
static bool is_mail(ward_str text)
{
	ward_str host = text, name = ward_str_cut(&host, '@');

	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] <= ' ' || strchr("<>,;\"\\()", text.ptr[i]))
			return false;
	}
	return text.len <= DRAFT_MAIL_MAX && name.len > 0 && host.len > 2 &&
	       !memchr(host.ptr, '@', host.len) && memchr(host.ptr + 1, '.', host.len - 2) &&
	       host.ptr[0] != '.' && host.ptr[host.len - 1] != '.';
}

struct draft_needs draft_needs(const struct draft *draft, enum step step)
{
	struct draft_needs needs = { 0 };

	switch (step) {
	case STEP_WHAT:
		needs.what = draft->what == 0;
		break;
	case STEP_WHERE:
		needs.address = draft->address.len == 0 && !draft->none;
		needs.address_long = form_length(draft->address) > DRAFT_ADDRESS_MAX;
		needs.place = draft->place == 0;
		break;
	case STEP_SEEN:
		needs.topic = draft->topic == 0;
		needs.date = (draft->date.len > 0 && !is_date(draft->date)) ||
			     (draft->time.len > 0 && !is_time(draft->time)) ||
			     (draft->zone.len > 0 && !is_zone(draft->zone));
		needs.words_long = form_length(draft->words) > DRAFT_WORDS_MAX;
		break;
	case STEP_CONTACT:
		needs.mail = draft->contact == 3 && !is_mail(draft->mail);
		break;
	case STEP_CHECK:
	case STEP_COUNT:
		break;
	}
	return needs;
}

bool draft_is_good(const struct draft *draft, enum step step)
{
	struct draft_needs needs = draft_needs(draft, step);

	return !(needs.what || needs.address || needs.address_long || needs.place || needs.topic ||
			needs.date || needs.words_long || needs.mail);
}

enum step draft_first_bad(const struct draft *draft)
{
	int step = STEP_WHAT;

	while (step < STEP_CHECK && draft_is_good(draft, (enum step)step))
		step++;
	return (enum step)step;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Seven digits with at most one sign between two of them, and not a date. */
static bool has_telephone(ward_str words)
{
	size_t digits = 0, signs = 0, dashes = 0;

	for (size_t i = 0; i <= words.len; i++) {
		char c = i < words.len ? words.ptr[i] : '\n';

		if (is_digit(c)) {
			digits++;
			signs = 0;
			continue;
		}
		if (digits > 0 && signs++ == 0 && (c == ' ' || c == '-' || c == '/' || c == '.')) {
			dashes += c == '-';
			continue;
		}
		if (digits >= 7 && digits <= 15 && !(digits == 8 && dashes == 2))
			return true;
		digits = signs = dashes = 0;
	}
	return false;
}

bool draft_is_private(ward_str words)
{
	for (size_t i = 1; i + 1 < words.len; i++) {
		if (words.ptr[i] == '@' && (unsigned char)words.ptr[i - 1] > ' ' &&
				(unsigned char)words.ptr[i + 1] > ' ')
			return true;
	}
	return has_telephone(words);
}

/* ---- on its way ---- */

/*
 * Version, time, key, place in the form, answers, then texts with their
 * lengths; all numbers little-endian.
 */
enum { VERSION = 1, TEXTS = 6, PACKED_MAX = 48 * 1024, SENT_WITH_MAX = 256 * 1024 };

static void put_number(struct ward_buf *buf, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		ward_buf_char(buf, (char)(value >> (8 * i)));
}

static void pack(const struct draft *draft, struct ward_buf *buf)
{
	const ward_str texts[TEXTS] = { draft->address, draft->date, draft->time, draft->zone,
		draft->words, draft->mail };
	const uint8_t rows[] = { draft->what, draft->place, draft->topic, draft->when,
		draft->contact };

	put_number(buf, VERSION, 1);
	put_number(buf, (uint64_t)draft->begun, 8);
	ward_buf_add(buf, draft->key, sizeof(draft->key));
	put_number(buf, (uint64_t)draft->at, 1);
	put_number(buf, (uint64_t)draft->checked | (uint64_t)draft->none << 1, 1);
	ward_buf_add(buf, rows, sizeof(rows));
	for (size_t i = 0; i < TEXTS; i++) {
		put_number(buf, texts[i].len, 2);
		ward_buf_str(buf, texts[i]);
	}
}

static bool unpack(ward_bytes bytes, struct draft *draft)
{
	struct ward_reader reader = ward_reader_from(bytes);
	ward_str *const texts[TEXTS] = { &draft->address, &draft->date, &draft->time, &draft->zone,
		&draft->words, &draft->mail };
	bool good = ward_read_u8(&reader) == VERSION;

	draft->begun = (int64_t)ward_read_u64le(&reader);
	ward_bytes key = ward_read_bytes(&reader, sizeof(draft->key));
	uint8_t at = ward_read_u8(&reader), flags = ward_read_u8(&reader);

	if (key.len == sizeof(draft->key))
		memcpy(draft->key, key.ptr, sizeof(draft->key));
	draft->at = at < STEP_COUNT ? (enum step)at : STEP_WHAT;
	draft->checked = flags & 1;
	draft->none = flags & 2;
	draft->what = ward_read_u8(&reader);
	draft->place = ward_read_u8(&reader);
	draft->topic = ward_read_u8(&reader);
	draft->when = ward_read_u8(&reader);
	draft->contact = ward_read_u8(&reader);
	for (size_t i = 0; i < TEXTS; i++) {
		ward_bytes text = ward_read_bytes(&reader, ward_read_u16le(&reader));

		*texts[i] = (ward_str){ (const char *)text.ptr, text.len };
		good = good && ward_utf8_valid(*texts[i]);
	}
	return good && !reader.failed && ward_reader_left(&reader) == 0 && at < STEP_COUNT &&
	       draft->what <= DRAFT_OWN_PICTURE && draft->place <= DRAFT_PLACES &&
	       draft->topic <= DRAFT_TOPICS && draft->when <= DRAFT_WHENS &&
	       draft->contact <= DRAFT_CONTACTS;
}

/* Secretbox over bytes, as text: the nonce, then what is sealed, in URL-safe base64. */
static ward_str seal(ward_str plain, const uint8_t key[32], struct ward_arena *arena)
{
	size_t len = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.len;
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	uint8_t *box = ward_new(arena, uint8_t, len);
	char *text = ward_new(arena, char, room);

	if (!box || !text)
		return (ward_str){ NULL, 0 };
	id_random(box, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const uint8_t *)plain.ptr,
			plain.len, box, key);
	sodium_bin2base64(text, room, box, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return (ward_str){ text, room - 1 };
}

static bool unseal(ward_str sealed, const uint8_t key[32], struct ward_arena *arena,
		ward_bytes *plain)
{
	const size_t around = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
	size_t len = 0;

	if (sealed.len == 0 || sealed.len > 4 * (PACKED_MAX + around) / 3)
		return false;
	uint8_t *box = ward_new(arena, uint8_t, sealed.len);
	uint8_t *open = ward_new(arena, uint8_t, sealed.len);

	if (!box || !open ||
			sodium_base642bin(box, sealed.len, sealed.ptr, sealed.len, NULL, &len, NULL,
					sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
			len < around ||
			crypto_secretbox_open_easy(open, box + crypto_secretbox_NONCEBYTES,
					len - crypto_secretbox_NONCEBYTES, box, key) != 0)
		return false;
	*plain = (ward_bytes){ open, len - around };
	return true;
}

bool draft_sending(const struct draft *draft, ward_bytes with, uint8_t sending[DRAFT_KEY_LEN])
{
	struct draft said = *draft;
	struct ward_buf buf;

	/* Where one is in the form says nothing. */
	said.at = STEP_WHAT;
	said.checked = false;
	ward_buf_init(&buf, PACKED_MAX + SENT_WITH_MAX);
	pack(&said, &buf);
	ward_buf_add(&buf, with.ptr, with.len);
	bool whole = !buf.failed;

	if (whole) {
		ward_str text = ward_buf_text(&buf);

		crypto_generichash(sending, DRAFT_KEY_LEN, (const uint8_t *)text.ptr, text.len,
				NULL, 0);
	}
	ward_buf_free(&buf);
	return whole;
}

ward_str draft_seal(const struct draft *draft, const uint8_t key[32], struct ward_arena *arena)
{
	struct ward_buf buf;
	ward_str sealed = { NULL, 0 };

	ward_buf_init(&buf, PACKED_MAX);
	pack(draft, &buf);
	if (!buf.failed)
		sealed = seal(ward_buf_text(&buf), key, arena);
	ward_buf_free(&buf);
	return sealed;
}

ward_err draft_open(ward_str sealed, const uint8_t key[32], int64_t now, struct ward_arena *arena,
		struct draft *draft, struct ward_error *error)
{
	struct draft opened = { 0 };
	ward_bytes plain;

	if (!unseal(sealed, key, arena, &plain) || !unpack(plain, &opened))
		return ward_fail(error, WARD_E_FORMAT, "the form is not one that was given out");
	/* A clock that was set back makes forms of the future; they are good. */
	if (opened.begun < now - DRAFT_LIFE_S)
		return ward_fail(error, WARD_E_TIMEOUT, "the form is older than a day");
	*draft = opened;
	return WARD_OK;
}
