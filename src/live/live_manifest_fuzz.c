/* Any bytes for a DASH manifest: told apart or refused, twice with one state. */
#include "live/live_manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct live_manifest_state state = { 0 };
	struct ward_error error;

	for (int64_t i = 0; i < 2; i++) {
		struct ward_buf out;

		ward_buf_init(&out, (size_t)4 << 20);
		if (live_manifest((ward_bytes){ data, size }, "http://a.example/b/c.mpd",
				    1767225600 + 60 * i, &state, &out, &error) == WARD_OK) {
			/* Nothing that was in it begins a line of its own. */
			ward_str text = ward_buf_text(&out);

			while (text.len > 0) {
				ward_str line = ward_str_cut(&text, '\n');

				if (!ward_str_starts(line, WARD_STR("#EXT")) &&
						!memchr(line.ptr, ':', line.len))
					abort();
			}
		}
		ward_buf_free(&out);
	}
	return 0;
}
