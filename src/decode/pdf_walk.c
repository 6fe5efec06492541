/*
 * Pages in their order, so that a picture can be said to be on one; then what
 * is on none.  What a page shares with others is looked at on the first.
 */
#include "decode/pdf_text.h"

#include <stdlib.h>

/* Nodes of pages, and forms in forms, within each other. */
#define PAGES_DEPTH_MAX 64
#define FORMS_DEPTH_MAX 16 /* deeper ones have their turn as objects that nothing led to */

static ward_err walk_resources(struct pdf *pdf, qpdf_oh holder, unsigned depth);

ward_err pdf_form(struct pdf *pdf, qpdf_oh form, qpdf_oh dictionary, unsigned depth)
{
	ward_err err = walk_resources(pdf, dictionary, depth);
	qpdf_oh resources = qpdf_oh_get_key(pdf->qpdf, dictionary, "/Resources");
	struct pdf_stream read;

	pdf_stream_read(pdf, form, &read);
	if (read.codec == PDF_UNKNOWN || read.damaged)
		document_trouble(pdf->document, WARD_E_FORMAT,
				"a form of the pdf cannot be read, or not to its end");
	if (!err)
		err = pdf_inline(pdf, (ward_bytes){ read.bytes, read.len }, resources);
	if (!err)
		err = pdf_text(pdf, (ward_bytes){ read.bytes, read.len }, resources);
	free(read.bytes);
	qpdf_oh_release(pdf->qpdf, resources);
	return err;
}

static ward_err walk_object(struct pdf *pdf, qpdf_oh object, unsigned depth)
{
	ward_err err = WARD_OK;

	if (!qpdf_oh_is_stream(pdf->qpdf, object) || depth > FORMS_DEPTH_MAX)
		return WARD_OK;
	qpdf_oh dictionary = qpdf_oh_get_dict(pdf->qpdf, object);
	bool picture = pdf_is_name(pdf, dictionary, "/Subtype", "/Image");
	bool form = pdf_is_name(pdf, dictionary, "/Subtype", "/Form");

	if (picture && pdf_is_new(pdf, object, PDF_AS_PICTURE))
		err = pdf_picture(pdf, object);
	else if (form && pdf_is_new(pdf, object, PDF_AS_FORM))
		err = pdf_form(pdf, object, dictionary, depth + 1);
	qpdf_oh_release(pdf->qpdf, dictionary);
	return err;
}

/* What /Resources of a page, a node or a form name under /XObject. */
static ward_err walk_resources(struct pdf *pdf, qpdf_oh holder, unsigned depth)
{
	qpdf_oh resources = qpdf_oh_get_key_if_dict(pdf->qpdf, holder, "/Resources");
	qpdf_oh objects = qpdf_oh_get_key_if_dict(pdf->qpdf, resources, "/XObject");
	/* Many pages may share them, and have thousands. */
	char *keys = pdf_is_new(pdf, resources, PDF_AS_RESOURCES) &&
						     pdf_is_new(pdf, objects, PDF_AS_OBJECTS)
				     ? pdf_keys(pdf, objects)
				     : NULL;
	ward_err err = WARD_OK;

	for (const char *key = keys; key && *key != 0 && !err; key += strlen(key) + 1) {
		qpdf_oh object = qpdf_oh_get_key(pdf->qpdf, objects, key);

		err = walk_object(pdf, object, depth);
		qpdf_oh_release(pdf->qpdf, object);
	}
	free(keys);
	qpdf_oh_release(pdf->qpdf, objects);
	qpdf_oh_release(pdf->qpdf, resources);
	return err;
}

/* Streams that pages share are read on the first: one more is new, or nothing is. */
static bool has_new_contents(struct pdf *pdf, qpdf_oh page)
{
	qpdf_oh contents = qpdf_oh_get_key(pdf->qpdf, page, "/Contents");
	bool is_array = qpdf_oh_is_array(pdf->qpdf, contents);
	int count = is_array ? qpdf_oh_get_array_n_items(pdf->qpdf, contents) : 0;
	bool is_new = !is_array && qpdf_oh_is_stream(pdf->qpdf, contents) &&
		      pdf_is_new(pdf, contents, PDF_AS_CONTENTS);

	for (int i = 0; i < count; i++) {
		qpdf_oh item = qpdf_oh_get_array_item(pdf->qpdf, contents, i);

		is_new = (qpdf_oh_is_stream(pdf->qpdf, item) &&
					 pdf_is_new(pdf, item, PDF_AS_CONTENTS)) ||
			 is_new;
		qpdf_oh_release(pdf->qpdf, item);
	}
	qpdf_oh_release(pdf->qpdf, contents);
	return is_new;
}

/* The page's own, or those of what it is in (ISO 32000-1, 7.7.3.4). */
static qpdf_oh resources_of(struct pdf *pdf, qpdf_oh page)
{
	qpdf_oh found = qpdf_oh_get_key(pdf->qpdf, page, "/Resources");
	qpdf_oh at = qpdf_oh_new_object(pdf->qpdf, page);

	for (unsigned i = 0; i < PAGES_DEPTH_MAX && !qpdf_oh_is_dictionary(pdf->qpdf, found); i++) {
		qpdf_oh above = qpdf_oh_get_key_if_dict(pdf->qpdf, at, "/Parent");

		qpdf_oh_release(pdf->qpdf, at);
		qpdf_oh_release(pdf->qpdf, found);
		at = above;
		found = qpdf_oh_get_key_if_dict(pdf->qpdf, at, "/Resources");
	}
	qpdf_oh_release(pdf->qpdf, at);
	return found;
}

/* The instructions of a page, which may be in several streams. */
static ward_err walk_contents(struct pdf *pdf, qpdf_oh page)
{
	qpdf_oh resources = resources_of(pdf, page);
	unsigned char *bytes = NULL;
	size_t len = 0;
	ward_err err = WARD_OK;

	if (has_new_contents(pdf, page)) {
		if (qpdf_oh_get_page_content_data(pdf->qpdf, page, &bytes, &len) & QPDF_ERRORS)
			document_trouble(pdf->document, WARD_E_FORMAT,
					"a page of the pdf cannot be read");
		else
			err = pdf_inline(pdf, (ward_bytes){ bytes, len }, resources);
		if (!err)
			err = pdf_text(pdf, (ward_bytes){ bytes, len }, resources);
	}
	free(bytes);
	qpdf_oh_release(pdf->qpdf, resources);
	return err;
}

/* A node's own resources are those of the pages below: they count as the next page's. */
static ward_err walk_pages(struct pdf *pdf, qpdf_oh node, unsigned depth)
{
	qpdf_oh kids = qpdf_oh_get_key_if_dict(pdf->qpdf, node, "/Kids");
	bool is_node = qpdf_oh_is_array(pdf->qpdf, kids);
	int count = is_node ? qpdf_oh_get_array_n_items(pdf->qpdf, kids) : 0;
	ward_err err = WARD_OK;

	if (depth > PAGES_DEPTH_MAX) {
		document_trouble(pdf->document, WARD_E_LIMIT,
				"pages of the pdf lie deeper within each other than 64");
	} else if (qpdf_oh_is_dictionary(pdf->qpdf, node) && pdf_is_new(pdf, node, PDF_AS_NODE)) {
		unsigned told = pdf->page;

		pdf->page = told + 1;
		err = walk_resources(pdf, node, 0);
		if (!err && !is_node)
			err = walk_contents(pdf, node);
		if (is_node)
			pdf->page = told;
		else
			pdf->pictures = 0;
		for (int i = 0; i < count && !err; i++) {
			qpdf_oh kid = qpdf_oh_get_array_item(pdf->qpdf, kids, i);

			err = walk_pages(pdf, kid, depth + 1);
			qpdf_oh_release(pdf->qpdf, kid);
		}
	}
	qpdf_oh_release(pdf->qpdf, kids);
	return err;
}

ward_err pdf_walk(struct pdf *pdf)
{
	qpdf_oh trailer = qpdf_get_trailer(pdf->qpdf);
	qpdf_oh root = qpdf_oh_get_key_if_dict(pdf->qpdf, trailer, "/Root");
	qpdf_oh pages = qpdf_oh_get_key_if_dict(pdf->qpdf, root, "/Pages");
	ward_err err = walk_pages(pdf, pages, 0);

	qpdf_oh_release(pdf->qpdf, pages);
	qpdf_oh_release(pdf->qpdf, root);
	qpdf_oh_release(pdf->qpdf, trailer);
	pdf->page = 0;
	return err ? err : pdf_sweep(pdf);
}
