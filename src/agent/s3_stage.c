/*
 * s3_stage URL KEYS OPEN... - what a sweep of a bucket tells, and objects as they are opened
 *
 * For the scenario: a line an object (name, size, number), then a line for each name that is to
 * be opened, with the same facts and the first bytes.
 */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/s3.h"

static bool put(void *to, const char *name, const struct stat *st)
{
	(void)to;
	printf("object %s %jd %ju %jd\n", name, (intmax_t)st->st_size, (uintmax_t)st->st_ino,
			(intmax_t)st->st_mtim.tv_sec);
	return true;
}

int main(int argc, char **argv)
{
	struct ward_error error;
	struct source_file file;
	char bytes[17];

	if (argc < 3)
		return 2;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	struct s3_bucket bucket = { .name = "harbour",
		.url = argv[1],
		.keys = argv[2],
		.bytes_max = 5 << 20,
		.time_ms = 5000 };
	ward_err err = s3_sweep(&bucket, put, NULL, &error);

	if (err)
		printf("failed %d %s\n", (int)err, error.message);
	for (int i = 3; i < argc; i++) {
		err = s3_open(&bucket, argv[i], &file, &error);
		if (err) {
			printf("failed %d %s\n", (int)err, error.message);
			continue;
		}
		ssize_t got = read(file.fd, bytes, sizeof(bytes) - 1);

		bytes[got < 0 ? 0 : got] = '\0';
		printf("opened %s %jd %ju %jd %s\n", argv[i], (intmax_t)file.st.st_size,
				(uintmax_t)file.st.st_ino, (intmax_t)file.st.st_mtim.tv_sec, bytes);
		close(file.fd);
	}
	return 0;
}
