/*
 * Reads damaged files as a list does.  The first byte says how the rest is
 * read: odd, it is a file itself; even, it is a list of 8-byte changes (where,
 * what) to a sound one.  With bit 1 the head's checksum is made right again,
 * which a fuzzer could not, so that what it guards is reached.
 */
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/checksum.h"
#include "site/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHANGES_MAX 64

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* ---- asking everything ---- */

static const char *const links[] = { "http://a.site.test/one/two?q", "http://b.test/",
	"http://10.1.2.3/x", "http://[2001:db8::1]/", "http://n3.test/p/1",
	"http://site.test/one/two/three" };

static size_t letters(ward_str text)
{
	size_t sum = 0;

	for (size_t i = 0; i < text.len; i++)
		sum += (uint8_t)text.ptr[i];
	return sum;
}

static size_t read_entry(const struct ward_site_entry *entry)
{
	return letters(entry->key) + letters(entry->category) + letters(entry->class_code) +
	       letters(entry->reason) + letters(entry->ref) + letters(entry->original);
}

static void ask(const struct ward_site_view *view)
{
	static struct ward_site_cursor cursor;
	static struct ward_site_hits hits;
	struct ward_site_entry entry;
	struct ward_buf memory;
	size_t sum = 0;

	ward_buf_init(&memory, (size_t)4 * WARD_LINK_MAX);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		struct ward_link link;

		check(!ward_link_read(ward_str_from(links[i]), WARD_LINK_LOOKUP, &memory, &link,
				NULL));
		ward_site_ask(view, &link, 0, &hits);
		for (size_t j = 0; j < hits.count; j++) {
			ward_site_hit_entry(&hits.at[j], &cursor, &entry);
			sum += read_entry(&entry) + letters(hits.at[j].category);
		}
		sum += ward_site_host_has_pages(view, link.host, 0);
	}
	ward_buf_free(&memory);
	cursor.base = cursor.delta = 0;
	for (int i = 0; i < 200 &&
			ward_site_list_next(ward_site_view_list(view, 0), &cursor, &entry);
			i++)
		sum += read_entry(&entry);
	check(sum < SIZE_MAX);
	check(ward_site_list_verify(ward_site_view_list(view, 0), NULL) <= WARD_ERR_COUNT);
}

static void read_bytes(uint8_t *bytes, size_t size, bool mend)
{
	struct ward_site_list list = { 0 }, *lists = &list;
	struct ward_site_view view = { .lists = &lists, .count = 1 };
	struct site_head head;

	if (mend && size >= sizeof(head)) {
		memcpy(&head, bytes, sizeof(head));
		head.checksum = checksum_of(&head, offsetof(struct site_head, checksum));
		memcpy(bytes, &head, sizeof(head));
	}
	if (site_file_read((ward_bytes){ bytes, size }, &list.base, NULL))
		return;
	/* Twice: it is then asked as a delta, too. */
	list.delta = list.base;
	list.has_delta = true;
	list.files[0] = &list.base;
	list.files[1] = &list.delta;
	list.file_count = 2;
	check(site_said_read(&list.base.head.said, &list.info));
	list.info.enabled = true;
	list.info.expires = 0;
	ask(&view);
}

/* ---- a sound one ---- */

static void add(struct ward_site_writer *writer, const char *text)
{
	struct ward_site_entry entry = { .category = WARD_STR("games"), .ref = WARD_STR("id") };
	struct ward_buf memory;

	ward_buf_init(&memory, (size_t)4 * WARD_LINK_MAX);
	check(!ward_site_entry_read(ward_str_from(text), WARD_SITE_BARE_DOMAIN, &memory, &entry,
			NULL));
	entry.expires = text[0] == 'n' ? 77 : 0;
	check(!ward_site_writer_add(writer, &entry, NULL));
	ward_buf_free(&memory);
}

static void fill_sample(const char *folder)
{
	static const char *const places[] = { "site.test", "=a.site.test", "a.site.test/one/two",
		"a.site.test/one/two?q", "http://a.site.test/one/...", "b.test/", "10.0.0.0/8",
		"10.1.2.3", "2001:db8::/32", "sha256:0011223344556677", "sha256:00112233" };
	struct ward_site_writer *writer = NULL;
	struct ward_site_info info;
	char text[40];

	check(ward_site_info_init(&info, WARD_STR("sample")));
	check(!ward_site_create(folder, &info, &writer, NULL));
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		add(writer, places[i]);
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), i % 2 ? "n%d.test" : "n%d.test/p/1", i);
		add(writer, text);
	}
	check(!ward_site_writer_commit(writer, NULL));
}

/* Made as any list is, and kept in memory. */
static ward_bytes make_sample(void)
{
	char folder[] = "/tmp/ward-site-fuzz-XXXXXX";
	struct ward_site_list *list = NULL;
	uint8_t *bytes = NULL;
	size_t size;

	check(mkdtemp(folder));
	fill_sample(folder);
	check(!ward_site_list_open(folder, &list, NULL));
	size = list->base.bytes.len;
	check(!posix_memalign((void **)&bytes, SITE_ALIGN, size));
	memcpy(bytes, list->base.bytes.ptr, size);
	ward_site_list_free(list);
	check(!ward_site_delete(folder, NULL));
	return (ward_bytes){ bytes, size };
}

static uint32_t read32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void apply(const uint8_t *data, size_t size, ward_bytes sample, uint8_t *bytes)
{
	memcpy(bytes, sample.ptr, sample.len);
	for (int i = 0; size >= 8 && i < CHANGES_MAX; data += 8, size -= 8, i++) {
		uint32_t what = read32(data + 4);

		memcpy(bytes + read32(data) % (sample.len / 4) * 4, &what, 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static ward_bytes sample;
	uint8_t *bytes = NULL;

	if (size == 0)
		return 0;
	if (!sample.ptr)
		sample = make_sample();
	/* Of exactly the file's size, so that a sanitizer sees a read past it. */
	if (data[0] % 2) {
		check(!posix_memalign((void **)&bytes, SITE_ALIGN, size));
		memcpy(bytes, data + 1, size - 1);
		read_bytes(bytes, size - 1, data[0] & 2);
	} else {
		check(!posix_memalign((void **)&bytes, SITE_ALIGN, sample.len));
		apply(data + 1, size - 1, sample, bytes);
		read_bytes(bytes, sample.len, data[0] & 2);
	}
	free(bytes);
	return 0;
}
