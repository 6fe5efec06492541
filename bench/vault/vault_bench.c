/*
 * How fast items are sealed and opened, in memory, beside what bounds it: the
 * three digests alone, and libsodium's secretstream alone on the same chunks.
 * One JSON line: MB/s (10^6), medians of the runs, and the ratio to the bound.
 */
#include <sodium.h>

#include "base/json.h"
#include "seal/sealed.h"
#include "seal/wrap.h"

enum { BYTES = 64 << 20, RUNS = 7, WRAPS = 2000 };

static uint8_t *payload, *sealed;
static size_t sealed_len;
static struct sealed_name name;

static ward_err keep(void *context, ward_bytes bytes, struct ward_error *error)
{
	(void)context;
	(void)error;
	memcpy(sealed + sealed_len, bytes.ptr, bytes.len);
	sealed_len += bytes.len;
	return WARD_OK;
}

static ward_err forget(void *context, ward_bytes bytes, struct ward_error *error)
{
	(void)error;
	*(uint8_t *)context ^= bytes.len > 0 ? bytes.ptr[0] : 0;
	return WARD_OK;
}

static ward_err give(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	size_t *at = context;

	(void)error;
	*len = sealed_len - *at < room ? sealed_len - *at : room;
	memcpy(into, sealed + *at, *len);
	*at += *len;
	return WARD_OK;
}

/*
 * The processor's time of this program: all of it is work in memory, in one
 * thread, and so others' work on the machine does not count.
 */
static uint64_t used_us(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

/* ---- what is timed ---- */

static bool seal(void)
{
	struct sealed_input input = { .bytes = { payload, BYTES } };
	struct sealed_totals totals;

	sealed_len = 0;
	return sealed_make(&name, &input, keep, NULL, &totals, NULL) == WARD_OK;
}

static bool open_again(void)
{
	struct sealed_totals totals;
	uint8_t all = 0;
	size_t at = 0;

	return sealed_open(&name, give, &at, forget, &all, &totals, NULL) == WARD_OK;
}

static bool digest(void)
{
	struct ward_digests digests;

	return ward_digest((ward_bytes){ payload, BYTES }, &digests) == WARD_OK;
}

static bool stream(void)
{
	static uint8_t chunk[SEALED_CHUNK + SEALED_TAG];
	crypto_secretstream_xchacha20poly1305_state state;
	uint8_t header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];

	crypto_secretstream_xchacha20poly1305_init_push(&state, header, name.key);
	for (size_t at = 0; at < BYTES; at += SEALED_CHUNK)
		crypto_secretstream_xchacha20poly1305_push(&state, chunk, NULL, payload + at,
				SEALED_CHUNK, NULL, 0, 0);
	return true;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static double median_mbs(bool (*run)(void))
{
	double speeds[RUNS];

	for (int i = 0; i < RUNS; i++) {
		uint64_t from = used_us();

		if (!run())
			exit(1);
		speeds[i] = (double)BYTES / (double)(used_us() - from + 1);
	}
	qsort(speeds, RUNS, sizeof(*speeds), by_size);
	return speeds[RUNS / 2];
}

/* Wrapping an item's key to one more key of the vault, in microseconds. */
static double wrap_us(void)
{
	struct wrap_purpose purpose = { "item", WARD_STR("an item"), WARD_STR("a key") };
	uint8_t public_key[32], secret[32], wrap[WRAP_SIZE];

	crypto_box_keypair(public_key, secret);
	uint64_t from = used_us();

	for (int i = 0; i < WRAPS; i++) {
		if (!wrap_make(name.key, &purpose, public_key, wrap))
			exit(1);
	}
	return (double)(used_us() - from) / WRAPS;
}

int main(void)
{
	struct ward_buf text;

	payload = malloc(BYTES);
	sealed = malloc(sealed_size(BYTES));
	if (sodium_init() < 0 || !payload || !sealed)
		return 1;
	randombytes_buf(payload, BYTES);
	randombytes_buf(&name, sizeof(name));
	double sealing = median_mbs(seal), opening = median_mbs(open_again);
	double digests = median_mbs(digest), plain = median_mbs(stream);
	/* One thread does both for each byte, so the times add up. */
	double bound = 1 / (1 / digests + 1 / plain);

	ward_buf_init(&text, 4096);
	struct json json = json_to(&text);

	json_object(&json);
	json_key_text(&json, "bench", "vault");
	json_key(&json, "seal_mbs");
	json_double(&json, sealing, 0);
	json_key(&json, "open_mbs");
	json_double(&json, opening, 0);
	json_key(&json, "digests_mbs");
	json_double(&json, digests, 0);
	json_key(&json, "secretstream_mbs");
	json_double(&json, plain, 0);
	json_key(&json, "digests_and_secretstream_mbs");
	json_double(&json, bound, 0);
	json_key(&json, "seal_of_bound");
	json_double(&json, sealing / bound, 2);
	json_key(&json, "wrap_us");
	json_double(&json, wrap_us(), 0);
	json_object_end(&json);
	puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
	free(payload);
	free(sealed);
	return 0;
}
