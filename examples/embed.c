/*
 * embed LISTS FILE - the least that a program does to ask libward about a file
 *
 * LISTS is a folder of lists, as in a workspace.  Exit status 0: allow, 1: hold or block, 2:
 * trouble.
 */
#include <ward/ward.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static ward_err scan(const char *lists, int fd, ward_verdict_kind *verdict,
		struct ward_error *error)
{
	struct ward_scan_options options = ward_scan_options_default();
	struct ward_policy *policy = ward_policy_default();
	struct ward_scanner *scanner = ward_scanner_new(NULL);
	struct ward_bank_view *view = NULL;
	const struct ward_report *report;
	struct ward_bank *bank = NULL;
	struct stat st = { 0 };
	ward_err err = ward_fail(error, WARD_E_IO, "no memory, or no file");

	options.now = time(NULL);
	if (policy && scanner && fstat(fd, &st) == 0)
		err = ward_bank_open(lists, &bank, error);
	if (!err) {
		view = ward_bank_acquire(bank);
		err = ward_scan_fd(scanner, fd, (uint64_t)st.st_size, view, policy, &options,
				&report, error);
	}
	for (size_t i = 0; !err && i < report->finding_count; i++) {
		const struct ward_finding *finding = &report->findings[i];

		printf("%s %.*s %u\n", ward_finding_kind_name(finding->kind),
				WARD_FMT(finding->list), (unsigned)finding->distance);
	}
	if (!err)
		*verdict = report->verdict.kind;
	if (view)
		ward_bank_release(view);
	ward_bank_free(bank);
	ward_scanner_free(scanner);
	ward_policy_free(policy);
	return err;
}

int main(int argc, char **argv)
{
	struct ward_error error = { WARD_E_ARGUMENT, "usage: embed LISTS FILE, which can be read" };
	int fd = argc == 3 ? open(argv[2], O_RDONLY) : -1;
	ward_verdict_kind verdict;

	if (fd < 0 || scan(argv[1], fd, &verdict, &error))
		return fprintf(stderr, "embed: %s\n", error.message), 2;
	printf("%s\n", ward_verdict_name(verdict));
	return verdict == WARD_ALLOW ? 0 : 1;
}
