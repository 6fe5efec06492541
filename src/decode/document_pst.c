/*
 * Outlook's mailbox: messages by the folder that each says it is in, with what
 * is attached to them.  The tables that folders have of their messages are not
 * asked: they hold nothing that the messages do not, and a message that no
 * table has is looked at as well.
 */
#include "decode/document_job.h"
#include "decode/pst.h"
#include "decode/rtf_unpack.h"

#include <stdlib.h>

#define FOLDERS_DEPTH_MAX 64
#define NESTED_MAX        32 /* messages within messages */

/* Of one name.  It stands before those of all that is within, so that a long one is written again
 * and again; that of a file is no longer anywhere. */
#define TITLE_BYTES_MAX 255

/* 2.4.1 of [MS-PST], and tags of [MS-OXPROPS]. */
#define NID_STORE       0x21
#define NID_ROOT_FOLDER 0x122

enum {
	TAG_SUBJECT = 0x0037,
	TAG_BODY = 0x1000,
	TAG_RTF = 0x1009,
	TAG_PAGE = 0x1013,
	TAG_TITLE = 0x3001,
	TAG_TOP = 0x35e0,
	TAG_ATTACHED = 0x3701,
	TAG_SHORT_NAME = 0x3704,
	TAG_METHOD = 0x3705,
	TAG_LONG_NAME = 0x3707,
};

enum { METHOD_MESSAGE = 5 };

struct folder {
	uint32_t nid, parent;
	size_t at; /* of its name, with a NUL behind it */
};

struct mailbox {
	struct document *document;
	struct pst pst;
	struct folder *folders; /* in order of their numbers */
	size_t folder_count;
	struct ward_buf names; /* of folders */
	uint32_t top;          /* the folder that people see as the topmost; 0: not told */
	unsigned messages;     /* without a subject */
};

static void add_short(ward_str text, struct ward_buf *out)
{
	size_t len = text.len < TITLE_BYTES_MAX ? text.len : TITLE_BYTES_MAX;

	/* Not within a letter. */
	while (len < text.len && len > 0 && ((uint8_t)text.ptr[len] & 0xc0) == 0x80)
		len--;
	ward_buf_str(out, (ward_str){ text.ptr, len });
}

/* ---- folders ---- */

static void add_title(struct mailbox *mailbox, const struct pst_node *node)
{
	struct pst_props props;
	struct ward_buf said;

	ward_buf_init(&said, SIZE_MAX);
	if (pst_props_open(&mailbox->pst, node, &props))
		(void)pst_props_text(&props, TAG_TITLE, &said);
	pst_props_close(&props);
	add_short(ward_buf_text(&said), &mailbox->names);
	ward_buf_char(&mailbox->names, 0);
	ward_buf_free(&said);
}

static ward_err add_folder(struct mailbox *mailbox, const struct pst_node *node)
{
	size_t count = mailbox->folder_count;

	/* Room is a power of two. */
	if ((count & (count - 1)) == 0) {
		struct folder *grown =
				realloc(mailbox->folders, (count ? count * 2 : 1) * sizeof(*grown));

		if (!grown)
			return ward_fail(mailbox->document->error, WARD_E_NOMEM,
					"no memory for the folders of a mailbox");
		mailbox->folders = grown;
	}
	mailbox->folders[count] = (struct folder){ node->nid, node->parent, mailbox->names.len };
	mailbox->folder_count++;
	add_title(mailbox, node);
	return mailbox->names.failed ? ward_fail(mailbox->document->error, WARD_E_NOMEM,
						       "no memory for the folders of a mailbox")
				     : WARD_OK;
}

static ward_err take_top(void *context, ward_bytes bytes)
{
	struct ward_reader reader = ward_reader_from(bytes);

	(void)ward_read_bytes(&reader, 20);
	*(uint32_t *)context = ward_read_u32le(&reader);
	return WARD_OK;
}

/* 2.4.3.2: an EntryID, whose last four bytes are the folder's number. */
static void find_top(struct mailbox *mailbox, const struct pst_node *store)
{
	struct pst_props props;
	struct pst_value value;
	bool whole;

	if (pst_props_open(&mailbox->pst, store, &props) &&
			pst_props_get(&props, TAG_TOP, &value) && value.type == 0x0102 &&
			pst_props_read(&props, &value, take_top, &mailbox->top, &whole))
		mailbox->top = 0;
	pst_props_close(&props);
}

static ward_err read_folders(struct mailbox *mailbox)
{
	struct pst_walk walk;
	struct pst_node node;
	ward_err err = WARD_OK;

	pst_walk_begin(&mailbox->pst, &walk);
	while (!err && pst_walk_next(&mailbox->pst, &walk, &node)) {
		if (node.nid == NID_STORE)
			find_top(mailbox, &node);
		if (PST_TYPE(node.nid) == PST_FOLDER)
			err = add_folder(mailbox, &node);
	}
	return err;
}

static int compare_folders(const void *a, const void *b)
{
	const struct folder *left = a, *right = b;

	return left->nid < right->nid ? -1 : left->nid > right->nid;
}

static const struct folder *find_folder(const struct mailbox *mailbox, uint32_t nid)
{
	struct folder wanted = { .nid = nid };

	return mailbox->folder_count == 0
			       ? NULL
			       : bsearch(&wanted, mailbox->folders, mailbox->folder_count,
						 sizeof(wanted), compare_folders);
}

/* "Inbox/Boats!".  The root has no name, and is in itself; the topmost is in all ways. */
static void add_way(const struct mailbox *mailbox, uint32_t nid, struct ward_buf *out)
{
	const struct folder *way[FOLDERS_DEPTH_MAX];
	size_t steps = 0;

	for (const struct folder *at = find_folder(mailbox, nid);
			at && at->nid != NID_ROOT_FOLDER && at->nid != mailbox->top &&
			steps < FOLDERS_DEPTH_MAX;
			at = at->parent != at->nid ? find_folder(mailbox, at->parent) : NULL)
		way[steps++] = at;
	for (size_t i = steps; i > 0; i--) {
		ward_str name = ward_str_from(mailbox->names.ptr + way[i - 1]->at);

		ward_buf_str(out, name.len > 0 ? name : WARD_STR("_"));
		ward_buf_char(out, i > 1 ? '/' : '!');
	}
}

/* ---- bytes ---- */

static ward_err tell_bytes(void *context, ward_bytes bytes)
{
	return document_data(context, bytes);
}

/* A member by the name in `name`, of what a property holds. */
static ward_err tell_value(struct mailbox *mailbox, const struct pst_props *props,
		const struct pst_value *value, struct ward_buf *name)
{
	bool whole = true;
	ward_err err = document_part(mailbox->document, ward_buf_text(name), false);

	if (!err)
		err = pst_props_read(props, value, tell_bytes, mailbox->document, &whole);
	mailbox->pst.is_damaged = mailbox->pst.is_damaged || !whole;
	return err;
}

/* ---- a message ---- */

static ward_err tell_text(struct mailbox *mailbox, const struct pst_props *props, uint16_t tag,
		struct ward_buf *name, const char *title)
{
	size_t before = name->len;
	struct ward_buf text;
	struct pst_value value;
	ward_err err = WARD_OK;

	if (!pst_props_get(props, tag, &value))
		return WARD_OK;
	ward_buf_init(&text, SIZE_MAX);
	ward_buf_str(name, ward_str_from(title));
	if (value.type == 0x0102) {
		err = tell_value(mailbox, props, &value, name);
	} else if (pst_props_text(props, tag, &text)) {
		err = document_part(mailbox->document, ward_buf_text(name), false);
		if (!err)
			err = document_data(mailbox->document,
					(ward_bytes){ (const uint8_t *)text.ptr, text.len });
	}
	ward_buf_free(&text);
	name->len = before;
	return err;
}

static ward_err add_bytes(void *context, ward_bytes bytes)
{
	struct ward_buf *out = context;

	ward_buf_add(out, bytes.ptr, bytes.len);
	return out->failed ? WARD_E_NOMEM : WARD_OK;
}

static ward_err tell_unpacked(struct mailbox *mailbox, const struct ward_buf *packed,
		struct ward_buf *name)
{
	size_t before = name->len;
	struct ward_buf text;
	ward_err err = WARD_OK;

	ward_buf_init(&text, SIZE_MAX);
	if (!rtf_unpack((ward_bytes){ (const uint8_t *)packed->ptr, packed->len }, &text))
		mailbox->pst.is_damaged = true;
	ward_buf_str(name, WARD_STR("body.rtf"));
	if (text.len > 0)
		err = document_part(mailbox->document, ward_buf_text(name), false);
	if (text.len > 0 && !err)
		err = document_data(mailbox->document,
				(ward_bytes){ (const uint8_t *)text.ptr, text.len });
	name->len = before;
	ward_buf_free(&text);
	return err;
}

static ward_err tell_rtf(struct mailbox *mailbox, const struct pst_props *props,
		struct ward_buf *name)
{
	struct ward_buf packed;
	struct pst_value value;
	bool whole = true;

	if (!pst_props_get(props, TAG_RTF, &value) || value.type != 0x0102 || value.value == 0)
		return WARD_OK;
	ward_buf_init(&packed, SIZE_MAX);
	ward_err err = pst_props_read(props, &value, add_bytes, &packed, &whole);

	mailbox->pst.is_damaged = mailbox->pst.is_damaged || !whole;
	if (err)
		err = ward_fail(mailbox->document->error, err, "no memory for a message's body");
	else
		err = tell_unpacked(mailbox, &packed, name);
	ward_buf_free(&packed);
	return err;
}

static ward_err tell_message(struct mailbox *mailbox, const struct pst_props *props,
		struct ward_buf *name, unsigned depth) WARD_MUST_USE;

/* By its long name, its short one, or what it is shown as; without a folder. */
static void add_name(const struct pst_props *props, unsigned number, struct ward_buf *name)
{
	static const uint16_t tags[] = { TAG_LONG_NAME, TAG_SHORT_NAME, TAG_TITLE };
	struct ward_buf said;
	bool is_named = false;

	ward_buf_init(&said, SIZE_MAX);
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags) && !is_named; i++)
		is_named = pst_props_text(props, tags[i], &said);
	ward_str text = document_base_name(ward_buf_text(&said));

	if (text.len > 0)
		add_short(text, name);
	else
		ward_buf_printf(name, "attachment %u", number);
	ward_buf_free(&said);
}

/* What was attached as a message is a node of its own; what another program made, is bytes. */
static ward_err tell_object(struct mailbox *mailbox, const struct pst_props *props,
		const struct pst_value *value, bool is_message, struct ward_buf *name,
		unsigned depth)
{
	const struct pst_node *node = pst_props_object(props, value);
	struct pst_props inside;
	bool whole = true;
	ward_err err = WARD_OK;

	mailbox->pst.is_damaged = mailbox->pst.is_damaged || !node;
	if (!node)
		return WARD_OK;
	/* Something that has nodes beneath it is a message, also when it is said to be none. */
	if (is_message || node->sub != 0) {
		size_t before = name->len;
		bool is = pst_props_open(&mailbox->pst, node, &inside);

		ward_buf_char(name, '!');
		if (is)
			err = tell_message(mailbox, &inside, name, depth + 1);
		pst_props_close(&inside);
		name->len = before;
		if (err || is || is_message)
			return err;
	}
	err = document_part(mailbox->document, ward_buf_text(name), false);
	if (!err)
		err = pst_read(&mailbox->pst, node->data, tell_bytes, mailbox->document, &whole);
	mailbox->pst.is_damaged = mailbox->pst.is_damaged || !whole;
	return err;
}

static ward_err tell_attachment(struct mailbox *mailbox, const struct pst_node *node,
		unsigned number, struct ward_buf *name, unsigned depth)
{
	size_t before = name->len;
	struct pst_value method = { 0 }, value;
	struct pst_props props;
	ward_err err = WARD_OK;

	if (pst_props_open(&mailbox->pst, node, &props)) {
		add_name(&props, number, name);
		(void)pst_props_get(&props, TAG_METHOD, &method);
		/* Without, it is a link to where the file was. */
		if (pst_props_get(&props, TAG_ATTACHED, &value))
			err = value.type == 0x000d ? tell_object(mailbox, &props, &value,
								     method.value == METHOD_MESSAGE,
								     name, depth)
						   : tell_value(mailbox, &props, &value, name);
	}
	pst_props_close(&props);
	name->len = before;
	return err;
}

static ward_err tell_message(struct mailbox *mailbox, const struct pst_props *props,
		struct ward_buf *name, unsigned depth)
{
	unsigned number = 0;

	if (depth == NESTED_MAX) {
		document_trouble(mailbox->document, WARD_E_LIMIT,
				"messages lie deeper within each other than 32");
		return WARD_OK;
	}
	ward_err err = tell_text(mailbox, props, TAG_BODY, name, "body.txt");

	if (!err)
		err = tell_text(mailbox, props, TAG_PAGE, name, "body.html");
	if (!err)
		err = tell_rtf(mailbox, props, name);
	for (size_t i = 0; i < props->sub_count && !err; i++) {
		if (PST_TYPE(props->subs[i].nid) == PST_ATTACHMENT)
			err = tell_attachment(mailbox, &props->subs[i], ++number, name, depth);
	}
	return err;
}

/* 2.5.3.1.1.1: before "RE: The lamp" may be a 1, and how long "RE: " is. */
static void add_subject(struct mailbox *mailbox, const struct pst_props *props,
		struct ward_buf *name)
{
	struct ward_buf said;

	ward_buf_init(&said, SIZE_MAX);
	(void)pst_props_text(props, TAG_SUBJECT, &said);
	ward_str subject = ward_buf_text(&said);

	if (subject.len >= 2 && subject.ptr[0] == 1)
		subject = (ward_str){ subject.ptr + 2, subject.len - 2 };
	if (subject.len > 0)
		add_short(subject, name);
	else
		ward_buf_printf(name, "message %u", ++mailbox->messages);
	ward_buf_char(name, '!');
	ward_buf_free(&said);
}

static ward_err tell_node(struct mailbox *mailbox, const struct pst_node *node)
{
	struct pst_props props;
	struct ward_buf name;
	ward_err err = WARD_OK;

	ward_buf_init(&name, SIZE_MAX);
	if (pst_props_open(&mailbox->pst, node, &props)) {
		add_way(mailbox, node->parent, &name);
		add_subject(mailbox, &props, &name);
		err = tell_message(mailbox, &props, &name, 0);
	}
	pst_props_close(&props);
	ward_buf_free(&name);
	return err;
}

static ward_err tell_messages(struct mailbox *mailbox)
{
	struct pst_walk walk;
	struct pst_node node;
	ward_err err = WARD_OK;

	pst_walk_begin(&mailbox->pst, &walk);
	while (!err && pst_walk_next(&mailbox->pst, &walk, &node)) {
		if (PST_TYPE(node.nid) == PST_MESSAGE || PST_TYPE(node.nid) == PST_ASSOCIATED)
			err = tell_node(mailbox, &node);
	}
	return err;
}

/* ---- all of it ---- */

static ward_err read_mailbox(struct mailbox *mailbox)
{
	struct document *document = mailbox->document;
	ward_err err = pst_open(&mailbox->pst, document->file, document->error);

	if (err)
		return err;
	/* 2.2.2.6: 0x10 is sealed with a key of the machine's. */
	if (mailbox->pst.method > 2)
		return document_part(document, WARD_STR(""), true);
	err = read_folders(mailbox);
	if (!err && mailbox->folder_count > 0)
		qsort(mailbox->folders, mailbox->folder_count, sizeof(*mailbox->folders),
				compare_folders);
	if (!err)
		err = tell_messages(mailbox);
	if (!err && mailbox->pst.is_damaged)
		document_trouble(document, WARD_E_FORMAT,
				"the mailbox is damaged; what could be found in it was looked at");
	return err;
}

ward_err document_pst(struct document *document)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (!mailbox)
		return ward_fail(document->error, WARD_E_NOMEM, "no memory to read the mailbox");
	mailbox->document = document;
	ward_buf_init(&mailbox->names, SIZE_MAX);
	ward_err err = read_mailbox(mailbox);

	ward_buf_free(&mailbox->names);
	free(mailbox->folders);
	free(mailbox);
	return err;
}
