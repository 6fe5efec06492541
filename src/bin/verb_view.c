/* ward view - a picture as a reviewer would be shown it */
#include <ward/view.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "bin/cli.h"
#include "bin/files.h"

static ward_err read_options(const struct cli *cli, struct ward_view_options *options,
		struct ward_error *error)
{
	int64_t at = cli_number(cli, "at", -1);
	const char *level = cli_text(cli, "level"), *reveal = cli_text(cli, "reveal");
	ward_str rest = ward_str_from(reveal);
	uint64_t x = 0, y = 0;

	*options = (struct ward_view_options){
		.level = WARD_LEVEL_MOSAIC,
		.side_max = (uint32_t)cli_number(cli, "side", 0),
		.cells = (uint32_t)cli_number(cli, "cells", 0),
		.blur = (uint32_t)cli_number(cli, "blur", 0),
		.colour = cli_flag(cli, "colour"),
		.reveal = reveal != NULL,
		.single = at >= 0,
		.single_ms = at >= 0 ? (uint32_t)at : 0,
	};
	if (level && !ward_view_level_parse(ward_str_from(level), &options->level))
		return ward_fail(error, WARD_E_ARGUMENT, "--level wants L1, L2, L3, L4 or L5");
	if (options->level == WARD_LEVEL_FACTS)
		return ward_fail(error, WARD_E_ARGUMENT, "L0 shows no picture at all");
	if (reveal && (options->level != WARD_LEVEL_BLURRED ||
				      !ward_u64_parse(ward_str_cut(&rest, ','), &x) ||
				      !ward_u64_parse(rest, &y) || x > UINT32_MAX ||
				      y > UINT32_MAX))
		return ward_fail(error, WARD_E_ARGUMENT,
				"--reveal wants X,Y in pixels of the view, with --level L2");
	options->reveal_x = (uint32_t)x;
	options->reveal_y = (uint32_t)y;
	return WARD_OK;
}

static ward_err render_fd(int fd, const struct ward_view_options *options, struct ward_view *view,
		struct ward_buf *out, struct ward_error *error)
{
	const struct ward_limits limits = ward_limits_default();
	uint8_t head[WARD_MEDIA_HEAD];
	struct stat st;
	ssize_t got = pread(fd, head, sizeof(head), 0);

	if (got < 0 || fstat(fd, &st) < 0)
		return ward_fail(error, WARD_E_IO, "cannot be read: %s", strerror(errno));
	ward_media_kind kind = ward_media_identify((ward_bytes){ head, (size_t)got });

	if (!ward_media_is_picture(kind) && kind != WARD_MEDIA_VIDEO)
		return ward_fail(error, WARD_E_UNSUPPORTED, "this is no picture or video (%s)",
				ward_media_name(kind));
	struct ward_box *box = ward_box_new(NULL);

	if (!box)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = ward_view_render(box, fd, (uint64_t)st.st_size, kind, &limits, options, view,
			out, error);

	ward_box_free(box);
	return err;
}

static ward_err render(const char *path, const struct ward_view_options *options,
		struct ward_view *view, struct ward_buf *out, struct ward_error *error)
{
	int fd = files_open(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO, "%s",
				strerror(errno));
	ward_err err = render_fd(fd, options, view, out, error);

	close(fd);
	return err;
}

static ward_err write_out(const char *path, ward_str bytes, struct ward_error *error)
{
	if (strcmp(path, "-") == 0)
		return fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len
				       ? WARD_OK
				       : ward_fail(error, WARD_E_IO, "cannot be written: %s",
							 strerror(errno));
	return file_replace(path, (ward_bytes){ (const uint8_t *)bytes.ptr, bytes.len }, 0600,
			error);
}

static void tell(const struct ward_view_options *options, const struct ward_view *view)
{
	const struct ward_picture_facts *of = &view->picture;

	fprintf(stderr, "%s: %s, %u x %u, of a %s %s of %u x %u%s\n",
			ward_view_level_name(options->level), ward_media_name(view->view.kind),
			view->view.width, view->view.height, ward_media_name(of->kind),
			of->kind == WARD_MEDIA_VIDEO ? "file" : "picture", of->width, of->height,
			view->view.partial ? "; it could be read in part only" : "");
	if (of->kind != WARD_MEDIA_VIDEO)
		return;
	fprintf(stderr, "%.1f s, %u pictures, %s; frames at", (double)of->duration_ms / 1000,
			of->frames, of->has_sound ? "with sound" : "without sound");
	for (uint32_t i = 0; i < view->view.frames; i++)
		fprintf(stderr, " %.1f", (double)view->view.times_ms[i] / 1000);
	fprintf(stderr, " s\n");
}

static int run_view(struct cli *cli)
{
	const char *output = cli_text(cli, "output");
	struct ward_view_options options;
	struct ward_view view;
	struct ward_error error;
	struct ward_buf out;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which picture? (one at a time)");
	if (!output)
		return cli_usage(cli, "where to? (-o FILE; - is standard output)");
	if (read_options(cli, &options, &error))
		return cli_usage(cli, "%s", error.message);
	ward_buf_init(&out, WARD_VIEW_BYTES);
	ward_err err = render(cli->args[0], &options, &view, &out, &error);

	if (!err)
		err = write_out(output, ward_buf_text(&out), &error);
	ward_buf_free(&out);
	if (err)
		return cli_fail_error(cli, &error);
	tell(&options, &view);
	return CLI_OK;
}

static const struct cli_option options_of_view[] = {
	{ "output", 'o', CLI_TEXT, "FILE", "write the view here; - is standard output", 0, 0 },
	{ "level", 'l', CLI_TEXT, "LEVEL", "L1 (the default) to L5", 0, 0 },
	{ "side", 0, CLI_NUMBER, "PIXELS", "longer side of the view, if less than the level's",
			WARD_VIEW_SIDE_LEAST, WARD_VIEW_SIDE_CLEAR },
	{ "cells", 0, CLI_NUMBER, "COUNT", "L1: tiles along the longer side", 4,
			WARD_VIEW_CELLS_MOST },
	{ "blur", 0, CLI_NUMBER, "PIXELS", "L2: how wide the blur is", WARD_VIEW_BLUR,
			WARD_VIEW_BLUR_MOST },
	{ "colour", 0, CLI_FLAG, NULL, "L4 and L5: in colour", 0, 0 },
	{ "reveal", 0, CLI_TEXT, "X,Y", "L2: a disc around this place is clear", 0, 0 },
	{ "at", 0, CLI_NUMBER, "MS", "L4 and L5, of a video: the frame that is shown then", 0,
			UINT32_MAX },
	{ 0 },
};

const struct cli_verb verb_view = {
	.name = "view",
	.arguments = "FILE",
	.options = options_of_view,
	.run = run_view,
};
