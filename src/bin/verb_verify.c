/*
 * ward verify - is this package whole, and by whom?  Needs no workspace.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "bin/vaults.h"
#include "seal/pair.h"

/* ---- keys ---- */

/* "ed25519:BASE64", or a file with such a line: a signing.pub. */
static ward_err read_signer(const char *text, uint8_t key[SIGNER_KEY_SIZE],
		struct ward_error *error)
{
	ward_str line = ward_str_from(text), word = WARD_STR("ed25519:");

	if (!ward_str_starts(line, word))
		return signer_read_public(text, key, error);
	line.ptr += word.len;
	line.len -= word.len;
	return ward_base64_parse(line, key, SIGNER_KEY_SIZE)
			       ? WARD_OK
			       : ward_fail(error, WARD_E_FORMAT,
						 "a key is ed25519: and 32 bytes as base64");
}

static int make_secret(const struct cli *cli, const char *path)
{
	uint8_t public_key[32], secret[32];
	char line[PAIR_LINE] = "";
	struct ward_error error;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return cli_fail(cli, "cannot make %s: %s", path, strerror(errno));
	crypto_box_keypair(public_key, secret);
	pair_secret_format(secret, line);
	sodium_memzero(secret, sizeof(secret));
	size_t len = strlen(line);

	line[len++] = '\n';
	ward_err err = file_write_all(fd, line, len, &error);

	sodium_memzero(line, sizeof(line));
	if (!err && fsync(fd) != 0)
		err = ward_fail(&error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
	close(fd);
	if (err)
		return cli_fail_error(cli, &error);
	char text[PAIR_LINE];

	pair_public_format(public_key, text);
	printf("%s\n", text);
	fflush(stdout);
	fprintf(stderr,
			"This is the public key: give it to whoever sends you packages.  %s is the "
			"secret one.\n",
			path);
	return CLI_OK;
}

/* ---- reading ---- */

static ward_err read_fd(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	ssize_t got;

	do {
		got = read(*(int *)context, into, room);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return ward_fail(error, WARD_E_IO, "the package cannot be read: %s",
				strerror(errno));
	*len = (size_t)got;
	return WARD_OK;
}

static int open_input(const char *path)
{
	return strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
}

static void print_json(const struct package_verified *verified, const char *signer)
{
	struct ward_buf text;

	ward_buf_init(&text, 4096);
	struct json json = json_to(&text);

	json_object(&json);
	json_key_bool(&json, "whole", true);
	json_key_text(&json, "signer", signer);
	json_key_bool(&json, "trusted", verified->trusted);
	json_key_text(&json, "made_at", verified->made_at);
	json_key_text(&json, "recipient", verified->recipient_name);
	json_key_text(&json, "payloads", verified->clear ? "clear" : "sealed");
	json_key_uint(&json, "items", verified->items);
	json_key_uint(&json, "bytes", verified->bytes);
	json_key_uint(&json, "rows", verified->rows);
	json_key_uint(&json, "checkpoint_row", verified->checkpoint_row);
	json_object_end(&json);
	puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

/* A recipient's name is somebody else's words: what could steer a terminal is not printed. */
static void print_words(const char *words)
{
	for (; *words; words++) {
		unsigned char c = (unsigned char)*words, next = (unsigned char)words[1];
		/* U+0080 to U+009F are controls as well: two bytes in UTF-8. */
		bool high = c == 0xc2 && next >= 0x80 && next < 0xa0;

		putchar(c < 0x20 || c == 0x7f || high ? '?' : c);
		words += high;
	}
}

static void print_verified(const struct package_verified *verified, const char *signer)
{
	printf("The package is whole: %u items (%s), %" PRIu64 " bytes, %u rows of custody.\n",
			verified->items, verified->clear ? "in the clear" : "sealed",
			verified->bytes, verified->rows);
	printf("Made %s for ", verified->made_at);
	print_words(verified->recipient_name);
	printf("\nSigned by %s\n", signer);
	if (verified->checkpoint_row > 0)
		printf("Its last row of custody, %" PRIu64
		       ", is signed as the newest of the log.\n",
				verified->checkpoint_row);
	if (!verified->trusted)
		fprintf(stderr, "Compare the key with what the sender told you by another way, or "
				"give it by --key.\n");
}

static int verify(const struct cli *cli, int fd, const uint8_t *key)
{
	char signer[PAIR_LINE] = "ed25519:";
	struct package_verified verified;
	struct ward_error error;
	ward_err err = package_verify(read_fd, &fd, key, &verified, &error);

	if (err == WARD_E_CORRUPT || err == WARD_E_DENIED) {
		printf("%s\n", error.message);
		return CLI_FOUND;
	}
	if (err)
		return cli_fail_error(cli, &error);
	ward_base64_format(verified.signer, SIGNER_KEY_SIZE, signer + strlen(signer));
	if (cli_flag(cli, "json"))
		print_json(&verified, signer);
	else
		print_verified(&verified, signer);
	return CLI_OK;
}

/* ---- taking an item out ---- */

static ward_err write_out(void *context, ward_bytes bytes, struct ward_error *error)
{
	return file_write_all(*(int *)context, bytes.ptr, bytes.len, error);
}

/* The file is removed again unless all of the package was as it was signed. */
static int take(const struct cli *cli, int fd, const char *item)
{
	const char *output = cli_text(cli, "output"), *path = cli_text(cli, "secret");
	uint8_t secret[VAULT_SECRET_SIZE];
	struct ward_error error;

	if (!output)
		return cli_usage(cli, "--open wants -o FILE");
	if (path && pair_secret_read(path, secret, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	int to = open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (to < 0)
		return cli_fail(cli, "cannot make %s: %s", output, strerror(errno));
	ward_err err = package_take(read_fd, &fd, ward_str_from(item), path ? secret : NULL,
			write_out, &to, &error);

	sodium_memzero(secret, sizeof(secret));
	if (!err && fsync(to) != 0)
		err = ward_fail(&error, WARD_E_IO, "cannot write %s: %s", output, strerror(errno));
	close(to);
	if (err)
		unlink(output);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

static int run(struct cli *cli)
{
	const char *made = cli_text(cli, "new-secret"), *given = cli_text(cli, "key"),
		   *item = cli_text(cli, "open");
	uint8_t key[SIGNER_KEY_SIZE];
	struct ward_error error;

	if (sodium_init() < 0)
		return cli_fail(cli, "libsodium does not start");
	if (made && cli->arg_count == 0)
		return make_secret(cli, made);
	if (made || cli->arg_count != 1)
		return cli_usage(cli, "one package is wanted, or --new-secret FILE alone");
	if (given && read_signer(given, key, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	int fd = open_input(cli->args[0]);

	if (fd < 0)
		return cli_fail(cli, "cannot open %s: %s", cli->args[0], strerror(errno));
	int status = item ? take(cli, fd, item) : verify(cli, fd, given ? key : NULL);

	close(fd);
	return status;
}

static const struct cli_option options[] = {
	{ "key", 'k', CLI_TEXT, "KEY", "who must have signed it: ed25519:... or a signing.pub", 0,
			0 },
	{ "open", 0, CLI_TEXT, "ITEM", "take this item out", 0, 0 },
	{ "secret", 0, CLI_TEXT, "FILE", "with the recipient's secret key", 0, 0 },
	{ "output", 'o', CLI_TEXT, "FILE", "where the item goes", 0, 0 },
	{ "new-secret", 0, CLI_TEXT, "FILE", "make a recipient's key pair; print the public one", 0,
			0 },
	{ "json", 0, CLI_FLAG, NULL, "print an object", 0, 0 },
	{ 0 },
};

const struct cli_verb verb_verify = {
	.name = "verify",
	.arguments = "FILE",
	.options = options,
	.run = run,
};
