/*
 * Runs a fuzz target over files and folders of files, so that a seed corpus is
 * also a plain test.  A folder that holds nothing fails: it would prove nothing.
 */
#include <dirent.h>
#include <stdint.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count;

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	if (!file || fstat(fileno(file), &st) < 0) {
		printf("Bail out! cannot open %s\n", path);
		return -1;
	}
	/* An allocation of exactly the input's size, so that a sanitizer sees a read past it. */
	uint8_t *data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	size_t len = data ? fread(data, 1, (size_t)st.st_size, file) : 0;

	fclose(file);
	if (!data)
		return -1;
	LLVMFuzzerTestOneInput(data, len);
	free(data);
	count++;
	return 0;
}

static int replay(const char *path)
{
	struct dirent *entry;
	int failed = 0;
	DIR *folder = opendir(path);

	if (!folder)
		return replay_file(path);
	while (!failed && (entry = readdir(folder))) {
		char inside[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		failed = replay_file(inside);
	}
	closedir(folder);
	return failed;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (replay(argv[i]) < 0)
			return EXIT_FAILURE;
	}
	printf("1..1\n%s 1 - %d inputs survived\n", count ? "ok" : "not ok", count);
	return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
