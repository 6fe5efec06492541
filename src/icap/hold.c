#include "icap/hold.h"

#include <errno.h>
#include <unistd.h>

void icap_hold_init(struct icap_hold *hold, struct spill_place *place)
{
	*hold = (struct icap_hold){ 0 };
	ward_buf_init(&hold->memory, ICAP_HOLD_MEMORY);
	spill_init(&hold->spill, place);
}

void icap_hold_clear(struct icap_hold *hold)
{
	if (hold->size == 0 && hold->spill.fd < 0)
		return;
	ward_buf_free(&hold->memory);
	if (hold->spill.fd >= 0)
		spill_close(&hold->spill);
	hold->size = hold->sent = 0;
}

static ward_err move_to_file(struct icap_hold *hold, uint64_t expected, struct ward_error *error)
{
	ward_err err = spill_open(&hold->spill, expected, error);

	if (!err && hold->memory.len > 0)
		err = spill_write(&hold->spill,
				(ward_bytes){ (const uint8_t *)hold->memory.ptr, hold->memory.len },
				error);
	if (err && hold->spill.fd >= 0)
		spill_close(&hold->spill);
	if (!err)
		ward_buf_free(&hold->memory);
	return err;
}

ward_err icap_hold_add(struct icap_hold *hold, ward_bytes bytes, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (hold->spill.fd < 0 && bytes.len <= ICAP_HOLD_MEMORY - hold->memory.len) {
		ward_buf_add(&hold->memory, bytes.ptr, bytes.len);
		if (hold->memory.failed)
			return ward_fail(error, WARD_E_NOMEM, "no memory for a body");
	} else {
		if (hold->spill.fd < 0)
			err = move_to_file(hold, hold->size + bytes.len, error);
		if (!err)
			err = spill_write(&hold->spill, bytes, error);
	}
	if (!err)
		hold->size += bytes.len;
	return err;
}

int icap_hold_file(struct icap_hold *hold, struct ward_error *error)
{
	if (hold->spill.fd < 0 && move_to_file(hold, hold->size, error) != WARD_OK)
		return -1;
	return hold->spill.fd;
}

ward_bytes icap_hold_bytes(const struct icap_hold *hold)
{
	return (ward_bytes){ (const uint8_t *)hold->memory.ptr, hold->memory.len };
}

static bool read_file(const struct icap_hold *hold, char *to, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t got = pread(hold->spill.fd, to + at, len - at, (off_t)(hold->sent + at));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

bool icap_hold_send(struct icap_hold *hold, size_t len, struct ward_buf *out)
{
	uint64_t left = icap_hold_left(hold);
	char *to;

	if (len > left)
		len = (size_t)left;
	to = ward_buf_reserve(out, len);
	if (!to)
		return false;
	if (hold->spill.fd < 0)
		memcpy(to, hold->memory.ptr + hold->sent, len);
	else if (!read_file(hold, to, len))
		return false;
	out->len += len;
	hold->sent += len;
	return true;
}
