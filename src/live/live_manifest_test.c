#include "base/test.h"
#include "live/live_manifest.h"

/* 2026-01-01T00:00:00Z, when the manifests here begin. */
#define BEGAN 1767225600

static struct live_manifest_state state;
static struct ward_error error;
static struct ward_buf playlist;

static const char *playlist_of(const char *manifest, int64_t now)
{
	ward_str text = ward_str_from(manifest);

	ward_buf_init(&playlist, (size_t)4 << 20);
	if (live_manifest((ward_bytes){ (const uint8_t *)text.ptr, text.len },
			    "http://a.example/b/c.mpd", now, &state, &playlist, &error) != WARD_OK)
		return error.message;
	return ward_buf_text(&playlist).ptr;
}

static void check_playlist(const char *manifest, int64_t now, const char *want)
{
	CHECK_STR(playlist_of(manifest, now), want);
	ward_buf_free(&playlist);
}

#define LIVE(inside)                                                                \
	"<MPD type='dynamic' availabilityStartTime='2026-01-01T00:00:00Z'><Period>" \
	"<AdaptationSet contentType='video'>" inside "</AdaptationSet></Period></MPD>"
#define HEAD(longest, number)                                       \
	"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:" longest \
	"\n#EXT-X-MEDIA-SEQUENCE:" number "\n"

static void pieces_of_a_timeline_are_named_by_their_time(void)
{
	state = (struct live_manifest_state){ 0 };
	check_playlist(LIVE("<SegmentTemplate timescale='10' initialization='i$RepresentationID$' "
			    "media='$RepresentationID$/$Time%05d$'><SegmentTimeline>"
			    "<S t='70' d='20' r='1'/><S d='5'/></SegmentTimeline></SegmentTemplate>"
			    "<Representation id='v'/>"),
			BEGAN,
			HEAD("2", "0") "#EXT-X-MAP:URI=\"http://a.example/b/iv\"\n"
				       "#EXTINF:2.000,\nhttp://a.example/b/v/00070\n"
				       "#EXTINF:2.000,\nhttp://a.example/b/v/00090\n"
				       "#EXTINF:0.500,\nhttp://a.example/b/v/00110\n");
}

#define TIMELINE(runs)                                                                       \
	LIVE("<Representation id='v'><SegmentTemplate media='$Time$'><SegmentTimeline>" runs \
	     "</SegmentTimeline></SegmentTemplate></Representation>")

static void a_piece_keeps_its_number_when_those_before_it_have_gone(void)
{
	state = (struct live_manifest_state){ 0 };
	check_playlist(TIMELINE("<S t='0' d='2' r='2'/>"), BEGAN,
			HEAD("2", "0") "#EXTINF:2.000,\nhttp://a.example/b/0\n"
				       "#EXTINF:2.000,\nhttp://a.example/b/2\n"
				       "#EXTINF:2.000,\nhttp://a.example/b/4\n");
	check_playlist(TIMELINE("<S t='4' d='2' r='1'/>"), BEGAN,
			HEAD("2", "2") "#EXTINF:2.000,\nhttp://a.example/b/4\n"
				       "#EXTINF:2.000,\nhttp://a.example/b/6\n");
	check_playlist(TIMELINE("<S t='90' d='2'/>"), BEGAN,
			HEAD("2", "4") "#EXTINF:2.000,\nhttp://a.example/b/90\n");
}

static void pieces_of_one_length_are_those_that_are_over(void)
{
	state = (struct live_manifest_state){ 0 };
	check_playlist(LIVE("<Representation id='v'><SegmentTemplate duration='4' startNumber='7' "
			    "media='$Number$'/></Representation>"),
			BEGAN + 11,
			HEAD("4", "0") "#EXTINF:4.000,\nhttp://a.example/b/7\n"
				       "#EXTINF:4.000,\nhttp://a.example/b/8\n");
}

static void of_a_long_timeline_the_latest_are_taken(void)
{
	state = (struct live_manifest_state){ 0 };
	CHECK(strstr(playlist_of(TIMELINE("<S t='0' d='2' r='4000000000'/>"), BEGAN),
			"http://a.example/b/8000000000\n"));
	ward_buf_free(&playlist);
	CHECK_EQ(state.count, LIVE_PIECES_LIVE);
	CHECK_STR(playlist_of(TIMELINE("<S t='9' d='4503599627370496'/>"), BEGAN),
			"the manifest's pieces have no length");
}

static void the_smallest_rendition_that_is_high_enough_is_taken(void)
{
	state = (struct live_manifest_state){ 0 };
	check_playlist(LIVE("<SegmentTemplate duration='4' media='$RepresentationID$'/>"
			    "<Representation id='tiny' height='90'/>"
			    "<Representation id='big' height='1080'/>"
			    "<Representation id='small' height='360'/>"),
			BEGAN + 5, HEAD("4", "0") "#EXTINF:4.000,\nhttp://a.example/b/small\n");
}

static void an_address_that_would_be_two_lines_is_refused(void)
{
	state = (struct live_manifest_state){ 0 };
	check_playlist(LIVE("<Representation><SegmentTemplate duration='4' "
			    "media='a&#10;#EXT-X-KEY'/></Representation>"),
			BEGAN + 5, "the manifest names no pieces");
	check_playlist(LIVE("<Representation><SegmentTemplate duration='4' media='$Number'/>"
			    "</Representation>"),
			BEGAN + 5, "the manifest names no pieces");
}

#define WHOLE(inside)                                                         \
	"<MPD mediaPresentationDuration='PT9S'><BaseURL>d/</BaseURL><Period>" \
	"<AdaptationSet contentType='video'><Representation id='v'>" inside   \
	"</Representation></AdaptationSet></Period></MPD>"

static void pieces_of_a_list_are_taken_in_its_order_with_their_ranges(void)
{
	state = (struct live_manifest_state){ 0 };
	check_playlist(WHOLE("<BaseURL>v.mp4</BaseURL><SegmentList timescale='10' duration='45'>"
			     "<Initialization range='0-99'/><SegmentURL mediaRange='100-299'/>"
			     "<SegmentURL media='w.mp4'/></SegmentList>"),
			BEGAN,
			HEAD("5", "0") "#EXT-X-MAP:URI=\"http://a.example/b/d/"
				       "v.mp4\",BYTERANGE=\"100@0\"\n"
				       "#EXTINF:4.500,\n#EXT-X-BYTERANGE:200@100\n"
				       "http://a.example/b/d/v.mp4\n"
				       "#EXTINF:4.500,\nhttp://a.example/b/d/"
				       "w.mp4\n#EXT-X-ENDLIST\n");
	check_playlist(WHOLE("<SegmentList duration='4'><SegmentURL "
			     "mediaRange='9-8'/></SegmentList>"),
			BEGAN, "the manifest has a range that is none");
	check_playlist(WHOLE("<SegmentList duration='4'/>"), BEGAN, "the manifest names no pieces");
	check_playlist(WHOLE("<SegmentList><SegmentURL media='a'/></SegmentList>"), BEGAN,
			"the manifest's pieces have no length");
}

#define TWO "<SegmentURL media='a'/><SegmentURL media='b'/>"

static void a_list_that_goes_on_is_numbered_by_what_it_says(void)
{
	state = (struct live_manifest_state){ 0 };
	check_playlist(LIVE("<Representation><SegmentList duration='2' startNumber='5'>" TWO
			    "</SegmentList></Representation>"),
			BEGAN,
			HEAD("2", "0") "#EXTINF:2.000,\nhttp://a.example/b/a\n"
				       "#EXTINF:2.000,\nhttp://a.example/b/b\n");
	check_playlist(LIVE("<Representation><SegmentList duration='2' startNumber='6'>" TWO
			    "</SegmentList></Representation>"),
			BEGAN,
			HEAD("2", "1") "#EXTINF:2.000,\nhttp://a.example/b/a\n"
				       "#EXTINF:2.000,\nhttp://a.example/b/b\n");
	/* By a timeline, as far as that goes. */
	state = (struct live_manifest_state){ 0 };
	check_playlist(LIVE("<Representation><SegmentList startNumber='1'><SegmentTimeline>"
			    "<S t='0' d='2'/><S t='2' d='3'/></SegmentTimeline>" TWO
			    "<SegmentURL media='c'/></SegmentList></Representation>"),
			BEGAN,
			HEAD("3", "0") "#EXTINF:2.000,\nhttp://a.example/b/a\n"
				       "#EXTINF:3.000,\nhttp://a.example/b/b\n");
}

static void of_a_long_list_the_latest_are_taken_by_their_own_addresses(void)
{
	static char text[16384];
	size_t len = (size_t)snprintf(text, sizeof(text),
			"<MPD type='dynamic'><Period><AdaptationSet "
			"contentType='video'><Representation>"
			"<SegmentList duration='2'>");

	for (int i = 1; i <= 40; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "<SegmentURL media='n%d'/>",
				i);
	snprintf(text + len, sizeof(text) - len,
			"</SegmentList></Representation></AdaptationSet></Period></MPD>");
	state = (struct live_manifest_state){ 0 };
	CHECK(strstr(playlist_of(text, BEGAN), "/n40\n"));
	CHECK(strstr(ward_buf_text(&playlist).ptr, "/n25\n"));
	CHECK(!strstr(ward_buf_text(&playlist).ptr, "/n24\n"));
	ward_buf_free(&playlist);
	CHECK_EQ(state.count, LIVE_PIECES_LIVE);
}

static void one_file_is_one_piece(void)
{
	state = (struct live_manifest_state){ 0 };
	check_playlist(WHOLE("<BaseURL>v.mp4</BaseURL><SegmentBase indexRange='1-9'/>"), BEGAN,
			HEAD("9", "0") "#EXTINF:9.000,\nhttp://a.example/b/d/"
				       "v.mp4\n#EXT-X-ENDLIST\n");
	check_playlist(WHOLE(""), BEGAN, "the manifest names no pieces");
}

static void what_is_no_manifest_says_so(void)
{
	check_playlist("<html/>", BEGAN, "this is no stream that is read here");
	check_playlist("<MPD", BEGAN, "this is no stream that is read here");
	check_playlist("<MPD><Period/></MPD>", BEGAN, "the manifest has no pictures");
	/* A stream that goes on is not one file. */
	check_playlist(LIVE("<Representation><BaseURL>a.mp4</BaseURL></Representation>"), BEGAN,
			"the manifest names no pieces");
}

static const struct test_case cases[] = {
	{ "pieces of a timeline are named by their time",
			pieces_of_a_timeline_are_named_by_their_time },
	{ "a piece keeps its number when those before it have gone",
			a_piece_keeps_its_number_when_those_before_it_have_gone },
	{ "pieces of one length are those that are over",
			pieces_of_one_length_are_those_that_are_over },
	{ "of a long timeline the latest are taken", of_a_long_timeline_the_latest_are_taken },
	{ "the smallest rendition that is high enough is taken",
			the_smallest_rendition_that_is_high_enough_is_taken },
	{ "an address that would be two lines is refused",
			an_address_that_would_be_two_lines_is_refused },
	{ "pieces of a list are taken in its order, with their ranges",
			pieces_of_a_list_are_taken_in_its_order_with_their_ranges },
	{ "a list that goes on is numbered by what it says",
			a_list_that_goes_on_is_numbered_by_what_it_says },
	{ "of a long list the latest are taken, by their own addresses",
			of_a_long_list_the_latest_are_taken_by_their_own_addresses },
	{ "one file is one piece", one_file_is_one_piece },
	{ "what is no manifest says so", what_is_no_manifest_says_so },
};
TEST_MAIN(cases)
