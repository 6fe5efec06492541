/*
 * Any text as a signal: the first byte picks the kind.  What parses must print
 * and parse again to the same signal.
 */
#include <ward/hash.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_signal signal, again;
	char text[WARD_SIGNAL_TEXT_MAX];

	if (size == 0)
		return 0;
	ward_signal_kind kind = (ward_signal_kind)(data[0] % WARD_SIGNAL_KIND_COUNT);
	ward_str input = { (const char *)data + 1, size - 1 };

	(void)ward_signal_kind_from(input);
	if (!ward_signal_parse(kind, input, &signal))
		return 0;
	assert(!kind || signal.kind == kind);
	ward_signal_format(&signal, text);
	assert(ward_signal_parse(signal.kind, ward_str_from(text), &again));
	assert(ward_signal_eq(&signal, &again));
	if (signal.kind == WARD_SIGNAL_PDQ) {
		ward_pdq hash = ward_pdq_from_signal(&signal);

		again = ward_pdq_signal(hash);
		assert(ward_signal_eq(&signal, &again));
		assert(ward_pdq_distance(hash, hash) == 0);
	}
	return 0;
}
