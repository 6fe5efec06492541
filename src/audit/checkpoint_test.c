#include "audit/checkpoint.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"

static struct ward_error error;
static char folder[64];

static struct signer *new_signer(void)
{
	struct signer *signer = NULL;

	snprintf(folder, sizeof(folder), "/tmp/ward-checkpoint-XXXXXX");
	if (!mkdtemp(folder) || signer_make(folder, &error) != WARD_OK ||
			signer_open(folder, &signer, &error) != WARD_OK)
		abort();
	return signer;
}

static void forget(struct signer *signer)
{
	static const char *const names[] = { "signing.key", "signing.pub", "checkpoints" };
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
	signer_free(signer);
}

static struct checkpoint made(const struct signer *signer, uint64_t number)
{
	struct checkpoint checkpoint = { .number = number, .at = 1700000000 + (int64_t)number };

	memset(checkpoint.digest, (int)number, sizeof(checkpoint.digest));
	checkpoint_sign(&checkpoint, signer);
	return checkpoint;
}

static void what_is_printed_is_read_again(void)
{
	struct signer *signer = new_signer();
	struct checkpoint checkpoint = made(signer, 1042), read;
	char line[CHECKPOINT_LINE_MAX];

	CHECK(checkpoint_holds(&checkpoint));
	checkpoint_format(&checkpoint, line);
	CHECK(checkpoint_parse(ward_str_from(line), &read));
	CHECK(checkpoint_holds(&read));
	CHECK_EQ(read.number, 1042);
	CHECK_EQ(read.at, checkpoint.at);
	forget(signer);
}

/* Either the line is refused, or its signature does not hold. */
static void no_byte_of_a_line_can_be_another(void)
{
	struct signer *signer = new_signer();
	struct checkpoint checkpoint = made(signer, 1042), read;
	char line[CHECKPOINT_LINE_MAX];
	size_t len = strlen(checkpoint_format(&checkpoint, line));
	bool found = true;

	for (size_t i = 0; i < len && found; i++) {
		char was = line[i];

		for (int other = 0; other < 256 && found; other++) {
			line[i] = (char)other;
			if (line[i] != was && checkpoint_parse((ward_str){ line, len }, &read))
				found = !checkpoint_holds(&read);
		}
		line[i] = was;
	}
	CHECK(found);
	forget(signer);
}

static bool count_one(void *context, const struct checkpoint *checkpoint)
{
	*(uint64_t *)context += checkpoint->number;
	return true;
}

static void lines_stand_in_order(void)
{
	struct signer *signer = new_signer();
	struct checkpoint one = made(signer, 1), two = made(signer, 2);
	char first[CHECKPOINT_LINE_MAX], second[CHECKPOINT_LINE_MAX];
	char text[4 * CHECKPOINT_LINE_MAX];
	uint64_t sum = 0;
	bool torn;

	checkpoint_format(&one, first);
	checkpoint_format(&two, second);
	snprintf(text, sizeof(text), "%s\n%s\n", first, second);
	CHECK_EQ(checkpoint_read(ward_str_from(text), count_one, &sum, &torn, &error), WARD_OK);
	CHECK_EQ(sum, 3);
	CHECK(!torn);
	snprintf(text, sizeof(text), "%s\n%s\n", second, first);
	CHECK_EQ(checkpoint_read(ward_str_from(text), count_one, &sum, &torn, &error),
			WARD_E_CORRUPT);
	CHECK_STR(error.message,
			"line 2 of the file of checkpoints does not follow the one before");
	forget(signer);
}

/* As in a copy that gets the newest line each day, and on the second nothing was done. */
static void a_line_may_stand_there_again(void)
{
	struct signer *signer = new_signer();
	struct checkpoint one = made(signer, 1), two = made(signer, 2), other = made(signer, 1);
	char first[CHECKPOINT_LINE_MAX], second[CHECKPOINT_LINE_MAX], third[CHECKPOINT_LINE_MAX];
	char text[4 * CHECKPOINT_LINE_MAX];
	uint64_t sum = 0;
	bool torn;

	other.at++;
	checkpoint_sign(&other, signer);
	checkpoint_format(&one, first);
	checkpoint_format(&two, second);
	checkpoint_format(&other, third);
	snprintf(text, sizeof(text), "%s\n%s\n%s\n", first, first, second);
	CHECK_EQ(checkpoint_read(ward_str_from(text), count_one, &sum, &torn, &error), WARD_OK);
	CHECK_EQ(sum, 4);
	/* The very same, and right behind itself. */
	snprintf(text, sizeof(text), "%s\n%s\n%s\n", first, second, first);
	CHECK_EQ(checkpoint_read(ward_str_from(text), count_one, &sum, &torn, &error),
			WARD_E_CORRUPT);
	snprintf(text, sizeof(text), "%s\n%s\n", first, third);
	CHECK_EQ(checkpoint_read(ward_str_from(text), count_one, &sum, &torn, &error),
			WARD_E_CORRUPT);
	forget(signer);
}

static ward_err append(const char *path, const struct checkpoint *checkpoint)
{
	int fd = checkpoint_lock(path, &error);
	ward_err err = fd < 0 ? WARD_E_IO : checkpoint_append(fd, checkpoint, &error);

	if (fd >= 0)
		close(fd);
	return err;
}

static void what_was_half_written_is_taken_off_first(void)
{
	struct signer *signer = new_signer();
	struct checkpoint one = made(signer, 1), two = made(signer, 2);
	char path[128], *text;
	bool torn = false;
	uint64_t sum = 0;
	struct stat st;
	size_t len;

	snprintf(path, sizeof(path), "%s/checkpoints", folder);
	CHECK_EQ(append(path, &one), WARD_OK);
	CHECK_EQ(append(path, &one), WARD_OK);
	CHECK_EQ(append(path, &two), WARD_OK);
	CHECK(stat(path, &st) == 0);
	/* Wherever the second line was cut, it is not read, and is written whole by the next. */
	for (off_t cut = st.st_size - 1; cut > st.st_size / 2; cut--) {
		CHECK(truncate(path, cut) == 0);
		CHECK_EQ(file_read(path, 4096, &text, &len, &error), WARD_OK);
		sum = 0;
		CHECK_EQ(checkpoint_read((ward_str){ text, len }, count_one, &sum, &torn, &error),
				WARD_OK);
		free(text);
		CHECK(torn && sum == 1);
		CHECK_EQ(append(path, &two), WARD_OK);
		CHECK_EQ(file_read(path, 4096, &text, &len, &error), WARD_OK);
		CHECK_EQ(len, st.st_size);
		CHECK_EQ(checkpoint_read((ward_str){ text, len }, count_one, &sum, &torn, &error),
				WARD_OK);
		CHECK(!torn);
		free(text);
	}
	forget(signer);
}

static void a_file_that_is_something_else_is_left_alone(void)
{
	struct signer *signer = new_signer();
	struct checkpoint one = made(signer, 1);
	char path[128], other[2000];

	memset(other, 'x', sizeof(other));
	snprintf(path, sizeof(path), "%s/checkpoints", folder);
	CHECK_EQ(file_replace(path, (ward_bytes){ (const uint8_t *)other, sizeof(other) }, 0600,
				 &error),
			WARD_OK);
	CHECK_EQ(append(path, &one), WARD_E_CORRUPT);
	forget(signer);
}

static const struct test_case cases[] = {
	{ "what is printed is read again", what_is_printed_is_read_again },
	{ "no byte of a line can be another", no_byte_of_a_line_can_be_another },
	{ "lines stand in the order of their rows", lines_stand_in_order },
	{ "a line may stand there again, right behind itself", a_line_may_stand_there_again },
	{ "what was half written is taken off first", what_was_half_written_is_taken_off_first },
	{ "a file that is something else is left alone",
			a_file_that_is_something_else_is_left_alone },
};
TEST_MAIN(cases)
