/*
 * ward-draw - draws the sample pictures of the demo and the tests
 *
 *     ward-draw FOLDER      writes FOLDER/known and FOLDER/samples
 *     ward-draw --one SCENE SEED WIDTH HEIGHT FILE
 *
 * known/ holds lighthouses, the pictures a sample list is made of; samples/
 * holds what an uploads folder may hold: harmless pictures, listed ones and
 * changed copies of them, archives, a broken file, text.  The same call always
 * draws the same.
 */
#include "draw.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>

enum { WIDTH = 640, HEIGHT = 480, KNOWN = 8 };

static const char *const scene_names[SCENE_COUNT] = { "lighthouse", "bridge", "hills", "shapes",
	"city" };

static char place[4096 - 256]; /* the folder */

/* The path of a file below the folder; valid until the call after the next three. */
static const char *below(const char *fmt, ...) WARD_PRINTF(1, 2);

static const char *below(const char *fmt, ...)
{
	static char paths[4][4096];
	static int next;
	char *path = paths[next++ % 4];
	int len = snprintf(path, sizeof(paths[0]), "%s/", place);
	va_list args;

	va_start(args, fmt);
	vsnprintf(path + len, sizeof(paths[0]) - (size_t)len, fmt, args);
	va_end(args);
	return path;
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		draw_fail("cannot be made", path);
	errno = 0;
}

static void write_any(const char *path, const struct picture *picture)
{
	const char *dot = strrchr(path, '.');

	if (dot && strcmp(dot, ".png") == 0)
		write_png(path, picture);
	else if (dot && strcmp(dot, ".webp") == 0)
		write_webp(path, picture, 80);
	else if (dot && strcmp(dot, ".gif") == 0)
		write_gif(path, picture, 1);
	else if (dot && strcmp(dot, ".bmp") == 0)
		write_bmp(path, picture);
	else if (dot && strcmp(dot, ".tiff") == 0)
		write_tiff(path, picture);
	else
		write_jpeg(path, picture, 88, false, 0);
}

static struct picture known(int number)
{
	return picture_draw(SCENE_LIGHTHOUSE, (unsigned)number, WIDTH, HEIGHT);
}

static void draw_known(void)
{
	make_folder(below("known"));
	for (int i = 1; i <= KNOWN; i++) {
		struct picture picture = known(i);

		write_png(below("known/lighthouse-%d.png", i), &picture);
		picture_free(&picture);
	}
}

static void draw_harmless(void)
{
	static const char *const kinds[] = { "jpg", "png", "webp", "gif", "bmp", "tiff" };

	for (int i = 0; i < 36; i++) {
		int scene = SCENE_BRIDGE + i % (SCENE_COUNT - 1);
		struct picture picture = picture_draw((enum scene)scene, (unsigned)(100 + i),
				WIDTH - 40 * (i % 5), HEIGHT - 30 * (i % 4));

		write_any(below("samples/%s-%d.%s", scene_names[scene], i, kinds[i % 6]), &picture);
		picture_free(&picture);
	}
}

/* One changed copy of a listed picture. */
struct change {
	const char *file;
	int number;
	struct picture (*with_amount)(const struct picture *, int);
	struct picture (*plain)(const struct picture *);
	int amount;
};

static struct picture smaller(const struct picture *from, int percent)
{
	return picture_scale(from, from->width * percent / 100, from->height * percent / 100);
}

static struct picture brighter(const struct picture *from, int brightness)
{
	return picture_light(from, 90, brightness);
}

static const struct change changes[] = {
	{ "samples/holiday/IMG_0001.jpg", 1, smaller, NULL, 50 },
	{ "samples/holiday/IMG_0002.webp", 2, smaller, NULL, 75 },
	{ "samples/holiday/IMG_0003.jpg", 3, picture_crop, NULL, 2 },
	{ "samples/holiday/IMG_0004.png", 4, brighter, NULL, 25 },
	{ "samples/holiday/IMG_0005.jpg", 5, NULL, picture_grey, 0 },
	{ "samples/holiday/IMG_0006.gif", 6, smaller, NULL, 60 },
	{ "samples/holiday/IMG_0007.jpg", 7, picture_grain, NULL, 20 },
	{ "samples/holiday/IMG_0008.tiff", 8, picture_frame, NULL, 1 },
	{ "samples/holiday/turned.png", 1, NULL, picture_turn, 0 },
	{ "samples/holiday/mirrored.jpg", 2, NULL, picture_mirror, 0 },
};

static void draw_changed(void)
{
	make_folder(below("samples/holiday"));
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		const struct change *change = changes + i;
		struct picture picture = known(change->number);
		struct picture copy = change->plain ? change->plain(&picture)
						    : change->with_amount(&picture, change->amount);

		write_any(below("%s", change->file), &copy);
		picture_free(&copy);
		picture_free(&picture);
	}
}

/* What is not one plain picture in one plain file. */
static void draw_special(void)
{
	static const char note[] = "The keeper climbs 199 steps each evening.\n";
	struct picture one = known(3), frames[3];

	write_png(below("samples/copy.png"), &one);
	write_jpeg(below("samples/recompressed.jpg"), &one, 30, true, 0);
	write_jpeg(below("samples/phone.jpg"), &one, 85, false, 6);
	write_bytes(below("samples/notes.txt"), note, sizeof(note) - 1);

	for (int i = 0; i < 3; i++)
		frames[i] = i == 1 ? known(5)
				   : picture_draw(SCENE_HILLS, (unsigned)i, WIDTH, HEIGHT);
	write_gif(below("samples/animation.gif"), frames, 3);
	for (int i = 0; i < 3; i++)
		picture_free(&frames[i]);

	const char *files[] = { below("samples/recompressed.jpg"), below("samples/notes.txt") };

	write_archive(below("samples/album.zip"), files, 2);
	write_archive(below("samples/backup.tar.gz"), files, 2);
	picture_free(&one);
}

/* The first half of a good file. */
static void draw_broken(void)
{
	const char *path = below("samples/recompressed.jpg");
	static uint8_t bytes[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t len = file ? fread(bytes, 1, sizeof(bytes), file) : 0;

	if (len == 0)
		draw_fail("cannot be read", path);
	fclose(file);
	write_bytes(below("samples/broken.jpg"), bytes, len / 2);
}

static int draw_one(char **args)
{
	int64_t seed, width, height;
	int scene = 0;

	while (scene < SCENE_COUNT && strcmp(scene_names[scene], args[0]) != 0)
		scene++;
	if (scene == SCENE_COUNT || !ward_i64_parse(ward_str_from(args[1]), &seed) ||
			!ward_i64_parse(ward_str_from(args[2]), &width) ||
			!ward_i64_parse(ward_str_from(args[3]), &height) || width < 1 ||
			height < 1 || width > 30000 || height > 30000)
		return 2;
	struct picture picture =
			picture_draw((enum scene)scene, (unsigned)seed, (int)width, (int)height);

	write_any(args[4], &picture);
	picture_free(&picture);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 7 && strcmp(argv[1], "--one") == 0)
		return draw_one(argv + 2);
	if (argc != 2 || argv[1][0] == '-' || strlen(argv[1]) >= sizeof(place)) {
		fprintf(stderr, "usage: ward-draw FOLDER\n"
				"       ward-draw --one SCENE SEED WIDTH HEIGHT FILE\n");
		return 2;
	}
	snprintf(place, sizeof(place), "%s", argv[1]);
	make_folder(place);
	make_folder(below("samples"));
	draw_known();
	draw_harmless();
	draw_changed();
	draw_special();
	draw_broken();
	return 0;
}
