#include "filing/package.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/tree.h"
#include "filing/pages.h"

#include <ward/hash.h>

#include <sys/stat.h>
#include <unistd.h>

enum { OUT_MAX = 128 << 20 };

struct package_template {
	struct json_t *root;
	ward_str authority, title, intro, delivery;
	const struct json_t *labels;
};

ward_err package_template_read(ward_str text, struct package_template **read,
		struct ward_error *error)
{
	struct json_t *root = tree_read(text, error);
	struct package_template *made = calloc(1, sizeof(*made));

	if (!root || !made) {
		tree_free(root);
		free(made);
		return root ? ward_fail(error, WARD_E_NOMEM, "out of memory") : WARD_E_FORMAT;
	}
	*made = (struct package_template){
		.root = root,
		.authority = tree_text(tree_member(root, "authority")),
		.title = tree_text(tree_member(root, "title")),
		.intro = tree_text(tree_member(root, "intro")),
		.delivery = tree_text(tree_member(root, "delivery")),
		.labels = tree_member(root, "labels"),
	};
	if (made->authority.len == 0 || made->title.len == 0 || !tree_is_object(made->labels)) {
		package_template_free(made);
		return ward_fail(error, WARD_E_FORMAT,
				"an authority's file has authority, title and labels");
	}
	*read = made;
	return WARD_OK;
}

void package_template_free(struct package_template *read)
{
	if (!read)
		return;
	tree_free(read->root);
	free(read);
}

/* ---- the pages ---- */

static ward_str label(const struct package_template *words, const char *name)
{
	ward_str own = tree_text(tree_member(words->labels, name));

	return own.len > 0 ? own : ward_str_from(name);
}

/* An attribute is said in brackets behind the text. */
static void put_value(struct pages *pages, const struct package_template *words,
		const struct filing_node *node, unsigned indent)
{
	ward_str name = label(words, node->part->name);
	ward_str text = node->text.ptr ? node->text : WARD_STR("");
	struct ward_buf line;

	ward_buf_init(&line, FILING_DRAFT_MAX);
	ward_buf_printf(&line, "%.*s: ", WARD_FMT(name));
	while (text.len > 0) {
		const char *from = text.ptr;
		uint32_t c = filing_next_char(&text);

		if (filing_xml_char(c))
			ward_buf_add(&line, from, (size_t)(text.ptr - from));
	}
	for (unsigned i = 0; i < node->type->attribute_count; i++) {
		if (node->attributes[i].ptr)
			ward_buf_printf(&line, " (%s: %.*s)", node->type->attributes[i].name,
					WARD_FMT(node->attributes[i]));
	}
	pages_add(pages, PAGES_TEXT, indent, ward_buf_text(&line));
	ward_buf_free(&line);
}

static void put_node(struct pages *pages,
		const struct package_template *words, // NOLINT(misc-no-recursion)
		const struct filing_node *node, unsigned depth)
{
	for (unsigned i = 0; i < node->type->part_count; i++) {
		for (const struct filing_node *child = node->slots[i].first; child;
				child = child->next) {
			if (child->type->value != FILING_PARTS) {
				put_value(pages, words, child, depth);
				continue;
			}
			pages_add(pages, depth == 0 ? PAGES_HEADING : PAGES_TEXT, depth,
					label(words, child->part->name));
			put_node(pages, words, child, depth + 1);
		}
	}
}

static void put_files(struct pages *pages, const struct package_template *words,
		const struct filing_draft *draft)
{
	for (const struct filing_file *file = draft->files; file; file = file->next) {
		struct ward_buf line;

		ward_buf_init(&line, 4096);
		pages_add(pages, PAGES_HEADING, 0, label(words, "fileDetails"));
		ward_buf_printf(&line, "%.*s", WARD_FMT(file->item));
		pages_add(pages, PAGES_TEXT, 1, ward_buf_text(&line));
		if (file->sha256.len > 0) {
			ward_buf_clear(&line);
			ward_buf_printf(&line, "SHA-256: %.*s", WARD_FMT(file->sha256));
			pages_add(pages, PAGES_TEXT, 1, ward_buf_text(&line));
		}
		ward_buf_free(&line);
		put_node(pages, words, file->details, 1);
	}
}

ward_err package_pdf(const struct package_template *words, const struct filing_draft *draft,
		const struct package_facts *facts, struct ward_buf *out, struct ward_error *error)
{
	char footer[300], when[CLOCK_TEXT_MAX];

	snprintf(footer, sizeof(footer), "%s%.*s, %s", facts->test ? "TEST - " : "",
			(int)(facts->id.len < 64 ? facts->id.len : 64), facts->id.ptr,
			clock_format(facts->at, when));
	struct pages *pages = pages_new(out, words->title, ward_str_from(footer), facts->at);

	if (!pages)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (facts->test)
		pages_add(pages, PAGES_HEADING, 0, WARD_STR("TEST: this is no real report"));
	pages_add(pages, PAGES_TITLE, 0, words->title);
	pages_add(pages, PAGES_SMALL, 0, words->authority);
	pages_add(pages, PAGES_SMALL, 0, words->intro);
	put_node(pages, words, draft->report, 0);
	put_files(pages, words, draft);
	return pages_end(pages, error);
}

/* ---- the folder ---- */

static ward_err keep(const char *folder, const char *name, struct ward_buf *content,
		struct ward_buf *manifest, struct ward_error *error)
{
	ward_str text = ward_buf_text(content);
	ward_bytes bytes = { (const uint8_t *)text.ptr, text.len };
	struct ward_digests digests;
	char path[4096], sha256[65];
	int len = snprintf(path, sizeof(path), "%s/%s", folder, name);

	if (content->failed)
		return ward_fail(error, WARD_E_LIMIT, "the report is too large");
	if (len < 0 || (size_t)len >= sizeof(path))
		return ward_fail(error, WARD_E_ARGUMENT, "the folder's path is too long");
	if (access(path, F_OK) == 0)
		return ward_fail(error, WARD_E_EXISTS, "there is a package in this folder already");
	ward_err err = ward_digest(bytes, &digests);

	if (err)
		return ward_fail(error, err, "out of memory");
	ward_hex_format(digests.sha256, 32, sha256);
	if (manifest)
		ward_buf_printf(manifest, "%s  %s\n", sha256, name);
	return file_replace(path, bytes, 0600, error);
}

ward_err filing_package_write(const struct package_template *words,
		const struct filing_draft *draft, const struct package_facts *facts,
		const char *folder, struct ward_error *error)
{
	struct ward_buf out, manifest;

	ward_buf_init(&out, OUT_MAX);
	ward_buf_init(&manifest, 4096);
	ward_err err = file_make_folders(folder, 0700, error);

	if (!err)
		err = package_pdf(words, draft, facts, &out, error);
	if (!err)
		err = keep(folder, "report.pdf", &out, &manifest, error);
	ward_buf_clear(&out);
	filing_draft_write(draft, &out);
	if (!err)
		err = keep(folder, "report.json", &out, &manifest, error);
	ward_buf_clear(&out);
	filing_write(draft->report, &out);
	if (!err)
		err = keep(folder, "report.xml", &out, &manifest, error);
	if (!err)
		err = keep(folder, "MANIFEST", &manifest, NULL, error);
	ward_buf_free(&out);
	ward_buf_free(&manifest);
	return err;
}
