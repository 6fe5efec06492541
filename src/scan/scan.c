#include <ward/scan.h>

#include "base/clock.h"
#include "scan/job.h"

#include <unistd.h>

/* Deeper than any honest archive; what options ask for beyond it is cut. */
enum { DEPTH_MAX = 64 };

struct ward_scanner {
	char *worker;
	struct ward_arena arena;
	struct ward_pdq_hasher *hasher;
	struct ward_digester *digester;
	struct ward_sharing_hasher *sharing; /* NULL until that is asked for */
	uint8_t *chunk;
	uint8_t *room; /* to read ahead; NULL until that is asked for */
	uint8_t *canvas;
	size_t canvas_size;
	uint64_t worker_memory;                /* of the job */
	uint64_t boxes_memory;                 /* of the boxes */
	struct ward_box *boxes[DEPTH_MAX + 1]; /* one a depth, made when needed */
	struct ward_report report;
};

struct ward_scan_options ward_scan_options_default(void)
{
	return (struct ward_scan_options){
		.limits = ward_limits_default(),
		.size = WARD_DECODE_FAST,
		.borders = true,
		.archives = true,
		.videos = true,
		.radius = -1,
	};
}

struct ward_scanner *ward_scanner_new(const struct ward_scanner_options *options)
{
	struct ward_scanner *scanner = calloc(1, sizeof(*scanner));
	size_t memory = options && options->memory_max ? options->memory_max : (size_t)256 << 20;

	if (!scanner)
		return NULL;
	ward_arena_init(&scanner->arena, memory);
	scanner->hasher = ward_pdq_hasher_new();
	scanner->digester = ward_digester_new();
	scanner->chunk = malloc(SCAN_CHUNK);
	scanner->worker = options && options->worker ? strdup(options->worker) : NULL;
	if (!scanner->hasher || !scanner->digester || !scanner->chunk ||
			(options && options->worker && !scanner->worker)) {
		ward_scanner_free(scanner);
		return NULL;
	}
	return scanner;
}

void ward_scanner_free(struct ward_scanner *scanner)
{
	if (!scanner)
		return;
	for (size_t i = 0; i <= DEPTH_MAX; i++)
		ward_box_free(scanner->boxes[i]);
	ward_pdq_hasher_free(scanner->hasher);
	ward_digester_free(scanner->digester);
	ward_sharing_hasher_free(scanner->sharing);
	ward_arena_free(&scanner->arena);
	free(scanner->worker);
	free(scanner->chunk);
	free(scanner->room);
	free(scanner->canvas);
	free(scanner);
}

struct ward_pdq_hasher *scanner_hasher(struct ward_scanner *scanner)
{
	return scanner->hasher;
}

struct ward_digester *scanner_digester(struct ward_scanner *scanner)
{
	return scanner->digester;
}

struct ward_sharing_hasher *scanner_sharing(struct ward_scanner *scanner)
{
	if (!scanner->sharing)
		scanner->sharing = ward_sharing_hasher_new();
	return scanner->sharing;
}

uint8_t *scanner_chunk(struct ward_scanner *scanner)
{
	return scanner->chunk;
}

struct ward_box *scanner_box(struct ward_scanner *scanner, uint32_t depth)
{
	struct ward_box **box = &scanner->boxes[depth < DEPTH_MAX ? depth : DEPTH_MAX];

	if (*box && scanner->boxes_memory != scanner->worker_memory) {
		/* The agreed memory is another than when these were made. */
		for (size_t i = 0; i <= DEPTH_MAX; i++) {
			ward_box_free(scanner->boxes[i]);
			scanner->boxes[i] = NULL;
		}
	}
	scanner->boxes_memory = scanner->worker_memory;
	if (!*box)
		*box = ward_box_new(&(struct ward_box_options){
				.worker = scanner->worker,
				.memory_max = scanner->worker_memory,
		});
	return *box;
}

uint8_t *scanner_canvas(struct ward_scanner *scanner, size_t size)
{
	if (size > scanner->canvas_size) {
		free(scanner->canvas);
		scanner->canvas = malloc(size);
		scanner->canvas_size = scanner->canvas ? size : 0;
	}
	return scanner->canvas;
}

/* Does a list hold what only hashing once more could find? */
static bool lists_sharing(const struct ward_bank_view *view)
{
	for (size_t i = 0; view && i < ward_bank_list_count(view); i++) {
		const struct ward_list *list = ward_bank_list(view, i);

		for (unsigned k = 0; k < WARD_SHARING_KINDS; k++) {
			if (ward_list_signals(list, ward_sharing_kind(k)) > 0)
				return true;
		}
	}
	return false;
}

static struct scan_job job_begin(struct ward_scanner *scanner, const struct ward_bank_view *view,
		const struct ward_scan_options *options)
{
	ward_arena_free(&scanner->arena);
	scanner->worker_memory = options->limits.memory_max;
	return (struct scan_job){
		.scanner = scanner,
		.arena = &scanner->arena,
		.view = options->hash_only ? NULL : view,
		.options = options,
		.sharing = options->sharing || (!options->hash_only && lists_sharing(view)),
		.started_us = clock_ticks_us(),
	};
}

static void job_end(struct scan_job *job, const struct ward_policy *policy,
		struct ward_report *report)
{
	scan_sort_findings(&job->findings);
	*report = (struct ward_report){
		.items = job->items.at,
		.item_count = job->items.count,
		.findings = job->findings.at,
		.finding_count = job->findings.count,
		.verdict = ward_policy_judge(policy, job->findings.at, job->findings.count),
		.time_us = clock_ticks_us() - job->started_us,
	};
	ward_hits_free(&job->hits);
}

static ward_err check_call(const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, struct ward_error *error)
{
	if (!policy)
		return ward_fail(error, WARD_E_ARGUMENT, "a scan needs a policy");
	if (!view && !options->hash_only)
		return ward_fail(error, WARD_E_ARGUMENT, "a scan that looks up needs a bank");
	if (options->radius > WARD_PDQ_RADIUS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a radius is at most %d",
				WARD_PDQ_RADIUS_MAX);
	if (options->limits.depth_max > DEPTH_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "depth_max is at most %d", DEPTH_MAX);
	return WARD_OK;
}

static ward_err scan_one(struct ward_scanner *scanner, struct ward_scan_file file,
		const struct scan_ahead *ahead, const struct ward_bank_view *view,
		const struct ward_policy *policy, const struct ward_scan_options *options,
		struct ward_error *error)
{
	struct scan_job job = job_begin(scanner, view, options);
	ward_err err = scan_walk(&job, file, ahead, error);

	if (err)
		ward_hits_free(&job.hits);
	else
		job_end(&job, policy, &scanner->report);
	return err;
}

ward_err ward_scan_fd(struct ward_scanner *scanner, int fd, uint64_t size,
		const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, const struct ward_report **report,
		struct ward_error *error)
{
	ward_err err = check_call(view, policy, options, error);

	if (!err)
		err = scan_one(scanner, (struct ward_scan_file){ fd, size }, NULL, view, policy,
				options, error);
	if (!err)
		*report = &scanner->report;
	return err;
}

ward_err ward_scan_many(struct ward_scanner *scanner, const struct ward_scan_file *files,
		size_t count, const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, ward_scan_told *told, void *context,
		struct ward_error *error)
{
	struct scan_ahead ahead[SCAN_AHEAD_FILES];
	ward_err err = check_call(view, policy, options, error);
	bool go_on = true;

	if (!err && !scanner->room)
		scanner->room = malloc(SCAN_AHEAD_BYTES);
	if (!err && !scanner->room)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to read ahead");
	for (size_t from = 0, some; !err && go_on && from < count; from += some) {
		some = scan_read_ahead(files + from, count - from, scanner->room, ahead);
		for (size_t i = 0; i < some && go_on; i++) {
			struct ward_error trouble = { 0 };
			ward_err failed = scan_one(scanner, files[from + i], &ahead[i], view,
					policy, options, &trouble);

			go_on = told(context, from + i, failed ? NULL : &scanner->report, &trouble);
		}
	}
	return err;
}

ward_err ward_scan_bytes(struct ward_scanner *scanner, ward_bytes bytes,
		const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, const struct ward_report **report,
		struct ward_error *error)
{
	struct ward_error own = { 0 };
	int fd = ward_box_memory(bytes, &own);
	ward_err err;

	if (fd < 0)
		return ward_fail(error, own.code, "%s", own.message);
	err = ward_scan_fd(scanner, fd, bytes.len, view, policy, options, report, error);
	close(fd);
	return err;
}

ward_err ward_scan_image(struct ward_scanner *scanner, const struct ward_image *image,
		const struct ward_bank_view *view, const struct ward_policy *policy,
		const struct ward_scan_options *options, const struct ward_report **report,
		struct ward_error *error)
{
	struct ward_frame frame = { .image = *image, .scale = 1 };
	size_t item = 0;
	ward_err err = check_call(view, policy, options, error);

	if (err)
		return err;
	struct scan_job job = job_begin(scanner, view, options);

	err = scan_add_item(&job, WARD_STR(""), &item, error);
	if (!err) {
		job.items.at[item].facts.width = image->width;
		job.items.at[item].facts.height = image->height;
		err = scan_frame(&job, item, &frame, error);
	}
	if (err) {
		ward_hits_free(&job.hits);
		return err;
	}
	job_end(&job, policy, &scanner->report);
	*report = &scanner->report;
	return WARD_OK;
}
