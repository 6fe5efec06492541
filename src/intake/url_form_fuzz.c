/*
 * Any text as an address.  The form of a form is itself, and is made of few characters.
 */
#include "intake/url_form.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct url_form form, again;

	if (!url_form((ward_str){ (const char *)data, size }, &form))
		return 0;
	size_t len = strlen(form.text);

	assert(len > strlen(form.host) && memcmp(form.text, form.host, strlen(form.host)) == 0);
	for (size_t i = 0; i < len; i++)
		assert(form.text[i] > 0x20 && form.text[i] < 0x7f && form.text[i] != '#');
	/* A form may be longer than what may be typed; and one without a dot needs its scheme. */
	if (len > URL_TYPED_MAX - 7)
		return 0;
	char typed[URL_TYPED_MAX];

	snprintf(typed, sizeof(typed), "%s%s", strchr(form.host, '.') ? "" : "ftp://", form.text);
	assert(url_form(ward_str_from(typed), &again));
	assert(strcmp(form.host, again.host) == 0);
	assert(strcmp(form.text, again.text) == 0 || strstr(form.text, ":21/"));
	return 0;
}
