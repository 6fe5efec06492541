#include "api/console.h"

#include "api/handlers.h"
#include "api/request.h"

/*
 * Scripts, styles and calls are our own alone, and pictures what a script of ours was given as
 * bytes.  No text becomes a script or markup anywhere (trusted types).
 */
static const char policy[] =
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
		"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
		"require-trusted-types-for 'script'; trusted-types 'none'";

const struct console_file *console_find(ward_str path)
{
	for (size_t i = 0; i < console_file_count; i++)
		if (ward_str_eq(path, ward_str_from(console_files[i].path)))
			return &console_files[i];
	return NULL;
}

/* "gzip;q=0" and "gzip; q=0.000" refuse it. */
static bool is_refused(ward_str parameters)
{
	ward_str weight = ward_str_trim(parameters);

	if (!ward_str_starts(weight, WARD_STR("q=")))
		return false;
	for (size_t i = 2; i < weight.len; i++)
		if (weight.ptr[i] != '0' && weight.ptr[i] != '.')
			return false;
	return true;
}

bool console_takes_gzip(ward_str accept)
{
	while (accept.len > 0) {
		ward_str parameters = ward_str_cut(&accept, ',');
		ward_str coding = ward_str_trim(ward_str_cut(&parameters, ';'));

		if (ward_str_eq(coding, WARD_STR("gzip")) || ward_str_eq(coding, WARD_STR("*")))
			return !is_refused(parameters);
	}
	return false;
}

bool console_tag_matches(ward_str wanted, const char *tag)
{
	while (wanted.len > 0) {
		ward_str one = ward_str_trim(ward_str_cut(&wanted, ','));

		if (ward_str_starts(one, WARD_STR("W/")))
			one = (ward_str){ one.ptr + 2, one.len - 2 };
		if (ward_str_eq(one, WARD_STR("*")) ||
				(one.len > 2 && one.ptr[0] == '"' &&
						ward_str_eq((ward_str){ one.ptr + 1, one.len - 2 },
								ward_str_from(tag))))
			return true;
	}
	return false;
}

static void tell(struct request *request, const struct console_file *file, const char *cache)
{
	struct answer *answer = &request->answer;
	bool gzip = console_takes_gzip(request_header(request, "Accept-Encoding"));
	ward_bytes bytes = gzip ? file->gzip : file->plain;

	answer->status = 200;
	answer->type = file->type;
	answer->policy = policy;
	answer->cache = cache;
	answer->tag = file->tag;
	answer->encoding = gzip ? "gzip" : "identity";
	ward_buf_clear(&answer->text);
	if (console_tag_matches(request_header(request, "If-None-Match"), file->tag))
		answer->status = 304;
	else
		ward_buf_add(&answer->text, bytes.ptr, bytes.len);
}

void handle_console(struct request *request)
{
	const struct console_file *file = console_find(WARD_STR("index.html"));

	/* Asked for each time, which costs one small answer, so that a new version is seen. */
	if (file)
		tell(request, file, "no-cache");
	else
		request_trouble(request, PROBLEM_NOT_FOUND, "There is no console here.");
	if (file && !console_is_built)
		request->answer.status = 404;
}

void handle_console_asset(struct request *request)
{
	const struct console_file *file;
	char path[ROUTE_PARAMETER_MAX + 8];

	snprintf(path, sizeof(path), "assets/%s", request->parameters.at[0]);
	file = console_find(ward_str_from(path));
	if (file)
		tell(request, file, "public, max-age=31536000, immutable");
	else
		request_trouble(request, PROBLEM_NOT_FOUND,
				"That is of another version: load the page anew.");
}
