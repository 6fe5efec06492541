/*
 * Many inputs at once: a lane of the vectors takes one input after another,
 * the longest first, so that all lanes end at about the same time.
 *
 * An input is three jobs: its whole blocks, and then, from the states they
 * leave, its end for MD5 and its end for the two SHA.
 */
#include "hash/digest_code.h"

struct job {
	struct digest_states *states;
	const uint8_t *at;
	size_t blocks;
};

struct many {
	struct job *jobs; /* 2 a input */
	struct digest_states *states;
	struct digest_states *md5;
	uint8_t (*ends)[2][2 * DIGEST_BLOCK]; /* of each input: MD5's, SHA's */
};

/* ---- lanes ---- */

static void put_in(struct digest_lane_states *lanes, unsigned lane,
		const struct digest_states *states)
{
	for (int i = 0; i < 4; i++)
		lanes->md5[i][lane] = states->md5[i];
	for (int i = 0; i < 5; i++)
		lanes->sha1[i][lane] = states->sha1[i];
	for (int i = 0; i < 8; i++)
		lanes->sha256[i][lane] = states->sha256[i];
}

static void take_out(const struct digest_lane_states *lanes, unsigned lane,
		struct digest_states *states)
{
	for (int i = 0; i < 4; i++)
		states->md5[i] = lanes->md5[i][lane];
	for (int i = 0; i < 5; i++)
		states->sha1[i] = lanes->sha1[i][lane];
	for (int i = 0; i < 8; i++)
		states->sha256[i] = lanes->sha256[i][lane];
}

static int longest_first(const void *left, const void *right)
{
	size_t a = ((const struct job *)left)->blocks, b = ((const struct job *)right)->blocks;

	return a > b ? -1 : a < b;
}

/* Every lane that has nothing left takes the next job.  Returns the least that a busy one has. */
static size_t fill_lanes(const struct digest_lanes_code *code, struct digest_lane_states *lanes,
		struct job *busy[DIGEST_LANES_MAX], struct job **next, const struct job *end)
{
	size_t least = 0;

	for (unsigned lane = 0; lane < code->lanes; lane++) {
		if (!busy[lane] && *next < end) {
			busy[lane] = (*next)++;
			put_in(lanes, lane, busy[lane]->states);
		}
		if (busy[lane] && (least == 0 || busy[lane]->blocks < least))
			least = busy[lane]->blocks;
	}
	return least;
}

static void run_jobs(const struct digest_lanes_code *code, struct job *jobs, size_t count)
{
	struct digest_lane_states lanes = { 0 };
	struct job *busy[DIGEST_LANES_MAX] = { NULL }, *next = jobs;
	size_t least;

	qsort(jobs, count, sizeof(*jobs), longest_first);
	while (count > 0 && jobs[count - 1].blocks == 0)
		count--;
	while ((least = fill_lanes(code, &lanes, busy, &next, jobs + count)) > 0) {
		const uint8_t *at[DIGEST_LANES_MAX], *any = NULL;

		for (unsigned lane = 0; lane < code->lanes && !any; lane++)
			any = busy[lane] ? busy[lane]->at : NULL;
		/* An idle lane works along on another's bytes, for nobody. */
		for (unsigned lane = 0; lane < code->lanes; lane++)
			at[lane] = busy[lane] ? busy[lane]->at : any;
		code->blocks(&lanes, at, least);
		for (unsigned lane = 0; lane < code->lanes; lane++) {
			struct job *job = busy[lane];

			if (!job)
				continue;
			job->at += least * DIGEST_BLOCK;
			job->blocks -= least;
			if (job->blocks == 0) {
				take_out(&lanes, lane, job->states);
				busy[lane] = NULL;
			}
		}
	}
}

/* ---- inputs ---- */

static void free_many(struct many *many)
{
	free(many->jobs);
	free(many->states);
	free(many->md5);
	free(many->ends);
}

static bool allocate(struct many *many, size_t count)
{
	many->jobs = calloc(2 * count, sizeof(*many->jobs));
	many->states = calloc(count, sizeof(*many->states));
	many->md5 = calloc(count, sizeof(*many->md5));
	many->ends = calloc(count, sizeof(*many->ends));
	return many->jobs && many->states && many->md5 && many->ends;
}

static void take_bodies(const struct digest_lanes_code *code, struct many *many,
		const ward_bytes *inputs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		many->states[i] = ward_digest_first;
		many->jobs[i] = (struct job){ &many->states[i], inputs[i].ptr,
			inputs[i].len / DIGEST_BLOCK };
	}
	run_jobs(code, many->jobs, count);
}

static void take_ends(const struct digest_lanes_code *code, struct many *many,
		const ward_bytes *inputs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = inputs[i].len, held = len % DIGEST_BLOCK;
		const uint8_t *rest = held > 0 ? inputs[i].ptr + (len - held) : NULL;
		size_t blocks = ward_digest_end(rest, len, many->ends[i][0], many->ends[i][1]);

		many->md5[i] = many->states[i];
		many->jobs[2 * i] = (struct job){ &many->md5[i], many->ends[i][0], blocks };
		many->jobs[2 * i + 1] = (struct job){ &many->states[i], many->ends[i][1], blocks };
	}
	run_jobs(code, many->jobs, 2 * count);
}

static ward_err one_by_one(const ward_bytes *inputs, size_t count, struct ward_digests *digests)
{
	struct ward_digester *digester = ward_digester_new();

	if (!digester)
		return WARD_E_NOMEM;
	for (size_t i = 0; i < count; i++) {
		ward_digester_update(digester, inputs[i]);
		ward_digester_finish(digester, &digests[i]);
	}
	ward_digester_free(digester);
	return WARD_OK;
}

ward_err ward_digest_many(const ward_bytes *inputs, size_t count, struct ward_digests *digests)
{
	const struct digest_lanes_code *code = ward_digest_lanes();
	struct many many = { 0 };

	if (!code || count < 3)
		return one_by_one(inputs, count, digests);
	bool ok = allocate(&many, count);

	if (ok) {
		take_bodies(code, &many, inputs, count);
		take_ends(code, &many, inputs, count);
	}
	for (size_t i = 0; ok && i < count; i++) {
		memcpy(many.states[i].md5, many.md5[i].md5, sizeof(many.md5[i].md5));
		ward_digest_put(&many.states[i], &digests[i]);
		digests[i].bytes = inputs[i].len;
	}
	free_many(&many);
	return ok ? WARD_OK : WARD_E_NOMEM;
}
