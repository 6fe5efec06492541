/*
 * site_lines FOLDER - a list of places from the lines of standard input
 *
 * Each line is a place as ward/site.h reads it.  For scenarios that need a list
 * and not the ways in which lists come.
 */
#include <stdio.h>

#include <ward/site.h>

enum { LINE = 4096 };

static int add(struct ward_site_writer *writer, char *line, struct ward_error *error)
{
	struct ward_site_entry entry = { 0 };
	struct ward_buf memory;

	ward_buf_init(&memory, 1 << 20);
	ward_err err = ward_site_entry_read(ward_str_trim(ward_str_from(line)),
			WARD_SITE_BARE_DOMAIN, &memory, &entry, error);

	if (!err)
		err = ward_site_writer_add(writer, &entry, error);
	ward_buf_free(&memory);
	return err != WARD_OK;
}

int main(int argc, char **argv)
{
	struct ward_site_info info;
	struct ward_site_writer *writer;
	struct ward_error error = { 0 };
	char line[LINE];
	bool bad = false;

	if (argc != 2 || !ward_site_info_init(&info, WARD_STR("lines")) ||
			ward_site_create(argv[1], &info, &writer, &error) != WARD_OK) {
		fprintf(stderr, "site_lines: %s\n", error.message);
		return 2;
	}
	while (!bad && fgets(line, sizeof(line), stdin))
		bad = add(writer, line, &error);
	if (bad)
		ward_site_writer_cancel(writer);
	else
		bad = ward_site_writer_commit(writer, &error) != WARD_OK;
	if (bad)
		fprintf(stderr, "site_lines: %s\n", error.message);
	return bad ? 2 : 0;
}
