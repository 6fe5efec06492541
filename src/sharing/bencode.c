#include "sharing/bencode.h"

/* ---- one token ---- */

/* "123:", whose value is set; NULL when there is none, or its bytes are not there. */
static const uint8_t *read_length(const uint8_t *at, const uint8_t *end, size_t *len)
{
	size_t value = 0;
	const uint8_t *from = at;

	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		if (value > ((size_t)1 << 40))
			return NULL;
		value = value * 10 + (size_t)(*at - '0');
	}
	if (at == from || at == end || *at != ':' || value > (size_t)(end - at - 1))
		return NULL;
	*len = value;
	return at + 1;
}

static const uint8_t *skip_text(const uint8_t *at, const uint8_t *end)
{
	size_t len = 0;
	const uint8_t *text = read_length(at, end, &len);

	return text ? text + len : NULL;
}

/* Behind "i-12e". */
static const uint8_t *skip_number(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *from;

	at++;
	at += at < end && *at == '-';
	for (from = at; at < end && *at >= '0' && *at <= '9';)
		at++;
	return at > from && at < end && *at == 'e' ? at + 1 : NULL;
}

/* ---- a whole value ---- */

/* A bit for each container that is open: is it a dictionary, and is a key next? */
struct nest {
	uint64_t dict, key;
	unsigned depth;
};

/* What stands here is a value of the innermost container, or a key of it; false when it may not be.
 */
static bool take_turn(struct nest *nest, bool is_text)
{
	uint64_t bit;

	if (nest->depth == 0)
		return true;
	bit = (uint64_t)1 << (nest->depth - 1);
	if (!(nest->dict & bit))
		return true;
	if ((nest->key & bit) && !is_text)
		return false;
	nest->key ^= bit;
	return true;
}

static bool open_container(struct nest *nest, bool dict)
{
	uint64_t bit;

	if (nest->depth == BENCODE_DEPTH_MAX)
		return false;
	bit = (uint64_t)1 << nest->depth;
	nest->depth++;
	nest->dict = dict ? nest->dict | bit : nest->dict & ~bit;
	nest->key = dict ? nest->key | bit : nest->key & ~bit;
	return true;
}

/* A dictionary may not end between a key and its value. */
static bool close_container(struct nest *nest)
{
	uint64_t bit;

	if (nest->depth == 0)
		return false;
	nest->depth--;
	bit = (uint64_t)1 << nest->depth;
	return !(nest->dict & bit) || (nest->key & bit);
}

/* Behind the value that begins here; NULL when it is none. */
static const uint8_t *skip_value(const uint8_t *at, const uint8_t *end)
{
	struct nest nest = { 0, 0, 0 };

	do {
		if (at == NULL || at == end)
			return NULL;
		if (*at == 'e') {
			if (!close_container(&nest))
				return NULL;
			at++;
		} else if (*at == 'd' || *at == 'l') {
			if (!take_turn(&nest, false) || !open_container(&nest, *at == 'd'))
				return NULL;
			at++;
		} else if (!take_turn(&nest, *at != 'i')) {
			return NULL;
		} else {
			at = *at == 'i' ? skip_number(at, end) : skip_text(at, end);
		}
	} while (nest.depth > 0);
	return at;
}

bool bencode_read(ward_bytes bytes, struct bencode *value)
{
	const uint8_t *end = bytes.ptr + bytes.len;

	if (bytes.len == 0 || skip_value(bytes.ptr, end) != end)
		return false;
	*value = (struct bencode){ bytes.ptr, end };
	return true;
}

/* ---- taking it apart ---- */

bool bencode_is_dict(struct bencode value)
{
	return value.at < value.end && *value.at == 'd';
}

bool bencode_is_list(struct bencode value)
{
	return value.at < value.end && *value.at == 'l';
}

bool bencode_text(struct bencode value, ward_str *text)
{
	size_t len = 0;
	const uint8_t *at = value.at < value.end ? read_length(value.at, value.end, &len) : NULL;

	if (!at)
		return false;
	*text = (ward_str){ (const char *)at, len };
	return true;
}

bool bencode_size(struct bencode value, uint64_t *size)
{
	if (value.at >= value.end || *value.at != 'i')
		return false;
	return ward_u64_parse((ward_str){ (const char *)value.at + 1,
					      (size_t)(value.end - value.at - 2) },
			size);
}

bool bencode_next(struct bencode container, struct bencode_walk *walk, ward_str *key,
		struct bencode *value)
{
	const uint8_t *at, *end;

	if (!bencode_is_dict(container) && !bencode_is_list(container))
		return false;
	at = walk->next ? walk->next : container.at + 1;
	if (*at == 'e')
		return false;
	if (bencode_is_dict(container)) {
		const uint8_t *behind = skip_text(at, container.end);

		if (!behind || !bencode_text((struct bencode){ at, behind }, key))
			return false;
		at = behind;
	}
	end = skip_value(at, container.end);
	if (!end)
		return false;
	*value = (struct bencode){ at, end };
	walk->next = end;
	return true;
}

struct bencode bencode_get(struct bencode dict, const char *name)
{
	struct bencode_walk walk = { NULL };
	struct bencode value;
	ward_str key = { "", 0 };

	if (!bencode_is_dict(dict))
		return (struct bencode){ NULL, NULL };
	while (bencode_next(dict, &walk, &key, &value)) {
		if (ward_str_eq(key, ward_str_from(name)))
			return value;
	}
	return (struct bencode){ NULL, NULL };
}
