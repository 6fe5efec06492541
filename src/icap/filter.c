#include "icap/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ward/media.h>
#include <ward/text.h>

#include "base/clock.h"
#include "icap/reply.h"
#include "net/lane.h"
#include "net/unpack.h"

enum { PAGE_ROOM = 1 << 20, LISTED_LINKS_MAX = 2000, HEAD_ROOM = 256 };

struct icap_filter {
	struct icap_filter_options options;
	struct icap_owner owner;
	struct lane *lane;
};

/* What is known of who asks for what; borrowed from the message. */
struct asking {
	const struct gate_state *state;
	struct gate_client client;
	size_t group;
	struct ward_buf memory; /* of the link */
	struct ward_link link;
	struct ward_site_hits hits;
	struct gate_answer answer;
	ward_str languages;
	int64_t now;
	bool page;
};

/*
 * Browsers show a picture by its bytes, whatever its type says, so the beginning of everything is
 * looked at.
 */
enum look_kind { LOOK_NONE, LOOK_BEGINNING, LOOK_PAGE, LOOK_PICTURE };

/* What belongs to an exchange: what was found, and what is said of it. */
struct look {
	struct icap_filter *filter;
	enum look_kind kind;
	struct asking asking;
	struct ward_buf memory; /* of the verdict */
	struct icap_answer reply;
	char languages[256];
	/* of bodies */
	struct unpack *unpack; /* NULL: it is not packed */
	uint8_t head[HEAD_ROOM];
	size_t head_len;
	bool known; /* by its beginning, or by its type */
	bool part;  /* of a whole */
	bool endless;
	bool failed;
	/* of pages */
	struct ward_page *reader;
	struct ward_buf link_memory;
	uint32_t listed;
	uint32_t links;
	/* of pictures: what the scanner is handed */
	struct spill unpacked;
	uint64_t unpacked_max;
	struct icap_ticket *ticket;
	int fd;
	uint64_t size;
	_Atomic int uses; /* the exchange, and the scanner */
};

/* ---- who asks for what ---- */

static bool is_tunnel(const struct icap_message *message)
{
	return ward_str_eq(message->method, WARD_STR("CONNECT"));
}

static void read_client(const struct icap_message *message, struct asking *asking)
{
	struct ward_network network;

	asking->client.user = message->user;
	if (ward_network_read(message->client, &network)) {
		asking->client.kind = network.kind;
		memcpy(asking->client.address, network.address, sizeof(network.address));
	}
	asking->group = gate_group_of(asking->state->rules, &asking->client);
}

static bool has_word(ward_str text, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= text.len; i++) {
		if (memcmp(text.ptr + i, word, len) == 0)
			return true;
	}
	return false;
}

/*
 * Will a person look at what comes?  Browsers of these years say what they load (Fetch Metadata);
 * of others the types that they take tell, and who takes anything alike is shown a page.
 */
static bool wants_page(const struct icap_message *message)
{
	ward_str value;

	if (icap_head_find(&message->request, WARD_STR("Sec-Fetch-Dest"), &value))
		return ward_str_eq(value, WARD_STR("document")) || has_word(value, "frame");
	if (!icap_head_find(&message->request, WARD_STR("Accept"), &value))
		return true;
	return ward_str_eq(value, WARD_STR("*/*")) || has_word(value, "text/html");
}

static ward_err ask_lists(const struct icap_message *message, struct asking *asking,
		struct ward_error *error)
{
	ward_err err;

	/* An answer that came without its request is looked at all the same. */
	if (message->url.len == 0 && message->service->method == ICAP_RESPMOD)
		return WARD_OK;
	err = ward_link_read(message->url, WARD_LINK_LOOKUP, &asking->memory, &asking->link, error);
	if (err)
		return err;
	if (is_tunnel(message))
		ward_site_ask_host(asking->state->sites, asking->link.host, asking->link.host_kind,
				asking->link.address, asking->now, &asking->hits);
	else
		ward_site_ask(asking->state->sites, &asking->link, asking->now, &asking->hits);
	return WARD_OK;
}

/* The state is held until asking_end. */
static ward_err ask(struct icap_filter *filter, const struct icap_message *message,
		struct asking *asking, struct ward_error *error)
{
	ward_err err;

	asking->state = gate_live_acquire(filter->options.gate);
	asking->now = clock_now();
	asking->page = wants_page(message);
	asking->hits.count = asking->hits.total = 0;
	ward_buf_init(&asking->memory, WARD_LINK_MEMORY_MAX);
	if (!icap_head_find(&message->request, WARD_STR("Accept-Language"), &asking->languages))
		asking->languages = (ward_str){ "", 0 };
	read_client(message, asking);
	err = ask_lists(message, asking, error);
	if (!err)
		asking->answer = gate_judge(asking->state->rules, &asking->hits, asking->group,
				gate_time_of(asking->now));
	return err;
}

static void asking_end(struct icap_filter *filter, struct asking *asking)
{
	gate_live_release(filter->options.gate, asking->state);
	ward_buf_free(&asking->memory);
}

static void count(struct icap_filter *filter, const struct asking *asking)
{
	if (asking->answer.act != GATE_PASS)
		gate_counts_add(filter->options.counts, &asking->answer, &asking->hits,
				asking->link.host, &asking->client, asking->now);
}

/* ---- verdicts; what they point to lives in the look, until `gone` ---- */

static struct icap_verdict say(enum icap_verdict_kind kind)
{
	return (struct icap_verdict){ kind, NULL, { "", 0 } };
}

static void look_drop(struct look *look)
{
	if (--look->uses > 0)
		return;
	asking_end(look->filter, &look->asking);
	unpack_free(look->unpack);
	if (look->unpacked.fd >= 0)
		spill_close(&look->unpacked);
	ward_page_free(look->reader);
	ward_buf_free(&look->link_memory);
	ward_buf_free(&look->memory);
	free(look);
}

/* Takes the asking over. */
static struct look *look_new(struct icap_filter *filter, struct asking *asking, enum look_kind kind)
{
	struct look *look = calloc(1, sizeof(*look));

	if (!look) {
		asking_end(filter, asking);
		return NULL;
	}
	look->filter = filter;
	look->kind = kind;
	look->asking = *asking;
	look->known = kind == LOOK_PICTURE;
	look->uses = 1;
	spill_init(&look->unpacked, filter->options.place);
	ward_buf_init(&look->link_memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&look->memory, PAGE_ROOM);
	return look;
}

static struct icap_verdict block(struct look *look, const struct ward_page_score *score)
{
	const struct icap_filter_options *options = &look->filter->options;
	const struct asking *asking = &look->asking;
	const struct ward_site_hit *hit = asking->answer.hit < asking->hits.count
							  ? &asking->hits.at[asking->answer.hit]
							  : NULL;
	struct icap_blocked blocked = {
		.state = asking->state,
		.answer = asking->answer,
		.hit = hit,
		.score = score,
		.link = &asking->link,
		.host = hit && ward_site_list_info(hit->list)->hidden ? (ward_str){ "", 0 }
								      : asking->link.host,
		.languages = asking->languages,
		.page = asking->page,
	};

	look->reply = (struct icap_answer){ .status = 403 };
	options->block_page(options->context, &blocked, &look->memory, &look->reply);
	return (struct icap_verdict){ ICAP_ANSWER, &look->reply, { "", 0 } };
}

/* ---- requests ---- */

/* The host that a search engine publishes for its safe mode; "" where it is to stay as it is. */
static ward_str safe_host(const struct icap_filter *filter, const struct asking *asking)
{
	const struct icap_filter_options *options = &filter->options;
	ward_str host = options->safe_host ? options->safe_host(options->context, asking->state,
							     asking->link.host)
					   : (ward_str){ "", 0 };

	return ward_str_eq(host, asking->link.host) ? (ward_str){ "", 0 } : host;
}

/*
 * Path and query as they were written, from their '/' or '?' on.  The canonical form undoes escapes
 * that mean something to who is asked: a search for "c%2B%2B" is none for "c++".
 */
static ward_str behind_host(ward_str url)
{
	size_t at = 0, end = 0;

	while (at + 3 < url.len && memcmp(url.ptr + at, "://", 3) != 0)
		at++;
	at += 3;
	while (at < url.len && !strchr("/\\?#", url.ptr[at]))
		at++;
	while (at + end < url.len && url.ptr[at + end] != '#')
		end++;
	return at < url.len ? (ward_str){ url.ptr + at, end } : (ward_str){ "", 0 };
}

static struct icap_verdict rewrite(struct look *look, ward_str host, bool tunnel)
{
	const struct ward_link *link = &look->asking.link;
	ward_str rest = behind_host(link->original);

	ward_buf_printf(&look->memory, "%.*s://%.*s", WARD_FMT(link->scheme), WARD_FMT(host));
	if (link->port != 0)
		ward_buf_printf(&look->memory, ":%u", link->port);
	if (tunnel || rest.len == 0 || rest.ptr[0] != '/')
		ward_buf_char(&look->memory, '/');
	if (rest.len > 0 && rest.ptr[0] == '\\')
		rest = (ward_str){ rest.ptr + 1, rest.len - 1 };
	if (!tunnel)
		ward_buf_str(&look->memory, rest);
	if (look->memory.failed)
		return say(ICAP_FAIL);
	return (struct icap_verdict){ ICAP_REWRITE, NULL, ward_buf_text(&look->memory) };
}

/*
 * What was not asked for want of memory goes by the fail mode.  What is no link that can be asked
 * is never passed: who writes it could else write it around the lists.
 */
static struct icap_verdict unasked(ward_err err)
{
	return err == WARD_E_FORMAT || err == WARD_E_LIMIT ? (struct icap_verdict){ ICAP_ANSWER,
		&icap_answer_bad_request, { "", 0 } }
							   : say(ICAP_FAIL);
}

static struct icap_verdict request(struct icap_filter *filter, const struct icap_message *message,
		void **own)
{
	struct asking asking = { 0 };
	ward_str safe = { "", 0 };
	struct ward_error error;
	struct look *look;
	ward_err err = ask(filter, message, &asking, &error);

	if (!err) {
		count(filter, &asking);
		safe = safe_host(filter, &asking);
	}
	if (err || (asking.answer.act != GATE_BLOCK && safe.len == 0)) {
		asking_end(filter, &asking);
		return err ? unasked(err) : say(ICAP_PASS);
	}
	look = look_new(filter, &asking, LOOK_NONE);
	if (!look)
		return say(ICAP_FAIL);
	*own = look;
	return look->asking.answer.act == GATE_BLOCK ? block(look, NULL)
						     : rewrite(look, safe, is_tunnel(message));
}

/* ---- answers: what is looked at ---- */

static bool type_is(ward_str type, const char *name)
{
	size_t len = strlen(name);

	return type.len >= len &&
	       ward_str_eq_nocase((ward_str){ type.ptr, len }, ward_str_from(name)) &&
	       (type.len == len || strchr("; \t,", type.ptr[len]) || name[len - 1] == '/');
}

/* Without a type a browser guesses. */
static bool is_page(ward_str type)
{
	return type.len == 0 || type_is(type, "text/html") ||
	       type_is(type, "application/xhtml+xml") || type_is(type, "text/plain");
}

/* A drawing of lines is text for a browser, and no picture for a decoder. */
static bool is_picture(ward_str type)
{
	return type_is(type, "image/") && !type_is(type, "image/svg+xml");
}

/* Of several types a browser takes the last that it can read, another the first: each counts. */
static bool has_type(const struct icap_message *message, bool (*is)(ward_str type))
{
	ward_str rest = message->response.lines, name, value;
	bool has = is(message->content_type);

	while (!has && icap_head_next(&rest, &name, &value))
		has = ward_str_eq_nocase(name, WARD_STR("Content-Type")) && is(value);
	return has;
}

static bool is_coding(ward_str coding)
{
	return coding.len > 0 && !ward_str_eq_nocase(coding, WARD_STR("identity"));
}

/* "" for what is not packed; what is packed more than once has a name that nobody knows. */
static ward_str coding_of(const struct icap_message *message)
{
	ward_str rest = message->response.lines, name, value, coding = { "", 0 };

	while (icap_head_next(&rest, &name, &value)) {
		if (!ward_str_eq_nocase(name, WARD_STR("Content-Encoding")) || !is_coding(value))
			continue;
		if (coding.len > 0)
			return WARD_STR("several, one on another");
		coding = value;
	}
	return coding;
}

/* How much of a page is links to places that are listed for blocking. */
static void see_link(void *context, ward_str value, const char *tag, const char *attribute,
		size_t offset)
{
	struct look *look = context;
	struct ward_link link;
	struct ward_site_hits hits;
	struct ward_error error;

	(void)tag;
	(void)attribute;
	(void)offset;
	if (look->links++ >= LISTED_LINKS_MAX ||
			ward_link_join(value, &look->asking.link, &look->link_memory, &link,
					&error) != WARD_OK ||
			link.host_kind == WARD_HOST_NONE)
		return;
	ward_site_ask(look->asking.state->sites, &link, look->asking.now, &hits);
	for (size_t i = 0; i < hits.count; i++) {
		if (hits.at[i].certain &&
				ward_site_list_info(hits.at[i].list)->sense == WARD_SITE_BLOCK) {
			look->listed++;
			return;
		}
	}
}

static ward_err begin_page(struct look *look, const struct icap_message *message,
		struct ward_error *error)
{
	struct icap_filter *filter = look->filter;
	struct ward_page_options options = { .bytes_max = filter->options.page_max,
		.score_only = true,
		.link = see_link,
		.context = look };

	look->reader = ward_page_new(look->asking.state->terms, &options);
	if (!look->reader)
		return ward_fail(error, WARD_E_NOMEM, "no memory to read a page");
	ward_page_begin(look->reader, message->content_type);
	return WARD_OK;
}

/* What is borrowed from the message is gone with it; a picture may be looked at for longer. */
static void keep_words(struct look *look)
{
	size_t len = look->asking.languages.len < sizeof(look->languages)
				     ? look->asking.languages.len
				     : sizeof(look->languages);

	if (len > 0)
		memcpy(look->languages, look->asking.languages.ptr, len);
	look->asking.languages = (ward_str){ look->languages, len };
	look->asking.client.user = (ward_str){ "", 0 };
}

static ward_err begin_unpack(struct look *look, const struct icap_message *message,
		struct ward_error *error)
{
	ward_str coding = coding_of(message);
	ward_err err = coding.len > 0 ? unpack_new(coding, UINT64_MAX, &look->unpack, error)
				      : WARD_OK;

	/* A browser takes one unknown word for none; of several it may know each. */
	if (err == WARD_E_UNSUPPORTED && look->kind == LOOK_BEGINNING &&
			!memchr(coding.ptr, ',', coding.len))
		err = WARD_OK;
	return err;
}

static struct icap_verdict look_at(struct look *look, const struct icap_message *message)
{
	struct ward_error error;
	ward_err err;

	keep_words(look);
	look->part = message->status == 206;
	look->unpacked_max = message->service->body_max;
	look->endless = type_is(message->content_type, "text/event-stream");
	err = begin_unpack(look, message, &error);
	if (!err && look->kind == LOOK_PAGE)
		err = begin_page(look, message, &error);
	if (err)
		return say(ICAP_FAIL);
	return say(look->kind == LOOK_BEGINNING ? ICAP_PREVIEW : ICAP_LOOK);
}

/* Words are read where the profile may do something about them. */
static bool reads_words(const struct icap_filter *filter, const struct asking *asking)
{
	bool allowed = asking->answer.act == GATE_PASS && asking->answer.hit != SIZE_MAX;

	return filter->options.pages && asking->state->terms && !allowed;
}

static enum look_kind kind_of(const struct icap_filter *filter, const struct asking *asking,
		const struct icap_message *message)
{
	if (!message->has_body)
		return LOOK_NONE;
	if (has_type(message, is_picture) && filter->options.bank)
		return LOOK_PICTURE;
	if (has_type(message, is_page) && reads_words(filter, asking))
		return LOOK_PAGE;
	return filter->options.bank ? LOOK_BEGINNING : LOOK_NONE;
}

static struct icap_verdict answer(struct icap_filter *filter, const struct icap_message *message,
		void **own)
{
	struct asking asking = { 0 };
	struct ward_error error;
	struct look *look;
	ward_err err = ask(filter, message, &asking, &error);
	enum look_kind kind = err ? LOOK_NONE : kind_of(filter, &asking, message);
	bool blocks = !err && asking.answer.act == GATE_BLOCK;

	/* A part of a whole tells nothing, but for what it is when it is the first. */
	if ((kind == LOOK_PAGE || kind == LOOK_PICTURE) && message->status == 206 && !blocks)
		err = ward_fail(&error, WARD_E_UNSUPPORTED, "a part of a whole is not looked at");
	if (err || (!blocks && kind == LOOK_NONE)) {
		asking_end(filter, &asking);
		return say(err ? ICAP_FAIL : ICAP_PASS);
	}
	look = look_new(filter, &asking, kind);
	if (!look)
		return say(ICAP_FAIL);
	*own = look;
	if (!blocks)
		return look_at(look, message);
	count(filter, &look->asking);
	return block(look, NULL);
}

/* ---- bodies ---- */

/* The exchange keeps what is not packed.  A few bytes may be packed from very many. */
static ward_err keep_unpacked(struct look *look, ward_bytes piece, struct ward_error *error)
{
	if (!look->unpack)
		return WARD_OK;
	if (piece.len > look->unpacked_max - look->unpacked.size)
		return ward_fail(error, WARD_E_LIMIT, "a picture is larger than is looked at");
	return spill_write(&look->unpacked, piece, error);
}

/* Of pictures that a browser shows in a page; a text may well begin as a PNM does. */
static bool is_shown(ward_media_kind kind)
{
	return ward_media_is_picture(kind) && kind != WARD_MEDIA_PNM;
}

/* By its beginning, as far as it is here. */
static ward_err know(struct look *look, struct ward_error *error)
{
	ward_bytes head = { look->head, look->head_len };

	look->known = true;
	if (!look->filter->options.bank || !is_shown(ward_media_identify(head)))
		return WARD_OK;
	look->kind = LOOK_PICTURE;
	return keep_unpacked(look, head, error);
}

/* The next bytes, unpacked. */
static ward_err take(void *context, ward_bytes piece, struct ward_error *error)
{
	struct look *look = context;
	size_t len = HEAD_ROOM - look->head_len;
	ward_err err = WARD_OK;

	if (look->kind == LOOK_PAGE)
		err = ward_page_feed(look->reader, piece, error);
	if (!look->known) {
		len = piece.len < len ? piece.len : len;
		memcpy(look->head + look->head_len, piece.ptr, len);
		look->head_len += len;
		piece = (ward_bytes){ piece.ptr + len, piece.len - len };
		if (!err && look->head_len == HEAD_ROOM)
			err = know(look, error);
	}
	return !err && look->kind == LOOK_PICTURE && look->known && piece.len > 0
			       ? keep_unpacked(look, piece, error)
			       : err;
}

/* ---- pages ---- */

/* What its name says, and whether a list has its host as a new one: those have the category "new".
 */
static unsigned host_facts(const struct asking *asking)
{
	unsigned facts = ward_page_host_facts(asking->link.host);

	for (size_t i = 0; i < asking->hits.count; i++) {
		const struct ward_site_hit *hit = &asking->hits.at[i];

		if (hit->certain && ward_str_eq_nocase(hit->category, WARD_STR("new")))
			facts |= WARD_HOST_FACT_NEW;
	}
	return facts;
}

static struct icap_verdict end_page(struct look *look)
{
	const struct ward_page_result *result = NULL;
	struct ward_page_facts facts = { .host = host_facts(&look->asking) };
	struct ward_error error;

	facts.listed_links = look->listed;
	if (look->failed || (look->unpack && unpack_end(look->unpack, &error) != WARD_OK) ||
			ward_page_end(look->reader, &facts, &result, &error) != WARD_OK)
		return say(ICAP_FAIL);
	look->asking.answer = gate_judge_score(look->asking.state->rules, look->asking.group,
			result->score.total, result->score.banned);
	count(look->filter, &look->asking);
	return look->asking.answer.act == GATE_BLOCK ? block(look, &result->score) : say(ICAP_PASS);
}

/* ---- pictures ---- */

static void *open_scanner(void *context)
{
	struct ward_scanner_options options = { 0 };

	(void)context;
	return ward_scanner_new(&options);
}

static void close_scanner(void *scanner)
{
	ward_scanner_free(scanner);
}

/* Held for nobody is what could not be read; held for a person is kept back by the profile's word.
 */
static struct icap_verdict judge_picture(struct look *look, const struct ward_verdict *verdict)
{
	const struct gate_profile *profile =
			gate_profile_of(look->asking.state->rules, look->asking.group);
	bool hold = verdict->kind == WARD_HOLD;

	if (verdict->kind == WARD_ALLOW)
		return say(ICAP_PASS);
	if (hold && verdict->queue.len == 0)
		return say(ICAP_FAIL);
	look->asking.answer =
			(struct gate_answer){ GATE_BLOCK, GATE_CAUSE_PICTURE, SIZE_MAX, SIZE_MAX };
	if (hold && !profile->holds_block)
		look->asking.answer.act = GATE_NOTE;
	count(look->filter, &look->asking);
	return look->asking.answer.act == GATE_NOTE ? say(ICAP_PASS) : block(look, NULL);
}

static void scan(void *context, void *tool, void *job)
{
	struct icap_filter *filter = context;
	struct look *look = job;
	struct ward_scan_options options = filter->options.scan;
	struct ward_bank_view *view = ward_bank_acquire(filter->options.bank);
	const struct ward_report *report = NULL;
	struct icap_verdict verdict = say(ICAP_FAIL);
	struct ward_error error;

	options.now = clock_now();
	/* One that nobody waits for any more would only make the next ones late, too. */
	if (look->uses > 1 && tool && view &&
			ward_scan_fd(tool, look->fd, look->size, view,
					filter->options.policy(look->asking.state), &options,
					&report, &error) == WARD_OK)
		verdict = judge_picture(look, &report->verdict);
	icap_ticket_answer(look->ticket, &verdict);
	ward_bank_release(view);
	look_drop(look);
}

static struct icap_verdict end_picture(struct look *look, const struct icap_body *body)
{
	struct ward_error error;

	if (look->failed || (look->unpack && unpack_end(look->unpack, &error) != WARD_OK))
		return say(ICAP_FAIL);
	look->size = look->unpack ? look->unpacked.size : body->size;
	if (look->size == 0)
		return say(ICAP_PASS);
	look->ticket = icap_exchange_ticket(body->exchange);
	look->fd = !look->ticket  ? -1
		   : look->unpack ? look->unpacked.fd
				  : icap_ticket_file(look->ticket, &error);
	if (look->fd >= 0) {
		look->uses++;
		if (lane_put(look->filter->lane, look))
			return say(ICAP_WAIT);
		look->uses--;
	}
	if (look->ticket)
		icap_ticket_answer(look->ticket, &(struct icap_verdict){ .kind = ICAP_FAIL });
	return look->ticket ? say(ICAP_WAIT) : say(ICAP_FAIL);
}

/* ---- the owner ---- */

static struct icap_verdict on_begin(void *context, const struct icap_message *message, void **own)
{
	struct icap_filter *filter = context;

	return message->service->method == ICAP_REQMOD ? request(filter, message, own)
						       : answer(filter, message, own);
}

static void on_piece(void *context, void *own, ward_bytes piece)
{
	struct look *look = own;
	struct ward_error error;

	(void)context;
	if (look->failed || (look->kind == LOOK_BEGINNING && look->known))
		return;
	look->failed = (look->unpack ? unpack_feed(look->unpack, piece, take, look, &error)
				     : take(look, piece, &error)) != WARD_OK;
}

/*
 * Behind a preview, or the whole of what is short.  What is so packed that nothing has come out yet
 * is looked at further.
 */
static struct icap_verdict end_beginning(const struct look *look, const struct icap_body *body)
{
	if (look->kind == LOOK_PICTURE)
		return say(look->part ? ICAP_FAIL : ICAP_LOOK);
	return say(look->unpack && look->head_len == 0 && !look->failed && !body->whole &&
							!look->endless
					? ICAP_LOOK
					: ICAP_PASS);
}

static struct icap_verdict on_end(void *context, void *own, const struct icap_body *body)
{
	struct look *look = own;
	struct ward_error error;

	(void)context;
	if (!look->known && (look->head_len > 0 || body->whole))
		look->failed |= know(look, &error) != WARD_OK;
	if (look->kind == LOOK_BEGINNING || !body->whole || look->part)
		return end_beginning(look, body);
	return look->kind == LOOK_PAGE ? end_page(look) : end_picture(look, body);
}

static void on_gone(void *context, void *own)
{
	(void)context;
	look_drop(own);
}

static void on_istag(void *context, const struct icap_service *service, char istag[ICAP_ISTAG_MAX])
{
	struct icap_filter *filter = context;
	const struct gate_state *state = gate_live_acquire(filter->options.gate);

	(void)service;
	snprintf(istag, ICAP_ISTAG_MAX, "%s", state->tag);
	gate_live_release(filter->options.gate, state);
}

ward_err icap_filter_new(const struct icap_filter_options *options, struct icap_filter **made,
		struct ward_error *error)
{
	struct icap_filter *filter = calloc(1, sizeof(*filter));

	if (!filter)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the proxies' door");
	filter->options = *options;
	filter->owner = (struct icap_owner){ filter, on_begin, on_piece, on_end, on_gone,
		on_istag };
	if (options->bank) {
		filter->lane = lane_new(&(struct lane_options){
				.name = "icap scan",
				.threads = options->scanners ? options->scanners : 1,
				.waiting_max = options->waiting_max,
				.context = filter,
				.open = open_scanner,
				.run = scan,
				.close = close_scanner,
		});
		if (!filter->lane) {
			free(filter);
			return ward_fail(error, WARD_E_NOMEM, "no scanner could be started");
		}
	}
	*made = filter;
	return WARD_OK;
}

void icap_filter_free(struct icap_filter *filter)
{
	if (!filter)
		return;
	lane_free(filter->lane);
	free(filter);
}

const struct icap_owner *icap_filter_owner(const struct icap_filter *filter)
{
	return &filter->owner;
}
