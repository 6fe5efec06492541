/*
 * url_form.h - one spelling for an address, so that the same page is known to be the same
 *
 * "HTTPS://Example.ORG:443/a/../b%7e?x=1#top" and "http://example.org/b~?x=1"
 * are both "example.org/b~?x=1": the host is small letters and A-labels (IDNA
 * 2008, as UTS 46 maps it), scheme, user, default port and fragment are
 * dropped, dot segments are resolved, what need not be escaped is not and
 * what is escaped has capital digits; the query stays in its order.
 *
 * The form of a form is itself.  It says where, not how: what was typed is
 * kept beside it, sealed.  How people write an address so that nobody clicks
 * on it ("hxxp", "example[.]org") is understood.
 */
#ifndef INTAKE_URL_FORM_H
#define INTAKE_URL_FORM_H

#include <ward/base.h>

enum { URL_TYPED_MAX = 8192, URL_FORM_MAX = 3 * URL_TYPED_MAX + 2, URL_HOST_MAX = 256 };

struct url_form {
	char text[URL_FORM_MAX];
	char host[URL_HOST_MAX]; /* without its port */
};

/* False when it is no address of a host: another scheme, no host, too long, or not UTF-8. */
bool url_form(ward_str typed, struct url_form *form) WARD_MUST_USE;

#endif
