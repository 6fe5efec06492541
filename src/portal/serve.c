#include "base/log.h"
#include "portal/route.h"

/* ---- the answer goes out ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	/* Without memory for a header the answer goes without it. */
	(void)MHD_add_response_header(response, name, value);
}

static void add_headers(const struct visit *visit, struct MHD_Response *response)
{
	char text[32];

	add_header(response, "Content-Type", visit->type);
	add_header(response, "Content-Security-Policy", visit->policy);
	add_header(response, "Referrer-Policy", "no-referrer");
	add_header(response, "X-Content-Type-Options", "nosniff");
	add_header(response, "Cross-Origin-Opener-Policy", "same-origin");
	add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	add_header(response, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
	/* What was written must not come back from a cache on a device that others use. */
	add_header(response, "Cache-Control", visit->lasting ? "max-age=3600" : "no-store");
	if (!visit->lasting)
		add_header(response, "Content-Language", visit->language->code);
	if (visit->negotiated)
		add_header(response, "Vary", "Accept-Language");
	if (visit->location[0])
		add_header(response, "Location", visit->location);
	if (visit->allow)
		add_header(response, "Allow", visit->allow);
	/* Not in the name of a site that is not ours: it would hold there when this one is gone. */
	if (visit->portal->tls && !visit->foreign)
		add_header(response, "Strict-Transport-Security", "max-age=31536000");
	if (visit->retry_after_s > 0) {
		snprintf(text, sizeof(text), "%u", visit->retry_after_s);
		add_header(response, "Retry-After", text);
	}
}

/* The page's memory becomes the library's, which frees it behind the answer. */
static struct MHD_Response *response_of(struct visit *visit)
{
	if (visit->fixed.len > 0)
		return MHD_create_response_from_buffer(visit->fixed.len,
				(void *)(uintptr_t)visit->fixed.ptr, MHD_RESPMEM_PERSISTENT);
	ward_str text = ward_buf_text(&visit->page);

	/* An empty page has no memory that could be freed. */
	if (text.len == 0)
		return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "",
				MHD_RESPMEM_PERSISTENT);
	struct MHD_Response *response = MHD_create_response_from_buffer(text.len,
			(void *)(uintptr_t)text.ptr, MHD_RESPMEM_MUST_FREE);

	if (response)
		visit->page = (struct ward_buf){ .cap = visit->page.cap };
	return response;
}

static enum MHD_Result answer(struct visit *visit)
{
	enum MHD_Result result = MHD_NO;

	if (visit->page.failed)
		visit_problem(visit, 503, SAY_PROBLEM_BUSY);
	guests_writing(&visit->portal->guests, visit->guest);
	struct MHD_Response *response = response_of(visit);

	if (response) {
		add_headers(visit, response);
		result = MHD_queue_response(visit->connection, visit->status, response);
		MHD_destroy_response(response);
	}
	return result;
}

/* ---- what is asked ---- */

static bool is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

static void redirect(struct visit *visit)
{
	visit_problem(visit, 301, SAY_PROBLEM_MISSING);
	snprintf(visit->location, sizeof(visit->location), "/%s/", visit->language->code);
}

static bool is_form(struct visit *visit)
{
	const char *type = MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND,
			MHD_HTTP_HEADER_CONTENT_TYPE);
	ward_str rest = ward_str_from(type);

	return ward_str_eq_nocase(ward_str_trim(ward_str_cut(&rest, ';')),
			WARD_STR("application/x-www-form-urlencoded"));
}

/*
 * A form that another site sends is nobody's report: browsers say where it
 * comes from.  Old ones and text browsers do not, and are believed; there is no
 * session that such a form could misuse.
 */
static bool is_foreign(struct visit *visit)
{
	const char *site = MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND,
			"Sec-Fetch-Site");

	return site && !is(site, "same-origin") && !is(site, "none");
}

static bool is_too_large(struct visit *visit)
{
	const char *text = MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND,
			MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t len;

	return text && (!ward_u64_parse(ward_str_from(text), &len) || len > VISIT_BODY_MAX);
}

/* Sets an answer when it is clear from the head alone. */
static void look_at_head(struct visit *visit, const char *method, const char *path)
{
	const char *accept = MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND,
			MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
	bool get = is(method, "GET") || is(method, "HEAD"), bare = false;
	const struct language *language = NULL;

	visit->post = is(method, "POST");
	visit->language = language_accepted(ward_str_from(accept));
	visit->negotiated = true;
	if (visit_is_blocked(visit)) {
		handle_blocked(visit);
		return;
	}
	visit->route = portal_route_find(ward_str_from(path), &language, &bare);
	visit->negotiated = language == NULL;
	visit->language = language ? language : visit->language;
	if (!visit->route)
		visit_problem(visit, 404, SAY_PROBLEM_MISSING);
	else if (visit->route->reports && visit->portal->no_reports)
		visit_problem(visit, 404, SAY_PROBLEM_ELSEWHERE);
	else if (!get && !(visit->post && visit->route->post)) {
		visit_problem(visit, 405, SAY_PROBLEM_METHOD);
		visit->allow = visit->route->post ? "GET, HEAD, POST" : "GET, HEAD";
	} else if (bare)
		redirect(visit);
	else if (visit->post && is_foreign(visit))
		visit_problem(visit, 403, SAY_PROBLEM_BROKEN);
	else if (visit->post && is_too_large(visit))
		visit_problem(visit, 413, SAY_PROBLEM_LARGE);
	else if (visit->post && !is_form(visit))
		visit_problem(visit, 415, SAY_PROBLEM_BROKEN);
	else if (visit->portal->stopping)
		visit_problem(visit, 503, SAY_PROBLEM_BUSY);
}

static void handle(struct visit *visit)
{
	struct ward_error error = { 0 };

	if (!visit->post) {
		visit->route->get(visit);
		return;
	}
	ward_err err = visit->body.failed ? WARD_E_LIMIT
					  : form_parse(ward_buf_text(&visit->body), &visit->arena,
							    &visit->form, &error);

	if (err)
		visit_problem(visit, 413, SAY_PROBLEM_LARGE);
	else
		visit->route->post(visit);
}

/* ---- the library's callbacks ---- */

void visit_errand(void *errand)
{
	struct visit *visit = errand;

	visit->errand(visit);
	visit->phase = VISIT_DONE;
	MHD_resume_connection(visit->connection);
}

/* Suspended first: the clerk may be done before this thread goes on. */
static enum MHD_Result send_errand(struct visit *visit)
{
	visit->phase = VISIT_ERRAND;
	guests_working(&visit->portal->guests, visit->guest);
	MHD_suspend_connection(visit->connection);
	if (!clerk_put(visit->portal->clerk, visit)) {
		visit_is_full(visit, "errands");
		visit_problem(visit, 503, SAY_PROBLEM_BUSY);
		visit->retry_after_s = 60;
		visit->phase = VISIT_DONE;
		MHD_resume_connection(visit->connection);
	}
	return MHD_YES;
}

static struct visit *visit_new(struct portal *portal, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct visit *visit = info && info->socket_context ? calloc(1, sizeof(*visit)) : NULL;

	if (!visit)
		return NULL;
	visit->portal = portal;
	visit->connection = connection;
	visit->guest = info->socket_context;
	visit->language = &languages[0];
	ward_arena_init(&visit->arena, VISIT_MEMORY_MAX);
	ward_buf_init(&visit->page, VISIT_PAGE_MAX);
	ward_buf_init(&visit->body, VISIT_BODY_MAX);
	portal->in_flight++;
	guests_reading(&portal->guests, visit->guest);
	return visit;
}

enum MHD_Result visit_serve(void *context, struct MHD_Connection *connection, const char *url,
		const char *method, const char *version, const char *upload, size_t *upload_size,
		void **kept)
{
	struct portal *portal = context;
	struct visit *visit = *kept;

	(void)version;
	if (!visit) {
		*kept = visit = visit_new(portal, connection);
		if (!visit)
			return MHD_NO;
		look_at_head(visit, method, url);
		/* Before the body: the connection ends behind the answer. */
		return visit->status > 0 && visit->post ? answer(visit) : MHD_YES;
	}
	if (*upload_size > 0) {
		ward_buf_add(&visit->body, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (visit->phase == VISIT_ERRAND)
		return MHD_YES;
	if (visit->phase == VISIT_READING && visit->status == 0)
		handle(visit);
	if (visit->phase == VISIT_READING && visit->errand && visit->status == 0)
		return send_errand(visit);
	return answer(visit);
}

void visit_completed(void *context, struct MHD_Connection *connection, void **kept,
		enum MHD_RequestTerminationCode how)
{
	struct portal *portal = context;
	struct visit *visit = *kept;

	(void)connection;
	(void)how;
	if (!visit)
		return;
	*kept = NULL;
	if (visit->status < 400)
		portal->pages++;
	else
		portal->refused++;
	guests_idle(&portal->guests, visit->guest);
	ward_buf_free(&visit->body);
	ward_buf_free(&visit->page);
	ward_arena_free(&visit->arena);
	free(visit);
	portal->in_flight--;
}

void visit_connection(void *context, struct MHD_Connection *connection, void **kept,
		enum MHD_ConnectionNotificationCode code)
{
	struct portal *portal = context;
	const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		struct guest *guest = malloc(sizeof(*guest));

		if (guest && info)
			guests_add(&portal->guests, guest, info->connect_fd, NULL);
		*kept = guest;
	} else if (*kept) {
		guests_remove(&portal->guests, *kept);
		free(*kept);
		*kept = NULL;
	}
}
