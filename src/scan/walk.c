/*
 * Bytes to items: read, identify, digest; pictures and archives go through the
 * worker.  This is the only place that decides to descend, and the only one
 * that spends the budget.
 */
#include "scan/job.h"

#include "base/file.h"
#include "scan/upright.h"

#include <errno.h>
#include <unistd.h>

static ward_err walk_item(struct scan_job *job, size_t item, int fd, uint64_t size, uint32_t depth,
		struct ward_error *error);

/* ---- bytes ---- */

/* Both start afresh, whether or not what they say is of use. */
static void finish(struct ward_digester *digester, struct ward_sharing_hasher *sharing,
		struct ward_item *item)
{
	ward_digester_finish(digester, &item->digests);
	if (sharing)
		ward_sharing_hasher_finish(sharing, &item->sharing);
}

/* One pass: the first chunk tells the kind, all of them feed the digests. */
static ward_err read_through(struct scan_job *job, size_t item, int fd, uint64_t size,
		struct ward_error *error)
{
	struct ward_digester *digester = scanner_digester(job->scanner);
	struct ward_sharing_hasher *sharing = job->sharing ? scanner_sharing(job->scanner) : NULL;
	uint8_t *chunk = scanner_chunk(job->scanner);
	struct ward_item *it = &job->items.at[item];
	uint64_t done = 0;

	if (job->sharing && !sharing)
		return ward_fail(error, WARD_E_NOMEM, "no memory to hash the file");
	it->bytes = size;
	it->kind = WARD_MEDIA_EMPTY;
	while (done < size) {
		size_t want = size - done < SCAN_CHUNK ? (size_t)(size - done) : SCAN_CHUNK;
		ssize_t got = pread(fd, chunk, want, (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			finish(digester, sharing, it);
			return ward_fail(error, WARD_E_IO,
					got < 0 ? "the file cannot be read"
						: "the file became shorter while it was read");
		}
		if (done == 0)
			it->kind = ward_media_identify((ward_bytes){ chunk,
					(size_t)got < WARD_MEDIA_HEAD_DISC
							? (size_t)got
							: WARD_MEDIA_HEAD_DISC });
		ward_digester_update(digester, (ward_bytes){ chunk, (size_t)got });
		if (sharing)
			ward_sharing_hasher_update(sharing, (ward_bytes){ chunk, (size_t)got });
		done += (uint64_t)got;
	}
	finish(digester, sharing, it);
	it->has_digests = true;
	it->has_sharing = sharing != NULL;
	return WARD_OK;
}

/* ---- pictures ---- */

/* Too flat to say anything, or no hash of a picture at all: such a hash is kept, not asked. */
static bool worth_asking(const struct ward_pdq_result *result)
{
	return result->quality >= WARD_PDQ_QUALITY_MIN && !ward_pdq_is_degenerate(result->hash);
}

/* The other seven looks; `words` has what a finding says of each. */
static ward_err look_up_looks(struct scan_job *job, size_t item, uint32_t frame,
		const struct ward_reduced_image *picture,
		const char *const words[WARD_DIHEDRAL_COUNT], struct ward_error *error)
{
	ward_pdq all[WARD_DIHEDRAL_COUNT];
	int quality;
	ward_err err = ward_pdq_hash_reduced_dihedral(scanner_hasher(job->scanner), picture, all,
			&quality, error);

	for (int which = WARD_ROT90; !err && which < WARD_DIHEDRAL_COUNT; which++)
		err = scan_look_up_pdq(job, item, frame, all[which],
				words ? words[which] : ward_dihedral_name((ward_dihedral)which),
				error);
	return err;
}

static ward_err look_up_frame(struct scan_job *job, size_t item,
		const struct ward_reduced_image *picture, const struct ward_frame_hash *hash,
		struct ward_error *error)
{
	ward_err err;

	if (!job->view || !worth_asking(&hash->pdq))
		return WARD_OK;
	err = scan_look_up_pdq(job, item, hash->frame, hash->pdq.hash, "", error);
	if (!err && hash->has_upright)
		err = scan_look_up_pdq(job, item, hash->frame, hash->upright, "upright", error);
	if (err || !job->options->all_orientations)
		return err;
	return look_up_looks(job, item, hash->frame, picture, NULL, error);
}

const char *const scan_inner_names[WARD_DIHEDRAL_COUNT] = {
	[WARD_ORIG] = "borders cut",
	[WARD_ROT90] = "borders cut, rot90",
	[WARD_ROT180] = "borders cut, rot180",
	[WARD_ROT270] = "borders cut, rot270",
	[WARD_FLIPX] = "borders cut, flipx",
	[WARD_FLIPY] = "borders cut, flipy",
	[WARD_TRANSPOSE] = "borders cut, transpose",
	[WARD_ANTITRANSPOSE] = "borders cut, antitranspose",
};

/* What is within the borders has a worth of its own: around it all may be flat. */
static ward_err look_up_inner(struct scan_job *job, size_t item,
		const struct ward_reduced_image *inner, const struct ward_frame_hash *hash,
		struct ward_error *error)
{
	ward_err err;

	if (!job->view || !hash->has_inner || !worth_asking(&hash->inner))
		return WARD_OK;
	err = scan_look_up_pdq(job, item, hash->frame, hash->inner.hash,
			scan_inner_names[WARD_ORIG], error);
	if (err || !job->options->all_orientations)
		return err;
	return look_up_looks(job, item, hash->frame, inner, scan_inner_names, error);
}

static ward_err hash_upright(struct scan_job *job, const struct ward_reduced_image *picture,
		uint32_t orientation, struct ward_frame_hash *hash, struct ward_error *error)
{
	size_t size = upright_size(&picture->image);
	uint8_t *canvas = size < SIZE_MAX ? scanner_canvas(job->scanner, size) : NULL;
	struct ward_reduced_image turned = *picture;
	struct ward_pdq_result result;
	ward_err err;

	if (!canvas)
		return ward_fail(error, WARD_E_NOMEM, "no memory to turn a picture upright");
	upright_turn(&picture->image, orientation, canvas, &turned.image);
	if (orientation >= 5) { /* a quarter turn */
		turned.width = picture->height;
		turned.height = picture->width;
	}
	err = ward_pdq_hash_reduced(scanner_hasher(job->scanner), &turned, &result, error);
	if (!err) {
		hash->has_upright = true;
		hash->upright = result.hash;
	}
	return err;
}

static ward_err hash_512(struct scan_job *job, const struct ward_image *image,
		struct ward_frame_hash *hash, struct ward_error *error)
{
	struct ward_pdq_hasher *hasher = scanner_hasher(job->scanner);
	int quality;
	ward_err err = ward_pdq_hash(hasher, image, WARD_PDQ_512, &hash->pdq512, error);

	if (!err)
		err = ward_pdq_hash_dihedral(hasher, image, WARD_PDQ_512, hash->dihedral512,
				&quality, error);
	hash->has_512 = !err;
	return err;
}

/* Frames of an animation repeat; what was asked a moment ago is not asked again. */
static bool same_as_before(const struct ward_item *item, const struct ward_frame_hash *hash)
{
	size_t from = item->frame_count > 4 ? item->frame_count - 4 : 0;

	for (size_t i = from; i < item->frame_count; i++) {
		const struct ward_frame_hash *before = &item->frames[i];

		if (memcmp(&before->pdq.hash, &hash->pdq.hash, sizeof(hash->pdq.hash)) == 0 &&
				before->has_inner == hash->has_inner &&
				memcmp(&before->inner.hash, &hash->inner.hash,
						sizeof(hash->inner.hash)) == 0)
			return true;
	}
	return false;
}

static ward_err keep_hash(struct scan_job *job, size_t item, const struct ward_frame_hash *hash,
		struct ward_error *error)
{
	struct ward_item *it = &job->items.at[item];
	size_t count = it->frame_count;

	/* Room is a power of two, so that it need not be kept beside. */
	if ((count & (count - 1)) == 0) {
		struct ward_frame_hash *grown =
				ward_new(job->arena, struct ward_frame_hash, count ? count * 2 : 1);

		if (!grown)
			return ward_fail(error, WARD_E_NOMEM,
					"the report needs more memory than allowed; lower "
					"frames_max");
		if (count)
			memcpy(grown, it->frames, count * sizeof(*grown));
		it->frames = grown;
	}
	memcpy((struct ward_frame_hash *)(uintptr_t)&it->frames[count], hash, sizeof(*hash));
	it->frame_count++;
	return WARD_OK;
}

/* False when a smaller picture is not what its facts and its scale give. */
static bool picture_of(const struct ward_picture_facts *facts, const struct ward_frame *frame,
		struct ward_reduced_image *picture)
{
	const struct ward_image *image = &frame->image;
	uint64_t scale = frame->scale;

	*picture = (struct ward_reduced_image){ *image, 1, image->width, image->height };
	if (scale <= 1)
		return true;
	picture->scale = frame->scale;
	picture->width = facts->width;
	picture->height = facts->height;
	return image->width == (facts->width + scale - 1) / scale &&
	       image->height == (facts->height + scale - 1) / scale;
}

ward_err scan_frame(struct scan_job *job, size_t item, const struct ward_frame *frame,
		struct ward_error *error)
{
	const struct ward_scan_options *options = job->options;
	const struct ward_picture_facts *facts = &job->items.at[item].facts;
	uint32_t orientation = facts->orientation;
	struct ward_reduced_image picture, inner = { 0 };
	struct ward_frame_hash hash = {
		.frame = frame->index,
		.view = frame->view,
		.scale = frame->scale,
	};
	ward_err err;

	if (!picture_of(facts, frame, &picture))
		return scan_add_trouble(job, item, WARD_E_WORKER,
				"the worker told the picture's size in two ways", error);
	err = ward_pdq_hash_reduced(scanner_hasher(job->scanner), &picture, &hash.pdq, error);
	if (!err && options->both_paths && frame->index == 0)
		err = hash_512(job, &frame->image, &hash, error);
	if (!err && options->apply_orientation && orientation > 1 && orientation <= 8)
		err = hash_upright(job, &picture, orientation, &hash, error);
	if (!err && options->borders && ward_reduced_image_find_inner(&picture, &inner)) {
		err = ward_pdq_hash_reduced(scanner_hasher(job->scanner), &inner, &hash.inner,
				error);
		hash.has_inner = !err;
	}
	if (err)
		return err;
	bool asked = same_as_before(&job->items.at[item], &hash);

	err = keep_hash(job, item, &hash, error);
	if (!err && !asked)
		err = look_up_frame(job, item, &picture, &hash, error);
	if (!err && !asked)
		err = look_up_inner(job, item, &inner, &hash, error);
	return err;
}

struct ward_decode_options scan_decode_options(const struct scan_job *job)
{
	struct ward_decode_options decode = {
		.limits = job->options->limits,
		.size = job->options->size,
	};

	decode.limits.time_ms = scan_time_left(job);
	return decode;
}

bool scan_is_the_files_fault(ward_err err)
{
	return err != WARD_E_ARGUMENT && err != WARD_E_IO && err != WARD_E_NOT_FOUND &&
	       err != WARD_E_DENIED;
}

/* ---- what is in a file ---- */

/* A member on its way out of the worker: its bytes gather in a memory file. */
struct member {
	bool open;
	size_t item;
	int fd;
	uint64_t size;
};

static ward_err begin_member(struct scan_job *job, size_t archive, const struct ward_event *event,
		struct member *member, struct ward_error *error)
{
	ward_str outer = job->items.at[archive].path;
	char *path = ward_arena_printf(job->arena, "%.*s%s%.*s", WARD_FMT(outer),
			outer.len > 0 ? "!" : "", WARD_FMT(event->part_name));
	ward_err err;

	if (!path)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the report");
	err = scan_add_item(job, ward_str_from(path), &member->item, error);
	if (err)
		return err;
	if (event->part_encrypted) {
		struct ward_finding *finding =
				scan_add_finding(job, member->item, WARD_FINDING_ENCRYPTED, error);

		if (!finding)
			return WARD_E_NOMEM;
		finding->err = WARD_E_DENIED;
		finding->message = WARD_STR("the member needs a password");
		job->items.at[member->item].err = WARD_E_DENIED;
		job->items.at[member->item].message = finding->message;
		return WARD_OK;
	}
	member->fd = file_memory("ward-member", error);
	if (member->fd < 0)
		return error ? error->code : WARD_E_NOMEM;
	member->open = true;
	member->size = 0;
	return WARD_OK;
}

static ward_err end_member(struct scan_job *job, struct member *member, uint32_t depth,
		struct ward_error *error)
{
	ward_err err;

	if (!member->open)
		return WARD_OK;
	member->open = false;
	err = walk_item(job, member->item, member->fd, member->size, depth + 1, error);
	close(member->fd);
	return err;
}

/* LIMIT here is the file's trouble: the archive holds more than we agreed to unpack. */
static ward_err take_event(struct scan_job *job, size_t archive, const struct ward_event *event,
		struct member *member, uint32_t depth, const char **over, struct ward_error *error)
{
	const struct ward_limits *limits = &job->options->limits;
	ward_err err = WARD_OK;

	if (event->kind == WARD_EVENT_PART) {
		err = end_member(job, member, depth, error);
		if (!err && ++job->parts > limits->parts_max)
			*over = "the archive has more members than allowed";
		if (!err && !*over)
			err = begin_member(job, archive, event, member, error);
	}
	if (event->kind == WARD_EVENT_DATA && member->open) {
		job->parts_bytes += event->data.len;
		if (job->parts_bytes > limits->bytes_max)
			*over = "the archive unpacks to more bytes than allowed";
		else
			err = file_write_all(member->fd, event->data.ptr, event->data.len, error);
		/* What is over is not written, and no part of what is looked at. */
		if (!err && !*over)
			member->size += event->data.len;
	}
	return err;
}

static ward_err take_any(struct scan_job *job, size_t item, const struct ward_event *event,
		struct member *member, uint32_t depth, const char **over, struct ward_error *error)
{
	if (event->kind == WARD_EVENT_FACTS)
		job->items.at[item].facts = event->facts;
	if (event->kind == WARD_EVENT_FRAME)
		return scan_frame(job, item, &event->frame, error);
	if (!job->options->archives)
		return WARD_OK;
	if (depth >= job->options->limits.depth_max) {
		/* A picture's thumbnail is no reason to call it nested too deep. */
		if (event->kind == WARD_EVENT_PART &&
				!ward_str_eq(event->part_name, WARD_STR("thumbnail")))
			*over = "what is behind the picture lies deeper than allowed";
		return WARD_OK;
	}
	return take_event(job, item, event, member, depth, over, error);
}

/* A picture or an archive, and what is in it. */
static ward_err walk_inside(struct scan_job *job, ward_job what, size_t item, int fd, uint64_t size,
		uint32_t depth, struct ward_error *error)
{
	struct ward_box *box = scanner_box(job->scanner, depth);
	struct ward_decode_options decode = scan_decode_options(job);
	struct ward_error trouble = { 0 };
	struct ward_event event = { 0 };
	struct member member = { 0 };
	const char *over = NULL;
	ward_err err;
	ward_err why = WARD_OK;

	if (what == WARD_JOB_ARCHIVE && depth >= job->options->limits.depth_max)
		return scan_add_trouble(job, item, WARD_E_LIMIT,
				"archives are nested deeper than allowed", error);
	if (decode.limits.time_ms == 0)
		return scan_add_trouble(job, item, WARD_E_TIMEOUT,
				"the time for this file was spent", error);
	if (!box)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a worker");
	err = ward_box_start(box, what, job->items.at[item].kind, fd, size, &decode, &trouble);
	/* The program for documents is not installed. */
	if (err == WARD_E_UNSUPPORTED && ward_media_is_document(job->items.at[item].kind))
		return scan_add_trouble(job, item, err, trouble.message, error);
	if (err)
		return ward_fail(error, err, "%s", trouble.message);
	while (!err && !over) {
		why = ward_box_next(box, &event, &trouble);
		if (why || event.kind == WARD_EVENT_END)
			break;
		err = take_any(job, item, &event, &member, depth, &over, error);
	}
	if (err || over)
		ward_box_cancel(box);
	if (!err && why && !scan_is_the_files_fault(why))
		err = ward_fail(error, why, "%s", trouble.message);
	/* What came out of a member before the trouble is looked at all the same. */
	if (!err)
		err = end_member(job, &member, depth, error);
	else if (member.open)
		close(member.fd);
	if (err)
		return err;
	if (over)
		return scan_add_trouble(job, item, WARD_E_LIMIT, over, error);
	if (why)
		return scan_add_trouble(job, item, why, trouble.message, error);
	if (event.err)
		return scan_add_trouble(job, item, event.err, event.message, error);
	return WARD_OK;
}

/* ---- one file, whatever it is ---- */

/* Its digests are known: are they listed, and what is in it? */
static ward_err look_into(struct scan_job *job, size_t item, int fd, uint64_t size, uint32_t depth,
		struct ward_error *error)
{
	ward_err err = scan_look_up_digests(job, item, error);

	if (err || scan_is_allowed(job, item))
		return err;

	ward_media_kind kind = job->items.at[item].kind;

	if (kind == WARD_MEDIA_TORRENT)
		return scan_torrent(job, item, fd, size, error);
	if (kind == WARD_MEDIA_UDF)
		return scan_add_trouble(job, item, WARD_E_UNSUPPORTED,
				"images of discs that are of UDF alone are not opened", error);
	if ((kind == WARD_MEDIA_TEXT || kind == WARD_MEDIA_UNKNOWN) && !job->options->hash_only &&
			(job->options->sites || job->options->terms))
		return scan_words(job, item, fd, size, error);
	if (kind == WARD_MEDIA_VIDEO)
		return scan_video(job, item, fd, size, depth, error);
	if (!ward_media_is_picture(kind) && !ward_media_is_archive(kind))
		return WARD_OK;
	if (ward_media_is_archive(kind) && !job->options->archives)
		return WARD_OK;
	if (size > job->options->limits.bytes_max)
		return scan_add_trouble(job, item, WARD_E_LIMIT, "the file is larger than allowed",
				error);
	return walk_inside(job, ward_media_is_picture(kind) ? WARD_JOB_PICTURE : WARD_JOB_ARCHIVE,
			item, fd, size, depth, error);
}

static ward_err walk_item(struct scan_job *job, size_t item, int fd, uint64_t size, uint32_t depth,
		struct ward_error *error)
{
	ward_err err = read_through(job, item, fd, size, error);

	return err ? err : look_into(job, item, fd, size, depth, error);
}

ward_err scan_walk(struct scan_job *job, struct ward_scan_file file, const struct scan_ahead *ahead,
		struct ward_error *error)
{
	size_t item;
	ward_err err = scan_add_item(job, WARD_STR(""), &item, error);

	if (err)
		return err;
	/* What was read ahead has the three digests alone. */
	if (!ahead || !ahead->ready || job->sharing)
		return walk_item(job, item, file.fd, file.size, 0, error);
	struct ward_item *it = &job->items.at[item];

	it->bytes = file.size;
	it->kind = ahead->kind;
	it->digests = ahead->digests;
	it->has_digests = true;
	return look_into(job, item, file.fd, file.size, 0, error);
}
