#include "decode/rtf_unpack.h"

enum { WINDOW = 4096 };

/* 2.1.2.1: what the window begins with. */
static const char first_words[] =
		"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss "
		"\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
		"{\\colortbl\\red0\\green0\\blue0\r\n\\par "
		"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct unpacking {
	struct ward_reader from;
	struct ward_buf *out;
	uint32_t left; /* bytes that may still come out */
	uint8_t window[WINDOW];
	unsigned at; /* where the next byte is written */
};

static void put(struct unpacking *it, uint8_t byte)
{
	it->window[it->at] = byte;
	it->at = (it->at + 1) % WINDOW;
	ward_buf_char(it->out, (char)byte);
	it->left--;
}

/* 2.2.2: a place in the window and a length; its own place is the end, and false. */
static bool put_again(struct unpacking *it)
{
	uint16_t what = ward_read_u16be(&it->from);
	unsigned from = what >> 4, len = (what & 15u) + 2;

	if (it->from.failed || from == it->at)
		return false;
	for (unsigned i = 0; i < len && it->left > 0; i++)
		put(it, it->window[(from + i) % WINDOW]);
	return true;
}

/* Runs of eight, each with a byte before it whose bits tell which are places. */
static bool unpack(struct unpacking *it)
{
	while (it->left > 0) {
		uint8_t marks = ward_read_u8(&it->from);

		for (unsigned i = 0; i < 8 && it->left > 0; i++) {
			if (marks >> i & 1) {
				if (!put_again(it))
					return !it->from.failed;
				continue;
			}
			uint8_t byte = ward_read_u8(&it->from);

			if (it->from.failed)
				return false;
			put(it, byte);
		}
	}
	return true;
}

bool rtf_unpack(ward_bytes packed, struct ward_buf *out)
{
	struct unpacking it = { .from = ward_reader_from(packed), .out = out };

	(void)ward_read_u32le(&it.from);
	it.left = ward_read_u32le(&it.from);
	uint32_t way = ward_read_u32le(&it.from);

	(void)ward_read_u32le(&it.from);
	if (it.from.failed)
		return false;
	if (way == 0x414c454d) { /* "MELA": as it is */
		size_t len = ward_reader_left(&it.from);

		len = len < it.left ? len : it.left;
		ward_buf_add(out, it.from.next, len);
		return len == it.left && !out->failed;
	}
	memcpy(it.window, first_words, sizeof(first_words) - 1);
	it.at = sizeof(first_words) - 1;
	return way == 0x75465a4c && unpack(&it) && !out->failed; /* "LZFu" */
}
