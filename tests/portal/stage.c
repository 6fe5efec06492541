/*
 * stage [OPTION...] - the portal before an intake that is played, for tests and benches
 *
 *     --reports-per-minute N   --request-time S   --connections N
 *     --operator NAME          --script FILE --module FILE
 *     --block ADDRESS          --country CC --contact WORDS --authority WORDS
 *
 * Says "ready ADDRESS" on standard output, then a JSON line for each thing that
 * intake is asked to do.  What a report says decides what the played intake
 * does: "the lamp is lit" has an answer at once; "the disk is full" cannot be
 * filed until it is asked a third time.  Ends with SIGTERM.
 */
#include <signal.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "portal/portal.h"

enum { REPORTS_MAX = 20000, ADDITIONS_MAX = 8, TICK_MS = 100 };

struct played {
	char key[33], receipt[24];
	bool answered, withdrawn;
	unsigned addition_count;
	char additions[ADDITIONS_MAX][256], addition_keys[ADDITIONS_MAX][33];
};

static struct stage {
	struct played reports[REPORTS_MAX];
	size_t count;
	unsigned refusals;
} stage;

static bool holds(ward_str text, const char *words)
{
	size_t len = strlen(words);

	for (size_t i = 0; i + len <= text.len; i++) {
		if (memcmp(text.ptr + i, words, len) == 0)
			return true;
	}
	return false;
}

static struct played *find(const char *receipt)
{
	for (size_t i = 0; i < stage.count; i++) {
		if (strcmp(stage.reports[i].receipt, receipt) == 0)
			return &stage.reports[i];
	}
	return NULL;
}

static void tell(struct ward_buf *buf)
{
	ward_str text = ward_buf_text(buf);

	printf("%.*s\n", WARD_FMT(text));
	fflush(stdout);
	ward_buf_free(buf);
}

static void tell_report(const struct portal_report *report, bool known)
{
	struct ward_buf buf;
	char hex[65];

	ward_buf_init(&buf, 1 << 20);
	struct json json = json_to(&buf);

	json_object(&json);
	json_key_text(&json, "did", "file");
	json_key_bool(&json, "known", known);
	json_key_text(&json, "key", report->key);
	json_key_text(&json, "receipt", report->receipt);
	json_key_text(&json, "language", report->language);
	json_key_text(&json, "what", report->what);
	json_key_str(&json, "address", report->address);
	json_key_text(&json, "place", report->place);
	json_key_text(&json, "topic", report->topic);
	json_key_text(&json, "when", report->when);
	json_key_str(&json, "date", report->date);
	json_key_str(&json, "time", report->time);
	json_key_str(&json, "zone", report->zone);
	json_key_str(&json, "words", report->words);
	json_key_text(&json, "contact", report->contact);
	json_key_str(&json, "mail", report->mail);
	json_key(&json, "hashes");
	json_array(&json);
	for (size_t i = 0; i < report->hash_count; i++) {
		ward_hex_format(report->hashes[i].pdq, 32, hex);
		json_str(&json, ward_str_from(hex));
	}
	json_array_end(&json);
	json_object_end(&json);
	tell(&buf);
}

static ward_err play_file(void *context, const struct portal_report *report,
		struct ward_error *error)
{
	(void)context;
	for (size_t i = 0; i < stage.count; i++) {
		if (strcmp(stage.reports[i].key, report->key) == 0) {
			tell_report(report, true);
			return WARD_OK;
		}
	}
	if (holds(report->words, "the disk is full") && ++stage.refusals < 3)
		return ward_fail(error, WARD_E_IO, "no space is left");
	if (stage.count == REPORTS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the stage is full");
	struct played *played = &stage.reports[stage.count++];

	snprintf(played->key, sizeof(played->key), "%s", report->key);
	snprintf(played->receipt, sizeof(played->receipt), "%s", report->receipt);
	played->answered = holds(report->words, "the lamp is lit");
	tell_report(report, false);
	return WARD_OK;
}

static ward_err play_read(void *context, const char *receipt, struct ward_arena *arena,
		struct portal_answer *answer, struct ward_error *error)
{
	struct played *played = find(receipt);

	(void)context;
	if (!played)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such report");
	struct portal_message *messages = ward_new(arena, struct portal_message, 1 + ADDITIONS_MAX);

	if (!messages)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	messages[0] = (struct portal_message){ WARD_STR("Thank you.\n<b>The keeper</b> saw it."),
		1772366400 };
	for (unsigned i = 0; i < played->addition_count; i++)
		messages[1 + i] = (struct portal_message){ ward_str_from(played->additions[i]),
			clock_now() };
	*answer = (struct portal_answer){
		.state = played->withdrawn  ? PORTAL_WITHDRAWN
			 : played->answered ? PORTAL_DONE
					    : PORTAL_RECEIVED,
		.answers = messages,
		.answer_count = played->answered,
		.additions = messages + 1,
		.addition_count = played->addition_count,
	};
	return WARD_OK;
}

static void tell_one(const char *did, const char *receipt, ward_str words)
{
	struct ward_buf buf;

	ward_buf_init(&buf, 1 << 20);
	struct json json = json_to(&buf);

	json_object(&json);
	json_key_text(&json, "did", did);
	json_key_text(&json, "receipt", receipt);
	json_key_str(&json, "words", words);
	json_object_end(&json);
	tell(&buf);
}

static ward_err play_add(void *context, const char *receipt, const char *key, ward_str words,
		struct ward_error *error)
{
	struct played *played = find(receipt);

	(void)context;
	if (!played)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such report");
	for (unsigned i = 0; i < played->addition_count; i++) {
		if (strcmp(played->addition_keys[i], key) == 0)
			return WARD_OK;
	}
	if (played->addition_count == ADDITIONS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "there are enough");
	snprintf(played->addition_keys[played->addition_count], 33, "%s", key);
	snprintf(played->additions[played->addition_count++], 256, "%.*s", WARD_FMT(words));
	tell_one("add", receipt, words);
	return WARD_OK;
}

static ward_err play_withdraw(void *context, const char *receipt, struct ward_error *error)
{
	struct played *played = find(receipt);

	(void)context;
	if (!played)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such report");
	played->withdrawn = true;
	tell_one("withdraw", receipt, WARD_STR(""));
	return WARD_OK;
}

static ward_err play_count(void *context, struct portal_counts *counts, struct ward_error *error)
{
	(void)context;
	(void)error;
	*counts = (struct portal_counts){ .days = 90, .reports = stage.count };
	for (size_t i = 0; i < stage.count; i++) {
		counts->done += stage.reports[i].answered;
		counts->withdrawn += stage.reports[i].withdrawn;
	}
	return WARD_OK;
}

static ward_err play_mistake(void *context, const struct portal_mistake *mistake,
		struct ward_error *error)
{
	struct ward_buf buf;

	(void)context;
	if (holds(mistake->words, "the disk is full") && ++stage.refusals < 2)
		return ward_fail(error, WARD_E_IO, "no space is left");
	ward_buf_init(&buf, 1 << 20);
	struct json json = json_to(&buf);

	json_object(&json);
	json_key_text(&json, "did", "mistake");
	json_key_text(&json, "key", mistake->key);
	json_key_text(&json, "blocked", mistake->blocked);
	json_key_bool(&json, "ordered", mistake->ordered);
	json_key_str(&json, "list", mistake->list);
	json_key_str(&json, "entry", mistake->entry);
	json_key_str(&json, "host", mistake->host);
	json_key_text(&json, "language", mistake->language);
	json_key_str(&json, "words", mistake->words);
	json_key_str(&json, "contact", mistake->contact);
	json_object_end(&json);
	tell(&buf);
	return WARD_OK;
}

/* The first label of a host says why it is blocked. */
static bool play_why(void *context, ward_str host, struct portal_why *why)
{
	ward_str rest = host, word = ward_str_cut(&rest, '.');

	(void)context;
	for (int i = 0; i < PORTAL_BLOCK_REASONS; i++)
		if (ward_str_eq(word, ward_str_from(portal_block_reason_name(
						      (enum portal_block_reason)i))))
			*why = (struct portal_why){ .reason = (enum portal_block_reason)i,
				.list = WARD_STR("played"),
				.entry = host,
				.category = i == PORTAL_BLOCK_CATEGORY ? WARD_STR("Games")
								       : WARD_STR(""),
				.until = i == PORTAL_BLOCK_TIME ? WARD_STR("16:00") : WARD_STR(""),
				.hidden = i == PORTAL_BLOCK_ABUSE };
	if (ward_str_eq(word, WARD_STR("ordered")))
		*why = (struct portal_why){ .reason = PORTAL_BLOCK_ABUSE,
			.ordered = true,
			.hidden = true,
			.list = WARD_STR("national"),
			.entry = WARD_STR("7") };
	return true;
}

/* ---- the program ---- */

static ward_str read_whole(const char *path)
{
	struct ward_error error;
	char *text;
	size_t len;

	if (file_read(path, 1 << 24, &text, &len, &error) != WARD_OK) {
		fprintf(stderr, "stage: %s\n", error.message);
		exit(2);
	}
	return (ward_str){ text, len };
}

static unsigned number(const char *text)
{
	uint64_t value = 0;

	if (!ward_u64_parse(ward_str_from(text), &value) || value > 1000000) {
		fprintf(stderr, "stage: %s is no number\n", text);
		exit(2);
	}
	return (unsigned)value;
}

static void block_with(struct portal_options *options, const char *address)
{
	options->block = true;
	options->address = address;
	options->why = play_why;
}

static void read_options(int argc, char **argv, struct portal_options *options)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--reports-per-minute") == 0)
			options->reports_per_minute = number(argv[i + 1]);
		else if (strcmp(argv[i], "--request-time") == 0)
			options->request_s = number(argv[i + 1]);
		else if (strcmp(argv[i], "--connections") == 0)
			options->connections_max = number(argv[i + 1]);
		else if (strcmp(argv[i], "--operator") == 0)
			options->owner = argv[i + 1];
		else if (strcmp(argv[i], "--script") == 0)
			options->script = read_whole(argv[i + 1]);
		else if (strcmp(argv[i], "--module") == 0)
			options->module = read_whole(argv[i + 1]);
		else if (strcmp(argv[i], "--country") == 0)
			options->country = argv[i + 1];
		else if (strcmp(argv[i], "--contact") == 0)
			options->contact = argv[i + 1];
		else if (strcmp(argv[i], "--authority") == 0)
			options->authority = argv[i + 1];
		else if (strcmp(argv[i], "--block") == 0)
			block_with(options, argv[i + 1]);
	}
}

int main(int argc, char **argv)
{
	struct portal_options options = {
		.listen = "127.0.0.1:0",
		.intake = { NULL, play_file, play_read, play_add, play_withdraw, play_count,
				play_mistake },
	};
	struct portal *portal;
	struct ward_error error;
	sigset_t signals;

	read_options(argc, argv, &options);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	randombytes_buf(options.key, sizeof(options.key));
	if (portal_start(&options, &portal, &error) != WARD_OK) {
		fprintf(stderr, "stage: %s\n", error.message);
		return 2;
	}
	printf("ready %s\n", portal_address(portal));
	fflush(stdout);
	while (sigtimedwait(&signals, NULL, &(struct timespec){ .tv_nsec = TICK_MS * 1000000L }) <
			0)
		portal_tick(portal);
	portal_free(portal);
	free((void *)(uintptr_t)options.script.ptr);
	free((void *)(uintptr_t)options.module.ptr);
	return 0;
}
