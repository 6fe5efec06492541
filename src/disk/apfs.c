#include "disk/apfs.h"

#include <stdlib.h>
#include <string.h>

enum {
	TYPE_SUPERBLOCK = 1,
	TYPE_SPACEMAN = 5,
	TYPE_ADDRESSES = 6,
	TYPE_CHUNKS = 7,
	TYPE_MAP = 12,
	OBJECT_HEAD = 32,
	LIST_HEAD = OBJECT_HEAD + 8, /* an index or flags, and how many follow */
	MAPPING = 40,
	CHUNK = 32,
	DESCRIPTORS_MAX = 1 << 16, /* Apple's largest is some hundreds */
	SPACEMAN_MAX = 1 << 20,
	CHUNK_BLOCKS = 8 * APFS_BLOCK, /* bits in one bitmap */
};

#define FUSION      0x100u
#define CHUNK_COUNT 0xfffffu

struct space {
	const struct apfs_source *source;
	apfs_range *range;
	void *context;
	uint64_t blocks, next; /* the first block of which nothing was said yet */
	uint64_t descriptors, descriptor_count;
	bool stopped;
	uint8_t list[APFS_BLOCK], addresses[APFS_BLOCK], bits[APFS_BLOCK];
};

static uint64_t number_at(const uint8_t *bytes, size_t at, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value |= (uint64_t)bytes[at + i] << (8 * i);
	return value;
}

static uint32_t u32_at(const uint8_t *bytes, size_t at)
{
	return (uint32_t)number_at(bytes, at, 4);
}

static uint64_t u64_at(const uint8_t *bytes, size_t at)
{
	return number_at(bytes, at, 8);
}

/* Fletcher's checksum in words of 32 bits, over all but itself. */
static bool is_sound(const uint8_t *object, size_t len)
{
	uint64_t low = 0, high = 0;

	for (size_t at = 8; at < len; at += 4) {
		low = (low + u32_at(object, at)) % UINT32_MAX;
		high = (high + low) % UINT32_MAX;
	}
	uint64_t first = UINT32_MAX - (low + high) % UINT32_MAX;

	return u64_at(object, 0) == (first | (UINT32_MAX - (low + first) % UINT32_MAX) << 32);
}

static bool read_blocks(const struct space *space, uint64_t block, uint8_t *to, size_t len)
{
	uint64_t count = len / APFS_BLOCK;

	return block < space->blocks && count <= space->blocks - block &&
	       space->source->read(space->source->context, block * APFS_BLOCK, to, len);
}

static bool read_object(const struct space *space, uint64_t block, unsigned type, uint8_t *to,
		size_t len)
{
	return read_blocks(space, block, to, len) && (u32_at(to, 24) & 0xffff) == type &&
	       (space->source->unchecked || is_sound(to, len));
}

bool apfs_is(const struct apfs_source *source, struct apfs_facts *facts)
{
	uint8_t head[128];

	if (source->size < APFS_BLOCK || !source->read(source->context, 0, head, sizeof(head)) ||
			memcmp(head + 32, "NXSB", 4) != 0)
		return false;
	facts->blocks = u64_at(head, 40);
	facts->fusion = u64_at(head, 64) & FUSION;
	if (facts->blocks > source->size / APFS_BLOCK)
		facts->blocks = source->size / APFS_BLOCK;
	return u32_at(head, 36) == APFS_BLOCK;
}

/* The newest of the superblocks that are kept, and the number of its space manager. */
static bool find_newest(struct space *space, uint64_t *transaction, uint64_t *spaceman)
{
	bool found = false;

	if (!read_object(space, 0, TYPE_SUPERBLOCK, space->list, APFS_BLOCK))
		return false;
	space->descriptor_count = u32_at(space->list, 104);
	space->descriptors = u64_at(space->list, 112);
	/* With the highest bit set they lie in a tree, as of a container that grew. */
	if (space->descriptor_count > DESCRIPTORS_MAX || space->descriptors >= space->blocks)
		return false;
	for (uint64_t i = 0; i < space->descriptor_count; i++) {
		if (!read_object(space, space->descriptors + i, TYPE_SUPERBLOCK, space->list,
				    APFS_BLOCK) ||
				(found && u64_at(space->list, 16) <= *transaction))
			continue;
		found = true;
		*transaction = u64_at(space->list, 16);
		*spaceman = u64_at(space->list, 152);
	}
	return found;
}

/* Where a map of that transaction says that an object lies. */
static bool find_in_map(const struct space *space, uint64_t object, uint64_t *block, size_t *len)
{
	size_t count = u32_at(space->list, OBJECT_HEAD + 4);

	for (size_t i = 0; i < count && i < (APFS_BLOCK - LIST_HEAD) / MAPPING; i++) {
		const uint8_t *mapping = space->list + LIST_HEAD + i * MAPPING;

		if (u64_at(mapping, 24) != object)
			continue;
		*len = u32_at(mapping, 8);
		*block = u64_at(mapping, 32);
		return *len >= APFS_BLOCK && *len <= SPACEMAN_MAX && *len % APFS_BLOCK == 0;
	}
	return false;
}

static uint8_t *read_spaceman(struct space *space, size_t *len)
{
	uint64_t transaction = 0, object = 0, block = 0;
	bool found = false;

	if (!find_newest(space, &transaction, &object))
		return NULL;
	for (uint64_t i = 0; i < space->descriptor_count && !found; i++)
		found = read_object(space, space->descriptors + i, TYPE_MAP, space->list,
					APFS_BLOCK) &&
			u64_at(space->list, 16) == transaction &&
			find_in_map(space, object, &block, len);
	uint8_t *spaceman = found ? malloc(*len) : NULL;

	if (spaceman && !read_object(space, block, TYPE_SPACEMAN, spaceman, *len)) {
		free(spaceman);
		return NULL;
	}
	return spaceman;
}

/* ---- chunks ---- */

static void tell(struct space *space, uint64_t block, uint64_t count)
{
	if (count > 0 && !space->stopped)
		space->stopped = !space->range(space->context, block * APFS_BLOCK,
				count * APFS_BLOCK);
}

static void tell_bits(struct space *space, uint64_t block, uint64_t count)
{
	uint64_t begin = 0;

	for (uint64_t i = 0; i < count; i++) {
		if (!(space->bits[i / 8] & 1u << i % 8))
			continue;
		tell(space, block + begin, i - begin);
		begin = i + 1;
	}
	tell(space, block + begin, count - begin);
}

static bool take_chunk(struct space *space, const uint8_t *chunk)
{
	uint64_t block = u64_at(chunk, 8), bitmap = u64_at(chunk, 24);
	uint64_t count = u32_at(chunk, 16) & CHUNK_COUNT;

	/* Each is told once, so it comes to an end. */
	if (block != space->next || count == 0 || count > CHUNK_BLOCKS || block > space->blocks ||
			count > space->blocks - block)
		return false;
	space->next = block + count;
	if (bitmap == 0) {
		tell(space, block, count); /* none was ever used */
		return true;
	}
	if (!read_blocks(space, bitmap, space->bits, APFS_BLOCK))
		return false;
	tell_bits(space, block, count);
	return true;
}

static bool take_chunks(struct space *space, uint64_t block)
{
	if (!read_object(space, block, TYPE_CHUNKS, space->list, APFS_BLOCK))
		return false;
	size_t count = u32_at(space->list, OBJECT_HEAD + 4);

	if (count > (APFS_BLOCK - LIST_HEAD) / CHUNK)
		return false;
	for (size_t i = 0; i < count && !space->stopped; i++) {
		if (!take_chunk(space, space->list + LIST_HEAD + i * CHUNK))
			return false;
	}
	return count > 0;
}

/* Of a large container the addresses of the lists of chunks fill blocks of their own. */
static bool take_addresses(struct space *space, uint64_t block)
{
	if (!read_object(space, block, TYPE_ADDRESSES, space->addresses, APFS_BLOCK))
		return false;
	size_t count = u32_at(space->addresses, OBJECT_HEAD + 4);

	if (count > (APFS_BLOCK - LIST_HEAD) / 8)
		return false;
	for (size_t i = 0; i < count && !space->stopped; i++) {
		if (!take_chunks(space, u64_at(space->addresses, LIST_HEAD + i * 8)))
			return false;
	}
	return count > 0;
}

static bool take_device(struct space *space, const uint8_t *spaceman, size_t len)
{
	size_t lists = u32_at(spaceman, 64), outer = u32_at(spaceman, 68);
	size_t count = outer ? outer : lists, from = u32_at(spaceman, 80);

	if (from > len || count > (len - from) / 8)
		return false;
	for (size_t i = 0; i < count && !space->stopped; i++) {
		uint64_t block = u64_at(spaceman, from + i * 8);

		if (!(outer ? take_addresses(space, block) : take_chunks(space, block)))
			return false;
	}
	return space->stopped || space->next == space->blocks;
}

bool apfs_free(const struct apfs_source *source, apfs_range *range, void *context)
{
	struct space *space = calloc(1, sizeof(*space));
	struct apfs_facts facts;
	uint8_t *spaceman = NULL;
	size_t len = 0;
	bool good;

	if (!space || !apfs_is(source, &facts)) {
		free(space);
		return false;
	}
	*space = (struct space){ .source = source,
		.range = range,
		.context = context,
		.blocks = facts.blocks };
	spaceman = read_spaceman(space, &len);
	good = spaceman && take_device(space, spaceman, len);
	free(spaceman);
	free(space);
	return good;
}
