#include "milter/message.h"

#include <string.h>
#include <sys/mman.h>

#include <ward/hash.h>

/* What identifies a mail (media/identify_mail.c), and what is in it: one message. */
#define WRAPPER                                                 \
	"Return-Path: <>\r\nReceived: by ward\r\n"              \
	"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n" \
	"\r\n"

/* Fields are gathered up to this much before they are written. */
enum { HEAD_MAX = 64 << 10 };

void milter_message_init(struct milter_message *message, struct spill_place *place,
		uint64_t bytes_max)
{
	*message = (struct milter_message){ .bytes_max = bytes_max };
	spill_init(&message->spill, place);
	ward_buf_init(&message->head, SIZE_MAX);
}

void milter_message_free(struct milter_message *message)
{
	struct spill_place *place = message->spill.place;

	spill_close(&message->spill);
	ward_buf_free(&message->head);
	milter_message_init(message, place, message->bytes_max);
}

/* Room for so many bytes more of the mail? */
static bool take(struct milter_message *message, size_t len)
{
	if (message->failed || message->over)
		return false;
	if (len > message->bytes_max - message->bytes) {
		message->over = true;
		spill_close(&message->spill);
		ward_buf_free(&message->head);
		return false;
	}
	message->bytes += len;
	return true;
}

static void keep(struct milter_message *message, const void *bytes, size_t len)
{
	if (!message->failed && len > 0)
		message->failed = spill_write(&message->spill,
				(ward_bytes){ (const uint8_t *)bytes, len }, &message->error);
}

static void flush(struct milter_message *message)
{
	if (message->spill.size == 0)
		keep(message, WRAPPER, sizeof(WRAPPER) - 1);
	if (message->head.failed && !message->failed)
		message->failed = ward_fail(&message->error, WARD_E_NOMEM, "no memory for a mail");
	keep(message, message->head.ptr, message->head.len);
	ward_buf_clear(&message->head);
}

/* The lines of a field end as those of a body do. */
static void add_lines(struct ward_buf *head, ward_str value)
{
	for (bool first = true; first || value.len > 0; first = false) {
		ward_str line = ward_str_cut(&value, '\n');

		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		ward_buf_str(head, line);
		ward_buf_str(head, WARD_STR("\r\n"));
	}
}

void milter_message_field(struct milter_message *message, const char *name, const char *value)
{
	ward_str field = ward_str_from(name), says = ward_str_from(value);

	if (ward_str_eq_nocase(field, WARD_STR(MILTER_FIELD)))
		message->forged++;
	if (!take(message, field.len + says.len + 3))
		return;
	ward_buf_str(&message->head, field);
	ward_buf_char(&message->head, ':');
	add_lines(&message->head, says);
	if (message->head.len >= HEAD_MAX)
		flush(message);
}

static void end_head(struct milter_message *message)
{
	if (message->head_done)
		return;
	message->head_done = true;
	ward_buf_str(&message->head, WARD_STR("\r\n"));
	flush(message);
	message->body_at = message->spill.size;
}

void milter_message_body(struct milter_message *message, ward_bytes bytes)
{
	if (!take(message, bytes.len))
		return;
	end_head(message);
	keep(message, bytes.ptr, bytes.len);
}

ward_err milter_message_end(struct milter_message *message, struct ward_error *error)
{
	if (!message->over && !message->failed)
		end_head(message);
	if (message->over)
		return ward_fail(error, WARD_E_LIMIT, "the mail is larger than is looked at");
	if (message->failed)
		return ward_fail(error, message->failed, "%s", message->error.message);
	return WARD_OK;
}

ward_err milter_message_digest(const struct milter_message *message, uint8_t digest[32],
		struct ward_error *error)
{
	size_t size = (size_t)message->spill.size;
	uint8_t *file = mmap(NULL, size, PROT_READ, MAP_PRIVATE, message->spill.fd, 0);

	if (file == MAP_FAILED)
		return ward_fail(error, WARD_E_NOMEM, "a mail cannot be read again");
	ward_bytes body = { file + message->body_at, size - (size_t)message->body_at };

	ward_sha256(&body, 1, digest);
	munmap(file, size);
	return WARD_OK;
}
