/*
 * A held file that somebody else made for our key: listed, opened, its meta read, and its
 * attributes given to a file.  An input is either the whole file, or (first byte odd) what is
 * sealed in a well-made one; with 4 in that byte one of the second version.
 */
#include "agent/held_form.h"

#include <assert.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char id[] = "000102030405060708090a0b0c0d0e0f";
static char folder[] = "/tmp/ward-held-fuzz-XXXXXX";
static uint8_t secret[PAIR_KEY], public_key[PAIR_KEY];

static void clean(void)
{
	char path[HELD_PATH_MAX];

	if (held_path(folder, id, ".held", path, NULL) == WARD_OK)
		(void)unlink(path);
	(void)rmdir(folder);
}

static void begin(void)
{
	static bool begun;

	if (begun)
		return;
	begun = true;
	memset(secret, 7, sizeof(secret));
	if (sodium_init() < 0 || !mkdtemp(folder))
		abort();
	crypto_scalarmult_base(public_key, secret);
	atexit(clean);
}

static ward_err put(void *context, ward_bytes bytes, struct ward_error *error)
{
	(void)error;
	ward_buf_add(context, bytes.ptr, bytes.len);
	return WARD_OK;
}

static void make(struct ward_buf *file, uint8_t version, ward_bytes plain)
{
	uint8_t head[HELD_HEAD] = { 0 }, wrapped[WRAP_SIZE];
	struct sealed_name name = { .key = { 9 } };
	struct sealed_input input = { .bytes = plain };
	struct held_purpose purpose;
	struct sealed_totals totals;

	memcpy(head, held_magic, sizeof(held_magic));
	head[HELD_VERSION_AT] = version;
	head[HELD_COUNT_AT] = 1;
	for (size_t i = 0; i < SEALED_ID; i++)
		head[HELD_ID_AT + i] = name.id[i] = (uint8_t)i;
	/* The first byte says how many bytes of a file the head promises. */
	head[HELD_SIZE_AT] = plain.len > 0 ? plain.ptr[0] : 0;
	held_purpose_of(&purpose, id, public_key);
	if (!wrap_make(name.key, &purpose.purpose, public_key, wrapped))
		abort();
	ward_buf_add(file, head, sizeof(head));
	ward_buf_add(file, public_key, sizeof(public_key));
	ward_buf_add(file, wrapped, sizeof(wrapped));
	if (sealed_make(&name, &input, put, file, &totals, NULL) != WARD_OK)
		abort();
}

static bool each(void *context, const struct held_facts *facts)
{
	(void)context;
	assert(strcmp(facts->id, id) == 0);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct held_meta meta;
	char path[HELD_PATH_MAX];
	struct ward_buf file;

	begin();
	ward_buf_init(&file, 1 << 22);
	if (size > 0 && data[0] % 2)
		make(&file, data[0] & 4 ? HELD_VERSION : 1, (ward_bytes){ data + 1, size - 1 });
	else
		ward_buf_add(&file, data, size);
	if (held_path(folder, id, ".held", path, NULL) != WARD_OK)
		abort();
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, file.ptr ? file.ptr : "", file.len) != (ssize_t)file.len)
		abort();
	if (size > 0 && data[0] == 2)
		(void)held_attributes_give(fd, (ward_bytes){ data + 1, size - 1 }, false);
	close(fd);
	ward_buf_free(&file);
	if (held_list(folder, each, NULL, NULL) == WARD_OK &&
			held_read(folder, id, secret, -1, &meta, NULL) == WARD_OK)
		assert(strlen(meta.path) > 0 && strlen(meta.path) < HELD_PATH_MAX);
	return 0;
}
