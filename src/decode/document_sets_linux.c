/*
 * Character sets of names in mails.  A conversion is a file that the C library
 * loads when it is first asked for, and behind the walls there are no files:
 * asking ends the process.  So those that mails are written in are loaded
 * before, and any other is said not to exist, also where a mail names it.
 */
#include "decode/document_job.h"

#include <dlfcn.h>
#include <errno.h>
#include <iconv.h>

static const char *const sets[] = { "iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4",
	"iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9", "iso-8859-10",
	"iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "windows-1250", "windows-1251",
	"windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
	"windows-1257", "windows-1258", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255",
	"cp1256", "cp1257", "cp1258", "koi8-r", "koi8-u", "gb18030", "gbk", "gb2312", "euc-cn",
	"big5", "big5-hkscs", "iso-2022-jp", "shift-jis", "cp874", "latin1", "cp932", "euc-jp",
	"euc-kr", "iso-2022-kr", "cp949", "tis-620", "utf-7", "utf-8", "utf-16", "utf-16le",
	"utf-16be", "us-ascii", "macintosh" };

enum { SETS = sizeof(sets) / sizeof(*sets) };

/* Never closed: that is what keeps them loaded. */
static iconv_t kept[SETS];

static iconv_t (*real_open)(const char *to, const char *from);

static bool is_loaded(const char *name)
{
	for (size_t i = 0; i < SETS; i++) {
		if (ward_str_eq_nocase(ward_str_from(name), ward_str_from(sets[i])))
			return true;
	}
	return false;
}

/* It takes the place of the library's own because a program's symbols come first. */
WARD_API iconv_t iconv_open(const char *to, const char *from)
{
	if (real_open && is_loaded(from) &&
			ward_str_eq_nocase(ward_str_from(to), WARD_STR("utf-8")))
		return real_open("UTF-8", from);
	errno = EINVAL;
	return (iconv_t)-1; /* NOLINT(performance-no-int-to-ptr): iconv_open's own way to say no */
}

void document_sets_load(void)
{
	void *found = dlsym(RTLD_NEXT, "iconv_open");

	memcpy(&real_open, &found, sizeof(real_open));
	for (size_t i = 0; i < SETS && real_open; i++)
		kept[i] = real_open("UTF-8", sets[i]);
}
