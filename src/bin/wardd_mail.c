#include "bin/wardd_mail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "workspace/workspace.h"

/* One that ends is started again behind this; each end in a row doubles it. */
#define WAIT_US     ((uint64_t)1000000)
#define WAIT_MAX_US ((uint64_t)60 * 1000000)
/* Then it has worked, and what ended it is another trouble. */
#define WORKED_US ((uint64_t)60 * 1000000)

enum { PATH_ROOM = 4096 };

extern char **environ;

struct wardd_mail {
	char program[PATH_ROOM], folder[PATH_ROOM];
	pid_t pid; /* 0: it does not run */
	int input; /* our end of its standard input */
	uint64_t started_us, again_us, wait_us;
};

/* `ward` lies beside wardd, or where programs are installed. */
static void find_program(char path[PATH_ROOM])
{
	char self[PATH_ROOM - 8];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len > 0) {
		self[len] = '\0';
		char *slash = strrchr(self, '/');

		if (slash)
			*slash = '\0';
		snprintf(path, PATH_ROOM, "%s/ward", self);
		if (access(path, X_OK) == 0)
			return;
	}
	snprintf(path, PATH_ROOM, "%s", WARD_BINDIR "/ward");
}

static int spawn_with(struct wardd_mail *mail, int input, posix_spawn_file_actions_t *actions,
		posix_spawnattr_t *attributes)
{
	char verb[] = "intake", action[] = "mail", attached[] = "--attached", watch[] = "--watch",
	     each[] = "1", workspace[] = "-w";
	char *const arguments[] = { mail->program, verb, action, attached, watch, each, workspace,
		mail->folder, NULL };
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	int err = posix_spawnattr_setflags(attributes,
			POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

	if (!err)
		err = posix_spawnattr_setsigmask(attributes, &none);
	if (!err)
		err = posix_spawnattr_setsigdefault(attributes, &all);
	if (!err)
		err = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
	if (!err)
		err = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null",
				O_WRONLY, 0);
	return err ? err
		   : posix_spawn(&mail->pid, mail->program, actions, attributes, arguments,
				     environ);
}

static int spawn(struct wardd_mail *mail, int input)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawnattr_init(&attributes);
	if (!err) {
		err = spawn_with(mail, input, &actions, &attributes);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* Later, and later each time. */
static void put_off(struct wardd_mail *mail)
{
	uint64_t now = clock_ticks_us();

	if (mail->started_us != 0 && now - mail->started_us >= WORKED_US)
		mail->wait_us = WAIT_US;
	mail->again_us = now + mail->wait_us;
	mail->wait_us = mail->wait_us * 2 < WAIT_MAX_US ? mail->wait_us * 2 : WAIT_MAX_US;
}

static void start(struct wardd_mail *mail)
{
	int ends[2];
	int err = pipe(ends) == 0 ? 0 : errno;

	if (!err) {
		(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
		(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
		err = spawn(mail, ends[0]);
		close(ends[0]);
		mail->input = ends[1];
	}
	mail->started_us = clock_ticks_us();
	if (!err) {
		log_info("mail", "watching=1 pid=%d", (int)mail->pid);
		return;
	}
	if (mail->input >= 0)
		close(mail->input);
	mail->input = -1;
	mail->pid = 0;
	put_off(mail);
	log_error("no_mail", "message=\"%s\"", strerror(err));
}

ward_err wardd_mail_start(const char *folder, struct wardd_mail **mail, struct ward_error *error)
{
	struct workspace *workspace;
	ward_err err = workspace_open(folder, &workspace, error);

	if (err)
		return err;
	bool wanted = workspace_settings(workspace)->maildir[0] != '\0';
	struct wardd_mail *made = wanted ? calloc(1, sizeof(*made)) : NULL;

	workspace_free(workspace);
	if (wanted && !made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	*mail = made;
	if (!made)
		return WARD_OK;
	made->input = -1;
	made->wait_us = WAIT_US;
	find_program(made->program);
	snprintf(made->folder, sizeof(made->folder), "%s", folder);
	start(made);
	return WARD_OK;
}

void wardd_mail_tick(struct wardd_mail *mail)
{
	int status;

	if (!mail)
		return;
	if (mail->pid > 0 && waitpid(mail->pid, &status, WNOHANG) == mail->pid) {
		log_warn("mail", "watching=0 status=%d",
				WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		close(mail->input);
		mail->input = -1;
		mail->pid = 0;
		put_off(mail);
	}
	if (mail->pid == 0 && clock_ticks_us() >= mail->again_us)
		start(mail);
}

void wardd_mail_free(struct wardd_mail *mail)
{
	if (!mail)
		return;
	/* It ends behind the mail that it is at. */
	if (mail->input >= 0)
		close(mail->input);
	if (mail->pid > 0) {
		while (waitpid(mail->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(mail);
}
