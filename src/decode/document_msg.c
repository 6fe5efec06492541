/*
 * Outlook's message in a file, [MS-OXMSG]: each property that is no number is
 * a stream, named by its tag and its type; an attachment is a storage of such.
 * What an attachment is in: a stream of bytes (37010102), or a storage (3701000D),
 * of another message or of an object of another program.
 *
 * The body is told as text, as a page and as RTF, as far as it is there; pictures
 * that are seen in it are attachments.
 */
#include "decode/document_ole.h"
#include "decode/rtf_unpack.h"

/* Messages within messages. */
#define NESTED_MAX 32

#define PROPERTY "__substg1.0_"

bool document_msg_is(const struct ole *ole, uint32_t storage)
{
	return ole_find(ole, storage, "__properties_version1.0") != OLE_NONE;
}

/* A property of text, by its tag in hexadecimal, wide or narrow; false when there is none. */
static bool take_text(struct ole_telling *telling, uint32_t storage, const char *tag,
		struct ward_buf *out)
{
	static const char *const types[] = { "001F", "001E" };
	char name[OLE_NAME_MAX];

	for (int narrow = 0; narrow < 2; narrow++) {
		snprintf(name, sizeof(name), PROPERTY "%s%s", tag, types[narrow]);
		uint32_t entry = ole_find(&telling->ole, storage, name);

		if (entry == OLE_NONE || telling->told[entry])
			continue;
		ward_bytes bytes = ole_take(telling, entry);

		if (narrow)
			ole_narrow_text(bytes, out);
		else
			ole_text(bytes, out);
		return out->len > 0;
	}
	return false;
}

static ward_err tell_bytes(struct ole_telling *telling, ward_str prefix, const char *title,
		ward_bytes bytes)
{
	ward_buf_clear(&telling->name);
	ward_buf_str(&telling->name, prefix);
	ward_buf_str(&telling->name, ward_str_from(title));
	ward_err err = document_part(telling->document, ward_buf_text(&telling->name), false);

	return err ? err : document_data(telling->document, bytes);
}

static ward_err tell_text(struct ole_telling *telling, uint32_t storage, ward_str prefix,
		const char *tag, const char *title)
{
	struct ward_buf text;
	ward_err err = WARD_OK;

	ward_buf_init(&text, SIZE_MAX);
	if (take_text(telling, storage, tag, &text))
		err = tell_bytes(telling, prefix, title,
				(ward_bytes){ (const uint8_t *)text.ptr, text.len });
	ward_buf_free(&text);
	return err;
}

/* A body that breaks off is told as far as it goes. */
static ward_err tell_rtf(struct ole_telling *telling, uint32_t storage, ward_str prefix)
{
	uint32_t packed = ole_find(&telling->ole, storage, PROPERTY "10090102");
	struct ward_buf text;
	ward_err err = WARD_OK;

	if (packed == OLE_NONE || telling->told[packed])
		return WARD_OK;
	ward_buf_init(&text, SIZE_MAX);
	if (!rtf_unpack(ole_take(telling, packed), &text))
		document_trouble(telling->document, WARD_E_FORMAT,
				"a message's body in rtf cannot be read to its end");
	if (text.len > 0)
		err = tell_bytes(telling, prefix, "body.rtf",
				(ward_bytes){ (const uint8_t *)text.ptr, text.len });
	ward_buf_free(&text);
	return err;
}

static ward_err tell_body(struct ole_telling *telling, uint32_t storage, ward_str prefix)
{
	uint32_t page = ole_find(&telling->ole, storage, PROPERTY "10130102");
	ward_err err = tell_text(telling, storage, prefix, "1000", "body.txt");

	if (!err)
		err = tell_text(telling, storage, prefix, "1013", "body.html");
	if (!err)
		err = tell_rtf(telling, storage, prefix);
	if (err || page == OLE_NONE || telling->told[page])
		return err;
	return tell_bytes(telling, prefix, "body.html", ole_take(telling, page));
}

/* By its long name, its short one, or what it is shown as; else by its number. */
static void name_attachment(struct ole_telling *telling, uint32_t storage, unsigned number,
		struct ward_buf *name)
{
	static const char *const tags[] = { "3707", "3704", "3001" };
	struct ward_buf said;
	bool is_named = false;

	ward_buf_init(&said, SIZE_MAX);
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags) && !is_named; i++)
		is_named = take_text(telling, storage, tags[i], &said);
	ward_str text = document_base_name(ward_buf_text(&said));

	if (text.len > 0)
		ward_buf_str(name, text);
	else
		ward_buf_printf(name, "attachment %u", number);
	ward_buf_free(&said);
}

static ward_err tell_attachment(struct ole_telling *telling, uint32_t storage, ward_str prefix,
		unsigned number, unsigned depth)
{
	uint32_t bytes = ole_find(&telling->ole, storage, PROPERTY "37010102");
	uint32_t inside = ole_find(&telling->ole, storage, PROPERTY "3701000D");
	struct ward_buf name;
	ward_err err = WARD_OK;

	ward_buf_init(&name, SIZE_MAX);
	ward_buf_str(&name, prefix);
	name_attachment(telling, storage, number, &name);
	if (bytes != OLE_NONE && !telling->told[bytes]) {
		err = document_part(telling->document, ward_buf_text(&name), false);
		if (!err)
			err = document_data(telling->document, ole_take(telling, bytes));
	} else if (inside != OLE_NONE && document_msg_is(&telling->ole, inside)) {
		ward_buf_char(&name, '!');
		err = document_msg(telling, inside, ward_buf_text(&name), depth + 1);
	}
	ward_buf_free(&name);
	return err;
}

ward_err document_msg(struct ole_telling *telling, uint32_t storage, ward_str prefix,
		unsigned depth)
{
	const struct ole *ole = &telling->ole;
	unsigned number = 0;

	if (depth == NESTED_MAX) {
		document_trouble(telling->document, WARD_E_LIMIT,
				"messages lie deeper within each other than 32");
		return WARD_OK;
	}
	ward_err err = tell_body(telling, storage, prefix);

	for (uint32_t i = 1; i < ole->entry_count && !err; i++) {
		const struct ole_entry *entry = &ole->entries[i];

		if (entry->is_reached && entry->parent == storage && entry->type == OLE_STORAGE &&
				strncmp(entry->name, "__attach_version1.0_", 20) == 0)
			err = tell_attachment(telling, i, prefix, ++number, depth);
	}
	return err;
}
