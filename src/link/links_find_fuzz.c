/* What is found in any bytes is a piece of them, told in order, and not empty. */
#include <assert.h>

#include <ward/link.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	ward_str text;
	size_t last; /* where the one before ended */
	size_t count;
};

static bool in_text(void *context, const struct ward_found_link *found)
{
	struct seen *seen = context;

	assert(found->text.len > 0 && found->text.len <= WARD_LINK_MAX);
	assert(found->offset >= seen->last && found->offset + found->text.len <= seen->text.len);
	assert(memcmp(found->text.ptr, seen->text.ptr + found->offset, found->text.len) == 0);
	seen->last = found->offset + found->text.len;
	return ++seen->count < 100000;
}

static bool in_html(void *context, const struct ward_found_link *found)
{
	struct seen *seen = context;

	assert(found->text.len > 0 && found->text.len <= WARD_LINK_MAX);
	assert(found->offset <= seen->text.len && found->where.len > 0);
	return ++seen->count < 100000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = { .text = { (const char *)data, size } };

	ward_err err = ward_links_find(seen.text, WARD_LINKS_IN_TEXT, in_text, &seen, NULL);

	assert(err == WARD_OK);
	seen.count = 0;
	err = ward_links_find(seen.text, WARD_LINKS_IN_HTML, in_html, &seen, NULL);
	assert(err == WARD_OK);
	return 0;
}
