#include "people/people_passkey.h"

#include <sodium.h>

/*
 * The first two bytes say where the browser's text ends and the rest begins.
 * The text is ours when it is empty, so that what lies behind it is reached.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct people_place place = { "https://ward.example.org", "ward.example.org" };
	static const char create[] = "{\"type\":\"webauthn.create\",\"challenge\":"
				     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
				     "\"origin\":\"https://ward.example.org\"}";
	static const uint8_t challenge[32];
	struct people_credential credential;
	struct ward_error error;
	uint32_t counter;

	if (sodium_init() < 0 || size < 2)
		return 0;
	size_t cut = (size_t)(data[0] << 8 | data[1]) % (size - 1);
	ward_bytes client = { data + 2, cut }, rest = { data + 2 + cut, size - 2 - cut };

	if (cut == 0)
		client = (ward_bytes){ (const uint8_t *)create, sizeof(create) - 1 };
	if (people_passkey_register(&place, challenge, client, rest, &credential, &error) ==
			WARD_OK) {
		struct people_assertion assertion = { client, rest, rest };

		(void)!people_passkey_assert(&place, challenge, &assertion,
				(ward_bytes){ credential.key, credential.key_len }, 0, &counter,
				&error);
	}
	return 0;
}
