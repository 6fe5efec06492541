/*
 * hash_bench PART [FOLDER] - how fast fingerprints are, and how near the fast ones come
 *
 *   pixels   a drawn picture of 512x512, in memory: ward's codes and the reference arithmetic
 *   jpeg     a drawn JPEG of 12 megapixels: decoding alone, and with each hash, end to end
 *   near     distance of the fast look-up hash to the exact one, over the golden set in
 *            $WARD_GOLDEN: its JPEGs as they are, and enlarged to 4000 pixels
 *   digests  MD5, SHA-1 and SHA-256 of 64 MB, woven and by OpenSSL
 *   write    writes into FOLDER, for other engines: pixels.rgb (the picture of `pixels`),
 *            large.jpg (that of `jpeg`) and upload.jpg (of about 100 kB)
 *
 * Prints one JSON line for each engine.  Engines take turns, so that a busy
 * machine slows all of them; a time is the median of the rounds.
 */
#include "base/file.h"
#include "jpeg.h"
#include "reference.h"

#include <openssl/crypto.h>
#include <time.h>
#include <ward/sharing.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static _Noreturn void stop(const char *why)
{
	fprintf(stderr, "hash_bench: %s\n", why);
	exit(2);
}

static struct ward_pdq_hasher *hasher;

static struct ward_pdq_result hash(const struct ward_image *image, ward_pdq_path path)
{
	struct ward_pdq_result result;
	struct ward_error error;

	if (ward_pdq_hash(hasher, image, path, &result, &error))
		stop(error.message);
	return result;
}

/* The hash of a picture decoded to 1/scale of `full`. */
static struct ward_pdq_result hash_reduced(const struct ward_image *image, int scale,
		const struct ward_image *full)
{
	struct ward_reduced_image reduced = { *image, (uint32_t)scale, full->width, full->height };
	struct ward_pdq_result result;
	struct ward_error error;

	if (ward_pdq_hash_reduced(hasher, &reduced, &result, &error))
		stop(error.message);
	return result;
}

/* ---- rounds ---- */

#define ROUNDS_MAX  31
#define ENGINES_MAX 8

struct engine {
	const char *name;
	const char *code; /* for ward_hash_cpu_limit; NULL is the best */
	void (*run)(void);
	uint64_t ns[ROUNDS_MAX];
};

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* Each engine `times` times a round; prints the median of one time, behind what `more` says. */
static void take_turns(const char *part, struct engine *engines, int count, int rounds, int times,
		const char *more)
{
	for (int round = -1; round < rounds; round++) {
		for (int i = 0; i < count; i++) {
			if (!ward_hash_cpu_limit(engines[i].code))
				continue;
			uint64_t start = now_ns();

			for (int k = 0; k < times; k++)
				engines[i].run();
			if (round >= 0) /* the first warms up */
				engines[i].ns[round] = (now_ns() - start) / (uint64_t)times;
		}
	}
	ward_hash_cpu_limit(NULL);
	for (int i = 0; i < count; i++) {
		qsort(engines[i].ns, (size_t)rounds, sizeof(uint64_t), by_value);
		if (engines[i].ns[rounds / 2] > 0)
			printf("{\"bench\":\"hash\",\"part\":\"%s\",\"engine\":\"%s\",\"ms\":%.4f,"
			       "\"rounds\":%d%s}\n",
					part, engines[i].name,
					(double)engines[i].ns[rounds / 2] / 1e6, rounds, more);
	}
	fflush(stdout);
}

/* ---- a drawn picture ---- */

static uint32_t mix(uint32_t x, uint32_t y)
{
	uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u;

	h = (h ^ h >> 15) * 0x2c1b3c6du;
	h = (h ^ h >> 12) * 0x297a2d39u;
	return h ^ h >> 15;
}

/* Noise that is smooth over `cell` pixels, 0..255. */
static int smooth(uint32_t x, uint32_t y, uint32_t cell)
{
	int fx = (int)(x % cell * 256 / cell), fy = (int)(y % cell * 256 / cell);
	uint32_t i = x / cell, j = y / cell;
	int top = (int)(mix(i, j) & 255) * (256 - fx) + (int)(mix(i + 1, j) & 255) * fx;
	int low = (int)(mix(i, j + 1) & 255) * (256 - fx) + (int)(mix(i + 1, j + 1) & 255) * fx;

	return (top / 256 * (256 - fy) + low / 256 * fy) / 256;
}

/* A lighthouse over the sea under clouds, with grain, in any size. */
static uint8_t *draw(uint32_t width, uint32_t height)
{
	uint8_t *pixels = malloc((size_t)width * height * 3), *at = pixels;

	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++, at += 3) {
			int cloud = smooth(x, y, width / 7) / 2 + smooth(x, y, width / 31) / 3 +
				    smooth(x, y, 13) / 9 + (int)(mix(x, y) & 63);
			bool sea = y > height * 2 / 3;
			bool tower = x > width * 3 / 8 && x < width / 2 && y > height / 4;
			int base = tower ? (y / (height / 12) % 2 ? 150 : 40) : sea ? 20 : 90;

			at[0] = (uint8_t)(base + cloud / 2);
			at[1] = (uint8_t)(base + cloud / 2 + (sea ? 20 : 10));
			at[2] = (uint8_t)(base + cloud / 3 + (tower ? 0 : 60));
		}
	}
	return pixels;
}

/* ---- pixels ---- */

static struct ward_image small_image;
static struct reference *reference;
static struct ward_pdq_result ward_says, reference_says;

static void run_ward(void)
{
	ward_says = hash(&small_image, WARD_PDQ_FULL);
}

static void run_reference(void)
{
	reference_says = reference_hash(reference, &small_image);
}

static void run_looks(void)
{
	ward_pdq all[WARD_DIHEDRAL_COUNT];
	int quality;

	if (ward_pdq_hash_dihedral(hasher, &small_image, WARD_PDQ_FULL, all, &quality, NULL))
		stop("no memory");
}

static void draw_small(void)
{
	small_image = (struct ward_image){ draw(512, 512), 512 * 3, 512, 512, 3 };
}

static void measure_pixels(void)
{
	struct engine engines[] = {
		{ .name = "ward", .run = run_ward },
		{ .name = "ward avx512", .code = "avx512", .run = run_ward },
		{ .name = "ward avx2", .code = "avx2", .run = run_ward },
		{ .name = "ward neon", .code = "neon", .run = run_ward },
		{ .name = "ward plain", .code = "plain", .run = run_ward },
		{ .name = "ward 8 looks", .run = run_looks },
		{ .name = "reference", .run = run_reference },
	};
	char more[80];

	draw_small();
	reference = reference_new(512, 512);
	run_ward();
	run_reference();
	snprintf(more, sizeof(more), ",\"cpu\":\"%s\",\"differing_bits\":%d", ward_hash_cpu(),
			ward_pdq_distance(ward_says.hash, reference_says.hash));
	take_turns("pixels", engines, sizeof(engines) / sizeof(*engines), 15, 20, more);
	reference_free(reference);
	free((void *)(uintptr_t)small_image.pixels);
}

/* ---- a large JPEG ---- */

#define LARGE_WIDTH  4000
#define LARGE_HEIGHT 3000

static struct jpeg_memory large;
static struct jpeg_picture decoded;

static struct jpeg_memory draw_jpeg(uint32_t width, uint32_t height)
{
	uint8_t *pixels = draw(width, height);
	struct jpeg_memory jpeg = jpeg_encode(&(struct ward_image){ pixels, (size_t)width * 3,
							      width, height, 3 },
			85);

	free(pixels);
	return jpeg;
}

static void run_decode(void)
{
	jpeg_decode(&large, 1, &decoded);
}

static void run_pdq512(void)
{
	run_decode();
	hash(&decoded.image, WARD_PDQ_512);
}

static void run_pdq(void)
{
	run_decode();
	hash(&decoded.image, WARD_PDQ_FULL);
}

static void run_fast(void)
{
	int scale = jpeg_fast_scale(LARGE_WIDTH, LARGE_HEIGHT);

	jpeg_decode(&large, scale, &decoded);
	hash_reduced(&decoded.image, scale,
			&(struct ward_image){ .width = LARGE_WIDTH, .height = LARGE_HEIGHT });
}

static void measure_jpeg(void)
{
	struct engine engines[] = {
		{ .name = "full decode", .run = run_decode },
		{ .name = "pdq512", .run = run_pdq512 },
		{ .name = "pdq", .run = run_pdq },
		{ .name = "fast", .run = run_fast },
	};
	char more[200];

	large = draw_jpeg(LARGE_WIDTH, LARGE_HEIGHT);
	snprintf(more, sizeof(more),
			",\"bytes\":%zu,\"fast_scale\":%d,\"cpu\":\"%s\",\"decoder\":\"%s\"",
			large.len, jpeg_fast_scale(LARGE_WIDTH, LARGE_HEIGHT), ward_hash_cpu(),
			jpeg_version());
	take_turns("jpeg", engines, sizeof(engines) / sizeof(*engines), 11, 1, more);
	jpeg_memory_free(&large);
	jpeg_picture_free(&decoded);
}

/* ---- for other engines ---- */

static void write_file(const char *folder, const char *name, ward_bytes content)
{
	char path[4096];
	struct ward_error error;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (file_replace(path, content, 0600, &error))
		stop(error.message);
}

/* The smallest drawn picture of 4:3 whose JPEG has `len` bytes or more. */
static struct jpeg_memory draw_jpeg_of(size_t len)
{
	uint32_t width = 320;
	struct jpeg_memory jpeg = draw_jpeg(width, width * 3 / 4);

	while (jpeg.len < len) {
		jpeg_memory_free(&jpeg);
		width += 32;
		jpeg = draw_jpeg(width, width * 3 / 4);
	}
	return jpeg;
}

static void write_pictures(const char *folder)
{
	struct jpeg_memory upload = draw_jpeg_of(100000);

	large = draw_jpeg(LARGE_WIDTH, LARGE_HEIGHT);
	draw_small();
	write_file(folder, "pixels.rgb", (ward_bytes){ small_image.pixels, (size_t)512 * 512 * 3 });
	write_file(folder, "large.jpg", (ward_bytes){ large.ptr, large.len });
	write_file(folder, "upload.jpg", (ward_bytes){ upload.ptr, upload.len });
	free((void *)(uintptr_t)small_image.pixels);
	jpeg_memory_free(&large);
	jpeg_memory_free(&upload);
}

/* ---- fast beside exact ---- */

struct distances {
	const char *name;
	int pictures;
	int scaled; /* of which the fast path decoded smaller */
	int sum;
	int most;
	int over; /* above 6 bits */
};

static void compare(struct distances *distances, const struct jpeg_memory *jpeg)
{
	static struct jpeg_picture exact, fast;

	jpeg_decode(jpeg, 1, &exact);
	struct ward_pdq_result want = hash(&exact.image, WARD_PDQ_FULL);
	int scale = jpeg_fast_scale(exact.image.width, exact.image.height);

	if (want.quality < WARD_PDQ_QUALITY_MIN)
		return;
	distances->pictures++;
	if (scale == 1)
		return;
	jpeg_decode(jpeg, scale, &fast);
	struct ward_pdq_result got = hash_reduced(&fast.image, scale, &exact.image);
	int bits = ward_pdq_distance(want.hash, got.hash);

	distances->scaled++;
	distances->sum += bits;
	distances->over += bits > 6;
	distances->most = bits > distances->most ? bits : distances->most;
}

/* To `width` pixels, linearly between its own, with a little grain as a camera's. */
static uint8_t *enlarge(const struct ward_image *image, uint32_t width, uint32_t height)
{
	uint8_t *pixels = malloc((size_t)width * height * 3), *at = pixels;

	for (uint32_t y = 0; y < height; y++) {
		uint64_t v = (uint64_t)y * (image->height - 1) * 256 / height;
		const uint8_t *top = image->pixels + v / 256 * image->stride;
		const uint8_t *low = top + image->stride;
		int fy = (int)(v % 256);

		for (uint32_t x = 0; x < width; x++, at += 3) {
			uint64_t u = (uint64_t)x * (image->width - 1) * 256 / width;
			size_t left = u / 256 * image->channels, right = left + image->channels;
			int fx = (int)(u % 256), grain = (int)(mix(x, y) % 9) - 4;

			for (uint32_t c = 0; c < 3; c++) {
				uint32_t k = image->channels == 3 ? c : 0;
				int a = top[left + k] * (256 - fx) + top[right + k] * fx;
				int b = low[left + k] * (256 - fx) + low[right + k] * fx;
				int sum = (a / 256 * (256 - fy) + b / 256 * fy) / 256 + grain;

				at[c] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
			}
		}
	}
	return pixels;
}

static void compare_enlarged(struct distances *distances, const struct jpeg_memory *jpeg)
{
	static struct jpeg_picture picture;
	struct jpeg_memory made;

	jpeg_decode(jpeg, 1, &picture);
	uint32_t wide = picture.image.width, high = picture.image.height;
	uint32_t longer = wide > high ? wide : high;
	uint32_t width = (uint32_t)((uint64_t)wide * 4000 / longer);
	uint32_t height = (uint32_t)((uint64_t)high * 4000 / longer);

	if (wide < 2 || high < 2 || longer > 4000)
		return;
	uint8_t *pixels = enlarge(&picture.image, width, height);

	made = jpeg_encode(&(struct ward_image){ pixels, (size_t)width * 3, width, height, 3 }, 85);
	free(pixels);
	compare(distances, &made);
	jpeg_memory_free(&made);
}

static void print_distances(const struct distances *distances)
{
	printf("{\"bench\":\"hash\",\"part\":\"near\",\"set\":\"%s\",\"pictures\":%d,\"scaled\":%d,"
	       "\"mean_bits\":%.3f,\"most_bits\":%d,\"above_6\":%d}\n",
			distances->name, distances->pictures, distances->scaled,
			distances->scaled ? (double)distances->sum / distances->scaled : 0.0,
			distances->most, distances->over);
}

static void measure_near(void)
{
	struct distances as_is = { .name = "golden" }, enlarged = { .name = "golden, enlarged" };
	const char *folder = getenv("WARD_GOLDEN");
	struct file_map table, map;
	struct ward_error error;
	char path[4096];

	snprintf(path, sizeof(path), "%s/golden.tsv", folder ? folder : ".");
	if (file_map_open(path, &table, &error)) {
		printf("{\"bench\":\"hash\",\"part\":\"near\",\"skipped\":\"no golden data at "
		       "$WARD_GOLDEN\"}\n");
		return;
	}
	ward_str text = { (const char *)table.ptr, table.len };

	while (text.len > 0) {
		ward_str line = ward_str_cut(&text, '\n'), name = ward_str_cut(&line, '\t');

		if (!ward_str_ends(name, WARD_STR(".jpg")))
			continue;
		snprintf(path, sizeof(path), "%s/%.*s", folder, WARD_FMT(name));
		if (file_map_open(path, &map, &error))
			continue;
		compare(&as_is, &(struct jpeg_memory){ (uint8_t *)(uintptr_t)map.ptr, map.len });
		compare_enlarged(&enlarged,
				&(struct jpeg_memory){ (uint8_t *)(uintptr_t)map.ptr, map.len });
		file_map_close(&map);
	}
	file_map_close(&table);
	print_distances(&as_is);
	print_distances(&enlarged);
}

/* ---- digests ---- */

#define DIGESTED ((size_t)64 << 20)
#define CHUNK    ((size_t)256 << 10) /* as a scan reads */

static uint8_t *digested;

static void run_digests(void)
{
	struct ward_digester *digester = ward_digester_new();
	struct ward_digests digests;

	for (size_t done = 0; done < DIGESTED; done += CHUNK)
		ward_digester_update(digester, (ward_bytes){ digested + done, CHUNK });
	ward_digester_finish(digester, &digests);
	ward_digester_free(digester);
}

/* As many inputs of 4 kB to 1 MB as there is room for: a folder of small files. */
static void run_many(void)
{
	static struct ward_digests digests[4096];
	static ward_bytes inputs[4096];
	size_t count = 0, done = 0;

	for (uint32_t i = 0; done < DIGESTED; i++) {
		size_t len = (size_t)4096 << mix(i, 1) % 9;

		len = len < DIGESTED - done ? len : DIGESTED - done;
		inputs[count++] = (ward_bytes){ digested + done, len };
		done += len;
	}
	if (ward_digest_many(inputs, count, digests))
		stop("no memory");
}

/* ed2k, AICH, TTH and BitTorrent v2's root, in place of the three. */
static void run_sharing(void)
{
	struct ward_sharing_hasher *sharer = ward_sharing_hasher_new();
	struct ward_sharing_hashes hashes;

	if (!sharer)
		stop("no memory");
	for (size_t done = 0; done < DIGESTED; done += CHUNK)
		ward_sharing_hasher_update(sharer, (ward_bytes){ digested + done, CHUNK });
	ward_sharing_hasher_finish(sharer, &hashes);
	ward_sharing_hasher_free(sharer);
}

static void measure_digests(void)
{
	struct engine engines[] = {
		{ .name = "ward", .run = run_digests },
		{ .name = "openssl", .code = "plain", .run = run_digests },
		{ .name = "ward, many files", .run = run_many },
		{ .name = "ward, many files, avx2", .code = "avx2", .run = run_many },
		{ .name = "file-sharing hashes", .run = run_sharing },
	};
	char more[120];

	digested = malloc(DIGESTED);
	for (size_t i = 0; i < DIGESTED; i++)
		digested[i] = (uint8_t)mix((uint32_t)i, 0);
	snprintf(more, sizeof(more), ",\"bytes\":%zu,\"version\":\"%s\"", DIGESTED,
			OpenSSL_version(OPENSSL_VERSION));
	take_turns("digests", engines, sizeof(engines) / sizeof(*engines), 7, 1, more);
	free(digested);
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";

	hasher = ward_pdq_hasher_new();
	if (!hasher)
		stop("no memory");
	if (strcmp(part, "pixels") == 0)
		measure_pixels();
	else if (strcmp(part, "jpeg") == 0)
		measure_jpeg();
	else if (strcmp(part, "near") == 0)
		measure_near();
	else if (strcmp(part, "digests") == 0)
		measure_digests();
	else if (strcmp(part, "write") == 0 && argc == 3)
		write_pictures(argv[2]);
	else
		stop("usage: hash_bench pixels|jpeg|near|digests, or write FOLDER");
	ward_pdq_hasher_free(hasher);
	return 0;
}
