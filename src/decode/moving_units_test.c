/*
 * What a packet of H.264 or H.265 says of its picture, and which packets there is no answer of:
 * those by which a picture would be hidden from whoever leaves pictures out, and not from players.
 */
#include "decode/moving_units.h"

#include <stdio.h>

#include "base/test.h"

/* Records with lengths of one byte: parameters that count to 16, of whole pictures. */
#define H264 "0142001efce100086742001eda08368001000468ce3880"
/* Of pictures that may be fields. */
#define FIELDS "0142001efce100086742001eda08328001000468ce3880"
#define H265                                           \
	"01000000000000000000000000000000000000000000" \
	"012200010004440101c1"

enum { BYTES_MAX = 64 };

/* Units in hexadecimal, "|" between packets; of each: (I) anew, (P) used, (b) spare, (C) silent. */
struct row {
	const char *what, *record, *packets;
	const char *kinds; /* as far as there is an answer */
};

static const struct row rows[] = {
	/* H.264: 65 begins anew, 41 is used, 01 is not; its number stands in the third byte */
	{ "pictures", H264, "65888080|41888880|01889080|01889080|41889080", "IPbbP" },
	{ "one of two slices", H264, "65888080|41888880 414223", "IP" },
	{ "two pictures in a packet", H264, "65888080|01888880 01888880", "I" },
	{ "half a picture", H264, "65888080|414223", "I" },
	{ "slices of which one is used", H264, "65888080|41888880 014223", "I" },
	{ "slices of two pictures", H264, "65888080|41888880 414225", "I" },
	{ "a gap before one that is not used", H264, "65888080|41888880|0188a080", "IP" },
	{ "its number from before", H264, "65888080|41888880|01888880", "IP" },
	{ "nothing begins", H264, "41888880", "" },
	{ "one that begins and is not used", H264, "05888080", "" },
	{ "parameters again", H264, "65888080|6742001eda083680 68ce3880 41888880", "IP" },
	{ "other parameters", H264, "65888080|68ce3881 41888880", "I" },
	{ "the end of a sequence", H264, "65888080|41888880 0a80", "I" },
	{ "a slice in parts", H264, "65888080|02888880", "I" },
	{ "another view", H264, "65888080|41888880 14888880", "I" },
	{ "times and fillers", H264, "65888080|0910 0c80 0601010080 41888880", "IP" },
	{ "grain that lasts", H264, "65888080|0601010013010080 41888880", "I" },
	{ "x264 at first", H264, "0605047832363480 65888080|41888880", "IP" },
	{ "x264 later on", H264, "65888080|0605047832363480 41888880", "I" },
	{ "a unit that is cut off", H264, "65888080|4188888080|9", "IP" },
	{ "whole pictures", FIELDS, "65888080|41888880", "IP" },
	{ "fields", FIELDS, "65888080|41888c80", "I" },
	/* H.265: its kind is half of the first byte */
	{ "pictures", H265, "26018000|02018000|00018000|2a018000", "IPbC" },
	{ "one of two slices", H265, "26018000 26010000|02018000", "IP" },
	{ "two pictures in a packet", H265, "26018000|00018000 00018000", "I" },
	{ "half a picture", H265, "26018000|00010000", "I" },
	{ "slices of two kinds", H265, "26018000|02018000 00010000", "I" },
	{ "one that may lack what is before it", H265, "2a018000", "" },
	{ "one that breaks off what is before it", H265, "26018000|20018000", "I" },
	{ "parameters again", H265, "26018000|440101c1 02018000", "IP" },
	{ "other parameters", H265, "26018000|440101c2 02018000", "I" },
	{ "the end of a sequence", H265, "26018000|02018000 480100", "I" },
	{ "another view", H265, "26018000|02098000", "I" },
	{ "Dolby's", H265, "26018000|02018000 7c0119", "IP" },
	{ "grain that lasts", H265, "26018000|4e0113010080 02018000", "I" },
};

/* A row that is none is empty. */
static ward_bytes bytes_of(ward_str hex, uint8_t *room)
{
	bool good = hex.len / 2 <= BYTES_MAX && ward_hex_parse(hex, room, hex.len / 2);

	return (ward_bytes){ room, good ? hex.len / 2 : 0 };
}

static ward_bytes packet_of(ward_str units, uint8_t *room)
{
	size_t len = 0;

	while (units.len > 0) {
		ward_str unit = ward_str_cut(&units, ' ');

		/* One digit alone is a length, and nothing behind it. */
		room[len++] = unit.len > 1 ? (uint8_t)(unit.len / 2) : 9;
		if (unit.len > 1)
			len += bytes_of(unit, room + len).len;
	}
	return (ward_bytes){ room, len };
}

static void check_row(const struct row *row)
{
	uint8_t record[BYTES_MAX], room[2 * BYTES_MAX];
	ward_str packets = ward_str_from(row->packets);
	struct moving_units units;
	char kinds[8] = "";
	size_t count = 0;
	bool h265 = strcmp(row->record, H265) == 0;

	CHECK(moving_units_begin(&units, h265, bytes_of(ward_str_from(row->record), record)));
	while (packets.len > 0) {
		struct moving_packet packet = { 0 };

		if (!moving_units_look(&units, packet_of(ward_str_cut(&packets, '|'), room),
				    &packet))
			break;
		kinds[count++] = packet.anew ? 'I' : packet.spare ? 'b' : packet.silent ? 'C' : 'P';
	}
	if (strcmp(kinds, row->kinds) != 0)
		printf("# %s: %s\n", row->what, row->packets);
	CHECK_STR(kinds, row->kinds);
}

static void a_packet_says_what_its_picture_is_to_others(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_row(&rows[i]);
}

static void a_record_that_is_cut_off_is_none(void)
{
	uint8_t record[BYTES_MAX];
	ward_bytes whole = bytes_of(ward_str_from(H264), record);
	struct moving_units units;

	for (size_t len = 0; len + 8 < whole.len; len++)
		CHECK(!moving_units_begin(&units, false, (ward_bytes){ whole.ptr, len }));
	CHECK(moving_units_begin(&units, false, whole));
	record[0] = 2;
	CHECK(!moving_units_begin(&units, false, whole));
}

static const struct test_case cases[] = {
	{ "a packet says what its picture is to others",
			a_packet_says_what_its_picture_is_to_others },
	{ "a record that is cut off is none", a_record_that_is_cut_off_is_none },
};

int main(void)
{
	return test_run(cases, sizeof(cases) / sizeof(*cases));
}
