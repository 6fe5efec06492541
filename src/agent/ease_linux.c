#include "agent/ease.h"

#include <dirent.h>
#include <linux/securebits.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of ioprio_set(2), which has no header. */
enum { IOPRIO_PROCESS = 1, IOPRIO_IDLE = 3 << 13 };

static const char supplies[] = "/sys/class/power_supply";

void ease_begin(void)
{
	/* Each by itself: what a system refuses is not worth refusing to start. */
	(void)setpriority(PRIO_PROCESS, 0, 19);
	(void)sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){ 0 });
	(void)syscall(SYS_ioprio_set, IOPRIO_PROCESS, 0, IOPRIO_IDLE);
}

void ease_children(void)
{
	/* Wants CAP_SETPCAP, which who is not root has no need of. */
	(void)prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
}

void ease_memory(void)
{
	(void)malloc_trim(0);
}

bool ease_is_busy(uint32_t load_percent)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	double load;

	if (load_percent == 0 || getloadavg(&load, 1) != 1)
		return false;
	return load * 100 > (double)load_percent * (double)(processors > 0 ? processors : 1);
}

/* The first word of a small file there. */
static bool says(const char *supply, const char *file, const char *word)
{
	char path[512], text[32] = "";
	int len = snprintf(path, sizeof(path), "%s/%s/%s", supplies, supply, file);
	FILE *opened = len > 0 && len < (int)sizeof(path) ? fopen(path, "re") : NULL;
	bool same = opened && fgets(text, sizeof(text), opened) &&
		    strncmp(text, word, strlen(word)) == 0;

	if (opened)
		fclose(opened);
	return same;
}

bool ease_is_on_battery(void)
{
	DIR *entries = opendir(supplies);
	struct dirent *entry;
	bool mains = false, battery = false;

	while (entries && (entry = readdir(entries)) != NULL) {
		mains = mains || says(entry->d_name, "online", "1");
		battery = battery || says(entry->d_name, "status", "Discharging");
	}
	if (entries)
		closedir(entries);
	return battery && !mains;
}
