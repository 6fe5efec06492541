#include "live/live_source.h"

#include <errno.h>
#include <libavutil/avstring.h>
#include <unistd.h>

#include "base/clock.h"
#include "live/live_ask.h"
#include "live/live_crypt.h"
#include "live/live_manifest.h"

#define PIECE_BYTES 32768

/* No honest live playlist is larger, by far. */
#define PLAYLIST_MAX ((uint64_t)4 << 20)

/* Something read from a descriptor, once, to its end; or from `text`, with -1. */
struct source {
	int fd;
	char *text;
	size_t text_len, text_at;
	bool begun;
	uint64_t left;
	struct live_crypt *crypt;      /* of a piece that is encrypted; else NULL */
	uint8_t head[WARD_MEDIA_HEAD]; /* read before it was known what it is */
	size_t head_len, head_at;
};

/* ---- bytes ---- */

static int read_some(struct source *source, uint8_t *to, size_t room)
{
	ssize_t got;

	if (source->head_at < source->head_len) {
		size_t len = source->head_len - source->head_at;

		len = len < room ? len : room;
		memcpy(to, source->head + source->head_at, len);
		source->head_at += len;
		return (int)len;
	}
	if (source->text) {
		size_t len = source->text_len - source->text_at;

		len = len < room ? len : room;
		memcpy(to, source->text + source->text_at, len);
		source->text_at += len;
		return (int)len;
	}
	do
		got = read(source->fd, to, room);
	while (got < 0 && errno == EINTR);
	return got > 0 ? (int)got : 0;
}

static size_t read_sealed(void *context, uint8_t *to, size_t room)
{
	return (size_t)read_some(context, to, room);
}

static int read_piece(void *context, uint8_t *to, int room)
{
	struct source *source = context;
	int got = source->crypt ? (int)live_crypt_some(source->crypt, read_sealed, source, to,
						  (size_t)room)
				: read_some(source, to, (size_t)room);

	if (got <= 0)
		return AVERROR_EOF;
	/* No container begins so. */
	if (!source->begun && to[0] == '#')
		source->left = PLAYLIST_MAX;
	source->begun = true;
	if ((uint64_t)got > source->left)
		return AVERROR(EFBIG);
	source->left -= (uint64_t)got;
	return got;
}

static void free_io(AVIOContext *io)
{
	struct source *source = io ? io->opaque : NULL;

	if (!source)
		return;
	if (source->fd >= 0)
		close(source->fd);
	live_crypt_free(source->crypt);
	free(source->text);
	free(source);
	av_freep(&io->buffer);
	avio_context_free(&io);
}

static AVIOContext *make_io(const char *address, uint64_t from, uint64_t until)
{
	struct source *source = calloc(1, sizeof(*source));
	uint8_t *piece = av_malloc(PIECE_BYTES);
	AVIOContext *io = NULL;

	if (source && piece) {
		source->left = UINT64_MAX;
		source->fd = live_ask_open(address, from, until);
		if (source->fd >= 0)
			io = avio_alloc_context(piece, PIECE_BYTES, 0, source, read_piece, NULL,
					NULL);
		if (source->fd >= 0 && !io)
			close(source->fd);
	}
	if (!io) {
		free(source);
		av_free(piece);
		return NULL;
	}
	io->seekable = 0;
	return io;
}

/* ---- manifests ---- */

/* The one stream's: the address at which there is a manifest and no playlist, if so. */
static struct {
	bool given;
	char address[LIVE_TEXT_MAX + 1];
	struct live_manifest_state state;
} dash;

/* The manifest that is read becomes the playlist that it stands for. */
static ward_err translate(AVIOContext *io, struct ward_error *error)
{
	struct source *source = io->opaque;
	struct ward_buf text, playlist;
	uint8_t piece[4096];
	int got;

	ward_buf_init(&text, PLAYLIST_MAX);
	ward_buf_init(&playlist, PLAYLIST_MAX);
	while (!text.failed && (got = read_some(source, piece, sizeof(piece))) > 0)
		ward_buf_str(&text, (ward_str){ (const char *)piece, (size_t)got });
	ward_err err = text.failed ? ward_fail(error, WARD_E_LIMIT, "the manifest is too large")
				   : live_manifest((ward_bytes){ (const uint8_t *)text.ptr,
								   text.len },
						     dash.address, clock_now(), &dash.state,
						     &playlist, error);

	ward_buf_free(&text);
	if (!err) {
		source->text = malloc(playlist.len + 1);
		source->text_len = playlist.len;
		if (source->text)
			memcpy(source->text, playlist.ptr, playlist.len);
		else
			err = ward_fail(error, WARD_E_NOMEM, "no memory for the stream");
	}
	ward_buf_free(&playlist);
	return err;
}

/* ---- what playlists name ---- */

static bool is_web(const char *address)
{
	return av_strstart(address, "http://", NULL) || av_strstart(address, "https://", NULL);
}

static uint64_t number_of(AVDictionary *options, const char *name)
{
	const AVDictionaryEntry *entry = av_dict_get(options, name, NULL, 0);
	uint64_t number = 0;

	return entry && ward_u64_parse(ward_str_from(entry->value), &number) ? number : 0;
}

/* The reader of HLS gives the key that it was given, for a piece that its playlist calls encrypted.
 */
static bool decrypt(AVIOContext *io, AVDictionary *options)
{
	const AVDictionaryEntry *key = av_dict_get(options, "key", NULL, 0);
	const AVDictionaryEntry *iv = av_dict_get(options, "iv", NULL, 0);
	struct source *source = io->opaque;

	source->crypt = live_crypt_new(key ? key->value : NULL, iv ? iv->value : NULL);
	return source->crypt != NULL;
}

/* For what a playlist names.  There is nothing but the web, and nothing is written. */
static int open_named(AVFormatContext *format, AVIOContext **io, const char *address, int flags,
		AVDictionary **options)
{
	AVDictionary *given = options ? *options : NULL;
	bool encrypted = av_strstart(address, "crypto+", &address);

	(void)format;
	if ((flags & AVIO_FLAG_WRITE) || !is_web(address))
		return AVERROR(EACCES);
	*io = make_io(address, number_of(given, "offset"), number_of(given, "end_offset"));
	bool is_dash = *io && dash.given && strcmp(address, dash.address) == 0;

	if (*io && ((encrypted && !decrypt(*io, given)) ||
				   (is_dash && translate(*io, &(struct ward_error){ 0 }) !=
								   WARD_OK))) {
		free_io(*io);
		*io = NULL;
	}
	return *io ? 0 : AVERROR(EIO);
}

static void close_named(AVFormatContext *format, AVIOContext *io)
{
	(void)format;
	free_io(io);
}

static int close_named_too(AVFormatContext *format, AVIOContext *io)
{
	close_named(format, io);
	return 0;
}

void live_source_serve(AVFormatContext *format)
{
	format->io_open = open_named;
	format->io_close = close_named;
	format->io_close2 = close_named_too;
}

/* ---- the stream's own address ---- */

AVIOContext *live_source_open(const char *address)
{
	return make_io(address, 0, 0);
}

ward_bytes live_source_head(AVIOContext *io)
{
	struct source *source = io->opaque;

	while (source->head_len < sizeof(source->head)) {
		ssize_t got = read(source->fd, source->head + source->head_len,
				sizeof(source->head) - source->head_len);

		if (got <= 0)
			break;
		source->head_len += (size_t)got;
	}
	return (ward_bytes){ source->head, source->head_len };
}

ward_err live_source_is_manifest(AVIOContext *io, const char *address, struct ward_error *error)
{
	dash.given = true;
	snprintf(dash.address, sizeof(dash.address), "%s", address);
	return translate(io, error);
}
