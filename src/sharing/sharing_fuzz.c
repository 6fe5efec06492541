/* Any text as a link: what it names prints and parses again to the same. */
#include <ward/sharing.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_signal signals[WARD_SHARING_LINK_MAX], again;
	size_t count = ward_sharing_link((ward_str){ (const char *)data, size }, signals);
	char text[WARD_SIGNAL_TEXT_MAX];

	assert(count <= WARD_SHARING_LINK_MAX);
	for (size_t i = 0; i < count; i++) {
		ward_signal_format(&signals[i], text);
		assert(ward_signal_parse(signals[i].kind, ward_str_from(text), &again));
		assert(ward_signal_eq(&signals[i], &again));
	}
	return 0;
}
