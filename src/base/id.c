#include "base/id.h"

#include <errno.h>
#include <sys/random.h>

void id_random(void *out, size_t len)
{
	uint8_t *next = out;

	while (len > 0) {
		ssize_t got = getrandom(next, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		next += got;
		len -= (size_t)got;
	}
}

const char *id_new(char out[ID_TEXT_MAX])
{
	struct timespec now;
	uint8_t b[16];
	char hex[33];

	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	/* Of the millisecond, in 18 bits: to 4 nanoseconds, which is less than this takes. */
	uint32_t fraction = (uint32_t)(((uint64_t)now.tv_nsec % 1000000 << 18) / 1000000);

	id_random(b, sizeof(b));
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(ms >> (40 - 8 * i));
	b[6] = (uint8_t)(0x70 | fraction >> 14);
	b[7] = (uint8_t)(fraction >> 6);
	b[8] = (uint8_t)(0x80 | (fraction & 0x3f));
	ward_hex_format(b, sizeof(b), hex);
	snprintf(out, ID_TEXT_MAX, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
			hex + 20);
	return out;
}
