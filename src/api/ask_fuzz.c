/* What strangers ask: the first byte says in what form. */
#include <assert.h>

#include "api/access.h"
#include "api/ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str text = { (const char *)data + 1, size > 0 ? size - 1 : 0 };
	char token[KEY_TOKEN_MAX];
	ward_signal pair[2];
	struct ask ask = { 0 };

	if (size == 0)
		return 0;
	switch (data[0] % 4) {
	case 0:
		if (ask_read(text, &ask, NULL) == WARD_OK)
			assert(ask.count > 0 && ask.count <= ASK_SIGNALS_MAX &&
					ask.radius <= WARD_PDQ_RADIUS_MAX);
		break;
	case 1:
		(void)!ask_pair(text, pair, NULL);
		break;
	case 2:
		(void)!ask_lists(text, &ask, NULL);
		break;
	default:
		access_token(text, text, token);
		assert(strlen(token) < KEY_TOKEN_MAX);
		(void)access_is_local(text, text, WARD_STR(""));
	}
	ask_free(&ask);
	return 0;
}
