/* ward compare - how far apart two pictures, files or hashes are */
#include <sys/stat.h>

#include "base/json.h"
#include "bin/cli.h"
#include "bin/compare_torrent.h"
#include "bin/compare_video.h"
#include "bin/picture.h"
#include "bin/scan_print.h"

/* One of the two: a file with all that was computed of it, or a signal alone. */
struct side {
	const char *name;
	bool is_file;
	struct ward_digests digests;
	bool has_frame;
	struct ward_frame_hash frame;
	ward_signal signal;
};

struct difference {
	bool pictures; /* both have PDQ hashes, and then: */
	int distance;
	int nearest; /* over the 8 orientations, when one side is a file */
	ward_dihedral orientation;
	bool inner;     /* one has even borders, and then: */
	int within;     /* the distance at its nearest, with borders cut */
	bool identical; /* same bytes, or the same signal */
	bool photodna;
	uint32_t photodna_distance;
};

/* A hash may be written as a list has it; 64 digits alone are a PDQ hash. */
static bool parse_signal(const char *text, ward_signal *signal)
{
	ward_str word = ward_str_from(text);

	return ward_signal_parse(WARD_SIGNAL_NONE, word, signal) ||
	       ward_signal_parse(WARD_SIGNAL_PDQ, word, signal) ||
	       ward_signal_parse(WARD_SIGNAL_PHOTODNA, word, signal);
}

static ward_err read_side(struct picture_reader *reader, const char *name, struct side *side,
		struct ward_error *error)
{
	struct ward_error own = { 0 };
	const struct ward_item *item;
	struct stat st;

	*side = (struct side){ .name = name };
	if (strcmp(name, "-") != 0 && stat(name, &st) < 0 && parse_signal(name, &side->signal))
		return WARD_OK;
	if (picture_read(reader, name, &item, &own) != WARD_OK)
		return ward_fail(error, own.code, "%s: %s", name, own.message);
	if (item->err)
		return ward_fail(error, item->err, "%s: %.*s", name, WARD_FMT(item->message));
	const struct ward_frame_hash *frame = picture_first(item);

	side->is_file = true;
	side->digests = item->digests;
	side->has_frame = frame != NULL;
	if (frame) {
		side->frame = *frame;
		side->signal = ward_pdq_signal(frame->pdq.hash);
	}
	return WARD_OK;
}

/* The other's hash against a file's picture turned and mirrored in every way. */
static void turn(const struct side *file, const struct side *other, struct difference *difference)
{
	ward_pdq asked = other->has_frame ? other->frame.pdq512.hash
					  : ward_pdq_from_signal(&other->signal);

	for (int i = 0; i < WARD_DIHEDRAL_COUNT; i++) {
		int distance = ward_pdq_distance(file->frame.dihedral512[i], asked);

		if (distance < difference->nearest) {
			difference->nearest = distance;
			difference->orientation = (ward_dihedral)i;
		}
	}
}

/* Its hash, and that of what is within its borders; how many there are. */
static int forms_of(const struct side *side, ward_pdq forms[2])
{
	bool inner = side->has_frame && side->frame.has_inner;

	forms[0] = ward_pdq_from_signal(&side->signal);
	if (inner)
		forms[1] = side->frame.inner.hash;
	return inner ? 2 : 1;
}

static void cut_borders(const struct side *a, const struct side *b, struct difference *difference)
{
	ward_pdq of_a[2], of_b[2];
	int a_count = forms_of(a, of_a), b_count = forms_of(b, of_b);

	difference->inner = a_count + b_count > 2;
	difference->within = 257;
	for (int i = 0; i < a_count; i++) {
		for (int j = i == 0 ? 1 : 0; j < b_count; j++) {
			int distance = ward_pdq_distance(of_a[i], of_b[j]);

			difference->within = distance < difference->within ? distance
									   : difference->within;
		}
	}
}

static ward_err compare(const struct side *a, const struct side *b, struct difference *difference,
		struct ward_error *error)
{
	if (a->is_file && b->is_file)
		difference->identical = memcmp(a->digests.sha256, b->digests.sha256, 32) == 0;
	else
		difference->identical = ward_signal_eq(&a->signal, &b->signal);
	if (a->signal.kind == WARD_SIGNAL_PDQ && b->signal.kind == WARD_SIGNAL_PDQ) {
		difference->pictures = true;
		difference->distance = ward_pdq_distance(ward_pdq_from_signal(&a->signal),
				ward_pdq_from_signal(&b->signal));
		difference->nearest = difference->distance;
		if (b->has_frame && b->frame.has_512)
			turn(b, a, difference);
		else if (a->has_frame && a->frame.has_512)
			turn(a, b, difference);
		cut_borders(a, b, difference);
		return WARD_OK;
	}
	if (a->signal.kind == WARD_SIGNAL_PHOTODNA && b->signal.kind == WARD_SIGNAL_PHOTODNA) {
		difference->photodna = true;
		difference->photodna_distance =
				ward_photodna_distance(a->signal.bytes, b->signal.bytes);
		return WARD_OK;
	}
	if (a->is_file && b->is_file)
		return WARD_OK;
	/* A digest against a file is whether the file has it. */
	const struct side *file = a->is_file ? a : b;
	const struct side *other = a->is_file ? b : a;

	if (!file->is_file && a->signal.kind == b->signal.kind)
		return WARD_OK;
	if (!file->is_file || (other->signal.kind != WARD_SIGNAL_MD5 &&
					      other->signal.kind != WARD_SIGNAL_SHA1 &&
					      other->signal.kind != WARD_SIGNAL_SHA256))
		return ward_fail(error, WARD_E_ARGUMENT,
				"the two are of different kinds and cannot be compared");
	ward_signal digest = ward_digests_signal(&file->digests, other->signal.kind);

	difference->identical = ward_signal_eq(&digest, &other->signal);
	return WARD_OK;
}

static void write_side(struct json *json, const char *name, const struct side *side)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	json_key(json, name);
	json_object(json);
	if (side->is_file)
		scan_print_path(json, side->name);
	if (side->is_file) {
		ward_signal digest = ward_digests_signal(&side->digests, WARD_SIGNAL_SHA256);

		json_key_text(json, "sha256", ward_signal_format(&digest, text));
	}
	if (side->signal.kind != WARD_SIGNAL_NONE)
		json_key_text(json, ward_signal_kind_name(side->signal.kind),
				ward_signal_format(&side->signal, text));
	if (side->has_frame)
		json_key_int(json, "quality", side->frame.pdq.quality);
	json_object_end(json);
}

static void print_json(const struct side *a, const struct side *b,
		const struct difference *difference, bool same)
{
	struct ward_buf text;

	ward_buf_init(&text, 65536);
	struct json json = json_to(&text);

	json_object(&json);
	write_side(&json, "a", a);
	write_side(&json, "b", b);
	json_key_bool(&json, "identical", difference->identical);
	json_key_bool(&json, "similar", same);
	if (difference->pictures) {
		json_key_int(&json, "distance", difference->distance);
		json_key_int(&json, "nearest", difference->nearest);
		json_key_text(&json, "orientation", ward_dihedral_name(difference->orientation));
	}
	if (difference->inner)
		json_key_int(&json, "inner", difference->within);
	if (difference->photodna)
		json_key_uint(&json, "distance", difference->photodna_distance);
	json_object_end(&json);
	ward_buf_char(&text, '\n');
	fputs(ward_buf_text(&text).ptr, stdout);
	ward_buf_free(&text);
}

static void print_side(const struct side *side)
{
	struct ward_buf text;
	char hash[WARD_SIGNAL_TEXT_MAX];

	ward_buf_init(&text, 65536);
	scan_print_text(&text, ward_str_from(side->name));
	if (side->is_file && side->has_frame)
		ward_buf_printf(&text, "\n    pdq:%s  quality %d",
				ward_signal_format(&side->signal, hash), side->frame.pdq.quality);
	printf("%s\n", ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static void print_words(const struct side *a, const struct side *b,
		const struct difference *difference, bool same)
{
	print_side(a);
	print_side(b);
	if (difference->identical)
		printf("The same, bit by bit.\n");
	if (difference->pictures) {
		printf("%d of 256 bits differ.\n", difference->distance);
		if (difference->nearest < difference->distance)
			printf("%d when one is turned or mirrored (%s).\n", difference->nearest,
					ward_dihedral_name(difference->orientation));
	}
	if (difference->inner && difference->within < difference->distance)
		printf("%d with even borders cut.\n", difference->within);
	if (difference->photodna)
		printf("The squared distance is %u.\n", (unsigned)difference->photodna_distance);
	printf("%s\n", same ? "They are alike." : "They are not alike.");
}

static int run_compare(struct cli *cli)
{
	struct picture_reader reader;
	struct difference difference = { .nearest = 257 };
	struct side a, b;
	struct ward_error error;
	ward_err err;
	int status;

	if (cli->arg_count != 2)
		return cli_usage(cli, "two files or hashes are compared");
	if (compare_video(cli, &status) || compare_torrent(cli, &status))
		return status;
	err = picture_reader_open(&reader, true, &error);
	if (err)
		return cli_fail_error(cli, &error);
	err = read_side(&reader, cli->args[0], &a, &error);
	if (!err)
		err = read_side(&reader, cli->args[1], &b, &error);
	if (!err)
		err = compare(&a, &b, &difference, &error);
	picture_reader_close(&reader);
	if (err)
		return cli_fail_error(cli, &error);
	int radius = (int)cli_number(cli, "radius", WARD_PDQ_RADIUS);
	bool same = difference.identical || (difference.pictures && difference.nearest <= radius) ||
		    (difference.inner && difference.within <= radius);

	if (cli_flag(cli, "json"))
		print_json(&a, &b, &difference, same);
	else
		print_words(&a, &b, &difference, same);
	return same ? CLI_FOUND : CLI_OK;
}

static const struct cli_option options[] = {
	{ "json", 0, CLI_FLAG, NULL, "print one object", 0, 0 },
	{ "radius", 'r', CLI_NUMBER, "BITS", "what counts as alike (default: 31)", 0, 256 },
	{ 0 },
};

const struct cli_verb verb_compare = {
	.name = "compare",
	.arguments = "FILE|HASH FILE|HASH",
	.options = options,
	.run = run_compare,
};
