/*
 * make-list FOLDER NAME SIGNAL... - makes a list of these signals, as an importer would
 *
 * FOLDER holds lists; the new one becomes the folder NAME in it.  A signal is
 * written as in a list: 32 or 40 digits, or with its kind: "pdq:...".
 */
#include <ward/ward.h>

#include <stdio.h>

static ward_err make(const char *folder, const char *name, char **signals, int count,
		struct ward_error *error)
{
	struct ward_list_writer *writer = NULL;
	struct ward_list_info info;
	char path[4096];
	ward_err err;

	if (!ward_list_info_init(&info, ward_str_from(name)))
		return ward_fail(error, WARD_E_ARGUMENT, "\"%s\" is no name for a list", name);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	err = ward_list_create(path, &info, &writer, error);
	for (int i = 0; !err && i < count; i++) {
		struct ward_record record = { .number = (uint64_t)i,
			.signal_count = 1,
			.quality = 255 };

		if (ward_signal_parse(WARD_SIGNAL_NONE, ward_str_from(signals[i]),
				    &record.signals[0]))
			err = ward_list_writer_add(writer, &record, error);
		else
			err = ward_fail(error, WARD_E_FORMAT, "signal %d is none", i + 1);
	}
	if (!err)
		err = ward_list_writer_commit(writer, error);
	ward_list_writer_free(writer);
	return err;
}

int main(int argc, char **argv)
{
	struct ward_error error = { WARD_E_ARGUMENT, "usage: make-list FOLDER NAME SIGNAL..." };

	if (argc < 4 || make(argv[1], argv[2], argv + 3, argc - 3, &error))
		return fprintf(stderr, "make-list: %s\n", error.message), 2;
	return 0;
}
