/* The arena and the growing buffer. */
#include <ward/base.h>

#include <assert.h>
#include <stdarg.h>

struct ward_arena_block {
	struct ward_arena_block *next;
	max_align_t data[];
};

/* Small work fits one block; a large piece gets a block of its own size. */
enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20 };

void ward_arena_init(struct ward_arena *arena, size_t cap)
{
	*arena = (struct ward_arena){ .cap = cap };
}

void ward_arena_free(struct ward_arena *arena)
{
	struct ward_arena_block *block = arena->blocks;

	while (block) {
		struct ward_arena_block *next = block->next;

		free(block);
		block = next;
	}
	ward_arena_init(arena, arena->cap);
}

/* Blocks double, so a long job makes few of them; the cap counts what was taken. */
static bool add_block(struct ward_arena *arena, size_t need)
{
	size_t size = arena->used < BLOCK_MIN ? BLOCK_MIN : arena->used;
	struct ward_arena_block *block;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size > arena->cap - arena->used)
		size = arena->cap - arena->used;
	if (size < need)
		size = need;
	if (size > arena->cap - arena->used || size > SIZE_MAX - sizeof(*block))
		return false;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return false;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->used += size;
	arena->next = (uint8_t *)block->data;
	arena->end = arena->next + size;
	return true;
}

void *ward_arena_alloc(struct ward_arena *arena, size_t count, size_t size)
{
	size_t align = _Alignof(max_align_t);
	size_t need;

	if (ckd_mul(&need, count, size) || ckd_add(&need, need, align - 1))
		return NULL;
	need &= ~(align - 1);
	if (need > (size_t)(arena->end - arena->next) && !add_block(arena, need))
		return NULL;
	if (need == 0) /* a valid pointer to nothing, even in an empty arena */
		return arena->next ? arena->next : (void *)&arena->blocks;

	void *piece = arena->next;

	arena->next += need;
	return memset(piece, 0, need);
}

ward_str ward_arena_str(struct ward_arena *arena, ward_str text)
{
	char *copy = text.len < SIZE_MAX ? ward_arena_alloc(arena, text.len + 1, 1) : NULL;

	if (!copy)
		return (ward_str){ NULL, 0 };
	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return (ward_str){ copy, text.len };
}

char *ward_arena_printf(struct ward_arena *arena, const char *fmt, ...)
{
	va_list args;
	va_list again;
	char *text = NULL;

	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);

	if (len >= 0)
		text = ward_arena_alloc(arena, (size_t)len + 1, 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	va_end(args);
	return text;
}

void ward_buf_init(struct ward_buf *buf, size_t cap)
{
	*buf = (struct ward_buf){ .cap = cap };
}

void ward_buf_free(struct ward_buf *buf)
{
	free(buf->ptr);
	ward_buf_init(buf, buf->cap);
}

void ward_buf_clear(struct ward_buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

/* One byte more than asked, for the NUL that ward_buf_text writes. */
char *ward_buf_reserve(struct ward_buf *buf, size_t len)
{
	size_t need;

	if (buf->failed || ckd_add(&need, buf->len, len) || need > buf->cap || need == SIZE_MAX) {
		buf->failed = true;
		return NULL;
	}
	if (need + 1 > buf->room) {
		size_t room = buf->room < 128 ? 128 : buf->room;

		while (room < need + 1)
			room = room > SIZE_MAX / 2 ? need + 1 : room * 2;
		char *grown = realloc(buf->ptr, room);

		if (!grown) {
			buf->failed = true;
			return NULL;
		}
		buf->ptr = grown;
		buf->room = room;
	}
	return buf->ptr + buf->len;
}

void ward_buf_add(struct ward_buf *buf, const void *bytes, size_t len)
{
	char *at = ward_buf_reserve(buf, len);

	if (at && len > 0) {
		memcpy(at, bytes, len);
		buf->len += len;
	}
}

void ward_buf_str(struct ward_buf *buf, ward_str text)
{
	ward_buf_add(buf, text.ptr, text.len);
}

void ward_buf_char(struct ward_buf *buf, char c)
{
	ward_buf_add(buf, &c, 1);
}

void ward_buf_printf(struct ward_buf *buf, const char *fmt, ...)
{
	va_list args;
	va_list again;

	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	char *at = len < 0 ? NULL : ward_buf_reserve(buf, (size_t)len);

	if (at) {
		vsnprintf(at, (size_t)len + 1, fmt, again);
		buf->len += (size_t)len;
	} else {
		buf->failed = true;
	}
	va_end(again);
	va_end(args);
}

ward_str ward_buf_text(struct ward_buf *buf)
{
	if (!buf->ptr)
		return (ward_str){ "", 0 };
	assert(buf->len < buf->room);
	buf->ptr[buf->len] = '\0';
	return (ward_str){ buf->ptr, buf->len };
}
