/* A system without the jail's parts: untrusted bytes are not parsed here at all. */
#include <ward/box.h>

static ward_err no_box(struct ward_error *error)
{
	return ward_fail(error, WARD_E_UNSUPPORTED,
			"files are read in a jail that needs Linux; this system has none");
}

struct ward_box {
	struct ward_box_options options;
};

struct ward_box *ward_box_new(const struct ward_box_options *options)
{
	struct ward_box *box = calloc(1, sizeof(*box));

	if (box && options)
		box->options = *options;
	return box;
}

void ward_box_free(struct ward_box *box)
{
	free(box);
}

ward_err ward_box_start(struct ward_box *box, ward_job job, ward_media_kind kind, int fd,
		uint64_t size, const struct ward_decode_options *options, struct ward_error *error)
{
	(void)box, (void)job, (void)kind, (void)fd, (void)size, (void)options;
	return no_box(error);
}

ward_err ward_box_next(struct ward_box *box, struct ward_event *event, struct ward_error *error)
{
	(void)box, (void)event;
	return no_box(error);
}

void ward_box_cancel(struct ward_box *box)
{
	(void)box;
}

int ward_box_memory(ward_bytes bytes, struct ward_error *error)
{
	(void)bytes;
	(void)no_box(error);
	return -1;
}

const char *ward_box_jail(void)
{
	return "none: this system is not Linux, and untrusted files are not read";
}

int ward_box_pid(const struct ward_box *box)
{
	(void)box;
	return 0;
}
