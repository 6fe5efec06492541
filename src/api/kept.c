#include "api/kept.h"

#include <openssl/evp.h>

enum { ARENA_MAX = 64 << 20 };

struct desk_kept_viewer kept_viewer(const struct request *request)
{
	return (struct desk_kept_viewer){ ward_str_from(request->person.id),
		door_may(request, PEOPLE_JOB_DECIDE) };
}

bool kept_reason(struct request *request, const struct json_t *body, ward_str *reason)
{
	if (!body || !door_text(request, body, "reason", reason))
		return false;
	if (ward_str_trim(*reason).len > 0 && reason->len <= PEOPLE_REASON_MAX &&
			ward_utf8_valid(*reason))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "Say why, in at most %d bytes: \"reason\".",
			PEOPLE_REASON_MAX);
	return false;
}

static ward_err digest(struct kept_job *job, struct ward_error *error)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t bytes[32];
	bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; good && i < job->count; i++)
		good = EVP_DigestUpdate(context, job->payloads[i].ptr, job->payloads[i].len) == 1 &&
		       EVP_DigestUpdate(context, "\n", 1) == 1;
	good = good && EVP_DigestFinal_ex(context, bytes, NULL) == 1;
	EVP_MD_CTX_free(context);
	if (!good)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a digest");
	ward_hex_format(bytes, sizeof(bytes), job->sha256);
	return WARD_OK;
}

static ward_err read_items(struct request *request, struct store_tx *tx, struct kept_job *job,
		struct ward_error *error)
{
	struct desk_kept_viewer viewer = kept_viewer(request);
	struct desk_kept_list list;
	ward_err err = desk_kept_of_job(tx, &viewer, job->id, &job->arena, &list, error);

	if (err)
		return err;
	job->payloads = ward_new(&job->arena, ward_str, list.count + 1);
	if (!job->payloads)
		return ward_fail(error, WARD_E_NOMEM, "that many items do not fit");
	for (size_t i = 0; i < list.count; i++) {
		if (list.at[i].destroyed_at != 0)
			continue;
		job->payloads[job->count++] = list.at[i].payload;
		job->bytes += list.at[i].bytes;
	}
	return job->count > 0 ? digest(job, error)
			      : ward_fail(error, WARD_E_CONFLICT,
						"nothing of this job is in the vault");
}

bool kept_job_begin(struct request *request, kept_check *more, struct kept_job *job)
{
	struct ward_error error;
	struct store_tx *tx;

	*job = (struct kept_job){ .id = door_path(request, 0) };
	ward_arena_init(&job->arena, ARENA_MAX);
	if (!door_have_intake(request) || !door_read(request, &tx))
		return false;
	ward_err err = read_items(request, tx, job, &error);

	if (!err && more)
		err = more(request, tx, job, &error);
	store_read_end(tx);
	if (err)
		door_failed(request, &error);
	return !err;
}

void kept_job_end(struct kept_job *job)
{
	ward_arena_free(&job->arena);
}

void kept_job_detail(struct json *json, const struct kept_job *job)
{
	json_key_uint(json, "items", job->count);
	json_key_int(json, "bytes", job->bytes);
	json_key_text(json, "sha256", job->sha256);
}
