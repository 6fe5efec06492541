/* embedded.h - files of web/portal, in the program (tools/embed) */
#ifndef PORTAL_EMBEDDED_H
#define PORTAL_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t portal_css[];
extern const size_t portal_css_len;
extern const uint8_t portal_svg[];
extern const size_t portal_svg_len;

#endif
