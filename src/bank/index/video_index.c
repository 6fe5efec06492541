/*
 * A frame is found when its key, some 22 bits of its hash, differs from the asked one's in at most
 * r bits.  Of two hashes that differ in d of 256 bits, k of them in a key of b bits has the
 * likelihood C(b,k) C(256-b,d-k) / C(256,d); so with 22 bits and r = 3, which is what 100 million
 * frames get, 99.8 % of the frames at distance 8 are found, 96 % at 16 and 73 % at 31.  Smaller
 * sets have shorter keys and may afford a larger r.
 *
 * For pictures, where one hash is all there is, this would not do (pdq_index.c finds every one, and
 * takes 125 bytes a hash to).  A video has many frames, each a chance of its own, and neighbours
 * that are nearly equal are in different tables, which look at different bits.
 *
 * Most of the time goes into cache misses, a bucket, an id and a hash for each; so each step asks
 * for what the next one needs and goes on with another.
 */
#include "bank/index/pdq_kernel.h"
#include "bank/index/video_layout.h"

/* ---- opening ---- */

static ward_err check_head(const struct video_head *head, struct ward_error *error)
{
	if (memcmp(head->magic, VIDEO_MAGIC, sizeof(head->magic)) != 0)
		return ward_fail(error, WARD_E_CORRUPT, "this is not an index of videos");
	if (head->byte_order != VIDEO_BYTE_ORDER)
		return ward_fail(error, WARD_E_CORRUPT,
				"the index of videos was built on a machine of another byte order: "
				"compile the list again here");
	if (head->version != VIDEO_VERSION)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the index of videos is of version %u, and this program reads %u",
				head->version, VIDEO_VERSION);
	if (head->bits > VIDEO_BITS_MAX || head->postings > head->frames)
		return ward_fail(error, WARD_E_CORRUPT,
				"the index of videos has impossible tables");
	return WARD_OK;
}

ward_err video_index_open(ward_bytes section, struct video_index *index, struct ward_error *error)
{
	struct video_head head;
	struct video_layout layout;
	ward_err err;

	if ((uintptr_t)section.ptr % PDQ_INDEX_ALIGN != 0)
		return ward_fail(error, WARD_E_ARGUMENT,
				"an index of videos begins at a multiple of %d bytes",
				PDQ_INDEX_ALIGN);
	if (section.len < sizeof(head))
		return ward_fail(error, WARD_E_CORRUPT,
				"the index of videos ends in its head, after %zu bytes",
				section.len);
	memcpy(&head, section.ptr, sizeof(head));
	err = check_head(&head, error);
	if (err)
		return err;
	layout = video_layout_of(&head);
	if (head.size != layout.size || section.len < layout.size)
		return ward_fail(error, WARD_E_CORRUPT,
				"the index of videos has %zu bytes where its %u frames take %llu",
				section.len, head.frames, (unsigned long long)layout.size);
	*index = (struct video_index){
		.hashes = (const void *)(section.ptr + layout.hashes),
		.gaps = (const void *)(section.ptr + layout.gaps),
		.qualities = section.ptr + layout.qualities,
		.frames = head.frames,
		.rows = (const void *)(section.ptr + layout.rows),
		.videos = head.videos,
		.details = (const void *)(section.ptr + layout.details),
		.detail_count = head.details,
		.bits = head.bits,
		.postings = head.postings,
		.starts = (const void *)(section.ptr + layout.starts),
		.ids = (const void *)(section.ptr + layout.ids),
	};
	return WARD_OK;
}

/* ---- videos ---- */

void video_index_range(const struct video_index *index, uint32_t video, uint32_t *from,
		uint32_t *to)
{
	uint32_t first = index->rows[video].first, end = index->rows[video + 1].first;

	if (end > index->frames || first > end)
		first = end = 0;
	*from = first;
	*to = end;
}

/* The video's details; NULL when its frames are regular, or the row is damaged. */
static const struct video_detail *details_of(const struct video_index *index, uint32_t video,
		uint32_t count)
{
	uint32_t at = index->rows[video].detail;

	if (at == 0 || at > index->detail_count || count > index->detail_count - (at - 1))
		return NULL;
	return index->details + (at - 1);
}

ward_err video_index_frames(const struct video_index *index, uint32_t video,
		struct ward_vpdq *frames, struct ward_error *error)
{
	const struct video_row *row = &index->rows[video];
	const struct video_detail *details;
	uint32_t from, to, time_ms = 0;
	ward_err err = WARD_OK;

	video_index_range(index, video, &from, &to);
	details = details_of(index, video, to - from);
	for (uint32_t i = from; i < to && !err; i++) {
		struct ward_vpdq_frame frame = {
			.hash = index->hashes[i],
			.quality = index->qualities[i],
			.number = row->number + (i - from) * row->step,
		};

		time_ms += index->gaps[i];
		if (details) {
			frame.number = details[i - from].number;
			time_ms = details[i - from].time_ms;
		}
		frame.time_s = time_ms / 1000.0;
		err = ward_vpdq_add(frames, &frame, error);
	}
	return err;
}

uint32_t video_index_of(const struct video_index *index, uint32_t frame)
{
	uint32_t low = 0, high = index->videos;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (index->rows[middle].first <= frame)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* ---- how to look ---- */

/*
 * Measured on Zen 4 with 100 million frames: a bucket that is looked at, a posting that is
 * compared (both mostly cache misses, many under way), a frame compared in a scan.
 */
#define COST_BUCKET_NS  14.0
#define COST_POSTING_NS 14.0
#define COST_SCAN_NS    0.4
/* What a frame's question may cost: 60 frames then take less than a tenth of a second. */
#define COST_MAX_NS 1.5e6

enum { RADIUS_MAX = 6 };

/* Numbers of `bits` bits with at most `ones` of them set. */
static double ball(uint32_t bits, int ones)
{
	double sum = 1, shell = 1;

	for (int k = 1; k <= ones; k++) {
		shell = shell * (bits - (uint32_t)k + 1) / k;
		sum += shell;
	}
	return sum;
}

/* In how many bits a key may differ; negative: all frames are compared. */
static int key_radius(const struct video_index *index, const struct video_question *question)
{
	double a_bucket;
	int radius = -1;

	if (question->exhaustive || index->bits == 0 ||
			(index->frames * COST_SCAN_NS <= COST_MAX_NS && !index->never_scan))
		return -1;
	a_bucket = COST_BUCKET_NS +
		   COST_POSTING_NS * index->postings /
				   (double)((uint64_t)VIDEO_INDEX_TABLES << index->bits);
	while (radius < RADIUS_MAX && radius < question->radius &&
			VIDEO_INDEX_TABLES * ball(index->bits, radius + 1) * a_bucket <=
					COST_MAX_NS)
		radius++;
	return radius < 0 ? 0 : radius;
}

double video_index_recall(const struct video_index *index, int distance)
{
	const struct video_question question = { .radius = WARD_PDQ_RADIUS_MAX };
	int radius = key_radius(index, &question);
	double all = 1, found = 0;

	if (radius < 0)
		return 1;
	/* C(256-b, d) / C(256, d), and from there each term by the one before it. */
	for (int i = 0; i < distance; i++)
		all *= (256.0 - index->bits - i) / (256.0 - i);
	for (int k = 0; k <= radius && k <= distance; k++) {
		found += all;
		all *= (double)((int)index->bits - k) * (distance - k) /
		       ((k + 1.0) * (256.0 - index->bits - distance + k + 1));
	}
	return found;
}

/* ---- searching ---- */

static ward_err add_found(struct pdq_found *found, size_t query, uint32_t id, unsigned distance,
		struct ward_error *error)
{
	if (found->count == found->room) {
		size_t room = found->room ? found->room * 2 : 64, size;
		struct pdq_match *at;

		if (ckd_mul(&size, room, sizeof(*at)) || !(at = realloc(found->at, size)))
			return ward_fail(error, WARD_E_NOMEM, "no memory for %zu frames found",
					found->count);
		found->at = at;
		found->room = room;
	}
	found->at[found->count++] = (struct pdq_match){ (uint32_t)query, id, distance };
	return WARD_OK;
}

/* As the tables have it: whether a frame is one that is found. */
static bool is_good(const struct video_index *index, uint32_t frame)
{
	const ward_pdq *hash = &index->hashes[frame];
	uint32_t from, to;

	if (index->qualities[frame] < WARD_PDQ_QUALITY_MIN || ward_pdq_is_degenerate(*hash))
		return false;
	if (frame < VIDEO_INDEX_TABLES || index->videos == 0 ||
			memcmp(hash, hash - VIDEO_INDEX_TABLES, sizeof(*hash)) != 0)
		return true;
	video_index_range(index, video_index_of(index, frame), &from, &to);
	return frame < from + VIDEO_INDEX_TABLES;
}

enum { BLOCK = 4096 };

static ward_err scan(const struct video_index *index, const struct video_question *question,
		struct pdq_found *found, struct ward_error *error)
{
	const struct pdq_kernel *kernel = pdq_kernel();
	uint32_t near[BLOCK];
	uint32_t *counts = calloc(question->count + 1, sizeof(*counts));
	ward_err err = counts ? WARD_OK
			      : ward_fail(error, WARD_E_NOMEM, "no memory to look for a video");

	/* A block of frames stays in the cache while all that is asked is compared with it. */
	for (uint32_t first = 0; first < index->frames && !err; first += BLOCK) {
		uint32_t count = index->frames - first < BLOCK ? index->frames - first : BLOCK;

		for (size_t q = 0; q < question->count && !err; q++) {
			size_t hits = 0;

			if (question->most == 0 || counts[q] < question->most)
				hits = kernel->within(index->hashes + first, count,
						&question->hashes[q], (unsigned)question->radius,
						near);
			for (size_t i = 0; i < hits && !err; i++) {
				uint32_t id = first + near[i];

				if (!is_good(index, id))
					continue;
				counts[q]++;
				err = add_found(found, q, id,
						kernel->distance(&index->hashes[id],
								&question->hashes[q]),
						error);
			}
		}
		if (count < BLOCK)
			break;
	}
	free(counts);
	return err;
}

/* All masks of the keys that are looked at, the fewest ones first. */
struct masks {
	uint32_t *at;
	size_t count;
};

static bool make_masks(struct masks *masks, uint32_t bits, int radius)
{
	masks->at = malloc((size_t)ball(bits, radius) * sizeof(*masks->at));
	if (!masks->at)
		return false;
	masks->at[masks->count++] = 0;
	for (int ones = 1; ones <= radius; ones++) {
		/* The next larger number with as many ones (Gosper's). */
		for (uint32_t mask = (1u << ones) - 1; mask < 1u << bits;) {
			uint32_t low = mask & -mask, up = mask + low;

			masks->at[masks->count++] = mask;
			mask = up | ((mask ^ up) >> 2 >> __builtin_ctz(low));
		}
	}
	return true;
}

/* Postings on their way: asked for, then compared when so many others have been asked for. */
enum { AHEAD = 64 };

struct looking {
	const struct video_index *index;
	const struct pdq_kernel *kernel;
	const ward_pdq *asked;
	size_t query;
	unsigned radius;
	uint32_t ids[AHEAD];
	size_t waiting;
	struct pdq_found *found;
	size_t enough; /* with so many found the question is over */
};

static ward_err compare(struct looking *looking, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < looking->waiting && !err; i++) {
		uint32_t id = looking->ids[i];
		unsigned distance = looking->kernel->distance(&looking->index->hashes[id],
				looking->asked);

		if (distance <= looking->radius)
			err = add_found(looking->found, looking->query, id, distance, error);
	}
	looking->waiting = 0;
	return err;
}

static ward_err look_at(struct looking *looking, uint32_t bucket, struct ward_error *error)
{
	const struct video_index *index = looking->index;
	uint32_t end = index->starts[bucket + 1];
	ward_err err = WARD_OK;

	if (end > index->postings)
		end = index->postings;
	for (uint32_t at = index->starts[bucket]; at < end && !err; at++) {
		uint32_t id = index->ids[at];

		if (id >= index->frames)
			continue; /* a damaged table; verify tells */
		__builtin_prefetch(&index->hashes[id]);
		looking->ids[looking->waiting++] = id;
		if (looking->waiting == AHEAD)
			err = compare(looking, error);
	}
	return err;
}

static ward_err look_in_table(struct looking *looking, unsigned table, const struct masks *masks,
		struct ward_error *error)
{
	const struct video_index *index = looking->index;
	uint32_t key = video_key(looking->asked, table, index->bits);
	uint32_t base = table << index->bits;
	ward_err err = WARD_OK;

	/* Two windows run before the one that compares: first the starts, then the ids. */
	for (size_t i = 0; i < masks->count + 2 * AHEAD && !err &&
			   looking->found->count < looking->enough;
			i++) {
		if (i < masks->count)
			__builtin_prefetch(&index->starts[base + (key ^ masks->at[i])]);
		if (i >= AHEAD && i - AHEAD < masks->count) {
			uint32_t start = index->starts[base + (key ^ masks->at[i - AHEAD])];

			if (start < index->postings)
				__builtin_prefetch(&index->ids[start]);
		}
		if (i >= 2 * AHEAD)
			err = look_at(looking, base + (key ^ masks->at[i - 2 * AHEAD]), error);
	}
	return err ? err : compare(looking, error);
}

ward_err video_index_search(const struct video_index *index, const struct video_question *question,
		struct pdq_found *found, struct ward_error *error)
{
	int radius = key_radius(index, question);
	struct masks masks = { NULL, 0 };
	struct looking looking = { .index = index, .kernel = pdq_kernel(), .found = found };
	ward_err err = WARD_OK;

	if (question->radius < 0 || question->radius > WARD_PDQ_RADIUS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a PDQ radius is 0 to %d, not %d",
				WARD_PDQ_RADIUS_MAX, question->radius);
	if (radius < 0)
		return scan(index, question, found, error);
	if (!make_masks(&masks, index->bits, radius))
		return ward_fail(error, WARD_E_NOMEM, "no memory to look for a video");
	looking.radius = (unsigned)question->radius;
	for (size_t q = 0; q < question->count && !err; q++) {
		looking.query = q;
		looking.asked = &question->hashes[q];
		looking.enough = question->most > 0 ? found->count + question->most : SIZE_MAX;
		for (unsigned table = 0; table < VIDEO_INDEX_TABLES && !err; table++)
			err = look_in_table(&looking, table, &masks, error);
	}
	free(masks.at);
	return err;
}

/* ---- verifying ---- */

static ward_err check_rows(const struct video_index *index, struct ward_error *error)
{
	for (uint32_t i = 0; i < index->videos; i++) {
		const struct video_row *row = &index->rows[i];

		if (row[1].first < row->first || row[1].first > index->frames ||
				(i == 0 && row->first != 0) ||
				(row->detail > 0 &&
						!details_of(index, i, row[1].first - row->first)))
			return ward_fail(error, WARD_E_CORRUPT, "its video %u is wrong", i);
	}
	if (index->rows[index->videos].first != index->frames)
		return ward_fail(error, WARD_E_CORRUPT,
				"its videos do not end where its frames do");
	return WARD_OK;
}

ward_err video_index_check(const struct video_index *index, struct ward_error *error)
{
	ward_err err = check_rows(index, error);
	size_t buckets = index->bits > 0 ? (size_t)VIDEO_INDEX_TABLES << index->bits : 0;

	if (!err && buckets > 0 &&
			(index->starts[0] != 0 || index->starts[buckets] != index->postings))
		return ward_fail(error, WARD_E_CORRUPT, "its index of frames has wrong ends");
	for (size_t i = 0; i < buckets && !err; i++) {
		unsigned table = (unsigned)(i >> index->bits);
		uint32_t key = (uint32_t)i & ((1u << index->bits) - 1);

		if (index->starts[i] > index->starts[i + 1] ||
				index->starts[i + 1] > index->postings)
			return ward_fail(error, WARD_E_CORRUPT,
					"its index of frames is wrong at %zu", i);
		for (uint32_t at = index->starts[i]; at < index->starts[i + 1]; at++) {
			uint32_t id = index->ids[at];

			if (id >= index->frames || video_table_of(id) != table ||
					video_key(&index->hashes[id], table, index->bits) != key)
				return ward_fail(error, WARD_E_CORRUPT,
						"its index of frames has frame %u where it is not",
						id);
		}
	}
	return err;
}
