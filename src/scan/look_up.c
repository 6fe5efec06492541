/* Signals to findings: what the bank says of an item's digests and hashes. */
#include "scan/job.h"

/* A signal that a thousand entries share is told by the nearest hundred. */
enum { HITS_MAX = 100 };

static ward_finding_kind kind_of(const struct ward_hit *hit)
{
	ward_list_sense sense = ward_list_info(hit->list)->sense;

	if (sense == WARD_SENSE_ALLOW && !hit->off)
		return WARD_FINDING_ALLOWED;
	if (hit->excluded)
		return WARD_FINDING_EXCLUDED;
	return hit->distance == 0 ? WARD_FINDING_KNOWN : WARD_FINDING_NEAR;
}

/* The view may go before the report does, so its words are copied. */
static ward_err add_hit(struct scan_job *job, size_t item, uint32_t frame, const char *orientation,
		const ward_signal *asked, const struct ward_hit *hit, struct ward_error *error)
{
	const struct ward_list_info *info = ward_list_info(hit->list);
	struct ward_finding *finding = scan_add_finding(job, item, kind_of(hit), error);

	if (!finding)
		return WARD_E_NOMEM;
	finding->frame = frame;
	finding->orientation = ward_str_from(orientation);
	finding->list = ward_arena_str(job->arena, ward_str_from(info->name));
	finding->source = ward_arena_str(job->arena, ward_str_from(info->source));
	finding->labels = ward_arena_str(job->arena, hit->labels);
	finding->asked = *asked;
	finding->listed = hit->signal;
	finding->entry = hit->entry;
	finding->distance = hit->distance;
	finding->affirmed = hit->affirmed;
	finding->disputed = hit->disputed;
	if (!finding->list.ptr || !finding->source.ptr || !finding->labels.ptr)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the report");
	return WARD_OK;
}

/*
 * Known-good lists speak of exact files: being near a harmless picture says
 * nothing, so only an exact digest counts there; and not eDonkey's, since two
 * files can be made to share an MD4.
 */
static bool counts(const struct ward_hit *hit, const ward_signal *asked)
{
	return ward_list_info(hit->list)->sense != WARD_SENSE_ALLOW ||
	       (asked->kind != WARD_SIGNAL_PDQ && asked->kind != WARD_SIGNAL_PHOTODNA &&
			       asked->kind != WARD_SIGNAL_ED2K);
}

static struct ward_search search_for(const struct scan_job *job)
{
	struct ward_search search = ward_search_default();

	search.radius = job->options->radius;
	search.now = job->options->now;
	return search;
}

static ward_err ask(struct scan_job *job, size_t item, uint32_t frame, const char *orientation,
		const ward_signal *signal, struct ward_error *error)
{
	struct ward_search search = search_for(job);

	ward_hits_clear(&job->hits);
	job->hits.max = HITS_MAX;
	ward_err err = ward_bank_search(job->view, signal, &search, &job->hits, error);

	for (size_t i = 0; !err && i < job->hits.count; i++) {
		if (counts(&job->hits.at[i], signal))
			err = add_hit(job, item, frame, orientation, signal, &job->hits.at[i],
					error);
	}
	return err;
}

/* Of all frames of a video so many are told, beside those that are excluded. */
enum { SHOWN_FINDINGS_MAX = 1000 };

/* The finding that the video has of the entry already. */
static struct ward_finding *shown_before(const struct scan_job *job, size_t item,
		const struct ward_hit *hit, const char *orientation, size_t *count)
{
	ward_str list = ward_str_from(ward_list_info(hit->list)->name);

	*count = 0;
	for (size_t i = 0; i < job->findings.count; i++) {
		struct ward_finding *finding = &job->findings.at[i];

		if (!finding->has_time || finding->path.ptr != job->items.at[item].path.ptr)
			continue;
		*count += finding->kind != WARD_FINDING_EXCLUDED;
		/* What was excluded of one frame says nothing of another. */
		if (finding->entry == hit->entry && ward_str_eq(finding->list, list) &&
				(finding->kind == WARD_FINDING_EXCLUDED) == hit->excluded &&
				ward_str_eq(finding->orientation, ward_str_from(orientation)))
			return finding;
	}
	return NULL;
}

static ward_err add_shown(struct scan_job *job, size_t item, const struct ward_vpdq_frame *frame,
		const char *orientation, const ward_signal *asked, const struct ward_hit *hit,
		struct ward_error *error)
{
	size_t count;
	struct ward_finding *finding = shown_before(job, item, hit, orientation, &count);
	ward_err err = WARD_OK;

	if (!finding && count < SHOWN_FINDINGS_MAX) {
		err = add_hit(job, item, frame->number, orientation, asked, hit, error);
		if (err)
			return err;
		finding = &job->findings.at[job->findings.count - 1];
		finding->has_time = true;
		finding->from_s = frame->time_s;
	}
	if (!finding)
		return WARD_OK;
	finding->until_s = frame->time_s;
	if (hit->distance < finding->distance) {
		finding->kind = kind_of(hit);
		finding->frame = frame->number;
		finding->asked = *asked;
		finding->listed = hit->signal;
		finding->distance = hit->distance;
	}
	return WARD_OK;
}

ward_err scan_look_up_shown(struct scan_job *job, size_t item, const struct ward_vpdq_frame *frame,
		ward_pdq hash, const char *orientation, struct ward_error *error)
{
	struct ward_search search = search_for(job);
	ward_signal signal = ward_pdq_signal(hash);
	ward_err err;

	ward_hits_clear(&job->hits);
	job->hits.max = HITS_MAX;
	err = ward_bank_search(job->view, &signal, &search, &job->hits, error);
	for (size_t i = 0; !err && i < job->hits.count; i++) {
		if (counts(&job->hits.at[i], &signal))
			err = add_shown(job, item, frame, orientation, &signal, &job->hits.at[i],
					error);
	}
	return err;
}

/* An alike video is near, never known: that its file is the very same, its digest would say. */
static ward_err add_video(struct scan_job *job, size_t item, const struct ward_video_hit *hit,
		const char *orientation, struct ward_error *error)
{
	const struct ward_hit told = { .list = hit->list,
		.entry = hit->entry,
		.labels = hit->labels,
		.distance = hit->match.found[0] > 0 ? hit->distance : 0,
		.excluded = hit->excluded };
	const ward_signal none = { .kind = WARD_SIGNAL_NONE };
	struct ward_video_hit *kept = ward_new(job->arena, struct ward_video_hit, 1);
	struct ward_finding *finding;
	ward_err err;

	if (!kept)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the report");
	err = add_hit(job, item, 0, orientation, &none, &told, error);
	if (err)
		return err;
	finding = &job->findings.at[job->findings.count - 1];
	finding->kind = hit->excluded ? WARD_FINDING_EXCLUDED : WARD_FINDING_NEAR;
	*kept = *hit;
	kept->list = NULL;
	kept->labels = finding->labels;
	finding->video = kept;
	return WARD_OK;
}

ward_err scan_look_up_video(struct scan_job *job, size_t item,
		const struct ward_video_question *question, const char *orientation,
		struct ward_error *error)
{
	struct ward_search search = search_for(job);
	struct ward_video_hits hits = { .max = HITS_MAX };
	ward_err err = ward_bank_search_video(job->view, question, &search, &hits, error);

	for (size_t i = 0; !err && i < hits.count; i++) {
		if (ward_list_info(hits.at[i].list)->sense == WARD_SENSE_DENY)
			err = add_video(job, item, &hits.at[i], orientation, error);
	}
	ward_video_hits_free(&hits);
	return err;
}

ward_err scan_look_up_digests(struct scan_job *job, size_t item, struct ward_error *error)
{
	static const ward_signal_kind kinds[] = { WARD_SIGNAL_SHA256, WARD_SIGNAL_SHA1,
		WARD_SIGNAL_MD5 };
	ward_err err = WARD_OK;

	/* Every empty file is the same file; a list that holds it says nothing. */
	if (job->items.at[item].bytes == 0 || !job->view)
		return WARD_OK;
	for (size_t i = 0; !err && i < sizeof(kinds) / sizeof(*kinds); i++) {
		ward_signal signal = ward_digests_signal(&job->items.at[item].digests, kinds[i]);

		err = ask(job, item, 0, "", &signal, error);
	}
	for (unsigned i = 0; !err && job->items.at[item].has_sharing && i < WARD_SHARING_KINDS;
			i++) {
		ward_signal signal;

		if (ward_sharing_signal(&job->items.at[item].sharing, ward_sharing_kind(i),
				    &signal))
			err = ask(job, item, 0, "", &signal, error);
	}
	return err;
}

ward_err scan_look_up_signal(struct scan_job *job, size_t item, const ward_signal *signal,
		struct ward_error *error)
{
	return ask(job, item, 0, "", signal, error);
}

bool scan_is_allowed(const struct scan_job *job, size_t item)
{
	bool allowed = false;

	for (size_t i = 0; i < job->findings.count; i++) {
		const struct ward_finding *finding = &job->findings.at[i];

		if (finding->path.ptr != job->items.at[item].path.ptr)
			continue;
		if (finding->kind != WARD_FINDING_ALLOWED)
			return false;
		allowed = true;
	}
	return allowed;
}

ward_err scan_look_up_pdq(struct scan_job *job, size_t item, uint32_t frame, ward_pdq hash,
		const char *orientation, struct ward_error *error)
{
	ward_signal signal = ward_pdq_signal(hash);

	return ask(job, item, frame, orientation, &signal, error);
}
