#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "intake/mail.h"

enum { PATH_ROOM = 4096, WHOLE_MAX = 1 << 30 };

/* ---- one mail as a report ---- */

static bool is_word_text(const struct mail_part *part)
{
	ward_str text = { (const char *)part->bytes.ptr, part->bytes.len };

	return part->text && text.len <= INTAKE_TEXT_MAX && ward_utf8_valid(text) &&
	       !memchr(text.ptr, '\0', text.len) && ward_str_trim(text).len > 0;
}

/* A claim that cannot be shown is none. */
static ward_str type_of(const struct mail_part *part)
{
	bool good = part->type.len < 100;

	for (size_t i = 0; good && i < part->type.len; i++)
		good = part->type.ptr[i] > 0x20 && part->type.ptr[i] < 0x7f &&
		       part->type.ptr[i] != '"';
	return good ? part->type : (ward_str){ "", 0 };
}

static size_t make_items(const struct mail_parts *parts, ward_bytes mail,
		struct intake_item_new items[MAIL_PARTS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < parts->count; i++) {
		const struct mail_part *part = &parts->at[i];

		if (is_word_text(part))
			items[count++] = (struct intake_item_new){ .kind = INTAKE_TEXT,
				.text = { (const char *)part->bytes.ptr, part->bytes.len },
				.type = type_of(part) };
		else if (part->bytes.len > 0)
			items[count++] = (struct intake_item_new){ .kind = INTAKE_MEDIA,
				.bytes = part->bytes,
				.type = type_of(part) };
	}
	if (count == 0)
		items[count++] = (struct intake_item_new){ .kind = INTAKE_MEDIA,
			.bytes = mail,
			.type = WARD_STR("message/rfc822") };
	return count;
}

static ward_err add_mail(struct intake *intake, ward_bytes mail, struct intake_added *added,
		struct ward_error *error)
{
	struct intake_item_new items[MAIL_PARTS_MAX];
	struct mail_parts *parts = calloc(1, sizeof(*parts));
	uint8_t digest[32];
	char once[65];

	if (!parts)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a mail");
	ward_err err = mail.len > MAIL_BYTES_MAX ? WARD_E_FORMAT
						 : mail_take_apart(mail, parts, error);

	/* Of a mail that cannot be read nothing is left out; without the reader none is taken. */
	if (err == WARD_E_FORMAT)
		parts->count = 0;
	else if (err)
		return free(parts), err;
	crypto_hash_sha256(digest, mail.ptr, mail.len);
	ward_hex_format(digest, sizeof(digest), once);
	err = intake_add(intake,
			&(struct intake_new){ .channel = INTAKE_MAIL,
					.once = ward_str_from(once),
					.body_sha256 = digest,
					.reporter = INTAKE_PUBLIC,
					.items = items,
					.item_count = make_items(parts, mail, items),
					.actor = { WARD_STR("system"), WARD_STR("") } },
			added, error);

	mail_parts_free(parts);
	free(parts);
	return err;
}

/* ---- the folder ---- */

struct maildir {
	struct intake *intake;
	const char *folder;
	struct mail_counts *counts;
};

static ward_err join(char path[PATH_ROOM], const char *folder, const char *part, const char *name,
		const char *flags, struct ward_error *error)
{
	int len = snprintf(path, PATH_ROOM, "%s/%s/%s%s", folder, part, name, flags);

	return len > 0 && len < PATH_ROOM
			       ? WARD_OK
			       : ward_fail(error, WARD_E_ARGUMENT, "a mail's path is too long");
}

/* "S" is Maildir's word for seen. */
static ward_err move(const struct maildir *maildir, const char *from, const char *name,
		struct ward_error *error)
{
	char to[PATH_ROOM];
	ward_err err = join(to, maildir->folder, "cur", name, ":2,S", error);

	if (!err && rename(from, to) != 0)
		err = ward_fail(error, WARD_E_IO, "a mail cannot be moved to cur/: %s",
				strerror(errno));
	return err;
}

static ward_err take_mail(const struct maildir *maildir, const char *name, struct ward_error *error)
{
	struct intake_added added = { .again = false };
	char path[PATH_ROOM];
	char *bytes;
	size_t len;
	ward_err err = join(path, maildir->folder, "new", name, "", error);

	if (!err)
		err = file_read(path, WHOLE_MAX, &bytes, &len, error);
	if (err)
		return err;
	/* Nothing is in it, so nothing is reported by it. */
	if (len > 0)
		err = add_mail(maildir->intake, (ward_bytes){ (const uint8_t *)bytes, len }, &added,
				error);
	free(bytes);
	if (!err)
		err = move(maildir, path, name, error);
	if (!err) {
		maildir->counts->added += len > 0 && !added.again;
		maildir->counts->again += added.again;
	}
	return err;
}

static bool is_mail(const char *folder, const char *name)
{
	char path[PATH_ROOM];
	struct stat st;

	return name[0] != '.' && join(path, folder, "new", name, "", NULL) == WARD_OK &&
	       lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

ward_err intake_maildir(struct intake *intake, const char *folder,
		void (*failed)(void *context, const char *why), void *context,
		struct mail_counts *counts, struct ward_error *error)
{
	return intake_maildir_watch(intake, folder, &(struct mail_watch){ failed, NULL, context },
			counts, error);
}

ward_err intake_maildir_watch(struct intake *intake, const char *folder,
		const struct mail_watch *watch, struct mail_counts *counts,
		struct ward_error *error)
{
	struct maildir maildir = { intake, folder, counts };
	char path[PATH_ROOM];
	struct ward_error why;
	struct dirent *entry;

	*counts = (struct mail_counts){ 0 };
	ward_err err = join(path, folder, "new", "", "", error);

	if (err)
		return err;
	DIR *entries = opendir(path);

	if (!entries)
		return ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO,
				"%s is no Maildir that can be read: %s", folder, strerror(errno));
	while ((entry = readdir(entries)) && !(watch->stop && watch->stop(watch->context))) {
		if (!is_mail(folder, entry->d_name) ||
				take_mail(&maildir, entry->d_name, &why) == WARD_OK)
			continue;
		counts->failed++;
		watch->failed(watch->context, why.message);
	}
	closedir(entries);
	return WARD_OK;
}
