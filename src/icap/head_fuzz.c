/*
 * Heads: the first byte says which kind, the rest is the head.  What was read can be walked, asked
 * and written anew, and what was written anew can be read.
 */
#include <assert.h>

#include "icap/reply.h"
#include "icap/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct icap_head *head)
{
	ward_str rest = head->lines, name, value;
	size_t count = 0;

	while (icap_head_next(&rest, &name, &value)) {
		assert(icap_is_token(name));
		assert(!memchr(value.ptr, '\n', value.len) && !memchr(value.ptr, '\r', value.len));
		count++;
	}
	assert(rest.len == 0 && count <= ICAP_HEAD_FIELDS_MAX);
	assert(icap_head_length(head) >= -1);
}

static void ask(const struct icap_head *head)
{
	struct ward_buf room, again;
	struct icap_head read = { 0 };
	ward_str url = { 0 };

	ward_buf_init(&room, (size_t)1 << 20);
	ward_buf_init(&again, (size_t)1 << 20);
	if (icap_head_url(head, &room, &url))
		assert(url.len > 0);
	(void)icap_head_user(head, &room);
	if (icap_reply_rewrite(head, WARD_STR("http://safe.example/x?y=1"), &again)) {
		assert(icap_head_request(again.ptr, again.len, &read, NULL) == WARD_OK);
		ward_buf_clear(&room);
		if (head->target.ptr[0] == '/' && icap_head_url(&read, &room, &url))
			assert(ward_str_eq(url, WARD_STR("http://safe.example/x?y=1")));
	}
	ward_buf_free(&room);
	ward_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icap_head head = { 0 };
	struct icap_request request;
	char *text;

	if (size < 1 || !(text = malloc(size)))
		return 0;
	size--;
	memcpy(text, data + 1, size);
	size_t end = icap_head_end((ward_str){ text, size }, 0);

	for (size_t searched = 0; searched < end; searched++)
		assert(icap_head_end((ward_str){ text, size }, searched) == end);
	if (data[0] == 'I') {
		if (icap_request_parse(text, size, 65536, &request) == 0)
			walk(&request.head);
	} else if (data[0] == 'S') {
		if (icap_head_response(text, size, &head, NULL) == WARD_OK)
			walk(&head);
	} else if (icap_head_request(text, size, &head, NULL) == WARD_OK) {
		walk(&head);
		ask(&head);
	}
	free(text);
	return 0;
}
