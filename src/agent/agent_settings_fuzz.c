/* agent.conf: any text gives settings or an error. */
#include "agent/settings.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct agent_settings settings;
	struct ward_arena arena;
	struct ward_error error = { .code = WARD_OK };

	ward_arena_init(&arena, (size_t)8 << 20);
	ward_err err = agent_settings_read(&arena, "agent.conf",
			(ward_str){ (const char *)data, size }, &settings, &error);

	if (err) {
		assert(error.message[0]);
	} else {
		assert(settings.folder && settings.spool && settings.quarantine);
		for (size_t i = 0; i < settings.watch_count; i++)
			assert(settings.watches[i].folder[0] == '/');
		(void)agent_settings_watch(&settings, "/srv/anna/a.png");
		(void)agent_watch_covers(&settings.media, "/media/stick/a.png");
	}
	ward_arena_free(&arena);
	return 0;
}
