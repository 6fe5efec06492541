#include "api/access.h"

#include <pthread.h>

/* ---- tokens ---- */

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static const char *keep_token(ward_str text, char token[KEY_TOKEN_MAX])
{
	token[0] = '\0';
	if (text.len >= KEY_TOKEN_MAX)
		return token;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_token_char(text.ptr[i]))
			return token;
	}
	memcpy(token, text.ptr, text.len);
	token[text.len] = '\0';
	return token;
}

/* Base64 of unknown length: its padding tells. */
static bool decode_basic(ward_str text, char *out, size_t room, size_t *len)
{
	size_t padding = 0;

	while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=')
		padding++;
	if (text.len % 4 != 0 || text.len == 0)
		return false;
	*len = text.len / 4 * 3 - padding;
	return *len <= room && ward_base64_parse(text, (uint8_t *)out, *len);
}

const char *access_token(ward_str authorization, ward_str api_key, char token[KEY_TOKEN_MAX])
{
	char decoded[256];
	ward_str rest = authorization;
	ward_str scheme = ward_str_cut(&rest, ' ');
	size_t len;

	rest = ward_str_trim(rest);
	if (ward_str_eq_nocase(scheme, WARD_STR("Bearer")))
		return keep_token(rest, token);
	if (ward_str_eq_nocase(scheme, WARD_STR("Basic")) &&
			decode_basic(rest, decoded, sizeof(decoded), &len)) {
		ward_str password = { decoded, len };

		(void)ward_str_cut(&password, ':');
		return keep_token(password, token);
	}
	return keep_token(ward_str_trim(api_key), token);
}

/* ---- on this machine ---- */

/* "", or a colon and digits. */
static bool is_port(ward_str text)
{
	if (text.len > 0 && text.ptr[0] != ':')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
	}
	return true;
}

static bool is_this_machine(ward_str host)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ward_str name = ward_str_from(names[i]);
		ward_str start = { host.ptr, host.len < name.len ? host.len : name.len };

		if (ward_str_eq_nocase(start, name))
			return is_port((ward_str){ host.ptr + name.len, host.len - name.len });
	}
	return false;
}

bool access_is_local(ward_str host, ward_str origin, ward_str fetch_site)
{
	ward_str scheme = origin;

	/* HTTP/1.0 tools send no Host; no browser does that. */
	if (host.len > 0 && !is_this_machine(host))
		return false;
	if (fetch_site.len > 0 && !ward_str_eq(fetch_site, WARD_STR("same-origin")) &&
			!ward_str_eq(fetch_site, WARD_STR("none")))
		return false;
	if (origin.len == 0)
		return true;
	(void)ward_str_cut(&scheme, ':');
	return ward_str_starts(scheme, WARD_STR("//")) &&
	       ward_str_eq_nocase((ward_str){ scheme.ptr + 2, scheme.len - 2 }, host);
}

/* ---- rates ---- */

struct bucket {
	uint8_t digest[32];
	double requests; /* that may still be made */
	uint64_t at_us;  /* when that was so */
};

struct rates {
	pthread_mutex_t mutex;
	struct bucket *buckets;
	size_t count, room;
};

struct rates *rates_new(void)
{
	struct rates *rates = calloc(1, sizeof(*rates));

	if (rates)
		pthread_mutex_init(&rates->mutex, NULL);
	return rates;
}

void rates_free(struct rates *rates)
{
	if (!rates)
		return;
	pthread_mutex_destroy(&rates->mutex);
	free(rates->buckets);
	free(rates);
}

/* The key's bucket, a full one when it is new; NULL without memory. */
static struct bucket *find_bucket(struct rates *rates, const struct key *key, uint64_t now_us)
{
	for (size_t i = 0; i < rates->count; i++) {
		if (memcmp(rates->buckets[i].digest, key->digest, sizeof(key->digest)) == 0)
			return &rates->buckets[i];
	}
	if (rates->count == rates->room) {
		size_t room = rates->room ? 2 * rates->room : 16;
		struct bucket *grown = realloc(rates->buckets, room * sizeof(*grown));

		if (!grown)
			return NULL;
		rates->buckets = grown;
		rates->room = room;
	}
	struct bucket *bucket = &rates->buckets[rates->count++];

	memcpy(bucket->digest, key->digest, sizeof(key->digest));
	bucket->requests = key->rate;
	bucket->at_us = now_us;
	return bucket;
}

static unsigned take(struct bucket *bucket, double rate, uint64_t now_us)
{
	double per_us = rate / 60e6;

	bucket->requests += (double)(now_us - bucket->at_us) * per_us;
	bucket->at_us = now_us;
	if (bucket->requests > rate)
		bucket->requests = rate;
	if (bucket->requests >= 1) {
		bucket->requests -= 1;
		return 0;
	}
	return (unsigned)((1 - bucket->requests) / per_us / 1e6) + 1;
}

unsigned rates_take(struct rates *rates, const struct key *key, uint64_t now_us)
{
	unsigned wait = 1;

	if (key->rate == 0)
		return 0;
	pthread_mutex_lock(&rates->mutex);
	struct bucket *bucket = find_bucket(rates, key, now_us);

	if (bucket)
		wait = take(bucket, key->rate, now_us);
	pthread_mutex_unlock(&rates->mutex);
	return wait;
}
